//! The file of passwords: new, readable by its owner only, never printed.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::CtlError;

/// A passfile being written.
pub(crate) struct Passfile {
    path: PathBuf,
    file: File,
}

impl Passfile {
    /// Makes the file; refuses one that exists.
    pub(crate) fn create(path: &Path) -> Result<Self, CtlError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => CtlError::PassfileExists(path.to_owned()),
            _ => CtlError::Passfile(path.to_owned(), e),
        })?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, line: &str) -> Result<(), CtlError> {
        writeln!(self.file, "{line}").map_err(|e| CtlError::Passfile(self.path.clone(), e))
    }

    /// Writes everything to the disk.
    pub(crate) fn finish(self) -> Result<(), CtlError> {
        self.file.sync_all().map_err(|e| CtlError::Passfile(self.path, e))
    }

    /// Takes the file away: its logins were not made.
    pub(crate) fn abandon(self) {
        // An empty file left behind is the worst that can happen.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passfile_is_new_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        let mut file = Passfile::create(&path).unwrap();
        file.add("a:1:b:c:d").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a:1:b:c:d\n");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap()) & 0o777, 0o600);
        assert!(matches!(Passfile::create(&path), Err(CtlError::PassfileExists(_))));
    }

    #[test]
    fn an_abandoned_passfile_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        Passfile::create(&path).unwrap().abandon();
        assert!(!path.exists());
    }
}
