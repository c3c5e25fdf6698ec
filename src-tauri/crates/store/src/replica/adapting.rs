//! A replica of an earlier program, made readable for this one: what a program updated during a cut has to show.
//!
//! Only what is missing is added: tables, and columns that may be null. Nothing is ever written into such a copy; it says of
//! itself that it continues no cut, so that the next contact makes a whole one.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection, query, raw_sql};
use uuid::Uuid;
use vigie_core::port::{ReplicaInfo, StoreError};
use vigie_core::table::{TABLES, TableSpec};

use crate::cells::sqlite_type;
use crate::error::store;
use crate::replica::{meta, schema, search};

/// Adds what is missing; its generation, or none when it cannot be read as a copy of these tables.
pub(super) async fn adapt(path: &Path, connection: &mut SqliteConnection) -> Result<Option<u32>, StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let Some(mut info) = meta::info(path, connection).await? else { return Ok(None) };
    let mut transaction = connection.begin().await.map_err(failed)?;
    for table in TABLES {
        let Some(missing) = missing(path, &mut transaction, table).await? else { return Ok(None) };
        for statement in missing {
            raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await.map_err(failed)?;
        }
    }
    search::anew(path, &mut transaction).await?;
    // Of no epoch: nothing continues from it.
    info.cut.epoch = Uuid::nil();
    let info = ReplicaInfo { cut: info.cut, ..info };
    meta::set_info(path, &mut transaction, &info).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(Some(info.generation))
}

/// What must be added to a table of the file, or none when that would not do.
async fn missing(
    path: &Path,
    connection: &mut SqliteConnection,
    table: &TableSpec,
) -> Result<Option<Vec<String>>, StoreError> {
    let sql = format!("SELECT name, type FROM pragma_table_info('{}')", table.name);
    let rows = query(AssertSqlSafe(sql)).fetch_all(&mut *connection).await.map_err(|e| store(path, &e))?;
    let found: Vec<(String, String)> = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, _>>()
        .map_err(|e| store(path, &e))?;
    if found.is_empty() {
        return Ok(Some(vec![schema::create_table(table)]));
    }
    let name = schema::quoted(table.name);
    let mut statements = Vec::new();
    for column in table.columns {
        let kind = sqlite_type(column.kind);
        match found.iter().find(|(found, _)| found == column.name) {
            Some((_, found)) if found == kind => {}
            None if column.nullable => {
                statements.push(format!("ALTER TABLE {name} ADD COLUMN {} {kind}", schema::quoted(column.name)));
            }
            _ => return Ok(None),
        }
    }
    if !found.iter().any(|(found, _)| found == schema::STAMP) {
        statements.push(format!("ALTER TABLE {name} ADD COLUMN {} INTEGER NOT NULL DEFAULT 0", schema::STAMP));
    }
    Ok(Some(statements))
}
