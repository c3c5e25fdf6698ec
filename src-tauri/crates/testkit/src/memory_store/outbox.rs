//! The outbox in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use vigie_core::command::CommandState;
use vigie_core::ids::{CommandId, GroupId};
use vigie_core::port::{GroupHead, Outbox, OutboxChange, OutboxEntry, OutboxState, StoreError, StoredEvent};

use super::failures::Failures;
use super::records::Written;

/// An outbox in memory. Cloning it gives another handle on the same one: what survives an engine that "crashed".
#[derive(Debug, Clone, Default)]
pub struct MemoryOutbox {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// In position order; nothing is ever taken out.
    entries: Vec<(OutboxEntry, Vec<StoredEvent>)>,
    /// Records and drafts.
    pub(super) written: Written,
    /// What the members of groups have in common.
    heads: HashMap<GroupId, GroupHead>,
    failures: Failures,
}

impl State {
    fn position_of(&self, id: CommandId) -> Option<usize> {
        self.entries.iter().position(|(entry, _)| entry.order.command_id == id)
    }

    fn add(&mut self, entry: &OutboxEntry, event: &StoredEvent) -> i64 {
        if let Some((present, _)) = self.position_of(entry.order.command_id).and_then(|at| self.entries.get(at)) {
            return present.position;
        }
        let position = i64::try_from(self.entries.len()).unwrap_or(i64::MAX).saturating_add(1);
        self.entries.push((OutboxEntry { position, ..entry.clone() }, vec![event.clone()]));
        position
    }

    fn advance(&mut self, entry: &OutboxEntry, from: CommandState, event: &StoredEvent) -> bool {
        let at = self.position_of(entry.order.command_id);
        let Some((stored, events)) = at.and_then(|at| self.entries.get_mut(at)).filter(|(s, _)| s.state == from) else {
            return false;
        };
        stored.state = entry.state;
        stored.detail.clone_from(&entry.detail);
        stored.outbox = entry.outbox;
        stored.reissued_as = entry.reissued_as;
        events.push(event.clone());
        true
    }
}

impl MemoryOutbox {
    /// The next call answers this error and does nothing; several are answered in order.
    pub fn fail_next(&self, error: StoreError) {
        self.lock().failures.add(error);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn due(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let mut state = self.lock();
        state.failures.due()?;
        Ok(state)
    }
}

#[async_trait]
impl Outbox for MemoryOutbox {
    async fn add(&self, entry: &OutboxEntry, event: &StoredEvent) -> Result<i64, StoreError> {
        Ok(self.due()?.add(entry, event))
    }

    async fn advance(&self, entry: &OutboxEntry, from: CommandState, event: &StoredEvent) -> Result<bool, StoreError> {
        Ok(self.due()?.advance(entry, from, event))
    }

    async fn write(&self, changes: &[OutboxChange]) -> Result<Option<Vec<i64>>, StoreError> {
        let mut state = self.due()?;
        let stands = |state: &State, entry: &OutboxEntry, from: CommandState| {
            let at = state.position_of(entry.order.command_id).and_then(|at| state.entries.get(at));
            at.is_some_and(|(stored, _)| stored.state == from)
        };
        let mut moves = changes.iter().filter_map(|c| match c {
            OutboxChange::Advance(entry, from, _) => Some((entry, *from)),
            _ => None,
        });
        if !moves.all(|(entry, from)| stands(&state, entry, from)) {
            return Ok(None);
        }
        let mut positions = Vec::new();
        for change in changes {
            match change {
                OutboxChange::Head(head) => {
                    state.heads.entry(head.group_id).or_insert_with(|| head.clone());
                }
                OutboxChange::Add(entry, event) => positions.push(state.add(entry, event)),
                OutboxChange::Advance(entry, from, event) => {
                    state.advance(entry, *from, event);
                }
            }
        }
        Ok(Some(positions))
    }

    async fn group(&self, id: GroupId) -> Result<Option<GroupHead>, StoreError> {
        Ok(self.due()?.heads.get(&id).cloned())
    }

    async fn open_entries(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        let state = self.due()?;
        Ok(state.entries.iter().map(|(entry, _)| entry).filter(|e| e.outbox != OutboxState::Done).cloned().collect())
    }

    async fn recent(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let state = self.due()?;
        Ok(state.entries.iter().rev().take(limit as usize).map(|(entry, _)| entry.clone()).collect())
    }

    async fn entry(&self, id: CommandId) -> Result<Option<OutboxEntry>, StoreError> {
        let state = self.due()?;
        Ok(state.position_of(id).and_then(|at| state.entries.get(at)).map(|(entry, _)| entry.clone()))
    }

    async fn events(&self, id: CommandId) -> Result<Vec<StoredEvent>, StoreError> {
        let state = self.due()?;
        Ok(state
            .position_of(id)
            .and_then(|at| state.entries.get(at))
            .map_or_else(Vec::new, |(_, events)| events.clone()))
    }
}
