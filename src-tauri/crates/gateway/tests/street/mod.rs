//! A street, its metropolis, its broker and its operator, for the tests of the field.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    dead_code,
    unreachable_pub,
    reason = "the lints' exceptions for tests do not see their helpers; a deadline of the test itself runs on the machine's clock; \
              not every test needs every one"
)]

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{PgConnection, Row};
use uuid::Uuid;
use vigie_core::command::{CommandOrder, LiveBegin, Motion, Params, Procedure, Seen, action};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::{
    CommandId, DeskId, EquipmentId, LiveId, PersonId, ProgrammeId, RequestId, ShiftId, SubmissionId,
};
use vigie_core::port::{Metropolis, MetropolisMode};
use vigie_core::programme::ProgrammeKind;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission};
use vigie_core::table::{Desk, Equipment, EquipmentState, Person, Shift, TableRow};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, ConnectTarget, Password, PgMetropolis};
use vigie_testkit::broker::Broker;
use vigie_testkit::postgres::{Database, Server};

pub const PASSWORD: &str = "rehearsal";
pub const DEADLINE: Duration = Duration::from_secs(60);
const PERSON: PersonId = PersonId(Uuid::from_u128(1));
const DESK: DeskId = DeskId(Uuid::from_u128(2));
const SHIFT: ShiftId = ShiftId(Uuid::from_u128(3));
const SECOND: Uuid = Uuid::from_u128(4);

/// An object of the street by its number and kind.
pub type Object = (u128, EquipmentKind);

pub fn id(n: u128) -> EquipmentId {
    EquipmentId(Uuid::from_u128(0x100 + n))
}

pub fn reference(n: u128) -> String {
    format!("EC-{n:04}")
}

pub struct Street {
    pub folder: tempfile::TempDir,
    pub database: Database,
    pub broker: Broker,
    pub admin: Admin,
    pub watch: PgConnection,
    pub desk: PgMetropolis,
    gateway: String,
    house: String,
}

impl Street {
    /// A rehearsal with these objects. `lines` is the field file, in which `BROKER` stands for the broker's address.
    pub async fn new(objects: &[Object], lines: &str) -> Self {
        Self::of(MetropolisMode::Rehearsal, objects, lines).await
    }

    pub async fn of(mode: MetropolisMode, objects: &[Object], lines: &str) -> Self {
        let database = Server::shared().unwrap().database().await.unwrap();
        let mut admin =
            Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
        admin.migrate(mode, "Dijon métropole").await.unwrap();
        let login = |role: &str| format!("{role}_{}", database.name());
        let password = Password::new(PASSWORD);
        if mode == MetropolisMode::Rehearsal {
            let now = admin.info().await.unwrap().server_time;
            load(&mut admin, &[Person { person_id: PERSON, display_name: "C. Martin".into() }]).await;
            load(&mut admin, &[Desk { desk_id: DESK, name: "Poste 2".into() }]).await;
            let ends_at = now.plus(Duration::from_secs(8 * 3600));
            let shift = Shift {
                shift_id: SHIFT,
                desk_id: DESK,
                person_id: PERSON,
                role: Role::RemoteOperator,
                opened_at: now,
                ends_at,
                closed_at: None,
            };
            load(&mut admin, &[shift]).await;
            load(&mut admin, &objects.iter().map(equipment).collect::<Vec<_>>()).await;
            load(&mut admin, &objects.iter().map(|object| state(object, now)).collect::<Vec<_>>()).await;
            let (person, desk) = (Some(PERSON), Some(DESK));
            admin.create_login(&login("desk"), &password, Role::RemoteOperator, person, desk).await.unwrap();
        } else {
            admin.create_login(&login("desk"), &password, Role::Gateway, None, None).await.unwrap();
        }
        admin.create_login(&login("field"), &password, Role::Gateway, None, None).await.unwrap();
        admin.create_login(&login("house"), &password, Role::House, None, None).await.unwrap();
        let target = ConnectTarget {
            url: database.url(&login("desk")),
            password: Some(Password::new(PASSWORD)),
            application_name: "vigie test".into(),
        };
        let desk = PgMetropolis::connect(target, DEADLINE).await.unwrap();
        let broker = Broker::start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pass"), format!("*:*:*:*:{PASSWORD}\n")).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(folder.path().join("pass"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let address = format!("mqtt://127.0.0.1:{}", broker.port());
        std::fs::write(folder.path().join("field.toml"), lines.replace("BROKER", &address)).unwrap();
        let watch = database.connect().await.unwrap();
        let (gateway, house) = (login("field"), login("house"));
        Self { folder, database, broker, admin, watch, desk, gateway, house }
    }

