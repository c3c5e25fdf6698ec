//! The procedure of a command (R6 to R9): *prepare* → *request* → *approve* → *select, check again, operate* → *feedback*.
//!
//! The procedure itself keeps no state: where it stands follows from the request and the hold that the metropolis has, and from
//! the clock. So it is the same at the author's desk, at the second person's, and after a crash.

use crate::command::{
    Action, Alone, ClassCode, CommandOrder, Refusal, RequestState, alone, approved, held_by_other, is_over,
    needs_second, selected,
};
use crate::ids::PersonId;
use crate::table::{ApprovalRequest, DeskHold};
use crate::time::Timestamp;

/// What the metropolis knows of an order's procedure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proceeding<'a> {
    /// The author; none for a program.
    pub author: Option<PersonId>,
    /// The request that the order names.
    pub request: Option<&'a ApprovalRequest>,
    /// The hold on its object, if it lives.
    pub hold: Option<&'a DeskHold>,
    /// Somebody else who may validate holds a desk.
    pub present: bool,
    /// A second person said no to this action on this object a moment ago.
    pub declined: bool,
    /// Operated alone, it would extend what was extended already.
    pub spent: bool,
    /// Of a member of a group: whether a second person approved the whole ([`crate::command::group_approved`]).
    pub whole: Option<Result<(), Refusal>>,
}

impl Proceeding<'_> {
    /// Whether a second person approved this order, or the group that it is of.
    pub fn second(&self, order: &CommandOrder, now: Timestamp) -> Result<(), Refusal> {
        match (self.whole, order.procedure.approval_id) {
            (Some(judged), _) => judged,
            (None, Some(_)) => approved(self.request, order, self.author, now),
            (None, None) => Err(Refusal::NeedsSecondPerson),
        }
    }
}

/// Whether the procedure of an order was kept. The order of the checks is part of the contract.
///
/// Reads need none. The safe direction (R17) needs neither the object's desk nor a second person.
pub fn may_operate(
    order: &CommandOrder,
    class: ClassCode,
    action: &Action,
    facts: &Proceeding<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if class == ClassCode::A || action.goes_safe(&order.params) {
        return Ok(());
    }
    if held_by_other(facts.hold, facts.author) {
        return Err(Refusal::HeldByOtherDesk);
    }
    if !needs_second(class, action, &order.params) {
        return Ok(());
    }
    match &order.procedure.sole {
        Some(sole) => {
            let around = Alone {
                request: facts.request,
                author: facts.author,
                present: facts.present,
                declined: facts.declined,
                spent: facts.spent,
            };
            alone(order, sole, action, &around, now)?;
        }
        None => facts.second(order, now)?,
    }
    // Each object, in a group as well.
    if class == ClassCode::D && !selected(facts.hold, order, facts.author, now) {
        return Err(Refusal::NotSelected);
    }
    Ok(())
}

crate::table::codes! {
    /// Where a procedure stands for its author.
    Stage {
        /// Prepared: a second person is to be asked.
        Ask = "ask",
        /// A second person was asked.
        Waiting = "waiting",
        /// He said no.
        Declined = "declined",
        /// Nobody answered, or something moved, or it was used: from the beginning.
        Over = "over",
        /// The object is to be selected.
        Select = "select",
        /// It may be operated.
        Operate = "operate",
    }
}

/// Where a procedure stands at `now`: whether a second person is `due`, what was asked, whether the object is selected.
pub fn stage(due: bool, request: Option<&ApprovalRequest>, selected: bool, now: Timestamp) -> Stage {
    let ready = if selected { Stage::Operate } else { Stage::Select };
    let Some(request) = request.filter(|_| due) else { return if due { Stage::Ask } else { ready } };
    if is_over(request, now) {
        return Stage::Over;
    }
    match request.state {
        RequestState::Asked => Stage::Waiting,
        RequestState::Approved => ready,
        RequestState::Declined => Stage::Declined,
        RequestState::Void | RequestState::Used | RequestState::Expired => Stage::Over,
    }
}

#[cfg(test)]
#[path = "procedure_tests.rs"]
mod tests;
