//! Short forms of the campaigns on a real PostgreSQL with real processes: a few seconds of what `cargo xtask prove` does
//! at length.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vigie_tests::prove::histories::{self, Plan};
use vigie_tests::prove::{field, gap, kill, link, rights, storage};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_fail_in_every_way_lose_nothing() {
    let seen = link::short(&program(), 1).await.unwrap();
    assert!(seen.faults.is_empty(), "{:#?}", seen.faults);
    assert!(seen.trials.len() > 5 && seen.commands > 0, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_is_said_and_loses_nothing_and_damage_is_told_from_loss() {
    let stored = storage::campaign(&program(), 4, 1).await.unwrap();
    assert!(stored.faults.is_empty() && stored.damage.faults.is_empty(), "{stored:#?}");
    // Where this machine does not let a disk fail, the campaign says so; what can be tried was.
    assert_eq!(stored.disks.len() + stored.not_permitted.len(), storage::Disk::ALL.len());
    assert!(stored.damage.replicas > 4 && stored.damage.refused > 2, "{:?}", stored.damage);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_city_of_a_campaign_has_the_rights_of_the_matrix() {
    let report = rights::campaign().await.unwrap();
    assert!(report.faults.is_empty() && report.cells > 1_000, "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_reach_devices_once_and_in_time_while_all_between_them_fails() {
    let plan = field::Plan { program: program(), commands: 45, desks: 3, rate: 3.0, speed: 4.0, faults: 0.1, seed: 1 };
    let fielded = field::campaign(&plan).await.unwrap();
    assert!(fielded.faults.is_empty(), "{:#?}", fielded.faults);
    assert!(fielded.received > 15 && fielded.ended.contains_key("confirmed"), "{fielded:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_r2_a_gateway_that_publishes_again_or_ignores_lives_is_seen_by_the_devices() {
    for (planted, rule) in field::PLANTED {
        let said = field::planted(&program(), planted).await.unwrap();
        assert!(said.iter().any(|fault| fault.rule == rule), "{planted:?}: {said:#?}");
    }
}
