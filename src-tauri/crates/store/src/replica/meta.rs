//! What a replica says of itself, beside its rows.

use std::path::Path;

use sqlx::{SqliteConnection, query, query_scalar};
use vigie_core::port::{ReplicaInfo, StoreError};

use crate::error::{store, unreadable};

const INFO: &str = "info";
const SCHEMA: &str = "schema";

async fn read(path: &Path, connection: &mut SqliteConnection, name: &str) -> Result<Option<String>, StoreError> {
    query_scalar("SELECT value FROM meta WHERE name = ?")
        .bind(name.to_owned())
        .fetch_optional(connection)
        .await
        .map_err(|e| store(path, &e))
}

async fn write(path: &Path, connection: &mut SqliteConnection, name: &str, value: String) -> Result<(), StoreError> {
    query("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name.to_owned())
        .bind(value)
        .execute(connection)
        .await
        .map_err(|e| store(path, &e))?;
    Ok(())
}

/// What the copy is of; none before the first snapshot.
pub(super) async fn info(path: &Path, connection: &mut SqliteConnection) -> Result<Option<ReplicaInfo>, StoreError> {
    read(path, connection, INFO)
        .await?
        .map(|text| serde_json::from_str(&text).map_err(|e| unreadable(path, e.to_string())))
        .transpose()
}

/// Says what the copy is of, in the transaction that makes it so.
pub(super) async fn set_info(
    path: &Path,
    connection: &mut SqliteConnection,
    info: &ReplicaInfo,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(info).map_err(|e| unreadable(path, e.to_string()))?;
    write(path, connection, INFO, text).await
}

/// The schema that the file was made with.
pub(super) async fn schema(path: &Path, connection: &mut SqliteConnection) -> Result<Option<String>, StoreError> {
    read(path, connection, SCHEMA).await
}

/// Records the schema of a file being made.
pub(super) async fn set_schema(path: &Path, connection: &mut SqliteConnection, text: String) -> Result<(), StoreError> {
    write(path, connection, SCHEMA, text).await
}
