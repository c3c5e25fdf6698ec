//! Crew locks where commands are published (R10), and the safe direction there (R17).

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{ClassCode, CommandEventCode as E, CommandState as S, EffectState};
use vigie_core::ids::{CommandId, RecordId};
use vigie_core::lock::{LockAsk, LockState};
use vigie_core::record::Signed;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, OutcomeStatus, Submission};
use vigie_core::table::CrewLock;
use vigie_metropolis::PgMetropolis;

use crate::support::{
    City, DEADLINE, DESK, PASSWORD, PERSON, SHIFT, command, dim, id, light, one, order, progress, rows, submission,
    target,
};

const LEASE: Duration = Duration::from_secs(60);
const LIGHTS: &[&str] = &["street_light.set_level", "street_light.to_programme", "street_light.read"];
const ALL: &[ClassCode] = ClassCode::ALL;

struct Room {
    city: City,
    desk: PgMetropolis,
    gateway: PgMetropolis,
    gateway_login: String,
    term: i64,
}

impl Room {
    async fn new() -> Self {
        let mut city = City::new().await;
        let desk = city.session(Role::RemoteOperator).await;
        let gateway_login = city.login(Role::Gateway).await;
        let gateway = PgMetropolis::connect(target(&city.database, &gateway_login), DEADLINE).await.unwrap();
        let term = gateway.take_field_seat(id(), LEASE).await.unwrap().unwrap();
        Self { city, desk, gateway, gateway_login, term }
    }

    async fn operate(&mut self, rank: u128, code: &str, params: serde_json::Value) -> CommandId {
        let asked = order(light(rank), code, params, self.city.now().await);
        assert_eq!(one(&self.desk, Submission::command(asked.clone())).await.command_state, Some(S::Accepted));
        asked.command_id
    }

    async fn ask(&mut self, rank: u128) -> LockAsk {
        let written_at = self.city.now().await;
        LockAsk {
            lock_id: RecordId(id()),
            equipment_id: light(rank),
            holder: "Karim".into(),
            phone: "06".into(),
            place: "ici".into(),
            reason: "travaux".into(),
            by_holder: true,
            expected_end: written_at.plus(Duration::from_secs(3_600)),
            written_at,
            desk_id: Some(DESK),
            shift_id: Some(SHIFT),
            person_id: PERSON,
            role: Role::RemoteOperator,
        }
    }

    async fn lock(&mut self, rank: u128) -> RecordId {
        let written = self.ask(rank).await;
        let lock_id = written.lock_id;
        let outcome = one(&self.desk, submission(Body::LockAsk(Signed { written, seal: None }))).await;
        assert_eq!(outcome.status, OutcomeStatus::Applied, "{:?}", outcome.code);
        lock_id
    }

    async fn state_of(&self, lock: RecordId) -> LockState {
        rows::<CrewLock>(&self.desk).await.into_iter().find(|l| l.lock_id == lock).unwrap().state
    }

    async fn taken(&self, most: u32) -> Vec<CommandId> {
        let taken = self.gateway.take_commands(self.term, LIGHTS, ALL, most).await.unwrap();
        taken.commands.into_iter().map(|taken| taken.command_id).collect()
    }

    async fn carry_out(&self, ids: &[CommandId]) {
        for id in ids {
            let told = [progress(*id, E::Publish), progress(*id, E::Execute)];
            let outcomes = self.gateway.field_submit(self.term, &told).await.unwrap();
            assert!(outcomes.iter().all(|o| o.status == OutcomeStatus::Applied), "{outcomes:?}");
        }
    }

