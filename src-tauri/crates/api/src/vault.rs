//! Who may open the files of an account here, with or without the metropolis.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use vigie_core::port::StoreError;
use vigie_core::time::{Clock, Timestamp};
use vigie_engine::EngineError;
use vigie_metropolis::Password;
use vigie_store::key::{KeyFolder, MachineStore, MachineStoreError, SystemStore};
use vigie_store::{FileKey, rotation};

use crate::error::ApiError;
use crate::launch::{KeyPlace, Launch};
use crate::machine::{MachineClock, random};
use crate::source::Account;

/// An accepted password is sealed anew after this long, so that its seven days run from the last good day.
const SEAL_AGAIN: Duration = Duration::from_hours(12);

/// A host that is told to keep its keys in files.
struct NoStore;

impl MachineStore for NoStore {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, MachineStoreError> {
        Err(MachineStoreError::Absent("--keys file".into()))
    }
    fn set(&self, _: &str, _: &[u8]) -> Result<(), MachineStoreError> {
        Err(MachineStoreError::Absent("--keys file".into()))
    }
    fn delete(&self, _: &str) -> Result<(), MachineStoreError> {
        Ok(())
    }
}

/// The keys of a folder, as the program was told to keep them.
pub(crate) fn keys(launch: &Launch, folder: &Path) -> Result<KeyFolder, ApiError> {
    let store: Arc<dyn MachineStore> = match launch.keys {
        KeyPlace::System => Arc::new(SystemStore),
        KeyPlace::File => Arc::new(NoStore),
    };
    KeyFolder::of(folder, store, random).map_err(told)
}

/// The key of an account's files, or why it is not given. A password that does not open them is put to the metropolis: it
/// may have been changed there. If it was, the files get another key: the former password opens no old copy of them.
pub(crate) async fn unlock(keys: &KeyFolder, account: &Account) -> Result<FileKey, ApiError> {
    rotation::resume(keys, &say).await.map_err(told)?;
    let now = MachineClock.now().wall;
    let key = match account.password.clone() {
        None => blocking(keys, move |keys| keys.by_session(now)).await,
        Some(password) => blocking(keys, move |keys| keys.by_password(password.expose(), now)).await,
    };
    match key {
        Err(refused @ (StoreError::WrongPassword | StoreError::OfflineTooLong | StoreError::OnlineNeeded)) => {
            match account.connector.connect().await {
                Ok(_) if refused == StoreError::WrongPassword => {
                    let accepted = account.password.as_ref().map(|password| (password.expose(), now));
                    rotation::rotate(keys, accepted, &say).await.map_err(told)
                }
                Ok(_) => blocking(keys, KeyFolder::by_machine).await.map_err(told),
                Err(error) if error.may_pass() => Err(told(refused)),
                Err(error) => Err(EngineError::from(error).into()),
            }
        }
        key => key.map_err(told),
    }
}

fn say(step: &rotation::Step) {
    tracing::info!(?step, "the local files get another key");
}

/// Gives the files of every account in the data folder another key, and says how many. Until an account has signed in once
/// more while the metropolis answers, its password opens nothing during a cut.
///
/// # Errors
/// `already_open` when Vigie is running on these files, else what the key store or the disk says.
pub async fn rotate_keys(launch: &Launch) -> Result<usize, ApiError> {
    let folders = folders(launch)?;
    let _locks = folders.iter().map(|folder| crate::api::hold(folder)).collect::<Result<Vec<_>, _>>()?;
    for folder in &folders {
        rotation::rotate(&keys(launch, folder)?, None, &say).await.map_err(told)?;
    }
    Ok(folders.len())
}

/// The key of what the accounts of this machine share: the session's own.
pub(crate) async fn machine_key(keys: &KeyFolder) -> Result<FileKey, ApiError> {
    blocking(keys, KeyFolder::by_machine).await.map_err(told)
}

pub(crate) async fn blocking<T: Send + 'static>(
    keys: &KeyFolder,
    ask: impl FnOnce(&KeyFolder) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let keys = keys.clone();
    tokio::task::spawn_blocking(move || ask(&keys)).await.unwrap_or_else(|error| {
        Err(StoreError::KeyLocked { reason: format!("asking for it was interrupted: {error}") })
    })
}

