//! The local files without files: the same behaviour as the SQLite ones, on a map, so that the engine runs on virtual time.
//!
//! Nothing here waits or touches the disk. A clone is another handle on the same store: a test drops its engine, keeps the
//! clone, and starts another engine on what the first one left.

mod failures;
mod outbox;
mod replica;
mod table;
mod words;

pub use outbox::MemoryOutbox;
pub use replica::MemoryReplica;
