//! R12 and R13: what a suspended machine, a set clock or the end of a shift voids.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::CommandState as S;
use vigie_core::submission::Body;

use crate::room::Room;

#[tokio::test(start_paused = true)]
async fn r12_a_clock_jump_voids_intents_and_queued_comfort_but_not_reads() {
    let room = Room::open().await;
    let (light, junction) = (room.object("L-00001"), room.object("TL-001"));
    room.training.set_plugged(false);
    room.until_lost().await;
    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    room.machine.set_wall(3_600_000);
    room.until_state(dim.order.command_id, S::Void).await;
    room.until_state(plan.order.command_id, S::Void).await;
    assert_eq!(room.state(read.order.command_id), Some(S::Queued));
}

#[tokio::test(start_paused = true)]
async fn r13_an_intent_is_void_at_the_end_of_the_shift_it_was_noted_in() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    let ends = room.engine.status().shift.unwrap().ends_at;
    let left = ends.since(room.engine.now());
    room.let_pass(left + Duration::from_secs(600)).await;
    room.until_state(plan.order.command_id, S::Void).await;
}

#[tokio::test(start_paused = true)]
async fn r12_a_suspend_voids_what_waits_and_the_link_is_lost_until_heard() {
    let room = Room::open().await;
    let (light, junction) = (room.object("L-00001"), room.object("TL-001"));
    room.training.set_plugged(false);
    room.until_lost().await;
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    room.machine.suspend(Duration::from_secs(60));
    room.until_state(dim.order.command_id, S::Void).await;
    room.until_state(plan.order.command_id, S::Void).await;
    assert_eq!(room.detail(plan.order.command_id).as_deref(), Some("clock_jump"));
    room.training.set_plugged(true);
    room.until_live().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(room.received().await.is_empty(), "nothing of it goes when the link is back");
}

#[tokio::test(start_paused = true)]
async fn r13_the_end_of_a_shift_is_known_during_a_cut_and_after_a_restart_in_it() {
    let mut room = Room::open().await;
    let junction = room.object("TL-001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    let left = room.engine.status().shift.unwrap().ends_at.since(room.engine.now());
    room.engine.shutdown().await;
    room.let_pass(left + Duration::from_secs(600)).await;
    room.crash().await;
    room.until_state(plan.order.command_id, S::Void).await;
    assert_eq!(room.detail(plan.order.command_id).as_deref(), Some("shift_over"));
}

#[tokio::test(start_paused = true)]
async fn r13_a_shift_that_a_supervisor_closes_voids_its_intents() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    let shift_id = room.engine.status().shift.unwrap().shift_id;
    room.training.set_plugged(true);
    room.write("s.bernard", Body::ShiftClose { shift_id }).await;
    room.until_state(plan.order.command_id, S::Void).await;
    assert_eq!(room.detail(plan.order.command_id).as_deref(), Some("shift_over"));
}

#[tokio::test(start_paused = true)]
async fn r13_suspending_the_session_voids_intents_at_once_and_nothing_is_commanded_until_it_is_taken_up() {
    let room = Room::open().await;
    let (light, junction) = (room.object("L-00001"), room.object("TL-001"));
    room.training.set_plugged(false);
    room.until_lost().await;
    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    room.engine.set_suspended(true).await.unwrap();
    assert_eq!(room.state(plan.order.command_id), Some(S::Void));
    assert_eq!(room.detail(plan.order.command_id).as_deref(), Some("session_suspended"));
    assert_eq!(room.state(read.order.command_id), Some(S::Queued), "a read is nobody's intent");
    let refused = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap_err();
    assert_eq!(refused.code(), "session_suspended");
    room.engine.set_suspended(false).await.unwrap();
    room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
}
