//! The life of a command as data: a table of (state, event) → state, and a pure [`step`] over it.
//!
//! An event absent for a state is refused; nothing outside the table is possible; a final state does not change.
//! The metropolis holds the same table as rows, generated from here.

use crate::rights::Role;
use crate::time::Timestamp;

crate::table::codes! {
    /// Where a command stands.
    CommandState {
        /// Prepared, not operated.
        Drafted = "drafted",
        /// Class D noted without a link: never sent, never offered again.
        Noted = "noted",
        /// Class C recorded without reach: never replayed by itself.
        Intent = "intent",
        /// The intent was asked anew, as a new command.
        Reissued = "reissued",
        /// The intent was abandoned.
        Abandoned = "abandoned",
        /// A newer command on the same object and function took its place.
        Superseded = "superseded",
        /// Voided by a suspend, a clock jump, the end of a shift, the loss of a role.
        Void = "void",
        /// Class A or B waiting for the link.
        Queued = "queued",
        /// Class B: the link is back, the author's key is awaited.
        AwaitingKey = "awaiting_key",
        /// Handed to the metropolis.
        Submitted = "submitted",
        /// The metropolis's reply was lost.
        Unsettled = "unsettled",
        /// The metropolis says that it never had it, and will refuse it from now on.
        NeverReceived = "never_received",
        /// Checked and taken by the metropolis.
        Accepted = "accepted",
        /// Its gateway is about to publish it (stored before).
        Dispatching = "dispatching",
        /// Published to the device.
        Dispatched = "dispatched",
        /// The device says that it did it.
        Executed = "executed",
        /// The state shows it.
        Confirmed = "confirmed",
        /// The device says why it did not.
        Failed = "failed",
        /// Its outcome was not heard in time.
        Unknown = "unknown",
        /// Heard late: it was done.
        LateDone = "late_done",
        /// Heard late: it was not done.
        LateFailed = "late_failed",
        /// An unknown closed by a person, with a reason.
        Closed = "closed",
        /// Refused by the metropolis: right, lock, precondition, life, second person.
        Rejected = "rejected",
        /// Its life ended first.
        Expired = "expired",
        /// Cancelled by its author, the desk's holder or a supervisor.
        Cancelled = "cancelled",
    }
}

crate::table::codes! {
    /// What happens to a command.
    CommandEventCode {
        /// Class D operated without reach: written down only.
        Note = "note",
        /// Class C operated without reach.
        Keep = "keep",
        /// Class A or B operated without reach.
        Queue = "queue",
        /// Handed to the metropolis.
        Submit = "submit",
        /// The intent is asked anew.
        Reissue = "reissue",
        /// The intent is abandoned.
        Abandon = "abandon",
        /// A newer command takes its place.
        Supersede = "supersede",
        /// Voided (R12, R13).
        Void = "void",
        /// The link is back: class B waits for a key.
        AwaitKey = "await_key",
        /// The metropolis's reply did not come.
        LoseReply = "lose_reply",
        /// `settle`: it was never received.
        NeverReceived = "never_received",
        /// The metropolis takes it.
        Accept = "accept",
        /// The metropolis refuses it.
        Reject = "reject",
        /// The gateway stored that it will publish.
        StartDispatch = "start_dispatch",
        /// The gateway published.
        Publish = "publish",
        /// The gateway restarted in between.
        GatewayRestart = "gateway_restart",
        /// The device did it.
        Execute = "execute",
        /// The device did not.
        Fail = "fail",
        /// The state shows it.
        Confirm = "confirm",
        /// Nothing was heard in time.
        Silence = "silence",
        /// Heard late: done.
        LateDone = "late_done",
        /// Heard late: not done.
        LateFail = "late_fail",
        /// A person closes an unknown.
        Close = "close",
        /// Its life ended.
        Expire = "expire",
        /// Cancelled by a person.
        Cancel = "cancel",
    }
}

impl CommandState {
    /// Whether nothing can happen to it any more.
    pub fn is_final(self) -> bool {
        !TRANSITIONS.iter().any(|t| t.from == self)
    }

    /// Whether the metropolis may have it but its outcome is not known here (R14).
    pub fn in_flight(self) -> bool {
        matches!(self, Self::Submitted | Self::Unsettled)
    }
}

