//! Programmes (R19), by logins that go round the application.

use std::time::Duration;

use serde_json::{Value, json};
use vigie_core::command::{
    Answer, Ask, AskedObject, AskedObjects, ChosenBy, ClassCode, CommandOrder, CommandState, GroupOrder, Member,
    Params, Procedure, RequestState, Sole, SoleReason, VoidReason,
};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId, GroupId, ProgrammeId, RequestId};
use vigie_core::programme::{OWN, ProgrammeKind};
use vigie_core::submission::{Body, Outcome, Submission};
use vigie_core::table::{ApprovalRequest, Programme, ProgrammeAssignment};

use super::room::{OPERATOR, Room, SUPERVISOR, applied, refused};

const APPLY: &str = "street_light.set_programme";
const BACK: &str = "street_light.former_programme";

/// Half by night, from 23:30 on, or another level.
fn content(level: i64) -> Value {
    json!({
        "name": "Centre, réduit", "valid_from": "2026-11-01", "valid_until": null, "plans": [], "default": "nuit",
        "rules": [{"programme": "nuit", "days": ["fri", "sat", "holiday"], "from": null, "until": "2027-01-01"}],
        "programmes": [{"name": "nuit", "steps": [
            {"from": "dusk", "minutes": 0, "level": 100, "plan": null},
            {"from": "clock", "minutes": 1_410, "level": level, "plan": null},
            {"from": "dawn", "minutes": 0, "level": 0, "plan": null},
        ]}],
    })
}

fn put(programme_id: ProgrammeId, after: i64, content: &Value) -> Body {
    let content = serde_json::from_value(content.clone()).expect("a programme");
    Body::ProgrammePut { programme_id, after, programme_kind: ProgrammeKind::Lighting, content }
}

async fn written(room: &mut Room<'_>, level: i64) -> ProgrammeId {
    let id = ProgrammeId(room.fresh());
    applied(&room.write(OPERATOR, put(id, 0, &content(level))).await);
    id
}

async fn row(room: &mut Room<'_>, id: ProgrammeId) -> Option<Programme> {
    room.rows::<Programme>(|p| p.programme_id == id).await.pop()
}

async fn assignment(room: &mut Room<'_>, object: EquipmentId) -> Option<ProgrammeAssignment> {
    room.rows::<ProgrammeAssignment>(|a| a.equipment_id == object).await.pop()
}

fn named(id: ProgrammeId, revision: i64) -> Value {
    json!({"programme": format!("{id}/{revision}")})
}

/// Asks for a programme on objects as they are seen, and lets the supervisor approve it.
async fn asked(room: &mut Room<'_>, objects: &[EquipmentId], params: &Value) -> RequestId {
    let mut seen = Vec::new();
    for object in objects {
        let control_version = room.state(*object).await.expect("a state").control_version;
        seen.push(AskedObject { equipment_id: *object, control_version });
    }
    let (shift_id, desk_id) = room.shift(OPERATOR);
    let ask = Ask {
        request_id: RequestId(room.fresh()),
        objects: AskedObjects(seen),
        action: APPLY.into(),
        params: Params::from(params.clone()),
        effect_s: None,
        shift_id,
        desk_id,
        reason: "plan lumière".into(),
        consequence: json!({"objects": objects.len()}),
        about: None,
    };
    let id = ask.request_id;
    applied(&room.write(OPERATOR, Body::ApprovalRequest(ask)).await);
    id
}

async fn answer(room: &mut Room<'_>, login: &str, id: RequestId) -> Outcome {
    let shift_id = Some(room.shift(login).0);
    room.write(login, Body::ApprovalAnswer(Answer { request_id: id, approves: true, shift_id })).await
}

async fn approved(room: &mut Room<'_>, objects: &[EquipmentId], params: &Value) -> RequestId {
    let id = asked(room, objects, params).await;
    applied(&answer(room, SUPERVISOR, id).await);
    id
}

async fn order(room: &mut Room<'_>, object: EquipmentId, params: &Value, approval: Option<RequestId>) -> CommandOrder {
    let mut order = room.order(OPERATOR, object, APPLY, params.clone()).await;
    order.procedure = Procedure { approval_id: approval, sole: None };
    order
}

/// What is asked is taken, carried out, and shown by its object.
async fn carried_out(room: &mut Room<'_>, order: &CommandOrder) {
    let id = room.execute(order).await;
    let mut shown = room.seen(order.equipment_id).await;
    shown.reading.0.extend(order.params.0.clone());
    room.report(vec![shown]).await;
    assert_eq!(room.command(id).await.state, CommandState::Confirmed);
    room.wait(Duration::from_secs(1)).await;
}

