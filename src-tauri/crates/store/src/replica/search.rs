//! Words of the equipment: reference, name, street, name of its commune; case and accents folded by the tokenizer.

use std::path::Path;

use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar, raw_sql};
use uuid::Uuid;
use vigie_core::port::{LocalId, StoreError};

use crate::cells::places;
use crate::error::store;
use crate::replica::upkeep::local_id;

/// The table whose rows are found.
pub(super) const INDEXED: &str = "equipment";
/// The table that names the communes: when it changes, every object's words may.
pub(super) const NAMES: &str = "commune";
/// Words of a question that are read; a pasted page is no question.
const WORDS: usize = 16;

const INDEX: &str = "\
INSERT INTO equipment_words (rowid, reference, name, street, commune) \
SELECT local_id, reference, name, street, \
coalesce((SELECT c.name FROM commune c WHERE c.insee_code = e.insee_code ORDER BY c.local_id LIMIT 1), '') \
FROM equipment e";

/// Indexes every object anew.
pub(super) async fn index_all(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO equipment_words (equipment_words) VALUES ('delete-all'); {INDEX};");
    raw_sql(AssertSqlSafe(sql)).execute(connection).await.map_err(|e| store(path, &e))?;
    Ok(())
}

async fn for_keys(
    path: &Path,
    connection: &mut SqliteConnection,
    sql: String,
    keys: &[Uuid],
) -> Result<(), StoreError> {
    let statement = keys.iter().fold(query(AssertSqlSafe(sql)), |q, key| q.bind(key.as_bytes().to_vec()));
    statement.execute(connection).await.map_err(|e| store(path, &e))?;
    Ok(())
}

/// Indexes objects that have no words yet.
pub(super) async fn index(path: &Path, connection: &mut SqliteConnection, keys: &[Uuid]) -> Result<(), StoreError> {
    let sql = format!("{INDEX} WHERE equipment_id IN ({})", places(keys.len()));
    for_keys(path, connection, sql, keys).await
}

/// Takes the words of objects away, while their rows are still there.
pub(super) async fn forget(path: &Path, connection: &mut SqliteConnection, keys: &[Uuid]) -> Result<(), StoreError> {
    let sql = format!(
        "DELETE FROM equipment_words WHERE rowid IN (SELECT local_id FROM equipment WHERE equipment_id IN ({}))",
        places(keys.len())
    );
    for_keys(path, connection, sql, keys).await
}

/// The question in FTS5's own syntax: each word quoted, so that nothing in it is an operator, and open at its end.
fn question(text: &str) -> Option<String> {
    // A letter and its accent may come as two characters; the tokenizer folds them together if they stay together.
    let joins = |c: char| c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c);
    let words: Vec<String> = text
        .split(|c: char| !joins(c))
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Objects that have a word starting with each word of `text`: exact reference first, then references that start so, then
/// by reference.
pub(super) async fn search(
    path: &Path,
    connection: &mut SqliteConnection,
    text: &str,
    limit: u32,
) -> Result<Vec<LocalId>, StoreError> {
    let Some(question) = question(text) else { return Ok(Vec::new()) };
    let found: Vec<i64> = query_scalar(
        "SELECT e.local_id FROM equipment_words JOIN equipment e ON e.local_id = equipment_words.rowid \
         WHERE equipment_words MATCH ?1 \
         ORDER BY e.reference = ?2 COLLATE NOCASE DESC, substr(e.reference, 1, length(?2)) = ?2 COLLATE NOCASE DESC, \
         e.reference, e.local_id LIMIT ?3",
    )
    .bind(question)
    .bind(text.trim().to_owned())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(|e| store(path, &e))?;
    found.into_iter().map(|id| local_id(path, id)).collect()
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn nothing_that_a_user_types_is_an_operator() {
        assert_eq!(question("feu \"de\" NOT l'Arquebuse*").unwrap(), r#""feu"* "de"* "NOT"* "l"* "Arquebuse"*"#);
        assert_eq!(question("TL-042").unwrap(), r#""TL"* "042"*"#);
        assert_eq!(question(" -- \" ' ("), None);
    }

    #[test]
    fn a_pasted_page_is_cut_after_its_first_words() {
        assert_eq!(question(&"rue ".repeat(5_000)).unwrap().matches('*').count(), super::WORDS);
    }
}
