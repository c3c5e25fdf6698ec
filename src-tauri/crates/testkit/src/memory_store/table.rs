//! One synced table in memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;
use vigie_core::port::LocalId;
use vigie_core::table::{BadRow, Cell, ColumnType, Row, TableSpec, TableSum};
use vigie_core::time::Timestamp;

/// Rows by local id, and where each key is.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    rows: BTreeMap<LocalId, Row>,
    keys: HashMap<Uuid, LocalId>,
    last: LocalId,
}

/// A row as a database stores it, or which column does not fit: whole numbers in a column of doubles become doubles.
pub(super) fn stored(spec: &'static TableSpec, row: Row) -> Result<Row, BadRow> {
    let bad = |column| BadRow { table: spec.name, column };
    if row.cells.len() != spec.columns.len() {
        return Err(bad(spec.columns.get(row.cells.len()).map_or("", |c| c.name)));
    }
    let cells = spec.columns.iter().zip(row.cells).map(|(column, cell)| match (column.kind, cell) {
        (_, Cell::Null) if column.nullable => Ok(Cell::Null),
        (ColumnType::Real, Cell::Int(value)) => Ok(Cell::Real(value as f64)),
        (ColumnType::Real, Cell::Real(value)) if !value.is_nan() => Ok(Cell::Real(value)),
        (ColumnType::Bool, Cell::Int(value @ 0..=1)) => Ok(Cell::Int(value)),
        (ColumnType::Uuid, cell @ Cell::Uuid(_))
        | (ColumnType::Int | ColumnType::Time, cell @ Cell::Int(_))
        | (ColumnType::Text | ColumnType::Json, cell @ Cell::Text(_)) => Ok(cell),
        _ => Err(bad(column.name)),
    });
    Ok(Row { cells: cells.collect::<Result<_, _>>()?, stamp: row.stamp })
}

impl Table {
    /// Writes a row under its key; says whether the key was there.
    pub(super) fn put(&mut self, row: Row) -> bool {
        let Some(key) = row.key() else { return false };
        let known = self.keys.get(&key).copied();
        let id = known.unwrap_or_else(|| {
            self.last += 1;
            self.last
        });
        self.keys.insert(key, id);
        self.rows.insert(id, row);
        known.is_some()
    }

    /// Deletes by key; its local id is not given again.
    pub(super) fn delete(&mut self, key: Uuid) {
        if let Some(id) = self.keys.remove(&key) {
            self.rows.remove(&id);
        }
    }

    /// Drops what left the table's window at a cut's time.
    pub(super) fn prune(&mut self, spec: &TableSpec, at: Timestamp) {
        let Some((column, Timestamp(oldest))) = spec.floor(at) else { return };
        let Some(position) = spec.position(column) else { return };
        self.rows.retain(|_, row| !matches!(row.cells.get(position), Some(Cell::Int(time)) if *time < oldest));
        let rows = &self.rows;
        self.keys.retain(|_, id| rows.contains_key(id));
    }

    /// Holds these rows and no others; those that were there keep their local ids.
    pub(super) fn become_these(&mut self, rows: Vec<Row>) {
        let kept: HashSet<Uuid> = rows.iter().filter_map(Row::key).collect();
        let gone: Vec<Uuid> = self.keys.keys().copied().filter(|key| !kept.contains(key)).collect();
        for key in gone {
            self.delete(key);
        }
        for row in rows {
            self.put(row);
        }
    }

    /// The sum of what is in the window at an instant.
    pub(super) fn sum(&self, spec: &'static TableSpec, at: Timestamp) -> TableSum {
        let mut sum = TableSum::empty(spec);
        let floor = spec.floor(at).and_then(|(column, floor)| Some((spec.position(column)?, floor)));
        for row in self.rows.values() {
            let left = floor.is_some_and(
                |(position, floor)| matches!(row.cells.get(position), Some(Cell::Int(time)) if *time < floor.0),
            );
            if let (false, Some(key)) = (left, row.key()) {
                sum.add(key, row.stamp);
            }
        }
        sum
    }

    /// All rows in local id order.
    pub(super) fn scan(&self) -> impl Iterator<Item = (LocalId, &Row)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    /// One row by key.
    pub(super) fn row(&self, key: Uuid) -> Option<(LocalId, Row)> {
        let id = self.keys.get(&key)?;
        Some((*id, self.rows.get(id)?.clone()))
    }

    /// Rows that have a value in a column, newest key first.
    pub(super) fn find(&self, position: usize, value: &Cell, limit: u32) -> Vec<Row> {
        let mut found: Vec<&Row> =
            self.rows.values().filter(|row| *value != Cell::Null && row.cells.get(position) == Some(value)).collect();
        found.sort_by_key(|row| std::cmp::Reverse(row.key()));
        found.into_iter().take(limit as usize).cloned().collect()
    }
}
