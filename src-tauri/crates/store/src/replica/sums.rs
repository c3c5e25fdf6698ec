//! The sums of what the replica holds, to be compared with the metropolis's.

use std::path::Path;

use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection, query};
use vigie_core::port::StoreError;
use vigie_core::table::{TABLES, TableSum};
use vigie_core::time::Timestamp;

use crate::cells;
use crate::error::store;
use crate::replica::schema::{STAMP, quoted};

/// The sum of every table, of a windowed one without what left its window at `at`.
pub(super) async fn sums(
    path: &Path,
    connection: &mut SqliteConnection,
    at: Timestamp,
) -> Result<Vec<TableSum>, StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let mut sums = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let window = table.floor(at).map_or(String::new(), |(column, floor)| {
            // What has no instant yet is not over: it stays.
            format!(" WHERE {column} IS NULL OR {column} >= {}", floor.0)
        });
        let sql = format!("SELECT {}, {STAMP} FROM {}{window}", quoted(table.key()), quoted(table.name));
        let mut sum = TableSum::empty(table);
        let mut rows = query(AssertSqlSafe(sql)).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let stamp: i64 = row.try_get_unchecked(1).map_err(failed)?;
            if let Some(key) = cells::uuid(&row, 0).map_err(failed)? {
                sum.add(key, stamp as u64);
            }
        }
        sums.push(sum);
    }
    Ok(sums)
}
