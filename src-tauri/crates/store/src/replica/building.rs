//! A copy being built beside the present one. Nothing there survives a crash: a leftover is removed at the next start.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection, query, raw_sql};
use tokio::sync::OwnedMutexGuard;
use vigie_core::port::{Cut, Identity, Rebuild, ReplicaInfo, StoreError};
use vigie_core::table::{Row, TableSpec};

use crate::cells::{self, sizes};
use crate::connections::unlocked;
use crate::error::{store, unreadable};
use crate::files::{PAGE, flush, remove_database};
use crate::replica::{Inner, SEAL, meta, schema, search, upkeep};

/// Rows in one statement; a row of the widest table has fewer than 31 columns, and SQLite takes 32,766 values.
const BATCH: usize = 1024;

/// A replica in its side file.
pub(super) struct SideFile {
    inner: Arc<Inner>,
    /// None once finished: then the file is no longer ours to remove.
    file: Option<PathBuf>,
    connection: Option<SqliteConnection>,
    waiting: Option<(&'static TableSpec, Vec<Row>)>,
    /// Set while a step is under way: a step that was dropped or failed leaves a file that lacks rows.
    broken: bool,
    /// One copy at a time is built.
    _turn: OwnedMutexGuard<()>,
}

impl SideFile {
    pub(super) async fn begin(inner: Arc<Inner>) -> Result<Self, StoreError> {
        let turn = inner.turn.clone().lock_owned().await;
        let path = inner.building.clone();
        remove_database(&path)?;
        let options = unlocked(&path, &inner.key, SEAL)
            .create_if_missing(true)
            .page_size(PAGE as u32)
            // The file is worth nothing until it is whole, and then it is flushed once.
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .locking_mode(SqliteLockingMode::Exclusive)
            // Rows and sorted index entries only ever go to the end: more is no quicker, and what SQLite sorts is held as well.
            .pragma("cache_size", "-16384");
        let mut this =
            Self { inner, file: Some(path.clone()), connection: None, waiting: None, broken: false, _turn: turn };
        let failed = |e: sqlx::Error| store(&path, &e);
        let mut connection = options.connect().await.map_err(failed)?;
        let begin = schema::tables() + "BEGIN;";
        raw_sql(AssertSqlSafe(begin)).execute(&mut connection).await.map_err(failed)?;
        this.connection = Some(connection);
        Ok(this)
    }

    /// Writes what waits; all of it, or only whole batches.
    async fn write(&mut self, all: bool) -> Result<(), StoreError> {
        let path = &self.inner.building;
        let (Some((table, rows)), Some(connection)) = (self.waiting.as_mut(), self.connection.as_mut()) else {
            return Ok(());
        };
        let whole = if all { rows.len() } else { rows.len() - rows.len() % BATCH };
        let mut ready = rows.drain(..whole);
        for size in sizes(whole, BATCH) {
            let sql = schema::insert(table, size);
            let statement = ready.by_ref().take(size).fold(query(AssertSqlSafe(sql)), cells::bind_row);
            statement.execute(&mut *connection).await.map_err(|e| store(path, &e))?;
        }
        Ok(())
    }

    async fn add(&mut self, table: &'static TableSpec, mut rows: Vec<Row>) -> Result<(), StoreError> {
        cells::check(table, &rows)?;
        if self.waiting.as_ref().is_some_and(|(waiting, _)| waiting.name != table.name) {
            self.write(true).await?;
            self.waiting = None;
        }
        self.waiting.get_or_insert_with(|| (table, Vec::new())).1.append(&mut rows);
        self.write(false).await
    }

    /// Indexes, words, window and what it is a copy of; then everything on the disk.
    async fn complete(&mut self, info: &ReplicaInfo) -> Result<(), StoreError> {
        self.write(true).await?;
        let path = self.inner.building.clone();
        let Some(mut connection) = self.connection.take() else {
            return Err(unreadable(&path, "it is not open"));
        };
        let failed = |e: sqlx::Error| store(&path, &e);
        upkeep::prune(&path, &mut connection, info.cut.at).await?;
        raw_sql(AssertSqlSafe(schema::indexes())).execute(&mut connection).await.map_err(failed)?;
        search::index_all(&path, &mut connection).await?;
        upkeep::number_all(&path, &mut connection).await?;
        meta::set_schema(&path, &mut connection, schema::fingerprint()).await?;
        meta::set_info(&path, &mut connection, info).await?;
        raw_sql("COMMIT").execute(&mut connection).await.map_err(failed)?;
        connection.close().await.map_err(failed)?;
        let flushed = path.clone();
        tokio::task::spawn_blocking(move || flush(&flushed))
            .await
            .map_err(|e| unreadable(&path, format!("its flush was interrupted: {e}")))?
    }

    fn step(&mut self) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.broken, true) {
            return Err(unreadable(&self.inner.building, "a step of the copy was interrupted: begin it again"));
        }
        Ok(())
    }
}

#[async_trait]
impl Rebuild for SideFile {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        self.step()?;
        self.add(table, rows).await?;
        self.broken = false;
        Ok(())
    }

    async fn finish(mut self: Box<Self>, cut: Cut, identity: Identity) -> Result<(), StoreError> {
        self.step()?;
        let generation = self.inner.next_generation();
        self.complete(&ReplicaInfo { identity, cut, generation }).await?;
        // From here a dropped future must not leave the replica between two files, so the exchange is a task of its own.
        let inner = self.inner.clone();
        let path = inner.path.clone();
        let exchange = tokio::spawn(async move {
            inner.exchange(generation).await?;
            self.file = None;
            Ok(())
        });
        exchange.await.map_err(|e| unreadable(&path, format!("the exchange was interrupted: {e}")))?
    }
}

impl Drop for SideFile {
    fn drop(&mut self) {
        self.connection = None;
        if let Some(path) = self.file.take()
            && let Err(error) = remove_database(&path)
        {
            tracing::warn!(%error, "an unfinished copy stays until the next start");
        }
    }
}
