//! What SQLite and the file system say, as what a workstation can act on.

use std::path::Path;

use vigie_core::port::StoreError;

/// Name shown in messages: the file's own, without the folders before it.
pub(crate) fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// The file's content is not what it should be.
pub(crate) fn unreadable(path: &Path, reason: impl Into<String>) -> StoreError {
    StoreError::Unreadable { file: shown(path), reason: reason.into() }
}

/// The file system refused.
pub(crate) fn disk(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Disk { file: shown(path), reason: error.to_string() }
}

// Primary result codes (sqlite.org/rescode.html) that speak of the disk, the lock or the permission and not of the content.
const BUSY: i64 = 5;
const LOCKED: i64 = 6;
const READONLY: i64 = 8;
const IOERR: i64 = 10;
const FULL: i64 = 13;
const CANTOPEN: i64 = 14;
const PERM: i64 = 3;
const AUTH: i64 = 23;

/// Maps an error of the database on `path`.
pub(crate) fn store(path: &Path, error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(database) => {
            let reason = database.message().to_owned();
            match primary(&**database) {
                BUSY | LOCKED | READONLY | IOERR | FULL | CANTOPEN | PERM | AUTH => {
                    StoreError::Disk { file: shown(path), reason }
                }
                _ => unreadable(path, reason),
            }
        }
        sqlx::Error::Io(io) => disk(path, io),
        // The connection's thread is gone or all connections are taken: the content is not in question.
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            StoreError::Disk { file: shown(path), reason: error.to_string() }
        }
        other => unreadable(path, other.to_string()),
    }
}

/// Maps an error met while looking at a file that may be thrown away: a page that cannot be read, and a header that
/// forbids writing, are damage like any other.
pub(crate) fn damage(path: &Path, error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(database) if matches!(primary(&**database), READONLY | IOERR) => {
            unreadable(path, database.message())
        }
        other => store(path, other),
    }
}

/// The primary result code.
fn primary(error: &dyn sqlx::error::DatabaseError) -> i64 {
    error.code().and_then(|code| code.parse::<i64>().ok()).unwrap_or(1) & 0xff
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};

    #[tokio::test]
    async fn a_full_disk_is_told_from_a_damaged_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox.sqlite");
        let mut full = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .pragma("max_page_count", "3")
            .connect()
            .await
            .unwrap();
        full.execute("CREATE TABLE note(text TEXT)").await.unwrap();
        let error = full.execute("INSERT INTO note VALUES (hex(zeroblob(100000)))").await.unwrap_err();
        let mapped = store(&path, &error);
        assert!(matches!(&mapped, StoreError::Disk { file, .. } if file == "outbox.sqlite"), "{mapped:?}");

        let error = full.execute("SELECT * FROM nowhere").await.unwrap_err();
        assert!(matches!(store(&path, &error), StoreError::Unreadable { .. }));
    }
}
