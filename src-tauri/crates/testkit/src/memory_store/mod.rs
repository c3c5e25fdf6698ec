//! The local files without files: the same behaviour as the SQLite ones, on a map, so that the engine runs on virtual time.
//!
//! Nothing here waits or touches the disk. A clone is another handle on the same store: a test drops its engine, keeps the
//! clone, and starts another engine on what the first one left.

mod deposit;
mod failures;
mod outbox;
mod records;
mod replica;
mod search;
mod table;

pub use deposit::MemoryDeposit;
pub use outbox::MemoryOutbox;
pub use replica::MemoryReplica;

#[cfg(test)]
mod tests {
    use vigie_core::command::{CommandEventCode, CommandState};
    use vigie_core::port::{Outbox as _, Replica as _, StoreError};

    use super::*;
    use crate::store_suite::samples::{entry, event};

    fn full() -> StoreError {
        StoreError::Disk { file: "outbox.sqlite".into(), reason: "database or disk is full".into() }
    }

    #[tokio::test]
    async fn a_clone_keeps_what_an_engine_that_crashed_had_written() {
        let kept = MemoryOutbox::default();
        let crashed = kept.clone();
        crashed.add(&entry(1), &event(CommandEventCode::Submit, CommandState::Submitted)).await.unwrap();
        drop(crashed);
        assert_eq!(kept.open_entries().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_failure_that_was_ordered_is_answered_once_and_nothing_is_written() {
        let outbox = MemoryOutbox::default();
        let submitted = event(CommandEventCode::Submit, CommandState::Submitted);
        outbox.fail_next(full());
        assert_eq!(outbox.add(&entry(1), &submitted).await, Err(full()));
        assert!(outbox.recent(10).await.unwrap().is_empty());
        assert_eq!(outbox.add(&entry(1), &submitted).await, Ok(1));

        let replica = MemoryReplica::default();
        replica.fail_next(full());
        assert_eq!(replica.rebuild().await.err(), Some(full()));
        assert!(replica.rebuild().await.is_ok());
    }
}
