//! The contract of the local files, on both implementations.

// What helps a test is a test too, but only the functions marked so are recognised.
#![allow(clippy::unwrap_used)]

use vigie_store::{SqliteDeposit, SqliteOutbox, SqliteReplica};
use vigie_testkit::memory_store::{MemoryDeposit, MemoryOutbox, MemoryReplica};

mod sqlite {
    use super::*;

    const KEY: vigie_store::FileKey = vigie_store::FileKey::new([9; 32]);

    async fn replica() -> (tempfile::TempDir, SqliteReplica) {
        let dir = tempfile::tempdir().unwrap();
        let replica = vigie_store::replica::open(dir.path(), &KEY).await.unwrap();
        (dir, replica)
    }

    async fn outbox() -> (tempfile::TempDir, SqliteOutbox) {
        let dir = tempfile::tempdir().unwrap();
        let outbox = vigie_store::outbox::open(dir.path(), &KEY).await.unwrap();
        (dir, outbox)
    }

    async fn deposit() -> (tempfile::TempDir, SqliteDeposit) {
        let dir = tempfile::tempdir().unwrap();
        let deposit = vigie_store::deposit::open(dir.path(), &KEY).await.unwrap();
        (dir, deposit)
    }

    vigie_testkit::replica_suite!(replica);
    vigie_testkit::outbox_suite!(outbox);
    vigie_testkit::records_suite!(outbox);
    vigie_testkit::deposit_suite!(deposit);
}

mod memory {
    use std::future::{Ready, ready};

    use super::*;

    fn replica() -> Ready<((), MemoryReplica)> {
        ready(((), MemoryReplica::default()))
    }

    fn outbox() -> Ready<((), MemoryOutbox)> {
        ready(((), MemoryOutbox::default()))
    }

    fn deposit() -> Ready<((), MemoryDeposit)> {
        ready(((), MemoryDeposit::default()))
    }

    vigie_testkit::replica_suite!(replica);
    vigie_testkit::outbox_suite!(outbox);
    vigie_testkit::records_suite!(outbox);
    vigie_testkit::deposit_suite!(deposit);
}