/// Applied by two, and shown.
async fn given(room: &mut Room<'_>, object: EquipmentId, programme: ProgrammeId) {
    let params = named(programme, 1);
    let approval = approved(room, &[object], &params).await;
    let order = order(room, object, &params, Some(approval)).await;
    carried_out(room, &order).await;
}

/// Each content counts; whoever changed another one than the last is told so.
pub async fn r19_a_draft_is_written_counted_and_thrown_away(room: &mut Room<'_>) {
    let id = written(room, 50).await;
    let first = row(room, id).await.expect("the room reads it");
    assert_eq!((first.revision, first.lowest, first.frozen_at), (1, Some(50), None));
    applied(&room.write(SUPERVISOR, put(id, 1, &content(40))).await);
    let second = row(room, id).await.expect("the room reads it");
    assert_eq!((second.revision, second.lowest), (2, Some(40)));
    refused(&room.write(OPERATOR, put(id, 1, &content(30))).await, "illegal_event");
    let foreign = ProgrammeId(room.fresh());
    refused(&room.write(OPERATOR, put(foreign, 3, &content(30))).await, "illegal_event");
    applied(&room.write(OPERATOR, Body::ProgrammeDrop { programme_id: id }).await);
    assert_eq!(row(room, id).await, None);
    refused(&room.write(OPERATOR, Body::ProgrammeDrop { programme_id: id }).await, "no_such_programme");
    for login in ["n.petit", "gateway", "house", "m.garnier"] {
        refused(&room.write(login, put(foreign, 0, &content(50))).await, "not_allowed");
    }
}

/// As the core's `validate` has it: one change at a time from what is right.
pub async fn r19_what_has_not_the_form_of_a_programme_is_refused(room: &mut Room<'_>) {
    let id = ProgrammeId(room.fresh());
    let step = "/programmes/0/steps/1";
    let wrong = [
        ("/name", json!("   ")),
        ("/name", json!("x".repeat(81))),
        ("/valid_until", json!("2026-10-31")),
        ("/default", json!("jour")),
        ("/programmes", json!([])),
        ("/programmes/0/name", json!("")),
        ("/programmes/0/steps", json!([])),
        ("/rules/0/programme", json!("jour")),
        ("/rules/0/from", json!("2027-01-02")),
        (step, json!({"from": "clock", "minutes": 1_440, "level": 50, "plan": null})),
        (step, json!({"from": "dusk", "minutes": 181, "level": 50, "plan": null})),
        (step, json!({"from": "clock", "minutes": 0, "level": 101, "plan": null})),
        (step, json!({"from": "clock", "minutes": 0, "level": null, "plan": null})),
        (step, json!({"from": "clock", "minutes": 0, "level": 50, "plan": "nuit"})),
    ];
    for (place, value) in wrong {
        let mut changed = content(50);
        *changed.pointer_mut(place).expect("a place") = value.clone();
        refused(&room.write(OPERATOR, put(id, 0, &changed)).await, "malformed");
    }
    let mut twice = content(50);
    let again = twice["programmes"][0].clone();
    twice["programmes"].as_array_mut().expect("a list").push(again);
    refused(&room.write(OPERATOR, put(id, 0, &twice)).await, "malformed");
    assert_eq!(row(room, id).await, None);
}

/// Not alone, whatever is said; not under one's own approval; and once applied it changes no more.
pub async fn r19_a_programme_takes_two_natural_persons_and_is_never_applied_alone(room: &mut Room<'_>) {
    let (light, id) = (room.light(), written(room, 50).await);
    let params = named(id, 1);
    let bare = order(room, light, &params, None).await;
    refused(&room.operate(OPERATOR, &bare).await, "needs_second_person");
    let mut alone = order(room, light, &params, None).await;
    let sole = Sole { reason: SoleReason::EmergencyVehicle, caller: "SAMU 21".into(), phone: "15".into() };
    alone.procedure.sole = Some(sole);
    refused(&room.operate(OPERATOR, &alone).await, "not_alone");
    let request = asked(room, &[light], &params).await;
    refused(&answer(room, OPERATOR, request).await, "not_allowed");
    let early = order(room, light, &params, Some(request)).await;
    refused(&room.operate(OPERATOR, &early).await, "not_approved");
    applied(&answer(room, SUPERVISOR, request).await);
    let other = named(written(room, 50).await, 1);
    let differs = order(room, light, &other, Some(request)).await;
    refused(&room.operate(OPERATOR, &differs).await, "approval_differs");
    let right = order(room, light, &params, Some(request)).await;
    let taken = room.taken(&right).await;
    let command = room.command(taken).await;
    assert_eq!((command.class, command.approval_id, command.effect_until), (ClassCode::C, Some(request), None));
    let now = room.now().await;
    assert_eq!(row(room, id).await.and_then(|p| p.frozen_at), Some(now));
    refused(&room.write(OPERATOR, put(id, 1, &content(40))).await, "programme_in_use");
    refused(&room.write(OPERATOR, Body::ProgrammeDrop { programme_id: id }).await, "programme_in_use");
    let ghost = named(ProgrammeId(room.fresh()), 1);
    let ghost = order(room, light, &ghost, Some(request)).await;
    refused(&room.operate(OPERATOR, &ghost).await, "no_such_programme");
}