/// Whether a role of the metropolis's own programs may say that this happened. The field tells what it did, the house that
/// nobody answered; accepting, refusing and confirming belong to the metropolis alone (R18).
pub const fn may_report(role: Role, event: CommandEventCode) -> bool {
    use CommandEventCode as E;
    match role {
        Role::Gateway => matches!(
            event,
            E::StartDispatch | E::Publish | E::GatewayRestart | E::Execute | E::Fail | E::LateDone | E::LateFail
        ),
        Role::House => matches!(event, E::Silence | E::Expire),
        _ => false,
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// From this state,
    pub from: CommandState,
    /// on this event,
    pub event: CommandEventCode,
    /// to this state.
    pub to: CommandState,
}

macro_rules! table {
    ($($from:ident { $($event:ident => $to:ident),+ $(,)? })+) => {
        /// Every transition that exists.
        pub static TRANSITIONS: &[Transition] = &[$($(
            Transition { from: CommandState::$from, event: CommandEventCode::$event, to: CommandState::$to },
        )+)+];
    };
}

table! {
    Drafted { Note => Noted, Keep => Intent, Queue => Queued, Submit => Submitted }
    Intent { Reissue => Reissued, Abandon => Abandoned, Supersede => Superseded, Void => Void }
    Queued {
        Submit => Submitted, AwaitKey => AwaitingKey, Cancel => Cancelled, Expire => Expired,
        Supersede => Superseded, Void => Void,
    }
    AwaitingKey { Submit => Submitted, Cancel => Cancelled, Expire => Expired, Supersede => Superseded, Void => Void }
    Submitted { Accept => Accepted, Reject => Rejected, Expire => Expired, Cancel => Cancelled, LoseReply => Unsettled }
    Unsettled {
        Accept => Accepted, Reject => Rejected, Expire => Expired, Cancel => Cancelled, NeverReceived => NeverReceived,
    }
    Accepted {
        StartDispatch => Dispatching, Expire => Expired, Reject => Rejected, Cancel => Cancelled, Supersede => Superseded,
        // The metropolis that took it knows it no more (restored, failed over): what the field did is not known.
        NeverReceived => Unknown,
    }
    // The gateway that took it knows that it did not publish it: nothing left.
    Dispatching { Publish => Dispatched, GatewayRestart => Unknown, Fail => Failed }
    Dispatched { Execute => Executed, Fail => Failed, Silence => Unknown }
    Executed { Confirm => Confirmed, Silence => Unknown }
    Unknown { LateDone => LateDone, LateFail => LateFailed, Close => Closed }
}

/// An event that the table does not have for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a command that is {state} cannot {event}")]
pub struct IllegalEvent {
    /// Where the command stood.
    pub state: CommandState,
    /// What was tried.
    pub event: CommandEventCode,
}

/// The next state by the table alone.
pub fn transition(state: CommandState, event: CommandEventCode) -> Result<CommandState, IllegalEvent> {
    TRANSITIONS.iter().find(|t| t.from == state && t.event == event).map(|t| t.to).ok_or(IllegalEvent { state, event })
}

/// The next state at `now`: whatever would carry a command towards the field after `expires_at` expires it instead (R2).
pub fn step(
    state: CommandState,
    event: CommandEventCode,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<CommandState, IllegalEvent> {
    use CommandEventCode as E;
    let forward = matches!(event, E::Queue | E::AwaitKey | E::Submit | E::Accept | E::StartDispatch);
    if forward && now > expires_at && transition(state, event).is_ok() {
        return match state {
            // A draft is not a command yet: it is refused, not expired.
            CommandState::Drafted => Err(IllegalEvent { state, event }),
            _ => transition(state, E::Expire),
        };
    }
    transition(state, event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use CommandEventCode as E;
    use CommandState as S;

    const NOW: Timestamp = Timestamp(1_000);
    const LATER: Timestamp = Timestamp(2_000);

    /// The drawing of `safety.md`, written a second time by hand: every (state, event) not listed is refused.
    fn drawn(state: S, event: E) -> Option<S> {
        Some(match (state, event) {
            (S::Drafted, E::Note) => S::Noted,
            (S::Drafted, E::Keep) => S::Intent,
            (S::Drafted, E::Queue) => S::Queued,
            (S::Drafted | S::Queued | S::AwaitingKey, E::Submit) => S::Submitted,
            (S::Intent, E::Reissue) => S::Reissued,
            (S::Intent, E::Abandon) => S::Abandoned,
            (S::Intent | S::Queued | S::AwaitingKey | S::Accepted, E::Supersede) => S::Superseded,
            (S::Intent | S::Queued | S::AwaitingKey, E::Void) => S::Void,
            (S::Queued, E::AwaitKey) => S::AwaitingKey,
            (S::Queued | S::AwaitingKey | S::Submitted | S::Unsettled | S::Accepted, E::Cancel) => S::Cancelled,
            (S::Queued | S::AwaitingKey | S::Submitted | S::Unsettled | S::Accepted, E::Expire) => S::Expired,
            (S::Submitted | S::Unsettled, E::Accept) => S::Accepted,
            (S::Submitted | S::Unsettled | S::Accepted, E::Reject) => S::Rejected,
            (S::Submitted, E::LoseReply) => S::Unsettled,
            (S::Unsettled, E::NeverReceived) => S::NeverReceived,
            (S::Accepted, E::NeverReceived) => S::Unknown,
            (S::Accepted, E::StartDispatch) => S::Dispatching,
            (S::Dispatching, E::Publish) => S::Dispatched,
            (S::Dispatching, E::GatewayRestart) | (S::Dispatched | S::Executed, E::Silence) => S::Unknown,
            (S::Dispatched, E::Execute) => S::Executed,
            (S::Dispatching | S::Dispatched, E::Fail) => S::Failed,
            (S::Executed, E::Confirm) => S::Confirmed,
            (S::Unknown, E::LateDone) => S::LateDone,
            (S::Unknown, E::LateFail) => S::LateFailed,
            (S::Unknown, E::Close) => S::Closed,
            _ => return None,
        })
    }

    #[test]
    fn every_state_and_event_does_what_is_drawn_and_nothing_else() {
        for state in S::ALL {
            for event in E::ALL {
                assert_eq!(transition(*state, *event).ok(), drawn(*state, *event), "{state} on {event}");
                assert_eq!(step(*state, *event, NOW, LATER).ok(), drawn(*state, *event), "{state} on {event}, in time");
            }
        }
    }

    #[test]
    fn r2_nothing_is_carried_towards_the_field_after_the_end_of_its_life() {
        for state in S::ALL {
            for event in [E::Queue, E::AwaitKey, E::Submit, E::Accept, E::StartDispatch] {
                match step(*state, event, LATER, NOW) {
                    Ok(to) => assert_eq!(to, S::Expired, "{state} on {event}, late"),
                    Err(_) => assert!(*state == S::Drafted || drawn(*state, event).is_none(), "{state} on {event}"),
                }
            }
        }
    }

    #[test]
    fn r1_an_intent_or_a_note_can_never_reach_the_field() {
        let mut reached = vec![S::Intent, S::Noted];
        let mut next = 0;
        while let Some(state) = reached.get(next).copied() {
            for event in E::ALL {
                if let Ok(to) = transition(state, *event)
                    && !reached.contains(&to)
                {
                    reached.push(to);
                }
            }
            next += 1;
        }
        for field in [S::Submitted, S::Accepted, S::Dispatching, S::Dispatched, S::Executed] {
            assert!(!reached.contains(&field), "{field} can be reached from an intent");
        }
    }

    #[test]
    fn final_states_are_the_ones_drawn_without_a_way_out() {
        let finals: Vec<_> = S::ALL.iter().copied().filter(|s| s.is_final()).collect();
        assert_eq!(
            finals,
            [
                S::Noted,
                S::Reissued,
                S::Abandoned,
                S::Superseded,
                S::Void,
                S::NeverReceived,
                S::Confirmed,
                S::Failed,
                S::LateDone,
                S::LateFailed,
                S::Closed,
                S::Rejected,
                S::Expired,
                S::Cancelled,
            ]
        );
    }

    #[test]
    fn r18_nobody_may_say_that_a_command_is_confirmed() {
        for role in Role::ALL {
            for event in [E::Confirm, E::Accept, E::Reject, E::Submit, E::Supersede] {
                assert!(!may_report(*role, event), "{role} may say {event}");
            }
        }
    }

    #[test]
    fn r14_a_gateway_that_restarted_while_dispatching_cannot_publish_again() {
        let unknown = transition(S::Dispatching, E::GatewayRestart).unwrap();
        assert!(transition(unknown, E::Publish).is_err());
        assert!(transition(unknown, E::StartDispatch).is_err());
    }
}
