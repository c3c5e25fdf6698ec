//! The three commands on a real server, as someone types them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the lints' exception for tests does not see their helpers"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{CommandOrder, CommandState, Params, Seen};
use vigie_core::ids::CommandId;
use vigie_core::port::{Metropolis, MetropolisError, SnapshotSink};
use vigie_core::submission::{OutcomeStatus, Submission};
use vigie_core::table::{Command as CommandRow, Equipment, EquipmentState, Row, Shift, TableRow, TableSpec};
use vigie_metropolis::{ConnectTarget, Password, PgMetropolis};
use vigie_testkit::postgres::{Database, Server};
use vigie_training::city::RELIABLE_LIGHT;

/// A database of a server of its own: the logins that `load` makes belong to the whole server.
struct Bench {
    folder: tempfile::TempDir,
    database: Database,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = std::sync::Arc::new(Server::start().unwrap());
        let database = server.database().await.unwrap();
        let bench = Self { folder, database };
        write_passfile(&bench.path("owner"), &format!("*:*:*:*:{}\n", bench.database.owner_password()));
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn vigiectl(&self, passfile: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigiectl"));
        command.env("PGPASSFILE", self.path(passfile)).env_remove("PGPASSWORD").args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.vigiectl("owner", args).output().unwrap()
    }

    fn password_of(&self, login: &str) -> String {
        let text = std::fs::read_to_string(self.path("logins")).unwrap();
        let line = text.lines().find(|l| l.split(':').nth(3) == Some(login)).unwrap();
        line.rsplit(':').next().unwrap().to_owned()
    }
}

fn write_passfile(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Ends the program that it holds, whatever happens to the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Default)]
struct Rows(Vec<(&'static str, Row)>);

#[async_trait]
impl SnapshotSink for Rows {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.0.extend(rows.into_iter().map(|row| (table.name, row)));
        Ok(())
    }
}

async fn all<T: TableRow>(metropolis: &PgMetropolis) -> Vec<T> {
    let mut rows = Rows::default();
    metropolis.snapshot(&mut rows).await.unwrap();
    rows.0.iter().filter(|(name, _)| *name == T::SPEC.name).map(|(_, row)| T::from_row(row).unwrap()).collect()
}

#[tokio::test]
async fn a_rehearsal_is_made_loaded_and_played_and_a_command_is_done() {
    let bench = Bench::new().await;
    let url = bench.database.owner_url();
    let unsaid = bench.run(&["migrate", "--metropolis", &url]);
    assert!(!unsaid.status.success() && said(&unsaid).contains("--rehearsal"), "{}", said(&unsaid));
    let made = bench.run(&["migrate", "--metropolis", &url, "--rehearsal", "--name", "Essai"]);
    assert!(made.status.success() && said(&made).contains("Essai (rehearsal): made"), "{}", said(&made));
    let again = bench.run(&["migrate", "--metropolis", &url]);
    assert!(again.status.success() && said(&again).contains("already up to date"), "{}", said(&again));

    let passfile = bench.path("logins");
    let load =
        ["load", "--training", "--objects", "400", "--metropolis", &url, "--passfile", passfile.to_str().unwrap()];
    let loaded = bench.run(&load);
    assert!(loaded.status.success(), "{}", said(&loaded));
    let secret = bench.password_of("demo_remote_operator");
    assert!(secret.len() >= 32 && !said(&loaded).contains(&secret));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&passfile.metadata().unwrap()) & 0o777, 0o600);
    let twice = bench.run(&load);
    assert!(!twice.status.success() && said(&twice).contains("exists already"), "{}", said(&twice));

    let mut simulate = bench.vigiectl("logins", &["simulate", "--metropolis", &url]);
    let mut running = Running(simulate.stdout(Stdio::piped()).spawn().unwrap());
    let target = ConnectTarget {
        url: bench.database.url("demo_remote_operator"),
        password: Some(Password::new(secret)),
        application_name: "a desk".into(),
    };
    let desk = PgMetropolis::connect(target, Duration::from_secs(10)).await.unwrap();
    let order = dimming(&desk).await;
    let outcomes = desk.submit(&[Submission::command(order.clone())]).await.unwrap();
    assert_eq!((outcomes[0].status, outcomes[0].code.as_deref()), (OutcomeStatus::Applied, None));
    let done = wait_for(&desk, order.command_id).await;
    assert_eq!((done.state, done.detail), (CommandState::Confirmed, None));

    // Asked to end, it says what it did.
    #[cfg(unix)]
    {
        assert!(Command::new("kill").args(["-INT", &running.0.id().to_string()]).status().unwrap().success());
        let mut text = String::new();
        std::io::Read::read_to_string(running.0.stdout.as_mut().unwrap(), &mut text).unwrap();
        assert!(running.0.wait().unwrap().success());
        assert!(text.contains("moves of commands"), "{text}");
    }
}

/// Dims the light on which checks rely.
async fn dimming(desk: &PgMetropolis) -> CommandOrder {
    let me = desk.identity().await.unwrap();
    let light = all::<Equipment>(desk).await.into_iter().find(|e| e.reference == RELIABLE_LIGHT).unwrap();
    let state = all::<EquipmentState>(desk).await.into_iter().find(|s| s.equipment_id == light.equipment_id).unwrap();
    let shift = all::<Shift>(desk).await.into_iter().find(|s| Some(s.person_id) == me.person_id).unwrap();
    CommandOrder {
        command_id: CommandId(Uuid::from_u128(42)),
        equipment_id: light.equipment_id,
        action: "street_light.set_level".into(),
        params: Params::from(json!({"level": 45})),
        issued_at: me.server_time,
        expires_at: me.server_time.plus(Duration::from_secs(600)),
        effect_until: Some(me.server_time.plus(Duration::from_secs(900))),
        shift_id: shift.shift_id,
        desk_id: shift.desk_id,
        reason: String::new(),
        seen: Seen {
            reading: state.reading,
            observed_at: state.observed_at,
            version: state.version,
            control_version: state.control_version,
        },
        without_visibility: false,
        procedure: vigie_core::command::Procedure::default(),
    }
}

