//! The replica: what this account may read, at one committed cut.
//!
//! Guarantees: a reader sees one cut or another, never a mixture within one call; changes and their cut are one
//! transaction; a full copy is built in a side file and takes the place of the present one at once; a file that cannot be
//! read is set aside and never stops a workstation from starting. Local ids are stable until the next full copy, and the
//! id of a deleted row is not given again before it.

mod adapting;
mod apply;
mod building;
mod mend;
mod meta;
mod opening;
mod people;
mod schema;
mod search;
mod sums;
mod upkeep;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use sqlx::sqlite::SqliteSynchronous;
use sqlx::{AssertSqlSafe, Row as _, query};
use tokio::sync::{Mutex, RwLock};
use uuid::Uuid;
use vigie_core::port::{Changes, Identity, LocalId, Mend, Rebuild, Replica, ReplicaInfo, StoreError};
use vigie_core::search::{Found, Place};
use vigie_core::table::{BadRow, Cell, Row, TableSpec, TableSum};
use vigie_core::time::Timestamp;

pub use opening::Opening;

use crate::cells;
use crate::connections::{Connections, Seal, options};
use crate::error::store;
use crate::files::{make_folder, remove_database, replace};
use crate::key::FileKey;

pub(crate) const FILE: &str = "replica.sqlite";
/// How its pages are authenticated.
pub(crate) const SEAL: Seal = Seal::Sha256;
const BUILDING: &str = "replica.building.sqlite";
pub(crate) const SET_ASIDE: &str = "replica.set-aside.sqlite";

/// The replica in `replica.sqlite`. Cloning it gives another handle on the same one.
#[derive(Debug, Clone)]
pub struct SqliteReplica {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    opening: Opening,
    path: PathBuf,
    building: PathBuf,
    aside: PathBuf,
    key: FileKey,
    /// The present copy: read-locked by each call, write-locked for the moment in which another takes its place.
    present: RwLock<Connections>,
    generation: AtomicU32,
    turn: Arc<Mutex<()>>,
    /// People's data is not to be read now.
    people_locked: AtomicBool,
}

/// Opens the replica of a folder with its key; [`SqliteReplica::opening`] says what was found there.
pub async fn open(dir: &Path, key: &FileKey) -> Result<SqliteReplica, StoreError> {
    make_folder(dir)?;
    let (path, building, aside) = (dir.join(FILE), dir.join(BUILDING), dir.join(SET_ASIDE));
    remove_database(&building)?;
    let (opening, generation) = opening::prepare(&path, &aside, key).await?;
    match opening {
        Opening::Kept => {}
        Opening::Adapted => {
            tracing::info!("the replica is of an earlier version: readable, and copied anew at the next contact");
        }
        _ => tracing::info!(?opening, "the replica begins empty"),
    }
    let inner = Inner {
        opening,
        present: RwLock::new(connect(&path, key)),
        path,
        building,
        aside,
        key: key.clone(),
        generation: AtomicU32::new(generation),
        turn: Arc::default(),
        people_locked: AtomicBool::new(false),
    };
    Ok(SqliteReplica { inner: Arc::new(inner) })
}

fn connect(path: &Path, key: &FileKey) -> Connections {
    Connections::to(path, options(path, key, SEAL, SqliteSynchronous::Normal))
}

impl SqliteReplica {
    /// What opening it found: the screen says so when the copy of last time is not there any more.
    pub fn opening(&self) -> &Opening {
        &self.inner.opening
    }

    /// Waits for what is under way, folds the log into the file and lets go of it. Calls after it fail.
    pub async fn close(&self) {
        self.inner.present.read().await.close().await;
    }
}

impl Inner {
    fn next_generation(&self) -> u32 {
        self.generation.load(Ordering::SeqCst).saturating_add(1)
    }

    /// Puts the side file in the place of the present copy; when that fails, the present copy stays.
    async fn exchange(&self, generation: u32) -> Result<(), StoreError> {
        let mut present = self.present.write().await;
        present.close().await;
        let exchanged = replace(&self.building, &self.path);
        *present = connect(&self.path, &self.key);
        exchanged?;
        self.generation.store(generation, Ordering::SeqCst);
        // What was damaged is no longer needed, and it holds what its account could read.
        remove_database(&self.aside)
    }
}

