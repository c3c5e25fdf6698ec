//! The rivers' program as it runs: a real program on a real server, asking services that a test plays on this machine.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the lints' exceptions for tests do not see their helpers; a deadline of the test itself runs on the machine's clock"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{PgConnection, Row};
use uuid::Uuid;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_core::port::MetropolisMode;
use vigie_core::rights::Role;
use vigie_core::table::{Equipment, TableRow};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, Password};
use vigie_testkit::postgres::{Database, Server};

const PASSWORD: &str = "rehearsal";
const DEADLINE: Duration = Duration::from_secs(60);

/// What the services answer from now on: status and body, by the beginning of what is asked.
type Answers = Arc<Mutex<Vec<(&'static str, u16, String)>>>;

/// Both services, on one address.
struct Services {
    address: String,
    answers: Answers,
    asked: Arc<AtomicUsize>,
}

impl Services {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (answers, asked) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        let (play, count) = (answers.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(path) = question(&stream) else { continue };
                count.fetch_add(1, Ordering::SeqCst);
                let known = play.lock().unwrap();
                let answer = known.iter().find(|(begins, ..)| path.starts_with(begins));
                let (status, body) = answer.map_or((404, ""), |(_, status, body)| (*status, body.as_str()));
                let head =
                    format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = (&stream).write_all((head + body).as_bytes());
            }
        });
        Self { address, answers, asked }
    }

    fn answer(&self, begins: &'static str, status: u16, body: &Value) {
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(known, ..)| *known != begins);
        answers.push((begins, status, body.to_string()));
    }
}

fn question(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    Some(first.split(' ').nth(1)?.to_owned())
}

struct City {
    folder: tempfile::TempDir,
    database: Database,
    watch: PgConnection,
    now: Timestamp,
    login: String,
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl City {
    async fn new(services: &Services) -> Self {
        let database = Server::shared().unwrap().database().await.unwrap();
        let mut admin =
            Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
        admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
        let now = admin.info().await.unwrap().server_time;
        let gauge = Equipment {
            equipment_id: EquipmentId(Uuid::from_u128(7)),
            reference: "H-1".into(),
            name: "Ouche à Plombières".into(),
            kind: EquipmentKind::Gauge,
            insee_code: "21485".into(),
            street: String::new(),
            lon: 4.98,
            lat: 47.33,
            attributes: json!({"river": "L'Ouche", "share": 0.1}),
            service_id: None,
        };
        admin.load_rows(&Equipment::SPEC, &[gauge.to_row()]).await.unwrap();
        let login = format!("rivers_{}", database.name());
        admin.create_login(&login, &Password::new(PASSWORD), Role::Gateway, None, None).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let passfile = folder.path().join("pass");
        std::fs::write(&passfile, format!("*:*:*:*:{PASSWORD}\n")).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&passfile, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let address = &services.address;
        let file = format!(
            "[hubeau]\naddress = \"{address}/hubeau\"\n[[hubeau.station]]\ncode = \"U132401001\"\nreference = \"H-1\"\n\
             [vigicrues]\naddress = \"{address}/vigicrues\"\nterritories = [\"18\"]\nreaches = [\"ouche\"]\n"
        );
        std::fs::write(folder.path().join("rivers.toml"), file).unwrap();
        let watch = database.connect().await.unwrap();
        Self { folder, database, watch, now, login }
    }

    fn program(&self) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie-gateway"));
        command
            .args(["--rivers", "rivers.toml", "--metropolis", &self.database.url(&self.login)])
            .env("PGPASSFILE", self.folder.path().join("pass"))
            .env_remove("PGPASSWORD")
            .env("NO_PROXY", "127.0.0.1")
            .current_dir(self.folder.path())
            .stderr(Stdio::null());
        Program(command.spawn().unwrap())
    }

