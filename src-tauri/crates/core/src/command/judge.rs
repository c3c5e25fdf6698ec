//! What the metropolis checks before it takes a command: pure, the same in training and (as SQL) in PostgreSQL.

use std::time::Duration;

use crate::command::{Action, ClassCode, CommandOrder, Proceeding, Surroundings, classify, may_operate};
use crate::equipment::{EquipmentKind, Quality, Reach, is_stale};
use crate::rights::Role;
use crate::table::EquipmentState;
use crate::time::Timestamp;

crate::table::codes! {
    /// Why the metropolis refuses a command or another submission.
    Refusal {
        /// The payload does not have the form of its kind.
        Malformed = "malformed",
        /// This kind of submission, or this version of it, is not known here: update the metropolis.
        UnknownKind = "unknown_kind",
        /// The account is unknown or locked.
        NoAccount = "no_account",
        /// The role may not do this.
        NotAllowed = "not_allowed",
        /// No such object.
        NoSuchObject = "no_such_object",
        /// No such action on this object.
        NoSuchAction = "no_such_action",
        /// The parameters are not what the action takes.
        BadParameters = "bad_parameters",
        /// Another desk pilots the object (R9).
        HeldByOtherDesk = "held_by_other_desk",
        /// Danger, or service on very many objects: it names no approval of a second person (R7).
        NeedsSecondPerson = "needs_second_person",
        /// The approval that it names was not given, or not to its author.
        NotApproved = "not_approved",
        /// The approval's time is over, or something moved since it was given.
        ApprovalOver = "approval_over",
        /// The approval was used.
        ApprovalUsed = "approval_used",
        /// The approval is of another command: object, version seen, action, target, or length of the effect.
        ApprovalDiffers = "approval_differs",
        /// The object is not selected, or no longer (R6).
        NotSelected = "not_selected",
        /// This action is never operated by one person (R8).
        NotAlone = "not_alone",
        /// Operated alone, it needs who called and his number.
        CallerNeeded = "caller_needed",
        /// Operated alone, its effect may not last so long.
        SoleTooLong = "sole_too_long",
        /// Operated alone, an effect is extended once.
        SoleSpent = "sole_spent",
        /// A second person said no.
        Declined = "declined",
        /// Somebody who may validate is there and has had no time to answer: ask him first.
        SecondMayAnswer = "second_may_answer",
        /// Class L: it is held by a key (`live_begin`), never commanded.
        NotOffered = "not_offered",
        /// Its life has ended.
        Expired = "expired",
        /// It claims a longer life than its class has.
        LifeTooLong = "life_too_long",
        /// The desk's clock is too far from the metropolis's (R12).
        ClockSkew = "clock_skew",
        /// It has no end, or one beyond the longest effect (R3).
        EffectUnbounded = "effect_unbounded",
        /// Mode, target, override, lock or service state changed since it was seen (R4).
        ControlChanged = "control_changed",
        /// The value is stale, unreachable or was never seen, and "without visibility" was not said.
        NoVisibility = "no_visibility",
        /// "Without visibility" needs a reason.
        ReasonNeeded = "reason_needed",
        /// A crew is on site: its lock stops every command but a read (R10).
        CrewLock = "crew_lock",
        /// A newer order of its author in the safe direction went ahead of it (R17).
        Overtaken = "overtaken",
        /// The second of two persons must be another natural person than the first.
        SamePerson = "same_person",
        /// The shift is over or not the author's.
        ShiftOver = "shift_over",
        /// The command is not in a state where this can happen.
        IllegalEvent = "illegal_event",
        /// `settle` said that it was never received: a late arrival is refused (R14).
        AfterSettle = "after_settle",
        /// Issued before the metropolis's present epoch (R16).
        BeforeEpoch = "before_epoch",
        /// A record of someone else without a signature by a key that is known as his (R20).
        NotSigned = "not_signed",
        /// There is no such programme for this kind of object, it was changed since, or its last day is over (R19).
        NoSuchProgramme = "no_such_programme",
        /// The programme is not the one that the object had before (R17).
        NotFormer = "not_former",
        /// The programme was applied: it changes no more. Write another (R19).
        ProgrammeInUse = "programme_in_use",
        /// There is no such zone, or no longer.
        NoSuchZone = "no_such_zone",
        /// Somebody else changed the zone since: the detail says who and when.
        ZoneChanged = "zone_changed",
        /// Another zone has the reference.
        ReferenceTaken = "reference_taken",
        /// What must be applied before it was not: it waits, and no outcome is kept of it.
        Behind = "behind",
    }
}

