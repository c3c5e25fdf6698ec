//! The end of a return: what was in flight is settled and someone is at the desk before anything is sent (R5, R14).

use std::time::Duration;

use vigie_core::command::{CommandEventCode, CommandState};
use vigie_core::ids::ShiftId;
use vigie_core::link::LinkEvent;
use vigie_core::port::{Metropolis, OutboxState};
use vigie_core::submission::{Body, OutcomeStatus, Submission};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::ledger::Moved;
use crate::observe::Observed;

/// Planned length of a shift that the program opens for the person who signs in.
const SHIFT: Duration = Duration::from_secs(12 * 3600);

impl Engine {
    /// After a return: who is at this desk, then everything in flight is settled by its lane, then the link is live (R5, R14).
    pub(crate) async fn catch_up(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        self.settle_in_flight(metropolis).await?;
        self.close_handed().await?;
        self.ask_about_forgotten(metropolis).await?;
        self.ensure_shift(metropolis).await?;
        let elapsed = self.inner.machine.now().boot;
        {
            let mut state = self.lock();
            state.failure = None;
            let link = state.link;
            state.link = link.after(LinkEvent::CaughtUp, elapsed, None);
            state.returned_at = Some(elapsed);
        }
        tracing::info!("the link is live");
        self.inner.lanes_bell.notify_waiters();
        self.tell(Observed::Status);
        self.tell(Observed::Commands);
        Ok(())
    }

    /// Someone who signed in works: without an open shift of his, one is opened at his desk.
    pub(crate) async fn ensure_shift(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let (now, desk_id) = {
            let moment = self.inner.clock.now();
            let state = self.lock();
            let now = state.now(moment);
            if state.own_shift(now).is_some() {
                return Ok(());
            }
            (now, state.identity.as_ref().and_then(|i| i.person_id.and(i.desk_id)))
        };
        let Some(desk_id) = desk_id else { return Ok(()) };
        let shift_id = ShiftId(self.inner.ids.next());
        let body = Body::ShiftOpen { shift_id, desk_id, ends_at: now.plus(SHIFT) };
        let submission = Submission::new(self.inner.ids.next().into(), body);
        let outcomes = self.in_time(metropolis.submit(&[submission])).await?;
        if let Some(outcome) = outcomes.first().filter(|o| o.status == OutcomeStatus::Refused) {
            tracing::warn!(code = outcome.code, "no shift could be opened");
        }
        self.inner.look_bell.notify_one();
        Ok(())
    }

    /// Own commands that the metropolis has and whose row says that they are over: the outbox is done with them.
    pub(crate) async fn close_handed(&self) -> Result<(), EngineError> {
        let over: Vec<_> = self
            .commands(|c| c.entry.as_ref().is_some_and(|e| e.outbox == OutboxState::Handed))
            .into_iter()
            .filter_map(|c| c.entry.zip(c.row))
            .filter(|(_, row)| row.state.is_final())
            .collect();
        let moves = over.into_iter().map(|(mut entry, row)| {
            let from = entry.state;
            entry.state = row.state;
            entry.detail.clone_from(&row.detail);
            entry.outbox = OutboxState::Done;
            Moved { entry, from, event: closing_event(row.state) }
        });
        self.record_each(moves.collect()).await
    }
}

/// The event that ends an own command whose row the metropolis shows as over.
fn closing_event(state: CommandState) -> CommandEventCode {
    match state {
        CommandState::Confirmed => CommandEventCode::Confirm,
        CommandState::Failed => CommandEventCode::Fail,
        CommandState::Expired => CommandEventCode::Expire,
        CommandState::Cancelled => CommandEventCode::Cancel,
        CommandState::Superseded => CommandEventCode::Supersede,
        CommandState::LateDone => CommandEventCode::LateDone,
        CommandState::LateFailed => CommandEventCode::LateFail,
        CommandState::Closed => CommandEventCode::Close,
        _ => CommandEventCode::Reject,
    }
}
