//! The view that is shared during a cut: map, last states, sheets and their phone numbers, for who has no account here or
//! cannot open his. It commands nothing.
//!
//! It is a replica of its own, in a folder of its own, under a key that this session keeps and no password opens. In it are
//! only the tables of the class [`TableClass::City`] that all of the room may read, copied from the replica of who signed in: no
//! colleague's name, no command, nothing of people. `--shared-view off` makes none and removes the one that is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use vigie_core::port::{Identity, Metropolis, MetropolisError, Replica as _, StoreError};
use vigie_core::rights::{Role, rights};
use vigie_core::table::{TABLES, TableClass, TableSpec};
use vigie_engine::Connector;
use vigie_store::key::KeyFolder;
use vigie_store::{SqliteOutbox, SqliteReplica, outbox, replica, rotation};

use crate::error::ApiError;
use crate::launch::{Launch, folder_name};
use crate::plate::Plate;
use crate::vault::{blocking, keys, told};

/// The commands of the api that it serves. A command that comes to be is not among them until someone says so.
pub(crate) const MAY: &[&str] = &[
    "status",
    "sign_in",
    "sign_out",
    "door",
    "look",
    "city",
    "search",
    "places",
    "objects",
    "kept",
    "object",
    "object_at",
    "select",
    "selection",
    "sources",
    "active",
    "outbox",
    "review",
];

/// The folder of the view of a metropolis.
pub(crate) fn folder(launch: &Launch, place: &str) -> Result<PathBuf, ApiError> {
    Ok(launch.data_dir()?.join(folder_name(&format!("shared-{place}"))))
}

/// Copies into the view of `place` what it may show of a replica. Says whether it did: it does not while someone looks.
pub(crate) async fn renew(launch: &Launch, place: &str, from: &SqliteReplica) -> Result<bool, ApiError> {
    let Some(info) = from.info().await.map_err(told)? else { return Ok(false) };
    let heard_at = info.cut.at;
    let folder = folder(launch, place)?;
    std::fs::create_dir_all(&folder).map_err(|e| crate::api::disk(&folder, &e))?;
    let Ok(_lock) = crate::api::hold(&folder) else { return Ok(false) };
    let (view, outbox) = open(launch, &folder).await?;
    outbox.close().await;
    let copied = async {
        let mut copy = view.rebuild().await?;
        for table in TABLES.iter().filter(|table| may_show(table)) {
            let rows = from.scan(table).await?;
            copy.rows(table, rows.into_iter().map(|(_, row)| row).collect()).await?;
        }
        copy.finish(info.cut, nobody(info.identity)).await
    };
    let copied: Result<(), StoreError> = copied.await;
    view.close().await;
    copied.map_err(told)?;
    let plate = Plate { place: place.to_owned(), login: String::new(), heard_at: Some(heard_at), unsent: 0 };
    plate.write(&folder);
    Ok(true)
}

/// The replica of the view, and the outbox that an engine asks for, in which nothing is ever written.
pub(crate) async fn open(launch: &Launch, folder: &Path) -> Result<(SqliteReplica, SqliteOutbox), ApiError> {
    let keys = keys(launch, folder)?;
    rotation::resume(&keys, &|_| ()).await.map_err(told)?;
    let key = blocking(&keys, KeyFolder::by_machine).await.map_err(told)?;
    let outbox = outbox::open(folder, &key).await.map_err(told)?;
    Ok((replica::open(folder, &key).await.map_err(told)?, outbox))
}

/// Who sits in the room: what all of them may read, whoever comes in sees.
const ROOM: [Role; 3] = [Role::RemoteOperator, Role::Supervisor, Role::CallAgent];

fn may_show(table: &TableSpec) -> bool {
    table.class() == TableClass::City && ROOM.iter().all(|role| rights().may_read(*role, table.name))
}

/// The identity without whose it was. The role is one that commands nothing.
fn nobody(identity: Identity) -> Identity {
    Identity { login: String::new(), person_id: None, desk_id: None, role: Role::Auditor, ..identity }
}

/// Nobody is signed in: there is no way to the metropolis.
pub(crate) struct NoAccount;

impl NoAccount {
    /// As an engine takes it.
    pub(crate) fn connector() -> Arc<dyn Connector> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Connector for NoAccount {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        Err(MetropolisError::Unreachable("nobody is signed in".to_owned()))
    }
}
