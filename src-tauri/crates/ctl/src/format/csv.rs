//! Tables: UTF-8, `,` or `;` between the cells, a first line of names.

use std::io::{BufRead, BufReader, Read, Write};

use serde_json::{Map, Value};
use vigie_core::inventory::{Crs, RESERVED, Record, Refusal, cell_of, value_of};

use crate::format::{Broken, Found};

/// How much of the first line is looked at to know the delimiter, bytes.
const LOOKED_AT: u64 = 64 * 1024;

/// Reads a table.
pub(super) fn read(bytes: impl Read, crs: Option<Crs>, mut each: impl FnMut(Found) -> bool) -> Result<(), Broken> {
    // A last line without an end gets one: then each record ends where the next line begins.
    let mut bytes = BufReader::new(Ends { bytes: bytes.chain(b"\n".as_slice()), after_return: false });
    let mut first = Vec::new();
    let looked = bytes.by_ref().take(LOOKED_AT).read_until(b'\n', &mut first);
    looked.map_err(|e| Broken { line: 1, why: e.to_string() })?;
    let delimiter = delimiter(&first);
    let all = std::io::Cursor::new(first).chain(bytes);
    let mut table = ::csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(all);
    let header = table.byte_headers().map_err(|e| broken(&e))?.clone();
    let names = names(&header)?;
    let crs = crs.map_or_else(|| said_by(&names), Ok)?;
    let mut cells = ::csv::ByteRecord::new();
    while table.read_byte_record(&mut cells).map_err(|e| broken(&e))? {
        let within = cells.iter().flatten().filter(|b| **b == b'\n').fold(0_u64, |n, _| n.saturating_add(1));
        let line = table.position().line().saturating_sub(within.saturating_add(1));
        if !each(Found { line, crs, record: record(&names, &cells) }) {
            break;
        }
    }
    Ok(())
}

/// Bytes whose lines all end alike, however they did (`\r\n`, `\r`): the reader of tables miscounts the others.
struct Ends<R> {
    bytes: R,
    after_return: bool,
}

impl<R: Read> Read for Ends<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.bytes.read(into)?;
            let kept = self.even(into.get_mut(..read).unwrap_or_default());
            if read == 0 || kept > 0 {
                return Ok(kept);
            }
        }
    }
}

impl<R> Ends<R> {
    /// Makes the ends alike, in place; returns how many bytes are left.
    fn even(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for from in 0..bytes.len() {
            let byte = bytes.get(from).copied().unwrap_or_default();
            let second = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if second {
                continue;
            }
            if let Some(place) = bytes.get_mut(kept) {
                *place = if byte == b'\r' { b'\n' } else { byte };
            }
            kept += 1;
        }
        kept
    }
}

fn broken(error: &::csv::Error) -> Broken {
    Broken { line: error.position().map_or(0, ::csv::Position::line), why: error.to_string() }
}

/// What stands more often in the first line.
fn delimiter(line: &[u8]) -> u8 {
    let count = |byte: u8| line.split(|b| *b == byte).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

fn names(header: &::csv::ByteRecord) -> Result<Vec<String>, Broken> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for cell in header {
        let name = std::str::from_utf8(cell)
            .map_err(|_| Broken {
                line: 1,
                why: "the names of the columns are not UTF-8: save the table as CSV UTF-8".into(),
            })?
            .trim();
        if !name.is_empty() && names.iter().any(|n| n == name) {
            return Err(Broken { line: 1, why: format!("two columns are named {name}: rename or remove one") });
        }
        names.push(name.to_owned());
    }
    // A service has a code in the place of a reference.
    if names.iter().any(|n| n == "reference" || n == "code") {
        return Ok(names);
    }
    Err(Broken {
        line: 1,
        why: "no column is named reference, or code for services: the first line holds the names of the columns".into(),
    })
}

/// Columns named lon and lat are degrees; x and y may be anything.
fn said_by(names: &[String]) -> Result<Crs, Broken> {
    let has = |name: &str| names.iter().any(|n| n == name);
    if has("x") && !has("lon") {
        return Err(Broken {
            line: 1,
            why: "columns x and y do not say what they are: add --crs lambert93 or --crs wgs84".into(),
        });
    }
    Ok(Crs::Wgs84)
}

fn record(names: &[String], cells: &::csv::ByteRecord) -> Result<Record, Refusal> {
    if cells.len() != names.len() {
        return Err(Refusal::Malformed("a line with one cell for each name of the first line"));
    }
    let mut fields = Map::new();
    for (name, cell) in names.iter().zip(cells) {
        let cell = std::str::from_utf8(cell).map_err(|_| Refusal::Malformed("UTF-8 text"))?;
        // A reference that looks like a number is still a reference: only outlines and attributes are more than text.
        let value = match name.as_str() {
            "" => None,
            name if RESERVED.contains(&name) && name != "outline" => Some(Value::String(cell.to_owned())),
            _ => value_of(cell),
        };
        fields.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(Record { fields, geometry: None })
}

/// Writes a table.
pub(crate) struct CsvWriter<W: Write> {
    table: ::csv::Writer<W>,
    columns: Vec<String>,
}

impl<W: Write> CsvWriter<W> {
    /// Begins with the names of the columns.
    pub(crate) fn new(to: W, columns: Vec<String>) -> std::io::Result<Self> {
        let mut table = ::csv::Writer::from_writer(to);
        table.write_record(&columns)?;
        Ok(Self { table, columns })
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, fields: &Map<String, Value>) -> std::io::Result<()> {
        let cell = |name: &String| match fields.get(name) {
            None => String::new(),
            Some(Value::String(text)) if RESERVED.contains(&name.as_str()) => text.clone(),
            Some(value) => cell_of(value),
        };
        Ok(self.table.write_record(self.columns.iter().map(cell))?)
    }

    /// Ends the table.
    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        self.table.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    type Seen = Vec<(u64, Result<Record, Refusal>)>;

    fn all(text: &str, crs: Option<Crs>) -> Result<Seen, Broken> {
        let mut found = Vec::new();
        read(text.as_bytes(), crs, |f| {
            found.push((f.line, f.record));
            true
        })?;
        Ok(found)
    }

    #[test]
    fn cells_are_read_with_either_delimiter_and_lines_are_those_of_the_file() {
        for text in [
            "reference,name,pole\n1,\"two\nlines\",7\n\n2,b,\n",
            "reference;name;pole\r\n1;\"two\r\nlines\";7\r\n\r\n2;b;",
            "reference;name;pole\r1;\"two\rlines\";7\r\r2;b;\r",
        ] {
            let found = all(text, None).unwrap();
            let fields = found[0].1.as_ref().unwrap().fields.clone();
            assert_eq!(Value::Object(fields), json!({"reference": "1", "name": "two\nlines", "pole": 7}));
            assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5]);
        }
    }

    #[test]
    fn a_line_that_lacks_cells_is_refused_and_the_next_one_read() {
        let found = all("reference,name\n1\n2,b\n", None).unwrap();
        assert!(found[0].1.is_err() && found[1].1.is_ok());
    }

    #[test]
    fn a_table_whose_columns_do_not_say_enough_is_not_read() {
        assert!(all("reference,x,y\n", None).unwrap_err().why.contains("--crs"));
        assert!(all("reference,x,y\n", Some(Crs::Lambert93)).is_ok());
        assert!(all("ref,name\n", None).unwrap_err().why.contains("reference"));
        assert!(all("reference,name,name\n", None).unwrap_err().why.contains("two columns"));
    }
}
