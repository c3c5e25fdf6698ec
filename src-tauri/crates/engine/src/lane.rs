//! Lanes: one task per object with something to send. Forward only: load head, decide, act, record. Orders in the safe
//! direction have a lane of their own, which waits for nothing that was asked before them (R17).

use std::time::Duration;

use vigie_core::command::{Admission, ClassCode, CommandEventCode as E, CommandState as S, step};
use vigie_core::equipment::Reach;
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::link::LinkState;
use vigie_core::port::{Metropolis, OutboxEntry, OutboxState, StoredEvent};
use vigie_core::submission::{Outcome, OutcomeStatus, Submission};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::plan::{Situation, Step, may_send, next_step};
use crate::state::{FORGOTTEN, Track, goes_ahead};

/// Longest time a head waits without being looked at: if the metropolis is reachable it is tried within five seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// For so long after a return, submissions are paced.
const RETURN: Duration = Duration::from_secs(30);

/// How many commands of the past a desk shows at least.
const RECENT: u32 = 200;
/// After a promotion, what was confirmed for so long before is asked about.
const CONFIRMED: Duration = Duration::from_secs(3600);

impl Engine {
    /// Gives a lane to each object that has something to send and none.
    pub(crate) async fn keep_lanes(self) {
        loop {
            // Registered before looking, so that a bell rung in between is not lost.
            let bell = self.inner.lanes_bell.notified();
            let laneless = {
                let mut state = self.lock();
                let laneless = state.laneless();
                state.lanes.extend(&laneless);
                laneless
            };
            for lane in laneless {
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

    async fn run_lane(self, lane: Track) {
        let object = lane.object;
        loop {
            let bell = self.inner.lanes_bell.notified();
            let head = {
                let mut state = self.lock();
                let head = state.head(lane);
                if head.is_none() {
                    state.lanes.remove(&lane);
                    return;
                }
                head
            };
            let Some(head) = head else { return };
            // What follows an order in the safe direction waits until that one has been handed over.
            let of_the_other = !lane.safe && goes_ahead(&head);
            let at = self.situation(&head);
            let done = tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                done = async { if of_the_other { Ok(false) } else { self.take_step(head, at).await } } => done,
            };
            self.lane_stands(object, done.as_ref().err().map(EngineError::code));
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

    /// What is in the way of an object's lane is shown with its head; what moves on is not stuck.
    fn lane_stands(&self, object: EquipmentId, trouble: Option<String>) {
        let mut state = self.lock();
        let same = state.lane_trouble.get(&object) == trouble.as_ref();
        match trouble {
            Some(code) => state.lane_trouble.insert(object, code),
            None => state.lane_trouble.remove(&object),
        };
        drop(state);
        if !same {
            self.tell(Observed::Commands);
        }
    }

    /// Why the head of an object's lane does not go, as a code, if something is in its way.
    pub fn lane_stuck(&self, object: EquipmentId) -> Option<String> {
        self.lock().lane_trouble.get(&object).cloned()
    }

    fn situation(&self, head: &OutboxEntry) -> Situation {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let object = state.picture.object(head.order.equipment_id);
        Situation {
            link: state.link.state,
            reach: object.and_then(|o| o.state.as_ref()).map_or(Reach::Reachable, |s| s.reach),
            now: state.now(moment),
            untried: state.untried.contains(&head.order.command_id),
        }
    }

    /// One step; says whether the lane moved.
    async fn take_step(&self, head: OutboxEntry, at: Situation) -> Result<bool, EngineError> {
        let from = head.state;
        match next_step(&head, at) {
            Step::Wait | Step::Pass => Ok(false),
            Step::Submit => {
                let id = head.order.command_id;
                self.lock().untried.insert(id);
                self.move_on(head, from, E::Submit, OutboxState::Open).await
            }
            Step::Send => self.send(head).await,
            Step::LoseReply => self.move_on(head, from, E::LoseReply, OutboxState::Open).await,
            Step::Settle => self.settle_one(head).await,
            Step::AwaitKey => self.move_on(head, from, E::AwaitKey, OutboxState::Open).await,
            Step::Expire => self.move_on(head, from, E::Expire, OutboxState::Done).await,
        }
    }

    async fn send(&self, head: OutboxEntry) -> Result<bool, EngineError> {
        let returning = {
            let elapsed = self.inner.machine.now().boot;
            self.lock().returned_at.is_some_and(|at| elapsed.saturating_sub(at) < RETURN)
        };
        if returning && head.admission == Admission::Queue {
            let slot = self.inner.pace.lock().await;
            tokio::time::sleep(self.inner.options.pace).await;
            drop(slot);
        }
        // From here on the metropolis may have it: a crash, a dropped future or a lost reply all end in `settle`.
        let lost = {
            let mut state = self.lock();
            state.untried.remove(&head.order.command_id);
            !may_send(state.link.state)
        };
        if lost {
            // The link went while it waited for its turn: whatever returns reads first (R5).
            let from = head.state;
            return self.move_on(head, from, E::LoseReply, OutboxState::Open).await;
        }
        let sent = match self.metropolis() {
            Ok(metropolis) => self.in_time(metropolis.submit(&[Submission::command(head.order.clone())])).await,
            Err(error) => Err(error),
        };
        if let Ok([outcome]) = sent.as_deref() {
            return self.hear(head, outcome).await;
        }
        tracing::warn!(command = %head.order.command_id, "the reply to a submission was lost");
        let from = head.state;
        self.move_on(head, from, E::LoseReply, OutboxState::Open).await
    }

    async fn settle_one(&self, head: OutboxEntry) -> Result<bool, EngineError> {
        let metropolis = self.metropolis()?;
        let outcomes = self.in_time(metropolis.settle(&[head.order.command_id.into()])).await?;
        match outcomes.as_slice() {
            [outcome] => self.hear(head, outcome).await,
            _ => Ok(false),
        }
    }

    /// Settles everything whose outcome is not known here, oldest first, in one question (R14).
    pub(crate) async fn settle_in_flight(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let mut waiting: Vec<_> = self
            .commands(|c| c.entry.as_ref().is_some_and(|e| e.state == S::Unsettled && e.outbox == OutboxState::Open))
            .into_iter()
            .filter_map(|c| c.entry)
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        waiting.sort_by_key(|e| e.position);
        let ids: Vec<_> = waiting.iter().map(|e| e.order.command_id.into()).collect();
        let outcomes = self.in_time(metropolis.settle(&ids)).await?;
        for entry in waiting {
            if let Some(outcome) = outcomes.iter().find(|o| o.submission_id == entry.order.command_id.into()) {
                self.hear(entry, outcome).await?;
            }
        }
        Ok(())
    }

    /// Own commands that the metropolis took and shows no more, after a restore or a failover: asked about once; what it does
    /// not know any more is unknown, never done (R16, R18).
    pub(crate) async fn ask_about_forgotten(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let handed = |c: &crate::TrackedCommand| {
            c.row.is_none()
                && c.entry.as_ref().is_some_and(|e| e.outbox == OutboxState::Handed && e.state == S::Accepted)
        };
        let entries: Vec<_> = self.commands(handed).into_iter().filter_map(|c| c.entry).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = entries.iter().map(|e| e.order.command_id.into()).collect();
        let outcomes = self.in_time(metropolis.settle(&ids)).await?;
        for mut entry in entries {
            let id = entry.order.command_id.into();
            if outcomes.iter().any(|o| o.submission_id == id && o.status == OutcomeStatus::NeverReceived) {
                entry.detail = Some(FORGOTTEN.to_owned());
                self.move_on(entry, S::Accepted, E::NeverReceived, OutboxState::Open).await?;
            }
        }
        Ok(())
    }

    /// After a promotion: which own commands of the last hour that were confirmed to us the new primary does not know. Only
    /// asked; nothing is recorded there, and nothing is submitted again. What is lost stands beside the final state as a
    /// note; what was still under way there is unknown (R18), and its author is asked.
    pub(crate) async fn ask_what_was_lost(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let since = self.now().minus(CONFIRMED);
        let taken = |c: &crate::TrackedCommand| {
            c.entry
                .as_ref()
                .is_some_and(|e| e.order.issued_at >= since && (e.outbox == OutboxState::Handed || was_taken(e.state)))
        };
        let entries: Vec<_> = self.commands(taken).into_iter().filter_map(|c| c.entry).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = entries.iter().map(|e| e.order.command_id.into()).collect();
        let known = self.in_time(metropolis.outcomes(&ids)).await?;
        for mut entry in entries {
            let id = entry.order.command_id.into();
            // Asked again after a crash: what stands beside a command already is not noted twice.
            let noted = entry.detail.as_deref() == Some(FORGOTTEN);
            if noted || known.iter().any(|outcome| outcome.submission_id == id) {
                continue;
            }
            // What was cancelled or expired here before it left was never there to be lost.
            let events = self.inner.outbox.events(entry.order.command_id).await?;
            if !events.iter().any(|e| e.to == S::Accepted) {
                continue;
            }
            tracing::warn!(command = %entry.order.command_id, "confirmed before the promotion, and lost with it");
            entry.detail = Some(FORGOTTEN.to_owned());
            if entry.state == S::Accepted {
                self.move_on(entry, S::Accepted, E::NeverReceived, OutboxState::Open).await?;
            } else {
                let at = entry.state;
                self.record(entry, at, E::NeverReceived).await?;
            }
        }
        Ok(())
    }

    /// Records what the metropolis says of an own command.
    async fn hear(&self, mut entry: OutboxEntry, outcome: &Outcome) -> Result<bool, EngineError> {
        let from = entry.state;
        entry.detail.clone_from(&outcome.code);
        match outcome.status {
            OutcomeStatus::Applied => self.move_on(entry, from, E::Accept, OutboxState::Handed).await,
            OutcomeStatus::Refused => {
                let expired = outcome.code.as_deref() == Some("expired");
                let event = if expired { E::Expire } else { E::Reject };
                self.move_on(entry, from, event, OutboxState::Done).await
            }
            OutcomeStatus::NeverReceived => match self.again_under_a_new_id(&entry) {
                Some(again) => self.follow(entry, from, again).await,
                None => self.move_on(entry, from, E::NeverReceived, OutboxState::Done).await,
            },
        }
    }

    /// What may follow a command that was never received: a read goes again, comfort waits for its key, within the life of
    /// the first; service and danger close (R14).
    fn again_under_a_new_id(&self, entry: &OutboxEntry) -> Option<OutboxEntry> {
        let now = self.now();
        if !entry.class.may_queue() || now > entry.order.expires_at || self.lock().has_newer(entry) {
            return None;
        }
        let mut again = entry.clone();
        again.order.command_id = CommandId(self.inner.ids.next());
        again.admission = Admission::Queue;
        again.detail = None;
        again.state = if entry.class == ClassCode::B { S::AwaitingKey } else { S::Queued };
        Some(again)
    }

    /// Ends what was never received together with adding what goes on in its place: a crash in between would lose it.
    async fn follow(&self, mut entry: OutboxEntry, from: S, mut next: OutboxEntry) -> Result<bool, EngineError> {
        let at = self.now();
        entry.state = step(from, E::NeverReceived, at, entry.order.expires_at).map_err(|_| EngineError::MovedOn)?;
        entry.outbox = OutboxState::Done;
        let never = StoredEvent { at, event: E::NeverReceived, to: entry.state, detail: entry.detail.clone() };
        let queued = StoredEvent { at, event: E::Queue, to: next.state, detail: None };
        let Some(position) = self.inner.outbox.follow(&entry, from, &never, (&next, &queued)).await? else {
            return Ok(false);
        };
        next.position = position;
        tracing::info!(command = %entry.order.command_id, again = %next.order.command_id, "asked again under a new id");
        {
            let mut state = self.lock();
            state.set_entry(entry);
            state.set_entry(next);
        }
        self.tell(Observed::Commands);
        self.inner.lanes_bell.notify_waiters();
        Ok(true)
    }

    /// Moves an entry on by an event, if the table allows it and the entry is still where it was.
    pub(crate) async fn move_on(
        &self,
        mut entry: OutboxEntry,
        from: S,
        event: E,
        outbox: OutboxState,
    ) -> Result<bool, EngineError> {
        let now = self.now();
        // A submission recorded in time that the metropolis took in time is not expired by hearing of it late.
        let at = if matches!(event, E::Accept | E::Reject) { entry.order.issued_at } else { now };
        let Ok(to) = step(from, event, at, entry.order.expires_at) else { return Err(EngineError::MovedOn) };
        entry.state = to;
        entry.outbox = if to.is_final() { OutboxState::Done } else { outbox };
        self.record(entry, from, event).await
    }

    /// Writes an entry where it now stands, then shows it. Returns whether it was still at `from`.
    pub(crate) async fn record(&self, entry: OutboxEntry, from: S, event: E) -> Result<bool, EngineError> {
        let stored = StoredEvent { at: self.now(), event, to: entry.state, detail: entry.detail.clone() };
        let moved = self.inner.outbox.advance(&entry, from, &stored).await?;
        let id = entry.order.command_id;
        let present = if moved { Some(entry) } else { self.inner.outbox.entry(id).await? };
        if let Some(present) = present {
            tracing::info!(command = %id, %from, to = %present.state, "command");
            self.lock().set_entry(present);
        }
        self.tell(Observed::Commands);
        self.inner.lanes_bell.notify_waiters();
        Ok(moved)
    }

    /// Adds an entry: on disk first, then on the screen, then in its lane.
    pub(crate) async fn add(&self, mut entry: OutboxEntry, event: E) -> Result<OutboxEntry, EngineError> {
        let stored = StoredEvent { at: self.now(), event, to: entry.state, detail: entry.detail.clone() };
        entry.position = self.inner.outbox.add(&entry, &stored).await?;
        {
            let mut state = self.lock();
            if entry.state == S::Submitted {
                state.untried.insert(entry.order.command_id);
            }
            state.set_entry(entry.clone());
        }
        self.tell(Observed::Commands);
        self.inner.lanes_bell.notify_waiters();
        Ok(entry)
    }

    /// Reads the outbox of the last run. What it had submitted is in flight: its outcome is not known here (R14).
    pub(crate) async fn load_outbox(&self) -> Result<(), EngineError> {
        let mut entries = self.recent_entries().await?;
        entries.extend(self.inner.outbox.open_entries().await?);
        for entry in entries {
            self.lock().set_entry(entry);
        }
        let submitted = self.commands(|c| c.entry.as_ref().is_some_and(|e| e.state == S::Submitted));
        for entry in submitted.into_iter().filter_map(|c| c.entry) {
            self.move_on(entry, S::Submitted, E::LoseReply, OutboxState::Open).await?;
        }
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
        for entry in overtaken {
            let from = entry.state;
            self.move_on(entry, from, E::Supersede, OutboxState::Done).await?;
        }
        Ok(())
    }

    /// Whether the link lets something be sent at all.
    pub(crate) fn is_live(&self) -> bool {
        self.lock().link.state == LinkState::Live
    }
}

/// Whether the metropolis had taken a command that stands here for good.
fn was_taken(state: S) -> bool {
    matches!(state, S::Confirmed | S::Failed | S::Superseded | S::Cancelled | S::LateDone | S::LateFailed)
}
