//! What a lock stops, what delays it, and the automatic changes that it lists when it is granted.

use serde::{Deserialize, Serialize};

use super::LockState;
use crate::command::{ClassCode, CommandState, EffectState, action};
use crate::ids::CommandId;
use crate::table::{Command, CrewLock};
use crate::time::Timestamp;

/// Whether a lock that stands so stops an order: in force, everything but a read; asked, what is not in the safe direction
/// either (R17).
pub const fn stops(state: LockState, reads: bool, safe: bool) -> bool {
    match state {
        LockState::InForce => !reads,
        LockState::Asked => !reads && !safe,
        LockState::Lifted | LockState::Withdrawn => false,
    }
}

/// Of the locks on an object the one that stands against an order: one in force first, then the oldest.
pub fn stopping<'a>(locks: impl IntoIterator<Item = &'a CrewLock>, reads: bool, safe: bool) -> Option<&'a CrewLock> {
    let against = locks.into_iter().filter(|lock| stops(lock.state, reads, safe));
    against.min_by_key(|lock| (lock.state != LockState::InForce, lock.received_at, lock.lock_id))
}

/// Whether the outcome of a command on the object is not known yet, so that a lock asked now must wait for it. One without
/// report waits until a person closes it: it may still be done.
pub fn in_flight(command: &Command) -> bool {
    use CommandState as S;
    let reads = action(&command.action).is_some_and(|a| a.class == ClassCode::A);
    let open = matches!(command.state, S::Accepted | S::Dispatching | S::Dispatched | S::Executed | S::Unknown);
    open && !reads
}

/// A change of the object that comes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Change {
    /// The command whose effect ends.
    pub command_id: CommandId,
    /// Its action.
    pub action: String,
    /// When: Vigie and its gateway hold theirs, the device may do it by itself.
    pub at: Timestamp,
}

/// The changes that were to come when a lock was granted, in order: they are read to the crew. Programmes of the devices are
/// not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "Vec<Change>"))]
pub struct Coming(pub Vec<Change>);

crate::table::json_fields!(Coming);

/// The ends of effects that are in force on an object, and of those that nobody saw ending.
pub fn coming<'a>(commands: impl IntoIterator<Item = &'a Command>) -> Coming {
    let mut changes: Vec<Change> = commands
        .into_iter()
        .filter(|c| matches!(c.effect, Some(EffectState::InForce | EffectState::Overdue)))
        .filter_map(|c| c.effect_until.map(|at| Change { command_id: c.command_id, action: c.action.clone(), at }))
        .collect();
    changes.sort_by_key(|change| (change.at, change.command_id));
    Coming(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r10_in_force_it_stops_everything_but_reads() {
        assert!(stops(LockState::InForce, false, false) && stops(LockState::InForce, false, true));
        assert!(!stops(LockState::InForce, true, false));
    }

    #[test]
    fn r10_asked_it_lets_reads_and_the_safe_direction_pass() {
        assert!(stops(LockState::Asked, false, false));
        assert!(!stops(LockState::Asked, false, true) && !stops(LockState::Asked, true, false));
    }

    #[test]
    fn r10_what_is_over_stops_nothing() {
        for state in [LockState::Lifted, LockState::Withdrawn] {
            assert!(!stops(state, false, false));
        }
    }
}
