//! The field as it is worked: the real program on a real PostgreSQL and a real broker, with a device on the other side.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the lints' exceptions for tests do not see their helpers; a deadline of the test itself runs on the machine's clock"
)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, QoS};
use serde_json::{Value, json};
use sqlx::{PgConnection, Row};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;
use vigie_core::command::{CommandOrder, Params, Seen};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, PersonId, ShiftId};
use vigie_core::port::{Metropolis, MetropolisMode};
use vigie_core::rights::Role;
use vigie_core::submission::{OutcomeStatus, Submission};
use vigie_core::table::{Desk, Equipment, EquipmentState, Person, Shift, TableRow};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, ConnectTarget, Password, PgMetropolis};
use vigie_testkit::broker::Broker;
use vigie_testkit::postgres::{Database, Server};

const PASSWORD: &str = "rehearsal";
const DEADLINE: Duration = Duration::from_secs(60);
const PERSON: PersonId = PersonId(Uuid::from_u128(1));
const DESK: DeskId = DeskId(Uuid::from_u128(2));
const SHIFT: ShiftId = ShiftId(Uuid::from_u128(3));
const LIGHTS: u128 = 12;

fn light(n: u128) -> EquipmentId {
    EquipmentId(Uuid::from_u128(0x100 + n))
}

fn reference(n: u128) -> String {
    format!("EC-{n:04}")
}

/// A street of lights, its metropolis, its broker and its operator.
struct Street {
    folder: tempfile::TempDir,
    database: Database,
    broker: Broker,
    admin: Admin,
    watch: PgConnection,
    desk: PgMetropolis,
    gateway: String,
}

impl Street {
    async fn new() -> Self {
        let database = Server::shared().unwrap().database().await.unwrap();
        let mut admin =
            Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
        admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
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
        load(&mut admin, &(0..LIGHTS).map(equipment).collect::<Vec<_>>()).await;
        load(&mut admin, &(0..LIGHTS).map(|n| state(n, now)).collect::<Vec<_>>()).await;
        let login = |role: &str| format!("{role}_{}", database.name());
        let password = Password::new(PASSWORD);
        admin.create_login(&login("desk"), &password, Role::RemoteOperator, Some(PERSON), Some(DESK)).await.unwrap();
        admin.create_login(&login("field"), &password, Role::Gateway, None, None).await.unwrap();
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
        let lines = format!(
            "[[line]]\nname = \"lights\"\nprofile = \"talq\"\nprefix = \"dijon/lights\"\nbroker = \"mqtt://127.0.0.1:{}\"\n",
            broker.port()
        );
        std::fs::write(folder.path().join("field.toml"), lines).unwrap();
        let watch = database.connect().await.unwrap();
        let gateway = login("field");
        Self { folder, database, broker, admin, watch, desk, gateway }
    }

    fn gateway(&self) -> Program {
        let child = Command::new(env!("CARGO_BIN_EXE_vigie-gateway"))
            .arg("--field")
            .arg(self.folder.path().join("field.toml"))
            .args(["--metropolis", &self.database.url(&self.gateway)])
            .env("PGPASSFILE", self.folder.path().join("pass"))
            .env_remove("PGPASSWORD")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Program(child)
    }

    /// An operator dims a light to 40 %.
    async fn dim(&mut self, n: u128) -> CommandId {
        let now = self.admin.info().await.unwrap().server_time;
        let order = CommandOrder {
            command_id: CommandId(Uuid::now_v7()),
            equipment_id: light(n),
            action: "street_light.set_level".into(),
            params: Params::from(json!({"level": 40})),
            issued_at: now,
            expires_at: now.plus(Duration::from_secs(15 * 60)),
            effect_until: Some(now.plus(Duration::from_secs(1_800))),
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
        };
        let outcome = self.desk.submit(&[Submission::command(order.clone())]).await.unwrap().remove(0);
        assert_eq!(outcome.status, OutcomeStatus::Applied, "{outcome:?}");
        order.command_id
    }

    async fn control_version(&mut self, n: u128) -> i64 {
        let row = sqlx::query("SELECT control_version FROM vigie.equipment_state WHERE equipment_id = $1::text::uuid")
            .bind(light(n).0.to_string())
            .fetch_one(&mut self.watch)
            .await
            .unwrap();
        row.get(0)
    }

    async fn command(&mut self, id: CommandId) -> String {
        let row =
            sqlx::query("SELECT concat_ws(' ', state, detail) FROM vigie.command WHERE command_id = $1::text::uuid")
                .bind(id.0.to_string())
                .fetch_one(&mut self.watch)
                .await
                .unwrap();
        row.get(0)
    }

