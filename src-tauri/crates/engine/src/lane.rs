//! Lanes: one task per object, or per group, with something to send. Forward only: load head, decide, act, record. Orders in
//! the safe direction have lanes of their own, which wait for nothing that was asked before them (R17).
//!
//! A head is one order, or all the members of a group (`heads`): they stand at the same state, move together in one
//! transaction and go in one submission. Only what the metropolis answers, and what a newer order supersedes, parts them.

use std::time::Duration;

use vigie_core::command::{Admission, CommandEventCode as E, CommandState as S};
use vigie_core::equipment::Reach;
use vigie_core::link::LinkState;
use vigie_core::port::{OutboxEntry, OutboxState};
use vigie_core::submission::{Outcome, OutcomeStatus};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::heads::Lane;
use crate::observe::Observed;
use crate::plan::{Situation, Step, may_send, next_step};
use crate::settle::CONFIRMED;

/// Longest time a head waits without being looked at: if the metropolis is reachable it is tried within five seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// For so long after a return, submissions are paced.
const RETURN: Duration = Duration::from_secs(30);
/// How many commands of the past a desk shows at least.
const RECENT: u32 = 200;

impl Engine {
    /// Gives a task to each lane that has a head and none.
    pub(crate) async fn keep_lanes(self) {
        loop {
            // Registered before looking, so that a bell rung in between is not lost.
            let bell = self.inner.lanes_bell.notified();
            let idle = {
                let mut state = self.lock();
                let idle = state.idle_lanes();
                state.lanes.extend(&idle);
                idle
            };
            for lane in idle {
                self.inner.tasks.spawn(self.clone().run_lane(lane));
            }
            tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                () = bell => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    async fn run_lane(self, lane: Lane) {
        loop {
            let bell = self.inner.lanes_bell.notified();
            let head = {
                let mut state = self.lock();
                let head = state.head(lane);
                if head.is_empty() {
                    state.lanes.remove(&lane);
                    return;
                }
                head
            };
            let Some(at) = self.situation(&head) else { return };
            let done = tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                done = self.take_step(head, at) => done,
            };
            self.lane_stands(lane, done.as_ref().err().map(EngineError::code));
            let pause = match done {
                Ok(true) => continue,
                Ok(false) => LOOK_AGAIN,
                Err(error) => {
                    tracing::warn!(code = error.code(), %error, "a lane could not move on");
                    LOOK_AGAIN
                }
            };
            tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                () = bell => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// What is in the way of a lane is shown with its head; what moves on is not stuck.
    fn lane_stands(&self, lane: Lane, trouble: Option<String>) {
        let mut state = self.lock();
        let same = state.lane_trouble.get(&lane) == trouble.as_ref();
        match trouble {
            Some(code) => state.lane_trouble.insert(lane, code),
            None => state.lane_trouble.remove(&lane),
        };
        drop(state);
        if !same {
            self.tell(Observed::Commands);
        }
    }

    /// Why the lane of an entry does not go on, as a code, if something is in its way.
    pub fn lane_stuck(&self, entry: &OutboxEntry) -> Option<String> {
        self.lock().lane_trouble.get(&Lane::of(entry)).cloned()
    }

    fn situation(&self, head: &[OutboxEntry]) -> Option<Situation> {
        let first = head.first()?;
        let moment = self.inner.clock.now();
        let state = self.lock();
        let object = state.picture.object(first.order.equipment_id);
        Some(Situation {
            link: state.link.state,
            // What is out of reach was left out of a group; what went out of reach since is the metropolis's to refuse.
            reach: object
                .filter(|_| first.group_id.is_none())
                .and_then(|o| o.state.as_ref())
                .map_or(Reach::Reachable, |s| s.reach),
            now: state.now(moment),
            untried: head.iter().all(|e| state.untried.contains(&e.order.command_id)),
        })
    }

    /// One step; says whether the lane moved.
    async fn take_step(&self, head: Vec<OutboxEntry>, at: Situation) -> Result<bool, EngineError> {
        let Some(first) = head.first() else { return Ok(false) };
        match next_step(first, at) {
            Step::Wait | Step::Pass => Ok(false),
            Step::Submit => {
                self.lock().untried.extend(head.iter().map(|e| e.order.command_id));
                self.move_together(head, E::Submit, OutboxState::Open).await
            }
            Step::Send => self.send(head).await,
            Step::LoseReply => self.move_together(head, E::LoseReply, OutboxState::Open).await,
            Step::Settle => self.settle_head(head).await,
            Step::AwaitKey => self.move_together(head, E::AwaitKey, OutboxState::Open).await,
            Step::Expire => self.move_together(head, E::Expire, OutboxState::Done).await,
        }
    }

    async fn send(&self, head: Vec<OutboxEntry>) -> Result<bool, EngineError> {
        let returning = {
            let elapsed = self.inner.machine.now().boot;
            self.lock().returned_at.is_some_and(|at| elapsed.saturating_sub(at) < RETURN)
        };
        if returning && head.iter().any(|e| e.admission == Admission::Queue) {
            let slot = self.inner.pace.lock().await;
            tokio::time::sleep(self.inner.options.pace).await;
            drop(slot);
        }
        // From here on the metropolis may have it: a crash, a dropped future or a lost reply all end in `settle`.
        let (lost, submission) = {
            let mut state = self.lock();
            for entry in &head {
                state.untried.remove(&entry.order.command_id);
            }
            (!may_send(state.link.state), state.submission(&head))
        };
        let Some(submission) = submission.filter(|_| !lost) else {
            // The link went while it waited for its turn: whatever returns reads first (R5).
            return self.move_together(head, E::LoseReply, OutboxState::Open).await;
        };
        let id = submission.submission_id;
        let sent = match self.metropolis() {
            Ok(metropolis) => self.in_time(metropolis.submit(&[submission])).await,
            Err(error) => Err(error),
        };
        if let Ok([outcome]) = sent.as_deref() {
            return self.hear(head, outcome).await;
        }
        tracing::warn!(submission = %id, "the reply to a submission was lost");
        self.move_together(head, E::LoseReply, OutboxState::Open).await
    }

    async fn settle_head(&self, head: Vec<OutboxEntry>) -> Result<bool, EngineError> {
        let Some(id) = head.first().map(OutboxEntry::submission_id) else { return Ok(false) };
        let metropolis = self.metropolis()?;
        let outcomes = self.in_time(metropolis.settle(&[id])).await?;
        match outcomes.as_slice() {
            [outcome] => self.hear(head, outcome).await,
            _ => Ok(false),
        }
    }

    /// Records what the metropolis says of an own submission: of each of its commands.
    pub(crate) async fn hear(&self, head: Vec<OutboxEntry>, outcome: &Outcome) -> Result<bool, EngineError> {
        if outcome.status == OutcomeStatus::NeverReceived {
            return self.never_received(head, outcome).await;
        }
        let mut moves = Vec::with_capacity(head.len());
        for mut entry in head {
            let outcome = outcome.of(entry.order.command_id);
            entry.detail.clone_from(&outcome.code);
            let (event, outbox) = match outcome.code.as_deref() {
                None => (E::Accept, OutboxState::Handed),
                Some("expired") => (E::Expire, OutboxState::Done),
                Some(_) => (E::Reject, OutboxState::Done),
            };
            moves.push(self.stepped(entry, event, outbox)?);
        }
        self.record_together(moves).await
    }

    /// Moves an entry on by an event, if the table allows it and the entry is still where it was.
    pub(crate) async fn move_on(
        &self,
        entry: OutboxEntry,
        from: S,
        event: E,
        outbox: OutboxState,
    ) -> Result<bool, EngineError> {
        let moved = self.stepped(OutboxEntry { state: from, ..entry }, event, outbox)?;
        self.record(moved.entry, from, event).await
    }

    /// Reads the outbox of the last run. What it had submitted is in flight: its outcome is not known here (R14).
    pub(crate) async fn load_outbox(&self) -> Result<(), EngineError> {
        let mut entries = self.recent_entries().await?;
        entries.extend(self.inner.outbox.open_entries().await?);
        for entry in entries {
            self.learn_group(entry.group_id).await?;
            self.lock().set_entry(entry);
        }
        let submitted = self.entries(|c| c.entry.as_ref().is_some_and(|e| e.state == S::Submitted));
        self.move_together(submitted, E::LoseReply, OutboxState::Open).await?;
        self.finish_superseding().await
    }

    /// What the desk shows of its past, and at least all that a promotion may have lost: busy hours hold more than a page.
    async fn recent_entries(&self) -> Result<Vec<OutboxEntry>, EngineError> {
        let since = self.now().minus(CONFIRMED);
        let mut page = RECENT;
        loop {
            let entries = self.inner.outbox.recent(page).await?;
            let whole = (entries.len() as u64) < u64::from(page);
            if whole || entries.last().is_none_or(|oldest| oldest.order.issued_at < since) {
                return Ok(entries);
            }
            page = page.saturating_mul(2);
        }
    }

    /// A crash may have come between recording an order and superseding what waited on its object (R11).
    async fn finish_superseding(&self) -> Result<(), EngineError> {
        let overtaken = {
            let state = self.lock();
            let waiting = state.commands.values().filter_map(|c| c.entry.as_ref());
            let waiting = waiting.filter(|e| matches!(e.state, S::Queued | S::AwaitingKey | S::Intent));
            let mut overtaken: Vec<_> = waiting.filter(|e| state.has_newer(e)).cloned().collect();
            overtaken.sort_by_key(|e| e.position);
            overtaken
        };
        self.move_together(overtaken, E::Supersede, OutboxState::Done).await.map(|_| ())
    }

    /// Whether the link lets something be sent at all.
    pub(crate) fn is_live(&self) -> bool {
        self.lock().link.state == LinkState::Live
    }
}
