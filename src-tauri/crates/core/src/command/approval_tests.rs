//! A request's life, who may answer it, and which order it carries.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::command::{Member, Procedure, Seen};
use crate::equipment::Reading;
use crate::ids::{CommandId, GroupId};

const NOW: Timestamp = Timestamp(1_000_000);
const AUTHOR: PersonId = PersonId(Uuid::from_u128(1));
const SECOND: PersonId = PersonId(Uuid::from_u128(2));
const OBJECT: EquipmentId = EquipmentId(Uuid::from_u128(7));

fn request(state: RequestState) -> ApprovalRequest {
    let given = matches!(state, S::Approved | S::Used);
    ApprovalRequest {
        request_id: RequestId(Uuid::from_u128(5)),
        objects: AskedObjects(vec![AskedObject { equipment_id: OBJECT, control_version: 4 }]),
        used: UsedObjects::default(),
        action: "bollard.lower".into(),
        params: Params::default(),
        effect_s: Some(600),
        class: ClassCode::D,
        consequence: json!({}),
        about: None,
        person_id: AUTHOR,
        role: Role::RemoteOperator,
        desk_id: DeskId(Uuid::nil()),
        shift_id: ShiftId(Uuid::nil()),
        reason: String::new(),
        asked_at: NOW,
        expires_at: NOW.plus(ASK_LIFE),
        state,
        approver_id: given.then_some(SECOND),
        approver_role: given.then_some(Role::Supervisor),
        approved_at: given.then_some(NOW),
        approval_until: given.then(|| NOW.plus(APPROVAL_LIFE)),
        void_reason: None,
    }
}

fn order() -> CommandOrder {
    CommandOrder {
        command_id: CommandId(Uuid::nil()),
        equipment_id: OBJECT,
        action: "bollard.lower".into(),
        params: Params::default(),
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(30)),
        effect_until: Some(NOW.plus(Duration::from_mins(10))),
        shift_id: ShiftId(Uuid::nil()),
        desk_id: DeskId(Uuid::nil()),
        reason: String::new(),
        seen: Seen { reading: Reading::default(), observed_at: None, version: 1, control_version: 4 },
        without_visibility: false,
        procedure: Procedure::default(),
    }
}

fn who(person: PersonId, role: Role) -> Answering {
    Answering { person_id: Some(person), role, shift_open: true, unmoved: true }
}

#[test]
fn r6_a_request_that_was_used_declined_void_or_expired_is_over() {
    for state in RequestState::ALL {
        assert_eq!(state.is_open(), matches!(state, S::Asked | S::Approved), "{state}");
    }
    for event in RequestEvent::ALL {
        assert_eq!(request_step(S::Used, *event), None);
    }
    assert_eq!(request_step(S::Asked, E::Use), None, "what nobody approved is not used");
}

#[test]
fn r7_the_author_does_not_approve_himself_under_any_role() {
    let asked = request(S::Asked);
    for role in [Role::Supervisor, Role::CctvOperator, Role::Manager] {
        assert_eq!(answer(Some(&asked), who(AUTHOR, role), true, NOW), Err(Refusal::SamePerson));
        assert_eq!(answer(Some(&asked), who(SECOND, role), true, NOW), Ok(S::Approved));
    }
    assert_eq!(answer(Some(&asked), who(SECOND, Role::RemoteOperator), true, NOW), Err(Refusal::NotAllowed));
    let program = Answering { person_id: None, ..who(SECOND, Role::Supervisor) };
    assert_eq!(answer(Some(&asked), program, true, NOW), Err(Refusal::NotAllowed));
}

#[test]
fn r7_who_holds_no_desk_does_not_answer_but_for_the_manager_on_call() {
    let asked = request(S::Asked);
    let away = |role| Answering { shift_open: false, ..who(SECOND, role) };
    assert_eq!(answer(Some(&asked), away(Role::Supervisor), true, NOW), Err(Refusal::ShiftOver));
    assert_eq!(answer(Some(&asked), away(Role::Manager), true, NOW), Ok(S::Approved));
}

