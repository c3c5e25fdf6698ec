//! What a metropolis forgets, and that no workstation is led astray by it.

use std::time::Duration;

use serde_json::json;
use sqlx::Row as _;
use vigie_core::equipment::{Mode, Quality, Reading};
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::table::{Desk, StateHistory, TableRow};
use vigie_core::time::Timestamp;
use vigie_metropolis::Forgotten;

use crate::support::{City, Copy, id, light, load};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// 2026-11-23 21:00 UTC.
const BORN: Timestamp = Timestamp(1_795_467_600_000);

fn past(at: Timestamp, level: f64) -> StateHistory {
    StateHistory {
        history_id: id(),
        equipment_id: light(0),
        reading: Reading::from(json!({"level": level, "fault": null})),
        quality: Quality::Good,
        observed_at: at,
        source: "gateway".into(),
        mode: Mode::Programme,
    }
}

async fn count(city: &City, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(&mut city.database.connect().await.unwrap()).await.unwrap().get(0)
}

#[tokio::test]
async fn tombstones_are_kept_for_their_time_and_an_older_copy_is_made_anew() {
    let mut city = City::new().await;
    city.admin.set_clock(Some(BORN), 0.0).await.unwrap();
    let (desk, house) = (city.session(Role::RemoteOperator).await, city.session(Role::House).await);
    let (mut copy, before) = Copy::new(&desk).await;
    let extra = Desk { desk_id: vigie_core::ids::DeskId(id()), name: "Poste 7".into() };
    load(&mut city.admin, std::slice::from_ref(&extra)).await;
    city.admin.delete_rows(&Desk::SPEC, &[extra.desk_id.0]).await.unwrap();
    // Transactions of the server's other databases hold the tide back as well: the mark must come after the deletion.
    let past =
        "SELECT (pg_snapshot_xmin(pg_current_snapshot()) > (SELECT max(change_xid) FROM vigie.tombstone))::int::bigint";
    while count(&city, past).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(house.forget().await.unwrap().tombstones, 0, "the first time leaves a mark");

    city.admin.set_clock(Some(BORN.plus(13 * DAY)), 0.0).await.unwrap();
    assert_eq!(house.forget().await.unwrap().tombstones, 0);
    let cut = copy.pull(&desk, &before).await;
    assert!(copy.of::<Desk>().iter().all(|d| d.desk_id != extra.desk_id));

    city.admin.set_clock(Some(BORN.plus(15 * DAY)), 0.0).await.unwrap();
    assert_eq!(house.forget().await.unwrap().tombstones, 1);
    assert!(matches!(desk.changes(&before).await, Err(MetropolisError::ResyncNeeded(_))), "it missed a deletion");
    assert!(desk.changes(&cut).await.is_ok(), "this one did not");
    assert!(matches!(desk.forget().await, Err(MetropolisError::Denied(_))), "it is for the house");
}

#[tokio::test]
async fn a_month_of_history_goes_at_once_without_tombstones_and_its_hours_stay() {
    let mut city = City::new().await;
    city.admin.set_clock(Some(BORN), 0.0).await.unwrap();
    let (desk, house) = (city.session(Role::RemoteOperator).await, city.session(Role::House).await);
    house.forget().await.unwrap();
    let minutes = |m: u64| BORN.plus(Duration::from_secs(m * 60));
    load(&mut city.admin, &[past(minutes(0), 10.0), past(minutes(5), 30.0), past(minutes(61), 50.0)]).await;
    let (copy, mut cut) = Copy::new(&desk).await;
    assert_eq!(copy.of::<StateHistory>().len(), 3);
    assert_eq!(count(&city, "SELECT count(*) FROM ONLY vigie.state_history_other").await, 0);

    let later = BORN.plus(45 * DAY);
    city.admin.set_clock(Some(later), 0.0).await.unwrap();
    load(&mut city.admin, &[past(later, 70.0)]).await;
    let done = house.forget().await.unwrap();
    assert!(done.months_dropped >= 1 && done.months_made >= 1, "{done:?}");
    assert_eq!(count(&city, "SELECT count(*) FROM vigie.state_history").await, 1);
    assert_eq!(count(&city, "SELECT count(*) FROM vigie.tombstone WHERE table_name = 'state_history'").await, 0);
    // Whoever was connected all the while forgets by his own window, and agrees with the metropolis.
    let sums = desk.sums(&cut).await.unwrap();
    let history = sums.tables.iter().find(|t| t.table.name == "state_history").unwrap();
    assert_eq!(history.rows(), 1);
    cut = sums.changes.cut;
    assert!(desk.changes(&cut).await.unwrap().tables.is_empty());
    let hours: Vec<(f64, f64, i64)> = sqlx::query(
        "SELECT least, mean, observations FROM vigie.state_hourly WHERE quantity = 'level' AND equipment_id = $1 ORDER BY hour",
    )
    .bind(light(0).0)
    .fetch_all(&mut city.database.connect().await.unwrap())
    .await
    .unwrap()
    .iter()
    .map(|row| (row.get(0), row.get(1), row.get(2)))
    .collect();
    assert_eq!(hours, [(10.0, 20.0, 2), (50.0, 50.0, 1)]);
    assert_eq!(house.forget().await.unwrap(), Forgotten { months_made: 0, months_dropped: 0, tombstones: 0 });
}

#[tokio::test]
async fn what_was_seen_outside_every_month_moves_into_its_own_unseen() {
    let mut city = City::new().await;
    city.admin.set_clock(Some(BORN), 0.0).await.unwrap();
    let (desk, house) = (city.session(Role::RemoteOperator).await, city.session(Role::House).await);
    let ahead = BORN.plus(200 * DAY);
    load(&mut city.admin, &[past(ahead, 1.0)]).await;
    let (copy, cut) = Copy::new(&desk).await;
    assert_eq!(copy.of::<StateHistory>().len(), 1);
    assert_eq!(count(&city, "SELECT count(*) FROM ONLY vigie.state_history_other").await, 1);
    city.admin.set_clock(Some(ahead), 0.0).await.unwrap();
    assert!(house.forget().await.unwrap().months_made > 0);
    assert_eq!(count(&city, "SELECT count(*) FROM ONLY vigie.state_history_other").await, 0);
    assert!(desk.changes(&cut).await.unwrap().tables.is_empty(), "nothing changed for anyone");
    assert_eq!(Copy::new(&desk).await.0.rows, copy.rows);
    assert_eq!(city.admin.catalogue_faults().await.unwrap(), [], "a month is read through its table only");
}
