//! The file operations on which durability rests: names beside a database, flushes, replacement.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use vigie_core::port::StoreError;

use crate::error::disk;

/// What SQLite keeps beside a database.
const COMPANIONS: &[&str] = &["-wal", "-shm", "-journal"];

/// Size of a page: SQLite's default, said explicitly by every connection that makes a file.
pub(crate) const PAGE: u64 = 4096;

/// A name beside `path`: `replica.sqlite` and `-wal` give `replica.sqlite-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(disk(path, &error)),
        _ => Ok(()),
    }
}

/// Removes what SQLite keeps beside a database that no connection holds any more.
pub(crate) fn remove_companions(path: &Path) -> Result<(), StoreError> {
    COMPANIONS.iter().try_for_each(|suffix| remove(&beside(path, suffix)))
}

/// Removes a database and what SQLite keeps beside it.
pub(crate) fn remove_database(path: &Path) -> Result<(), StoreError> {
    remove(path)?;
    remove_companions(path)
}

/// Makes the folder of the local files.
pub(crate) fn make_folder(dir: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(dir).map_err(|e| disk(dir, &e))
}

/// The length of a file; none when it is absent.
pub(crate) fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(disk(path, &error)),
    }
}

/// Whether a database was cut within its last page, which SQLite would silently fill with zeros. While there is a log, the
/// file's own length says nothing.
pub(crate) fn is_cut(path: &Path) -> Result<bool, StoreError> {
    let logged = length(&beside(path, "-wal"))?.is_some_and(|log| log > 0);
    Ok(!logged && length(path)?.is_some_and(|own| own % PAGE != 0))
}

/// Flushes a file's content to the disk.
pub(crate) fn flush(path: &Path) -> Result<(), StoreError> {
    // Windows flushes only through a handle that may write.
    fs::OpenOptions::new().write(true).open(path).and_then(|file| file.sync_all()).map_err(|e| disk(path, &e))
}

/// Flushes the names in the folder of `path`, so that a rename survives a power cut.
pub(crate) fn flush_folder(path: &Path) -> Result<(), StoreError> {
    // Windows has no such call, and orders renames itself.
    #[cfg(unix)]
    if let Some(dir) = path.parent() {
        fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| disk(path, &e))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Puts a flushed database in the place of another. No connection may be open on either.
pub(crate) fn replace(from: &Path, to: &Path) -> Result<(), StoreError> {
    // An old write-ahead log beside a new database would be replayed into it: it goes first, and for certain.
    remove_companions(to)?;
    flush_folder(to)?;
    fs::rename(from, to).map_err(|e| disk(to, &e))?;
    flush_folder(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_a_database_takes_the_old_write_ahead_log_away() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("replica.sqlite"), dir.path().join("replica.building.sqlite"));
        fs::write(&old, b"old").unwrap();
        fs::write(beside(&old, "-wal"), b"old log").unwrap();
        fs::write(&new, b"new").unwrap();
        replace(&new, &old).unwrap();
        assert_eq!(fs::read(&old).unwrap(), b"new");
        assert!(!beside(&old, "-wal").exists() && !new.exists());
    }
}