/// What two people read is what is applied, or nothing.
pub async fn r19_an_approval_is_void_once_the_programme_is_written_anew(room: &mut Room<'_>) {
    let (light, id) = (room.light(), written(room, 50).await);
    let params = named(id, 1);
    let request = approved(room, &[light], &params).await;
    let ready = order(room, light, &params, Some(request)).await;
    applied(&room.write(OPERATOR, put(id, 1, &content(10))).await);
    let void = room.rows::<ApprovalRequest>(|r| r.request_id == request).await.pop().expect("the request");
    assert_eq!((void.state, void.void_reason), (RequestState::Void, Some(VoidReason::ProgrammeChanged)));
    refused(&room.operate(OPERATOR, &ready).await, "no_such_programme");
    let anew = order(room, light, &named(id, 2), Some(request)).await;
    refused(&room.operate(OPERATOR, &anew).await, "approval_over");
    // A draft that is thrown away takes its requests with it.
    let next = asked(room, &[light], &named(id, 2)).await;
    applied(&room.write(OPERATOR, Body::ProgrammeDrop { programme_id: id }).await);
    let void = room.rows::<ApprovalRequest>(|r| r.request_id == next).await.pop().expect("the request");
    assert_eq!(void.void_reason, Some(VoidReason::ProgrammeChanged));
}

/// Dark at a crossing, or on a third neighbour: danger, approved as such.
pub async fn r19_a_programme_has_the_class_of_its_worst_step(room: &mut Room<'_>) {
    let dark = written(room, 0).await;
    let crossing = room
        .city
        .equipment
        .iter()
        .find(|e| {
            e.kind == EquipmentKind::StreetLight
                && e.attributes["crossing"] == json!(true)
                && room
                    .city
                    .states
                    .iter()
                    .any(|s| s.equipment_id == e.equipment_id && s.reading.text("fault").is_none())
        })
        .map(|e| e.equipment_id)
        .expect("a light at a crossing");
    let request = asked(room, &[crossing], &named(dark, 1)).await;
    let row = room.rows::<ApprovalRequest>(|r| r.request_id == request).await.pop().expect("the request");
    assert_eq!(row.class, ClassCode::D);
    let half = written(room, 50).await;
    let request = asked(room, &[crossing], &named(half, 1)).await;
    let row = room.rows::<ApprovalRequest>(|r| r.request_id == request).await.pop().expect("the request");
    assert_eq!(row.class, ClassCode::C);
    let light = room.light();
    let plain = asked(room, &[light], &named(dark, 1)).await;
    let row = room.rows::<ApprovalRequest>(|r| r.request_id == plain).await.pop().expect("the request");
    assert_eq!(row.class, ClassCode::C, "one light among others");
}

fn fresh(room: &mut Room<'_>, members: &[Member]) -> Vec<Member> {
    members.iter().map(|member| Member { command_id: CommandId(room.fresh()), ..member.clone() }).collect()
}

