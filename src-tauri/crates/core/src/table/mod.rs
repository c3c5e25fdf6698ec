//! The tables that travel from the metropolis to a workstation, described as data.
//!
//! One [`TableSpec`] drives the `COPY` of the feed, the schema of the replica and the typed rows of the rules, so that a
//! new table is one declaration in [`rows`] and its place in [`TABLES`]. Column order is the order of declaration everywhere.

pub(crate) mod cell;
mod class;
mod rows;
mod sum;

pub use cell::{BadRow, Cell, ColumnType, Field};
pub(crate) use cell::{codes, json_fields, text_fields};
pub use class::{PEOPLE_ERASED, PEOPLE_LIFE, PeopleData, TableClass, people_data};
pub use rows::*;
pub use sum::{PARTS, Part, TableSum, hash};

use std::time::Duration;

use uuid::Uuid;

use crate::time::Timestamp;

/// One column of a synced table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name, the same in PostgreSQL and in the replica.
    pub name: &'static str,
    /// How it is stored and transmitted.
    pub kind: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
}

/// One synced table. The first column is always the key, a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSpec {
    /// Name, the same in PostgreSQL (schema `vigie`) and in the replica.
    pub name: &'static str,
    /// Columns, the key first.
    pub columns: &'static [Column],
    /// Columns on which the replica is asked (one plain index each).
    pub indexed: &'static [&'static str],
    /// For windowed tables: the time column and how many hours of it the replica keeps. A row without that instant is not
    /// over, and stays.
    pub window: Option<(&'static str, u32)>,
}

impl TableSpec {
    /// Name of the key column.
    pub fn key(&self) -> &'static str {
        self.columns.first().map_or("", |c| c.name)
    }

    /// For a windowed table at an instant: the time column, and the oldest instant of it that a copy keeps.
    pub fn floor(&self, at: Timestamp) -> Option<(&'static str, Timestamp)> {
        let (column, hours) = self.window?;
        Some((column, at.minus(Duration::from_secs(u64::from(hours) * 3600))))
    }

    /// Whether a column may be null.
    pub fn is_nullable(&self, column: &str) -> bool {
        self.columns.iter().any(|c| c.name == column && c.nullable)
    }

    /// Position of a column by name.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }
}

/// A row of a synced table: cells in the order of the table's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Cells in the order of [`TableSpec::columns`].
    pub cells: Vec<Cell>,
    /// The transaction that wrote it last, as its metropolis numbers them; 0 where the row comes from nowhere yet. Two
    /// copies that agree on keys and stamps hold the same rows.
    pub stamp: u64,
}

impl Row {
    /// The key: the first cell.
    pub fn key(&self) -> Option<Uuid> {
        match self.cells.first() {
            Some(Cell::Uuid(id)) => Some(*id),
            _ => None,
        }
    }
}

/// A typed row of a synced table.
pub trait TableRow: Sized {
    /// The table's description.
    const SPEC: TableSpec;
    /// As cells, in column order.
    fn to_row(&self) -> Row;
    /// From cells in column order; says which column does not fit.
    fn from_row(row: &Row) -> Result<Self, BadRow>;
}

/// Finds a synced table by name.
pub fn table(name: &str) -> Option<&'static TableSpec> {
    TABLES.iter().find(|t| t.name == name)
}
