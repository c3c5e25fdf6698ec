//! What was typed, as a question of the index.
//!
//! The index is quick at whole words and at beginnings of one to three letters, which it holds. A longer beginning would make
//! it gather every object of every word that begins so; it is looked up among the words themselves first, and becomes the few
//! words that it may turn out to be.

use std::path::Path;

use sqlx::{Row as _, SqliteConnection, query, query_scalar};
use vigie_core::port::StoreError;
use vigie_core::search::{WORDS, near};

use crate::error::store;

/// Letters of a beginning that the index holds.
const HELD: usize = 3;
/// As many words as one beginning or one slip may stand for.
const MOST: usize = 32;

/// Every word begun, or none when no word begins so and there is nothing to ask.
pub(super) async fn as_typed(
    path: &Path,
    connection: &mut SqliteConnection,
    words: &[String],
) -> Result<Option<String>, StoreError> {
    let mut parts = Vec::new();
    for word in words.iter().take(WORDS) {
        let Some(part) = begun(path, connection, word).await? else { return Ok(None) };
        parts.push(part);
    }
    Ok(all(&parts))
}

/// Every word begun or nearly so, or none when that asks nothing else than [`as_typed`].
pub(super) async fn forgiving(
    path: &Path,
    connection: &mut SqliteConnection,
    words: &[String],
) -> Result<Option<String>, StoreError> {
    // One text and not a row for each word: ten thousand rows would take longer to hand over than to compare.
    let known: Option<String> = query_scalar("SELECT group_concat(word, ' ') FROM word WHERE NOT open")
        .fetch_one(&mut *connection)
        .await
        .map_err(|e| store(path, &e))?;
    let known = known.unwrap_or_default();
    let (mut parts, mut guessed) = (Vec::new(), false);
    for (at, word) in words.iter().take(WORDS).enumerate() {
        let last = at + 1 == words.len();
        let mut nearest: Vec<(usize, &str)> =
            known.split(' ').filter_map(|other| Some((near(word, other, last)?, other))).collect();
        nearest.sort_unstable();
        nearest.truncate(MOST);
        let begun = begun(path, connection, word).await?;
        guessed |= !nearest.is_empty();
        let either = begun.into_iter().chain(nearest.iter().map(|(_, other)| whole(other))).collect::<Vec<_>>();
        if either.is_empty() {
            return Ok(None);
        }
        parts.push(format!("({})", either.join(" OR ")));
    }
    Ok(guessed.then(|| all(&parts)).flatten())
}

/// The words that begin so; none when there are none.
async fn begun(path: &Path, connection: &mut SqliteConnection, word: &str) -> Result<Option<String>, StoreError> {
    let open = format!("\"{word}\"*");
    // Words with figures in them are not kept: they are few to a beginning, and the index gathers them itself.
    if word.chars().count() <= HELD || word.contains(|c: char| c.is_ascii_digit()) {
        return Ok(Some(open));
    }
    let rows = query("SELECT word, open FROM word WHERE word >= ?1 AND word < ?1 || char(0x10ffff) LIMIT ?2")
        .bind(word.to_owned())
        .bind(i64::try_from(MOST).unwrap_or(i64::MAX) + 1)
        .fetch_all(connection)
        .await
        .map_err(|e| store(path, &e))?;
    let mut words = Vec::with_capacity(rows.len());
    for row in &rows {
        let (word, goes_on): (&str, bool) =
            (row.try_get(0).map_err(|e| store(path, &e))?, row.try_get(1).map_err(|e| store(path, &e))?);
        if goes_on {
            return Ok(Some(open));
        }
        words.push(whole(word));
    }
    Ok(match words.len() {
        0 => None,
        1 => words.pop(),
        2..=MOST => Some(format!("({})", words.join(" OR "))),
        _ => Some(open),
    })
}

/// A word in the index's syntax: quoted, so that nothing in it is an operator.
fn whole(word: &str) -> String {
    format!("\"{word}\"")
}

fn all(parts: &[String]) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(" AND "))
}
