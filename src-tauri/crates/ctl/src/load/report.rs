//! The refused records: all of them in a file, the first of them on the terminal.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use vigie_core::inventory::Refused;

use crate::error::CtlError;

/// How many are shown on the terminal: enough to see what is wrong with the file.
const SHOWN: u64 = 20;

/// A report being written.
pub(super) struct Report {
    file: Option<(PathBuf, csv::Writer<File>)>,
    refused: u64,
}

impl Report {
    /// Makes the file, when one is wanted; refuses one that exists.
    pub(super) fn create(path: Option<&Path>) -> Result<Self, CtlError> {
        let file = path.map(|path| {
            let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| match e.kind() {
                ErrorKind::AlreadyExists => CtlError::Exists(path.to_owned()),
                _ => CtlError::Write(path.to_owned(), e),
            })?;
            let mut table = csv::Writer::from_writer(file);
            table
                .write_record(["line", "reference", "why", "what_to_do"])
                .map_err(|e| CtlError::Write(path.to_owned(), e.into()))?;
            Ok::<_, CtlError>((path.to_owned(), table))
        });
        Ok(Self { file: file.transpose()?, refused: 0 })
    }

    /// Adds a refused record.
    pub(super) fn add(&mut self, line: u64, refused: &Refused) -> Result<(), CtlError> {
        self.refused = self.refused.saturating_add(1);
        let (reference, why) = (refused.reference.as_deref().unwrap_or_default(), refused.why.to_string());
        let remedy = refused.why.remedy();
        if self.refused <= SHOWN {
            let named = if reference.is_empty() { String::new() } else { format!(" ({reference})") };
            eprintln!("line {line}{named}: {why}; {remedy}");
        } else if self.refused == SHOWN.saturating_add(1) {
            let where_to = if self.file.is_some() {
                "all of them are in the report"
            } else {
                "name a file with --report to see all"
            };
            eprintln!("… and more: {where_to}");
        }
        match &mut self.file {
            Some((path, table)) => table
                .write_record([&line.to_string(), reference, &why, &remedy])
                .map_err(|e| CtlError::Write(path.clone(), e.into())),
            None => Ok(()),
        }
    }

    /// Ends the report; says how many were refused.
    pub(super) fn finish(self) -> Result<u64, CtlError> {
        if let Some((path, mut table)) = self.file {
            table.flush().map_err(|e| CtlError::Write(path, e))?;
        }
        Ok(self.refused)
    }
}
