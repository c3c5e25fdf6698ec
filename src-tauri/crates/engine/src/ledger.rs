//! Writing down where entries stand: on disk first, then on the screen, then in their lanes. Several move together in one
//! transaction or not at all.

use vigie_core::command::{Admission, ClassCode, CommandEventCode as E, CommandState as S, step};
use vigie_core::ids::{CommandId, GroupId};
use vigie_core::port::{GroupHead, OutboxChange, OutboxEntry, OutboxState, StoredEvent};
use vigie_core::submission::Outcome;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::state::TrackedCommand;

/// An entry where it will stand, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub entry: OutboxEntry,
    pub from: S,
    pub event: E,
}

impl Engine {
    /// Own entries that `keep` keeps, in the order of lanes.
    pub(crate) fn entries(&self, keep: impl Fn(&TrackedCommand) -> bool) -> Vec<OutboxEntry> {
        let state = self.lock();
        let mut found: Vec<_> =
            state.commands.values().filter(|c| keep(c)).filter_map(|c| c.entry.as_ref()).cloned().collect();
        found.sort_by_key(|e| e.position);
        found
    }

    /// An entry moved on by an event, if the table allows it.
    pub(crate) fn stepped(&self, mut entry: OutboxEntry, event: E, outbox: OutboxState) -> Result<Moved, EngineError> {
        let from = entry.state;
        // A submission recorded in time that the metropolis took in time is not expired by hearing of it late.
        let at = if matches!(event, E::Accept | E::Reject) { entry.order.issued_at } else { self.now() };
        entry.state = step(from, event, at, entry.order.expires_at).map_err(|_| EngineError::MovedOn)?;
        entry.outbox = if entry.state.is_final() { OutboxState::Done } else { outbox };
        Ok(Moved { entry, from, event })
    }

    /// Moves entries on by the same event, from wherever each stands. Returns whether they were still there.
    pub(crate) async fn move_together(
        &self,
        entries: Vec<OutboxEntry>,
        event: E,
        outbox: OutboxState,
    ) -> Result<bool, EngineError> {
        let moves = entries.into_iter().map(|entry| self.stepped(entry, event, outbox)).collect::<Result<_, _>>()?;
        self.record_together(moves).await
    }

    /// Writes an entry where it now stands, then shows it. Returns whether it was still at `from`.
    pub(crate) async fn record(&self, entry: OutboxEntry, from: S, event: E) -> Result<bool, EngineError> {
        self.record_together(vec![Moved { entry, from, event }]).await
    }

    /// Writes entries where they now stand, all or none, then shows them. Returns whether all were still where they came
    /// from; what was not is read again.
    pub(crate) async fn record_together(&self, moves: Vec<Moved>) -> Result<bool, EngineError> {
        if moves.is_empty() {
            return Ok(true);
        }
        let changes: Vec<_> = moves.iter().map(|m| self.advance(m)).collect();
        let written = self.inner.outbox.write(&changes).await?.is_some();
        for Moved { entry, from, .. } in moves {
            let id = entry.order.command_id;
            let present = if written { Some(entry) } else { self.inner.outbox.entry(id).await? };
            if let Some(present) = present {
                tracing::info!(command = %id, %from, to = %present.state, "command");
                self.lock().set_entry(present);
            }
        }
        self.moved();
        Ok(written)
    }

    /// Writes entries where they now stand: together if all are still where they came from, else those that are.
    pub(crate) async fn record_each(&self, moves: Vec<Moved>) -> Result<(), EngineError> {
        if moves.len() > 1 && !self.record_together(moves.clone()).await? {
            for moved in moves {
                self.record_together(vec![moved]).await?;
            }
        } else if moves.len() == 1 {
            self.record_together(moves).await?;
        }
        Ok(())
    }

    /// Adds an entry: on disk first, then on the screen, then in its lane.
    pub(crate) async fn add(&self, mut entry: OutboxEntry, event: E) -> Result<OutboxEntry, EngineError> {
        entry.position = self.inner.outbox.add(&entry, &self.event(&entry, event)).await?;
        self.show_added(vec![entry.clone()]);
        Ok(entry)
    }

