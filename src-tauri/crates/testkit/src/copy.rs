//! A copy of what an account may read, made now: into a replica, or into memory to compare one with.

use async_trait::async_trait;
use vigie_core::port::{Metropolis, MetropolisError, Rebuild, Replica, SnapshotSink, StoreError};
use vigie_core::table::{Row, TABLES, TableSpec};

use crate::memory_store::MemoryReplica;

struct Into(Box<dyn Rebuild>);

#[async_trait]
impl SnapshotSink for Into {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.0.rows(table, rows).await.map_err(|e| unexpected(&e))
    }
}

fn unexpected(error: &StoreError) -> MetropolisError {
    MetropolisError::Unexpected(error.to_string())
}

/// Makes a full copy in a replica.
pub async fn copy_into(replica: &dyn Replica, session: &dyn Metropolis) -> Result<(), MetropolisError> {
    let mut sink = Into(replica.rebuild().await.map_err(|e| unexpected(&e))?);
    let cut = session.snapshot(&mut sink).await?;
    let identity = session.identity().await?;
    sink.0.finish(cut, identity).await.map_err(|e| unexpected(&e))
}

/// Makes one in memory.
pub async fn copy(session: &dyn Metropolis) -> Result<MemoryReplica, MetropolisError> {
    let fresh = MemoryReplica::default();
    copy_into(&fresh, session).await?;
    Ok(fresh)
}

/// What differs between two replicas, table by table, in words: empty when they hold the same rows.
pub async fn differences(here: &dyn Replica, there: &dyn Replica) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for table in TABLES {
        let (ours, theirs) = (rows(here, table).await?, rows(there, table).await?);
        if ours != theirs {
            let lacking = theirs.iter().filter(|row| !ours.contains(row)).count();
            let too_many = ours.iter().filter(|row| !theirs.iter().any(|r| r.key() == row.key())).count();
            found.push(format!("{}: {lacking} rows differ or lack, {too_many} are too many", table.name));
        }
    }
    Ok(found)
}

async fn rows(replica: &dyn Replica, table: &'static TableSpec) -> Result<Vec<Row>, StoreError> {
    let mut rows: Vec<_> = replica.scan(table).await?.into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(Row::key);
    Ok(rows)
}
