//! A second person's approval (R6, R7): asked for one command, on one object or on a group of them, given by one natural
//! person, used once.
//!
//! What may happen to a request is data, as a command's life is: the metropolis holds the same rows, made from here.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::{ChosenBy, ClassCode, CommandOrder, Exclusion, GroupOrder, MOST_EXCLUDED, Params, Refusal};
use crate::ids::{DeskId, EquipmentId, PersonId, RequestId, ShiftId};
use crate::rights::Role;
use crate::table::ApprovalRequest;
use crate::time::{Timestamp, millis};

/// A request that nobody answered ends after this.
pub const ASK_LIFE: Duration = Duration::from_mins(3);
/// An approval holds so long, and each extension of it.
pub const APPROVAL_LIFE: Duration = Duration::from_mins(1);
/// However often it is extended, an approval ends so long after it was given.
pub const APPROVAL_LONGEST: Duration = Duration::from_mins(5);

crate::table::codes! {
    /// Where a request stands.
    RequestState {
        /// Nobody answered yet.
        Asked = "asked",
        /// A second person approves.
        Approved = "approved",
        /// A second person says no.
        Declined = "declined",
        /// Something moved since: it approves nothing any more.
        Void = "void",
        /// The command that it approves was taken.
        Used = "used",
        /// Its time is over.
        Expired = "expired",
    }
}

crate::table::codes! {
    /// What happens to a request.
    RequestEvent {
        /// A second person approves.
        Approve = "approve",
        /// A second person says no.
        Decline = "decline",
        /// An approval is given more time.
        Extend = "extend",
        /// Something moved, or its author gave it up.
        Void = "void",
        /// Its command was taken.
        Use = "use",
        /// Its time is over.
        Expire = "expire",
    }
}

crate::table::codes! {
    /// Why a request is void.
    VoidReason {
        /// Mode, target, override, lock or service state of the object moved.
        ControlChanged = "control_changed",
        /// What the command would do is no longer what was asked.
        ConsequenceChanged = "consequence_changed",
        /// Its author gave it up.
        Withdrawn = "withdrawn",
        /// Its author asked anew.
        Replaced = "replaced",
        /// Its author's shift is over.
        ShiftOver = "shift_over",
        /// Nobody answered and its author operated alone (R8).
        OperatedAlone = "operated_alone",
        /// The author's machine slept, or its clock jumped (R12).
        ClockJump = "clock_jump",
        /// The author's session was suspended.
        SessionSuspended = "session_suspended",
        /// The programme that it is of was written anew (R19).
        ProgrammeChanged = "programme_changed",
    }
}

impl VoidReason {
    /// Whether the author's own desk may say it; the others are the metropolis's.
    pub const fn is_of_the_desk(self) -> bool {
        matches!(self, Self::ConsequenceChanged | Self::Withdrawn | Self::ClockJump | Self::SessionSuspended)
    }
}

/// One line of the table: (state, event) → state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestMove {
    /// From.
    pub from: RequestState,
    /// What happens.
    pub event: RequestEvent,
    /// To.
    pub to: RequestState,
}

const fn moves(from: RequestState, event: RequestEvent, to: RequestState) -> RequestMove {
    RequestMove { from, event, to }
}

use RequestEvent as E;
use RequestState as S;

/// Everything that can happen to a request. What is not here is refused; what has no line is over.
pub static REQUEST_MOVES: &[RequestMove] = &[
    moves(S::Asked, E::Approve, S::Approved),
    moves(S::Asked, E::Decline, S::Declined),
    moves(S::Asked, E::Void, S::Void),
    moves(S::Asked, E::Expire, S::Expired),
    moves(S::Approved, E::Extend, S::Approved),
    moves(S::Approved, E::Void, S::Void),
    moves(S::Approved, E::Use, S::Used),
    moves(S::Approved, E::Expire, S::Expired),
];

/// The next state, or none when it cannot happen.
pub fn request_step(from: RequestState, event: RequestEvent) -> Option<RequestState> {
    REQUEST_MOVES.iter().find(|m| m.from == from && m.event == event).map(|m| m.to)
}

impl RequestState {
    /// Whether something can still happen to it.
    pub fn is_open(self) -> bool {
        REQUEST_MOVES.iter().any(|m| m.from == self)
    }
}

/// An object that is approved, as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AskedObject {
    /// Which.
    pub equipment_id: EquipmentId,
    /// Its control version as its author saw it.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub control_version: i64,
}

/// The objects of a request: a JSON array.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AskedObjects(pub Vec<AskedObject>);

/// Those of them whose command was taken: a JSON array of identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UsedObjects(pub Vec<EquipmentId>);

/// What a request on a group says besides its objects: by what they were chosen, and what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedGroup {
    /// By what its objects were chosen.
    pub chosen: ChosenBy,
    /// The name of that street, cabinet, commune or list; empty for an area and for objects chosen one by one.
    pub chosen_name: String,
    /// What was chosen and left out.
    pub excluded: Vec<Exclusion>,
}