async fn wait_for(desk: &PgMetropolis, id: CommandId) -> CommandRow {
    for _ in 0..300 {
        let command = all::<CommandRow>(desk).await.into_iter().find(|c| c.command_id == id).unwrap();
        if command.state.is_final() || command.state == CommandState::Unknown {
            return command;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the field did not answer in thirty seconds");
}

#[tokio::test]
async fn a_live_metropolis_is_neither_loaded_nor_played() {
    let bench = Bench::new().await;
    let url = bench.database.owner_url();
    let made = bench.run(&["migrate", "--metropolis", &url, "--live"]);
    assert!(made.status.success(), "{}", said(&made));
    let passfile = bench.path("logins");
    let loaded = bench.run(&["load", "--training", "--metropolis", &url, "--passfile", passfile.to_str().unwrap()]);
    assert!(!loaded.status.success() && said(&loaded).contains("only a rehearsal"), "{}", said(&loaded));
    assert!(!passfile.exists());
    let played = bench.run(&["simulate", "--speed", "60", "--metropolis", &url]);
    assert!(!played.status.success() && said(&played).contains("only a rehearsal"), "{}", said(&played));
    let other = bench.run(&["migrate", "--metropolis", &url, "--rehearsal"]);
    assert!(!other.status.success(), "{}", said(&other));
}

#[test]
fn an_address_with_a_password_is_refused_by_every_command() {
    for args in [&["migrate"][..], &["load", "--training", "--passfile", "never-made"], &["simulate"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigiectl"));
        let output =
            command.args(args).args(["--metropolis", "postgres://anna:secret@127.0.0.1:1/vigie"]).output().unwrap();
        assert!(!output.status.success());
        assert!(said(&output).contains("PGPASSFILE") && !said(&output).contains("secret"), "{}", said(&output));
    }
    assert!(!Path::new("never-made").exists());
}

#[tokio::test]
async fn accounts_are_opened_listed_locked_and_moved_and_no_password_is_an_argument() {
    let bench = Bench::new().await;
    let owner = bench.database.owner_url();
    assert!(bench.run(&["migrate", "--rehearsal", "--metropolis", &owner]).status.success());
    let at = |login: &str| bench.database.url(login);
    std::fs::write(bench.path("secret"), "first words\n").unwrap();
    std::fs::write(bench.path("secret2"), "other words\n").unwrap();
    let (secret, secret2) = (bench.path("secret").display().to_string(), bench.path("secret2").display().to_string());
    let account = |passfile: &str, url: &str, args: &[&str]| {
        let mut all = vec!["account"];
        all.extend(args);
        all.extend(["--metropolis", url]);
        bench.vigiectl(passfile, &all).stdin(Stdio::null()).output().unwrap()
    };
    let made = account(
        "owner",
        &owner,
        &["create", "it", "--role", "it_admin", "--person", "I. Tavernier", "--password-file", &secret],
    );
    assert!(made.status.success(), "{}", said(&made));
    write_passfile(&bench.path("it"), "*:*:*:*:first words\n");

    // From here on IT does it alone.
    let it = at("it");
    for (args, words) in [
        (vec!["create", "nobody", "--role", "call_agent", "--password-file", &secret], "--person"),
        (vec!["create", "p.durand", "--role", "pilot", "--person", "P. Durand"], "remote_operator"),
        (vec!["create", "p.durand", "--role", "house", "--person", "P. Durand", "--password-file", &secret], "owner"),
        (vec!["create", "p.durand", "--role", "call_agent", "--person", "P. Durand"], "--password-file"),
        (vec!["lock", "somebody"], "no account somebody"),
    ] {
        let refused = account("it", &it, &args);
        assert!(!refused.status.success() && said(&refused).contains(words), "{args:?}: {}", said(&refused));
    }
    for args in [
        vec!["create", "p.durand", "--role", "remote_operator", "--person", "P. Durand", "--password-file", &secret],
        vec!["role", "p.durand", "supervisor"],
        vec!["password", "p.durand", "--password-file", &secret2],
        vec!["lock", "p.durand"],
    ] {
        let done = account("it", &it, &args);
        assert!(done.status.success(), "{args:?}: {}", said(&done));
    }
    let listed = said(&account("it", &it, &["list", "--json"]));
    let line = listed.lines().find(|l| l.contains("p.durand")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["role"], &line["person"], &line["locked"]),
        (&json!("supervisor"), &json!("P. Durand"), &json!(true))
    );
    assert!(said(&account("it", &it, &["list"])).lines().any(|l| l.contains("p.durand") && l.contains("locked")));
    assert!(account("it", &it, &["unlock", "p.durand"]).status.success());
    let target = ConnectTarget {
        url: at("p.durand"),
        password: Some(Password::new("other words")),
        application_name: "test".into(),
    };
    let session = PgMetropolis::connect(target, Duration::from_secs(20)).await.unwrap();
    assert_eq!(session.identity().await.unwrap().role.code(), "supervisor");
}
