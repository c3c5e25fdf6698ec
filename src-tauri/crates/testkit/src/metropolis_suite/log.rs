//! The log: lines by their author, deposited for him, and the keys they are signed with.

use vigie_core::ids::{PersonId, RecordId, SubmissionId};
use vigie_core::record::{Authenticity, Hand, Link, LinkKind, Links, LogKind, LogLine, Seal, Signed};
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Submission};
use vigie_core::table::{LogEntry, PersonKey};

use super::room::{COLLEAGUE, OPERATOR, Room, applied, refused};

fn person(room: &Room<'_>, login: &str) -> PersonId {
    let account = room.city.accounts.iter().find(|a| a.login == login);
    account.and_then(|a| a.person_id).expect("an account of a person")
}

/// A line as an account writes it now at its desk, valid unless changed.
async fn line(room: &mut Room<'_>, login: &str, text: &str) -> LogLine {
    let (shift_id, desk_id) = room.shift(login);
    let light = room.light();
    LogLine {
        log_id: RecordId(room.fresh()),
        written_at: room.now().await,
        desk_id: Some(desk_id),
        shift_id: Some(shift_id),
        sequence: 7,
        person_id: person(room, login),
        role: Role::RemoteOperator,
        kind: LogKind::Decision,
        text: text.to_owned(),
        corrects: None,
        links: Links(vec![Link { kind: LinkKind::Equipment, id: light.0 }]),
    }
}

fn unsigned(written: LogLine) -> Body {
    Body::LogEntry(Signed { written, seal: None })
}

async fn rows(room: &mut Room<'_>, id: RecordId) -> Vec<LogEntry> {
    room.rows::<LogEntry>(|e| e.log_id == id).await
}

async fn register(room: &mut Room<'_>, login: &str, hand: &Hand) {
    let public = hand.public();
    applied(&room.write(login, Body::KeyRegister { key_id: public.key_id(), public_key: public.text() }).await);
}

/// As it was written, with when it was received.
pub async fn a_line_is_written_and_the_room_reads_it(room: &mut Room<'_>) {
    let hand = Hand::from_seed(&[3; 32]);
    register(room, OPERATOR, &hand).await;
    let written = LogLine {
        corrects: Some(RecordId(room.fresh())),
        ..line(room, OPERATOR, "Pont fermé.\n« Gardien » prévenu\u{a0}: \\\t\"ok\"").await
    };
    applied(&room.write(OPERATOR, Body::LogEntry(Signed::by(Some(&hand), written.clone()))).await);
    let row = rows(room, written.log_id).await.pop().expect("the room reads the line");
    assert_eq!((LogLine::from(&row), row.received_at, row.deposited_by), (written.clone(), room.now().await, None));
    let key = room.rows::<PersonKey>(|k| Some(k.key_id) == row.key_id).await.pop().expect("its key is known");
    assert_eq!((key.person_id, key.public_key.as_str()), (written.person_id, hand.public().text().as_str()));
    let signature = row.signature.clone().expect("it is signed");
    assert_eq!(hand.public().verify(&LogLine::from(&row), &signature), Authenticity::Signed);
}

/// Under its own identifier, whatever submission carries it; other words under it are refused.
pub async fn a_line_submitted_twice_is_written_once(room: &mut Room<'_>) {
    let written = line(room, OPERATOR, "Pont fermé").await;
    for _ in 0..2 {
        applied(&room.write(OPERATOR, unsigned(written.clone())).await);
    }
    let other = LogLine { text: "Pont ouvert".into(), ..written.clone() };
    refused(&room.write(OPERATOR, unsigned(other)).await, "illegal_event");
    let texts: Vec<_> = rows(room, written.log_id).await.into_iter().map(|e| e.text).collect();
    assert_eq!(texts, ["Pont fermé"]);
}

/// Nothing is written of it.
pub async fn a_line_without_its_form_is_refused(room: &mut Room<'_>) {
    let good = line(room, OPERATOR, "Pont fermé").await;
    let link = Link { kind: LinkKind::Zone, id: room.fresh() };
    let bad = [
        LogLine { text: " \n\u{a0}".into(), ..good.clone() },
        LogLine { text: "é".repeat(4_001), ..good.clone() },
        LogLine { sequence: 0, ..good.clone() },
        LogLine { links: Links(vec![link; 21]), ..good.clone() },
    ];
    for written in bad {
        refused(&room.write(OPERATOR, unsigned(written)).await, "malformed");
    }
    assert!(rows(room, good.log_id).await.is_empty());
    applied(&room.write(OPERATOR, unsigned(LogLine { text: "é".repeat(4_000), ..good })).await);
}