/// Everything the metropolis knows that decides.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The metropolis's time.
    pub now: Timestamp,
    /// When the present epoch began.
    pub epoch_began: Timestamp,
    /// The author's role.
    pub role: Role,
    /// Whether that role pilots this kind of equipment.
    pub may_pilot: bool,
    /// The action, if it exists.
    pub action: Option<&'a Action>,
    /// The kind of the object, if it exists.
    pub kind: Option<EquipmentKind>,
    /// Its state.
    pub state: Option<&'a EquipmentState>,
    /// What stands around it.
    pub around: Surroundings,
    /// Whether the shift named is the author's and open.
    pub shift_open: bool,
    /// Whether a crew lock on the object stands against this order ([`crate::lock::stopping`]).
    pub locked: bool,
    /// Whether a newer order of its author in the safe direction was taken on the object.
    pub overtaken: bool,
    /// Whether the programme that it names may be applied or gone back to ([`crate::programme::may_apply`]); `Ok` for any
    /// other command.
    pub programme: Result<(), Refusal>,
    /// Class of the group that it is a member of, if it is of one: the whole is judged as its worst.
    pub group: Option<ClassCode>,
    /// What is known of its procedure (R6 to R9).
    pub proceeding: Proceeding<'a>,
}

/// Longest distance between a desk's time and the metropolis's at which any command is taken (R12).
pub const MAX_SKEW: Duration = Duration::from_secs(30);

/// Takes a command, with its class, or says why not. The order of the checks is part of the contract: both metropolises
/// answer with the same refusal.
pub fn judge(order: &CommandOrder, facts: &Facts<'_>) -> Result<ClassCode, Refusal> {
    let Some(kind) = facts.kind else { return Err(Refusal::NoSuchObject) };
    if !facts.may_pilot {
        return Err(Refusal::NotAllowed);
    }
    if !facts.shift_open {
        return Err(Refusal::ShiftOver);
    }
    let class = facts.group.unwrap_or_else(|| classify(facts.action, &order.params, facts.around));
    let Some(action) = facts.action.filter(|a| a.kind == kind) else { return Err(Refusal::NoSuchAction) };
    if !action.accepts(&order.params) {
        return Err(Refusal::BadParameters);
    }
    facts.programme?;
    if facts.locked {
        return Err(Refusal::CrewLock);
    }
    if class == ClassCode::L {
        return Err(Refusal::NotOffered);
    }
    may_operate(order, class, action, &facts.proceeding, facts.now)?;
    if order.issued_at < facts.epoch_began {
        return Err(Refusal::BeforeEpoch);
    }
    if order.issued_at > facts.now.plus(MAX_SKEW) {
        return Err(Refusal::ClockSkew);
    }
    if order.expires_at.offset_from(order.issued_at) > crate::time::millis(class.life()) {
        return Err(Refusal::LifeTooLong);
    }
    if facts.now > order.expires_at {
        return Err(Refusal::Expired);
    }
    bounded(action, order)?;
    if class != ClassCode::A && facts.overtaken {
        return Err(Refusal::Overtaken);
    }
    if class != ClassCode::A && !action.goes_safe(&order.params) {
        precondition(kind, class, order, facts)?;
    }
    Ok(class)
}

/// R3: an end exists, lies ahead, and within the longest effect.
fn bounded(action: &Action, order: &CommandOrder) -> Result<(), Refusal> {
    match (action.max_effect, order.effect_until) {
        (None, None) => Ok(()),
        (Some(longest), Some(until)) if until > order.issued_at && until <= order.issued_at.plus(longest) => Ok(()),
        _ => Err(Refusal::EffectUnbounded),
    }
}