/// One request, one submission, of exactly those objects.
pub async fn r19_many_objects_take_a_programme_under_one_approval(room: &mut Room<'_>) {
    let id = written(room, 50).await;
    let params = named(id, 1);
    let lights: Vec<_> = (0..3).map(|nth| room.object(EquipmentKind::StreetLight, nth)).collect();
    let request = approved(room, &lights[1..], &params).await;
    let mut members = Vec::new();
    let mut shared = None;
    for light in &lights {
        let one = order(room, *light, &params, Some(request)).await;
        members.push(Member { command_id: one.command_id, equipment_id: *light, seen: one.seen.clone() });
        shared = Some(one);
    }
    let one = shared.expect("an order");
    let group = GroupOrder {
        group_id: GroupId(room.fresh()),
        action: one.action,
        params: one.params,
        issued_at: one.issued_at,
        expires_at: one.expires_at,
        effect_until: None,
        shift_id: one.shift_id,
        desk_id: one.desk_id,
        reason: String::new(),
        chosen: ChosenBy::Hand,
        chosen_name: String::new(),
        members,
        excluded: Vec::new(),
        approval_id: Some(request),
    };
    // The first was not asked about: another group.
    refused(&room.submit(OPERATOR, Submission::group(group.clone())).await, "approval_differs");
    let asked =
        GroupOrder { group_id: GroupId(room.fresh()), members: fresh(room, &group.members[1..]), ..group.clone() };
    applied(&room.submit(OPERATOR, Submission::group(asked)).await);
    let row = room.rows::<ApprovalRequest>(|r| r.request_id == request).await.pop().expect("the request");
    assert_eq!((row.state, row.used.0.len()), (RequestState::Used, 2));
    let again = GroupOrder { group_id: GroupId(room.fresh()), approval_id: None, ..group };
    let bare = GroupOrder { members: fresh(room, &again.members), ..again };
    refused(&room.submit(OPERATOR, Submission::group(bare)).await, "needs_second_person");
}

/// One person, without an approval, to what the object had before; from there nowhere.
pub async fn r17_going_back_takes_one_person_and_leads_to_the_former_programme_only(room: &mut Room<'_>) {
    let light = room.light();
    let (first, second) = (written(room, 50).await, written(room, 60).await);
    given(room, light, first).await;
    let held = assignment(room, light).await.expect("it has a programme");
    assert_eq!((held.programme, held.former.as_deref(), held.reverted), (format!("{first}/1"), Some(OWN), false));
    given(room, light, second).await;
    let held = assignment(room, light).await.expect("it has a programme");
    let approver = room.city.accounts.iter().find(|a| a.login == SUPERVISOR).and_then(|a| a.person_id);
    assert_eq!((held.former, held.approved_by), (Some(format!("{first}/1")), approver));
    let own = room.order(OPERATOR, light, BACK, json!({"programme": OWN})).await;
    refused(&room.operate(OPERATOR, &own).await, "not_former");
    let former = room.order(OPERATOR, light, BACK, named(first, 1)).await;
    carried_out(room, &former).await;
    let held = assignment(room, light).await.expect("it has a programme");
    assert_eq!(
        (held.programme, held.former, held.reverted, held.approved_by),
        (format!("{first}/1"), None, true, None)
    );
    let forth = room.order(OPERATOR, light, BACK, named(second, 1)).await;
    refused(&room.operate(OPERATOR, &forth).await, "not_former");
    let other = room.object(EquipmentKind::StreetLight, 1);
    let never = room.order(OPERATOR, other, BACK, named(first, 1)).await;
    refused(&room.operate(OPERATOR, &never).await, "not_former");
}

/// Since when it reports another; one that does not say is not said to differ.
pub async fn r19_what_an_object_reports_is_compared_with_what_was_applied(room: &mut Room<'_>) {
    let (light, id) = (room.light(), written(room, 50).await);
    given(room, light, id).await;
    let mut shown = room.seen(light).await;
    shown.reading.0.insert("programme".into(), json!("ailleurs"));
    let since = room.now().await;
    room.report(vec![shown.clone()]).await;
    assert_eq!(assignment(room, light).await.and_then(|a| a.differs_since), Some(since));
    room.wait(Duration::from_secs(5)).await;
    shown.observed_at = room.now().await;
    shown.reading.0.insert("programme".into(), json!(OWN));
    room.report(vec![shown.clone()]).await;
    assert_eq!(assignment(room, light).await.and_then(|a| a.differs_since), Some(since), "since it first did");
    shown.reading.0.remove("programme");
    room.report(vec![shown.clone()]).await;
    assert_eq!(assignment(room, light).await.and_then(|a| a.differs_since), Some(since));
    // Given again, by one person: two had it applied.
    room.wait(Duration::from_secs(5)).await;
    let again = room.order(OPERATOR, light, BACK, named(id, 1)).await;
    carried_out(room, &again).await;
    let held = assignment(room, light).await.expect("it has a programme");
    assert_eq!((held.differs_since, held.reverted, held.former.as_deref()), (None, false, Some(OWN)));
}
