//! Houses as they run: real programs on a real server, killed, stopped and resumed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "the lints' exceptions for tests do not see their helpers; a deadline of the test itself runs on the machine's clock"
)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row};
use vigie_core::port::MetropolisMode;
use vigie_core::rights::Role;
use vigie_metropolis::{Admin, Password};
use vigie_testkit::postgres::{Database, Server};

const PASSWORD: &str = "rehearsal";
const DEADLINE: Duration = Duration::from_secs(60);

struct Room {
    folder: tempfile::TempDir,
    database: Database,
    admin: Admin,
    watch: PgConnection,
    login: String,
}

impl Room {
    async fn new() -> Self {
        let database = Server::shared().unwrap().database().await.unwrap();
        let mut admin =
            Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
        admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
        let login = format!("house_{}", database.name());
        admin.create_login(&login, &Password::new(PASSWORD), Role::House, None, None).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let passfile = folder.path().join("pass");
        std::fs::write(&passfile, format!("*:*:*:*:{PASSWORD}\n")).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&passfile, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let watch = database.connect().await.unwrap();
        Self { folder, database, admin, watch, login }
    }

    fn house(&self) -> House {
        self.house_with(&[])
    }

    fn house_with(&self, more: &[&str]) -> House {
        let child = Command::new(env!("CARGO_BIN_EXE_vigie-gateway"))
            .args(["--house", "--metropolis", &self.database.url(&self.login)])
            .args(more)
            .env("PGPASSFILE", self.folder.path().join("pass"))
            .env_remove("PGPASSWORD")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        House(child)
    }

    /// Term and holder of the seat, and how many seals there are.
    async fn seat(&mut self) -> (i64, Option<String>, i64) {
        let row =
            sqlx::query("SELECT term, holder::text, (SELECT count(*) FROM vigie.journal_seal) FROM vigie.house_seat")
                .fetch_one(&mut self.watch)
                .await
                .unwrap();
        (row.get(0), row.get(1), row.get(2))
    }