    /// Waits until a query that gives one text gives this one.
    async fn until(&mut self, sql: &'static str, wanted: &str) {
        let begun = Instant::now();
        loop {
            let row = sqlx::query(sql).fetch_one(&mut self.watch).await.unwrap();
            let found: Option<String> = row.get(0);
            if found.as_deref() == Some(wanted) {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "never {wanted}: {found:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A row shaped after one that was recorded by others from the live service (Chooz).
    fn measure(&self, minutes_ago: i64, mm: f64) -> Value {
        let at = Timestamp((self.now.0 / 1_000 - minutes_ago * 60) * 1_000).to_string();
        json!({"code_station": "U132401001", "grandeur_hydro": "H", "date_obs": at, "resultat_obs": mm,
               "code_qualification_obs": 16, "code_continuite": 0})
    }
}

fn national(at: Timestamp, features: &[(&str, i64)]) -> Value {
    let feature = |(code, level): &(&str, i64)| {
        json!({"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[5.0, 47.3], [5.1, 47.3]]},
               "properties": {"CdEntCru": code, "lbentcru": "Ouche amont", "cdensup_1": "18", "NivInfViCr": level}})
    };
    json!({"features": features.iter().map(feature).collect::<Vec<_>>(), "DtHrInfoVigiCru": at.to_string()})
}

#[tokio::test]
async fn heights_and_colours_come_to_the_metropolis_and_a_service_that_fails_holds_the_other_up_not() {
    let services = Services::start();
    let mut city = City::new(&services).await;
    let rows = [(60, 900.0), (45, 910.0), (30, 920.0), (15, 930.0)].map(|(minutes, mm)| city.measure(minutes, mm));
    let page = json!({"count": 4, "next": format!("{}/hubeau/next", services.address), "data": &rows[..2]});
    services.answer("/hubeau/observations_tr", 206, &page);
    services.answer("/hubeau/next", 200, &json!({"count": 4, "next": null, "data": &rows[2..]}));
    services.answer("/vigicrues", 500, &json!("oops"));
    let _program = city.program();

    city.until("SELECT max(reading ->> 'height_mm') FROM vigie.equipment_state", "930.0").await;
    city.until("SELECT max(reading ->> 'trend_mm_h') FROM vigie.equipment_state", "40.0").await;
    city.until("SELECT count(*)::text FROM vigie.state_history", "4").await;
    city.until("SELECT max(error) FROM vigie.source WHERE code = 'vigicrues'", "service_error").await;
    city.until("SELECT (max(contact_at) IS NOT NULL)::text FROM vigie.source WHERE code = 'hubeau'", "true").await;
}

#[tokio::test]
async fn a_reach_has_its_colour_and_a_second_program_waits_for_the_seat() {
    let services = Services::start();
    let mut city = City::new(&services).await;
    let hour = Timestamp(city.now.0 / 3_600_000 * 3_600_000);
    services.answer("/hubeau", 200, &json!({"count": 0, "next": null, "data": []}));
    services.answer("/vigicrues", 200, &national(hour, &[("OU1", 3), ("OU2", 9)]));
    let first = city.program();
    let colours =
        "SELECT string_agg(code || '=' || coalesce(vigilance, 'unknown'), ' ' ORDER BY code) FROM vigie.river_reach";
    city.until(colours, "OU1=orange OU2=unknown").await;
    let attributed = "SELECT max(name) FROM vigie.source WHERE code = 'vigicrues'";
    city.until(attributed, "© VIGICRUES").await;

    // Another program of the account asks nobody while the first one lives, and takes over when it does not.
    let asked = services.asked.load(Ordering::SeqCst);
    services.answer("/vigicrues", 200, &national(Timestamp(hour.0 + 1), &[("OU2", 1)]));
    let _second = city.program();
    city.until("SELECT count(*)::text FROM vigie.field_seat WHERE until > clock_timestamp()", "1").await;
    assert_eq!(services.asked.load(Ordering::SeqCst), asked);
    drop(first);
    city.until(colours, "OU1=unknown OU2=green").await;
}
