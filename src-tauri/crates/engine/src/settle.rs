//! What the metropolis is asked about what left this desk: what was in flight, what it knows no more, what a promotion lost.

use std::collections::BTreeMap;
use std::time::Duration;

use vigie_core::command::{CommandEventCode as E, CommandState as S};
use vigie_core::ids::SubmissionId;
use vigie_core::port::{Metropolis, OutboxEntry, OutboxState};
use vigie_core::submission::OutcomeStatus;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::state::FORGOTTEN;

/// After a promotion, what was confirmed for so long before is asked about.
pub(crate) const CONFIRMED: Duration = Duration::from_secs(3600);

impl Engine {
    /// Settles everything whose outcome is not known here, oldest first, in one question (R14).
    pub(crate) async fn settle_in_flight(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let waiting = self
            .entries(|c| c.entry.as_ref().is_some_and(|e| e.state == S::Unsettled && e.outbox == OutboxState::Open));
        if waiting.is_empty() {
            return Ok(());
        }
        let mut submitted: BTreeMap<SubmissionId, Vec<OutboxEntry>> = BTreeMap::new();
        for entry in waiting {
            submitted.entry(entry.submission_id()).or_default().push(entry);
        }
        let mut submitted: Vec<_> = submitted.into_iter().collect();
        submitted.sort_by_key(|(_, entries)| entries.first().map(|e| e.position));
        let ids: Vec<_> = submitted.iter().map(|(id, _)| *id).collect();
        let outcomes = self.in_time(metropolis.settle(&ids)).await?;
        for (id, entries) in submitted {
            if let Some(outcome) = outcomes.iter().find(|o| o.submission_id == id) {
                self.hear(entries, outcome).await?;
            }
        }
        Ok(())
    }

    /// Own commands that the metropolis took and shows no more, after a restore or a failover: asked about once; what it does
    /// not know any more is unknown, never done (R16, R18).
    pub(crate) async fn ask_about_forgotten(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let entries = self.entries(|c| {
            c.row.is_none()
                && c.entry.as_ref().is_some_and(|e| e.outbox == OutboxState::Handed && e.state == S::Accepted)
        });
        if entries.is_empty() {
            return Ok(());
        }
        let outcomes = self.in_time(metropolis.settle(&submissions(&entries))).await?;
        for mut entry in entries {
            let id = entry.submission_id();
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
        let entries = self.entries(|c| {
            c.entry
                .as_ref()
                .is_some_and(|e| e.order.issued_at >= since && (e.outbox == OutboxState::Handed || was_taken(e.state)))
        });
        if entries.is_empty() {
            return Ok(());
        }
        let known = self.in_time(metropolis.outcomes(&submissions(&entries))).await?;
        for mut entry in entries {
            let id = entry.submission_id();
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
}

/// The submissions of entries, each once.
fn submissions(entries: &[OutboxEntry]) -> Vec<SubmissionId> {
    let mut ids: Vec<_> = entries.iter().map(OutboxEntry::submission_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Whether the metropolis had taken a command that stands here for good.
fn was_taken(state: S) -> bool {
    matches!(state, S::Confirmed | S::Failed | S::Superseded | S::Cancelled | S::LateDone | S::LateFailed)
}