    /// A lock in force that did not come through the door: whatever put it there, the gateway reads it.
    async fn lock_behind_the_door(&mut self, rank: u128) {
        let asked = self.ask(rank).await;
        let mut owner = self.city.database.connect().await.unwrap();
        sqlx::query(
            "INSERT INTO vigie.crew_lock (lock_id, equipment_id, state, holder, phone, place, reason, by_holder, expected_end, \
             written_at, received_at, person_id, role, granted_at, coming, call_number, call_words) \
             SELECT $1, $2, 'in_force', 'K', '06', 'ici', 'w', false, n + interval '1 hour', n, n, $3, 'supervisor', n, '[]', '', '' \
             FROM (SELECT vigie.now() AS n) AS t",
        )
        .bind(asked.lock_id.0)
        .bind(asked.equipment_id.0)
        .bind(PERSON.0)
        .execute(&mut owner)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn r10_a_gateway_reads_locks_again_when_it_publishes() {
    let mut room = Room::new().await;
    let stopped = room.operate(0, "street_light.to_programme", json!({})).await;
    let read = room.operate(0, "street_light.read", json!({})).await;
    let elsewhere = room.operate(2, "street_light.to_programme", json!({})).await;
    room.lock_behind_the_door(0).await;
    let mut taken = room.taken(10).await;
    taken.sort_unstable();
    let mut expected = vec![read, elsewhere];
    expected.sort_unstable();
    assert_eq!(taken, expected, "a read goes, and so does what is not locked");
    let told = command(&room.desk, stopped.into()).await;
    assert_eq!((told.state, told.detail.as_deref()), (S::Rejected, Some("crew_lock")));
    // A gateway that does not take, but tells, is stopped in the same way.
    let told = room.operate(3, "street_light.to_programme", json!({})).await;
    room.lock_behind_the_door(3).await;
    let outcome = room.gateway.field_submit(room.term, &[progress(told, E::StartDispatch)]).await.unwrap().remove(0);
    assert_eq!(outcome.command_state, Some(S::Rejected));
}

#[tokio::test]
async fn r10_a_lock_asked_while_a_gateway_takes_the_command_waits_for_its_outcome() {
    let mut room = Room::new().await;
    let dimmed = room.operate(0, "street_light.set_level", json!({"level": 40})).await;
    // The gateway has taken it, and this is not committed yet.
    let mut taking: sqlx::PgConnection =
        sqlx::ConnectOptions::connect(&room.city.database.options(&room.gateway_login, PASSWORD)).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut taking).await.unwrap();
    sqlx::query("SELECT vigie.take_commands($1, $2, $3, 10)::text")
        .bind(room.term)
        .bind(LIGHTS)
        .bind(ALL.iter().map(|c| c.code()).collect::<Vec<_>>())
        .execute(&mut taking)
        .await
        .unwrap();
    let written = room.ask(0).await;
    let lock = written.lock_id;
    let desk = room.city.session(Role::Supervisor).await;
    let asking =
        tokio::spawn(async move { one(&desk, submission(Body::LockAsk(Signed { written, seal: None }))).await });
    let mut owner = room.city.database.connect().await.unwrap();
    // Until it waits for the gateway.
    loop {
        let waits: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&mut owner)
        .await
        .unwrap();
        if waits > 0 {
            break;
        }
    }
    sqlx::raw_sql("COMMIT").execute(&mut taking).await.unwrap();
    assert_eq!(asking.await.unwrap().detail["state"], "asked", "it left before the lock was there");
    assert_eq!(command(&room.desk, dimmed.into()).await.state, S::Dispatching);
    let fails = [progress(dimmed, E::Fail)];
    room.gateway.field_submit(room.term, &fails).await.unwrap();
    assert_eq!(room.state_of(lock).await, LockState::InForce);
}

#[tokio::test]
async fn r10_automatic_ends_are_held_while_a_crew_is_on_site() {
    let mut room = Room::new().await;
    let held = room.operate(0, "street_light.set_level", json!({"level": 40})).await;
    let free = room.operate(2, "street_light.set_level", json!({"level": 40})).await;
    let taken = room.taken(10).await;
    room.carry_out(&taken).await;
    // The device shows nothing: a person closes what is without report, and the crew locks.
    let house = room.city.session(Role::House).await;
    for id in [held, free] {
        one(&house, progress(id, E::Silence)).await;
        one(&room.desk, submission(Body::CommandClose { command_id: id, reason: "vu".into() })).await;
    }
    let lock = room.lock(0).await;
    let granted = rows::<CrewLock>(&room.desk).await.into_iter().find(|l| l.lock_id == lock).unwrap();
    assert_eq!(granted.state, LockState::InForce);
    assert_eq!(granted.coming.0.iter().map(|c| c.command_id).collect::<Vec<_>>(), [held]);
    let end = command(&room.desk, held.into()).await.effect_until.unwrap();
    room.city.admin.set_clock(Some(end.plus(Duration::from_secs(1))), 0.0).await.unwrap();
    let ends = async |room: &Room| -> Vec<CommandId> {
        let ends = room.gateway.take_ends(room.term, LIGHTS).await.unwrap();
        ends.into_iter().map(|end| end.command_id).collect()
    };
    assert_eq!(ends(&room).await, [free]);
    // Lifted within the minute it is sent; lifted later it is overdue, and asked of a person.
    one(&room.desk, submission(Body::LockLift { lock_id: lock })).await;
    assert_eq!(ends(&room).await, [held]);
    room.city.admin.set_clock(Some(end.plus(Duration::from_secs(61))), 0.0).await.unwrap();
    let term = house.take_seat(id(), LEASE).await.unwrap().unwrap();
    house.house_keep(term).await.unwrap();
    assert_eq!(command(&room.desk, held.into()).await.effect, Some(EffectState::Overdue));
}

