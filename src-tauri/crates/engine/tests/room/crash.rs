//! R14 and R16: what was in flight when the program died, or when the reply was lost, is settled and never done twice.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::CommandState as S;
use vigie_core::port::{Outbox, StoreError};
use vigie_training::DeskFault;

use crate::room::Room;

#[tokio::test(start_paused = true)]
async fn r14_a_lost_reply_is_shown_as_unknown_and_settled_to_what_really_happened() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_fault(Some(DeskFault::LoseReplies));
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    // What the desk wrote down; the room's own row may already say more.
    room.until("its outcome is not known here", |_| room.entries().iter().any(|e| e.state == S::Unsettled)).await;
    room.training.set_fault(None);
    room.until_state(dim.order.command_id, S::Confirmed).await;
    assert_eq!(room.received().await.len(), 1, "done once");
}

#[tokio::test(start_paused = true)]
async fn r14_a_submission_that_never_arrived_is_recorded_so_and_comfort_waits_for_its_key_under_a_new_id() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_fault(Some(DeskFault::LoseRequests));
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    room.until_state(dim.order.command_id, S::Unsettled).await;
    room.training.set_fault(None);
    room.until_state(dim.order.command_id, S::NeverReceived).await;
    room.until("a new command waits for its key", |_| {
        room.entries().iter().any(|e| e.state == S::AwaitingKey && e.order.command_id != dim.order.command_id)
    })
    .await;
    let again = room.entries().into_iter().find(|e| e.state == S::AwaitingKey).unwrap();
    assert_eq!(again.order.expires_at, dim.order.expires_at, "its life does not start again");
    assert!(room.received().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn r14_a_service_command_that_never_arrived_closes() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    room.training.set_fault(Some(DeskFault::LoseRequests));
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    room.until_state(plan.order.command_id, S::Unsettled).await;
    room.training.set_fault(None);
    room.until_state(plan.order.command_id, S::NeverReceived).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(room.entries().len(), 1, "nothing follows it");
    assert!(room.received().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn r14_after_a_crash_everything_in_flight_is_settled_before_anything_is_sent() {
    let mut room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_fault(Some(DeskFault::Hang));
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    assert_eq!(dim.state, S::Submitted, "recorded as submitted before anything leaves");
    tokio::time::sleep(Duration::from_millis(500)).await;
    room.crash().await;
    assert_eq!(
        room.state(dim.order.command_id),
        Some(S::Unsettled),
        "in flight at the crash: its outcome is not known"
    );
    room.training.set_fault(None);
    room.until_state(dim.order.command_id, S::NeverReceived).await;
    assert!(room.received().await.is_empty(), "it is never sent a second time under the same name");
}

#[tokio::test(start_paused = true)]
async fn a_queue_survives_a_crash() {
    let mut room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    room.crash().await;
    assert_eq!(room.state(read.order.command_id), Some(S::Queued));
    room.training.set_plugged(true);
    room.until_state(read.order.command_id, S::Confirmed).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_could_not_be_written_down_is_not_sent() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.outbox.fail_next(StoreError::Disk { file: "outbox.sqlite".into(), reason: "no space left".into() });
    let refused = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap_err();
    assert_eq!(refused.code(), "store_disk");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(room.received().await.is_empty());
    assert!(room.outbox.recent(10).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_intent_asked_again_stays_when_the_new_order_could_not_be_written_down() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let intent = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    room.outbox.fail_next(StoreError::Disk { file: "outbox.sqlite".into(), reason: "no space left".into() });
    let again = room.operate(junction, "signal_junction.set_plan", json!({"plan": 5})).await;
    assert_eq!(again.unwrap_err().code(), "store_disk");
    assert_eq!(room.state(intent.order.command_id), Some(S::Intent));
}

#[tokio::test(start_paused = true)]
async fn r16_a_command_that_a_restored_metropolis_knows_no_more_is_unknown_and_can_be_closed() {
    let mut room = Room::open().await;
    let light = room.object("L-00001");
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    room.until_state(dim.order.command_id, S::Accepted).await;
    room.restore_metropolis().await;
    room.until_state(dim.order.command_id, S::Unknown).await;
    room.engine.close(dim.order.command_id, "base restaurée, vu sur place").await.unwrap();
    assert_eq!(room.state(dim.order.command_id), Some(S::Closed));
}

#[tokio::test(start_paused = true)]
async fn r14_a_read_that_never_arrived_goes_again_under_a_new_id_while_it_lives() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_fault(Some(DeskFault::LoseRequests));
    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    room.until_state(read.order.command_id, S::Unsettled).await;
    room.training.set_fault(None);
    room.until_state(read.order.command_id, S::NeverReceived).await;
    room.until("the read is answered", |_| room.entries().iter().any(|e| e.state == S::Confirmed)).await;
    let again: Vec<_> = room.received().await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(again.len(), 1);
    assert!(!again.contains(&read.order.command_id), "never under its first name");
}

#[tokio::test(start_paused = true)]
async fn r14_a_read_whose_life_is_over_closes() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_fault(Some(DeskFault::LoseRequests));
    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    room.until_state(read.order.command_id, S::Unsettled).await;
    room.let_pass(Duration::from_secs(25 * 3_600)).await;
    room.training.set_fault(None);
    room.until_state(read.order.command_id, S::NeverReceived).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(room.entries().len(), 1, "nothing follows it");
}
