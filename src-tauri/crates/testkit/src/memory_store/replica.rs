//! The replica in memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::port::{Changes, Cut, Identity, LocalId, Mend, Rebuild, Replica, ReplicaInfo, StoreError};
use vigie_core::search::{Found, Place};
use vigie_core::table::{BadRow, Cell, Commune, Equipment, Row, TABLES, TableRow as _, TableSpec, TableSum, Zone};
use vigie_core::time::Timestamp;

use super::failures::Failures;
use super::search::City;
use super::table::{Table, stored};

/// A replica in memory. Cloning it gives another handle on the same one.
#[derive(Debug, Clone, Default)]
pub struct MemoryReplica {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    copy: Copied,
    failures: Failures,
}

#[derive(Debug, Clone, Default)]
struct Copied {
    info: Option<ReplicaInfo>,
    tables: HashMap<&'static str, Table>,
}

fn unreadable(reason: &str) -> StoreError {
    StoreError::Unreadable { file: "memory replica".into(), reason: reason.into() }
}

impl MemoryReplica {
    /// The next call answers this error and does nothing; several are answered in order.
    pub fn fail_next(&self, error: StoreError) {
        self.lock().failures.add(error);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, unless this call is to fail.
    fn due(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let mut state = self.lock();
        state.failures.due()?;
        Ok(state)
    }
}

impl Copied {
    fn table(&mut self, spec: &'static TableSpec) -> &mut Table {
        self.tables.entry(spec.name).or_default()
    }

    fn prune(&mut self, cut: &Cut) {
        for spec in TABLES {
            self.table(spec).prune(spec, cut.at);
        }
    }

    fn apply(&mut self, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for part in &changes.tables {
            for row in &part.rows {
                rows.push((part.table, stored(part.table, row.clone())?));
            }
        }
        let Some(info) = self.info.as_mut() else { return Err(unreadable("it holds no full copy yet")) };
        info.cut = changes.cut.clone();
        info.identity = identity.clone();
        let kept: HashSet<_> = rows.iter().map(|(spec, row)| (spec.name, row.key())).collect();
        for part in &changes.tables {
            for key in part.deleted.iter().filter(|key| !kept.contains(&(part.table.name, Some(**key)))) {
                self.table(part.table).delete(*key);
            }
        }
        for (spec, row) in rows {
            self.table(spec).put(row);
        }
        self.prune(&changes.cut);
        Ok(())
    }

    fn city(&self) -> City {
        let rows = |spec: &TableSpec| self.tables.get(spec.name).into_iter().flat_map(Table::scan);
        City::of(rows(&Commune::SPEC), rows(&Zone::SPEC), rows(&Equipment::SPEC))
    }
}

#[async_trait]
impl Replica for MemoryReplica {
    async fn info(&self) -> Result<Option<ReplicaInfo>, StoreError> {
        Ok(self.due()?.copy.info.clone())
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, StoreError> {
        drop(self.due()?);
        Ok(Box::new(Beside { of: self.clone(), copy: Copied::default(), broken: None }))
    }

    async fn apply(&self, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        self.due()?.copy.apply(changes, identity)
    }

    async fn sums(&self, at: Timestamp) -> Result<Vec<TableSum>, StoreError> {
        let mut state = self.due()?;
        Ok(TABLES.iter().map(|spec| state.copy.table(spec).sum(spec, at)).collect())
    }

    async fn mend(&self) -> Result<Box<dyn Mend>, StoreError> {
        drop(self.due()?);
        Ok(Box::new(Anew { of: self.clone(), tables: Vec::new() }))
    }

    async fn scan(&self, table: &'static TableSpec) -> Result<Vec<(LocalId, Row)>, StoreError> {
        Ok(self.due()?.copy.table(table).scan().map(|(id, row)| (id, row.clone())).collect())
    }

    async fn row(&self, table: &'static TableSpec, key: Uuid) -> Result<Option<(LocalId, Row)>, StoreError> {
        Ok(self.due()?.copy.table(table).row(key))
    }

    async fn find(
        &self,
        table: &'static TableSpec,
        column: &str,
        value: &Cell,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let known = table.columns.iter().map(|c| c.name).find(|name| *name == column).unwrap_or("(unknown)");
        let position = table.position(known).filter(|_| table.indexed.contains(&known) || known == table.key());
        let position = position.ok_or(BadRow { table: table.name, column: known })?;
        Ok(self.due()?.copy.table(table).find(position, value, limit))
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Found<LocalId>, StoreError> {
        Ok(self.due()?.copy.city().objects(text, limit))
    }

    async fn places(&self, text: &str, limit: u32) -> Result<Found<Place>, StoreError> {
        Ok(self.due()?.copy.city().places(text, limit))
    }
}

/// Tables taken anew beside the present ones.
struct Anew {
    of: MemoryReplica,
    tables: Vec<(&'static TableSpec, Vec<Row>)>,
}

#[async_trait]
impl Mend for Anew {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        drop(self.of.due()?);
        let mut rows: Vec<Row> = rows.into_iter().map(|row| stored(table, row)).collect::<Result<_, _>>()?;
        match self.tables.iter_mut().find(|(known, _)| known.name == table.name) {
            Some((_, known)) => known.append(&mut rows),
            None => self.tables.push((table, rows)),
        }
        Ok(())
    }

    async fn finish(self: Box<Self>, changes: &Changes, identity: &Identity) -> Result<(), StoreError> {
        let mut state = self.of.due()?;
        let mut copy = state.copy.clone();
        for (spec, rows) in self.tables {
            copy.table(spec).become_these(rows);
        }
        copy.apply(changes, identity)?;
        state.copy = copy;
        Ok(())
    }
}

/// A copy beside the present one.
struct Beside {
    of: MemoryReplica,
    copy: Copied,
    broken: Option<&'static str>,
}

#[async_trait]
impl Rebuild for Beside {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError> {
        if self.broken.is_some() {
            return Err(unreadable("a step of the copy was interrupted: begin it again"));
        }
        self.broken = Some("a step of the copy was interrupted: begin it again");
        drop(self.of.due()?);
        let rows: Vec<Row> = rows.into_iter().map(|row| stored(table, row)).collect::<Result<_, _>>()?;
        self.broken = None;
        for row in rows {
            if self.copy.table(table).put(row) {
                self.broken = Some("a key came twice");
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>, cut: Cut, identity: Identity) -> Result<(), StoreError> {
        if let Some(reason) = self.broken {
            return Err(unreadable(reason));
        }
        let mut state = self.of.due()?;
        let generation = state.copy.info.as_ref().map_or(0, |i| i.generation).saturating_add(1);
        self.copy.prune(&cut);
        self.copy.info = Some(ReplicaInfo { identity, cut, generation });
        state.copy = std::mem::take(&mut self.copy);
        Ok(())
    }
}
