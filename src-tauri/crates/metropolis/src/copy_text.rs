//! Rows in the text format of `COPY`, both ways.

use std::fmt::Write;

use uuid::Uuid;
use vigie_core::port::MetropolisError;
use vigie_core::table::{Cell, Column, ColumnType, Row, TableSpec};

/// How the columns are asked for, so that their text is what [`read_row`] reads: instants in whole milliseconds, text that
/// is hidden from this account (`table.column`) empty, and the stamp last.
pub(crate) fn select_list(table: &TableSpec, hidden: &[String]) -> String {
    let hides = |column: &Column| {
        hidden.iter().any(|h| h.split_once('.').is_some_and(|(t, c)| t == table.name && c == column.name))
    };
    let ask = |column: &Column| if hides(column) { "''".to_owned() } else { select_column(column) };
    table.columns.iter().map(ask).fold(String::new(), |list, column| list + &column + ", ") + "r.change_xid"
}

fn select_column(column: &Column) -> String {
    match column.kind {
        ColumnType::Time => format!("(date_part('epoch', r.{0}) * 1000)::bigint", column.name),
        _ => format!("r.{}", column.name),
    }
}

/// Cuts a stream of `COPY` data into lines, however the server cuts it into messages.
#[derive(Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Adds bytes; calls `line` for each whole line, without its end.
    pub(crate) fn push<E>(&mut self, bytes: &[u8], mut line: impl FnMut(&str) -> Result<(), E>) -> Result<(), E>
    where
        E: From<MetropolisError>,
    {
        let not_utf8 = |_| MetropolisError::Unexpected("a row that is not UTF-8".into());
        let mut bytes = bytes;
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            let (head, tail) = bytes.split_at(end);
            if self.rest.is_empty() {
                line(std::str::from_utf8(head).map_err(not_utf8)?)?;
            } else {
                self.rest.extend_from_slice(head);
                line(std::str::from_utf8(&self.rest).map_err(not_utf8)?)?;
                self.rest.clear();
            }
            bytes = tail.get(1..).unwrap_or_default();
        }
        self.rest.extend_from_slice(bytes);
        Ok(())
    }
}

/// Reads a line as a row of a table.
pub(crate) fn read_row(table: &'static TableSpec, line: &str) -> Result<Row, MetropolisError> {
    let mut fields = line.split('\t');
    let mut cells = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        let cell = fields.next().and_then(|field| read_cell(column, field));
        cells.push(cell.ok_or_else(|| {
            MetropolisError::Unexpected(format!("column {}.{} does not fit its declaration", table.name, column.name))
        })?);
    }
    let stamp = fields.next().and_then(|field| field.parse().ok());
    let stamp =
        stamp.ok_or_else(|| MetropolisError::Unexpected(format!("a row of {} without its stamp", table.name)))?;
    Ok(Row { cells, stamp })
}

fn read_cell(column: &Column, field: &str) -> Option<Cell> {
    if field == "\\N" {
        return column.nullable.then_some(Cell::Null);
    }
    Some(match column.kind {
        ColumnType::Uuid => Cell::Uuid(Uuid::parse_str(field).ok()?),
        ColumnType::Int | ColumnType::Time => Cell::Int(field.parse().ok()?),
        ColumnType::Real => Cell::Real(field.parse().ok()?),
        ColumnType::Bool => Cell::Int(i64::from(match field {
            "t" => true,
            "f" => false,
            _ => return None,
        })),
        ColumnType::Text | ColumnType::Json => Cell::Text(unescape(field)),
    })
}

fn unescape(field: &str) -> String {
    if !field.contains('\\') {
        return field.to_owned();
    }
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\').1.then(|| chars.next()) {
            None => text.push(c),
            Some(Some('n')) => text.push('\n'),
            Some(Some('r')) => text.push('\r'),
            Some(Some('t')) => text.push('\t'),
            Some(Some('b')) => text.push('\u{8}'),
            Some(Some('f')) => text.push('\u{c}'),
            Some(Some('v')) => text.push('\u{b}'),
            Some(Some(other)) => text.push(other),
            Some(None) => {}
        }
    }
    text
}

/// Writes a row as a line for `COPY … FROM STDIN`.
pub(crate) fn write_row(table: &TableSpec, row: &Row, into: &mut String) {
    for (i, (column, cell)) in table.columns.iter().zip(&row.cells).enumerate() {
        if i > 0 {
            into.push('\t');
        }
        write_cell(column, cell, into);
    }
    into.push('\n');
}

fn write_cell(column: &Column, cell: &Cell, into: &mut String) {
    // Writing to a String cannot fail.
    let _ = match (column.kind, cell) {
        (_, Cell::Null) => write!(into, "\\N"),
        (_, Cell::Uuid(id)) => write!(into, "{id}"),
        (ColumnType::Bool, Cell::Int(v)) => write!(into, "{}", if *v == 0 { 'f' } else { 't' }),
        (ColumnType::Time, Cell::Int(ms)) => write!(into, "{}", vigie_core::time::Timestamp(*ms)),
        (_, Cell::Int(v)) => write!(into, "{v}"),
        (_, Cell::Real(v)) => write!(into, "{v:?}"),
        (_, Cell::Text(text)) => {
            for c in text.chars() {
                match c {
                    '\\' => into.push_str("\\\\"),
                    '\n' => into.push_str("\\n"),
                    '\r' => into.push_str("\\r"),
                    '\t' => into.push_str("\\t"),
                    c => into.push(c),
                }
            }
            Ok(())
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_core::table::{Desk, TableRow};

    static DESK: TableSpec = Desk::SPEC;

    fn desk(name: &str) -> Row {
        Row { cells: vec![Cell::Uuid(Uuid::from_u128(7)), Cell::Text(name.into())], stamp: 9 }
    }

    #[test]
    fn what_is_written_is_read_back_whatever_people_type() {
        for name in ["", "Poste 2", "tab\tnew\nline\rback\\slash", "\\N", "é — 東", "\u{8}\u{b}\u{c}"] {
            let mut line = String::new();
            write_row(&DESK, &desk(name), &mut line);
            let line = format!("{}\t9", line.trim_end_matches('\n'));
            assert_eq!(read_row(&DESK, &line), Ok(desk(name)), "{name:?}");
        }
    }

    #[test]
    fn lines_are_whole_however_the_stream_is_cut() {
        let text = "a\tb\nc\\nd\né\n";
        for cut in 0..text.len() {
            let (mut lines, mut seen) = (Lines::default(), Vec::new());
            for part in [text.as_bytes().get(..cut), text.as_bytes().get(cut..)].into_iter().flatten() {
                let kept: Result<(), MetropolisError> = lines.push(part, |line| {
                    seen.push(line.to_owned());
                    Ok(())
                });
                kept.unwrap();
            }
            assert_eq!(seen, ["a\tb", "c\\nd", "é"]);
        }
    }

    #[test]
    fn a_null_where_none_is_declared_is_not_read() {
        assert!(read_row(&DESK, "00000000-0000-0000-0000-000000000007\t\\N\t9").is_err());
        assert!(read_row(&DESK, "00000000-0000-0000-0000-000000000007\tPoste 1").is_err(), "no stamp");
        assert!(read_row(&DESK, "00000000-0000-0000-0000-000000000007").is_err());
    }
}
