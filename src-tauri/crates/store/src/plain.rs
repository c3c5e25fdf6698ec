//! Files that an earlier Vigie wrote in clear, and how one of them is encrypted without losing a row.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, query_scalar, raw_sql};
use vigie_core::port::StoreError;

use crate::error::{disk, store, unreadable};
use crate::files::{flush, remove_database, replace};
use crate::key::FileKey;

/// How a database in clear begins (sqlite.org/fileformat.html, 1.3.1); an encrypted one begins with its random salt.
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Whether a file is a database in clear.
pub(crate) fn is_plain(path: &Path) -> Result<bool, StoreError> {
    let mut begin = [0_u8; HEADER.len()];
    match File::open(path).and_then(|mut file| file.read_exact(&mut begin)) {
        Ok(()) => Ok(begin == *HEADER),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => Ok(false),
        Err(error) => Err(disk(path, &error)),
    }
}

/// Writes an encrypted copy of a database beside it, then puts the copy in its place: at every moment one of the two is
/// whole. A database that is not whole stays as it is, byte for byte.
pub(crate) async fn encrypt(path: &Path, side: &Path, key: &FileKey) -> Result<(), StoreError> {
    remove_database(side)?;
    let name =
        side.to_str().filter(|name| !name.contains('\'')).ok_or_else(|| unreadable(side, "its name is not text"))?;
    let failed = |e: sqlx::Error| store(path, &e);
    let clear = SqliteConnectOptions::new().filename(path).create_if_missing(false).disable_statement_logging();
    let looking = clear.clone().read_only(true);
    let mut connection = looking.connect().await.map_err(failed)?;
    let verdict = query_scalar::<_, String>("PRAGMA integrity_check(1)").fetch_one(&mut connection).await;
    connection.close().await.map_err(failed)?;
    let verdict = verdict.map_err(failed)?;
    if verdict != "ok" {
        return Err(unreadable(path, verdict));
    }
    // Only such a connection may make the file that it attaches.
    let mut connection = clear.create_if_missing(true).connect().await.map_err(failed)?;
    let copy = format!(
        "ATTACH DATABASE '{name}' AS encrypted KEY {}; SELECT sqlcipher_export('encrypted'); DETACH DATABASE encrypted",
        key.literal()
    );
    let copied = raw_sql(AssertSqlSafe(copy)).execute(&mut connection).await;
    // Closing folds the log in, so that the renamed file lacks nothing if the copy is given up here.
    connection.close().await.map_err(failed)?;
    copied.map_err(failed)?;
    flush(side)?;
    replace(side, path)
}
