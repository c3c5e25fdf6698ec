//! The key as the machine keeps it for the person whose session it is: in the system's own store, else in a file.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use keyring::v1::{Entry, Error};

/// Why a store of the machine gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MachineStoreError {
    /// This host has no such store: a file is used instead.
    #[error("this host has no key store: {0}")]
    Absent(String),
    /// There is one and it does not open: it is locked, or its service does not answer.
    #[error("the key store of this session does not open: {0}")]
    Locked(String),
}

/// A place for secrets that the system keeps for a person.
pub trait MachineStore: Send + Sync {
    /// The secret of an entry; none when it holds none.
    fn get(&self, entry: &str) -> Result<Option<Vec<u8>>, MachineStoreError>;
    /// Keeps a secret.
    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), MachineStoreError>;
    /// Forgets a secret; one that is not there is forgotten already.
    fn delete(&self, entry: &str) -> Result<(), MachineStoreError>;
}

/// The name under which the system's store shows our entries.
const SERVICE: &str = "fr.vigie";

/// Secret Service on Linux, Credential Manager on Windows, Keychain on macOS. Calls block: a person may be asked.
#[derive(Debug, Default)]
pub struct SystemStore;

fn said(error: &Error) -> MachineStoreError {
    match error {
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => MachineStoreError::Absent(error.to_string()),
        // Whatever else it says, there is a store, and a key of ours may be in it.
        other => MachineStoreError::Locked(other.to_string()),
    }
}

impl MachineStore for SystemStore {
    fn get(&self, entry: &str) -> Result<Option<Vec<u8>>, MachineStoreError> {
        match Entry::new(SERVICE, entry).and_then(|entry| entry.get_secret()) {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(said(&error)),
        }
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), MachineStoreError> {
        Entry::new(SERVICE, entry).and_then(|entry| entry.set_secret(secret)).map_err(|e| said(&e))
    }

    fn delete(&self, entry: &str) -> Result<(), MachineStoreError> {
        match Entry::new(SERVICE, entry).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(said(&error)),
        }
    }
}

/// The key in `machine.key`, readable by its owner only: the fallback of a host without a store. It keeps the files from
/// whoever gets a copy of them without it (a backup, a disk of the database folder), not from who reads the whole folder.
pub(super) struct OwnerFile {
    path: PathBuf,
}

impl OwnerFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn get(&self) -> std::io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn set(&self, secret: &[u8]) -> std::io::Result<()> {
        write_private(&self.path, secret)
    }

    pub(super) fn delete(&self) -> std::io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Writes a small file beside and renames it, for its owner's eyes only from the first byte on.
pub(super) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let side = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&side)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&side, path)?;
    #[cfg(unix)]
    if let Some(dir) = path.parent() {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}
