//! A copy kept by the feed, as a workstation keeps one, and rows in a form that two implementations can be compared in.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;
use vigie_core::port::{Changes, Cut, Metropolis, MetropolisError, SnapshotSink};
use vigie_core::table::{Cell, ColumnType, Row, TableRow, TableSpec, table};

/// Rows by table and key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mirror {
    rows: BTreeMap<&'static str, BTreeMap<Uuid, Row>>,
    /// Tables in the order in which the snapshot gave them.
    pub order: Vec<&'static str>,
}

#[async_trait]
impl SnapshotSink for Mirror {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        if self.order.last() != Some(&table.name) {
            self.order.push(table.name);
        }
        let into = self.rows.entry(table.name).or_default();
        for row in rows {
            let key =
                row.key().ok_or_else(|| MetropolisError::Unexpected(format!("a row of {} has no key", table.name)))?;
            if into.insert(key, row).is_some() {
                return Err(MetropolisError::Unexpected(format!("{key} comes twice in a snapshot of {}", table.name)));
            }
        }
        Ok(())
    }
}

impl Mirror {
    /// A fresh copy.
    pub async fn copy(from: &dyn Metropolis) -> Result<(Self, Cut), MetropolisError> {
        let mut mirror = Self::default();
        let cut = from.snapshot(&mut mirror).await?;
        Ok((mirror, cut))
    }

    /// Applies changes: deletes first, then rows, unconditionally.
    pub fn apply(&mut self, changes: Changes) {
        for change in changes.tables {
            let into = self.rows.entry(change.table.name).or_default();
            for key in &change.deleted {
                into.remove(key);
            }
            into.extend(change.rows.into_iter().filter_map(|row| Some((row.key()?, row))));
        }
    }

    /// Rows of a table.
    pub fn rows(&self, table: &TableSpec) -> impl Iterator<Item = &Row> {
        self.rows.get(table.name).into_iter().flat_map(BTreeMap::values)
    }

    /// Typed rows of a table.
    pub fn all<T: TableRow>(&self) -> Result<Vec<T>, MetropolisError> {
        let typed = |row| T::from_row(row).map_err(|bad| MetropolisError::Unexpected(bad.to_string()));
        self.rows.get(T::SPEC.name).into_iter().flat_map(BTreeMap::values).map(typed).collect()
    }

    /// One typed row.
    pub fn one<T: TableRow>(&self, key: Uuid) -> Result<Option<T>, MetropolisError> {
        let typed = |row| T::from_row(row).map_err(|bad| MetropolisError::Unexpected(bad.to_string()));
        self.rows.get(T::SPEC.name).and_then(|rows| rows.get(&key)).map(typed).transpose()
    }

    /// Tables that hold rows.
    pub fn tables(&self) -> Vec<&'static str> {
        self.rows.iter().filter(|(_, rows)| !rows.is_empty()).map(|(name, _)| *name).collect()
    }

    /// Every row as text, sorted: JSON compared as JSON, and identifiers that the metropolis makes left out.
    pub fn plain(&self) -> BTreeMap<&'static str, Vec<String>> {
        self.rows
            .iter()
            .map(|(name, rows)| {
                let mut lines: Vec<String> = rows.values().map(|row| line(name, row)).collect();
                lines.sort();
                (*name, lines)
            })
            .filter(|(_, lines)| !lines.is_empty())
            .collect()
    }
}

fn line(name: &str, row: &Row) -> String {
    let columns = table(name).map(|spec| spec.columns).unwrap_or_default();
    let cells = columns.iter().zip(&row.cells).filter(|(column, _)| !matches!(column.name, "event_id" | "history_id"));
    cells.map(|(column, cell)| format!("{}={}", column.name, plain(column.kind, cell))).collect::<Vec<_>>().join(" ")
}

fn plain(kind: ColumnType, cell: &Cell) -> String {
    match (kind, cell) {
        (ColumnType::Json, Cell::Text(text)) => {
            serde_json::from_str::<Value>(text).map_or_else(|_| text.clone(), |value| even(value).to_string())
        }
        (ColumnType::Real, Cell::Int(v)) => format!("{:?}", *v as f64),
        (_, Cell::Real(v)) => format!("{v:?}"),
        (_, Cell::Int(v)) => v.to_string(),
        (_, Cell::Text(v)) => v.clone(),
        (_, Cell::Uuid(v)) => v.to_string(),
        (_, Cell::Null) => "null".into(),
    }
}

/// Numbers as doubles, so that 70 and 70.0 are the same.
fn even(value: Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().map_or(Value::Null, Value::from),
        Value::Array(list) => list.into_iter().map(even).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, even(value))).collect(),
        other => other,
    }
}
