//! Short forms of the campaigns on a real PostgreSQL with real processes: a few seconds of what `cargo xtask prove` does
//! at length.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vigie_tests::prove::histories::{self, Plan};
use vigie_tests::prove::{gap, kill};

fn program() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_vigie-prove")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workstations_killed_while_they_submit_lose_and_double_nothing() {
    let killed = kill::campaign(&program(), 16, 1).await.unwrap();
    assert!(killed.faults.is_empty(), "{:#?}", killed.faults);
    assert!(killed.kills == 16 && killed.promised > 0 && killed.commands > 0, "{killed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_history_with_partitions_pauses_and_kills_holds_every_promise() {
    let plan =
        Plan { program: program(), runs: 1, trouble: Duration::from_secs(6), at_once: 1, desks: Some(3), seed: 3 };
    let made = histories::campaign(&plan).await.unwrap();
    assert!(made.faults.is_empty(), "{:#?}", made.faults);
    assert!(made.promised > 0 && made.commands > 0 && made.cuts > 0, "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_replica_has_no_gap_and_a_serial_cursor_has() {
    let raced = gap::campaign(1_500, 1).await.unwrap();
    assert_eq!(raced.wrong, 0, "{:#?}", raced.examples);
    assert!(raced.control_wrong > 0 && raced.pulls > 5, "{raced:?}");
}
