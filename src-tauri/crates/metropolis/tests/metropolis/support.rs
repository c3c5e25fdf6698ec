//! A small city on a database of its own, and its people.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{CommandEventCode, CommandOrder, Params, Seen, action};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, PersonId, ShiftId, SubmissionId};
use vigie_core::port::{Cut, Metropolis, MetropolisError, MetropolisMode, SnapshotSink};
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Outcome, StateReport, Submission};
use vigie_core::table::{Command, Desk, Equipment, EquipmentState, Person, Row, Shift, TableRow, TableSpec};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, ConnectTarget, Password, PgMetropolis};
use vigie_testkit::postgres::{Database, Server};

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
pub(crate) const PASSWORD: &str = "rehearsal";

pub(crate) const PERSON: PersonId = PersonId(Uuid::from_u128(1));
pub(crate) const DESK: DeskId = DeskId(Uuid::from_u128(2));
pub(crate) const SHIFT: ShiftId = ShiftId(Uuid::from_u128(3));
/// Lights of one street, by rank from 0.
pub(crate) fn light(rank: u128) -> EquipmentId {
    EquipmentId(Uuid::from_u128(0x100 + rank))
}
pub(crate) const JUNCTION: EquipmentId = EquipmentId(Uuid::from_u128(0x200));

pub(crate) struct City {
    pub(crate) database: Database,
    pub(crate) admin: Admin,
}

pub(crate) async fn database() -> Database {
    Server::shared().unwrap().database().await.unwrap()
}

pub(crate) async fn owner(database: &Database) -> Admin {
    Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap()
}

/// Logins belong to the whole server, so each test has its own.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn target(database: &Database, login: &str) -> ConnectTarget {
    ConnectTarget {
        url: database.url(login),
        password: Some(Password::new(PASSWORD)),
        application_name: "vigie test".into(),
    }
}

impl City {
    /// A rehearsal with a street of lights, a junction, one person at a desk.
    pub(crate) async fn new() -> Self {
        Self::in_database(database().await).await
    }

    /// The same, somewhere else.
    pub(crate) async fn in_database(database: Database) -> Self {
        let mut admin = owner(&database).await;
        admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
        let now = admin.info().await.unwrap().server_time;
        load(&mut admin, &[Person { person_id: PERSON, display_name: "C. Martin".into() }]).await;
        load(&mut admin, &[Desk { desk_id: DESK, name: "Poste 2".into() }]).await;
        load(&mut admin, &[shift(now)]).await;
        let lights: Vec<_> = (0..5).map(|rank| equipment(light(rank), EquipmentKind::StreetLight, rank)).collect();
        load(&mut admin, &lights).await;
        load(&mut admin, &[equipment(JUNCTION, EquipmentKind::SignalJunction, 9)]).await;
        let states: Vec<_> = (0..5).map(|rank| state(light(rank), json!({"level": 70, "fault": null}), now)).collect();
        load(&mut admin, &states).await;
        load(&mut admin, &[state(JUNCTION, json!({"aspect": "normal", "plan": 1, "fault": null}), now)]).await;
        Self { database, admin }
    }

    pub(crate) async fn login(&mut self, role: Role) -> String {
        let login = unique(role.code());
        let person = (!matches!(role, Role::Gateway | Role::House)).then_some(PERSON);
        self.admin.create_login(&login, &Password::new(PASSWORD), role, person, person.map(|_| DESK)).await.unwrap();
        login
    }

    pub(crate) async fn session(&mut self, role: Role) -> PgMetropolis {
        let login = self.login(role).await;
        PgMetropolis::connect(target(&self.database, &login), DEADLINE).await.unwrap()
    }

    pub(crate) async fn now(&mut self) -> Timestamp {
        self.admin.info().await.unwrap().server_time
    }
}

pub(crate) async fn load<R: TableRow>(admin: &mut Admin, rows: &[R]) {
    let rows: Vec<Row> = rows.iter().map(TableRow::to_row).collect();
    assert_eq!(admin.load_rows(&R::SPEC, &rows).await.unwrap(), rows.len() as u64);
}

pub(crate) fn shift(now: Timestamp) -> Shift {
    Shift {
        shift_id: SHIFT,
        desk_id: DESK,
        person_id: PERSON,
        role: Role::RemoteOperator,
        opened_at: now,
        ends_at: now.plus(Duration::from_secs(8 * 3600)),
        closed_at: None,
    }
}

pub(crate) fn equipment(id: EquipmentId, kind: EquipmentKind, rank: u128) -> Equipment {
    Equipment {
        equipment_id: id,
        reference: format!("X-{}", id.0.as_u128()),
        name: format!("Rue Devosge {rank}"),
        kind,
        insee_code: "21231".into(),
        street: "Rue Devosge".into(),
        lon: 5.037,
        lat: 47.325,
        attributes: json!({"rank": rank, "crossing": rank == 4, "safety_level": 30}),
        service_id: None,
    }
}

