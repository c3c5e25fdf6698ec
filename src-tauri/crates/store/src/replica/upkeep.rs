//! What keeps a copy small and its local ids unambiguous.

use std::path::Path;
use std::time::Duration;

use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar};
use vigie_core::port::{LocalId, StoreError};
use vigie_core::table::{TABLES, TableSpec};
use vigie_core::time::Timestamp;

use crate::error::store;
use crate::replica::schema::quoted;

/// Drops the rows that left their table's window at the time of the cut.
pub(super) async fn prune(path: &Path, connection: &mut SqliteConnection, at: Timestamp) -> Result<(), StoreError> {
    for table in TABLES {
        let Some((column, hours)) = table.window else { continue };
        let oldest = at.minus(Duration::from_secs(u64::from(hours) * 3600));
        query(AssertSqlSafe(format!("DELETE FROM {} WHERE {} < ?", quoted(table.name), quoted(column))))
            .bind(oldest.0)
            .execute(&mut *connection)
            .await
            .map_err(|e| store(path, &e))?;
    }
    Ok(())
}

/// The last local id ever given in a table. SQLite alone would give the id of a deleted last row again, and the map would
/// take one object for another.
pub(super) async fn last_given(
    path: &Path,
    connection: &mut SqliteConnection,
    table: &TableSpec,
) -> Result<i64, StoreError> {
    query_scalar("SELECT last FROM numbering WHERE table_name = ?")
        .bind(table.name)
        .fetch_optional(connection)
        .await
        .map(Option::unwrap_or_default)
        .map_err(|e| store(path, &e))
}

/// Remembers the last local id given in a table, before any of its rows goes.
pub(super) async fn number(
    path: &Path,
    connection: &mut SqliteConnection,
    table: &TableSpec,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO numbering (table_name, last) SELECT ?, coalesce(max(local_id), 0) FROM {} WHERE true \
         ON CONFLICT (table_name) DO UPDATE SET last = max(last, excluded.last)",
        quoted(table.name)
    );
    query(AssertSqlSafe(sql)).bind(table.name).execute(connection).await.map_err(|e| store(path, &e))?;
    Ok(())
}

/// [`number`] for every table of a fresh copy.
pub(super) async fn number_all(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for table in TABLES {
        number(path, connection, table).await?;
    }
    Ok(())
}

/// A row's number as the map counts.
pub(super) fn local_id(path: &Path, stored: i64) -> Result<LocalId, StoreError> {
    LocalId::try_from(stored).map_err(|_| crate::error::unreadable(path, "its local ids are used up: copy it anew"))
}