crate::table::json_fields!(AskedObjects, UsedObjects, AskedGroup);

/// Most objects of one request.
pub const ASKED_MOST: usize = 1_000;

/// The payload of an `approval_request`: one command, complete enough to be judged by who is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// UUIDv7 made by the desk.
    pub request_id: RequestId,
    /// On which objects, as they were seen.
    pub objects: AskedObjects,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect, seconds; none for what has no lasting effect.
    pub effect_s: Option<i64>,
    /// The author's shift.
    pub shift_id: ShiftId,
    /// The desk he holds.
    pub desk_id: DeskId,
    /// Why.
    pub reason: String,
    /// What it would do, as his desk shows it (`core::command::Check`, a JSON object).
    pub consequence: Value,
    /// Of a group: how it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<AskedGroup>,
}

/// The payload of an `approval_answer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which request.
    pub request_id: RequestId,
    /// Yes or no.
    pub approves: bool,
    /// The shift of who answers; who is on call has none.
    pub shift_id: Option<ShiftId>,
}

/// The instant until which an approval holds once it is extended at `now`, or none when it cannot be.
pub fn extended(request: &ApprovalRequest, now: Timestamp) -> Option<Timestamp> {
    let (given, until) = (request.approved_at?, request.approval_until?);
    let longest = given.plus(APPROVAL_LONGEST);
    let next = now.plus(APPROVAL_LIFE).min(longest);
    (request.state == S::Approved && now <= until && next > until).then_some(next)
}

/// Whether the time of a request is over: asked and not answered, or approved and not used.
pub fn is_over(request: &ApprovalRequest, now: Timestamp) -> bool {
    match request.state {
        S::Asked => now > request.expires_at,
        S::Approved => request.approval_until.is_none_or(|until| now > until),
        S::Declined | S::Void | S::Used | S::Expired => false,
    }
}

/// Who wants to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answering {
    /// The natural person; none for a program.
    pub person_id: Option<PersonId>,
    /// His role.
    pub role: Role,
    /// Whether the shift that he names is his and open.
    pub shift_open: bool,
    /// Every object still has the control version that was asked about.
    pub unmoved: bool,
}

/// Whether a request may be answered so, and in which state that leaves it. The order is part of the contract.
pub fn answer(
    request: Option<&ApprovalRequest>,
    who: Answering,
    approves: bool,
    now: Timestamp,
) -> Result<RequestState, Refusal> {
    let Some(request) = request else { return Err(Refusal::NoSuchObject) };
    let (Some(person), Some(validator)) = (who.person_id, crate::command::validator(who.role)) else {
        return Err(Refusal::NotAllowed);
    };
    if person == request.person_id {
        return Err(Refusal::SamePerson);
    }
    if validator.needs_shift && !who.shift_open {
        return Err(Refusal::ShiftOver);
    }
    if is_over(request, now) {
        return Err(Refusal::ApprovalOver);
    }
    let event = if approves { E::Approve } else { E::Decline };
    let next = request_step(request.state, event).ok_or(Refusal::IllegalEvent)?;
    if approves && !who.unmoved { Err(Refusal::ControlChanged) } else { Ok(next) }
}

/// Whether a request is of exactly this command: its one object, version seen, action, target, length of the effect.
pub fn is_of(request: &ApprovalRequest, order: &CommandOrder) -> bool {
    let asked = AskedObject { equipment_id: order.equipment_id, control_version: order.seen.control_version };
    asks_the_same(
        request,
        &order.action,
        &order.params,
        order.effect_until.map(|until| until.offset_from(order.issued_at)),
    ) && request.objects.0 == [asked]
}

/// Whether a request is of exactly this group: its members with the version seen of each, action, target, length of the effect.
pub fn is_of_group(request: &ApprovalRequest, group: &GroupOrder) -> bool {
    let mut asked: Vec<_> = request.objects.0.iter().map(|o| (o.equipment_id, o.control_version)).collect();
    let mut members: Vec<_> = group.members.iter().map(|m| (m.equipment_id, m.seen.control_version)).collect();
    asked.sort_unstable();
    members.sort_unstable();
    asks_the_same(
        request,
        &group.action,
        &group.params,
        group.effect_until.map(|until| until.offset_from(group.issued_at)),
    ) && asked == members
}

fn asks_the_same(request: &ApprovalRequest, action: &str, params: &Params, effect_ms: Option<i64>) -> bool {
    request.action == action
        && request.params == *params
        && request.effect_s.map(|s| s.saturating_mul(1_000)) == effect_ms
}

/// Whether an approval carries this order (R7): given, in time, to this author, for exactly this command, not used yet.
pub fn approved(
    request: Option<&ApprovalRequest>,
    order: &CommandOrder,
    author: Option<PersonId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    carries(request, author, now, |request| is_of(request, order))
}

