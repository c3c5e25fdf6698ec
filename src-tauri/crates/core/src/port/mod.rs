//! The ports: traits behind which I/O lives. The engine knows nothing else of databases and files.

mod metropolis;
mod records;
mod store;
mod trust;

pub use metropolis::{
    Changes, Cut, FetchError, Identity, Metropolis, MetropolisError, MetropolisMode, SnapshotSink, Sums, TableChanges,
};
pub use records::{Deposit, Deposited, Draft, Lane, OutboxRecord, RecordMove, Records};
pub use store::{
    GroupHead, LocalId, Mend, Outbox, OutboxChange, OutboxEntry, OutboxState, Rebuild, Replica, ReplicaInfo,
    StoreError, StoredEvent,
};
pub use trust::TlsTrouble;
