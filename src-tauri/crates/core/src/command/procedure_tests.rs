//! With whom, alone, and from which desk a command may be operated.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::command::{
    ALONE_AFTER, ALONE_WITHIN, AskedObject, AskedObjects, CommandOrder, Params, Procedure, SOLE_LONGEST, Seen, Sole,
    SoleReason, UsedObjects, action,
};
use crate::equipment::Reading;
use crate::ids::{CommandId, DeskId, EquipmentId, RequestId, ShiftId};
use crate::rights::Role;

const NOW: Timestamp = Timestamp(10_000_000);
const ME: PersonId = PersonId(Uuid::from_u128(1));
const OTHER: PersonId = PersonId(Uuid::from_u128(2));
const OBJECT: EquipmentId = EquipmentId(Uuid::from_u128(7));
const SHIFT: ShiftId = ShiftId(Uuid::from_u128(3));
const REQUEST: RequestId = RequestId(Uuid::from_u128(5));

fn order(code: &str, procedure: Procedure) -> CommandOrder {
    CommandOrder {
        command_id: CommandId(Uuid::nil()),
        equipment_id: OBJECT,
        action: code.into(),
        params: Params::default(),
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(30)),
        effect_until: Some(NOW.plus(Duration::from_mins(10))),
        shift_id: SHIFT,
        desk_id: DeskId(Uuid::nil()),
        reason: String::new(),
        seen: Seen { reading: Reading::default(), observed_at: None, version: 1, control_version: 4 },
        without_visibility: false,
        procedure,
    }
}

fn request(state: RequestState, asked_at: Timestamp) -> ApprovalRequest {
    let given = state == RequestState::Approved;
    ApprovalRequest {
        request_id: REQUEST,
        objects: AskedObjects(vec![AskedObject { equipment_id: OBJECT, control_version: 4 }]),
        used: UsedObjects::default(),
        action: "bollard.lower".into(),
        params: Params::default(),
        effect_s: Some(600),
        class: ClassCode::D,
        consequence: json!({}),
        about: None,
        person_id: ME,
        role: Role::RemoteOperator,
        desk_id: DeskId(Uuid::nil()),
        shift_id: SHIFT,
        reason: String::new(),
        asked_at,
        expires_at: asked_at.plus(Duration::from_mins(3)),
        state,
        approver_id: given.then_some(OTHER),
        approver_role: given.then_some(Role::Supervisor),
        approved_at: given.then_some(asked_at),
        approval_until: given.then(|| asked_at.plus(Duration::from_mins(1))),
        void_reason: None,
    }
}

fn hold(person_id: PersonId, selected_until: Option<Timestamp>) -> DeskHold {
    DeskHold {
        equipment_id: OBJECT,
        desk_id: DeskId(Uuid::nil()),
        shift_id: SHIFT,
        person_id,
        since: NOW,
        until: NOW.plus(Duration::from_hours(1)),
        selected_until,
        live_id: None,
    }
}

fn sole() -> Procedure {
    let sole = Sole { reason: SoleReason::EmergencyVehicle, caller: "SAMU 21".into(), phone: "15".into() };
    Procedure { approval_id: None, sole: Some(sole) }
}

fn named() -> Procedure {
    Procedure { approval_id: Some(REQUEST), sole: None }
}

fn tried(order: &CommandOrder, class: ClassCode, facts: Proceeding<'_>) -> Result<(), Refusal> {
    let facts = Proceeding { author: Some(ME), ..facts };
    may_operate(order, class, action(&order.action).unwrap(), &facts, NOW)
}

#[test]
fn r7_danger_goes_with_a_valid_approval_on_a_selected_object_and_not_without() {
    let (given, mine) = (request(RequestState::Approved, NOW), hold(ME, Some(NOW)));
    let facts = Proceeding { request: Some(&given), hold: Some(&mine), ..Proceeding::default() };
    let approved = order("bollard.lower", named());
    assert_eq!(tried(&approved, ClassCode::D, facts), Ok(()));
    let plain = order("bollard.lower", Procedure::default());
    assert_eq!(tried(&plain, ClassCode::D, facts), Err(Refusal::NeedsSecondPerson));
    let none = Proceeding { hold: None, ..facts };
    assert_eq!(tried(&approved, ClassCode::D, none), Err(Refusal::NotSelected));
    for lapsed in [None, Some(NOW.minus(Duration::from_millis(1)))] {
        let mine = hold(ME, lapsed);
        let facts = Proceeding { hold: Some(&mine), ..facts };
        assert_eq!(tried(&approved, ClassCode::D, facts), Err(Refusal::NotSelected), "{lapsed:?}");
    }
}

#[test]
fn r9_another_desks_command_waits_while_the_hold_lives_and_the_safe_direction_passes() {
    let theirs = hold(OTHER, None);
    let held = Proceeding { hold: Some(&theirs), ..Proceeding::default() };
    for (code, class) in [("street_light.set_level", ClassCode::B), ("signal_junction.set_plan", ClassCode::C)] {
        assert_eq!(tried(&order(code, Procedure::default()), class, held), Err(Refusal::HeldByOtherDesk));
    }
    let approved = order("bollard.lower", named());
    assert_eq!(tried(&approved, ClassCode::D, held), Err(Refusal::HeldByOtherDesk));
    let back = order("street_light.to_programme", Procedure::default());
    assert_eq!(tried(&back, ClassCode::B, held), Ok(()));
    let read = order("street_light.read", Procedure::default());
    assert_eq!(tried(&read, ClassCode::A, held), Ok(()));
    let mine = hold(ME, None);
    let held = Proceeding { hold: Some(&mine), ..Proceeding::default() };
    assert_eq!(tried(&order("signal_junction.set_plan", Procedure::default()), ClassCode::C, held), Ok(()));
}