/// Whether an approval carries this group (R7): the whole of it, as it was shown to who approved, or nothing.
pub fn group_approved(
    request: Option<&ApprovalRequest>,
    group: &GroupOrder,
    author: Option<PersonId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    carries(request, author, now, |request| is_of_group(request, group))
}

fn carries(
    request: Option<&ApprovalRequest>,
    author: Option<PersonId>,
    now: Timestamp,
    is_it: impl FnOnce(&ApprovalRequest) -> bool,
) -> Result<(), Refusal> {
    let Some(request) = request.filter(|r| Some(r.person_id) == author) else { return Err(Refusal::NotApproved) };
    match request.state {
        S::Used => return Err(Refusal::ApprovalUsed),
        S::Asked | S::Declined => return Err(Refusal::NotApproved),
        S::Void | S::Expired => return Err(Refusal::ApprovalOver),
        S::Approved => {}
    }
    if request.approver_id.is_none_or(|approver| Some(approver) == author) {
        return Err(Refusal::SamePerson);
    }
    if is_over(request, now) {
        return Err(Refusal::ApprovalOver);
    }
    if is_it(request) { Ok(()) } else { Err(Refusal::ApprovalDiffers) }
}

/// The request once its command was taken, on one object of a group at least: an approval is used once.
pub fn used(mut request: ApprovalRequest) -> ApprovalRequest {
    if let Some(next) = request_step(request.state, E::Use) {
        request.state = next;
        request.used = UsedObjects(request.objects.0.iter().map(|asked| asked.equipment_id).collect());
    }
    request
}

/// Whether every object of an approved request may be selected at once by its author (R6). The order is part of the contract.
pub fn may_select(
    request: Option<&ApprovalRequest>,
    me: Option<PersonId>,
    shift_open: bool,
    held_by_other: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(request) = request else { return Err(Refusal::NoSuchObject) };
    if me != Some(request.person_id) {
        return Err(Refusal::NotAllowed);
    }
    if !shift_open {
        return Err(Refusal::ShiftOver);
    }
    if request.state != S::Approved || is_over(request, now) {
        return Err(Refusal::ApprovalOver);
    }
    if held_by_other { Err(Refusal::HeldByOtherDesk) } else { Ok(()) }
}

/// The request once it is void, or none when it was over already.
pub fn voided(mut request: ApprovalRequest, why: VoidReason) -> Option<ApprovalRequest> {
    request.state = request_step(request.state, E::Void)?;
    request.void_reason = Some(why);
    Some(request)
}

/// What is known of a request's form, whatever the metropolis holds.
pub fn is_well_formed(ask: &Ask) -> bool {
    let objects = &ask.objects.0;
    let mut ids: Vec<EquipmentId> = objects.iter().map(|object| object.equipment_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let excluded = ask.about.as_ref().map_or(0, |about| about.excluded.len());
    !objects.is_empty()
        && objects.len() <= ASKED_MOST
        && ids.len() == objects.len()
        && excluded <= MOST_EXCLUDED
        && ask.consequence.is_object()
}

/// What is known of one object that is asked about.
#[derive(Debug, Clone, Copy)]
pub struct AskFacts<'a> {
    /// Whether the author's role pilots this kind.
    pub may_pilot: bool,
    /// The action fits the object.
    pub action: Option<&'a crate::command::Action>,
    /// Whether the programme that is asked for may be applied to it ([`crate::programme::may_apply`]).
    pub programme: Result<(), Refusal>,
    /// Class of the whole: of a group its worst member's, each among the others.
    pub class: ClassCode,
    /// The object's control version now.
    pub control_version: Option<i64>,
    /// The version that its author saw.
    pub seen: i64,
}

/// Whether a second person may be asked about one object. The order is part of the contract.
pub fn may_ask(ask: &Ask, shift_open: bool, facts: &AskFacts<'_>) -> Result<(), Refusal> {
    if !facts.may_pilot {
        return Err(Refusal::NotAllowed);
    }
    if !shift_open {
        return Err(Refusal::ShiftOver);
    }
    let Some(action) = facts.action else { return Err(Refusal::NoSuchAction) };
    if !action.accepts(&ask.params) {
        return Err(Refusal::BadParameters);
    }
    facts.programme?;
    match facts.class {
        ClassCode::L => return Err(Refusal::NotOffered),
        ClassCode::A | ClassCode::B => return Err(Refusal::IllegalEvent),
        ClassCode::C | ClassCode::D => {}
    }
    let bounded = match (action.max_effect, ask.effect_s) {
        (None, None) => true,
        (Some(longest), Some(s)) => s > 0 && s.saturating_mul(1_000) <= millis(longest),
        _ => false,
    };
    if !bounded {
        return Err(Refusal::EffectUnbounded);
    }
    if facts.control_version == Some(facts.seen) { Ok(()) } else { Err(Refusal::ControlChanged) }
}

#[cfg(test)]
#[path = "approval_tests.rs"]
mod tests;