    async fn until_command(&mut self, id: CommandId, wanted: &str) {
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

    async fn until_sql(&mut self, what: &str, sql: &'static str) {
        let begun = Instant::now();
        while !sqlx::query(sql).fetch_one(&mut self.watch).await.unwrap().get::<bool, _>(0) {
            if begun.elapsed() > DEADLINE {
                let states = "SELECT string_agg(concat_ws(' ', state, detail), ', ') FROM vigie.command";
                let states: Option<String> = sqlx::query(states).fetch_one(&mut self.watch).await.unwrap().get(0);
                panic!("never {what}; commands: {states:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn seated(&mut self) {
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

fn equipment(n: u128) -> Equipment {
    Equipment {
        equipment_id: light(n),
        reference: reference(n),
        name: format!("Lampadaire {n}"),
        kind: EquipmentKind::StreetLight,
        insee_code: "21231".into(),
        // Each on a street of its own: no neighbours to darken.
        street: format!("Rue {n}"),
        lon: 5.037,
        lat: 47.325,
        attributes: json!({"rank": 0, "crossing": false, "safety_level": 30}),
    }
}

fn state(n: u128, now: Timestamp) -> EquipmentState {
    EquipmentState {
        equipment_id: light(n),
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
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lighting system on the other side of the broker.
struct Lighting {
    client: AsyncClient,
    heard: UnboundedReceiver<(String, Value, bool)>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Lighting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Lighting {
    async fn new(broker: &Broker) -> Self {
        let mut options = MqttOptions::new(format!("lights-{}", Uuid::now_v7()), "127.0.0.1", broker.port());
        options.set_keep_alive(Duration::from_secs(5));
        let (client, mut events) = AsyncClient::new(options, 100);
        let (tell, heard) = unbounded_channel();
        let (ready, mut subscribed) = unbounded_channel();
        let again = client.clone();
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                        again.subscribe("dijon/lights/+/command", QoS::AtLeastOnce).await.unwrap();
                    }
                    Ok(Event::Incoming(Incoming::SubAck(_))) => {
                        let _ = ready.send(());
                    }
                    Ok(Event::Incoming(Incoming::Publish(m))) => {
                        let _ = tell.send((m.topic, serde_json::from_slice(&m.payload).unwrap(), m.retain));
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        subscribed.recv().await.unwrap();
        Self { client, heard, task }
    }

    /// The next command that arrives: its reference and what it says.
    async fn order(&mut self) -> (String, Value) {
        let (topic, order, kept) = tokio::time::timeout(DEADLINE, self.heard.recv()).await.unwrap().unwrap();
        assert!(!kept, "a command is never kept");
        (topic.split('/').nth(2).unwrap().to_owned(), order)
    }

    async fn say(&self, reference: &str, leaf: &str, what: Value) {
        let topic = format!("dijon/lights/{reference}/{leaf}");
        self.client.publish(topic, QoS::AtLeastOnce, false, what.to_string()).await.unwrap();
    }

    async fn answer(&self, reference: &str, order: &Value) {
        self.say(reference, "answer", json!({"command_id": order["command_id"], "done": true})).await;
    }

    async fn show(&self, reference: &str, order: &Value, at: Timestamp) {
        let target = json!({"level": 40, "expiration": order["override"]["expiration"]});
        let shown = json!({"observed_at": at.to_string(), "target": target, "actual": {"level": 40, "power": 32.0}});
        self.say(reference, "state", shown).await;
    }
}

#[tokio::test]
async fn a_command_goes_to_its_device_and_is_done_once_the_device_shows_it() {
    let mut street = Street::new().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let id = street.dim(0).await;
    let (to, order) = lighting.order().await;
    assert_eq!((to.as_str(), &order["command_id"], &order["override"]["level"]), ("EC-0000", &json!(id), &json!(40)));
    assert!(order["expires_at"].is_string() && order["override"]["expiration"].is_string(), "{order}");
    street.until_command(id, "dispatched").await;
    // R18: the state comes first and is no answer; with the answer it confirms.
    let now = street.admin.info().await.unwrap().server_time;
    lighting.show("EC-0000", &order, now).await;
    street.until_sql("shown", "SELECT EXISTS (SELECT FROM vigie.equipment_state WHERE mode = 'override')").await;
    assert_eq!(street.command(id).await, "dispatched");
    lighting.answer("EC-0000", &order).await;
    street.until_command(id, "confirmed").await;
}

#[tokio::test]
async fn a_device_that_refuses_says_why_and_a_forged_or_doubled_answer_changes_nothing() {
    let mut street = Street::new().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let (first, second) = (street.dim(0).await, street.dim(1).await);
    let orders = [lighting.order().await, lighting.order().await];
    let of = |id: CommandId| orders.iter().find(|(_, order)| order["command_id"] == json!(id)).unwrap();
    // Another device answers for it; so does a command that nobody gave.
    lighting.answer("EC-0007", &of(first).1).await;
    lighting.say("EC-0000", "answer", json!({"command_id": Uuid::now_v7(), "done": true})).await;
    lighting.say("EC-0000", "answer", json!("nonsense")).await;
    let busy = json!({"command_id": first, "done": false, "reason": "lamp_broken"});
    lighting.say("EC-0000", "answer", busy).await;
    street.until_command(first, "failed lamp_broken").await;
    lighting.answer("EC-0000", &of(first).1).await;
    lighting.answer("EC-0001", &of(second).1).await;
    street.until_command(second, "executed").await;
    assert_eq!(street.command(first).await, "failed lamp_broken", "a second word changes nothing");
}

#[tokio::test]
async fn r1_nothing_is_taken_while_the_broker_is_away_and_what_lives_goes_once_when_it_is_back() {
    let mut street = Street::new().await;
    let _gateway = street.gateway();
    street.seated().await;
    street.broker.kill().unwrap();
    let (lives, ends) = (street.dim(0).await, street.dim(1).await);
    sqlx::query(
        "UPDATE vigie.command SET expires_at = vigie.now() + interval '2 seconds' WHERE command_id = $1::text::uuid",
    )
    .bind(ends.0.to_string())
    .execute(&mut street.watch)
    .await
    .unwrap();
    street.until_sql("over", "SELECT bool_or(expires_at < vigie.now()) FROM vigie.command").await;
    assert_eq!(street.command(lives).await, "accepted", "not taken");
    street.broker.resume().unwrap();
    let mut lighting = Lighting::new(&street.broker).await;
    // A gateway that was back before its devices spoke into the void: that order is unknown after its time, never sent again.
    street.until_command(ends, "expired not_dispatched").await;
    let begun = Instant::now();
    while street.command(lives).await == "accepted" {
        assert!(begun.elapsed() < DEADLINE, "never taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let third = street.dim(2).await;
    loop {
        let (_, order) = lighting.order().await;
        assert_ne!(order["command_id"], json!(ends), "over");
        if order["command_id"] == json!(third) {
            break;
        }
    }
}

#[tokio::test]
async fn r14_a_gateway_that_is_killed_publishes_nothing_twice_and_the_next_one_hears_the_answers() {
    let mut street = Street::new().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let first = street.gateway();
    let id = street.dim(0).await;
    let (_, order) = lighting.order().await;
    street.until_command(id, "dispatched").await;
    drop(first);
    let _second = street.gateway();
    street
        .until_sql(
            "another term",
            "SELECT max(term) >= 2 AND bool_and(until > clock_timestamp()) FROM vigie.field_seat",
        )
        .await;
    // Its line opens, and a later order proves that the earlier one did not come again.
    let next = street.dim(1).await;
    let (to, _) = lighting.order().await;
    assert_eq!(to, "EC-0001");
    lighting.answer("EC-0000", &order).await;
    street.until_command(id, "executed").await;
    street.until_command(next, "dispatched").await;
}

#[tokio::test]
async fn of_two_programs_of_a_gateway_one_works_and_each_command_goes_once() {
    let mut street = Street::new().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let programs = [street.gateway(), street.gateway()];
    let mut orders = Vec::new();
    for n in 0..LIGHTS {
        orders.push(street.dim(n).await);
    }
    let mut arrived = Vec::new();
    for _ in 0..LIGHTS {
        arrived.push(lighting.order().await.1["command_id"].clone());
    }
    arrived.sort_by_key(Value::to_string);
    arrived.dedup();
    assert_eq!(arrived.len(), orders.len(), "each once");
    drop(programs);
    assert!(lighting.heard.try_recv().is_err(), "and no more");
}

#[tokio::test]
async fn a_system_that_says_it_is_gone_takes_its_devices_out_of_reach_until_they_speak() {
    let mut street = Street::new().await;
    let lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let gone = "SELECT count(*) FILTER (WHERE reach = 'gateway_lost') = 12 FROM vigie.equipment_state";
    // As its last will, which the broker keeps: heard even by a gateway that comes later.
    lighting.client.publish("dijon/lights/online", QoS::AtLeastOnce, true, "false").await.unwrap();
    street.until_sql("out of reach", gone).await;
    let now = street.admin.info().await.unwrap().server_time;
    lighting.say("EC-0003", "state", json!({"observed_at": now.to_string(), "actual": {"level": 70}})).await;
    let one = "SELECT count(*) FILTER (WHERE reach = 'gateway_lost') = 11 FROM vigie.equipment_state";
    street.until_sql("heard again", one).await;
}
