//! `keys.json`: where the key of a folder's files is kept, and with which password it opens.
//!
//! Guarantees: a folder that holds an encrypted file is never given another key; what a person typed opens the files only
//! after the metropolis accepted it once, and for [`OFFLINE_LIFE`] after it last did.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_core::port::StoreError;
use vigie_core::time::Timestamp;

use crate::error::{disk, unreadable};
use crate::files::{length, make_folder};
use crate::key::machine::{MachineStore, MachineStoreError, OwnerFile, write_private};
use crate::key::wrap::{self, Wrapped};
use crate::key::{FileKey, LENGTH};
use crate::plain::is_plain;

/// How long a password that the metropolis accepted opens the files without it.
pub const OFFLINE_LIFE: Duration = Duration::from_hours(7 * 24);

const FILE: &str = "keys.json";
const VERSION: u32 = 1;

/// Fills a buffer with random bytes fit for keys.
pub type Random = fn(&mut [u8]) -> std::io::Result<()>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Keeper {
    /// The system's store.
    System,
    /// `machine.key`.
    File,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Keys {
    version: u32,
    keeper: Keeper,
    /// Sealed under the password with which the metropolis last accepted this account here.
    password: Option<Wrapped>,
}

/// The key of one folder. Every call may block: on the system's store, or on Argon2id.
#[derive(Clone)]
pub struct KeyFolder {
    dir: PathBuf,
    store: Arc<dyn MachineStore>,
    random: Random,
}

impl KeyFolder {
    /// The keys of the files in `dir`, which is made when it is not there.
    pub fn of(dir: &Path, store: Arc<dyn MachineStore>, random: Random) -> Result<Self, StoreError> {
        make_folder(dir)?;
        Ok(Self { dir: dir.to_owned(), store, random })
    }

    /// The key as this machine keeps it for its user; made when the folder holds nothing encrypted yet.
    pub fn by_machine(&self) -> Result<FileKey, StoreError> {
        let Some(keys) = self.read()? else { return self.create() };
        let kept = match keys.keeper {
            Keeper::System => self.store.get(&self.entry()).map_err(|e| locked(&e))?,
            Keeper::File => OwnerFile::of(&self.dir).get().map_err(|e| disk(&self.dir.join("machine.key"), &e))?,
        };
        kept.as_deref().and_then(FileKey::from_slice).ok_or_else(|| StoreError::KeyMissing { file: FILE.to_owned() })
    }

    /// As [`Self::by_machine`], for an account that signs in with a password and has not typed it: refused once a password
    /// opens these files.
    pub fn without_password(&self) -> Result<FileKey, StoreError> {
        if self.read()?.is_some_and(|keys| keys.password.is_some()) {
            return Err(StoreError::PasswordNeeded);
        }
        self.by_machine()
    }

    /// The key for who types the password of the account, at `now`. [`StoreError::WrongPassword`] and
    /// [`StoreError::OfflineTooLong`] leave the last word to the metropolis: once it accepts him, ask [`Self::by_machine`].
    pub fn by_password(&self, password: &str, now: Timestamp) -> Result<FileKey, StoreError> {
        let Some(wrapped) = self.read()?.and_then(|keys| keys.password) else {
            // Nobody signed in here with a password that was accepted: the files hold nothing of the metropolis yet, or
            // belong to an account that the session itself vouches for.
            return self.by_machine();
        };
        let key = wrap::unwrap(&wrapped, password).ok_or(StoreError::WrongPassword)?;
        // A clock set back does not lengthen it for long: the metropolis's own time is what `proven_at` was taken from.
        if now.since(wrapped.proven_at) > OFFLINE_LIFE {
            return Err(StoreError::OfflineTooLong);
        }
        Ok(key)
    }

    /// Remembers that the metropolis accepted this password at `now`: it opens the files during a cut from now on, and the
    /// former one no longer does.
    pub fn accept(&self, key: &FileKey, password: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut keys = self.read()?.ok_or_else(|| StoreError::KeyMissing { file: FILE.to_owned() })?;
        let (mut salt, mut nonce) = ([0; wrap::SALT], [0; wrap::NONCE]);
        self.draw(&mut salt)?;
        self.draw(&mut nonce)?;
        keys.password = wrap::wrap(key, password, now, salt, nonce);
        self.write(&keys)
    }

    /// Forgets the key: without it, what is left of the files is noise.
    pub fn forget(&self) -> Result<(), StoreError> {
        let Some(keys) = self.read()? else { return Ok(()) };
        match keys.keeper {
            Keeper::System => self.store.delete(&self.entry()).map_err(|e| locked(&e))?,
            Keeper::File => OwnerFile::of(&self.dir).delete().map_err(|e| disk(&self.dir.join("machine.key"), &e))?,
        }
        std::fs::remove_file(self.dir.join(FILE)).map_err(|e| disk(&self.dir.join(FILE), &e))
    }

    fn create(&self) -> Result<FileKey, StoreError> {
        // A file made with a key that is gone must not be written over with another.
        let outbox = self.dir.join(crate::outbox::FILE);
        if length(&outbox)?.is_some_and(|long| long > 0) && !is_plain(&outbox)? {
            return Err(StoreError::KeyMissing { file: FILE.to_owned() });
        }
        let mut bytes = [0; LENGTH];
        self.draw(&mut bytes)?;
        let key = FileKey::new(bytes);
        let keeper = self.keep(&key)?;
        self.write(&Keys { version: VERSION, keeper, password: None })?;
        Ok(key)
    }

    /// Gives the key to the system's store and reads it back; to a file where there is none.
    fn keep(&self, key: &FileKey) -> Result<Keeper, StoreError> {
        let entry = self.entry();
        match self.store.set(&entry, key.expose()).and_then(|()| self.store.get(&entry)) {
            Ok(Some(kept)) if kept.as_slice() == key.expose() => return Ok(Keeper::System),
            Ok(_) => tracing::warn!("the key store of this session forgets: the key is kept in a file"),
            Err(MachineStoreError::Absent(why)) => {
                tracing::warn!(why, "this host has no key store: the key is kept in a file that only its owner reads");
            }
            Err(error @ MachineStoreError::Locked(_)) => return Err(locked(&error)),
        }
        OwnerFile::of(&self.dir).set(key.expose()).map_err(|e| disk(&self.dir.join("machine.key"), &e))?;
        Ok(Keeper::File)
    }

    fn read(&self) -> Result<Option<Keys>, StoreError> {
        let path = self.dir.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk(&path, &error)),
        };
        let keys: Keys = serde_json::from_slice(&text).map_err(|e| unreadable(&path, e.to_string()))?;
        if keys.version > VERSION {
            return Err(StoreError::Newer {
                file: FILE.to_owned(),
                found: i64::from(keys.version),
                known: i64::from(VERSION),
            });
        }
        Ok(Some(keys))
    }

    fn write(&self, keys: &Keys) -> Result<(), StoreError> {
        let path = self.dir.join(FILE);
        let text = serde_json::to_vec_pretty(keys).map_err(|e| unreadable(&path, e.to_string()))?;
        write_private(&path, &text).map_err(|e| disk(&path, &e))
    }

    fn draw(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        (self.random)(bytes).map_err(|e| disk(&self.dir.join(FILE), &e))
    }

    /// The folder's own name in the store: two folders never share a key.
    fn entry(&self) -> String {
        std::path::absolute(&self.dir).unwrap_or_else(|_| self.dir.clone()).display().to_string()
    }
}

fn locked(error: &MachineStoreError) -> StoreError {
    StoreError::KeyLocked { reason: error.to_string() }
}
