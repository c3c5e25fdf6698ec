//! What happened in a run, in order: compared between two runs of a seed, and read by the checker.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vigie_core::command::CommandState;
use vigie_core::ids::CommandId;
use vigie_core::link::LinkState;
use vigie_core::submission::OutcomeStatus;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The weather of the network changed.
    Weather(&'static str),
    /// An operator did something, with this result.
    Did(&'static str, Result<Option<CommandState>, String>),
    /// The engine handed a command over while its link stood so.
    Handed(CommandId, LinkState),
    /// A command arrived at the metropolis, which answered so.
    Arrived(CommandId, OutcomeStatus, Option<String>),
    /// `settle` was asked and answered.
    Settled(CommandId, OutcomeStatus),
    /// The desk's program died.
    Died,
    /// The desk's program started.
    Started,
    /// How an entry of an outbox ended.
    Ended(CommandId, CommandState),
}

/// When, at which desk, what.
pub(super) type Line = (i64, usize, What);

/// The record of a run.
#[derive(Debug, Default)]
pub(super) struct Record(Mutex<Vec<Line>>);

impl Record {
    fn lock(&self) -> MutexGuard<'_, Vec<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, at: i64, desk: usize, what: What) {
        self.lock().push((at, desk, what));
    }

    pub(super) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.lock())
    }
}
