//! Wiping the local files, unless something in them exists nowhere else.

use std::path::Path;

use serde_json::Value;
use vigie_store::key::KeyFolder;
use vigie_store::rotation;

use crate::error::ApiError;
use crate::launch::Launch;
use crate::plate::Plate;
use crate::unsent::unsent;
use crate::vault::{blocking, folders, keys, told};

/// Wipes the local files of the accounts in the data folder, keys first: of all, or of the one that `launch` names a login
/// for. Refuses while one holds what the metropolis has not got, unless `export` names a new file that takes it. Says how
/// many folders were wiped.
///
/// # Errors
/// `unsent` when something would be lost, `already_open` when Vigie is running on these files, else what the disk says.
pub async fn forget(launch: &Launch, export: Option<&Path>) -> Result<usize, ApiError> {
    let mut found = Vec::new();
    for folder in folders(launch)? {
        if launch.login.as_ref().is_some_and(|login| Plate::read(&folder).is_none_or(|plate| plate.login != *login)) {
            continue;
        }
        let lock = crate::api::hold(&folder)?;
        let held = held(launch, &folder).await?;
        found.push((folder, lock, held));
    }
    let waiting: usize = found.iter().map(|(_, _, held)| held.len()).sum();
    match export {
        None if waiting > 0 => {
            return Err(ApiError::new(
                "unsent",
                format!(
                    "{waiting} entries were written here and the metropolis has not confirmed them: reconnect and let them \
                     go, or name a file with --export to take them with you; nothing was wiped"
                ),
            ));
        }
        None => {}
        Some(file) => write_export(file, &found.iter().flat_map(|(_, _, held)| held).collect::<Vec<_>>())?,
    }
    let wiped = found.len();
    for (folder, lock, _) in found {
        keys(launch, &folder)?.forget().map_err(told)?;
        // Windows does not remove a folder in which a file is held.
        drop(lock);
        std::fs::remove_dir_all(&folder).map_err(|e| crate::api::disk(&folder, &e))?;
    }
    Ok(wiped)
}

async fn held(launch: &Launch, folder: &Path) -> Result<Vec<Value>, ApiError> {
    if !folder.join("outbox.sqlite").exists() {
        return Ok(Vec::new());
    }
    let keys = keys(launch, folder)?;
    rotation::resume(&keys, &|_| ()).await.map_err(told)?;
    let key = blocking(&keys, KeyFolder::by_machine).await.map_err(told)?;
    let outbox = vigie_store::outbox::open(folder, &key).await.map_err(told)?;
    let held = unsent(&outbox).await.map_err(told);
    outbox.close().await;
    held
}

/// One JSON object a line, in a file that did not exist, on the disk before anything is wiped.
fn write_export(file: &Path, entries: &[&Value]) -> Result<(), ApiError> {
    use std::io::Write as _;
    let failed = |e: std::io::Error| crate::api::disk(file, &e);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file).map_err(failed)?;
    for entry in entries {
        writeln!(out, "{entry}").map_err(failed)?;
    }
    out.sync_all().map_err(failed)
}
