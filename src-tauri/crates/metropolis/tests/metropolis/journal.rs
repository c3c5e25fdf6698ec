//! The journal's chain of seals, and the seat from which the house speaks.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;
use vigie_core::command::{CommandEventCode, CommandState};
use vigie_core::port::MetropolisError;
use vigie_core::rights::Role;
use vigie_core::submission::{OutcomeStatus, Submission};
use vigie_metropolis::{PgMetropolis, Verification};

use crate::support::{City, command, dim, one, progress};

const LEASE: Duration = Duration::from_secs(60);

async fn seated(city: &mut City) -> (PgMetropolis, i64) {
    let house = city.session(Role::House).await;
    let term = house.take_seat(Uuid::from_u128(1), LEASE).await.unwrap().unwrap();
    (house, term)
}

/// Transactions of the server's other databases hold the tide back as well: seals until everything is.
async fn seal(city: &mut City, house: &PgMetropolis, term: i64) -> Verification {
    loop {
        house.house_keep(term).await.unwrap();
        let found = city.admin.verify_journal().await.unwrap();
        if found.unsealed == 0 || found.broken.is_some() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

#[tokio::test]
async fn everything_is_sealed_once_its_transactions_have_ended_and_nothing_is_passed_over() {
    let mut city = City::new().await;
    let (house, term) = seated(&mut city).await;
    let desk = city.session(Role::RemoteOperator).await;
    // A transaction that wrote into the journal and has not ended.
    let mut slow = city.database.connect().await.unwrap();
    run(&mut slow, "BEGIN; INSERT INTO vigie.journal (at, login, kind, status, payload_sha256) VALUES (now(), 'slow', 'command', 'applied', '')").await;
    let now = city.now().await;
    for level in [40, 50, 60] {
        one(&desk, Submission::command(dim(0, level, now))).await;
    }
    house.house_keep(term).await.unwrap();
    let before = city.admin.verify_journal().await.unwrap();
    assert!(before.unsealed >= 3 && before.broken.is_none(), "{before:?}");
    run(&mut slow, "COMMIT").await;
    let after = seal(&mut city, &house, term).await;
    assert_eq!((after.unsealed, after.broken.clone()), (0, None));
    assert_eq!(after.rows, before.rows + before.unsealed + 1);
    // Nothing new, no new seal.
    assert_eq!(house.house_keep(term).await.unwrap().sealed, 0);
    assert_eq!(city.admin.verify_journal().await.unwrap(), after);
}

#[tokio::test]
async fn what_an_owner_changes_behind_the_triggers_breaks_the_chain() {
    for tampering in [
        "UPDATE vigie.journal SET login = 'somebody' WHERE journal_id = (SELECT min(journal_id) FROM vigie.journal WHERE kind = 'command')",
        "DELETE FROM vigie.journal WHERE journal_id = (SELECT max(journal_id) FROM vigie.journal)",
        "INSERT INTO vigie.journal (at, login, kind, status, payload_sha256, written_xid) \
         SELECT at, login, kind, status, payload_sha256, written_xid FROM vigie.journal LIMIT 1",
        "UPDATE vigie.journal_seal SET sha256 = sha256('x') WHERE seal_id = 1",
        "DELETE FROM vigie.journal_seal WHERE seal_id = 1",
    ] {
        let mut city = City::new().await;
        let (house, term) = seated(&mut city).await;
        let desk = city.session(Role::RemoteOperator).await;
        seal(&mut city, &house, term).await;
        one(&desk, Submission::command(dim(0, 40, city.now().await))).await;
        assert_eq!(seal(&mut city, &house, term).await.broken, None);
        let mut owner = city.database.connect().await.unwrap();
        assert!(
            sqlx::raw_sql(AssertSqlSafe("DELETE FROM vigie.journal_seal".to_owned()))
                .execute(&mut owner)
                .await
                .is_err()
        );
        run(&mut owner, &format!("SET session_replication_role = replica; {tampering}")).await;
        assert!(city.admin.verify_journal().await.unwrap().broken.is_some(), "{tampering}");
    }
}

#[tokio::test]
async fn one_house_speaks_and_a_term_that_is_past_is_refused() {
    let mut city = City::new().await;
    let (house, term) = seated(&mut city).await;
    let other = city.session(Role::House).await;
    assert_eq!(other.take_seat(Uuid::from_u128(2), LEASE).await, Ok(None));
    assert_eq!(house.take_seat(Uuid::from_u128(1), LEASE).await, Ok(Some(term)));

    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let order = dim(0, 40, city.now().await);
    let id = order.command_id;
    one(&desk, Submission::command(order)).await;
    for event in [CommandEventCode::StartDispatch, CommandEventCode::Publish] {
        one(&gateway, progress(id, event)).await;
    }
    // Round the seat: not while somebody sits there.
    let silence = progress(id, CommandEventCode::Silence);
    assert_eq!(one(&other, silence.clone()).await.code.as_deref(), Some("not_allowed"));
    // The first sleeps; the second takes over; the first wakes.
    let mut owner = city.database.connect().await.unwrap();
    run(&mut owner, "UPDATE vigie.house_seat SET until = clock_timestamp() - interval '1 second'").await;
    let next = other.take_seat(Uuid::from_u128(2), LEASE).await.unwrap().unwrap();
    assert_eq!(next, term + 1);
    let late = progress(id, CommandEventCode::Silence);
    assert!(matches!(house.house_submit(term, &[late]).await, Err(MetropolisError::Unexpected(_))));
    assert!(house.house_keep(term).await.is_err());
    assert_eq!(command(&desk, id.into()).await.state, CommandState::Dispatched);
    let outcomes = other.house_submit(next, &[progress(id, CommandEventCode::Silence)]).await.unwrap();
    assert_eq!(outcomes.first().map(|o| o.status), Some(OutcomeStatus::Applied));
    assert_eq!(command(&desk, id.into()).await.state, CommandState::Unknown);
    // Given back, it is the next one's at once.
    other.leave_seat(next).await.unwrap();
    assert_eq!(house.take_seat(Uuid::from_u128(1), LEASE).await, Ok(Some(next + 1)));
}

#[tokio::test]
async fn r13_a_shift_whose_end_passed_is_closed_by_the_house() {
    let mut city = City::new().await;
    let (house, term) = seated(&mut city).await;
    assert_eq!(house.house_keep(term).await.unwrap().shifts, 0);
    let now = city.now().await;
    city.admin.set_clock(Some(now.plus(Duration::from_secs(9 * 3600))), 1.0).await.unwrap();
    assert_eq!(house.house_keep(term).await.unwrap().shifts, 1);
    assert_eq!(house.house_keep(term).await.unwrap().shifts, 0);
    let mut owner = city.database.connect().await.unwrap();
    let at_its_end: bool =
        sqlx::query("SELECT closed_at = ends_at FROM vigie.shift").fetch_one(&mut owner).await.unwrap().get(0);
    assert!(at_its_end);
}
