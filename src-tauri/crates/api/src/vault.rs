//! Who may open the files of an account here, with or without the metropolis, and who may wipe them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::json;
use vigie_core::port::{Outbox as _, OutboxEntry, OutboxState, StoreError};
use vigie_core::time::{Clock, Timestamp};
use vigie_engine::EngineError;
use vigie_metropolis::Password;
use vigie_store::FileKey;
use vigie_store::key::{KeyFolder, MachineStore, MachineStoreError, SystemStore};

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

/// The key of an account's files, or why it is not given. A password that no longer opens them is put to the metropolis:
/// it may have been changed there, and who is accepted there is at home here.
pub(crate) async fn unlock(keys: &KeyFolder, account: &Account) -> Result<FileKey, ApiError> {
    let now = MachineClock.now().wall;
    let key = match account.password.clone() {
        None if account.asks_password => blocking(keys, KeyFolder::without_password).await,
        None => blocking(keys, KeyFolder::by_machine).await,
        Some(password) => blocking(keys, move |keys| keys.by_password(password.expose(), now)).await,
    };
    match key {
        Err(refused @ (StoreError::WrongPassword | StoreError::OfflineTooLong)) => {
            match account.connector.connect().await {
                Ok(_) => blocking(keys, KeyFolder::by_machine).await.map_err(told),
                Err(error) if error.may_pass() => Err(told(refused)),
                Err(error) => Err(EngineError::from(error).into()),
            }
        }
        key => key.map_err(told),
    }
}

async fn blocking<T: Send + 'static>(
    keys: &KeyFolder,
    ask: impl FnOnce(&KeyFolder) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let keys = keys.clone();
    tokio::task::spawn_blocking(move || ask(&keys)).await.unwrap_or_else(|error| {
        Err(StoreError::KeyLocked { reason: format!("asking for it was interrupted: {error}") })
    })
}

fn told(error: StoreError) -> ApiError {
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

    /// The metropolis accepted this password.
    pub(crate) fn accepted(&self, password: Password) {
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
            if let Err(error) = keys.accept(&key, password.expose(), now) {
                tracing::warn!(%error, "this password will not open the files during a cut");
            }
        });
    }
}

/// Wipes the local files of every account in the data folder, keys first. Refuses while one holds what the metropolis has
/// not got, unless `export` names a new file that takes it. Says how many accounts were wiped.
///
/// # Errors
/// `unsent` when something would be lost, `already_open` when Vigie is running on these files, else what the disk says.
pub async fn forget(launch: &Launch, export: Option<&Path>) -> Result<usize, ApiError> {
    let data = launch.data_dir()?;
    let mut found = Vec::new();
    for folder in folders(&data)? {
        let lock = crate::api::hold(&folder)?;
        let unsent = unsent(launch, &folder).await?;
        found.push((folder, lock, unsent));
    }
    let waiting: usize = found.iter().map(|(_, _, unsent)| unsent.len()).sum();
    match export {
        None if waiting > 0 => {
            return Err(ApiError::new(
                "unsent",
                format!(
                    "{waiting} entries were written here and the metropolis has not confirmed them: reconnect and let them \
                     go, or name a file with --export to take them with you; nothing was wiped"
                ),
            ));
        }
        None => {}
        Some(file) => write_export(file, &found.iter().flat_map(|(_, _, unsent)| unsent).collect::<Vec<_>>())?,
    }
    let wiped = found.len();
    for (folder, lock, _) in found {
        keys(launch, &folder)?.forget().map_err(told)?;
        // Windows does not remove a folder in which a file is held.
        drop(lock);
        std::fs::remove_dir_all(&folder).map_err(|e| crate::api::disk(&folder, &e))?;
    }
    Ok(wiped)
}

/// The folders of accounts: those that hold an outbox or keys.
fn folders(data: &Path) -> Result<Vec<PathBuf>, ApiError> {
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

async fn unsent(launch: &Launch, folder: &Path) -> Result<Vec<OutboxEntry>, ApiError> {
    if !folder.join("outbox.sqlite").exists() {
        return Ok(Vec::new());
    }
    let key = blocking(&keys(launch, folder)?, KeyFolder::by_machine).await.map_err(told)?;
    let outbox = vigie_store::outbox::open(folder, &key).await.map_err(told)?;
    let entries = outbox.open_entries().await.map_err(told);
    outbox.close().await;
    // What was handed over is the metropolis's; the rest exists nowhere else.
    Ok(entries?.into_iter().filter(|entry| entry.outbox == OutboxState::Open).collect())
}

/// One JSON object a line, in a file that did not exist, on the disk before anything is wiped.
fn write_export(file: &Path, entries: &[&OutboxEntry]) -> Result<(), ApiError> {
    use std::io::Write as _;
    let failed = |e: std::io::Error| crate::api::disk(file, &e);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file).map_err(failed)?;
    for entry in entries {
        writeln!(out, "{}", json!(entry)).map_err(failed)?;
    }
    out.sync_all().map_err(failed)
}
