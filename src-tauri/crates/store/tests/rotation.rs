//! A new key for files that hold something: interrupted anywhere, nothing is lost.

#![allow(clippy::unwrap_used, reason = "what helps a test may fail it")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use common::{EQUIPMENT, cut, entry, identity, light, queued};
use tempfile::tempdir;
use vigie_core::port::{Outbox as _, Replica as _, StoreError};
use vigie_core::time::Timestamp;
use vigie_store::key::{KeyFolder, MachineStore, MachineStoreError};
use vigie_store::rotation::{Step, resume, rotate};
use vigie_store::{FileKey, outbox, replica};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// A host without a store: both keys are files, which outlive the program that is killed.
struct NoStore;

impl MachineStore for NoStore {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, MachineStoreError> {
        Err(MachineStoreError::Absent("a test".into()))
    }
    fn set(&self, _: &str, _: &[u8]) -> Result<(), MachineStoreError> {
        Err(MachineStoreError::Absent("a test".into()))
    }
    fn delete(&self, _: &str) -> Result<(), MachineStoreError> {
        Ok(())
    }
}

fn keys(dir: &Path) -> KeyFolder {
    KeyFolder::of(dir, Arc::new(NoStore), |bytes| {
        std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, bytes)
    })
    .unwrap()
}

/// A folder with something in both files, as a program that was killed leaves it: its log not folded in.
async fn fill(dir: &Path, key: &FileKey) {
    let outbox = outbox::open(dir, key).await.unwrap();
    for n in 1..=20 {
        outbox.add(&entry(n), &queued()).await.unwrap();
    }
    outbox.close().await;
    let replica = replica::open(dir, key).await.unwrap();
    let mut copy = replica.rebuild().await.unwrap();
    copy.rows(EQUIPMENT, (1..=500).map(light).collect()).await.unwrap();
    copy.finish(cut(1), identity()).await.unwrap();
    replica.close().await;
}

async fn is_whole(dir: &Path, key: &FileKey) {
    let outbox = outbox::open(dir, key).await.unwrap();
    assert_eq!(outbox.open_entries().await.unwrap().len(), 20);
    outbox.close().await;
    let replica = replica::open(dir, key).await.unwrap();
    assert_eq!(*replica.opening(), replica::Opening::Kept);
    assert_eq!(replica.scan(EQUIPMENT).await.unwrap().len(), 500);
    assert_eq!(replica.search("prefecture", 9).await.unwrap().hits.len(), 9);
    replica.close().await;
}

#[tokio::test]
async fn files_get_another_key_with_which_the_same_password_opens_them_and_the_former_opens_nothing() {
    let dir = tempdir().unwrap();
    let keys = keys(dir.path());
    let former = keys.by_machine().unwrap();
    keys.accept(&former, Some("mot de passe"), NOW).unwrap();
    fill(dir.path(), &former).await;
    let steps = Mutex::new(Vec::new());
    let key =
        rotate(&keys, Some(("mot de passe", NOW)), &|step| steps.lock().unwrap().push(step.clone())).await.unwrap();
    assert_ne!(key, former);
    assert_eq!(
        (keys.by_machine().unwrap(), keys.by_password("mot de passe", NOW).unwrap()),
        (key.clone(), key.clone())
    );
    is_whole(dir.path(), &key).await;
    assert!(matches!(outbox::open(dir.path(), &former).await, Err(StoreError::Unreadable { .. })));
    assert_eq!(steps.lock().unwrap().len(), 6, "kept, twice two, done");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "machine.key" || name == "turning.sqlite"), "{left:?}");
}

#[tokio::test]
async fn without_the_password_at_hand_the_metropolis_is_needed_once_and_the_session_still_opens_nothing() {
    let dir = tempdir().unwrap();
    let keys = keys(dir.path());
    let former = keys.by_machine().unwrap();
    keys.accept(&former, Some("mot de passe"), NOW).unwrap();
    let key = rotate(&keys, None, &|_| ()).await.unwrap();
    assert_eq!(keys.by_password("mot de passe", NOW), Err(StoreError::OnlineNeeded));
    assert_eq!(keys.by_session(NOW), Err(StoreError::PasswordNeeded));
    keys.accept(&key, Some("mot de passe"), NOW).unwrap();
    assert_eq!(keys.by_password("mot de passe", NOW), Ok(key));
}

#[tokio::test]
async fn a_damaged_outbox_stops_the_rotation_and_keeps_both_keys() {
    let dir = tempdir().unwrap();
    let keys = keys(dir.path());
    let former = keys.by_machine().unwrap();
    fill(dir.path(), &former).await;
    let path = dir.path().join("outbox.sqlite");
    let whole = std::fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[5000] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    assert!(matches!(rotate(&keys, None, &|_| ()).await, Err(StoreError::Unreadable { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), damaged, "what cannot be read is left as it is");
    // Restored, it goes on.
    std::fs::write(&path, &whole).unwrap();
    let key = resume(&keys, &|_| ()).await.unwrap().unwrap();
    is_whole(dir.path(), &key).await;
}

#[tokio::test]
async fn a_session_is_believed_for_seven_days_after_the_metropolis_last_believed_it() {
    let dir = tempdir().unwrap();
    let keys = keys(dir.path());
    let key = keys.by_session(NOW).unwrap();
    keys.accept(&key, None, NOW).unwrap();
    let later = |days: u64| NOW.plus(Duration::from_hours(24 * days));
    assert_eq!(keys.by_session(later(6)), Ok(key.clone()));
    assert_eq!(keys.by_session(later(8)), Err(StoreError::OfflineTooLong));
    keys.accept(&key, None, later(8)).unwrap();
    assert_eq!(keys.by_session(later(9)), Ok(key));
}

/// Not a test: the program that [`a_rotation_killed_at_any_step_loses_nothing_and_is_ended_at_the_next_start`] kills. It
/// waits after each step, so that the kill falls there.
#[tokio::test]
#[ignore = "run by another test, with a folder"]
async fn rotates_and_waits_after_each_step() {
    let Some(dir) = std::env::var_os("VIGIE_TEST_ROTATES") else { return };
    let wait = |step: &Step| {
        println!("step {step:?}");
        let mut go = String::new();
        std::io::stdin().read_line(&mut go).unwrap();
    };
    rotate(&keys(Path::new(&dir)), None, &wait).await.unwrap();
}

#[tokio::test]
async fn a_rotation_killed_at_any_step_loses_nothing_and_is_ended_at_the_next_start() {
    for last in 1..=6 {
        let dir = tempdir().unwrap();
        let keys = keys(dir.path());
        fill(dir.path(), &keys.by_machine().unwrap()).await;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "rotates_and_waits_after_each_step", "--ignored", "--nocapture"])
            .env("VIGIE_TEST_ROTATES", dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut go = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        for (rank, _) in (1..).zip(lines.filter(|line| line.contains("step "))) {
            if rank == last {
                break;
            }
            std::io::Write::write_all(&mut go, b"go\n").unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let resumed = resume(&keys, &|_| ()).await.unwrap();
        assert_eq!(resumed.is_some(), last < 6, "at step {last}");
        is_whole(dir.path(), &keys.by_machine().unwrap()).await;
    }
}