    fn program(&self, login: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie-gateway"));
        command
            .env("VIGIE_METROPOLIS", self.database.url(login))
            .env("PGPASSFILE", self.folder.path().join("pass"))
            .env_remove("PGPASSWORD")
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    pub fn gateway(&self) -> Program {
        Program(self.program(&self.gateway).args(["--field", "field.toml"]).spawn().unwrap())
    }

    /// A gateway on a machine whose clock is wrong; none where this machine does not permit it.
    pub fn gateway_with_clock(&self, seconds: i64) -> Option<Program> {
        let clock = vigie_testkit::preload::clock(self.folder.path()).unwrap()?;
        let mut command = self.program(&self.gateway);
        command.args(["--field", "field.toml"]).envs(vigie_testkit::preload::wrong_clock(&clock, seconds));
        Some(Program(command.spawn().unwrap()))
    }

    pub fn house(&self) -> Program {
        Program(self.program(&self.house).arg("--house").spawn().unwrap())
    }

    /// The devices on the other side, which write down what reaches them.
    pub fn devices(&self) -> Program {
        let arguments = ["simulate", "--field", "field.toml", "--log", "devices.jsonl"];
        Program(self.program(&self.gateway).args(arguments).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// What devices wrote down, oldest first.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("devices.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How often devices wrote such a thing of a command.
    pub fn logged(&self, what: &str, id: CommandId) -> usize {
        self.log().iter().filter(|line| line["what"] == what && line["command_id"] == json!(id)).count()
    }

    /// An operator dims a light to 40 %.
    pub async fn dim(&mut self, n: u128) -> CommandId {
        self.ask(n, "street_light.set_level", json!({"level": 40}), Some(Duration::from_secs(1_800))).await
    }

    /// An operator asks something of an object, for a while where it lasts.
    pub async fn ask(&mut self, n: u128, code: &str, params: Value, lasts: Option<Duration>) -> CommandId {
        let order = self.order(n, code, params, lasts).await;
        self.operate(order).await
    }

    /// The same, under an approval.
    async fn ask_under(
        &mut self,
        n: u128,
        code: &str,
        params: Value,
        lasts: Option<Duration>,
        approval_id: Option<RequestId>,
    ) -> CommandId {
        let mut order = self.order(n, code, params, lasts).await;
        order.procedure.approval_id = approval_id;
        self.operate(order).await
    }

    async fn operate(&mut self, order: CommandOrder) -> CommandId {
        let outcome = self.submit(&order).await;
        assert_eq!(outcome.status, OutcomeStatus::Applied, "{outcome:?}");
        order.command_id
    }

    /// An order goes to the metropolis.
    pub async fn submit(&self, order: &CommandOrder) -> Outcome {
        self.desk.submit(&[Submission::command(order.clone())]).await.unwrap().remove(0)
    }

    /// An order as an operator gives it now, not submitted.
    pub async fn order(&mut self, n: u128, code: &str, params: Value, lasts: Option<Duration>) -> CommandOrder {
        let now = self.admin.info().await.unwrap().server_time;
        CommandOrder {
            command_id: CommandId(Uuid::now_v7()),
            equipment_id: id(n),
            action: code.into(),
            params: Params::from(params),
            issued_at: now,
            expires_at: now.plus(action(code).unwrap().class.life()),
            effect_until: lasts.map(|lasts| now.plus(lasts)),
            shift_id: SHIFT,
            desk_id: DESK,
            reason: "appel d'un riverain".into(),
            seen: Seen {
                reading: Reading::default(),
                observed_at: Some(now),
                version: 1,
                control_version: self.control_version(n).await,
            },
            without_visibility: false,
            procedure: Procedure::default(),
        }
    }

    /// A key is pressed on an object; which hold.
    pub async fn press(&mut self, n: u128, motion: Motion) -> LiveId {
        let issued_at = self.admin.info().await.unwrap().server_time;
        let live_id = LiveId(Uuid::now_v7());
        let begin = LiveBegin { live_id, equipment_id: id(n), motion, issued_at, shift_id: SHIFT, desk_id: DESK };
        let submission = Submission::new(live_id.into(), Body::LiveBegin(begin));
        let outcome = self.desk.submit(&[submission]).await.unwrap().remove(0);
        assert_eq!(outcome.status, OutcomeStatus::Applied, "{outcome:?}");
        live_id
    }

    /// Whether something is so now.
    pub async fn holds(&mut self, sql: &'static str) -> bool {
        sqlx::query(sql).fetch_one(&mut self.watch).await.unwrap().get(0)
    }

    /// Two people apply a programme to an object: it is written, and what the second person said stands in the metropolis.
    pub async fn apply(&mut self, n: u128, kind: ProgrammeKind, content: Value) -> (CommandId, String) {
        let programme_id = ProgrammeId(Uuid::now_v7());
        let content = serde_json::from_value(content).unwrap();
        let put = Body::ProgrammePut { programme_id, after: 0, programme_kind: kind, content };
        let written = Submission::new(SubmissionId(Uuid::now_v7()), put);
        let outcome = self.desk.submit(&[written]).await.unwrap().remove(0);
        assert_eq!(outcome.status, OutcomeStatus::Applied, "{outcome:?}");
        let name = format!("{programme_id}/1");
        let request = RequestId(Uuid::now_v7());
        sqlx::query(
            "INSERT INTO vigie.person (person_id, display_name) VALUES ($1, 'S. Bernard') ON CONFLICT DO NOTHING",
        )
        .bind(SECOND)
        .execute(&mut self.watch)
        .await
        .unwrap();
        let objects = json!([{"equipment_id": id(n), "control_version": self.control_version(n).await}]);
        sqlx::query(
            "INSERT INTO vigie.approval_request (request_id, objects, used, action, params, class, consequence, person_id, role, \
             desk_id, shift_id, reason, asked_at, expires_at, state, approver_id, approver_role, approved_at, approval_until) \
             SELECT $1, $2::text::jsonb, '[]', $3, jsonb_build_object('programme', $4::text), 'C', '{}', $5, 'remote_operator', \
             $6, $7, '', n, n + interval '3 minutes', 'approved', $8, 'supervisor', n, n + interval '5 minutes' \
             FROM (SELECT vigie.now() AS n) AS t",
        )
        .bind(request.0)
        .bind(objects.to_string())
        .bind(kind.apply_action())
        .bind(&name)
        .bind(PERSON.0)
        .bind(DESK.0)
        .bind(SHIFT.0)
        .bind(SECOND)
        .execute(&mut self.watch)
        .await
        .unwrap();
        (self.ask_under(n, kind.apply_action(), json!({"programme": name}), None, Some(request)).await, name)
    }

    async fn control_version(&mut self, n: u128) -> i64 {
        let row = sqlx::query("SELECT control_version FROM vigie.equipment_state WHERE equipment_id = $1::text::uuid")
            .bind(id(n).0.to_string())
            .fetch_one(&mut self.watch)
            .await
            .unwrap();
        row.get(0)
    }

    pub async fn command(&mut self, id: CommandId) -> String {
        let row =
            sqlx::query("SELECT concat_ws(' ', state, detail) FROM vigie.command WHERE command_id = $1::text::uuid")
                .bind(id.0.to_string())
                .fetch_one(&mut self.watch)
                .await
                .unwrap();
        row.get(0)
    }

    pub async fn until_command(&mut self, id: CommandId, wanted: &str) {
        let begun = Instant::now();
        loop {
            let state = self.command(id).await;
            if state == wanted {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "never {wanted}: {state}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn until_sql(&mut self, what: &str, sql: &'static str) {
        let begun = Instant::now();
        while !self.holds(sql).await {
            if begun.elapsed() > DEADLINE {
                let states = "SELECT string_agg(concat_ws(' ', state, detail), ', ') FROM vigie.command";
                let states: Option<String> = sqlx::query(states).fetch_one(&mut self.watch).await.unwrap().get(0);
                let read = "SELECT string_agg(concat_ws(' ', reach, mode, reading), ', ') FROM vigie.equipment_state";
                let read: Option<String> = sqlx::query(read).fetch_one(&mut self.watch).await.unwrap().get(0);
                panic!("never {what}; commands: {states:?}; objects: {read:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn seated(&mut self) {
        self.until_sql(
            "seated",
            "SELECT EXISTS (SELECT FROM vigie.field_seat WHERE holder IS NOT NULL AND until > clock_timestamp())",
        )
        .await;
    }
}

async fn load<R: TableRow>(admin: &mut Admin, rows: &[R]) {
    let rows: Vec<_> = rows.iter().map(TableRow::to_row).collect();
    admin.load_rows(&R::SPEC, &rows).await.unwrap();
}

fn equipment((n, kind): &Object) -> Equipment {
    Equipment {
        equipment_id: id(*n),
        reference: reference(*n),
        name: format!("Objet {n}"),
        kind: *kind,
        insee_code: "21231".into(),
        // Each on a street of its own: no neighbours to darken.
        street: format!("Rue {n}"),
        lon: 5.037,
        lat: 47.325,
        attributes: json!({"rank": 0, "crossing": false, "safety_level": 30, "training_reliable": true}),
        service_id: None,
    }
}

fn state((n, _): &Object, now: Timestamp) -> EquipmentState {
    EquipmentState {
        equipment_id: id(*n),
        reading: Reading::from(json!({"level": 70, "power_w": 60, "fault": null})),
        quality: Quality::Good,
        observed_at: Some(now),
        received_at: now,
        source: "lights".into(),
        reach: Reach::Reachable,
        mode: Mode::Programme,
        target: None,
        effect_until: None,
        version: 1,
        control_version: 1,
    }
}

/// The real program; killed when dropped.
pub struct Program(pub Child);

impl Program {
    /// Says a line to it.
    pub fn say(&mut self, line: &str) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
