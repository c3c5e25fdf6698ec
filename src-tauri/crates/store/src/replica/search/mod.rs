//! The search: objects and places by the words of their names, as one types.
//!
//! [`index`] keeps the words in step with the rows, inside the transactions that change them; [`question`] makes of what was
//! typed a question that the index answers in a few reads; here both meet, and the answer gets its order.

mod index;
mod question;

use std::path::Path;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection, query, query_scalar};
use vigie_core::port::{LocalId, StoreError};
use vigie_core::search::{Found, Place, PlaceKind, rank, words};

use crate::cells::uuid;
use crate::error::{store, unreadable};
use crate::replica::upkeep::local_id;

pub(super) use index::{Touched, after, anew, forget, index, index_all, schema};

/// Numbers of objects in the index begin here; below are places.
const OBJECTS: i64 = 1 << 32;
/// Places that are looked at before the best are shown: `rue` alone has thousands.
const PLACES: i64 = 256;

/// [`vigie_core::port::Replica::search`].
pub(super) async fn search(
    path: &Path,
    connection: &mut SqliteConnection,
    text: &str,
    limit: u32,
) -> Result<Found<LocalId>, StoreError> {
    let mut hits = referenced(path, connection, text.trim(), limit).await?;
    let found = numbers(path, connection, &words(text), OBJECTS..i64::MAX, i64::from(limit)).await?;
    if found.near && !hits.is_empty() {
        return Ok(Found { hits, near: false });
    }
    for number in found.hits {
        let id = local_id(path, number % OBJECTS)?;
        if !hits.contains(&id) {
            hits.push(id);
        }
    }
    hits.truncate(limit as usize);
    Ok(Found { hits, near: found.near })
}

/// [`vigie_core::port::Replica::places`].
pub(super) async fn places(
    path: &Path,
    connection: &mut SqliteConnection,
    text: &str,
    limit: u32,
) -> Result<Found<Place>, StoreError> {
    let found = numbers(path, connection, &words(text), 0..OBJECTS, PLACES).await?;
    let mut hits = Vec::with_capacity(found.hits.len());
    for number in found.hits {
        let row = query(
            "SELECT kind, key, reference, name, commune, objects, west, south, east, north FROM place WHERE place_id = ?",
        )
        .bind(number)
        .fetch_one(&mut *connection)
        .await
        .map_err(|e| store(path, &e))?;
        hits.push(place(path, &row)?);
    }
    rank(text, &mut hits);
    hits.truncate(limit as usize);
    Ok(Found { hits, near: found.near })
}

/// Objects whose reference begins with the text, as typed or in capitals, in the order of references: the exact one is the
/// first.
async fn referenced(
    path: &Path,
    connection: &mut SqliteConnection,
    text: &str,
    limit: u32,
) -> Result<Vec<LocalId>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(String, i64)> = Vec::new();
    let capitals = text.to_ascii_uppercase();
    for text in [text, capitals.as_str()].iter().take(if capitals == text { 1 } else { 2 }) {
        let rows = query("SELECT reference, local_id FROM equipment WHERE reference >= ?1 AND reference < ?1 || char(0x10ffff) ORDER BY reference, local_id LIMIT ?2")
            .bind((*text).to_owned())
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await
            .map_err(|e| store(path, &e))?;
        for row in rows {
            found.push((row.try_get(0).map_err(|e| store(path, &e))?, row.try_get(1).map_err(|e| store(path, &e))?));
        }
    }
    found.sort();
    found.into_iter().map(|(_, id)| local_id(path, id)).collect()
}

/// Numbers of the index that have the words, in its order; when there are none, those that have words near them.
async fn numbers(
    path: &Path,
    connection: &mut SqliteConnection,
    words: &[String],
    within: std::ops::Range<i64>,
    limit: i64,
) -> Result<Found<i64>, StoreError> {
    if let Some(question) = question::as_typed(path, connection, words).await? {
        let hits = ask(path, connection, question, &within, limit).await?;
        if !hits.is_empty() {
            return Ok(Found { hits, near: false });
        }
    }
    let Some(question) = question::forgiving(path, connection, words).await? else { return Ok(Found::nothing()) };
    let hits = ask(path, connection, question, &within, limit).await?;
    Ok(Found { near: !hits.is_empty(), hits })
}

async fn ask(
    path: &Path,
    connection: &mut SqliteConnection,
    question: String,
    within: &std::ops::Range<i64>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    query_scalar("SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid LIMIT ?")
        .bind(question)
        .bind(within.start)
        .bind(within.end)
        .bind(limit)
        .fetch_all(connection)
        .await
        .map_err(|e| store(path, &e))
}

fn place(path: &Path, row: &SqliteRow) -> Result<Place, StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let kind: String = row.try_get(0).map_err(failed)?;
    let kind = PlaceKind::from_code(&kind).ok_or_else(|| unreadable(path, format!("no kind of place is {kind}")))?;
    let edge = |at: usize| row.try_get::<Option<f64>, _>(at).map_err(failed);
    let bounds = match (edge(6)?, edge(7)?, edge(8)?, edge(9)?) {
        (Some(west), Some(south), Some(east), Some(north)) => Some([west, south, east, north]),
        _ => None,
    };
    Ok(Place {
        kind,
        key: uuid(row, 1).map_err(failed)?,
        reference: row.try_get(2).map_err(failed)?,
        name: row.try_get(3).map_err(failed)?,
        commune: row.try_get(4).map_err(failed)?,
        objects: row.try_get(5).map_err(failed)?,
        bounds,
    })
}
