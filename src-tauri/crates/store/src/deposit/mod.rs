//! The deposit: what the accounts of one machine leave for each other (R20).
//!
//! One encrypted file for each metropolis, under a key that the machine keeps for the session it runs in. It holds copies:
//! the originals are in the outbox of whoever wrote them, so that a deposit which cannot be read is set aside and begun
//! anew. Guarantees: a record is on the disk before [`Deposit::leave`] returns; several programs may use it at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, query, query_as};
use uuid::Uuid;
use vigie_core::ids::{DeskId, PersonId, RecordId};
use vigie_core::port::{Deposit, Deposited, StoreError};
use vigie_core::time::Timestamp;

use crate::cells::uuid;
use crate::connections::{self, Connections, Seal};
use crate::error::{disk, store, unreadable};
use crate::files::{make_folder, remove_companions};
use crate::key::FileKey;

pub(crate) const FILE: &str = "deposit.sqlite";
const ASIDE: &str = "deposit.set-aside.sqlite";

static MIGRATIONS: Migrator = sqlx::migrate!("src/deposit/migrations");

/// The deposit in `deposit.sqlite`. Cloning it gives another handle on the same one.
#[derive(Debug, Clone)]
pub struct SqliteDeposit {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    connections: Connections,
}

fn options(path: &Path, key: &FileKey) -> SqliteConnectOptions {
    connections::options(path, key, Seal::Sha512, SqliteSynchronous::Full)
        .pragma("secure_delete", "1")
        .create_if_missing(true)
}

/// Opens the deposit of a folder with its key, or makes it where there is none that can be read.
pub async fn open(dir: &Path, key: &FileKey) -> Result<SqliteDeposit, StoreError> {
    make_folder(dir)?;
    let path = dir.join(FILE);
    if let Err(error) = prepare(&path, key).await {
        tracing::warn!(%error, "the deposit could not be read: it is set aside and begun anew");
        let aside = dir.join(ASIDE);
        std::fs::rename(&path, &aside).map_err(|e| disk(&path, &e))?;
        // Without its file a log is noise, and would spoil the new one.
        remove_companions(&path)?;
        prepare(&path, key).await?;
    }
    let connections = Connections::to(&path, options(&path, key));
    Ok(SqliteDeposit { inner: Arc::new(Inner { path, connections }) })
}

async fn prepare(path: &Path, key: &FileKey) -> Result<(), StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let mut connection = options(path, key).connect().await.map_err(failed)?;
    MIGRATIONS.run_direct(None, &mut connection, false).await.map_err(|e| unreadable(path, e.to_string()))?;
    connection.close().await.map_err(failed)
}

fn bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

impl SqliteDeposit {
    /// Waits for what is under way and lets go of the file.
    pub async fn close(&self) {
        self.inner.connections.close().await;
    }
}

#[async_trait]
impl Deposit for SqliteDeposit {
    async fn leave(&self, record: &Deposited) -> Result<(), StoreError> {
        let path = &self.inner.path;
        let body = serde_json::to_string(&record.body).map_err(|e| unreadable(path, e.to_string()))?;
        let mut transaction = self.inner.connections.write().await?;
        query(
            "INSERT INTO left_record (record_id, person_id, desk_id, body, written_at) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (record_id) DO NOTHING",
        )
        .bind(bytes(record.record_id.0))
        .bind(bytes(record.person_id.0))
        .bind(bytes(record.desk_id.0))
        .bind(body)
        .bind(record.written_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|e| store(path, &e))?;
        transaction.commit().await.map_err(|e| store(path, &e))
    }

    async fn take_away(&self, ids: &[RecordId]) -> Result<(), StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        for id in ids {
            query("DELETE FROM left_record WHERE record_id = ?")
                .bind(bytes(id.0))
                .execute(&mut *transaction)
                .await
                .map_err(|e| store(path, &e))?;
        }
        transaction.commit().await.map_err(|e| store(path, &e))
    }

    async fn left(&self) -> Result<Vec<Deposited>, StoreError> {
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        let mut reader = self.inner.connections.read().await?;
        let rows = query(
            "SELECT record_id, person_id, desk_id, body, written_at FROM left_record ORDER BY written_at, record_id",
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let id = |index| uuid(row, index).map_err(failed).map(Option::unwrap_or_default);
                let body: String = row.try_get(3).map_err(failed)?;
                Ok(Deposited {
                    record_id: RecordId(id(0)?),
                    person_id: PersonId(id(1)?),
                    desk_id: DeskId(id(2)?),
                    body: serde_json::from_str(&body).map_err(|e| unreadable(path, e.to_string()))?,
                    written_at: Timestamp(row.try_get(4).map_err(failed)?),
                })
            })
            .collect()
    }

    async fn tell_waiting(&self, account: &str, waiting: u32) -> Result<(), StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        query(
            "INSERT INTO waiting (account, number) VALUES (?, ?) \
             ON CONFLICT (account) DO UPDATE SET number = excluded.number",
        )
        .bind(account.to_owned())
        .bind(i64::from(waiting))
        .execute(&mut *transaction)
        .await
        .map_err(|e| store(path, &e))?;
        transaction.commit().await.map_err(|e| store(path, &e))
    }

    async fn waiting(&self) -> Result<Vec<(String, u32)>, StoreError> {
        let mut reader = self.inner.connections.read().await?;
        query_as("SELECT account, number FROM waiting WHERE number > 0 ORDER BY account")
            .fetch_all(&mut *reader)
            .await
            .map_err(|e| store(&self.inner.path, &e))
    }
}