pub(crate) fn state(id: EquipmentId, reading: serde_json::Value, now: Timestamp) -> EquipmentState {
    EquipmentState {
        equipment_id: id,
        reading: Reading::from(reading),
        quality: Quality::Good,
        observed_at: Some(now),
        received_at: now,
        source: "gateway".into(),
        reach: Reach::Reachable,
        mode: Mode::Programme,
        target: None,
        effect_until: None,
        version: 1,
        control_version: 1,
    }
}

pub(crate) fn id() -> Uuid {
    #[allow(clippy::disallowed_methods, reason = "a test against a real server needs no repeatable identifiers")]
    Uuid::now_v7()
}

/// An order that the small city takes.
pub(crate) fn order(object: EquipmentId, code: &str, params: serde_json::Value, now: Timestamp) -> CommandOrder {
    let known = action(code);
    let life = known.map_or(Duration::from_secs(30), |a| a.class.life());
    CommandOrder {
        command_id: CommandId(id()),
        equipment_id: object,
        action: code.into(),
        params: Params::from(params),
        issued_at: now,
        expires_at: now.plus(life),
        effect_until: known.and_then(|a| a.max_effect).map(|_| now.plus(Duration::from_secs(1800))),
        shift_id: SHIFT,
        desk_id: DESK,
        reason: "appel d'un riverain".into(),
        seen: Seen { reading: Reading::default(), observed_at: Some(now), version: 1, control_version: 1 },
        without_visibility: false,
        procedure: vigie_core::command::Procedure::default(),
    }
}

pub(crate) fn dim(rank: u128, level: i64, now: Timestamp) -> CommandOrder {
    order(light(rank), "street_light.set_level", json!({"level": level}), now)
}

pub(crate) fn submission(body: Body) -> Submission {
    Submission::new(SubmissionId(id()), body)
}

pub(crate) fn progress(command_id: CommandId, event: CommandEventCode) -> Submission {
    submission(Body::Progress { command_id, event, detail: None })
}

pub(crate) fn report(states: Vec<StateReport>) -> Submission {
    submission(Body::Report { states })
}

pub(crate) fn seen(id: EquipmentId, reading: serde_json::Value, mode: Mode, at: Timestamp) -> StateReport {
    StateReport {
        equipment_id: id,
        reading: Reading::from(reading),
        quality: Quality::Good,
        observed_at: at,
        source: "gateway".into(),
        reach: Reach::Reachable,
        mode,
        target: None,
        effect_until: None,
    }
}

pub(crate) async fn one(metropolis: &PgMetropolis, submission: Submission) -> Outcome {
    metropolis.submit(&[submission]).await.unwrap().remove(0)
}

/// A reader's copy: rows by table and key.
#[derive(Default)]
pub(crate) struct Copy {
    pub(crate) rows: std::collections::BTreeMap<(&'static str, Uuid), Row>,
}

#[async_trait]
impl SnapshotSink for Copy {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.rows.extend(rows.into_iter().map(|row| ((table.name, row.key().unwrap()), row)));
        Ok(())
    }
}

impl Copy {
    pub(crate) async fn new(metropolis: &PgMetropolis) -> (Self, Cut) {
        let mut copy = Self::default();
        let cut = metropolis.snapshot(&mut copy).await.unwrap();
        (copy, cut)
    }

    pub(crate) async fn pull(&mut self, metropolis: &PgMetropolis, since: &Cut) -> Cut {
        let changes = metropolis.changes(since).await.unwrap();
        for table in changes.tables {
            for key in table.deleted {
                self.rows.remove(&(table.table.name, key));
            }
            for row in table.rows {
                self.rows.insert((table.table.name, row.key().unwrap()), row);
            }
        }
        changes.cut
    }

    pub(crate) fn of<R: TableRow>(&self) -> Vec<R> {
        self.rows
            .iter()
            .filter(|((name, _), _)| *name == R::SPEC.name)
            .map(|(_, row)| R::from_row(row).unwrap())
            .collect()
    }
}

/// Rows of a table as a session reads them.
pub(crate) async fn rows<R: TableRow>(session: &PgMetropolis) -> Vec<R> {
    Copy::new(session).await.0.of()
}

/// A command as the room sees it.
pub(crate) async fn command(session: &PgMetropolis, id: SubmissionId) -> Command {
    rows::<Command>(session).await.into_iter().find(|c| c.command_id.0 == id.0).unwrap()
}
