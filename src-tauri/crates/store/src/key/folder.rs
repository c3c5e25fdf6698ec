//! `keys.json`: where the key of a folder's files is kept, and with which password it opens.
//!
//! Guarantees: a folder that holds an encrypted file is never given another key, save by [`crate::rotation`]; who the
//! metropolis accepted here opens the files without it for [`OFFLINE_LIFE`], by the password that it accepted, or by the
//! session alone when none was ever typed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_core::port::StoreError;
use vigie_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::error::{disk, unreadable};
use crate::files::{length, make_folder};
use crate::key::machine::{MachineStore, MachineStoreError, OwnerFile, write_private};
use crate::key::wrap::{self, Wrapped};
use crate::key::{FileKey, LENGTH};
use crate::plain::is_plain;

/// How long who the metropolis accepted opens the files without it.
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
    /// Which key of this folder it is: grows with each rotation.
    #[serde(default)]
    number: u32,
    /// Sealed under the password with which the metropolis last accepted this account here.
    password: Option<Wrapped>,
    /// A password opened these files once: the session alone no longer does.
    #[serde(default)]
    asks_password: bool,
    /// When the metropolis last accepted this account here.
    #[serde(default)]
    seen_at: Option<Timestamp>,
    /// The key that takes this one's place, while the files go from one to the other.
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Next {
    keeper: Keeper,
    password: Option<Wrapped>,
}

