//! A desk's files: the memory stores behind its mains, which may also refuse once in a while.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::command::CommandState;
use vigie_core::ids::{CommandId, GroupId};
use vigie_core::port::{
    Changes, Cut, Draft, GroupHead, Identity, LocalId, Mend, Outbox, OutboxChange, OutboxEntry, OutboxRecord, Rebuild,
    RecordMove, Records, Replica, ReplicaInfo, StoreError, StoredEvent,
};
use vigie_core::search::{Found, Place};
use vigie_core::table::{Cell, Row, TableSpec, TableSum};
use vigie_core::time::Timestamp;
use vigie_testkit::memory_store::{MemoryOutbox, MemoryReplica};

use super::Planted;
use super::mains::{Mains, Power};

fn dead() -> StoreError {
    StoreError::Disk { file: "simulated".into(), reason: "the machine is off".into() }
}

/// Runs a call as far as the mains let it.
macro_rules! powered {
    ($mains:expr, $call:expr) => {
        match $mains.call() {
            Power::On => $call,
            Power::Dying => {
                let _ = $call;
                Err(dead())
            }
            Power::Off => Err(dead()),
        }
    };
}

/// The outbox of one life of a desk.
pub(super) struct DeskOutbox {
    pub(super) mains: Arc<Mains>,
    pub(super) file: MemoryOutbox,
}

#[async_trait]
impl Outbox for DeskOutbox {
    async fn add(&self, entry: &OutboxEntry, event: &StoredEvent) -> Result<i64, StoreError> {
        powered!(self.mains, self.file.add(entry, event).await)
    }

    async fn advance(&self, entry: &OutboxEntry, from: CommandState, event: &StoredEvent) -> Result<bool, StoreError> {
        powered!(self.mains, self.file.advance(entry, from, event).await)
    }

    async fn write(&self, changes: &[OutboxChange]) -> Result<Option<Vec<i64>>, StoreError> {
        powered!(self.mains, self.file.write(changes).await)
    }

    async fn group(&self, id: GroupId) -> Result<Option<GroupHead>, StoreError> {
        powered!(self.mains, self.file.group(id).await)
    }

    async fn open_entries(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        powered!(self.mains, self.file.open_entries().await)
    }

    async fn recent(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        powered!(self.mains, self.file.recent(limit).await)
    }

    async fn entry(&self, id: CommandId) -> Result<Option<OutboxEntry>, StoreError> {
        powered!(self.mains, self.file.entry(id).await)
    }

    async fn events(&self, id: CommandId) -> Result<Vec<StoredEvent>, StoreError> {
        powered!(self.mains, self.file.events(id).await)
    }
}

#[async_trait]
impl Records for DeskOutbox {
    async fn file(&self, record: &OutboxRecord, draft: Option<&str>) -> Result<i64, StoreError> {
        powered!(self.mains, self.file.file(record, draft).await)
    }

    async fn move_records(&self, moves: &[RecordMove]) -> Result<Vec<bool>, StoreError> {
        powered!(self.mains, self.file.move_records(moves).await)
    }

    async fn records(&self) -> Result<Vec<OutboxRecord>, StoreError> {
        powered!(self.mains, self.file.records().await)
    }

    async fn next_sequence(&self) -> Result<i64, StoreError> {
        powered!(self.mains, self.file.next_sequence().await)
    }

    async fn keep_draft(&self, draft: &Draft) -> Result<(), StoreError> {
        powered!(self.mains, self.file.keep_draft(draft).await)
    }

    async fn discard_draft(&self, key: &str) -> Result<(), StoreError> {
        powered!(self.mains, self.file.discard_draft(key).await)
    }

    async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        powered!(self.mains, self.file.drafts().await)
    }
}

/// The replica of one life of a desk; says which cuts it went through.
#[derive(Clone)]
pub(super) struct DeskReplica {
    pub(super) mains: Arc<Mains>,
    pub(super) file: MemoryReplica,
    pub(super) cuts: Arc<Mutex<Vec<Cut>>>,
    pub(super) planted: Option<Planted>,
}

impl DeskReplica {
    fn held(&self, cut: &Cut) {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner).push(cut.clone());
    }
}

#[async_trait]
impl Replica for DeskReplica {
    async fn info(&self) -> Result<Option<ReplicaInfo>, StoreError> {
        powered!(self.mains, self.file.info().await)
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, StoreError> {
        let beside = powered!(self.mains, self.file.rebuild().await)?;
        Ok(Box::new(Beside { of: self.clone(), beside }))
    }

    async fn apply(&self, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        if self.planted == Some(Planted::CheckpointBeforeData) {
            let cut_only = Changes { cut: changes.cut.clone(), tables: Vec::new() };
            powered!(self.mains, self.file.apply(&cut_only, identity).await)?;
        }
        let applied = powered!(self.mains, self.file.apply(changes, identity).await);
        if applied.is_ok() {
            self.held(&changes.cut);
        }
        applied
    }

    async fn sums(&self, at: Timestamp) -> Result<Vec<TableSum>, StoreError> {
        powered!(self.mains, self.file.sums(at).await)
    }

    async fn mend(&self) -> Result<Box<dyn Mend>, StoreError> {
        let mend = powered!(self.mains, self.file.mend().await)?;
        Ok(Box::new(Anew { of: self.clone(), mend }))
    }

    async fn scan(&self, table: &'static TableSpec) -> Result<Vec<(LocalId, Row)>, StoreError> {
        powered!(self.mains, self.file.scan(table).await)
    }

    async fn row(&self, table: &'static TableSpec, key: Uuid) -> Result<Option<(LocalId, Row)>, StoreError> {
        powered!(self.mains, self.file.row(table, key).await)
    }

    async fn find(
        &self,
        table: &'static TableSpec,
        column: &str,
        value: &Cell,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        powered!(self.mains, self.file.find(table, column, value, limit).await)
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Found<LocalId>, StoreError> {
        powered!(self.mains, self.file.search(text, limit).await)
    }

    async fn places(&self, text: &str, limit: u32) -> Result<Found<Place>, StoreError> {
        powered!(self.mains, self.file.places(text, limit).await)
    }
}

struct Anew {
    of: DeskReplica,
    mend: Box<dyn Mend>,
}

#[async_trait]
impl Mend for Anew {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        powered!(self.of.mains, self.mend.rows(table, rows).await)
    }

    async fn finish(self: Box<Self>, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        let Self { of, mend } = *self;
        let taken = powered!(of.mains, mend.finish(changes, identity).await);
        if taken.is_ok() {
            of.held(&changes.cut);
        }
        taken
    }
}

struct Beside {
    of: DeskReplica,
    beside: Box<dyn Rebuild>,
}

#[async_trait]
impl Rebuild for Beside {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        powered!(self.of.mains, self.beside.rows(table, rows).await)
    }

    async fn finish(self: Box<Self>, cut: Cut, identity: Identity) -> Result<(), StoreError> {
        let Self { of, beside } = *self;
        let taken = powered!(of.mains, beside.finish(cut.clone(), identity).await);
        if taken.is_ok() {
            of.held(&cut);
        }
        taken
    }
}
