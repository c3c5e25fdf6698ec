//! R12 and R13: what a suspended machine, a set clock or the end of a shift voids.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::CommandState as S;

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
