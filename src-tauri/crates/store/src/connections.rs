//! The connections to one file: a few that read, one that writes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Sqlite, Transaction};
use vigie_core::port::StoreError;

use crate::error::store;
use crate::files::PAGE;
use crate::key::FileKey;

/// Enough for the map, a sheet, a search and a list at the same moment.
const READERS: u32 = 4;

/// Memory for the pages that a write touches, in KiB as SQLite counts it (below zero): a return after hours touches a page of
/// the indexes many times, and each look at it on the disk is a decryption.
const WRITER_CACHE: &str = "-16384";

const BEGIN: &str = "BEGIN IMMEDIATE";

/// Connections to one file, opened on first use.
#[derive(Debug)]
pub(crate) struct Connections {
    path: PathBuf,
    readers: SqlitePool,
    writer: SqlitePool,
}

/// How the pages of a file are authenticated (zetetic.net/sqlcipher/sqlcipher-api, *`cipher_hmac_algorithm`*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// As `SQLCipher` does by itself: what is nowhere else is in such files, and they stay readable.
    Sha512,
    /// For copies, written by hundreds of pages at each look: half the work where a processor computes SHA-256 itself
    /// (measured at 5,000 rows a second: 13 % of a core instead of 18 %).
    Sha256,
}

/// How any file of this crate is opened: with its key, and without a word of it in a log.
pub(crate) fn unlocked(path: &Path, key: &FileKey, seal: Seal) -> SqliteConnectOptions {
    // sqlx says these pragmas before all others. It also logs its statements, and the first one holds the key.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .pragma("key", key.literal())
        .disable_statement_logging();
    match seal {
        Seal::Sha512 => options,
        Seal::Sha256 => options.pragma("cipher_hmac_algorithm", "HMAC_SHA256"),
    }
}

/// How a file that stays is opened: the write-ahead log, and no hurry to give up on a lock.
pub(crate) fn options(path: &Path, key: &FileKey, seal: Seal, synchronous: SqliteSynchronous) -> SqliteConnectOptions {
    unlocked(path, key, seal)
        .page_size(PAGE as u32)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(Duration::from_secs(5))
        // A log that grew during a long read shrinks again at the next checkpoint.
        .pragma("journal_size_limit", "33554432")
}

impl Connections {
    /// Connections to `path` as `options` say.
    pub(crate) fn to(path: &Path, options: SqliteConnectOptions) -> Self {
        // Files do not go stale like sockets: no connection is tried before use, none is replaced for its age.
        let pool = |max| SqlitePoolOptions::new().max_connections(max).test_before_acquire(false).max_lifetime(None);
        Self {
            path: path.to_owned(),
            readers: pool(READERS).connect_lazy_with(options.clone().pragma("query_only", "1")),
            writer: pool(1).idle_timeout(None).connect_lazy_with(options.pragma("cache_size", WRITER_CACHE)),
        }
    }

    /// A connection to read with.
    pub(crate) async fn read(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(|e| store(&self.path, &e))
    }

    /// The one transaction that writes; rolled back when dropped.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let failed = |e: sqlx::Error| store(&self.path, &e);
        loop {
            match self.writer.begin_with(BEGIN).await {
                // A full disk makes SQLite end the transaction by itself, which sqlx does not see: it goes on counting it,
                // and would refuse every other on this connection. Another task may spend the next one as well before it
                // is our turn; each of these turns is paid by a write that the disk refused, so this ends.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    let spent = self.writer.acquire().await.map_err(failed)?;
                    spent.detach().close().await.map_err(failed)?;
                }
                begun => return begun.map_err(failed),
            }
        }
    }

    /// Waits for what is under way, then lets go of the file.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        // The last connection to close folds the write-ahead log into the file; only the writer may.
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_that_a_full_disk_ended_does_not_stop_those_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox.sqlite");
        let options =
            options(&path, &FileKey::new([1; 32]), Seal::Sha512, SqliteSynchronous::Full).create_if_missing(true);
        let connections = Connections::to(&path, options);
        for _ in 0..3 {
            let mut transaction = connections.write().await.unwrap();
            // What SQLite does itself when the disk is full (sqlite.org/lang_transaction.html, 3.1).
            sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
            assert!(transaction.commit().await.is_err());
        }
        let transaction = connections.write().await.unwrap();
        transaction.commit().await.unwrap();
    }
}
