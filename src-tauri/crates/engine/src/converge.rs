//! Whether the copy is the metropolis's, and what to do when it is not.
//!
//! A comparison by sums is due once a day, at an hour of each workstation's own, and at once after a promotion: what the
//! copy holds of transactions that were lost with the former primary no delta would ever take away. A table that differs is
//! taken anew and whole, with the changes of the others, in one transaction; it is never a whole city.

use std::time::Duration;

use async_trait::async_trait;
use vigie_core::port::{Cut, Identity, Mend, Metropolis, MetropolisError, SnapshotSink, StoreError};
use vigie_core::table::{Row, TableSpec, TableSum};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

/// After a start, the first comparison comes within this time.
const AFTER_START: Duration = Duration::from_secs(3600);

impl Engine {
    /// Plans the next comparison some time within `within`, unless one is due earlier.
    pub(crate) fn plan_comparison(&self, within: Duration) {
        let at = self.inner.machine.now().boot + within.mul_f64(self.jitter() as f64 / 256.0);
        let mut state = self.lock();
        state.compare_at = Some(state.compare_at.map_or(at, |planned| planned.min(at)));
    }

    /// Whether a comparison is due; planned if none is.
    pub(crate) fn comparison_due(&self) -> bool {
        let now = self.inner.machine.now().boot;
        let planned = self.lock().compare_at;
        if planned.is_none() {
            // When the last one was is not kept: a laptop that is opened for an hour a day is compared too.
            self.plan_comparison(self.inner.options.compare_every.min(AFTER_START));
        }
        planned.is_some_and(|at| at <= now)
    }

    /// Compares the copy with the metropolis and takes anew what differs.
    pub(crate) async fn compare(&self, metropolis: &dyn Metropolis, identity: &Identity) -> Result<(), EngineError> {
        let Some(since) = self.cut().await? else { return Ok(()) };
        let sums = self.at_leisure(metropolis.sums(&since)).await?;
        self.take_in(&since, &sums.changes, identity).await?;
        let held = self.inner.replica.sums(sums.changes.cut.at).await?;
        let differ: Vec<_> = sums.tables.iter().filter_map(|sum| differs(sum, &held)).collect();
        for (table, parts) in &differ {
            tracing::warn!(table = table.name, parts, "the local copy differs from the metropolis: taken anew");
        }
        if !differ.is_empty() {
            let tables: Vec<_> = differ.into_iter().map(|(table, _)| table).collect();
            self.mend(metropolis, &tables, identity).await?;
        }
        self.lock().compare_at = None;
        self.plan_comparison(self.inner.options.compare_every);
        Ok(())
    }

    async fn mend(
        &self,
        metropolis: &dyn Metropolis,
        tables: &[&'static TableSpec],
        identity: &Identity,
    ) -> Result<(), EngineError> {
        let Some(since) = self.cut().await? else { return Ok(()) };
        let mut sink = MendSink { mend: self.inner.replica.mend().await?, failed: None };
        let recopied = self.at_leisure(metropolis.recopy(&since, tables, &mut sink)).await;
        if let Some(error) = sink.failed {
            return Err(error.into());
        }
        let changes = recopied?;
        sink.mend.finish(&changes, identity).await?;
        self.load_replica().await?;
        let generation = self.lock().picture.generation;
        self.heard(changes.cut.at);
        self.tell(Observed::City(generation));
        self.commands_moved().await
    }

    async fn cut(&self) -> Result<Option<Cut>, EngineError> {
        Ok(self.inner.replica.info().await?.map(|info| info.cut))
    }

    /// Awaits what goes through whole tables.
    async fn at_leisure<T>(
        &self,
        work: impl Future<Output = Result<T, MetropolisError>>,
    ) -> Result<T, MetropolisError> {
        let patience = self.inner.options.return_deadline;
        tokio::time::timeout(patience, work).await.unwrap_or(Err(MetropolisError::Deadline))
    }
}

/// The table, and in how many parts it differs, if it does.
fn differs(sum: &TableSum, held: &[TableSum]) -> Option<(&'static TableSpec, usize)> {
    let held = held.iter().find(|held| held.table.name == sum.table.name);
    let parts = held.map_or(sum.parts.len(), |held| sum.parts.iter().zip(&held.parts).filter(|(a, b)| a != b).count());
    (parts > 0).then_some((sum.table, parts))
}

struct MendSink {
    mend: Box<dyn Mend>,
    /// A local file that failed is told as such, not as the metropolis's fault.
    failed: Option<StoreError>,
}

#[async_trait]
impl SnapshotSink for MendSink {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.mend.rows(table, rows).await.map_err(|error| {
            let told = MetropolisError::Unexpected(error.to_string());
            self.failed = Some(error);
            told
        })
    }
}
