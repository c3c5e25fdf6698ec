//! Opening the replica: kept when it is whole and ours, set aside when it is not. Nothing of it is worth refusing to start.

use std::fs;
use std::path::Path;

use sqlx::sqlite::SqliteSynchronous;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection, query_scalar, raw_sql};
use vigie_core::port::StoreError;

use crate::connections::options;
use crate::error::{damage, shown, store, unreadable};
use crate::files::{beside, is_cut, length, remove_companions, remove_database};
use crate::key::FileKey;
use crate::plain::is_plain;
use crate::replica::{SEAL, adapting, meta, schema};

/// What opening the replica found, so that the screen can say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// The copy of last time.
    Kept,
    /// No file: the first start here.
    New,
    /// Made by an earlier version of Vigie: readable as it is, and copied anew at the next contact.
    Adapted,
    /// Made for other tables, by another version of Vigie: set aside; a full copy is needed.
    OtherSchema,
    /// Damaged or no database: set aside; a full copy is needed.
    SetAside {
        /// What the database says.
        reason: String,
        /// The name that the damaged file has now, until the next full copy is there.
        file: String,
    },
}

/// What a look at the file said.
enum Found {
    Whole { generation: u32 },
    Adapted { generation: u32 },
    OtherSchema,
}

/// Leaves a readable replica at `path`, and says what was found and its generation.
pub(super) async fn prepare(path: &Path, aside: &Path, key: &FileKey) -> Result<(Opening, u32), StoreError> {
    if matches!(length(path)?, None | Some(0)) {
        // A log without its database, or a file whose making was interrupted, holds nothing.
        remove_database(path)?;
        create(path, key).await?;
        return Ok((Opening::New, 0));
    }
    if is_plain(path)? {
        // Of an earlier Vigie, which wrote in clear: it is not set aside, since the next copy is encrypted.
        remove_database(path)?;
        create(path, key).await?;
        return Ok((Opening::OtherSchema, 0));
    }
    let opening = match look(path, key).await {
        Ok(Found::Whole { generation }) => return Ok((Opening::Kept, generation)),
        Ok(Found::Adapted { generation }) => return Ok((Opening::Adapted, generation)),
        Ok(Found::OtherSchema) => Opening::OtherSchema,
        Err(StoreError::Unreadable { reason, .. }) => Opening::SetAside { reason, file: shown(aside) },
        // A disk that refuses says nothing about the content.
        Err(other) => return Err(other),
    };
    set_aside(path, aside)?;
    create(path, key).await?;
    Ok((opening, 0))
}

async fn look(path: &Path, key: &FileKey) -> Result<Found, StoreError> {
    if is_cut(path)? {
        return Err(unreadable(path, "the file is cut short"));
    }
    let mut connection =
        options(path, key, SEAL, SqliteSynchronous::Normal).connect().await.map_err(|e| damage(path, &e))?;
    let found = check(path, &mut connection).await;
    // The file is moved next, which needs every handle closed where handles lock names.
    connection.close().await.map_err(|e| store(path, &e))?;
    found
}

async fn check(path: &Path, connection: &mut SqliteConnection) -> Result<Found, StoreError> {
    check_pages(path, connection).await?;
    if meta::schema(path, connection).await?.as_deref() != Some(schema::fingerprint().as_str()) {
        let adapted = adapting::adapt(path, connection).await?;
        return Ok(adapted.map_or(Found::OtherSchema, |generation| Found::Adapted { generation }));
    }
    let generation = meta::info(path, connection).await?.map_or(0, |info| info.generation);
    Ok(Found::Whole { generation })
}

/// Walks every table that has pages. Not the check of the whole file: that one also compares the words with themselves,
/// which takes as long as all the rest and finds nothing that a search would not survive.
async fn check_pages(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let failed = |e: sqlx::Error| damage(path, &e);
    // A damaged header can make a file that reads well and never takes a change.
    raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut *connection).await.map_err(failed)?;
    let tables: Vec<String> = query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    for table in tables {
        let sql = format!("PRAGMA quick_check({})", schema::quoted(&table));
        let verdict: String = query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await.map_err(failed)?;
        if verdict != "ok" {
            return Err(unreadable(path, verdict));
        }
    }
    Ok(())
}

fn set_aside(path: &Path, aside: &Path) -> Result<(), StoreError> {
    remove_database(aside)?;
    if let Err(error) = fs::rename(path, aside) {
        tracing::warn!(%error, file = shown(path), "a damaged replica could not be moved; it is removed");
        return remove_database(path);
    }
    // Its log goes with it: whoever looks into the damage needs both.
    if let Err(error) = fs::rename(beside(path, "-wal"), beside(aside, "-wal")) {
        tracing::debug!(%error, "no log beside the damaged replica");
    }
    remove_companions(path)
}

async fn create(path: &Path, key: &FileKey) -> Result<(), StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let mut connection =
        options(path, key, SEAL, SqliteSynchronous::Normal).create_if_missing(true).connect().await.map_err(failed)?;
    let mut transaction = connection.begin().await.map_err(failed)?;
    raw_sql(AssertSqlSafe(schema::fingerprint())).execute(&mut *transaction).await.map_err(failed)?;
    meta::set_schema(path, &mut transaction, schema::fingerprint()).await?;
    transaction.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)
}
