//! The story of `docs/safety.md`: orders given at 14:00 without a link, which comes back at 18:00.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{CommandState as S, Word, word};
use vigie_core::time::Timestamp;
use vigie_engine::review::{Label, label};

use crate::room::{Room, TWO_PM};

#[tokio::test(start_paused = true)]
async fn a_click_made_at_two_does_nothing_at_six() {
    let room = Room::open().await;
    let (light, junction) = (room.object("L-00001"), room.object("TL-001"));
    room.training.set_plugged(false);
    room.until_lost().await;

    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    let plan = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    let dark = room.operate(junction, "signal_junction.dark", json!({})).await.unwrap();
    assert_eq!([read.state, dim.state, plan.state, dark.state], [S::Queued, S::Queued, S::Intent, S::Noted]);
    let phone =
        room.engine.prepare(junction, "signal_junction.dark", &vigie_core::command::Params::default()).unwrap().phone;
    assert!(phone.is_some_and(|p| !p.is_empty()), "a dangerous order out of reach shows the phone to call");

    room.let_pass(Duration::from_secs(4 * 3600)).await;
    let now = room.engine.now();
    assert!(now > TWO_PM.plus(Duration::from_secs(4 * 3600 - 60)), "{now}");
    room.until_state(dim.order.command_id, S::Expired).await;

    room.training.set_plugged(true);
    room.until_live().await;
    room.until_state(read.order.command_id, S::Confirmed).await;
    // Long after the return, and well past every pace: still nothing of the rest has moved.
    tokio::time::sleep(Duration::from_secs(120)).await;

    assert_eq!(room.state(dim.order.command_id), Some(S::Expired), "comfort has expired by 18:00");
    assert_eq!(room.state(plan.order.command_id), Some(S::Intent), "an intent waits for its author");
    assert_eq!(room.state(dark.order.command_id), Some(S::Noted));
    let received = room.received().await;
    assert_eq!(received.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [read.order.command_id], "only the read left");

    let state = room.engine.picture(|p| p.object(junction).unwrap().state.clone());
    assert_eq!(label(&plan.order, state.as_ref(), room.engine.now()), Label::Expired);
    let abandoned = room.engine.abandon(plan.order.command_id).await.unwrap();
    assert_eq!(word(abandoned.state), Word::Refused);
}

#[tokio::test(start_paused = true)]
async fn an_intent_asked_again_is_a_new_command_with_a_new_life() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let intent = room.operate(junction, "signal_junction.set_plan", json!({"plan": 4})).await.unwrap();
    room.training.set_plugged(true);
    room.until_live().await;

    let params = vigie_core::command::Params::from(json!({"plan": 4}));
    let prepared = room.engine.prepare(junction, "signal_junction.set_plan", &params).unwrap();
    let again = room
        .engine
        .operate(vigie_engine::Operate {
            equipment_id: junction,
            action: "signal_junction.set_plan".into(),
            params,
            effect_minutes: Some(30),
            reason: "demandé de nouveau".into(),
            without_visibility: prepared.needs_without_visibility,
            seen: prepared.seen,
            replaces: Some(intent.order.command_id),
            procedure: vigie_core::command::Procedure::default(),
            promised: None,
        })
        .await
        .unwrap();
    assert_ne!(again.order.command_id, intent.order.command_id);
    assert!(again.order.issued_at > intent.order.issued_at);
    assert_eq!(room.state(intent.order.command_id), Some(S::Reissued));
    let ids: Vec<_> = room.received().await.into_iter().map(|(id, _)| id).collect();
    assert!(!ids.contains(&intent.order.command_id), "the intent itself never leaves");
}

#[tokio::test(start_paused = true)]
async fn comfort_queued_in_a_short_cut_waits_for_its_key_and_goes_when_it_is_pressed() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    room.training.set_plugged(true);
    room.until_state(dim.order.command_id, S::AwaitingKey).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(room.received().await.is_empty(), "nothing goes without the key");

    room.engine.press_key(dim.order.command_id).await.unwrap();
    room.until_state(dim.order.command_id, S::Confirmed).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_not_pressed_within_the_life_of_the_command_expires_it() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    room.training.set_plugged(true);
    room.until_state(dim.order.command_id, S::AwaitingKey).await;
    room.let_pass(Duration::from_secs(16 * 60)).await;
    room.until_state(dim.order.command_id, S::Expired).await;
    assert!(room.engine.press_key(dim.order.command_id).await.is_err(), "too late is too late");
    assert!(room.received().await.is_empty());
    assert!(room.engine.now() > Timestamp(dim.order.expires_at.0));
}
