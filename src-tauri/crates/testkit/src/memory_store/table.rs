//! One synced table in memory.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;
use vigie_core::port::LocalId;
use vigie_core::table::{BadRow, Cell, ColumnType, Row, TableSpec};
use vigie_core::time::{Timestamp, millis};

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
    Ok(Row { cells: cells.collect::<Result<_, _>>()? })
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
        let Some((column, hours)) = spec.window else { return };
        let Some(position) = spec.position(column) else { return };
        let oldest = at.0.saturating_sub(millis(std::time::Duration::from_secs(u64::from(hours) * 3600)));
        self.rows.retain(|_, row| !matches!(row.cells.get(position), Some(Cell::Int(time)) if *time < oldest));
        let rows = &self.rows;
        self.keys.retain(|_, id| rows.contains_key(id));
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
