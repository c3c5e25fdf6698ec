//! The index, kept in step with the rows.
//!
//! It holds no text: what goes out must be said as it went in, while the rows are still there. Whoever writes equipment
//! therefore calls [`forget`] before and [`index`] after.

use std::path::Path;

use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar, raw_sql};
use uuid::Uuid;
use vigie_core::equipment::EquipmentKind;
use vigie_core::port::StoreError;
use vigie_core::search::words;

use crate::cells::places;
use crate::error::store;

/// What a cut changes in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::replica) struct Touched {
    /// Objects.
    pub(in crate::replica) objects: bool,
    /// Zones.
    pub(in crate::replica) zones: bool,
    /// The names of communes, and with them the words of every object: it is indexed anew, and nothing before.
    pub(in crate::replica) names: bool,
}

impl Touched {
    /// Of the names of the tables that change.
    pub(in crate::replica) fn by(tables: impl Iterator<Item = &'static str>) -> Self {
        tables.fold(Self { objects: false, zones: false, names: false }, |touched, table| Self {
            objects: touched.objects || table == "equipment",
            zones: touched.zones || table == "zone",
            names: touched.names || table == "commune",
        })
    }

    /// Whether the rows of a table must be indexed as they are written.
    pub(in crate::replica) fn one_by_one(self, table: &str) -> bool {
        table == "equipment" && !self.names
    }
}

/// The tables of the search.
pub(in crate::replica) fn schema() -> String {
    let many: Vec<String> = EquipmentKind::ALL
        .iter()
        .filter(|kind| kind.stands_in_numbers())
        .map(|kind| format!("'{}'", kind.code()))
        .collect();
    include_str!("schema.sql").replace("MANY", &many.join(", "))
}

async fn run(path: &Path, connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    raw_sql(sql).execute(connection).await.map_err(|e| store(path, &e))?;
    Ok(())
}

/// Indexes everything anew.
pub(in crate::replica) async fn index_all(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    run(path, connection, include_str!("index_all.sql")).await
}

/// Makes the index in a file that has another one, or none.
pub(in crate::replica) async fn anew(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    run(path, connection, include_str!("drop.sql")).await?;
    raw_sql(AssertSqlSafe(schema())).execute(&mut *connection).await.map_err(|e| store(path, &e))?;
    index_all(path, connection).await
}

/// What is left to do once all rows of a cut are written.
pub(in crate::replica) async fn after(
    path: &Path,
    connection: &mut SqliteConnection,
    touched: Touched,
) -> Result<(), StoreError> {
    if touched.names {
        return index_all(path, connection).await;
    }
    if touched.zones {
        run(path, connection, include_str!("index_zones.sql")).await?;
    }
    if touched.objects {
        run(path, connection, include_str!("forget_streets.sql")).await?;
    }
    Ok(())
}

async fn for_keys(path: &Path, connection: &mut SqliteConnection, sql: &str, keys: &[Uuid]) -> Result<(), StoreError> {
    let sql = sql.replace("KEYS", &places(keys.len()));
    let statement = keys.iter().fold(query(AssertSqlSafe(sql)), |q, key| q.bind(key.as_bytes().to_vec()));
    statement.execute(connection).await.map_err(|e| store(path, &e))?;
    Ok(())
}

/// Takes the words of objects away, while their rows are still as they were indexed.
pub(in crate::replica) async fn forget(
    path: &Path,
    connection: &mut SqliteConnection,
    keys: &[Uuid],
) -> Result<(), StoreError> {
    for_keys(path, connection, include_str!("forget_objects.sql"), keys).await?;
    for_keys(path, connection, include_str!("leave_streets.sql"), keys).await
}

/// Indexes objects that have no words yet.
pub(in crate::replica) async fn index(
    path: &Path,
    connection: &mut SqliteConnection,
    keys: &[Uuid],
) -> Result<(), StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let last: i64 = query_scalar("SELECT coalesce(max(place_id), 0) FROM place")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    for_keys(path, connection, include_str!("index_objects.sql"), keys).await?;
    for_keys(path, connection, include_str!("enter_streets.sql"), keys).await?;
    query("INSERT INTO words (rowid, text) SELECT place_id, text FROM place_text WHERE place_id > ? ORDER BY place_id")
        .bind(last)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    let sql = format!("SELECT text FROM object_text WHERE equipment_id IN ({})", places(keys.len()));
    let statement = keys.iter().fold(query_scalar(AssertSqlSafe(sql)), |q, key| q.bind(key.as_bytes().to_vec()));
    let texts: Vec<String> = statement.fetch_all(&mut *connection).await.map_err(failed)?;
    know(path, connection, &texts.join(" ")).await
}

/// Keeps the words of a text among those that a slip may stand for. A word stays when the last object that has it goes: it
/// finds nothing then.
async fn know(path: &Path, connection: &mut SqliteConnection, text: &str) -> Result<(), StoreError> {
    let mut known: Vec<(String, bool)> = words(text)
        .into_iter()
        .filter(|word| !word.starts_with(|c: char| c < 'a'))
        .map(|word| match word.trim_end_matches(|c: char| c.is_ascii_digit()) {
            stem if word.contains(|c: char| c.is_ascii_digit()) => (stem.to_owned(), true),
            _ => (word, false),
        })
        .collect();
    known.sort_unstable();
    known.dedup();
    for (word, open) in known {
        query("INSERT OR IGNORE INTO word (word, open) VALUES (?, ?)")
            .bind(word)
            .bind(open)
            .execute(&mut *connection)
            .await
            .map_err(|e| store(path, &e))?;
    }
    Ok(())
}