/// Both keys of a rotation under way.
pub(crate) struct Turn {
    pub(crate) from: FileKey,
    pub(crate) to: FileKey,
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
        self.kept(keys.keeper, keys.number)
    }

    /// As [`Self::by_machine`], for who typed nothing: the session vouches for him, for as long after the metropolis last
    /// accepted him. Refused once a password opens these files.
    pub fn by_session(&self, now: Timestamp) -> Result<FileKey, StoreError> {
        match self.read()? {
            Some(keys) if keys.asks_password || keys.password.is_some() => Err(StoreError::PasswordNeeded),
            Some(Keys { seen_at: Some(seen), .. }) if now.since(seen) > OFFLINE_LIFE => Err(StoreError::OfflineTooLong),
            _ => self.by_machine(),
        }
    }

    /// The key for who types the password of the account, at `now`. [`StoreError::WrongPassword`],
    /// [`StoreError::OfflineTooLong`] and [`StoreError::OnlineNeeded`] leave the last word to the metropolis: once it accepts
    /// him, ask [`Self::by_machine`].
    pub fn by_password(&self, password: &str, now: Timestamp) -> Result<FileKey, StoreError> {
        let Some(keys) = self.read()? else { return self.create() };
        let Some(wrapped) = keys.password else {
            // Nobody signed in here with a password that was accepted: the files hold nothing of the metropolis yet, or
            // belong to an account that the session itself vouches for.
            return if keys.asks_password { Err(StoreError::OnlineNeeded) } else { self.by_session(now) };
        };
        let key = wrap::unwrap(&wrapped, password).ok_or(StoreError::WrongPassword)?;
        // A clock set back lengthens it: whoever may set this machine's clock may do worse to it.
        if now.since(wrapped.proven_at) > OFFLINE_LIFE {
            return Err(StoreError::OfflineTooLong);
        }
        Ok(key)
    }

    /// Remembers that the metropolis accepted this account at `now`. A password with which it did opens the files during a
    /// cut from now on, and the former one no longer does.
    pub fn accept(&self, key: &FileKey, password: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        let mut keys = self.known()?;
        keys.seen_at = Some(now);
        if let Some(password) = password {
            keys.password = self.seal(key, password, now)?;
            keys.asks_password = true;
        }
        self.write(&keys)
    }

    /// The metropolis refused this account. With the password that opens these files, or with none: it was withdrawn or
    /// changed, and opens nothing from here on before the metropolis accepts the account again. A password that was only
    /// mistyped changes nothing.
    pub fn refuse(&self, password: Option<&str>) -> Result<(), StoreError> {
        let Some(mut keys) = self.read()? else { return Ok(()) };
        match (&keys.password, password) {
            (Some(wrapped), Some(password)) if wrap::unwrap(wrapped, password).is_some() => keys.password = None,
            (None, None) if keys.seen_at.is_some() => keys.seen_at = Some(Timestamp(0)),
            _ => return Ok(()),
        }
        self.write(&keys)
    }

    /// When the metropolis last accepted this account here.
    pub fn seen_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read()?.and_then(|keys| keys.seen_at))
    }

    /// Forgets the key: without it, what is left of the files is noise.
    pub fn forget(&self) -> Result<(), StoreError> {
        let Some(keys) = self.read()? else { return Ok(()) };
        if let Some(next) = &keys.next {
            self.drop_key(next.keeper, keys.number + 1)?;
        }
        self.drop_key(keys.keeper, keys.number)?;
        std::fs::remove_file(self.dir.join(FILE)).map_err(|e| disk(&self.dir.join(FILE), &e))
    }

    /// Makes the key that takes this one's place, and keeps both until [`Self::end_turn`]. It opens by `password`, accepted
    /// by the metropolis at that instant; without one, the metropolis is needed once before a password opens it.
    pub(crate) fn begin_turn(&self, password: Option<(&str, Timestamp)>) -> Result<Turn, StoreError> {
        let mut keys = self.known()?;
        let from = self.kept(keys.keeper, keys.number)?;
        let to = self.new_key()?;
        let keeper = self.keep(&to, keys.number + 1)?;
        let password = password.map(|(password, now)| self.seal(&to, password, now)).transpose()?.flatten();
        keys.asks_password |= keys.password.is_some();
        keys.next = Some(Next { keeper, password });
        self.write(&keys)?;
        Ok(Turn { from, to })
    }

    /// The rotation that was under way when the program last ended.
    pub(crate) fn turn(&self) -> Result<Option<Turn>, StoreError> {
        let Some(keys) = self.read()? else { return Ok(None) };
        let Some(next) = &keys.next else { return Ok(None) };
        let from = self.kept(keys.keeper, keys.number)?;
        Ok(Some(Turn { from, to: self.kept(next.keeper, keys.number + 1)? }))
    }

    /// Every file has the new key: the former one goes.
    pub(crate) fn end_turn(&self) -> Result<(), StoreError> {
        let mut keys = self.known()?;
        let Some(next) = keys.next.take() else { return Ok(()) };
        let former = (keys.keeper, keys.number);
        (keys.keeper, keys.number, keys.password) = (next.keeper, keys.number + 1, next.password);
        self.write(&keys)?;
        if let Err(error) = self.drop_key(former.0, former.1) {
            tracing::warn!(%error, "a key that opens nothing any more stays in the session's store");
        }
        Ok(())
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    fn create(&self) -> Result<FileKey, StoreError> {
        // A file made with a key that is gone must not be written over with another.
        let outbox = self.dir.join(crate::outbox::FILE);
        if length(&outbox)?.is_some_and(|long| long > 0) && !is_plain(&outbox)? {
            return Err(StoreError::KeyMissing { file: FILE.to_owned() });
        }
        let key = self.new_key()?;
        let keeper = self.keep(&key, 0)?;
        self.write(&Keys {
            version: VERSION,
            keeper,
            number: 0,
            password: None,
            asks_password: false,
            seen_at: None,
            next: None,
        })?;
        Ok(key)
    }

    fn new_key(&self) -> Result<FileKey, StoreError> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        self.draw(bytes.as_mut())?;
        Ok(FileKey::new(*bytes))
    }

    fn seal(&self, key: &FileKey, password: &str, now: Timestamp) -> Result<Option<Wrapped>, StoreError> {
        let (mut salt, mut nonce) = ([0; wrap::SALT], [0; wrap::NONCE]);
        self.draw(&mut salt)?;
        self.draw(&mut nonce)?;
        Ok(wrap::wrap(key, password, now, salt, nonce))
    }

    fn known(&self) -> Result<Keys, StoreError> {
        self.read()?.ok_or_else(|| StoreError::KeyMissing { file: FILE.to_owned() })
    }

    /// A key of this folder, from where it is kept.
    fn kept(&self, keeper: Keeper, number: u32) -> Result<FileKey, StoreError> {
        let kept = match keeper {
            Keeper::System => self.store.get(&self.entry(number)).map_err(|e| locked(&e))?,
            Keeper::File => self.owner_file(number).get().map_err(|e| disk(&self.dir.join("machine.key"), &e))?,
        };
        let kept = kept.map(Zeroizing::new);
        let key = kept.as_deref().and_then(|bytes| FileKey::from_slice(bytes));
        key.ok_or_else(|| StoreError::KeyMissing { file: FILE.to_owned() })
    }

    fn drop_key(&self, keeper: Keeper, number: u32) -> Result<(), StoreError> {
        match keeper {
            Keeper::System => self.store.delete(&self.entry(number)).map_err(|e| locked(&e)),
            Keeper::File => self.owner_file(number).delete().map_err(|e| disk(&self.dir.join("machine.key"), &e)),
        }
    }

    /// Gives the key to the system's store and reads it back; to a file where there is none.
    fn keep(&self, key: &FileKey, number: u32) -> Result<Keeper, StoreError> {
        let entry = self.entry(number);
        match self.store.set(&entry, key.expose()).and_then(|()| self.store.get(&entry)) {
            Ok(Some(kept)) if kept.as_slice() == key.expose() => return Ok(Keeper::System),
            Ok(_) => tracing::warn!("the key store of this session forgets: the key is kept in a file"),
            Err(MachineStoreError::Absent(why)) => {
                tracing::warn!(why, "this host has no key store: the key is kept in a file that only its owner reads");
            }
            Err(error @ MachineStoreError::Locked(_)) => return Err(locked(&error)),
        }
        self.owner_file(number).set(key.expose()).map_err(|e| disk(&self.dir.join("machine.key"), &e))?;
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
    fn entry(&self, number: u32) -> String {
        let folder = std::path::absolute(&self.dir).unwrap_or_else(|_| self.dir.clone()).display().to_string();
        if number == 0 { folder } else { format!("{folder}#{number}") }
    }

    fn owner_file(&self, number: u32) -> OwnerFile {
        let name = if number == 0 { "machine.key".to_owned() } else { format!("machine.{number}.key") };
        OwnerFile::new(self.dir.join(name))
    }
}

fn locked(error: &MachineStoreError) -> StoreError {
    StoreError::KeyLocked { reason: error.to_string() }
}
