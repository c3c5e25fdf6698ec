//! The ports: traits behind which I/O lives. The engine knows nothing else of databases and files.

mod metropolis;
mod store;
mod trust;

pub use metropolis::{
    Changes, Cut, FetchError, Identity, Metropolis, MetropolisError, MetropolisMode, SnapshotSink, TableChanges,
};
pub use store::{LocalId, Outbox, OutboxEntry, OutboxState, Rebuild, Replica, ReplicaInfo, StoreError, StoredEvent};
pub use trust::TlsTrouble;
