//! A second person approves a group (R6, R7): exactly its members as they were seen, as a whole, once.

use std::time::Duration;

use serde_json::{Value, json};
use vigie_core::command::{
    Answer, Ask, AskedGroup, AskedObject, AskedObjects, ChosenBy, ClassCode, CommandState, Excluded, Exclusion,
    GroupOrder, RequestState, VoidReason,
};
use vigie_core::equipment::Mode;
use vigie_core::ids::{EquipmentId, RequestId};
use vigie_core::submission::{Body, Outcome};
use vigie_core::table::{ApprovalRequest, DeskHold};

use super::group::states;
use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

const DIM: &str = "street_light.set_level";

/// What is asked of a group, as its author froze it.
fn ask_for(room: &mut Room<'_>, group: &GroupOrder) -> Ask {
    let objects = group
        .members
        .iter()
        .map(|member| AskedObject { equipment_id: member.equipment_id, control_version: member.seen.control_version });
    Ask {
        request_id: RequestId(room.fresh()),
        objects: AskedObjects(objects.collect()),
        action: group.action.clone(),
        params: group.params.clone(),
        effect_s: group.effect_until.map(|until| until.offset_from(group.issued_at) / 1_000),
        shift_id: group.shift_id,
        desk_id: group.desk_id,
        reason: "fête de quartier".into(),
        consequence: json!({"objects": group.members.len()}),
        about: Some(AskedGroup {
            chosen: group.chosen,
            chosen_name: group.chosen_name.clone(),
            excluded: group.excluded.clone(),
        }),
    }
}

async fn asked(room: &mut Room<'_>, group: &GroupOrder) -> RequestId {
    let ask = ask_for(room, group);
    let id = ask.request_id;
    applied(&room.write(OPERATOR, Body::ApprovalRequest(ask)).await);
    id
}

async fn approve(room: &mut Room<'_>, id: RequestId) {
    let shift_id = Some(room.shift(SUPERVISOR).0);
    applied(&room.write(SUPERVISOR, Body::ApprovalAnswer(Answer { request_id: id, approves: true, shift_id })).await);
}

async fn select(room: &mut Room<'_>, login: &str, id: RequestId) -> Outcome {
    let shift_id = room.shift(login).0;
    room.write(login, Body::RequestSelect { request_id: id, shift_id }).await
}

async fn request(room: &mut Room<'_>, id: RequestId) -> ApprovalRequest {
    room.rows::<ApprovalRequest>(|r| r.request_id == id).await.pop().expect("the room sees the request")
}

/// The same group operated again, as what is true now: other commands on the same objects.
async fn again(room: &mut Room<'_>, group: &GroupOrder, params: Value) -> GroupOrder {
    let objects: Vec<EquipmentId> = group.members.iter().map(|member| member.equipment_id).collect();
    let next = room.group(OPERATOR, &group.action, params, &objects).await;
    GroupOrder { approval_id: group.approval_id, ..next }
}

/// Asked with what was left out, approved, operated: used as a whole, whatever became of a member.
pub async fn r7_service_on_very_many_objects_goes_under_the_approval_of_the_whole_and_once(room: &mut Room<'_>) {
    let lights = room.lights(52);
    let mut group = room.dim_all(&lights[..51]).await;
    group.excluded = vec![Exclusion { equipment_id: lights[51], reason: Excluded::AlreadySo }];
    let id = asked(room, &group).await;
    let row = request(room, id).await;
    assert_eq!((row.class, row.objects.0.len(), row.effect_s), (ClassCode::C, 51, Some(3_600)));
    let about = row.about.expect("how it was made");
    assert_eq!((about.chosen, about.chosen_name.as_str()), (ChosenBy::Street, "Rue de la Liberté"));
    assert_eq!(about.excluded, group.excluded);

    group.approval_id = Some(id);
    refused(&room.operate_all(OPERATOR, &group).await, "not_approved");
    approve(room, id).await;
    let mut group = again(room, &group, json!({"level": 40})).await;
    group.excluded = Vec::new();
    // One of them went out of reach since: it is refused by itself.
    let mut lost = room.seen(lights[3]).await;
    lost.reach = vigie_core::equipment::Reach::DeviceLost;
    room.report(vec![lost]).await;
    let outcome = room.operate_all(OPERATOR, &group).await;
    applied(&outcome);
    let members = room.members(&group).await;
    assert_eq!(members.iter().filter(|m| m.state == CommandState::Accepted).count(), 50);
    assert!(members.iter().all(|m| m.approval_id == Some(id) && m.class == ClassCode::C));
    let row = request(room, id).await;
    assert_eq!((row.state, row.used.0.len()), (RequestState::Used, 51));
    // The same submission again is the same answer (R16); the same group anew is another command.
    assert_eq!(room.operate_all(OPERATOR, &group).await, outcome);
    let next = again(room, &group, json!({"level": 40})).await;
    refused(&room.operate_all(OPERATOR, &next).await, "approval_used");
}