/// The column by which rows may be asked: an indexed one, or the key.
fn asked(table: &'static TableSpec, column: &str) -> Result<&'static str, BadRow> {
    let known = table.columns.iter().map(|c| c.name).find(|name| *name == column).unwrap_or("(unknown)");
    if table.indexed.contains(&known) || known == table.key() {
        return Ok(known);
    }
    Err(BadRow { table: table.name, column: known })
}

#[async_trait]
impl Replica for SqliteReplica {
    async fn info(&self) -> Result<Option<ReplicaInfo>, StoreError> {
        let present = self.inner.present.read().await;
        meta::info(&self.inner.path, &mut *present.read().await?).await
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, StoreError> {
        Ok(Box::new(building::SideFile::begin(self.inner.clone()).await?))
    }

    async fn apply(&self, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        apply::check(changes)?;
        let path = &self.inner.path;
        let present = self.inner.present.read().await;
        let mut transaction = present.write().await?;
        apply::apply(path, &mut transaction, changes, identity).await?;
        transaction.commit().await.map_err(|e| store(path, &e))
    }

    async fn sums(&self, at: Timestamp) -> Result<Vec<TableSum>, StoreError> {
        let present = self.inner.present.read().await;
        sums::sums(&self.inner.path, &mut *present.read().await?, at).await
    }

    async fn mend(&self) -> Result<Box<dyn Mend>, StoreError> {
        Ok(Box::new(mend::Anew::begin(self.inner.clone()).await?))
    }

    async fn scan(&self, table: &'static TableSpec) -> Result<Vec<(LocalId, Row)>, StoreError> {
        self.may_read(table)?;
        let path = &self.inner.path;
        let sql = format!("SELECT {} FROM {} ORDER BY local_id", schema::selected(table), schema::quoted(table.name));
        let present = self.inner.present.read().await;
        let mut reader = present.read().await?;
        let rows = query(AssertSqlSafe(sql)).fetch_all(&mut *reader).await.map_err(|e| store(path, &e))?;
        rows.iter().map(|row| numbered(path, table, row)).collect()
    }

    async fn row(&self, table: &'static TableSpec, key: Uuid) -> Result<Option<(LocalId, Row)>, StoreError> {
        self.may_read(table)?;
        let path = &self.inner.path;
        let (columns, key_column) = (schema::selected(table), schema::quoted(table.key()));
        let sql = format!("SELECT {columns} FROM {} WHERE {key_column} = ?", schema::quoted(table.name));
        let present = self.inner.present.read().await;
        let mut reader = present.read().await?;
        let row = query(AssertSqlSafe(sql))
            .bind(key.as_bytes().to_vec())
            .fetch_optional(&mut *reader)
            .await
            .map_err(|e| store(path, &e))?;
        row.map(|row| numbered(path, table, &row)).transpose()
    }

    async fn find(
        &self,
        table: &'static TableSpec,
        column: &str,
        value: &Cell,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        self.may_read(table)?;
        let path = &self.inner.path;
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = ? ORDER BY {} DESC LIMIT ?",
            schema::selected(table),
            schema::quoted(table.name),
            schema::quoted(asked(table, column)?),
            schema::quoted(table.key()),
        );
        let present = self.inner.present.read().await;
        let mut reader = present.read().await?;
        let rows = cells::bind(query(AssertSqlSafe(sql)), value.clone())
            .bind(i64::from(limit))
            .fetch_all(&mut *reader)
            .await
            .map_err(|e| store(path, &e))?;
        rows.iter().map(|row| cells::read(table, row, 1).map_err(|e| store(path, &e))).collect()
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Found<LocalId>, StoreError> {
        let present = self.inner.present.read().await;
        search::search(&self.inner.path, &mut *present.read().await?, text, limit).await
    }

    async fn places(&self, text: &str, limit: u32) -> Result<Found<Place>, StoreError> {
        let present = self.inner.present.read().await;
        search::places(&self.inner.path, &mut *present.read().await?, text, limit).await
    }
}

fn numbered(
    path: &Path,
    table: &'static TableSpec,
    row: &sqlx::sqlite::SqliteRow,
) -> Result<(LocalId, Row), StoreError> {
    let id: i64 = row.try_get(0).map_err(|e| store(path, &e))?;
    Ok((upkeep::local_id(path, id)?, cells::read(table, row, 1).map_err(|e| store(path, &e))?))
}
