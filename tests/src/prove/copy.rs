//! A copy of what an account may read, made now, to compare a replica with.

use async_trait::async_trait;
use vigie_core::port::{Metropolis, MetropolisError, Rebuild, Replica, SnapshotSink};
use vigie_core::table::{Row, TableSpec};
use vigie_testkit::memory_store::MemoryReplica;

struct Into(Box<dyn Rebuild>);

#[async_trait]
impl SnapshotSink for Into {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.0.rows(table, rows).await.map_err(|e| MetropolisError::Unexpected(e.to_string()))
    }
}

/// Makes it.
pub async fn copy(session: &dyn Metropolis) -> anyhow::Result<MemoryReplica> {
    let fresh = MemoryReplica::default();
    let mut sink = Into(fresh.rebuild().await?);
    let cut = session.snapshot(&mut sink).await?;
    sink.0.finish(cut, session.identity().await?).await?;
    Ok(fresh)
}
