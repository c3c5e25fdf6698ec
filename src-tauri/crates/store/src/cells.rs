//! Cells of a synced row as SQLite stores them.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite};
use uuid::Uuid;
use vigie_core::table::{BadRow, Cell, Column, ColumnType, Row, TableSpec};

/// A statement being filled with values.
pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// The `STRICT` type of a column.
pub(crate) const fn sqlite_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Uuid => "BLOB",
        ColumnType::Int | ColumnType::Bool | ColumnType::Time => "INTEGER",
        ColumnType::Real => "REAL",
        ColumnType::Text | ColumnType::Json => "TEXT",
    }
}

/// Whether a cell is a value of a column. SQLite would store NaN as null, so it is none.
fn fits(column: &Column, cell: &Cell) -> bool {
    match (column.kind, cell) {
        (_, Cell::Null) => column.nullable,
        (ColumnType::Uuid, Cell::Uuid(_))
        | (ColumnType::Int | ColumnType::Time | ColumnType::Real, Cell::Int(_))
        | (ColumnType::Text | ColumnType::Json, Cell::Text(_)) => true,
        (ColumnType::Bool, Cell::Int(value)) => matches!(value, 0 | 1),
        (ColumnType::Real, Cell::Real(value)) => !value.is_nan(),
        _ => false,
    }
}

/// Refuses rows that do not fit their table before anything is written.
pub(crate) fn check(table: &'static TableSpec, rows: &[Row]) -> Result<(), BadRow> {
    let bad = |column: &'static str| BadRow { table: table.name, column };
    for row in rows {
        if row.cells.len() != table.columns.len() {
            return Err(bad(table.columns.get(row.cells.len()).map_or("", |c| c.name)));
        }
        if let Some((column, _)) = table.columns.iter().zip(&row.cells).find(|(column, cell)| !fits(column, cell)) {
            return Err(bad(column.name));
        }
    }
    Ok(())
}

/// Binds a cell as the next value. It is taken, since the driver keeps what it binds: a text need not be copied.
pub(crate) fn bind(statement: Statement<'_>, cell: Cell) -> Statement<'_> {
    match cell {
        Cell::Null => statement.bind(None::<i64>),
        Cell::Uuid(id) => statement.bind(id.as_bytes().to_vec()),
        Cell::Int(value) => statement.bind(value),
        Cell::Real(value) => statement.bind(value),
        Cell::Text(value) => statement.bind(value),
    }
}

/// Binds a row: its cells, then its stamp.
pub(crate) fn bind_row(statement: Statement<'_>, row: Row) -> Statement<'_> {
    row.cells.into_iter().fold(statement, bind).bind(row.stamp as i64)
}

/// Reads a UUID stored as 16 bytes.
pub(crate) fn uuid(row: &SqliteRow, index: usize) -> Result<Option<Uuid>, sqlx::Error> {
    let bytes: Option<&[u8]> = row.try_get_unchecked(index)?;
    bytes
        .map(Uuid::from_slice)
        .transpose()
        .map_err(|e| sqlx::Error::ColumnDecode { index: index.to_string(), source: e.into() })
}

/// Reads a row whose columns start at `first`, its stamp after them. The tables are `STRICT`: what a column holds needs no second look, which
/// halves the time of a scan.
pub(crate) fn read(table: &'static TableSpec, row: &SqliteRow, first: usize) -> Result<Row, sqlx::Error> {
    let cell = |(at, column): (usize, &Column)| {
        let index = first + at;
        let cell = match column.kind {
            ColumnType::Uuid => uuid(row, index)?.map(Cell::Uuid),
            ColumnType::Int | ColumnType::Bool | ColumnType::Time => {
                row.try_get_unchecked::<Option<i64>, _>(index)?.map(Cell::Int)
            }
            ColumnType::Real => row.try_get_unchecked::<Option<f64>, _>(index)?.map(Cell::Real),
            ColumnType::Text | ColumnType::Json => row.try_get_unchecked::<Option<String>, _>(index)?.map(Cell::Text),
        };
        Ok(cell.unwrap_or(Cell::Null))
    };
    let cells = table.columns.iter().enumerate().map(cell).collect::<Result<_, sqlx::Error>>()?;
    let stamp: i64 = row.try_get_unchecked(first + table.columns.len())?;
    Ok(Row { cells, stamp: stamp as u64 })
}

/// Sizes of the batches in which so many are written: a few fixed ones, largest first. As many values as one statement should
/// carry, and few enough different statements that all stay prepared.
pub(crate) fn sizes(count: usize, largest: usize) -> impl Iterator<Item = usize> {
    let mut rest = count;
    let mut size = largest.max(1);
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        while size > rest {
            size = (size / 4).max(1);
        }
        rest -= size;
        Some(size)
    })
}

/// Splits `items` into batches of these [`sizes`].
pub(crate) fn batches<T>(items: &[T], largest: usize) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    sizes(items.len(), largest).map_while(move |size| {
        let (batch, after) = rest.split_at_checked(size)?;
        rest = after;
        Some(batch)
    })
}

/// `?, ?, …`: `count` places.
pub(crate) fn places(count: usize) -> String {
    let mut text = "?, ".repeat(count);
    text.truncate(text.len().saturating_sub(2));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_core::table::table;

    #[test]
    fn batches_cover_everything_in_order_with_few_sizes() {
        let items: Vec<u32> = (0..1_371).collect();
        let parts: Vec<&[u32]> = batches(&items, 256).collect();
        assert_eq!(parts.concat(), items);
        assert!(parts.iter().all(|p| [256, 64, 16, 4, 1].contains(&p.len())));
        assert!(batches(&[] as &[u32], 256).next().is_none());
    }

    #[test]
    fn a_row_that_is_short_or_holds_another_type_names_the_column() {
        let desk = table("desk").unwrap();
        let id = Cell::Uuid(Uuid::from_u128(1));
        let short = Row { cells: vec![id.clone()], stamp: 0 };
        assert_eq!(check(desk, &[short]).unwrap_err().column, "name");
        let null = Row { cells: vec![id.clone(), Cell::Null], stamp: 0 };
        assert_eq!(check(desk, &[null]).unwrap_err().column, "name");
        let number = Row { cells: vec![Cell::Int(1), Cell::Text("Poste 1".into())], stamp: 0 };
        assert_eq!(check(desk, &[number]).unwrap_err().column, "desk_id");
        assert!(check(desk, &[Row { cells: vec![id, Cell::Text("Poste 1".into())], stamp: 0 }]).is_ok());
    }

    #[test]
    fn what_sqlite_would_turn_into_null_is_refused() {
        let real = Column { name: "lon", kind: ColumnType::Real, nullable: false };
        assert!(!fits(&real, &Cell::Real(f64::NAN)) && fits(&real, &Cell::Real(5.04)) && fits(&real, &Cell::Int(5)));
        let flag = Column { name: "schematic", kind: ColumnType::Bool, nullable: false };
        assert!(!fits(&flag, &Cell::Int(2)) && fits(&flag, &Cell::Int(1)));
    }
}