/// Fewer, more, others, another target, another length of effect, another author, or one of them alone.
pub async fn r7_an_approval_of_a_group_is_bound_to_its_members(room: &mut Room<'_>) {
    let lights = room.lights(53);
    let mut group = room.dim_all(&lights[..52]).await;
    let id = asked(room, &group).await;
    approve(room, id).await;
    group.approval_id = Some(id);
    let fewer: Vec<_> = lights[..51].to_vec();
    let others: Vec<_> = lights[1..].to_vec();
    for objects in [fewer, others, lights.clone()] {
        let next = room.group(OPERATOR, DIM, json!({"level": 40}), &objects).await;
        let outcome = room.operate_all(OPERATOR, &GroupOrder { approval_id: Some(id), ..next }).await;
        refused(&outcome, "approval_differs");
    }
    let darker = again(room, &group, json!({"level": 35})).await;
    refused(&room.operate_all(OPERATOR, &darker).await, "approval_differs");
    let mut longer = again(room, &group, json!({"level": 40})).await;
    longer.effect_until = longer.effect_until.map(|until| until.plus(Duration::from_secs(1)));
    refused(&room.operate_all(OPERATOR, &longer).await, "approval_differs");
    let mut unseen = again(room, &group, json!({"level": 40})).await;
    unseen.members[7].seen.control_version += 1;
    let outcome = room.operate_all(OPERATOR, &unseen).await;
    refused(&outcome, "approval_differs");
    assert!(room.members(&unseen).await.iter().all(|m| m.state == CommandState::Rejected), "the whole or nothing");
    let stolen = room.group(COLLEAGUE, DIM, json!({"level": 40}), &lights[..52]).await;
    let stolen = GroupOrder { approval_id: Some(id), ..stolen };
    refused(&room.operate_all(COLLEAGUE, &stolen).await, "not_approved");
    let right = again(room, &group, json!({"level": 40})).await;
    applied(&room.operate_all(OPERATOR, &right).await);
}

/// The control of one of fifty-one moved.
pub async fn r6_any_change_of_any_member_voids_the_approval_of_a_group(room: &mut Room<'_>) {
    let lights = room.lights(51);
    let mut group = room.dim_all(&lights).await;
    let id = asked(room, &group).await;
    approve(room, id).await;
    group.approval_id = Some(id);
    let mut moved = room.seen(lights[37]).await;
    moved.mode = if moved.mode == Mode::Manual { Mode::Programme } else { Mode::Manual };
    room.report(vec![moved]).await;
    let row = request(room, id).await;
    assert_eq!((row.state, row.void_reason), (RequestState::Void, Some(VoidReason::ControlChanged)));
    refused(&room.operate_all(OPERATOR, &group).await, "approval_over");
    // Asked on what is no longer so, and asked of a part of what was asked before.
    let stale = ask_for(room, &group);
    refused(&room.write(OPERATOR, Body::ApprovalRequest(stale)).await, "control_changed");
    let whole = room.dim_all(&lights).await;
    let former = asked(room, &whole).await;
    let part = room.dim_all(&lights[..20]).await;
    asked(room, &part).await;
    assert_eq!(request(room, former).await.void_reason, Some(VoidReason::Replaced));
}

