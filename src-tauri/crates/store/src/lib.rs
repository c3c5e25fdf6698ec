//! SQLite files of a workstation: the replica, the outbox, the deposit.
//!
//! | module | file | what it guarantees |
//! |---|---|---|
//! | [`replica`] | `replica.sqlite` | one committed cut of what this account may read; may be thrown away, never half applied |
//! | [`outbox`] | `outbox.sqlite` | what was written here; never deleted, overwritten or shortened by this crate |
//! | [`deposit`] | `deposit.sqlite` | signed records that one account leaves for the next holder of its desk; copies |
//!
//! The first two are encrypted (`SQLCipher`) under the one [`key`] of their folder, which [`rotation`] changes; the third has
//! a folder of its own.
//!
//! Two files because they have two fates. Each has a few reading connections and one writing connection, so a reader never
//! waits for a writer. Every future may be dropped at any point: a change is either whole or absent.

mod cells;
mod connections;
pub mod deposit;
mod error;
mod files;
pub mod key;
pub mod outbox;
mod plain;
pub mod replica;
pub mod rotation;

pub use deposit::SqliteDeposit;
pub use key::FileKey;
pub use outbox::SqliteOutbox;
pub use replica::{Opening, SqliteReplica};
