//! Records: written whatever the link, carried in order, shown once, signed, and deposited by the next holder of the desk.

use std::time::Duration;

use vigie_core::ids::RecordId;
use vigie_core::link::LinkState;
use vigie_core::port::{Deposit as _, Outbox as _, Records as _, StoreError};
use vigie_core::record::{Authenticity, Links, LogKind, RecordState as S};
use vigie_core::table::{LogEntry, TableRow as _};
use vigie_engine::{EngineError, FileLine, ShownLine};
use vigie_training::DeskFault;

use crate::room::Room;

fn line(text: &str) -> FileLine {
    FileLine { kind: LogKind::Event, text: text.to_owned(), corrects: None, links: Links::default(), draft: None }
}

impl Room {
    async fn file(&self, text: &str) -> RecordId {
        self.engine.file_line(line(text)).await.unwrap()
    }

    /// The line as shown; it is shown exactly once.
    fn shown(&self, id: RecordId) -> ShownLine {
        let mut found: Vec<_> = self.engine.log(1_000).into_iter().filter(|l| l.line.log_id == id).collect();
        assert_eq!(found.len(), 1, "{id} is shown once");
        found.remove(0)
    }

    async fn until_arrived(&self, id: RecordId) {
        self.until(&format!("{id} has arrived"), |_| self.shown(id).waiting.is_none()).await;
    }

