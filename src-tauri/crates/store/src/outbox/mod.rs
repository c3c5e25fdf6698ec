//! The outbox: what was written here and is not yet confirmed by the metropolis.
//!
//! Guarantees: an entry is on the disk before [`Outbox::add`] returns; nothing is deleted; a file that cannot be read or
//! comes from a newer Vigie is an error, and stays as it was, byte for byte; a copy is made before each migration.

mod entries;
mod opening;
mod records;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, query};
use vigie_core::command::CommandState;
use vigie_core::ids::{CommandId, GroupId};
use vigie_core::port::{GroupHead, Outbox, OutboxChange, OutboxEntry, StoreError, StoredEvent};

pub use opening::forget_backups;

use crate::connections::Connections;
use crate::error::store;
use crate::key::FileKey;

pub(crate) const FILE: &str = "outbox.sqlite";
const CREATING: &str = "outbox.creating.sqlite";
/// Copies before a migration are called by the schema that they come before.
pub(crate) const BACKUP: &str = "outbox.before-";
/// How long such a copy is kept: it holds what people wrote.
const BACKUP_LIFE: Duration = Duration::from_hours(7 * 24);

static MIGRATIONS: Migrator = sqlx::migrate!("src/outbox/migrations");

/// The outbox in `outbox.sqlite`. Cloning it gives another handle on the same one.
#[derive(Debug, Clone)]
pub struct SqliteOutbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    connections: Connections,
}

/// Opens the outbox of a folder with its key, or makes it where there is none. One that an earlier Vigie left in clear is
/// encrypted first.
pub async fn open(dir: &Path, key: &FileKey) -> Result<SqliteOutbox, StoreError> {
    let path = opening::prepare(dir, key, &MIGRATIONS).await?;
    let connections = Connections::to(&path, opening::options(&path, key));
    Ok(SqliteOutbox { inner: Arc::new(Inner { path, connections }) })
}

impl SqliteOutbox {
    /// Waits for what is under way, folds the log into the file and lets go of it. Calls after it fail.
    pub async fn close(&self) {
        self.inner.connections.close().await;
    }

    async fn entries(&self, sql: String, limit: i64) -> Result<Vec<OutboxEntry>, StoreError> {
        let path = &self.inner.path;
        let mut reader = self.inner.connections.read().await?;
        let rows = query(AssertSqlSafe(sql)).bind(limit).fetch_all(&mut *reader).await.map_err(|e| store(path, &e))?;
        rows.iter().map(|row| entries::entry(path, row)).collect()
    }
}

#[async_trait]
impl Outbox for SqliteOutbox {
    /// An entry that is there under its id stays as it is, and its position is returned: a caller who did not hear the
    /// first answer may ask again.
    async fn add(&self, entry: &OutboxEntry, event: &StoredEvent) -> Result<i64, StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        let (position, added) = entries::insert(path, &mut transaction, entry).await?;
        if added {
            entries::append(path, &mut transaction, position, event).await?;
        }
        transaction.commit().await.map_err(|e| store(path, &e))?;
        Ok(position)
    }

    async fn advance(&self, entry: &OutboxEntry, from: CommandState, event: &StoredEvent) -> Result<bool, StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        let Some(position) = entries::compare_and_set(path, &mut transaction, entry, from).await? else {
            return Ok(false);
        };
        entries::append(path, &mut transaction, position, event).await?;
        transaction.commit().await.map_err(|e| store(path, &e))?;
        Ok(true)
    }

    async fn write(&self, changes: &[OutboxChange]) -> Result<Option<Vec<i64>>, StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        let mut positions = Vec::new();
        for change in changes {
            if !entries::change(path, &mut transaction, change, &mut positions).await? {
                return Ok(None);
            }
        }
        transaction.commit().await.map_err(|e| store(path, &e))?;
        Ok(Some(positions))
    }

    async fn group(&self, id: GroupId) -> Result<Option<GroupHead>, StoreError> {
        let mut reader = self.inner.connections.read().await?;
        entries::head(&self.inner.path, &mut reader, id).await
    }

    async fn open_entries(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        let sql = format!("SELECT {} FROM entry WHERE outbox <> 'done' ORDER BY position LIMIT ?", entries::COLUMNS);
        self.entries(sql, -1).await
    }

    async fn recent(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let sql = format!("SELECT {} FROM entry ORDER BY position DESC LIMIT ?", entries::COLUMNS);
        self.entries(sql, i64::from(limit)).await
    }

    async fn entry(&self, id: CommandId) -> Result<Option<OutboxEntry>, StoreError> {
        let path = &self.inner.path;
        let sql = format!("SELECT {} FROM entry WHERE command_id = ?", entries::COLUMNS);
        let mut reader = self.inner.connections.read().await?;
        let row = query(AssertSqlSafe(sql))
            .bind(id.0.as_bytes().to_vec())
            .fetch_optional(&mut *reader)
            .await
            .map_err(|e| store(path, &e))?;
        row.map(|row| entries::entry(path, &row)).transpose()
    }

    async fn events(&self, id: CommandId) -> Result<Vec<StoredEvent>, StoreError> {
        let path = &self.inner.path;
        let sql = format!(
            "SELECT {} FROM event v JOIN entry e ON e.position = v.position WHERE e.command_id = ? ORDER BY v.event_id",
            entries::EVENT_COLUMNS
        );
        let mut reader = self.inner.connections.read().await?;
        let rows = query(AssertSqlSafe(sql))
            .bind(id.0.as_bytes().to_vec())
            .fetch_all(&mut *reader)
            .await
            .map_err(|e| store(path, &e))?;
        rows.iter().map(|row| entries::event(path, row)).collect()
    }
}
