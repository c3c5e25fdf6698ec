//! The replica's schema, generated from [`TABLES`]. It has no migrations: another schema is another replica.

use std::fmt::Write as _;

use vigie_core::table::{TABLES, TableSpec};

use crate::cells::{places, sqlite_type};

/// Tables that are no copy of anything.
const OWN: &str = "\
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE numbering (table_name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE VIRTUAL TABLE equipment_words USING fts5(reference, name, street, commune, content='', contentless_delete=1, \
tokenize='unicode61 remove_diacritics 2', prefix='2 3');
";

/// A name as SQL writes it. Names come from [`TABLES`] only.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn create_table(table: &TableSpec) -> String {
    let mut sql = format!("CREATE TABLE {} (local_id INTEGER PRIMARY KEY", quoted(table.name));
    for column in table.columns {
        let null = if column.nullable { "" } else { " NOT NULL" };
        // Writing into a String cannot fail.
        let _ = write!(sql, ", {} {}{null}", quoted(column.name), sqlite_type(column.kind));
    }
    sql.push_str(") STRICT;\n");
    sql
}

fn create_indexes(table: &TableSpec) -> String {
    let unique = std::iter::once((table.key(), "UNIQUE "));
    let window = table.window.iter().map(|(column, _)| *column).filter(|c| !table.indexed.contains(c));
    let plain = table.indexed.iter().copied().chain(window).map(|column| (column, ""));
    unique.chain(plain).fold(String::new(), |mut sql, (column, unique)| {
        let name = quoted(&format!("{}_by_{column}", table.name));
        let _ = writeln!(sql, "CREATE {unique}INDEX {name} ON {} ({});", quoted(table.name), quoted(column));
        sql
    })
}

/// The tables, without the indexes that are made after the rows.
pub(super) fn tables() -> String {
    TABLES.iter().fold(OWN.to_owned(), |sql, table| sql + &create_table(table))
}

/// The indexes of the synced tables.
pub(super) fn indexes() -> String {
    TABLES.iter().map(create_indexes).collect()
}

/// What a replica says of its own schema: the whole of it, so that any difference shows.
pub(super) fn fingerprint() -> String {
    tables() + &indexes()
}

/// `local_id` and the columns of a table, in order.
pub(super) fn selected(table: &TableSpec) -> String {
    table.columns.iter().fold("local_id".to_owned(), |list, column| list + ", " + &quoted(column.name))
}

/// An insert of `count` rows, without local ids.
pub(super) fn insert(table: &TableSpec, count: usize) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| quoted(c.name)).collect();
    let row = format!("({})", places(columns.len()));
    format!("INSERT INTO {} ({}) VALUES {}", quoted(table.name), columns.join(", "), vec![row; count].join(", "))
}

/// An upsert of `count` rows, local id first in each: a row that is there keeps its own.
pub(super) fn upsert(table: &TableSpec, count: usize) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| quoted(c.name)).collect();
    let row = format!("({})", places(columns.len() + 1));
    let set: Vec<String> = columns.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    format!(
        "INSERT INTO {} (local_id, {}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {}",
        quoted(table.name),
        columns.join(", "),
        vec![row; count].join(", "),
        quoted(table.key()),
        set.join(", "),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_the_one_recorded() {
        insta::assert_snapshot!("replica_schema", super::fingerprint());
    }
}