/// Three neighbours dark at once are danger: two persons, all of them selected, thirty seconds of life.
pub async fn r7_a_dangerous_group_is_approved_selected_at_once_and_operated(room: &mut Room<'_>) {
    let row = super::refusal::five_in_a_row(room);
    let mut group = room.group(OPERATOR, DIM, json!({"level": 10}), &row[..3]).await;
    let id = asked(room, &group).await;
    assert_eq!(request(room, id).await.class, ClassCode::D);
    approve(room, id).await;
    group.approval_id = Some(id);
    group = again(room, &group, json!({"level": 10})).await;
    group.expires_at = group.issued_at.plus(ClassCode::D.life());
    refused(&room.operate_all(OPERATOR, &group).await, "not_selected");
    assert_eq!(request(room, id).await.state, RequestState::Approved, "nothing was taken: it still holds");
    applied(&select(room, OPERATOR, id).await);
    room.wait(Duration::from_secs(20) + Duration::from_millis(1)).await;
    let mut lapsed = again(room, &group, json!({"level": 10})).await;
    lapsed.expires_at = lapsed.issued_at.plus(ClassCode::D.life());
    refused(&room.operate_all(OPERATOR, &lapsed).await, "not_selected");
    applied(&select(room, OPERATOR, id).await);
    let mut right = again(room, &group, json!({"level": 10})).await;
    right.expires_at = right.issued_at.plus(ClassCode::D.life());
    applied(&room.operate_all(OPERATOR, &right).await);
    assert_eq!(states(&room.members(&right).await), [CommandState::Accepted; 3]);
    assert_eq!(request(room, id).await.state, RequestState::Used);
}

/// What another desk pilots keeps all of it.
pub async fn r6_a_group_is_selected_as_a_whole_or_not_at_all(room: &mut Room<'_>) {
    let row = super::refusal::five_in_a_row(room);
    let group = room.group(OPERATOR, DIM, json!({"level": 10}), &row[..3]).await;
    let id = asked(room, &group).await;
    refused(&select(room, OPERATOR, id).await, "approval_over");
    approve(room, id).await;
    refused(&select(room, COLLEAGUE, id).await, "not_allowed");
    let foreign = room.shift(COLLEAGUE).0;
    let body = Body::RequestSelect { request_id: id, shift_id: foreign };
    refused(&room.write(OPERATOR, body).await, "shift_over");
    let take = Body::ObjectTake { equipment_id: row[1], shift_id: foreign, select: false };
    applied(&room.write(COLLEAGUE, take).await);
    refused(&select(room, OPERATOR, id).await, "held_by_other_desk");
    let mine = room.shift(OPERATOR).0;
    assert!(room.rows::<DeskHold>(|h| h.shift_id == mine).await.is_empty(), "none of them is held");
    applied(&room.write(COLLEAGUE, Body::ObjectRelease { equipment_id: row[1] }).await);
    applied(&select(room, OPERATOR, id).await);
    let held = room.rows::<DeskHold>(|h| h.shift_id == mine).await;
    assert_eq!((held.len(), held.iter().filter(|h| h.selected_until.is_some()).count()), (3, 3));
    let nothing = RequestId(room.fresh());
    refused(&select(room, OPERATOR, nothing).await, "no_such_object");
}

/// Comfort on few needs nobody; what was left out has a reason; and each object is there once.
pub async fn a_request_on_a_group_has_its_form(room: &mut Room<'_>) {
    let lights = room.lights(12);
    let ten = room.dim_all(&lights[..10]).await;
    let ask = ask_for(room, &ten);
    refused(&room.write(OPERATOR, Body::ApprovalRequest(ask)).await, "illegal_event");
    let eleven = room.dim_all(&lights[..11]).await;
    let mut twice = ask_for(room, &eleven);
    twice.objects.0.push(twice.objects.0[0]);
    refused(&room.write(OPERATOR, Body::ApprovalRequest(twice)).await, "malformed");
    let mut crowded = ask_for(room, &eleven);
    let left_out = Exclusion { equipment_id: lights[11], reason: Excluded::LeftOut };
    crowded.about.as_mut().expect("a group").excluded = vec![left_out; 5_001];
    refused(&room.write(OPERATOR, Body::ApprovalRequest(crowded)).await, "malformed");
    let ask = ask_for(room, &eleven);
    applied(&room.write(OPERATOR, Body::ApprovalRequest(ask)).await);
}
