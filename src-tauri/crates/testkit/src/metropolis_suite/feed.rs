//! The feed: a copy kept by changes is the copy that a snapshot would give.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vigie_core::command::CommandEventCode as E;
use vigie_core::port::{Cut, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::submission::Body;
use vigie_core::table::{StateHistory, TABLES, table};

use super::mirror::Mirror;
use super::room::{OPERATOR, Room, SUPERVISOR, refused};

/// After reports, commands of every fate, shifts and deletions.
pub async fn changes_lead_to_the_same_rows_as_a_fresh_snapshot(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.execute(&order).await;
    let shown = room.overridden(&order).await;
    room.report(vec![shown]).await;
    room.pull().await;
    let read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    let other = room.taken(&read).await;
    room.write(SUPERVISOR, Body::CommandCancel { command_id: other, reason: "essai".into() }).await;
    refused(&room.progress(id, E::Fail).await, "illegal_event");
    let (shift_id, _) = room.shift(SUPERVISOR);
    room.write(SUPERVISOR, Body::ShiftClose { shift_id }).await;
    for state in room.city.states.iter().take(200).map(|s| s.equipment_id).collect::<Vec<_>>() {
        room.wait(Duration::from_millis(10)).await;
        let mut report = room.seen(state).await;
        report.reading.0.insert("power_w".into(), json!(1));
        room.report(vec![report]).await;
    }
    let (fresh, _) = Mirror::copy(&*room.session(OPERATOR).await).await.expect("a copy");
    let kept = room.pull().await;
    assert_eq!(kept.plain(), fresh.plain());
    assert_eq!(kept.tables(), fresh.tables());
    let order: Vec<_> = TABLES.iter().map(|t| t.name).filter(|name| fresh.order.contains(name)).collect();
    assert_eq!(fresh.order, order, "tables come in the order in which they are declared");
}

/// By its tombstone.
pub async fn a_deleted_row_disappears_from_the_copy(room: &mut Room<'_>) {
    let spec = table("state_history").expect("the table exists");
    let light = room.light();
    let mut report = room.seen(light).await;
    report.reading.0.insert("power_w".into(), json!(1));
    room.report(vec![report]).await;
    let row = room.history(light).await.into_iter().next_back().expect("a past state");
    room.fixture.delete(spec, row.history_id).await;
    assert!(room.rows::<StateHistory>(|h| h.history_id == row.history_id).await.is_empty());
    let (fresh, _) = Mirror::copy(&*room.session(OPERATOR).await).await.expect("a copy");
    assert_eq!(room.pull().await.plain(), fresh.plain());
}

/// However often it is asked.
pub async fn nothing_new_is_an_empty_delta(room: &mut Room<'_>) {
    let light = room.light();
    let report = room.seen(light).await;
    room.report(vec![report]).await;
    room.pull().await;
    let session = room.session(OPERATOR).await;
    for _ in 0..3 {
        assert_eq!(session.changes(room.cut()).await.expect("changes").tables, []);
    }
}

/// Nothing is applied to a copy of another epoch, and no old order is taken.
pub async fn r16_a_new_epoch_asks_for_a_new_copy_and_refuses_what_was_issued_before(room: &mut Room<'_>) {
    let light = room.light();
    let before = room.dim(light).await;
    room.wait(Duration::from_secs(1)).await;
    let cut = room.cut().clone();
    let epoch = room.fixture.begin_epoch().await;
    let session = room.session(OPERATOR).await;
    assert!(matches!(session.changes(&cut).await, Err(MetropolisError::ResyncNeeded(_))));
    assert_eq!(session.identity().await.expect("an identity").epoch, epoch);
    refused(&room.operate(OPERATOR, &before).await, "before_epoch");
    let (_, cut) = Mirror::copy(&*session).await.expect("a copy");
    assert_eq!(cut.epoch, epoch);
    assert_eq!(session.changes(&cut).await.expect("changes").tables, []);
}

/// A restored server has fewer transactions than the copy has seen.
pub async fn a_copy_that_is_ahead_must_be_made_anew(room: &mut Room<'_>) {
    let cut = room.cut();
    let ahead = Cut { xmin: cut.xmin + 1_000_000, ..cut.clone() };
    let answer = room.session(OPERATOR).await.changes(&ahead).await;
    assert!(matches!(answer, Err(MetropolisError::ResyncNeeded(_))), "{answer:?}");
}

/// With a limit.
pub async fn history_is_fetched_newest_first_before_an_instant(room: &mut Room<'_>) {
    let light = room.light();
    let mut instants = Vec::new();
    for step in 1..=5 {
        room.wait(Duration::from_secs(60)).await;
        let mut report = room.seen(light).await;
        report.reading.0.insert("power_w".into(), json!(step));
        instants.push(report.observed_at.0);
        room.report(vec![report]).await;
    }
    let session = room.session(OPERATOR).await;
    let fetch = async |args: Value| session.fetch("history", args, "essai").await.expect("history");
    let all = fetch(json!({"equipment_id": light, "limit": 1000})).await;
    let seen: Vec<i64> = all.as_array().into_iter().flatten().filter_map(|row| row["observed_at"].as_i64()).collect();
    let expected: Vec<i64> = instants.iter().rev().copied().collect();
    assert_eq!(seen.get(..5), Some(expected.as_slice()));
    let some = fetch(json!({"equipment_id": light, "before": instants[3], "limit": 2})).await;
    let rows = some.as_array().cloned().unwrap_or_default();
    assert_eq!(
        rows.iter().filter_map(|row| row["observed_at"].as_i64()).collect::<Vec<_>>(),
        [instants[2], instants[1]]
    );
    let row = rows.first().cloned().unwrap_or_default();
    assert_eq!(
        (row["equipment_id"].as_str(), row["mode"].as_str()),
        (Some(light.to_string().as_str()), Some("programme"))
    );
    assert_eq!((row["reading"]["power_w"].as_f64(), row["quality"].as_str()), (Some(3.0), Some("good")));
    assert!(row["history_id"].as_str().is_some_and(|id| Uuid::parse_str(id).is_ok()) && row["source"].is_string());
    assert!(session.fetch("addresses", json!({}), "essai").await.is_err());
}

/// Server time, role, person and desk.
pub async fn the_identity_says_who_and_whom(room: &mut Room<'_>) {
    room.wait(Duration::from_secs(90)).await;
    let me = room.session(OPERATOR).await.identity().await.expect("an identity");
    let account = room.city.accounts.iter().find(|a| a.login == OPERATOR).expect("the account");
    assert_eq!((me.role, me.person_id, me.desk_id), (Role::RemoteOperator, account.person_id, account.desk_id));
    assert_eq!((me.server_time, me.epoch), (room.now().await, room.cut().epoch));
    assert_eq!(me.server_time, super::BORN.plus(Duration::from_secs(90)));
    let gateway = room.session("gateway").await.identity().await.expect("an identity");
    assert_eq!((gateway.role, gateway.person_id, gateway.desk_id), (Role::Gateway, None, None));
    assert_eq!((gateway.system.clone(), gateway.epoch), (me.system, me.epoch));
    assert_ne!(gateway.rights, me.rights);
}
