//! Records and drafts in memory, in the same store as the commands.

use async_trait::async_trait;
use vigie_core::ids::RecordId;
use vigie_core::port::{Draft, OutboxRecord, RecordMove, Records, StoreError};
use vigie_core::record::RecordState;

use super::outbox::MemoryOutbox;

/// What the outbox holds besides commands.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// In position order.
    records: Vec<OutboxRecord>,
    drafts: Vec<Draft>,
    /// The last position given; erasing does not take it back.
    last: i64,
}

impl Written {
    fn find(&mut self, id: RecordId) -> Option<&mut OutboxRecord> {
        self.records.iter_mut().find(|r| r.record_id == id)
    }

    fn step(&mut self, moved: &RecordMove) -> bool {
        let Some(stored) = self.find(moved.record.record_id).filter(|r| r.state == moved.from) else { return false };
        stored.submission_id = moved.record.submission_id;
        stored.state = moved.record.state;
        stored.since = moved.record.since;
        stored.detail.clone_from(&moved.record.detail);
        stored.refusals = moved.record.refusals;
        self.records.retain(|r| r.state != RecordState::Shown);
        true
    }
}

#[async_trait]
impl Records for MemoryOutbox {
    async fn file(&self, record: &OutboxRecord, draft: Option<&str>) -> Result<i64, StoreError> {
        let mut state = self.due()?;
        let written = &mut state.written;
        if let Some(key) = draft {
            written.drafts.retain(|d| d.key != key);
        }
        if let Some(present) = written.find(record.record_id) {
            return Ok(present.position);
        }
        written.last += 1;
        let position = written.last;
        written.records.push(OutboxRecord { position, ..record.clone() });
        Ok(position)
    }

    async fn move_records(&self, moves: &[RecordMove]) -> Result<Vec<bool>, StoreError> {
        let mut state = self.due()?;
        Ok(moves.iter().map(|moved| state.written.step(moved)).collect())
    }

    async fn records(&self) -> Result<Vec<OutboxRecord>, StoreError> {
        let state = self.due()?;
        Ok(state.written.records.iter().filter(|r| r.state != RecordState::Abandoned).cloned().collect())
    }

    async fn next_sequence(&self) -> Result<i64, StoreError> {
        Ok(self.due()?.written.last + 1)
    }

    async fn keep_draft(&self, draft: &Draft) -> Result<(), StoreError> {
        let mut state = self.due()?;
        state.written.drafts.retain(|d| d.key != draft.key);
        state.written.drafts.push(draft.clone());
        Ok(())
    }

    async fn discard_draft(&self, key: &str) -> Result<(), StoreError> {
        self.due()?.written.drafts.retain(|d| d.key != key);
        Ok(())
    }

    async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        let mut drafts = self.due()?.written.drafts.clone();
        drafts.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(drafts)
    }
}
