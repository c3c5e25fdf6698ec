//! The key of a folder: who gets it, when, and what happens when it is lost.

// What helps a test is a test too, but only the functions marked so are recognised.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{entry, queued};
use tempfile::tempdir;
use vigie_core::port::{Outbox as _, StoreError};
use vigie_core::time::Timestamp;
use vigie_store::key::{KeyFolder, MachineStore, MachineStoreError, OFFLINE_LIFE, Random};
use vigie_store::{FileKey, outbox};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

#[allow(clippy::unnecessary_wraps, reason = "the shape of what the system gives")]
fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    use std::sync::atomic::{AtomicU8, Ordering};
    static NEXT: AtomicU8 = AtomicU8::new(1);
    bytes.fill_with(|| NEXT.fetch_add(1, Ordering::Relaxed));
    Ok(())
}
const RANDOM: Random = random;

/// A store of the machine, which may be locked or not be there at all.
#[derive(Default)]
struct Store {
    held: Mutex<HashMap<String, Vec<u8>>>,
    trouble: Mutex<Option<MachineStoreError>>,
}

impl Store {
    fn trouble(&self) -> Result<(), MachineStoreError> {
        self.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }
    fn is(&self, trouble: Option<MachineStoreError>) {
        *self.trouble.lock().unwrap() = trouble;
    }
}

impl MachineStore for Store {
    fn get(&self, entry: &str) -> Result<Option<Vec<u8>>, MachineStoreError> {
        self.trouble()?;
        Ok(self.held.lock().unwrap().get(entry).cloned())
    }
    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), MachineStoreError> {
        self.trouble()?;
        self.held.lock().unwrap().insert(entry.to_owned(), secret.to_vec());
        Ok(())
    }
    fn delete(&self, entry: &str) -> Result<(), MachineStoreError> {
        self.trouble()?;
        self.held.lock().unwrap().remove(entry);
        Ok(())
    }
}

fn absent() -> MachineStoreError {
    MachineStoreError::Absent("no session bus".into())
}

fn locked() -> MachineStoreError {
    MachineStoreError::Locked("the keyring is locked".into())
}

#[test]
fn the_systems_store_holds_the_key_and_the_folder_does_not() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let keys = KeyFolder::of(dir.path(), store.clone(), RANDOM).unwrap();
    let key = keys.by_machine().unwrap();
    assert_eq!(keys.by_machine().unwrap(), key, "the same at the next start");
    assert_eq!(store.held.lock().unwrap().len(), 1);
    assert!(!dir.path().join("machine.key").exists());
}

#[test]
fn a_host_without_a_store_keeps_the_key_in_a_file_of_its_owner() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    store.is(Some(absent()));
    let keys = KeyFolder::of(dir.path(), store.clone(), RANDOM).unwrap();
    let key = keys.by_machine().unwrap();
    // A store that appears later does not take the key away.
    store.is(None);
    assert_eq!(keys.by_machine().unwrap(), key);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("machine.key"), mode("keys.json")), (0o600, 0o600));
    }
}

#[test]
fn a_locked_store_is_said_and_never_replaced_by_another_key() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let keys = KeyFolder::of(dir.path(), store.clone(), RANDOM).unwrap();
    store.is(Some(locked()));
    assert!(matches!(keys.by_machine(), Err(StoreError::KeyLocked { .. })), "the first start waits too");
    store.is(None);
    let key = keys.by_machine().unwrap();
    for trouble in [locked(), absent()] {
        store.is(Some(trouble));
        assert!(matches!(keys.by_machine(), Err(StoreError::KeyLocked { .. })));
    }
    store.is(None);
    assert_eq!(keys.by_machine().unwrap(), key);
}

#[tokio::test]
async fn an_encrypted_outbox_whose_key_is_lost_is_never_given_another() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let keys = KeyFolder::of(dir.path(), store.clone(), RANDOM).unwrap();
    let outbox = outbox::open(dir.path(), &keys.by_machine().unwrap()).await.unwrap();
    outbox.add(&entry(1), &queued()).await.unwrap();
    outbox.close().await;
    // The store forgot it.
    store.held.lock().unwrap().clear();
    assert!(matches!(keys.by_machine(), Err(StoreError::KeyMissing { .. })));
    // The file that says where it is kept is gone too.
    fs::remove_file(dir.path().join("keys.json")).unwrap();
    assert!(matches!(keys.by_machine(), Err(StoreError::KeyMissing { .. })));
    assert!(store.held.lock().unwrap().is_empty());
}

#[test]
fn a_password_opens_once_the_metropolis_accepted_it_and_for_seven_days() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let keys = KeyFolder::of(dir.path(), store, RANDOM).unwrap();
    let key = keys.by_password("right", NOW).unwrap();
    keys.accept(&key, Some("right"), NOW).unwrap();
    let later = |days: u64| NOW.plus(Duration::from_hours(24 * days));
    assert_eq!(keys.by_password("right", later(6)), Ok(key.clone()));
    assert_eq!(keys.by_password("wrong", later(6)), Err(StoreError::WrongPassword));
    assert_eq!(
        keys.by_password("right", NOW.plus(OFFLINE_LIFE + Duration::from_secs(1))),
        Err(StoreError::OfflineTooLong)
    );
    assert_eq!(keys.by_session(NOW), Err(StoreError::PasswordNeeded));
    // Accepted again, under another password: the former one is worth nothing.
    keys.accept(&key, Some("changed"), later(8)).unwrap();
    assert_eq!(keys.by_password("changed", later(9)), Ok(key));
    assert_eq!(keys.by_password("right", later(9)), Err(StoreError::WrongPassword));
}

#[test]
fn an_account_that_the_metropolis_refuses_opens_nothing_by_itself_any_more() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let keys = KeyFolder::of(dir.path(), store, RANDOM).unwrap();
    let key = keys.by_machine().unwrap();
    keys.accept(&key, None, NOW).unwrap();
    keys.refuse(None).unwrap();
    assert_eq!(keys.by_session(NOW), Err(StoreError::OfflineTooLong));
    keys.accept(&key, Some("right"), NOW).unwrap();
    keys.refuse(Some("mistyped")).unwrap();
    assert_eq!(keys.by_password("right", NOW), Ok(key.clone()));
    keys.refuse(Some("right")).unwrap();
    assert_eq!(keys.by_password("right", NOW), Err(StoreError::OnlineNeeded));
    keys.accept(&key, Some("right"), NOW).unwrap();
    assert_eq!(keys.by_password("right", NOW), Ok(key));
}

#[test]
fn keys_that_are_forgotten_are_in_no_place_any_more() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let keys = KeyFolder::of(dir.path(), store.clone(), RANDOM).unwrap();
    let key: FileKey = keys.by_machine().unwrap();
    keys.accept(&key, Some("right"), NOW).unwrap();
    keys.forget().unwrap();
    assert!(store.held.lock().unwrap().is_empty());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_ne!(keys.by_machine().unwrap(), key);
}

#[test]
fn a_key_file_of_a_newer_vigie_is_refused_and_unchanged() {
    let (dir, store) = (tempdir().unwrap(), Arc::new(Store::default()));
    let path = dir.path().join("keys.json");
    let text = r#"{"version": 2, "keeper": "system", "password": null}"#;
    fs::write(&path, text).unwrap();
    let keys = KeyFolder::of(dir.path(), store, RANDOM).unwrap();
    assert!(matches!(keys.by_machine(), Err(StoreError::Newer { found: 2, known: 1, .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}