    async fn until(
        &mut self,
        what: &str,
        met: impl Fn(&(i64, Option<String>, i64)) -> bool,
    ) -> (i64, Option<String>, i64) {
        let begun = Instant::now();
        loop {
            let seat = self.seat().await;
            if met(&seat) {
                return seat;
            }
            assert!(begun.elapsed() < DEADLINE, "never {what}: {seat:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A building that burns, as its gateway reported it.
    async fn burn(&mut self) {
        sqlx::raw_sql(
            "INSERT INTO vigie.equipment (equipment_id, reference, name, kind, insee_code, street, lon, lat, attributes)
             VALUES ('00000000-0000-0000-0000-000000000001', 'BAT-001', 'École', 'building', '21231', '', 5, 47, '{}');
             INSERT INTO vigie.equipment_state (equipment_id, reading, quality, observed_at, received_at, source, reach, mode, version, control_version)
             VALUES ('00000000-0000-0000-0000-000000000001', '{\"fire\": true}', 'good', vigie.now(), vigie.now(), 'bms', 'reachable', 'programme', 1, 1)",
        )
        .execute(&mut self.watch)
        .await
        .unwrap();
    }

    /// How many alarms, the furthest escalation, how many notices, how many of them sent.
    async fn alarms(&mut self) -> (i64, i64, i64, i64) {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM vigie.alarm), (SELECT coalesce(max(escalation), 0) FROM vigie.alarm),
                    (SELECT count(*) FROM vigie.notice), (SELECT count(sent_at) FROM vigie.notice)",
        )
        .fetch_one(&mut self.watch)
        .await
        .unwrap();
        (row.get(0), row.get(1), row.get(2), row.get(3))
    }

    async fn until_alarms(&mut self, wanted: (i64, i64, i64, i64)) {
        let begun = Instant::now();
        loop {
            let now = self.alarms().await;
            if now == wanted {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "{now:?} instead of {wanted:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A row in the journal, from someone who asks.
    async fn act(&mut self) {
        sqlx::raw_sql(
            "INSERT INTO vigie.journal (at, login, kind, status, payload_sha256) VALUES (vigie.now(), 'test', 'command', 'applied', '')",
        )
        .execute(&mut self.watch)
        .await
        .unwrap();
    }
}

struct House(Child);

impl House {
    fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn another_house_takes_over_from_one_that_was_killed_and_the_chain_goes_on() {
    let mut room = Room::new().await;
    let first = room.house();
    room.until("seated", |(term, holder, _)| *term == 1 && holder.is_some()).await;
    let second = room.house();
    room.act().await;
    room.until("sealed", |(_, _, seals)| *seals > 0).await;
    first.signal("KILL");
    let (term, _, seals) = room.until("taken over", |(term, holder, _)| *term == 2 && holder.is_some()).await;
    assert_eq!(term, 2);
    room.act().await;
    room.until("sealed again", |(_, _, now)| *now > seals).await;
    assert_eq!(room.admin.verify_journal().await.unwrap().broken, None);
    // Asked to end, it gives the seat back.
    second.signal("TERM");
    room.until("given back", |(_, holder, _)| holder.is_none()).await;
}

#[tokio::test]
async fn a_house_that_slept_through_its_lease_finds_its_term_past() {
    let mut room = Room::new().await;
    let sleeper = room.house();
    let (_, before, _) = room.until("seated", |(term, holder, _)| *term == 1 && holder.is_some()).await;
    sleeper.signal("STOP");
    let _other = room.house();
    let (_, holder, _) = room.until("taken over", |(term, holder, _)| *term == 2 && holder.is_some()).await;
    assert_ne!(before, holder);
    sleeper.signal("CONT");
    // It may go on living: the seat and every seal from now on are the other's.
    let (_, _, seals) = room.seat().await;
    for _ in 0..3 {
        room.act().await;
        let so_far = room.seat().await.2;
        room.until("sealed", |(_, _, now)| *now > so_far).await;
    }
    let terms: Vec<i64> = sqlx::query("SELECT DISTINCT term FROM vigie.journal_seal WHERE seal_id > $1")
        .bind(seals)
        .fetch_all(&mut room.watch)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!((room.seat().await.1, terms), (holder, vec![2]));
}

#[cfg(unix)]
#[tokio::test]
async fn an_untaken_priority_1_reaches_the_person_on_call_although_the_house_that_raised_it_was_killed() {
    let mut room = Room::new().await;
    let (told, program) = (room.folder.path().join("told"), room.folder.path().join("page"));
    std::fs::write(&program, format!("#!/bin/sh\ncat >> '{}'\n", told.display())).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let notify = ["--notify", program.to_str().unwrap()];
    room.burn().await;
    let first = room.house_with(&notify);
    room.until_alarms((1, 0, 0, 0)).await;
    first.signal("KILL");
    let _second = room.house_with(&notify);
    // Six minutes pass at once.
    sqlx::raw_sql("SELECT vigie.set_clock(vigie.now() + interval '6 minutes', 1)")
        .execute(&mut room.watch)
        .await
        .unwrap();
    room.until_alarms((1, 2, 1, 1)).await;
    let said = std::fs::read_to_string(&told).unwrap();
    assert_eq!(said.lines().count(), 1, "he is told once: {said}");
    assert!(said.contains("\"reason\":\"untaken\""), "{said}");
}

#[tokio::test]
async fn an_account_that_is_no_house_is_told_so_and_the_program_ends() {
    let mut room = Room::new().await;
    let login = format!("gateway_{}", room.database.name());
    room.admin.create_login(&login, &Password::new(PASSWORD), Role::Gateway, None, None).await.unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vigie-gateway"))
        .args(["--house", "--metropolis", &room.database.url(&login)])
        .env("PGPASSFILE", room.folder.path().join("pass"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("role house"), "{said}");
}
