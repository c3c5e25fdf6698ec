//! The formats of files, record by record: a file of a million records is never whole in memory.

mod csv;
mod geojson;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use vigie_core::inventory::{Crs, Record, Refusal};

use crate::error::CtlError;

pub(crate) use self::csv::CsvWriter;
pub(crate) use self::geojson::GeoJsonWriter;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inventory {
    Equipment,
    Zones,
    Services,
    Inundations,
}

/// The format of a file, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    GeoJson,
}

impl Format {
    /// By the end of the name.
    pub(crate) fn of(path: &Path) -> Result<Self, CtlError> {
        match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("geojson" | "json") => Ok(Self::GeoJson),
            _ => Err(CtlError::Format(path.to_owned())),
        }
    }
}

/// One record as it was found: where it begins (line, from 1), what it holds, and what its coordinates are.
pub(crate) struct Found {
    pub(crate) line: u64,
    pub(crate) crs: Crs,
    pub(crate) record: Result<Record, Refusal>,
}

/// Why a file cannot be read on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) line: u64,
    pub(crate) why: String,
}

/// Reads a file; gives each record to `each`, until it says false.
pub(crate) fn read(path: &Path, crs: Option<Crs>, each: impl FnMut(Found) -> bool) -> Result<(), CtlError> {
    let format = Format::of(path)?;
    let file = File::open(path).map_err(|e| CtlError::Read(path.to_owned(), e))?;
    let read = read_from(format, BufReader::new(file), crs, each);
    read.map_err(|Broken { line, why }| CtlError::Unreadable { path: path.to_owned(), line, why })
}

fn read_from(
    format: Format,
    bytes: impl Read,
    crs: Option<Crs>,
    each: impl FnMut(Found) -> bool,
) -> Result<(), Broken> {
    match format {
        Format::Csv => csv::read(without_mark(bytes)?, crs, each),
        Format::GeoJson => geojson::read(without_mark(bytes)?, crs, each),
    }
}

/// The mark that some programs put before UTF-8.
const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The same bytes, without the mark.
fn without_mark(mut bytes: impl Read) -> Result<impl Read, Broken> {
    let mut head = Vec::with_capacity(MARK.len());
    bytes.by_ref().take(3).read_to_end(&mut head).map_err(|e| Broken { line: 1, why: e.to_string() })?;
    if head == MARK {
        head.clear();
    }
    Ok(std::io::Cursor::new(head).chain(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_alike_with_the_mark_and_without() {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}reference;lon;lat\nEP-1;5,04;47,32\n");
            let mut references = Vec::new();
            read_from(Format::Csv, text.as_bytes(), None, |found| {
                references.push(found.record.unwrap().text("reference"));
                true
            })
            .unwrap();
            assert_eq!(references, [Some("EP-1".to_owned())]);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_a_reader_fail(bytes: Vec<u8>) {
            for format in [Format::Csv, Format::GeoJson] {
                let _ = read_from(format, bytes.as_slice(), None, |_| true);
            }
        }

        #[test]
        fn no_bytes_after_a_good_beginning_make_a_reader_fail(bytes: Vec<u8>) {
            let csv = [b"reference;name;lon;lat\n".as_slice(), &bytes].concat();
            let _ = read_from(Format::Csv, csv.as_slice(), None, |_| true);
            let features = [b"{\"features\": [".as_slice(), &bytes].concat();
            let _ = read_from(Format::GeoJson, features.as_slice(), None, |_| true);
        }
    }
}
