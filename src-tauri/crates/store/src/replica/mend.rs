//! Tables taken anew beside the present ones, which take their content at once with the cut.
//!
//! Everything is one transaction: a crash, or dropping it, leaves the copy as it was. Rows that were there keep their local
//! ids, so that the map need not be drawn anew.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, Transaction, query, raw_sql};
use tokio::sync::OwnedMutexGuard;
use vigie_core::port::{Changes, Identity, Mend, StoreError};
use vigie_core::table::{Row, TableSpec};

use crate::cells::{self, sizes};
use crate::error::{store, unreadable};
use crate::replica::schema::{self, quoted};
use crate::replica::search::Touched;
use crate::replica::{Inner, apply, search, upkeep};

/// Rows in one statement.
const BATCH: usize = 256;

/// Tables being taken anew.
pub(super) struct Anew {
    inner: Arc<Inner>,
    transaction: Transaction<'static, Sqlite>,
    tables: Vec<&'static TableSpec>,
    /// Set while a step is under way: one that was dropped or failed leaves tables that lack rows.
    broken: bool,
    /// No other copy takes the place of this one meanwhile.
    _turn: OwnedMutexGuard<()>,
}

fn beside(table: &TableSpec) -> String {
    quoted(&format!("{}_anew", table.name))
}

impl Anew {
    pub(super) async fn begin(inner: Arc<Inner>) -> Result<Self, StoreError> {
        let turn = inner.turn.clone().lock_owned().await;
        let transaction = inner.present.read().await.write().await?;
        Ok(Self { inner, transaction, tables: Vec::new(), broken: false, _turn: turn })
    }

    fn step(&mut self) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.broken, true) {
            return Err(unreadable(&self.inner.path, "a step of the mending was interrupted: begin it again"));
        }
        Ok(())
    }

    async fn add(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        cells::check(table, &rows)?;
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        if !self.tables.iter().any(|known| known.name == table.name) {
            let sql = format!("CREATE TABLE {} AS SELECT * FROM {} LIMIT 0", beside(table), quoted(table.name));
            raw_sql(AssertSqlSafe(sql)).execute(&mut *self.transaction).await.map_err(failed)?;
            self.tables.push(table);
        }
        let count = rows.len();
        let mut rows = rows.into_iter();
        for size in sizes(count, BATCH) {
            let sql = schema::insert_into(&beside(table), table, size);
            let statement = rows.by_ref().take(size).fold(query(AssertSqlSafe(sql)), cells::bind_row);
            statement.execute(&mut *self.transaction).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// The table's content becomes what lies beside it.
async fn exchange(
    path: &std::path::Path,
    connection: &mut SqliteConnection,
    table: &'static TableSpec,
) -> Result<(), StoreError> {
    upkeep::number(path, connection, table).await?;
    let last = upkeep::last_given(path, connection, table).await?;
    let (name, beside, key) = (quoted(table.name), beside(table), quoted(table.key()));
    let columns = schema::columns(table);
    let set: Vec<String> = columns.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    let columns = columns.join(", ");
    let sql = format!(
        "DELETE FROM {name} WHERE {key} NOT IN (SELECT {key} FROM {beside}); \
         INSERT INTO {name} (local_id, {columns}) SELECT {last} + rowid, {columns} FROM {beside} WHERE true \
         ON CONFLICT ({key}) DO UPDATE SET {set}; \
         DROP TABLE {beside};",
        set = set.join(", "),
    );
    raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.map_err(|e| store(path, &e))?;
    upkeep::number(path, connection, table).await
}

#[async_trait]
impl Mend for Anew {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        self.step()?;
        self.add(table, rows).await?;
        self.broken = false;
        Ok(())
    }

    async fn finish(mut self: Box<Self>, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        self.step()?;
        apply::check(changes)?;
        let path = self.inner.path.clone();
        for table in &self.tables {
            exchange(&path, &mut self.transaction, table).await?;
        }
        let touched = Touched::by(self.tables.iter().map(|table| table.name));
        if touched.objects || touched.zones || touched.names {
            search::index_all(&path, &mut self.transaction).await?;
        }
        apply::apply(&path, &mut self.transaction, changes, identity).await?;
        self.transaction.commit().await.map_err(|e| store(&path, &e))
    }
}
