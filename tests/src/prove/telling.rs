//! A replica that tells what was committed to it, as soon as it was.

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::port::{Changes, Identity, LocalId, Mend, Rebuild, Replica, ReplicaInfo, StoreError};
use vigie_core::search::{Found, Place};
use vigie_core::table::{Cell, Row, TableSpec, TableSum};
use vigie_core::time::Timestamp;
use vigie_store::SqliteReplica;

/// The replica, and whom it tells.
pub struct Telling<F> {
    /// The real one.
    pub replica: SqliteReplica,
    /// Called after the commit of each pull.
    pub tell: F,
}

#[async_trait]
impl<F: Fn(&Changes) + Send + Sync> Replica for Telling<F> {
    async fn info(&self) -> Result<Option<ReplicaInfo>, StoreError> {
        self.replica.info().await
    }
    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, StoreError> {
        self.replica.rebuild().await
    }
    async fn apply(&self, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        self.replica.apply(changes, identity).await?;
        (self.tell)(changes);
        Ok(())
    }
    async fn sums(&self, at: Timestamp) -> Result<Vec<TableSum>, StoreError> {
        self.replica.sums(at).await
    }
    async fn mend(&self) -> Result<Box<dyn Mend>, StoreError> {
        self.replica.mend().await
    }
    async fn scan(&self, table: &'static TableSpec) -> Result<Vec<(LocalId, Row)>, StoreError> {
        self.replica.scan(table).await
    }
    async fn row(&self, table: &'static TableSpec, key: Uuid) -> Result<Option<(LocalId, Row)>, StoreError> {
        self.replica.row(table, key).await
    }
    async fn find(
        &self,
        table: &'static TableSpec,
        column: &str,
        value: &Cell,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        self.replica.find(table, column, value, limit).await
    }
    async fn search(&self, text: &str, limit: u32) -> Result<Found<LocalId>, StoreError> {
        self.replica.search(text, limit).await
    }
    async fn places(&self, text: &str, limit: u32) -> Result<Found<Place>, StoreError> {
        self.replica.places(text, limit).await
    }
}