    /// The lines that the metropolis holds, in the order in which it received them.
    async fn book(&self) -> Vec<LogEntry> {
        let rows = self.received_rows(LogEntry::SPEC.name).await;
        rows.iter().map(|row| LogEntry::from_row(row).unwrap()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_is_shown_at_once_arrives_by_itself_and_is_never_shown_twice_nor_gone_in_between() {
    let room = Room::open().await;
    room.training.set_plugged(false);
    room.until_lost().await;
    let id = room.file("Passerelle fermée").await;
    assert_eq!(room.shown(id).waiting, Some(S::Queued));
    room.training.set_plugged(true);
    // `shown` asserts at every step of the way that the line is there exactly once.
    room.until_arrived(id).await;
    let shown = room.shown(id);
    assert_eq!((shown.authenticity, shown.deposited_by), (Authenticity::Signed, None));
    assert_eq!(room.book().await.len(), 1);
    room.until("nothing is kept of it here", |e| e.open_records().is_empty()).await;
    assert!(room.outbox.records().await.unwrap().is_empty(), "its words are in the metropolis and the local copy");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_lines_written_during_a_cut_arrive_in_their_order_once_each() {
    let room = Room::open().await;
    room.training.set_plugged(false);
    room.until_lost().await;
    for n in 0..1_000 {
        room.file(&format!("ligne {n}")).await;
    }
    room.training.set_plugged(true);
    room.until("everything has arrived", |e| e.status().link.state == LinkState::Live && e.open_records().is_empty())
        .await;
    let texts: Vec<_> = room.book().await.into_iter().map(|l| l.text).collect();
    assert_eq!(texts, (0..1_000).map(|n| format!("ligne {n}")).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn r14_a_record_whose_reply_was_lost_is_settled_and_written_once() {
    let room = Room::open().await;
    room.training.set_fault(Some(DeskFault::LoseReplies));
    let id = room.file("Pompe en marche").await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    room.training.set_fault(None);
    room.until_arrived(id).await;
    assert_eq!(room.book().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn r14_a_record_that_was_never_received_goes_again_under_a_new_id() {
    let room = Room::open().await;
    room.training.set_fault(Some(DeskFault::LoseRequests));
    let id = room.file("Pompe en marche").await;
    room.until("in the dark", |e| e.open_records().iter().any(|r| r.state == S::Unsettled)).await;
    let first = room.engine.open_records().into_iter().find(|r| r.record_id == id).unwrap().submission_id;
    room.training.set_fault(None);
    room.until_arrived(id).await;
    let settled = room.received_outcome(first).await;
    assert_eq!(settled, vigie_core::submission::OutcomeStatus::NeverReceived, "a late arrival is refused");
    assert_eq!(room.book().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn r14_a_record_in_flight_at_a_crash_is_settled_and_written_once() {
    let mut room = Room::open().await;
    for fault in [DeskFault::Hang, DeskFault::LoseReplies] {
        room.training.set_fault(Some(fault));
        let id = room.file("Pompe en marche").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        room.crash().await;
        room.shown(id);
        room.training.set_fault(None);
        room.until_arrived(id).await;
    }
    assert_eq!(room.book().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_could_not_be_written_down_is_not_shown_and_its_draft_stays() {
    let room = Room::open().await;
    room.engine.keep_draft("log".into(), serde_json::json!({"text": "Pont"})).await.unwrap();
    // The next number is asked first, then the line is filed.
    room.outbox.fail_next(StoreError::Disk { file: "outbox.sqlite".into(), reason: "no space left".into() });
    let asked = FileLine { draft: Some("log".into()), ..line("Pont") };
    assert_eq!(room.engine.file_line(asked.clone()).await.unwrap_err().code(), "store_disk");
    assert!(room.engine.log(10).is_empty());
    assert_eq!(room.engine.drafts().await.unwrap().len(), 1);
    room.engine.file_line(asked).await.unwrap();
    assert!(room.engine.drafts().await.unwrap().is_empty());
    assert!(room.outbox.recent(10).await.unwrap().is_empty(), "no command came of it");
}

#[tokio::test(start_paused = true)]
async fn a_draft_survives_a_crash() {
    let mut room = Room::open().await;
    room.engine.keep_draft("log".into(), serde_json::json!({"text": "Pont"})).await.unwrap();
    room.crash().await;
    let drafts = room.engine.drafts().await.unwrap();
    assert_eq!(drafts.into_iter().map(|d| d.content).collect::<Vec<_>>(), [serde_json::json!({"text": "Pont"})]);
}

#[tokio::test(start_paused = true)]
async fn a_line_without_words_is_refused_before_it_is_written() {
    let room = Room::open().await;
    for text in ["", " \n", &"é".repeat(4_001)] {
        assert!(matches!(room.engine.file_line(line(text)).await, Err(EngineError::BadRequest(_))));
    }
    assert!(room.engine.log(10).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_head_stops_its_lane_says_why_and_can_be_given_up() {
    let room = Room::open().await;
    let forged = room.file_forged("Faux").await;
    let next = room.file("Vrai").await;
    room.until("refused", |e| e.status().counts.wedged == 1).await;
    let head = room.engine.open_records().into_iter().find(|r| r.record_id == forged).unwrap();
    assert_eq!((head.state, head.detail.as_deref()), (S::Refused, Some("not_signed")));
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(room.book().await.is_empty(), "nothing overtakes it");
    assert!(room.engine.open_records().iter().find(|r| r.record_id == forged).unwrap().refusals > 2, "tried again");
    assert!(matches!(room.engine.abandon_record(next).await, Err(EngineError::MovedOn)), "only what was refused");
    room.until("refused", |e| e.open_records().iter().any(|r| r.record_id == forged && r.state == S::Refused)).await;
    room.engine.abandon_record(forged).await.unwrap();
    room.until_arrived(next).await;
}

#[tokio::test(start_paused = true)]
async fn r20_a_signed_line_is_deposited_by_the_next_holder_of_the_desk_with_both_names() {
    let room = Room::open().await;
    room.until("the key is known", |e| e.open_records().is_empty()).await;
    room.training.set_plugged(false);
    room.until_lost().await;
    let id = room.file("Passerelle fermée").await;
    room.until("what waits is told", |_| true).await;
    assert_eq!(room.deposit.left().await.unwrap().len(), 1, "left as soon as it is written");
    room.engine.shutdown().await;
    room.training.set_plugged(true);

    let next = room.next_holder().await;
    room.until_of(&next, "it is deposited", |e| e.log(10).iter().any(|l| l.line.log_id == id)).await;
    let shown = next.log(10).into_iter().find(|l| l.line.log_id == id).unwrap();
    assert_eq!(shown.authenticity, Authenticity::Signed);
    assert_ne!(shown.deposited_by, None);
    assert_ne!(shown.deposited_by, Some(shown.line.person_id));
    room.until_left(0).await;
    next.shutdown().await;

    // Its author is back: what he wrote is there, and does not go a second time.
    let author = room.author_again().await;
    room.until_of(&author, "nothing waits", |e| {
        e.status().link.state == LinkState::Live && e.open_records().is_empty()
    })
    .await;
    assert_eq!(room.book().await.len(), 1);
    author.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn r20_commands_of_another_account_are_never_deposited_and_are_seen_as_a_count() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    room.operate(light, "street_light.set_level", serde_json::json!({"level": 40})).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    room.engine.shutdown().await;
    room.training.set_plugged(true);
    let next = room.next_holder().await;
    room.until_of(&next, "it is counted", |e| e.status().counts.others == 1).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(room.received().await.is_empty());
    next.shutdown().await;
}