#[test]
fn r6_a_request_is_answered_once_within_three_minutes_and_on_what_was_seen() {
    let asked = request(S::Asked);
    let yes = |request: &ApprovalRequest, now| answer(Some(request), who(SECOND, Role::Supervisor), true, now);
    assert_eq!(yes(&asked, asked.expires_at), Ok(S::Approved));
    assert_eq!(yes(&asked, asked.expires_at.plus(Duration::from_millis(1))), Err(Refusal::ApprovalOver));
    assert_eq!(yes(&request(S::Approved), NOW), Err(Refusal::IllegalEvent));
    let moved = Answering { unmoved: false, ..who(SECOND, Role::Supervisor) };
    assert_eq!(answer(Some(&asked), moved, true, NOW), Err(Refusal::ControlChanged));
    assert_eq!(answer(Some(&asked), moved, false, NOW), Ok(S::Declined), "no is always possible");
}

#[test]
fn r6_an_approval_is_extended_minute_by_minute_and_never_beyond_five() {
    let mut given = request(S::Approved);
    let mut now = NOW;
    for _ in 0..6 {
        now = now.plus(Duration::from_secs(50));
        let Some(until) = extended(&given, now) else { break };
        given.approval_until = Some(until);
    }
    assert_eq!(given.approval_until, Some(NOW.plus(APPROVAL_LONGEST)));
    assert_eq!(extended(&given, now), None);
    let late = NOW.plus(APPROVAL_LIFE + Duration::from_millis(1));
    assert_eq!(extended(&request(S::Approved), late), None, "what is over is not extended");
    assert_eq!(extended(&request(S::Asked), NOW), None);
}

#[test]
fn r7_an_approval_carries_its_own_command_and_no_other() {
    let given = request(S::Approved);
    let tried = |order: &CommandOrder| approved(Some(&given), order, Some(AUTHOR), NOW);
    assert_eq!(tried(&order()), Ok(()));
    let mut others = [order(), order(), order(), order(), order()];
    others[0].action = "bollard.raise".into();
    others[1].equipment_id = EquipmentId(Uuid::from_u128(8));
    others[2].params = Params::from(json!({"x": 1}));
    others[3].effect_until = Some(NOW.plus(Duration::from_mins(11)));
    others[4].seen.control_version = 5;
    for other in &others {
        assert_eq!(tried(other), Err(Refusal::ApprovalDiffers), "{other:?}");
    }
}

#[test]
fn r7_an_approval_that_was_not_given_to_me_not_given_over_or_used_carries_nothing() {
    let tried = |request: &ApprovalRequest, author, now| approved(Some(request), &order(), author, now);
    assert_eq!(tried(&request(S::Approved), Some(SECOND), NOW), Err(Refusal::NotApproved), "somebody else's");
    assert_eq!(approved(None, &order(), Some(AUTHOR), NOW), Err(Refusal::NotApproved), "forged");
    assert_eq!(tried(&request(S::Asked), Some(AUTHOR), NOW), Err(Refusal::NotApproved));
    assert_eq!(tried(&request(S::Declined), Some(AUTHOR), NOW), Err(Refusal::NotApproved));
    assert_eq!(tried(&request(S::Void), Some(AUTHOR), NOW), Err(Refusal::ApprovalOver));
    let late = NOW.plus(APPROVAL_LIFE + Duration::from_millis(1));
    assert_eq!(tried(&request(S::Approved), Some(AUTHOR), late), Err(Refusal::ApprovalOver));
    let spent = used(request(S::Approved));
    assert_eq!(spent.state, S::Used);
    assert_eq!(tried(&spent, Some(AUTHOR), NOW), Err(Refusal::ApprovalUsed));
    let own = ApprovalRequest { approver_id: Some(AUTHOR), ..request(S::Approved) };
    assert_eq!(tried(&own, Some(AUTHOR), NOW), Err(Refusal::SamePerson), "whatever wrote that row");
}

