//! The replica's schema, generated from [`TABLES`]. It has no migrations: another schema is another replica.

use std::fmt::Write as _;

use vigie_core::table::{TABLES, TableSpec};

use crate::cells::{places, sqlite_type};
use crate::replica::search;

/// Tables that are no copy of anything.
const OWN: &str = "\
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE numbering (table_name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
";

/// The transaction that wrote a row last ([`vigie_core::table::Row::stamp`]): what sums are made of.
pub(super) const STAMP: &str = "change_xid";

/// A name as SQL writes it. Names come from [`TABLES`] only.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

pub(super) fn create_table(table: &TableSpec) -> String {
    let mut sql = format!("CREATE TABLE {} (local_id INTEGER PRIMARY KEY", quoted(table.name));
    for column in table.columns {
        let null = if column.nullable { "" } else { " NOT NULL" };
        // Writing into a String cannot fail.
        let _ = write!(sql, ", {} {}{null}", quoted(column.name), sqlite_type(column.kind));
    }
    let _ = writeln!(sql, ", {STAMP} INTEGER NOT NULL) STRICT;");
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
    TABLES.iter().fold(OWN.to_owned() + &search::schema(), |sql, table| sql + &create_table(table))
}

/// The indexes of the synced tables.
pub(super) fn indexes() -> String {
    TABLES.iter().map(create_indexes).collect()
}

/// What a replica says of its own schema: the whole of it, so that any difference shows.
pub(super) fn fingerprint() -> String {
    tables() + &indexes()
}

/// `local_id`, the columns of a table in order, and the stamp.
pub(super) fn selected(table: &TableSpec) -> String {
    format!("local_id, {}", columns(table).join(", "))
}

/// The columns of a table in order, and the stamp.
pub(super) fn columns(table: &TableSpec) -> Vec<String> {
    table.columns.iter().map(|c| quoted(c.name)).chain([STAMP.to_owned()]).collect()
}

/// An insert of `count` rows, without local ids.
pub(super) fn insert(table: &TableSpec, count: usize) -> String {
    insert_into(&quoted(table.name), table, count)
}

/// The same, into a table of the same columns.
pub(super) fn insert_into(name: &str, table: &TableSpec, count: usize) -> String {
    let columns = columns(table);
    let row = format!("({})", places(columns.len()));
    format!("INSERT INTO {name} ({}) VALUES {}", columns.join(", "), vec![row; count].join(", "))
}

/// An upsert of `count` rows, local id first in each: a row that is there keeps its own. Its key is not set again, which would
/// write the index of keys anew.
pub(super) fn upsert(table: &TableSpec, count: usize) -> String {
    let columns = columns(table);
    let row = format!("({})", places(columns.len() + 1));
    let set: Vec<String> = columns.iter().skip(1).map(|c| format!("{c} = excluded.{c}")).collect();
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
