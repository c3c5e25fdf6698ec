//! Changes and their cut, in one transaction.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use sqlx::{AssertSqlSafe, SqliteConnection, query};
use uuid::Uuid;
use vigie_core::port::{Changes, Identity, ReplicaInfo, StoreError};
use vigie_core::table::{Row, TableSpec};

use crate::cells::{self, batches, places};
use crate::error::{store, unreadable};
use crate::replica::schema::{quoted, upsert};
use crate::replica::search::Touched;
use crate::replica::{meta, search, upkeep};

/// Rows in one statement: a pull is small, and few statements of few sizes stay prepared.
const BATCH: usize = 256;

/// Refuses changes that do not fit their tables, before a transaction is begun.
pub(super) fn check(changes: &Changes) -> Result<(), StoreError> {
    changes.tables.iter().try_for_each(|t| cells::check(t.table, &t.rows)).map_err(StoreError::from)
}

/// Writes checked changes: deletes, upserts, window, cut and identity.
pub(super) async fn apply(
    path: &Path,
    connection: &mut SqliteConnection,
    changes: &Changes,
    identity: &Identity,
) -> Result<(), StoreError> {
    let Some(info) = meta::info(path, connection).await? else {
        // Changes on top of nothing would pass for a whole copy at their cut.
        return Err(unreadable(path, "it holds no full copy yet"));
    };
    let kept = written_keys(changes);
    let touched = Touched::by(changes.tables.iter().map(|part| part.table.name));
    for part in &changes.tables {
        // A row deleted and written in one cut moved between scopes: the object is the same, and keeps its local id.
        let gone: Vec<Uuid> = part
            .deleted
            .iter()
            .copied()
            .filter(|key| !kept.get(part.table.name).is_some_and(|keys| keys.contains(key)))
            .collect();
        delete(path, connection, part.table, &gone, touched).await?;
    }
    for part in &changes.tables {
        write(path, connection, part.table, &part.rows, touched).await?;
    }
    search::after(path, connection, touched).await?;
    upkeep::prune(path, connection, changes.cut.at).await?;
    let info = ReplicaInfo { identity: identity.clone(), cut: changes.cut.clone(), generation: info.generation };
    meta::set_info(path, connection, &info).await
}

fn written_keys(changes: &Changes) -> HashMap<&'static str, HashSet<Uuid>> {
    let mut keys: HashMap<&'static str, HashSet<Uuid>> = HashMap::new();
    for part in &changes.tables {
        keys.entry(part.table.name).or_default().extend(part.rows.iter().filter_map(Row::key));
    }
    keys
}

async fn delete(
    path: &Path,
    connection: &mut SqliteConnection,
    table: &'static TableSpec,
    keys: &[Uuid],
    touched: Touched,
) -> Result<(), StoreError> {
    for batch in batches(keys, BATCH) {
        if touched.one_by_one(table.name) {
            search::forget(path, connection, batch).await?;
        }
        let list = places(batch.len());
        let sql = format!("DELETE FROM {} WHERE {} IN ({list})", quoted(table.name), quoted(table.key()));
        let statement = batch.iter().fold(query(AssertSqlSafe(sql)), |q, key| q.bind(key.as_bytes().to_vec()));
        statement.execute(&mut *connection).await.map_err(|e| store(path, &e))?;
    }
    Ok(())
}

async fn write(
    path: &Path,
    connection: &mut SqliteConnection,
    table: &'static TableSpec,
    rows: &[Row],
    touched: Touched,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut next = upkeep::last_given(path, connection, table).await?;
    for batch in batches(rows, BATCH) {
        let keys = if touched.one_by_one(table.name) {
            batch.iter().filter_map(Row::key).collect::<Vec<_>>()
        } else {
            Vec::new()
        };
        for keys in batches(&keys, BATCH) {
            search::forget(path, connection, keys).await?;
        }
        let mut statement = query(AssertSqlSafe(upsert(table, batch.len())));
        for row in batch {
            next += 1;
            statement = cells::bind_row(statement.bind(next), row.clone());
        }
        statement.execute(&mut *connection).await.map_err(|e| store(path, &e))?;
        for keys in batches(&keys, BATCH) {
            search::index(path, connection, keys).await?;
        }
    }
    // Remembered while every row is still there: pruning and the next deletes come after.
    upkeep::number(path, connection, table).await
}
