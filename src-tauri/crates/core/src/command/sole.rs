//! Alone in the room (R8): the few actions that were agreed beforehand, short, told at once, reviewed within a day.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::{Action, CommandOrder, CommandState, Refusal, RequestState, is_of};
use crate::ids::PersonId;
use crate::table::{ApprovalRequest, Command};
use crate::time::Timestamp;

/// Whoever asked and got no answer for so long may go on alone.
pub const ALONE_AFTER: Duration = Duration::from_secs(30);
/// And has so long, from when he asked, to do it.
pub const ALONE_WITHIN: Duration = Duration::from_mins(5);
/// Longest effect of what one person did alone.
pub const SOLE_LONGEST: Duration = Duration::from_mins(15);
/// What was done alone is reviewed within.
pub const REVIEW_WITHIN: Duration = Duration::from_hours(24);

crate::table::codes! {
    /// Why one person operates alone.
    SoleReason {
        /// An emergency vehicle must pass.
        EmergencyVehicle = "emergency_vehicle",
        /// Somebody is hurt, or would be.
        LifeInDanger = "life_in_danger",
        /// Fire.
        Fire = "fire",
        /// Police or the prefecture ask for it.
        PublicOrder = "public_order",
        /// The equipment itself has become a danger.
        EquipmentDanger = "equipment_danger",
    }
}

/// The words of one who operates alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sole {
    /// Why.
    pub reason: SoleReason,
    /// Who called for it.
    pub caller: String,
    /// His number.
    pub phone: String,
}

/// Longest name or number.
pub const CALLER_MOST: usize = 120;

impl Sole {
    /// Whether caller and number are there.
    pub fn is_told(&self) -> bool {
        let said = |text: &str| !text.trim().is_empty() && text.chars().count() <= CALLER_MOST;
        said(&self.caller) && said(&self.phone)
    }
}

/// What is known around an order that its author wants to operate alone.
#[derive(Debug, Clone, Copy)]
pub struct Alone<'a> {
    /// The request that he names.
    pub request: Option<&'a ApprovalRequest>,
    /// The author.
    pub author: Option<PersonId>,
    /// Somebody else who may validate holds a desk.
    pub present: bool,
    /// A second person said no to this action on this object within [`ALONE_WITHIN`].
    pub declined: bool,
    /// It would extend an effect that was itself an extension.
    pub spent: bool,
}

/// Whether one person may operate this alone. The order is part of the contract.
pub fn alone(
    order: &CommandOrder,
    sole: &Sole,
    action: &Action,
    facts: &Alone<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !action.sole_allowed {
        return Err(Refusal::NotAlone);
    }
    if !sole.is_told() {
        return Err(Refusal::CallerNeeded);
    }
    if order.effect_until.is_some_and(|until| until > order.issued_at.plus(SOLE_LONGEST)) {
        return Err(Refusal::SoleTooLong);
    }
    if facts.spent {
        return Err(Refusal::SoleSpent);
    }
    if facts.declined {
        return Err(Refusal::Declined);
    }
    if facts.present && !unanswered(order, facts, now) {
        return Err(Refusal::SecondMayAnswer);
    }
    Ok(())
}

/// Whether he asked for exactly this command, and nobody answered in time.
fn unanswered(order: &CommandOrder, facts: &Alone<'_>, now: Timestamp) -> bool {
    facts.request.is_some_and(|request| {
        Some(request.person_id) == facts.author
            && matches!(request.state, RequestState::Asked | RequestState::Expired)
            && request.approver_id.is_none()
            && now >= request.asked_at.plus(ALONE_AFTER)
            && now <= request.asked_at.plus(ALONE_WITHIN)
            && is_of(request, order)
    })
}

/// Whether a command that was operated alone came to something, as far as is known.
pub const fn counts(state: CommandState) -> bool {
    use CommandState as S;
    !matches!(state, S::Rejected | S::Expired | S::Cancelled | S::Superseded | S::Failed | S::LateFailed)
}

/// Whether a command operated alone at `issued_at` would be the second extension in a row: among those that were operated
/// alone on its object, one is still in force that itself began while another was.
pub fn spent(issued_at: Timestamp, sole: &[&Command]) -> bool {
    let holds = |command: &Command, at: Timestamp| {
        command.issued_at < at && command.effect_until.is_some_and(|until| until >= at)
    };
    sole.iter().any(|last| {
        holds(last, issued_at)
            && sole.iter().any(|first| first.command_id != last.command_id && holds(first, last.issued_at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{action, actions};

    #[test]
    fn r8_signals_are_never_put_out_by_one_person() {
        for code in ["signal_junction.dark", "building.disarm_intrusion", "pump.stop"] {
            assert!(!action(code).unwrap().sole_allowed, "{code}");
        }
    }

    #[test]
    fn r8_what_one_person_may_do_alone_ends() {
        for found in actions().iter().filter(|a| a.sole_allowed && a.class == crate::command::ClassCode::D) {
            assert!(found.max_effect.is_some(), "{}", found.code);
        }
    }

    #[test]
    fn r8_caller_and_number_are_words() {
        let sole =
            |caller: &str, phone: &str| Sole { reason: SoleReason::Fire, caller: caller.into(), phone: phone.into() };
        assert!(sole("SDIS 21", "18").is_told());
        assert!(!sole(" ", "18").is_told() && !sole("SDIS 21", "\u{a0}").is_told());
    }
}