pub(crate) fn told(error: StoreError) -> ApiError {
    EngineError::from(error).into()
}

/// What the metropolis said of an account, with which password.
enum Verdict {
    Accepted(Option<Password>, Timestamp),
    Refused(Option<Password>),
}

/// Seals the key under the password that the metropolis accepts, so that it opens the files during a cut. Sealing takes its
/// time: what is said is written in the order in which it was said, so that the last word stands.
#[derive(Default)]
pub(crate) struct Sealing {
    open: OnceLock<(KeyFolder, FileKey)>,
    sealed_at: Mutex<Option<Timestamp>>,
    /// Said, and not written yet.
    said: Mutex<VecDeque<Verdict>>,
    /// One writes at a time.
    turn: Mutex<()>,
}

impl Sealing {
    /// The files were opened with this key.
    pub(crate) fn opened(&self, keys: KeyFolder, key: FileKey) {
        // Opened twice by one account: the key is the same.
        let _ = self.open.set((keys, key));
    }

    /// Another password was typed: it is sealed at once when it is accepted.
    pub(crate) fn typed(&self) {
        *held(&self.sealed_at) = None;
    }

    /// The metropolis refused this account: what it was accepted with before no longer opens the files during a cut.
    pub(crate) fn refused(self: &Arc<Self>, password: Option<Password>) {
        self.typed();
        self.write(Verdict::Refused(password));
    }

    /// The metropolis accepted this account, with this password or without one.
    pub(crate) fn accepted(self: &Arc<Self>, password: Option<Password>) {
        let now = MachineClock.now().wall;
        {
            let mut sealed_at = held(&self.sealed_at);
            if self.open.get().is_none() || sealed_at.is_some_and(|at| now.since(at) < SEAL_AGAIN) {
                return;
            }
            *sealed_at = Some(now);
        }
        self.write(Verdict::Accepted(password, now));
    }

    fn write(self: &Arc<Self>, verdict: Verdict) {
        let Some((keys, key)) = self.open.get().cloned() else { return };
        held(&self.said).push_back(verdict);
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let _turn = held(&this.turn);
            let next = held(&this.said).pop_front();
            let (written, otherwise) = match next {
                None => return,
                Some(Verdict::Accepted(password, now)) => {
                    let password = password.as_ref().map(Password::expose);
                    (keys.accept(&key, password, now), "this account will not open its files during a cut")
                }
                Some(Verdict::Refused(password)) => {
                    let password = password.as_ref().map(Password::expose);
                    (keys.refuse(password), "a refused account may still open its files during a cut")
                }
            };
            if let Err(error) = written {
                tracing::error!(%error, "{otherwise}");
            }
        });
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folders of accounts: those that hold an outbox or keys.
pub(crate) fn folders(launch: &Launch) -> Result<Vec<PathBuf>, ApiError> {
    let data = &launch.data_dir()?;
    let entries = match std::fs::read_dir(data) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(crate::api::disk(data, &error)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| crate::api::disk(data, &e))?.path();
        if path.join("outbox.sqlite").exists() || path.join("keys.json").exists() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_refusal_has_the_last_word_over_an_acceptance_that_is_still_being_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::of(folder.path(), Arc::new(NoStore), random).unwrap();
        let now = MachineClock.now().wall;
        let (sealing, right) = (Arc::new(Sealing::default()), || Some(Password::new("right")));
        sealing.opened(keys.clone(), keys.by_machine().unwrap());
        for _ in 0..3 {
            sealing.accepted(right());
            sealing.refused(right());
        }
        // The tasks take their turns; a last one of ours comes after them.
        while !held(&sealing.said).is_empty() {
            tokio::task::yield_now().await;
        }
        let turn = sealing.clone();
        tokio::task::spawn_blocking(move || drop(held(&turn.turn))).await.unwrap();
        assert!(matches!(keys.by_password("right", now), Err(StoreError::OnlineNeeded)));
    }
}
