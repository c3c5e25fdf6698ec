//! Who may open the files of an account here, with or without the metropolis.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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

/// Seals the key under the password that the metropolis accepts, so that it opens the files during a cut.
#[derive(Default)]
pub(crate) struct Sealing {
    open: OnceLock<(KeyFolder, FileKey)>,
    sealed_at: Mutex<Option<Timestamp>>,
}

impl Sealing {
    /// The files were opened with this key.
    pub(crate) fn opened(&self, keys: KeyFolder, key: FileKey) {
        // Opened twice by one account: the key is the same.
        let _ = self.open.set((keys, key));
    }

    /// Another password was typed: it is sealed at once when it is accepted.
    pub(crate) fn typed(&self) {
        *self.sealed_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The metropolis refused this account: what it was accepted with before no longer opens the files during a cut.
    pub(crate) fn refused(&self, password: Option<Password>) {
        let Some((keys, _)) = self.open.get().cloned() else { return };
        self.typed();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = keys.refuse(password.as_ref().map(Password::expose)) {
                tracing::error!(%error, "a refused account may still open its files during a cut");
            }
        });
    }

    /// The metropolis accepted this account, with this password or without one.
    pub(crate) fn accepted(&self, password: Option<Password>) {
        let Some((keys, key)) = self.open.get().cloned() else { return };
        let now = MachineClock.now().wall;
        {
            let mut sealed_at = self.sealed_at.lock().unwrap_or_else(PoisonError::into_inner);
            if sealed_at.is_some_and(|at| now.since(at) < SEAL_AGAIN) {
                return;
            }
            *sealed_at = Some(now);
        }
        tokio::task::spawn_blocking(move || {
            if let Err(error) = keys.accept(&key, password.as_ref().map(Password::expose), now) {
                tracing::warn!(%error, "this account will not open its files during a cut");
            }
        });
    }
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