fn group(members: &[(u128, i64)]) -> GroupOrder {
    let one = order();
    GroupOrder {
        group_id: GroupId(Uuid::from_u128(9)),
        action: one.action,
        params: one.params,
        issued_at: one.issued_at,
        expires_at: one.expires_at,
        effect_until: one.effect_until,
        shift_id: one.shift_id,
        desk_id: one.desk_id,
        reason: one.reason,
        chosen: ChosenBy::Hand,
        chosen_name: String::new(),
        members: members
            .iter()
            .map(|(id, control_version)| Member {
                command_id: CommandId(Uuid::from_u128(*id)),
                equipment_id: EquipmentId(Uuid::from_u128(*id)),
                seen: Seen { control_version: *control_version, ..one.seen.clone() },
            })
            .collect(),
        excluded: Vec::new(),
        approval_id: Some(RequestId(Uuid::from_u128(5))),
    }
}

fn on_two() -> ApprovalRequest {
    let mut both = request(S::Approved);
    both.objects.0.push(AskedObject { equipment_id: EquipmentId(Uuid::from_u128(8)), control_version: 1 });
    both
}

#[test]
fn r7_an_approval_of_a_group_carries_its_very_members_as_they_were_seen_and_no_part_of_them() {
    let given = on_two();
    let tried = |group: &GroupOrder| group_approved(Some(&given), group, Some(AUTHOR), NOW);
    assert_eq!(tried(&group(&[(7, 4), (8, 1)])), Ok(()));
    assert_eq!(tried(&group(&[(8, 1), (7, 4)])), Ok(()), "their order is no matter");
    for members in [&[(7, 4)][..], &[(7, 4), (8, 2)], &[(7, 4), (8, 1), (9, 1)], &[(7, 4), (9, 1)]] {
        assert_eq!(tried(&group(members)), Err(Refusal::ApprovalDiffers), "{members:?}");
    }
    let longer = GroupOrder { effect_until: Some(NOW.plus(Duration::from_mins(11))), ..group(&[(7, 4), (8, 1)]) };
    assert_eq!(tried(&longer), Err(Refusal::ApprovalDiffers));
    assert_eq!(approved(Some(&given), &order(), Some(AUTHOR), NOW), Err(Refusal::ApprovalDiffers), "one of them alone");
}

#[test]
fn r7_a_group_is_operated_once_under_its_approval() {
    let spent = used(on_two());
    assert_eq!((spent.state, spent.used.0.len()), (S::Used, 2));
    let again = group_approved(Some(&spent), &group(&[(7, 4), (8, 1)]), Some(AUTHOR), NOW);
    assert_eq!(again, Err(Refusal::ApprovalUsed));
    assert_eq!(used(request(S::Void)).state, S::Void, "what is over is not used");
}

#[test]
fn r6_what_is_approved_is_selected_as_a_whole_by_its_author_while_it_holds() {
    let given = on_two();
    let tried = |me, open, held, now| may_select(Some(&given), me, open, held, now);
    assert_eq!(tried(Some(AUTHOR), true, false, NOW), Ok(()));
    assert_eq!(tried(Some(SECOND), true, false, NOW), Err(Refusal::NotAllowed));
    assert_eq!(tried(Some(AUTHOR), false, false, NOW), Err(Refusal::ShiftOver));
    assert_eq!(tried(Some(AUTHOR), true, true, NOW), Err(Refusal::HeldByOtherDesk));
    let late = NOW.plus(APPROVAL_LIFE + Duration::from_millis(1));
    assert_eq!(tried(Some(AUTHOR), true, false, late), Err(Refusal::ApprovalOver));
    assert_eq!(may_select(Some(&request(S::Asked)), Some(AUTHOR), true, false, NOW), Err(Refusal::ApprovalOver));
    assert_eq!(may_select(None, Some(AUTHOR), true, false, NOW), Err(Refusal::NoSuchObject));
}
