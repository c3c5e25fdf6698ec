//! The deposit of a machine in memory: its accounts share a clone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use vigie_core::ids::RecordId;
use vigie_core::port::{Deposit, Deposited, StoreError};

/// A deposit in memory. Cloning it gives another handle on the same one.
#[derive(Debug, Clone, Default)]
pub struct MemoryDeposit(Arc<Mutex<Left>>);

#[derive(Debug, Default)]
struct Left {
    records: Vec<Deposited>,
    waiting: BTreeMap<String, u32>,
}

impl MemoryDeposit {
    fn lock(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Deposit for MemoryDeposit {
    async fn leave(&self, record: &Deposited) -> Result<(), StoreError> {
        let mut left = self.lock();
        if left.records.iter().all(|r| r.record_id != record.record_id) {
            left.records.push(record.clone());
            left.records.sort_by_key(|r| (r.written_at, r.record_id));
        }
        Ok(())
    }

    async fn take_away(&self, ids: &[RecordId]) -> Result<(), StoreError> {
        self.lock().records.retain(|r| !ids.contains(&r.record_id));
        Ok(())
    }

    async fn left(&self) -> Result<Vec<Deposited>, StoreError> {
        Ok(self.lock().records.clone())
    }

    async fn tell_waiting(&self, account: &str, waiting: u32) -> Result<(), StoreError> {
        self.lock().waiting.insert(account.to_owned(), waiting);
        Ok(())
    }

    async fn waiting(&self) -> Result<Vec<(String, u32)>, StoreError> {
        Ok(self.lock().waiting.iter().filter(|(_, n)| **n > 0).map(|(a, n)| (a.clone(), *n)).collect())
    }
}