/// R4: the control version seen still holds, on a value that is one.
fn precondition(kind: EquipmentKind, class: ClassCode, order: &CommandOrder, facts: &Facts<'_>) -> Result<(), Refusal> {
    // Danger is never asked blind, whoever approves it.
    if order.without_visibility && class != ClassCode::D {
        return if order.reason.trim().is_empty() { Err(Refusal::ReasonNeeded) } else { Ok(()) };
    }
    let Some(state) = facts.state else { return Err(Refusal::NoVisibility) };
    if state.control_version != order.seen.control_version {
        return Err(Refusal::ControlChanged);
    }
    let blind = state.quality == Quality::Never
        || state.reach != Reach::Reachable
        || is_stale(kind, &state.source, state.observed_at, facts.now);
    if blind { Err(Refusal::NoVisibility) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Params, Procedure, Seen, action};
    use crate::equipment::{Mode, Reading};
    use crate::ids::{CommandId, DeskId, EquipmentId, ShiftId};
    use serde_json::json;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn order(code: &str, params: serde_json::Value) -> CommandOrder {
        let life = action(code).map_or(Duration::from_secs(30), |a| a.class.life());
        let lasting = action(code).and_then(|a| a.max_effect).is_some();
        CommandOrder {
            command_id: CommandId(Uuid::nil()),
            equipment_id: EquipmentId(Uuid::nil()),
            action: code.to_owned(),
            params: Params::from(params),
            issued_at: NOW,
            expires_at: NOW.plus(life),
            effect_until: lasting.then(|| NOW.plus(Duration::from_secs(3600))),
            shift_id: ShiftId(Uuid::nil()),
            desk_id: DeskId(Uuid::nil()),
            reason: String::new(),
            seen: Seen { reading: Reading::default(), observed_at: Some(NOW), version: 3, control_version: 7 },
            without_visibility: false,
            procedure: Procedure::default(),
        }
    }

    fn state() -> EquipmentState {
        EquipmentState {
            equipment_id: EquipmentId(Uuid::nil()),
            reading: Reading::from(json!({"level": 70, "fault": null})),
            quality: Quality::Good,
            observed_at: Some(NOW),
            received_at: NOW,
            source: "controller".into(),
            reach: Reach::Reachable,
            mode: Mode::Programme,
            target: None,
            effect_until: None,
            version: 3,
            control_version: 7,
        }
    }

    fn facts<'a>(state: &'a EquipmentState, order: &CommandOrder) -> Facts<'a> {
        let action = action(&order.action);
        Facts {
            now: NOW,
            epoch_began: Timestamp(0),
            role: Role::RemoteOperator,
            may_pilot: true,
            action,
            kind: action.map(|a| a.kind).or(Some(EquipmentKind::StreetLight)),
            state: Some(state),
            around: Surroundings { safety_level: 30, ..Surroundings::default() },
            shift_open: true,
            locked: false,
            overtaken: false,
            programme: Ok(()),
            group: None,
            proceeding: Proceeding::default(),
        }
    }

    #[test]
    fn a_comfort_command_in_time_on_what_was_seen_is_taken() {
        let (state, order) = (state(), order("street_light.set_level", json!({"level": 40})));
        assert_eq!(judge(&order, &facts(&state, &order)), Ok(ClassCode::B));
    }

    #[test]
    fn r2_a_late_command_is_refused_whatever_else_holds() {
        let (state, order) = (state(), order("street_light.set_level", json!({"level": 40})));
        let late = Facts { now: order.expires_at.plus(Duration::from_millis(1)), ..facts(&state, &order) };
        assert_eq!(judge(&order, &late), Err(Refusal::Expired));
    }

    #[test]
    fn r2_a_desk_cannot_give_its_command_a_longer_life_than_its_class() {
        let (state, mut order) = (state(), order("street_light.set_level", json!({"level": 40})));
        order.expires_at = order.issued_at.plus(Duration::from_secs(3600));
        assert_eq!(judge(&order, &facts(&state, &order)), Err(Refusal::LifeTooLong));
    }

    #[test]
    fn r3_an_override_without_an_end_or_beyond_the_longest_is_refused() {
        let (state, mut order) = (state(), order("street_light.set_level", json!({"level": 40})));
        for until in [None, Some(NOW), Some(NOW.plus(Duration::from_secs(13 * 3600)))] {
            order.effect_until = until;
            assert_eq!(judge(&order, &facts(&state, &order)), Err(Refusal::EffectUnbounded));
        }
    }

    #[test]
    fn r4_a_moved_control_version_refuses_and_observing_again_does_not() {
        let (mut state, order) = (state(), order("street_light.set_level", json!({"level": 40})));
        state.version = 99;
        assert!(judge(&order, &facts(&state, &order)).is_ok());
        state.control_version = 8;
        assert_eq!(judge(&order, &facts(&state, &order)), Err(Refusal::ControlChanged));
    }

    #[test]
    fn r4_a_stale_unreachable_or_never_seen_value_is_no_precondition() {
        let mut order = order("street_light.set_level", json!({"level": 40}));
        let stale = EquipmentState { observed_at: Some(NOW.minus(Duration::from_secs(86_400))), ..state() };
        let lost = EquipmentState { reach: Reach::DeviceLost, ..state() };
        let never = EquipmentState { quality: Quality::Never, observed_at: None, ..state() };
        for blind in [stale, lost, never] {
            order.without_visibility = false;
            assert_eq!(judge(&order, &facts(&blind, &order)), Err(Refusal::NoVisibility));
            order.without_visibility = true;
            order.reason = String::new();
            assert_eq!(judge(&order, &facts(&blind, &order)), Err(Refusal::ReasonNeeded));
            order.reason = "appel d'un riverain".into();
            assert_eq!(judge(&order, &facts(&blind, &order)), Ok(ClassCode::B));
        }
    }

    #[test]
    fn r10_a_locked_object_takes_no_command_before_anything_else_of_it_is_asked() {
        let state = state();
        for (code, params) in [
            ("street_light.set_level", json!({"level": 40})),
            ("street_light.to_programme", json!({})),
            ("signal_junction.dark", json!({})),
        ] {
            let order = order(code, params);
            let locked = Facts { locked: true, ..facts(&state, &order) };
            assert_eq!(judge(&order, &locked), Err(Refusal::CrewLock), "{code}");
        }
    }

    #[test]
    fn r17_the_safe_direction_needs_no_precondition() {
        let moved = EquipmentState { control_version: 99, reach: Reach::DeviceLost, ..state() };
        for (code, params) in
            [("street_light.to_programme", json!({})), ("street_light.set_level", json!({"level": 100}))]
        {
            let order = order(code, params);
            assert_eq!(judge(&order, &facts(&moved, &order)), Ok(ClassCode::B), "{code}");
        }
    }

    #[test]
    fn r17_what_the_safe_direction_went_ahead_of_is_refused_when_it_arrives_and_a_read_is_not() {
        let state = state();
        let dim = order("street_light.set_level", json!({"level": 40}));
        assert_eq!(judge(&dim, &Facts { overtaken: true, ..facts(&state, &dim) }), Err(Refusal::Overtaken));
        let read = order("street_light.read", json!({}));
        assert_eq!(judge(&read, &Facts { overtaken: true, ..facts(&state, &read) }), Ok(ClassCode::A));
    }

    #[test]
    fn d_and_l_are_refused_with_the_reason() {
        let state = state();
        let dark = order("signal_junction.dark", json!({}));
        let moved = order("camera.move", json!({}));
        assert_eq!(judge(&dark, &facts(&state, &dark)), Err(Refusal::NeedsSecondPerson));
        assert_eq!(judge(&moved, &facts(&state, &moved)), Err(Refusal::NotOffered));
    }

    #[test]
    fn r16_a_command_issued_before_the_present_epoch_is_refused() {
        let (state, order) = (state(), order("street_light.read", json!({})));
        let restored = Facts { epoch_began: NOW.plus(Duration::from_secs(1)), ..facts(&state, &order) };
        assert_eq!(judge(&order, &restored), Err(Refusal::BeforeEpoch));
    }
}
