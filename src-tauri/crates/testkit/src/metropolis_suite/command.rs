//! A command that may be taken: it is, once, and it takes the place of what it replaces.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{ClassCode, CommandEventCode, CommandState};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::SubmissionId;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Submission};

use super::room::{OPERATOR, Room, applied, refused};

/// Accepted, with the class the metropolis gives it, its author, and a first event.
pub async fn a_command_in_time_is_taken_and_the_room_sees_it(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    let row = room.command(id).await;
    let author = room.city.accounts.iter().find(|a| a.login == OPERATOR).and_then(|a| a.person_id);
    assert_eq!((row.class, row.role, Some(row.person_id)), (ClassCode::B, Role::RemoteOperator, author));
    assert_eq!(
        (row.issued_at, row.expires_at, row.effect_until),
        (order.issued_at, order.expires_at, order.effect_until)
    );
    assert_eq!((row.params, row.state_since, row.effect), (order.params.clone(), room.now().await, None));
    let accepted = (Some(CommandState::Submitted), CommandState::Accepted, "metropolis".to_owned(), None);
    assert_eq!(room.events(id).await, [accepted]);
}

/// Whatever happened in between, the answer is the first one, and no row moves.
pub async fn r16_the_same_command_twice_gets_the_first_outcome_and_does_nothing_else(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let first = room.operate(OPERATOR, &order).await;
    room.wait(Duration::from_secs(5)).await;
    assert_eq!(room.operate(OPERATOR, &order).await, first);
    room.go_through(order.command_id, &[CommandEventCode::StartDispatch]).await;
    let before = room.pull().await.plain();
    room.wait(Duration::from_secs(3_600)).await;
    assert_eq!(room.operate(OPERATOR, &order).await, first);
    assert_eq!(room.pull().await.plain(), before);

    // A refusal is an outcome like another.
    let mut late = room.dim(light).await;
    late.expires_at = late.issued_at;
    room.wait(Duration::from_secs(1)).await;
    let refusal = room.operate(OPERATOR, &late).await;
    refused(&refusal, "expired");
    assert_eq!(room.operate(OPERATOR, &late).await, refusal);
}

/// Only what is still accepted: what has left cannot be called back by another order.
pub async fn r11_the_newest_command_supersedes_what_has_not_left(room: &mut Room<'_>) {
    let light = room.light();
    let gone = room.dim(light).await;
    room.taken(&gone).await;
    room.go_through(gone.command_id, &[CommandEventCode::StartDispatch]).await;
    let older = room.dim(light).await;
    room.taken(&older).await;
    let newest = room.order(OPERATOR, light, "street_light.to_programme", json!({})).await;
    room.taken(&newest).await;
    assert_eq!(room.command(gone.command_id).await.state, CommandState::Dispatching);
    assert_eq!(room.command(older.command_id).await.state, CommandState::Superseded);
    assert_eq!(room.command(newest.command_id).await.state, CommandState::Accepted);
    refused(&room.progress(older.command_id, CommandEventCode::StartDispatch).await, "illegal_event");

    // A command that is refused replaces nothing.
    let mut bad = room.dim(light).await;
    bad.effect_until = None;
    refused(&room.operate(OPERATOR, &bad).await, "effect_unbounded");
    assert_eq!(room.command(newest.command_id).await.state, CommandState::Accepted);
}

/// Asking for a state is not an order.
pub async fn a_read_supersedes_nothing_and_is_superseded_by_nothing(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    room.taken(&order).await;
    let read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    room.taken(&read).await;
    let next = room.dim(light).await;
    room.taken(&next).await;
    assert_eq!(room.command(order.command_id).await.state, CommandState::Superseded);
    assert_eq!(room.command(read.command_id).await.state, CommandState::Accepted);
}

/// One outcome each, in order.
pub async fn a_batch_is_answered_in_order_and_one_refusal_does_not_fail_the_others(room: &mut Room<'_>) {
    let (one, two) = (room.object(EquipmentKind::MessageSign, 0), room.object(EquipmentKind::Building, 0));
    let first = room.order(OPERATOR, one, "message_sign.show_approved", json!({"text": "TRAVAUX"})).await;
    let bad = room.order(OPERATOR, one, "message_sign.show_approved", json!({"text": "N'importe quoi"})).await;
    let last = room.order(OPERATOR, two, "building.set_heating", json!({"heating_c": 15})).await;
    let batch: Vec<_> = [&first, &bad, &last].into_iter().map(|o| Submission::command(o.clone())).collect();
    let outcomes = room.session(OPERATOR).await.submit(&batch).await.expect("the metropolis answers");
    let answered: Vec<_> = outcomes.iter().map(|o| o.submission_id).collect();
    assert_eq!(answered, batch.iter().map(|s| s.submission_id).collect::<Vec<_>>());
    applied(&outcomes[0]);
    refused(&outcomes[1], "bad_parameters");
    applied(&outcomes[2]);
    let row = room.command(last.command_id).await;
    assert_eq!((row.class, row.state), (ClassCode::C, CommandState::Accepted));
    assert_eq!(room.command(bad.command_id).await.state, CommandState::Rejected);
}

/// Refused in words, and not for good: the same submission is taken once the metropolis knows it.
pub async fn a_kind_of_a_later_version_waits_for_an_upgrade(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let mut submission = Submission::command(order);
    submission.kind_version = 2;
    refused(&room.submit(OPERATOR, submission.clone()).await, "unknown_kind");
    submission.kind_version = 1;
    applied(&room.submit(OPERATOR, submission).await);
}

/// A command's submission is found by the command's identifier: they are the same.
pub async fn a_submission_whose_identifier_is_not_its_commands_is_malformed(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let other = Submission::new(SubmissionId(room.fresh()), Body::Command(order.clone()));
    refused(&room.submit(OPERATOR, other).await, "malformed");
    assert!(!room.sees(order.command_id).await);
}

/// No text of PostgreSQL holds NUL; the others of the batch are taken all the same.
pub async fn a_text_with_the_character_nul_is_malformed_by_itself(room: &mut Room<'_>) {
    let light = room.light();
    let (mut broken, whole) = (room.dim(light).await, room.dim(light).await);
    broken.reason = "appel\0".into();
    let batch = [Submission::command(broken.clone()), Submission::command(whole.clone())];
    let outcomes = room.session(OPERATOR).await.submit(&batch).await.expect("outcomes");
    refused(&outcomes[0], "malformed");
    applied(&outcomes[1]);
    assert!(!room.sees(broken.command_id).await && room.sees(whole.command_id).await);
}
