//! The real window, through the program's own `--check`: the map is drawn, a command is confirmed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test expects and does not get fails it")]

use serde_json::Value;
use vigie_tests::{Rehearsal, Said, Vigie, finish};

/// The one line on standard output.
fn report(said: &Said) -> Value {
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 1, "one line and no more: {}", said.out);
    serde_json::from_str(lines[0]).unwrap()
}

#[test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
fn the_window_draws_the_training_city_and_sees_a_command_confirmed() {
    let said = finish(Vigie::Window.command().unwrap().args(["--check", "--objects", "36000"])).unwrap();
    let report = report(&said);
    assert!(report["points"].as_u64().unwrap() > 30_000, "{report}");
    assert!(report["first_paint_ms"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(report["command"], "confirmed");
    assert_eq!(report["link"], "live");
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn the_window_works_on_a_postgresql_that_vigiectl_loaded_and_plays() {
    let rehearsal = Rehearsal::start(3_000).await.unwrap();
    let report = report(&finish(rehearsal.window().unwrap().arg("--check")).unwrap());
    assert!(report["points"].as_u64().unwrap() > 2_000, "{report}");
    assert_eq!(report["command"], "confirmed");
    assert_eq!(report["link"], "live");
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn on_a_live_metropolis_the_check_only_reads() {
    let rehearsal = Rehearsal::load(1_000).await.unwrap();
    // Nothing of ours can do this; only the server's superuser can, to stand for a real city here.
    let mut owner = rehearsal.database.connect().await.unwrap();
    let live = "SET session_replication_role = replica; UPDATE vigie.metropolis SET mode = 'live'";
    sqlx::raw_sql(live).execute(&mut owner).await.unwrap();

    let report = report(&finish(rehearsal.window().unwrap().arg("--check")).unwrap());
    assert_eq!(report["command"], "skipped");
    let (commands,): (i64,) = sqlx::query_as("SELECT count(*) FROM vigie.command").fetch_one(&mut owner).await.unwrap();
    assert_eq!(commands, 0);
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn a_metropolis_that_asks_for_a_password_fails_the_check_with_what_to_do() {
    let rehearsal = Rehearsal::load(1_000).await.unwrap();
    let said = finish(rehearsal.window().unwrap().arg("--check").env_remove("PGPASSFILE").env("HOME", "/nonexistent"))
        .unwrap();
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("PGPASSFILE"), "{}", said.err);
    assert_eq!(said.out, "");
}
