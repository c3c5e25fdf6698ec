//! A new key for the files of a folder, in the place of the one they have.
//!
//! Guarantee: wherever it is interrupted, by a crash or by the power, each file is whole under one of two keys, both are
//! kept, and [`resume`] takes it to its end. The order: the new key is kept beside the former; each file is copied beside
//! itself, given the new key there, looked through, flushed and renamed; the new key takes the former's place; the former
//! goes.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, query, query_scalar};
use vigie_core::port::StoreError;
use vigie_core::time::Timestamp;

use crate::connections::{Seal, unlocked};
use crate::error::{disk, shown, store, unreadable};
use crate::files::{flush, length, remove_database, replace};
use crate::key::{FileKey, KeyFolder, Turn};
use crate::{deposit, outbox, replica};

/// A file while it is given its new key.
const TURNING: &str = "turning.sqlite";

/// How far a rotation has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Both keys are kept.
    KeyKept,
    /// The copy of a file has the new key; the file itself has not.
    Copied(String),
    /// A file has the new key.
    Turned(String),
    /// Nothing needs the former key any more.
    Done,
}

/// Gives the files of a folder another key, and says which. No connection may be open on them. `password` is the one that
/// the metropolis accepted at that instant: it opens the files during a cut as before. `told` hears of each step.
pub async fn rotate(
    keys: &KeyFolder,
    password: Option<(&str, Timestamp)>,
    told: &(dyn Fn(&Step) + Sync),
) -> Result<FileKey, StoreError> {
    if let Some(key) = resume(keys, told).await? {
        return Ok(key);
    }
    let turn = keys.begin_turn(password)?;
    told(&Step::KeyKept);
    finish(keys, turn, told).await
}

/// Ends a rotation that was interrupted; the key that the files have now, or none when there was none to end.
pub async fn resume(keys: &KeyFolder, told: &(dyn Fn(&Step) + Sync)) -> Result<Option<FileKey>, StoreError> {
    match keys.turn()? {
        Some(turn) => finish(keys, turn, told).await.map(Some),
        None => Ok(None),
    }
}

async fn finish(keys: &KeyFolder, turn: Turn, told: &(dyn Fn(&Step) + Sync)) -> Result<FileKey, StoreError> {
    let side = keys.dir().join(TURNING);
    // What was set aside as damaged cannot be read to be given another key, and is needed by nobody.
    remove_database(&keys.dir().join(replica::SET_ASIDE))?;
    for path in files(keys.dir())? {
        remove_database(&side)?;
        if opens(&path, &turn.to).await {
            continue;
        }
        match copy(&path, &side, &turn).await {
            // They hold copies; the outbox holds what is nowhere else.
            Err(StoreError::Unreadable { file, reason }) if [replica::FILE, deposit::FILE].contains(&&*file) => {
                tracing::warn!(reason, file, "a local file could not be read: it is removed");
                remove_database(&path)?;
                continue;
            }
            copied => copied?,
        }
        told(&Step::Copied(shown(&path)));
        replace(&side, &path)?;
        told(&Step::Turned(shown(&path)));
    }
    keys.end_turn()?;
    told(&Step::Done);
    Ok(turn.to)
}

/// The encrypted files of a folder: the outbox first.
fn files(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| disk(dir, &e))? {
        let path = entry.map_err(|e| disk(dir, &e))?.path();
        let name = shown(&path);
        let ours = [outbox::FILE, replica::FILE, deposit::FILE].contains(&&*name) || name.starts_with(outbox::BACKUP);
        if ours && name.ends_with(".sqlite") && length(&path)?.is_some_and(|long| long > 0) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// How the pages of one of these files are authenticated.
fn seal(path: &Path) -> Seal {
    if shown(path) == replica::FILE { replica::SEAL } else { Seal::Sha512 }
}

/// Whether a file has this key already.
async fn opens(path: &Path, key: &FileKey) -> bool {
    let Ok(mut connection) = unlocked(path, key, seal(path)).read_only(true).connect().await else { return false };
    let read: Result<i64, _> = query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await;
    let _ = connection.close().await;
    read.is_ok()
}

/// A copy with the new key, whole and on the disk.
async fn copy(path: &Path, side: &Path, turn: &Turn) -> Result<(), StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    // Closing folds the log into the file: then the file alone is all there is.
    let mut connection = unlocked(path, &turn.from, seal(path)).connect().await.map_err(failed)?;
    query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    fs::copy(path, side).map_err(|e| disk(side, &e))?;

    let failed = |e: sqlx::Error| store(side, &e);
    let mut connection = unlocked(side, &turn.from, seal(path)).connect().await.map_err(failed)?;
    // A log would hold pages of both keys.
    query("PRAGMA journal_mode = DELETE").execute(&mut connection).await.map_err(failed)?;
    let rekey = format!("PRAGMA rekey = {}", turn.to.literal());
    query(AssertSqlSafe(rekey)).execute(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;

    let mut connection = unlocked(side, &turn.to, seal(path)).read_only(true).connect().await.map_err(failed)?;
    let verdict: String = query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    if verdict != "ok" {
        return Err(unreadable(path, verdict));
    }
    flush(side)
}