#[tokio::test]
async fn r10_a_lock_waits_for_an_end_that_was_sent_and_the_house_grants_it() {
    let mut room = Room::new().await;
    let dimmed = room.operate(0, "street_light.set_level", json!({"level": 40})).await;
    let taken = room.taken(10).await;
    room.carry_out(&taken).await;
    let house = room.city.session(Role::House).await;
    one(&house, progress(dimmed, E::Silence)).await;
    one(&room.desk, submission(Body::CommandClose { command_id: dimmed, reason: "vu".into() })).await;
    let end = command(&room.desk, dimmed.into()).await.effect_until.unwrap();
    room.city.admin.set_clock(Some(end.plus(Duration::from_secs(1))), 0.0).await.unwrap();
    assert_eq!(room.gateway.take_ends(room.term, LIGHTS).await.unwrap().len(), 1);
    let lock = room.lock(0).await;
    assert_eq!(room.state_of(lock).await, LockState::Asked, "the object is about to move");
    let term = house.take_seat(id(), LEASE).await.unwrap().unwrap();
    house.house_keep(term).await.unwrap();
    assert_eq!(room.state_of(lock).await, LockState::Asked);
    room.city.admin.set_clock(Some(end.plus(Duration::from_secs(62))), 0.0).await.unwrap();
    house.house_keep(term).await.unwrap();
    house.house_keep(term).await.unwrap();
    assert_eq!(room.state_of(lock).await, LockState::InForce, "nobody saw it end: that is another alarm");
}

#[tokio::test]
async fn r17_a_gateway_takes_the_safe_direction_first() {
    let mut room = Room::new().await;
    let dimmed = room.operate(0, "street_light.set_level", json!({"level": 40})).await;
    let read = room.operate(1, "street_light.read", json!({})).await;
    let lit = room.operate(2, "street_light.set_level", json!({"level": 100})).await;
    let back = room.operate(3, "street_light.to_programme", json!({})).await;
    let mut first = room.taken(2).await;
    first.sort_unstable();
    let mut safe = vec![lit, back];
    safe.sort_unstable();
    assert_eq!(first, safe);
    assert_eq!(room.taken(10).await, [dimmed, read]);
}

#[tokio::test]
async fn r10_no_login_lifts_a_lock_by_going_round_the_door() {
    let mut room = Room::new().await;
    let lock = room.lock(0).await;
    let login = room.city.login(Role::Supervisor).await;
    let mut round: sqlx::PgConnection =
        sqlx::ConnectOptions::connect(&room.city.database.options(&login, PASSWORD)).await.unwrap();
    for attempt in [
        "UPDATE vigie.crew_lock SET state = 'lifted', over_at = now()",
        "DELETE FROM vigie.crew_lock",
        "SELECT vigie.end_lock(l, l.person_id, 'holder', now()) FROM vigie.crew_lock l",
        "SELECT vigie.grant_waiting_locks()",
    ] {
        let refused = sqlx::raw_sql(attempt).execute(&mut round).await.unwrap_err();
        let code = refused.as_database_error().and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{attempt}");
    }
    assert_eq!(room.state_of(lock).await, LockState::InForce);
    let dim = dim(0, 40, room.city.now().await);
    assert_eq!(one(&room.desk, Submission::command(dim)).await.code.as_deref(), Some("crew_lock"));
}
