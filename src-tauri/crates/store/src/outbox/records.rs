//! Records, drafts and the signing key, beside the commands and in the same file.

use std::path::Path;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection, query, query_scalar};
use uuid::Uuid;
use vigie_core::ids::{RecordId, SubmissionId};
use vigie_core::port::{Draft, Lane, OutboxRecord, RecordMove, Records, StoreError};
use vigie_core::record::{Hand, RecordState};
use vigie_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::cells::uuid;
use crate::error::{disk, store, unreadable};
use crate::key::Random;
use crate::outbox::SqliteOutbox;

const COLUMNS: &str = "position, record_id, submission_id, lane, body, written_at, state, since, detail, refusals";

fn bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

fn record(path: &Path, row: &SqliteRow) -> Result<OutboxRecord, StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let id = |index| uuid(row, index).map_err(failed).map(Option::unwrap_or_default);
    let body: String = row.try_get(4).map_err(failed)?;
    let state: String = row.try_get(6).map_err(failed)?;
    Ok(OutboxRecord {
        position: row.try_get(0).map_err(failed)?,
        record_id: RecordId(id(1)?),
        submission_id: SubmissionId(id(2)?),
        lane: Lane(row.try_get(3).map_err(failed)?),
        body: serde_json::from_str(&body).map_err(|e| unreadable(path, e.to_string()))?,
        written_at: Timestamp(row.try_get(5).map_err(failed)?),
        state: RecordState::from_code(&state)
            .ok_or_else(|| unreadable(path, format!("it holds \"{state}\", which this Vigie does not know")))?,
        since: Timestamp(row.try_get(7).map_err(failed)?),
        detail: row.try_get(8).map_err(failed)?,
        refusals: row.try_get(9).map_err(failed)?,
    })
}

/// One step of one record; a record that is shown by the local copy is erased here.
async fn step(connection: &mut SqliteConnection, moved: &RecordMove) -> Result<bool, sqlx::Error> {
    let RecordMove { record, from } = moved;
    let written = if record.state == RecordState::Shown {
        query("DELETE FROM record WHERE record_id = ? AND state = ?")
            .bind(bytes(record.record_id.0))
            .bind(from.code())
            .execute(connection)
            .await?
    } else {
        query(
            "UPDATE record SET submission_id = ?, state = ?, since = ?, detail = ?, refusals = ? \
             WHERE record_id = ? AND state = ?",
        )
        .bind(bytes(record.submission_id.0))
        .bind(record.state.code())
        .bind(record.since.0)
        .bind(record.detail.clone())
        .bind(i64::from(record.refusals))
        .bind(bytes(record.record_id.0))
        .bind(from.code())
        .execute(connection)
        .await?
    };
    Ok(written.rows_affected() == 1)
}

#[async_trait]
impl Records for SqliteOutbox {
    async fn file(&self, record: &OutboxRecord, draft: Option<&str>) -> Result<i64, StoreError> {
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        let body = serde_json::to_string(&record.body).map_err(|e| unreadable(path, e.to_string()))?;
        let mut transaction = self.inner.connections.write().await?;
        query(
            "INSERT INTO record (record_id, submission_id, lane, body, written_at, state, since, detail, refusals) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record_id) DO NOTHING",
        )
        .bind(bytes(record.record_id.0))
        .bind(bytes(record.submission_id.0))
        .bind(record.lane.0.clone())
        .bind(body)
        .bind(record.written_at.0)
        .bind(record.state.code())
        .bind(record.since.0)
        .bind(record.detail.clone())
        .bind(i64::from(record.refusals))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
        let position = query_scalar("SELECT position FROM record WHERE record_id = ?")
            .bind(bytes(record.record_id.0))
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed)?;
        if let Some(key) = draft {
            query("DELETE FROM draft WHERE key = ?")
                .bind(key.to_owned())
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(position)
    }

    async fn move_records(&self, moves: &[RecordMove]) -> Result<Vec<bool>, StoreError> {
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        let mut moved = Vec::with_capacity(moves.len());
        let mut transaction = self.inner.connections.write().await?;
        for step_of in moves {
            moved.push(step(&mut transaction, step_of).await.map_err(failed)?);
        }
        transaction.commit().await.map_err(failed)?;
        Ok(moved)
    }

    async fn records(&self) -> Result<Vec<OutboxRecord>, StoreError> {
        let path = &self.inner.path;
        let sql = format!("SELECT {COLUMNS} FROM record WHERE state <> 'abandoned' ORDER BY position");
        let mut reader = self.inner.connections.read().await?;
        let rows = query(AssertSqlSafe(sql)).fetch_all(&mut *reader).await.map_err(|e| store(path, &e))?;
        rows.iter().map(|row| record(path, row)).collect()
    }

    async fn next_sequence(&self) -> Result<i64, StoreError> {
        let path = &self.inner.path;
        let mut reader = self.inner.connections.read().await?;
        // SQLite's own note of the last position given, which erasing does not take back.
        query_scalar("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'record'")
            .fetch_one(&mut *reader)
            .await
            .map_err(|e| store(path, &e))
    }

    async fn keep_draft(&self, draft: &Draft) -> Result<(), StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        query(
            "INSERT INTO draft (key, content, saved_at) VALUES (?, ?, ?) \
             ON CONFLICT (key) DO UPDATE SET content = excluded.content, saved_at = excluded.saved_at",
        )
        .bind(draft.key.clone())
        .bind(draft.content.to_string())
        .bind(draft.saved_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|e| store(path, &e))?;
        transaction.commit().await.map_err(|e| store(path, &e))
    }

    async fn discard_draft(&self, key: &str) -> Result<(), StoreError> {
        let path = &self.inner.path;
        let mut transaction = self.inner.connections.write().await?;
        query("DELETE FROM draft WHERE key = ?")
            .bind(key.to_owned())
            .execute(&mut *transaction)
            .await
            .map_err(|e| store(path, &e))?;
        transaction.commit().await.map_err(|e| store(path, &e))
    }

    async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        let mut reader = self.inner.connections.read().await?;
        let rows = query("SELECT key, content, saved_at FROM draft ORDER BY key")
            .fetch_all(&mut *reader)
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let content: String = row.try_get(1).map_err(failed)?;
                Ok(Draft {
                    key: row.try_get(0).map_err(failed)?,
                    content: serde_json::from_str(&content).map_err(|e| unreadable(path, e.to_string()))?,
                    saved_at: Timestamp(row.try_get(2).map_err(failed)?),
                })
            })
            .collect()
    }
}

impl SqliteOutbox {
    /// The key that signs what this account writes here; made of `random` bytes the first time (R20).
    pub async fn hand(&self, random: Random) -> Result<Hand, StoreError> {
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        let mut seed = Zeroizing::new([0_u8; 32]);
        random(seed.as_mut()).map_err(|e| disk(path, &e))?;
        let mut transaction = self.inner.connections.write().await?;
        query("INSERT INTO hand (singleton, seed) VALUES (1, ?) ON CONFLICT (singleton) DO NOTHING")
            .bind(seed.to_vec())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        let kept: Zeroizing<Vec<u8>> = query_scalar("SELECT seed FROM hand")
            .fetch_one(&mut *transaction)
            .await
            .map(Zeroizing::new)
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        <&[u8; 32]>::try_from(kept.as_slice())
            .map(Hand::from_seed)
            .map_err(|_| unreadable(path, "its signing key is not one"))
    }
}