    /// Adds entries together, after these changes; none when one of those could not be made. The entries as they stand.
    pub(crate) async fn add_together(
        &self,
        mut changes: Vec<OutboxChange>,
        entries: Vec<OutboxEntry>,
        event: E,
    ) -> Result<Option<Vec<OutboxEntry>>, EngineError> {
        changes.extend(entries.iter().map(|entry| OutboxChange::Add(entry.clone(), self.event(entry, event))));
        let Some(positions) = self.inner.outbox.write(&changes).await? else { return Ok(None) };
        let added: Vec<_> =
            entries.into_iter().zip(positions).map(|(e, position)| OutboxEntry { position, ..e }).collect();
        self.show_added(added.clone());
        Ok(Some(added))
    }

    fn show_added(&self, entries: Vec<OutboxEntry>) {
        {
            let mut state = self.lock();
            for entry in entries {
                if entry.state == S::Submitted {
                    state.untried.insert(entry.order.command_id);
                }
                state.set_entry(entry);
            }
        }
        self.moved();
    }

    /// What was never received ends, together with what goes on in its place: a crash in between would lose it. A read goes
    /// again under a new id, comfort waits for its key, within the life of the first; service and danger close (R14).
    pub(crate) async fn never_received(&self, head: Vec<OutboxEntry>, outcome: &Outcome) -> Result<bool, EngineError> {
        let again = self.again_under_new_ids(&head);
        let mut moves = Vec::with_capacity(head.len());
        for mut entry in head {
            entry.detail.clone_from(&outcome.code);
            moves.push(self.stepped(entry, E::NeverReceived, OutboxState::Done)?);
        }
        if again.is_empty() {
            return self.record_together(moves).await;
        }
        let mut changes: Vec<_> = moves.iter().map(|m| self.advance(m)).collect();
        let former = moves.first().and_then(|m| m.entry.group_id);
        if let (Some(former), Some(group_id)) = (former, again.first().and_then(|e| e.group_id)) {
            let mut state = self.lock();
            if let Some(head) = state.group_heads.get(&former).cloned() {
                let head = GroupHead { group_id, ..head };
                state.group_heads.insert(group_id, head.clone());
                changes.push(OutboxChange::Head(head));
            }
        }
        tracing::info!(commands = again.len(), "asked again under new ids");
        if self.add_together(changes, again, E::Queue).await?.is_none() {
            return Ok(false);
        }
        let mut state = self.lock();
        for moved in moves {
            state.set_entry(moved.entry);
        }
        drop(state);
        self.moved();
        Ok(true)
    }

    /// What may follow commands that were never received.
    fn again_under_new_ids(&self, head: &[OutboxEntry]) -> Vec<OutboxEntry> {
        let now = self.now();
        let state = self.lock();
        let lives = |e: &&OutboxEntry| e.class.may_queue() && now <= e.order.expires_at && !state.has_newer(e);
        let group = head.first().and_then(|e| e.group_id).map(|_| GroupId(self.inner.ids.next()));
        head.iter()
            .filter(lives)
            .map(|entry| {
                let mut again = entry.clone();
                again.order.command_id = CommandId(self.inner.ids.next());
                again.group_id = group;
                again.admission = Admission::Queue;
                again.detail = None;
                again.state = if entry.class == ClassCode::B { S::AwaitingKey } else { S::Queued };
                again
            })
            .collect()
    }

    fn advance(&self, moved: &Moved) -> OutboxChange {
        OutboxChange::Advance(moved.entry.clone(), moved.from, self.event(&moved.entry, moved.event))
    }

    fn event(&self, entry: &OutboxEntry, event: E) -> StoredEvent {
        StoredEvent { at: self.now(), event, to: entry.state, detail: entry.detail.clone() }
    }

    /// Screens and lanes look again.
    fn moved(&self) {
        self.tell(Observed::Commands);
        self.inner.lanes_bell.notify_waiters();
    }
}
