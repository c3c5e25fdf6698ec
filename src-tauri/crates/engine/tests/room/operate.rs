//! Operating with a link: the whole life of a command, refusals, the newest first, and an orderly end.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{Admission, ClassCode, CommandState as S};

use crate::room::Room;

#[tokio::test(start_paused = true)]
async fn a_command_is_done_only_when_the_state_shows_it() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    room.until_state(dim.order.command_id, S::Confirmed).await;
    let level = room.engine.picture(|p| p.object(light).unwrap().state.as_ref().unwrap().reading.number("level"));
    assert_eq!(level, Some(40.0));
}

#[tokio::test(start_paused = true)]
async fn danger_is_refused_by_the_metropolis_with_the_reason() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    let dark = room.operate(junction, "signal_junction.dark", json!({})).await.unwrap();
    assert_eq!(dark.class, ClassCode::D);
    room.until_state(dark.order.command_id, S::Rejected).await;
    let detail = room.entries().into_iter().find(|e| e.order.command_id == dark.order.command_id).unwrap().detail;
    assert_eq!(detail.as_deref(), Some("needs_second_person"));
}

#[tokio::test(start_paused = true)]
async fn r11_the_newest_order_on_an_object_supersedes_what_still_waits_here() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let first = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    let second = room.operate(light, "street_light.set_level", json!({"level": 60})).await.unwrap();
    assert_eq!(room.state(first.order.command_id), Some(S::Superseded));
    assert_eq!(room.state(second.order.command_id), Some(S::Queued));
}

#[tokio::test(start_paused = true)]
async fn a_queued_order_cancelled_here_never_leaves() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let read = room.operate(light, "street_light.read", json!({})).await.unwrap();
    room.engine.cancel(read.order.command_id, "erreur").await.unwrap();
    room.training.set_plugged(true);
    room.until_live().await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(room.state(read.order.command_id), Some(S::Cancelled));
    assert!(room.received().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn r3_an_override_without_an_end_is_not_even_recorded() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let params = vigie_core::command::Params::from(json!({"level": 40}));
    let prepared = room.engine.prepare(light, "street_light.set_level", &params).unwrap();
    for minutes in [None, Some(0), Some(13 * 60)] {
        let asked = vigie_engine::Operate {
            equipment_id: light,
            action: "street_light.set_level".into(),
            params: params.clone(),
            effect_minutes: minutes,
            reason: String::new(),
            without_visibility: false,
            seen: prepared.seen.clone(),
            replaces: None,
            procedure: vigie_core::command::Procedure::default(),
            promised: None,
        };
        assert_eq!(room.engine.operate(asked).await.unwrap_err().code(), "bad_request", "{minutes:?}");
    }
    assert!(room.entries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_to_be_sent_is_not_noted_nor_the_other_way_round_when_the_link_turns_under_the_hand() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let params = vigie_core::command::Params::from(json!({"level": 40}));
    let asked = || {
        let prepared = room.engine.prepare(light, "street_light.set_level", &params).unwrap();
        vigie_engine::Operate {
            equipment_id: light,
            action: "street_light.set_level".into(),
            params: params.clone(),
            effect_minutes: Some(60),
            reason: "appel d'un riverain".into(),
            without_visibility: prepared.needs_without_visibility,
            seen: prepared.seen,
            replaces: None,
            procedure: vigie_core::command::Procedure::default(),
            promised: Some(prepared.admission),
        }
    };
    let live = asked();
    assert_eq!(live.promised, Some(Admission::Send));
    room.training.set_plugged(false);
    room.until_lost().await;
    assert_eq!(room.engine.operate(live).await.unwrap_err().code(), "link_turned");
    let cut = asked();
    assert_eq!(cut.promised, Some(Admission::Queue));
    room.training.set_plugged(true);
    room.until_live().await;
    assert_eq!(room.engine.operate(cut).await.unwrap_err().code(), "link_turned");
    assert!(room.entries().is_empty() && room.received().await.is_empty(), "nothing of either is left behind");
    room.engine.operate(asked()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_every_task() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.operate(light, "street_light.read", json!({})).await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), room.engine.shutdown()).await.expect("a task did not end");
}