/// With both names: whoever holds the desk where it was signed, and nobody else.
pub async fn r20_a_signed_line_is_deposited_by_the_next_holder_of_its_desk(room: &mut Room<'_>) {
    let hand = Hand::from_seed(&[3; 32]);
    let mut written = line(room, OPERATOR, "Pont fermé").await;
    written.desk_id = Some(room.shift(COLLEAGUE).1);
    refused(&room.write(COLLEAGUE, unsigned(written.clone())).await, "not_signed");
    let signed = Signed::by(Some(&hand), written.clone());
    refused(&room.write(COLLEAGUE, Body::LogEntry(signed.clone())).await, "not_signed");
    register(room, OPERATOR, &hand).await;
    let elsewhere = LogLine { desk_id: Some(room.shift(OPERATOR).1), ..written.clone() };
    refused(&room.write(COLLEAGUE, Body::LogEntry(Signed::by(Some(&hand), elsewhere))).await, "not_allowed");
    applied(&room.write(COLLEAGUE, Body::LogEntry(signed.clone())).await);
    // Its author, back at his own files, submits it himself.
    applied(&room.write(OPERATOR, Body::LogEntry(signed)).await);
    let row = rows(room, written.log_id).await.pop().expect("the room reads the line");
    assert_eq!((row.person_id, row.deposited_by), (person(room, OPERATOR), Some(person(room, COLLEAGUE))));
}

/// A key that is someone else's does not make him the author.
pub async fn r20_a_line_signed_with_another_persons_key_is_not_signed(room: &mut Room<'_>) {
    let own = Hand::from_seed(&[4; 32]);
    register(room, COLLEAGUE, &own).await;
    let mut written = line(room, OPERATOR, "Pont ouvert").await;
    written.desk_id = Some(room.shift(COLLEAGUE).1);
    refused(&room.write(COLLEAGUE, Body::LogEntry(Signed::by(Some(&own), written.clone()))).await, "not_signed");
    let seal = Some(Seal { key_id: vigie_core::ids::KeyId(room.fresh()), signature: "AAAA".into() });
    refused(&room.write(COLLEAGUE, Body::LogEntry(Signed { written, seal })).await, "not_signed");
}

/// By its person, once; it is nobody else's afterwards.
pub async fn r20_a_key_is_registered_by_its_person_and_belongs_to_him(room: &mut Room<'_>) {
    let public = Hand::from_seed(&[5; 32]).public();
    let body = Body::KeyRegister { key_id: public.key_id(), public_key: public.text() };
    applied(&room.write(OPERATOR, body.clone()).await);
    applied(&room.write(OPERATOR, body.clone()).await);
    refused(&room.write(COLLEAGUE, body).await, "illegal_event");
    let bad = Body::KeyRegister { key_id: vigie_core::ids::KeyId(room.fresh()), public_key: "no key".into() };
    refused(&room.write(OPERATOR, bad).await, "malformed");
    let keys = room.rows::<PersonKey>(|k| k.key_id == public.key_id()).await;
    assert_eq!(keys.into_iter().map(|k| k.person_id).collect::<Vec<_>>(), [person(room, OPERATOR)]);
}

/// In one batch, over two, and again once the head is mended: `behind` is no outcome.
pub async fn what_comes_after_a_refused_head_waits_and_is_taken_once_the_head_is(room: &mut Room<'_>) {
    let mut lines = Vec::new();
    for text in ["", "deux", "trois"] {
        lines.push(line(room, OPERATOR, text).await);
    }
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(SubmissionId(room.fresh()));
    }
    let member = |n: usize, id: usize, after: Option<usize>| Submission {
        after: after.and_then(|a| ids.get(a)).copied(),
        ..Submission::new(ids[id], unsigned(lines[n].clone()))
    };
    let batch = [member(0, 0, None), member(1, 1, Some(0)), member(2, 2, Some(1))];
    let session = room.session(OPERATOR).await;
    let outcomes = session.submit(&batch).await.expect("an answer");
    refused(&outcomes[0], "malformed");
    for outcome in &outcomes[1..] {
        refused(outcome, "behind");
    }
    lines[0].text = "un".into();
    let member = |n: usize, id: usize, after: Option<usize>| Submission {
        after: after.and_then(|a| ids.get(a)).copied(),
        ..Submission::new(ids[id], unsigned(lines[n].clone()))
    };
    let batch = [member(0, 3, None), member(1, 1, Some(3)), member(2, 2, Some(1))];
    session.submit(&batch).await.expect("an answer").iter().for_each(applied);
    assert_eq!(room.rows::<LogEntry>(|_| true).await.len(), 3);
}