#[test]
fn r8_alone_only_what_was_agreed_told_and_short() {
    let mine = hold(ME, Some(NOW));
    let facts = Proceeding { hold: Some(&mine), ..Proceeding::default() };
    assert_eq!(tried(&order("bollard.lower", sole()), ClassCode::D, facts), Ok(()), "nobody else is there");
    for code in ["signal_junction.dark", "signal_junction.all_red", "bollard.raise"] {
        assert_eq!(tried(&order(code, sole()), ClassCode::D, facts), Err(Refusal::NotAlone), "{code}");
    }
    let mut silent = order("bollard.lower", sole());
    silent.procedure.sole.as_mut().unwrap().phone = " ".into();
    assert_eq!(tried(&silent, ClassCode::D, facts), Err(Refusal::CallerNeeded));
    let mut long = order("bollard.lower", sole());
    long.effect_until = Some(NOW.plus(SOLE_LONGEST + Duration::from_millis(1)));
    assert_eq!(tried(&long, ClassCode::D, facts), Err(Refusal::SoleTooLong));
    let spent = Proceeding { spent: true, ..facts };
    assert_eq!(tried(&order("bollard.lower", sole()), ClassCode::D, spent), Err(Refusal::SoleSpent));
    let declined = Proceeding { declined: true, ..facts };
    assert_eq!(tried(&order("bollard.lower", sole()), ClassCode::D, declined), Err(Refusal::Declined));
    let unselected = Proceeding { hold: None, ..facts };
    assert_eq!(tried(&order("bollard.lower", sole()), ClassCode::D, unselected), Err(Refusal::NotSelected));
}

#[test]
fn r8_while_somebody_may_answer_he_is_asked_first_and_has_thirty_seconds() {
    let mine = hold(ME, Some(NOW));
    let with = |request: Option<&ApprovalRequest>| {
        let facts = Proceeding { hold: Some(&mine), request, present: true, ..Proceeding::default() };
        tried(&order("bollard.lower", sole()), ClassCode::D, facts)
    };
    assert_eq!(with(None), Err(Refusal::SecondMayAnswer));
    assert_eq!(with(Some(&request(RequestState::Asked, NOW.minus(ALONE_AFTER)))), Ok(()));
    let soon = NOW.minus(ALONE_AFTER).plus(Duration::from_millis(1));
    assert_eq!(with(Some(&request(RequestState::Asked, soon))), Err(Refusal::SecondMayAnswer));
    let stale = NOW.minus(ALONE_WITHIN + Duration::from_millis(1));
    assert_eq!(with(Some(&request(RequestState::Expired, stale))), Err(Refusal::SecondMayAnswer), "asked long ago");
    let declined = request(RequestState::Declined, NOW.minus(ALONE_AFTER));
    assert_eq!(with(Some(&declined)), Err(Refusal::SecondMayAnswer));
    let other =
        ApprovalRequest { action: "bollard.raise".into(), ..request(RequestState::Asked, NOW.minus(ALONE_AFTER)) };
    assert_eq!(with(Some(&other)), Err(Refusal::SecondMayAnswer), "of another command");
}

#[test]
fn r6_a_procedure_stands_where_its_request_and_its_selection_say() {
    let asked = request(RequestState::Asked, NOW);
    let given = request(RequestState::Approved, NOW);
    assert_eq!(stage(true, None, false, NOW), Stage::Ask);
    assert_eq!(stage(true, Some(&asked), false, NOW), Stage::Waiting);
    assert_eq!(stage(true, Some(&asked), false, asked.expires_at.plus(Duration::from_secs(1))), Stage::Over);
    assert_eq!(stage(true, Some(&given), false, NOW), Stage::Select);
    assert_eq!(stage(true, Some(&given), true, NOW), Stage::Operate);
    assert_eq!(stage(true, Some(&given), true, NOW.plus(Duration::from_secs(61))), Stage::Over);
    assert_eq!(stage(false, None, false, NOW), Stage::Select, "service without a second person is selected as well");
    for state in [RequestState::Void, RequestState::Used, RequestState::Expired] {
        assert_eq!(stage(true, Some(&request(state, NOW)), true, NOW), Stage::Over);
    }
}

#[test]
fn r7_a_member_goes_with_the_approval_of_its_group_and_is_selected_like_any_danger() {
    let mine = hold(ME, Some(NOW));
    let member = order("bollard.lower", named());
    let of = |whole| Proceeding { hold: Some(&mine), whole: Some(whole), ..Proceeding::default() };
    assert_eq!(tried(&member, ClassCode::D, of(Ok(()))), Ok(()));
    for refusal in [Refusal::ApprovalDiffers, Refusal::NeedsSecondPerson] {
        assert_eq!(tried(&member, ClassCode::D, of(Err(refusal))), Err(refusal));
    }
    let unselected = Proceeding { hold: None, ..of(Ok(())) };
    assert_eq!(tried(&member, ClassCode::D, unselected), Err(Refusal::NotSelected));
}
