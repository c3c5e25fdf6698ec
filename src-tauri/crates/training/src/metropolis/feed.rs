//! The feed of the city in memory: everything that one pull gives, read under one lock, made into rows outside it.

use std::borrow::Cow;

use uuid::Uuid;
use vigie_core::port::{Changes, Cut, MetropolisError, SnapshotSink, TableChanges};
use vigie_core::rights::{Role, rights};
use vigie_core::table::{Row, TableSpec, TableSum};
use vigie_core::time::Timestamp;

use super::table::{Fed, Rows};
use super::world::World;

/// Rows handed to a sink at a time.
const BATCH: usize = 2_000;

/// What is wanted beside the changes.
#[derive(Clone, Copy)]
pub(super) enum Beside<'a> {
    Nothing,
    /// The sum of every table.
    Sums,
    /// These tables whole, in the place of their changes.
    Whole(&'a [&'static TableSpec]),
}

/// What one pull gives.
pub(super) struct Pull {
    cut: Cut,
    changed: Vec<(&'static TableSpec, Vec<Uuid>, Rows)>,
    whole: Vec<(&'static TableSpec, Rows)>,
    summed: Vec<(&'static TableSpec, Rows)>,
    role: Role,
}

impl World {
    pub(super) fn cut(&self, at: Timestamp) -> Cut {
        Cut { epoch: self.epoch, timeline: self.timeline, xmin: self.xid + 1, snapshot: String::new(), at }
    }

    /// The tables that a role reads.
    pub(super) fn read_by(&self, role: Role) -> impl Iterator<Item = (&'static TableSpec, &dyn Fed)> {
        self.fed().into_iter().filter_map(move |t| Some((t.spec().filter(|s| rights().may_read(role, s.name))?, t)))
    }

    /// What changed since a cut, for a role.
    pub(super) fn pull(
        &self,
        role: Role,
        since: &Cut,
        beside: Beside,
        now: Timestamp,
    ) -> Result<Pull, MetropolisError> {
        let resync = |why: &str| Err(MetropolisError::ResyncNeeded(why.into()));
        match since {
            since if since.epoch != self.epoch => return resync("another epoch"),
            since if since.xmin > self.xid + 1 => return resync("the copy is ahead"),
            since if since.xmin < self.horizon => return resync("the copy is too old"),
            _ => {}
        }
        let (cut, changed) = (self.cut(now), Vec::new());
        let mut pull = Pull { cut, changed, whole: Vec::new(), summed: Vec::new(), role };
        for (spec, table) in self.read_by(role) {
            match beside {
                Beside::Whole(wanted) if wanted.iter().any(|w| w.name == spec.name) => {
                    pull.whole.push((spec, given(role, spec, table.all(now))));
                    continue;
                }
                Beside::Sums => pull.summed.push((spec, given(role, spec, table.all(now)))),
                _ => {}
            }
            if since.xmin <= self.xid {
                let (gone, rows) = table.since(since.xmin);
                pull.changed.push((spec, gone, rows));
            }
        }
        Ok(pull)
    }
}

impl Pull {
    /// The tables that were wanted whole, to a sink.
    pub(super) async fn send(&mut self, sink: &mut dyn SnapshotSink) -> Result<(), MetropolisError> {
        for (spec, rows) in self.whole.drain(..) {
            if send(spec, rows, sink).await? == 0 {
                sink.rows(spec, Vec::new()).await?;
            }
        }
        Ok(())
    }

    /// The sums of the tables.
    pub(super) fn sums(&mut self) -> Vec<TableSum> {
        let sum = |(spec, rows): (&'static TableSpec, Rows)| {
            let mut sum = TableSum::empty(spec);
            for row in rows {
                sum.add(row.key().unwrap_or_default(), row.stamp);
            }
            sum
        };
        self.summed.drain(..).map(sum).collect()
    }

    /// The changes.
    pub(super) fn changes(self) -> Changes {
        let tables = self
            .changed
            .into_iter()
            .map(|(table, mut deleted, rows)| {
                // A row that this role does not see (any more) is gone for it.
                let seen =
                    rows.filter_map(|row| shown(self.role, table, row).map_err(|gone| deleted.extend(gone)).ok());
                let rows = seen.collect();
                TableChanges { table, deleted, rows }
            })
            .filter(|t| !t.deleted.is_empty() || !t.rows.is_empty())
            .collect();
        Changes { cut: self.cut, tables }
    }
}

/// Rows as a role is given them.
pub(super) fn given(role: Role, spec: &'static TableSpec, rows: Rows) -> Rows {
    Box::new(rows.filter_map(move |row| shown(role, spec, row).ok()))
}

/// A row as a role is given it, or the key of one that it does not see.
fn shown(role: Role, table: &'static TableSpec, row: Row) -> Result<Row, Option<Uuid>> {
    match rights().shown(role, table, &row) {
        Some(Cow::Owned(changed)) => Ok(changed),
        Some(Cow::Borrowed(_)) => Ok(row),
        None => Err(row.key()),
    }
}

/// A table to a sink; how many rows.
pub(super) async fn send(
    spec: &'static TableSpec,
    mut rows: Rows,
    sink: &mut dyn SnapshotSink,
) -> Result<usize, MetropolisError> {
    let mut sent = 0;
    loop {
        let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(sent);
        }
        sent += batch.len();
        sink.rows(spec, batch).await?;
    }
}
