//! The feed: what a cut holds and what follows it.

use std::time::Duration;

use serde_json::json;
use vigie_core::equipment::Mode;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::table::{Desk, Equipment, EquipmentState, StateHistory, TableRow};

use crate::support::{City, Copy, DESK, JUNCTION, id, light, load, one, owner, report, seen};

#[tokio::test]
async fn a_snapshot_then_changes_is_what_a_fresh_snapshot_would_be() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let (mut copy, cut) = Copy::new(&desk).await;
    assert_eq!(copy.of::<Equipment>().len(), 6);

    let now = city.now().await;
    one(&gateway, report(vec![seen(light(0), json!({"level": 12}), Mode::Programme, now)])).await;
    city.admin.delete_rows(&Equipment::SPEC, &[light(4).0]).await.unwrap();
    load(&mut city.admin, &[Desk { desk_id: vigie_core::ids::DeskId(id()), name: "tab\there\\ \n é".into() }]).await;
    let cut = copy.pull(&desk, &cut).await;
    let (fresh, _) = Copy::new(&desk).await;
    assert_eq!(copy.rows, fresh.rows);
    assert_eq!(copy.of::<EquipmentState>().len(), 5, "the state went with its object");
    assert!(desk.changes(&cut).await.unwrap().tables.is_empty(), "nothing is sent twice");
}

#[tokio::test]
async fn a_row_that_comes_back_after_its_deletion_stays() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (mut copy, cut) = Copy::new(&desk).await;
    let state: EquipmentState = copy.of().into_iter().find(|s: &EquipmentState| s.equipment_id == JUNCTION).unwrap();
    city.admin.delete_rows(&EquipmentState::SPEC, &[JUNCTION.0]).await.unwrap();
    load(&mut city.admin, std::slice::from_ref(&state)).await;
    copy.pull(&desk, &cut).await;
    assert!(copy.of::<EquipmentState>().contains(&state));
}

#[tokio::test]
async fn windowed_tables_are_copied_within_their_window() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let now = city.now().await;
    let past = |hours: u64| StateHistory {
        history_id: id(),
        equipment_id: light(0),
        reading: vigie_core::equipment::Reading::from(json!({"level": hours})),
        quality: vigie_core::equipment::Quality::Good,
        observed_at: now.minus(Duration::from_secs(hours * 3600)),
        source: "gateway".into(),
        mode: Mode::Programme,
    };
    load(&mut city.admin, &[past(1), past(47), past(49), past(4000)]).await;
    let (copy, _) = Copy::new(&desk).await;
    assert_eq!(copy.of::<StateHistory>().len(), 2);
}

#[tokio::test]
async fn while_no_transaction_ends_a_look_only_moves_the_time_and_the_first_that_ends_is_not_passed_over() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (mut copy, cut) = Copy::new(&desk).await;
    let mut writer = city.database.connect().await.unwrap();
    sqlx::query("BEGIN").execute(&mut writer).await.unwrap();
    let rename = "UPDATE vigie.desk SET name = $2 WHERE desk_id = $1";
    sqlx::query(rename).bind(DESK.0).bind("Poste 9").execute(&mut writer).await.unwrap();
    // Begun after the one that is open, and ended before it: neither of the two may hide the other.
    let mut quicker = city.database.connect().await.unwrap();
    sqlx::query("UPDATE vigie.metropolis SET name = 'Dijon'").execute(&mut quicker).await.unwrap();
    let first = desk.changes(&cut).await.unwrap().cut;
    let second = desk.changes(&first).await.unwrap();
    let third = desk.changes(&second.cut).await.unwrap();
    assert!(second.tables.is_empty() && third.tables.is_empty());
    assert!(first.at <= second.cut.at && second.cut.at <= third.cut.at, "the hour of the copy goes on");
    assert_eq!((&first.snapshot, first.xmin), (&third.cut.snapshot, third.cut.xmin));
    sqlx::query("COMMIT").execute(&mut writer).await.unwrap();
    copy.pull(&desk, &third.cut).await;
    assert_eq!(copy.of::<Desk>()[0].name, "Poste 9");
}

#[tokio::test]
async fn a_foreign_transaction_that_stays_open_neither_delays_nor_repeats() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    // Holds the oldest running transaction back, as a backup or a report elsewhere in the database would.
    let mut foreign = city.database.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT pg_current_xact_id()").execute(&mut foreign).await.unwrap();
    let (mut copy, mut cut) = Copy::new(&desk).await;
    let now = city.now().await;
    for level in 0..5u64 {
        let at = now.plus(Duration::from_secs(level));
        one(&gateway, report(vec![seen(light(0), json!({"level": level}), Mode::Programme, at)])).await;
        let changes = desk.changes(&cut).await.unwrap();
        let sent: Vec<_> = changes.tables.iter().map(|t| (t.table.name, t.rows.len())).collect();
        assert_eq!(sent, [("equipment_state", 1), ("state_history", 1)], "the last report, once");
        cut = copy.pull(&desk, &cut).await;
    }
    // Its own write, older than all of these, is delivered when it commits.
    sqlx::query("UPDATE vigie.desk SET name = 'Poste 9' WHERE desk_id = $1")
        .bind(DESK.0)
        .execute(&mut foreign)
        .await
        .unwrap();
    cut = copy.pull(&desk, &cut).await;
    sqlx::raw_sql("COMMIT").execute(&mut foreign).await.unwrap();
    copy.pull(&desk, &cut).await;
    assert_eq!(copy.rows, Copy::new(&desk).await.0.rows);
    assert_eq!(copy.of::<Desk>()[0].name, "Poste 9");
}

#[tokio::test]
async fn a_cut_of_another_epoch_server_or_future_asks_for_a_new_copy() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (_, cut) = Copy::new(&desk).await;
    let mut wrong = vec![cut.clone(); 4];
    wrong[0].epoch = id();
    wrong[1].xmin += 1_000_000;
    wrong[2].snapshot = cut.snapshot.replacen('@', "@1", 1);
    wrong[3].snapshot = format!("0'; DROP SCHEMA vigie@{}", cut.snapshot.split_once('@').unwrap().1);
    for cut in wrong {
        assert!(matches!(desk.changes(&cut).await, Err(MetropolisError::ResyncNeeded(_))), "{cut:?}");
    }
    assert!(desk.changes(&cut).await.is_ok());
    city.admin.begin_epoch().await.unwrap();
    assert!(matches!(desk.changes(&cut).await, Err(MetropolisError::ResyncNeeded(_))));
}

#[tokio::test]
async fn a_rehearsal_that_is_cleared_begins_a_new_epoch_empty() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (_, cut) = Copy::new(&desk).await;
    city.admin.clear_rows().await.unwrap();
    assert!(matches!(desk.changes(&cut).await, Err(MetropolisError::ResyncNeeded(_))));
    assert!(Copy::new(&desk).await.0.rows.is_empty());
    assert!(owner(&city.database).await.info().await.unwrap().equipment == 0);
}

#[tokio::test]
async fn truncate_and_a_moved_key_are_refused_even_to_the_owner() {
    let city = City::new().await;
    let mut connection = city.database.connect().await.unwrap();
    for table in vigie_core::table::TABLES {
        for sql in [
            format!("TRUNCATE vigie.{} CASCADE", table.name),
            format!("UPDATE vigie.{} SET {} = gen_random_uuid()", table.name, table.key()),
        ] {
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut connection).await;
            assert!(done.is_err() || (sql.starts_with("UPDATE") && done.unwrap().rows_affected() == 0), "{sql}");
        }
    }
}
