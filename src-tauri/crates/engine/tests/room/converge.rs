//! The copy is the metropolis's, and is mended where it is not.

use std::time::Duration;

use uuid::Uuid;
use vigie_core::command::CommandState as S;
use vigie_core::port::{Changes, Outbox as _, Replica as _, StoreError, TableChanges};
use vigie_core::table::{Equipment, EquipmentState, Row, TableRow as _, TableSpec};

use crate::room::Room;

const STATES: &TableSpec = &EquipmentState::SPEC;

async fn states(room: &Room) -> Vec<(Uuid, Row)> {
    room.replica.scan(STATES).await.unwrap().into_iter().map(|(_, row)| (row.key().unwrap(), row)).collect()
}

/// Damages the copy behind the engine's back: a row with an old stamp, one gone, one that never was.
async fn damage(room: &Room) -> (Row, Uuid, Uuid) {
    let info = room.replica.info().await.unwrap().unwrap();
    let rows = states(room).await;
    let (stale, gone) = (rows[0].1.clone(), rows[1].0);
    let stranger = Uuid::from_u128(0xbad);
    let mut never = EquipmentState::from_row(&stale).unwrap();
    never.equipment_id = vigie_core::ids::EquipmentId(stranger);
    let mut old = EquipmentState::from_row(&stale).unwrap();
    old.source = "damaged".into();
    let rows = vec![old.to_row(), never.to_row()];
    let tables = vec![TableChanges { table: STATES, deleted: vec![gone], rows }];
    room.replica.apply(&Changes { cut: info.cut, tables }, &info.identity).await.unwrap();
    (stale, gone, stranger)
}

async fn until_mended(room: &Room, (stale, gone, stranger): &(Row, Uuid, Uuid)) -> bool {
    let rows = states(room).await;
    let source = |key: &Uuid| {
        let (_, row) = rows.iter().find(|(k, _)| k == key)?;
        Some(EquipmentState::from_row(row).unwrap().source)
    };
    source(&stale.key().unwrap()).is_some_and(|s| s != "damaged")
        && source(gone).is_some()
        && source(stranger).is_none()
}

#[tokio::test(start_paused = true)]
async fn a_damaged_copy_is_mended_within_a_day_without_a_new_one_and_objects_keep_their_points() {
    let room = Room::open().await;
    let before = room.engine.picture(|p| (p.generation, p.objects().iter().map(|o| o.point).collect::<Vec<_>>()));
    let damaged = damage(&room).await;
    let mut hours = 0;
    while !until_mended(&room, &damaged).await {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        hours += 1;
        assert!(hours <= 26, "not mended within a day");
    }
    let after = room.engine.picture(|p| (p.generation, p.objects().iter().map(|o| o.point).collect::<Vec<_>>()));
    assert_eq!(before, after);
}

#[tokio::test(start_paused = true)]
async fn after_a_promotion_the_copy_is_compared_within_a_minute() {
    let room = Room::open().await;
    let damaged = damage(&room).await;
    room.training.promote();
    let mut seconds = 0;
    while !until_mended(&room, &damaged).await {
        tokio::time::sleep(Duration::from_secs(1)).await;
        seconds += 1;
        assert!(seconds <= 70, "not mended within a minute");
    }
}

#[tokio::test(start_paused = true)]
async fn a_workstation_that_is_started_anew_is_compared_within_an_hour() {
    let mut room = Room::open().await;
    room.crash().await;
    let damaged = damage(&room).await;
    let mut minutes = 0;
    while !until_mended(&room, &damaged).await {
        tokio::time::sleep(Duration::from_secs(60)).await;
        minutes += 1;
        assert!(minutes <= 65, "not mended within an hour");
    }
}

#[tokio::test(start_paused = true)]
async fn a_true_copy_is_left_alone() {
    let room = Room::open().await;
    let observed = room.engine.observe();
    room.training.promote();
    tokio::time::sleep(Duration::from_secs(120)).await;
    drop(observed);
    assert_eq!(room.engine.picture(|p| p.generation), 1);
    assert!(!room.replica.scan(&Equipment::SPEC).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_confirmed_and_is_lost_with_a_primary_is_noted_and_never_asked_again() {
    let mut room = Room::open().await;
    let light = room.object("L-00001");
    let dim = room.operate(light, "street_light.set_level", serde_json::json!({"level": 40})).await.unwrap();
    room.until_state(dim.order.command_id, S::Confirmed).await;
    room.until("the outbox is done with it", |_| {
        room.entries().iter().any(|e| e.order.command_id == dim.order.command_id && e.state == S::Confirmed)
    })
    .await;
    room.lose_primary().await;
    room.until("a note stands beside it", |_| room.entries().iter().any(|e| e.detail.as_deref() == Some("forgotten")))
        .await;
    let entry = room.entries().into_iter().find(|e| e.order.command_id == dim.order.command_id).unwrap();
    assert_eq!(entry.state, S::Confirmed, "a final state does not change");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(room.received().await.is_empty(), "nothing is submitted again");
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_seeing_a_promotion_and_asking_what_it_lost_does_not_lose_the_question() {
    let mut room = Room::open().await;
    let light = room.object("L-00001");
    let dim = room.operate(light, "street_light.set_level", serde_json::json!({"level": 40})).await.unwrap();
    let id = dim.order.command_id;
    room.until("the outbox is done with it", |_| {
        room.entries().iter().any(|e| e.order.command_id == id && e.state == S::Confirmed)
    })
    .await;
    room.lose_primary().await;
    room.outbox.fail_next(StoreError::Disk { file: "outbox.sqlite".into(), reason: "gone for a moment".into() });
    room.until("the asking fails", |e| e.status().failure.is_some()).await;
    room.crash().await;
    room.until("a note stands beside it", |_| room.entries().iter().any(|e| e.detail.as_deref() == Some("forgotten")))
        .await;
    room.crash().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let events = room.outbox.events(id).await.unwrap();
    let notes = events.iter().filter(|e| e.detail.as_deref() == Some("forgotten")).count();
    assert_eq!(notes, 1, "noted once: {events:?}");
}

#[tokio::test(start_paused = true)]
async fn in_a_busy_hour_what_a_promotion_lost_is_asked_about_after_a_restart_however_much_came_since() {
    let mut room = Room::open().await;
    let light = room.object("L-00001");
    let dim = room.operate(light, "street_light.set_level", serde_json::json!({"level": 40})).await.unwrap();
    let id = dim.order.command_id;
    room.until("the outbox is done with it", |_| {
        room.entries().iter().any(|e| e.order.command_id == id && e.state == S::Confirmed)
    })
    .await;
    for _ in 0..250 {
        room.operate(light, "street_light.read", serde_json::json!({})).await.unwrap();
    }
    room.until("the reads are over", |_| room.entries().iter().all(|e| e.state.is_final())).await;
    room.lose_primary().await;
    room.crash().await;
    room.until("the oldest has its note", |e| {
        e.commands(vigie_engine::TrackedCommand::is_forgotten)
            .iter()
            .any(|c| c.entry.as_ref().is_some_and(|e| e.order.command_id == id))
    })
    .await;
}
