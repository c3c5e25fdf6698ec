//! The commands of a metropolis and their events, read by a snapshot.

use std::collections::BTreeMap;

use async_trait::async_trait;
use vigie_core::command::CommandState;
use vigie_core::ids::CommandId;
use vigie_core::port::{Metropolis, MetropolisError, SnapshotSink};
use vigie_core::table::{BadRow, Command, CommandEvent, Row, TableRow, TableSpec};

/// The commands and their events.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By identifier.
    pub commands: Vec<Command>,
    /// By command, in order.
    pub events: Vec<CommandEvent>,
}

#[async_trait]
impl SnapshotSink for Ledger {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        let bad = |e: BadRow| MetropolisError::Unexpected(e.to_string());
        for row in &rows {
            if table.name == Command::SPEC.name {
                self.commands.push(Command::from_row(row).map_err(bad)?);
            } else if table.name == CommandEvent::SPEC.name {
                self.events.push(CommandEvent::from_row(row).map_err(bad)?);
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Reads it as whoever may: events in the order in which commands went through them.
    pub async fn read(metropolis: &dyn Metropolis) -> Result<Self, MetropolisError> {
        let mut ledger = Self::default();
        metropolis.snapshot(&mut ledger).await?;
        ledger.commands.sort_by_key(|c| c.command_id);
        ledger.events = in_order(std::mem::take(&mut ledger.events));
        Ok(ledger)
    }

    /// Whether something is still on its way to the field or back.
    pub fn is_moving(&self) -> bool {
        self.commands.iter().any(|c| !c.state.is_final() && c.state != CommandState::Unknown)
    }
}

/// Events of each command from the first to the last: each goes on from where the one before led, since several may share
/// a millisecond.
fn in_order(events: Vec<CommandEvent>) -> Vec<CommandEvent> {
    let mut by_command: BTreeMap<CommandId, Vec<CommandEvent>> = BTreeMap::new();
    for event in events {
        by_command.entry(event.command_id).or_default().push(event);
    }
    by_command.into_values().flat_map(chain).collect()
}

fn chain(mut moves: Vec<CommandEvent>) -> Vec<CommandEvent> {
    moves.sort_by_key(|e| (e.at, e.event_id));
    let mut ordered: Vec<CommandEvent> = Vec::with_capacity(moves.len());
    while !moves.is_empty() {
        let from = ordered.last().map_or(CommandState::Submitted, |last| last.to_state);
        let next = moves.iter().position(|e| e.from_state == Some(from)).unwrap_or(0);
        ordered.push(moves.remove(next));
    }
    ordered
}
