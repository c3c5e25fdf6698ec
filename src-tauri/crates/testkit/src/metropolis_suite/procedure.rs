//! The procedure of dangerous commands (R6 to R9), by logins that go round the application.

use std::time::Duration;

use serde_json::json;
use vigie_core::alarm::NoticeReason;
use vigie_core::command::{
    Answer, Ask, AskedObject, AskedObjects, ClassCode, CommandEventCode as E, CommandOrder, CommandState, Params,
    Procedure, RequestState, Sole, SoleReason, VoidReason,
};
use vigie_core::equipment::{EquipmentKind, Mode};
use vigie_core::ids::{CommandId, EquipmentId, RequestId};
use vigie_core::submission::{Body, Outcome};
use vigie_core::table::{ApprovalRequest, DeskHold, Notice, SoleReview};

use super::mirror::Mirror;
use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

const CSU: &str = "r.roy";
const MANAGER: &str = "m.garnier";
const LOWER: &str = "bollard.lower";

fn bollard(room: &Room<'_>) -> EquipmentId {
    room.object(EquipmentKind::Bollard, 0)
}

/// Ten minutes of effect: what is asked about below.
const EFFECT: Duration = Duration::from_mins(10);

async fn order(room: &mut Room<'_>, login: &str, code: &str, procedure: Procedure) -> CommandOrder {
    let object = bollard(room);
    let mut order = room.order(login, object, code, json!({})).await;
    order.effect_until = Some(order.issued_at.plus(EFFECT));
    order.procedure = procedure;
    order
}

fn named(id: RequestId) -> Procedure {
    Procedure { approval_id: Some(id), sole: None }
}

fn alone(request: Option<RequestId>) -> Procedure {
    let sole = Sole { reason: SoleReason::EmergencyVehicle, caller: "SAMU 21".into(), phone: "15".into() };
    Procedure { approval_id: request, sole: Some(sole) }
}

async fn ask_for(room: &mut Room<'_>, login: &str, code: &str) -> Ask {
    let object = bollard(room);
    let version = room.state(object).await.expect("a state").control_version;
    let (shift_id, desk_id) = room.shift(login);
    Ask {
        request_id: RequestId(room.fresh()),
        objects: AskedObjects(vec![AskedObject { equipment_id: object, control_version: version }]),
        action: code.into(),
        params: Params::default(),
        effect_s: Some(600),
        shift_id,
        desk_id,
        reason: "ambulance".into(),
        consequence: json!({"objects": 1}),
        about: None,
    }
}

async fn asked(room: &mut Room<'_>, login: &str, code: &str) -> RequestId {
    let ask = ask_for(room, login, code).await;
    let id = ask.request_id;
    applied(&room.write(login, Body::ApprovalRequest(ask)).await);
    id
}

async fn answered(room: &mut Room<'_>, login: &str, id: RequestId, approves: bool) -> Outcome {
    let shift_id = Some(room.shift(login).0).filter(|shift| !shift.0.is_nil());
    room.write(login, Body::ApprovalAnswer(Answer { request_id: id, approves, shift_id })).await
}

async fn approved(room: &mut Room<'_>, code: &str) -> RequestId {
    let id = asked(room, OPERATOR, code).await;
    applied(&answered(room, SUPERVISOR, id, true).await);
    id
}

async fn take(room: &mut Room<'_>, login: &str, select: bool) -> Outcome {
    let (equipment_id, (shift_id, _)) = (bollard(room), room.shift(login));
    room.write(login, Body::ObjectTake { equipment_id, shift_id, select }).await
}

async fn request(room: &mut Room<'_>, id: RequestId) -> ApprovalRequest {
    room.rows::<ApprovalRequest>(|r| r.request_id == id).await.pop().expect("the room sees the request")
}

async fn hold(room: &mut Room<'_>) -> Option<DeskHold> {
    let object = bollard(room);
    room.rows::<DeskHold>(|h| h.equipment_id == object).await.pop()
}

/// Asked, approved by another person, selected, operated: once.
pub async fn r7_an_approved_danger_is_taken_once_and_says_who_approved(room: &mut Room<'_>) {
    let id = approved(room, LOWER).await;
    let row = request(room, id).await;
    let who = |login: &str| room.city.accounts.iter().find(|a| a.login == login).and_then(|a| a.person_id);
    let (me, second) = (who(OPERATOR), who(SUPERVISOR));
    assert_eq!(
        (row.state, row.class, Some(row.person_id), row.approver_id),
        (RequestState::Approved, ClassCode::D, me, second)
    );
    assert_eq!(row.approval_until, Some(room.now().await.plus(Duration::from_mins(1))));
    applied(&take(room, OPERATOR, true).await);
    let first = order(room, OPERATOR, LOWER, named(id)).await;
    room.taken(&first).await;
    let command = room.command(first.command_id).await;
    assert_eq!((command.class, command.approval_id, command.sole), (ClassCode::D, Some(id), None));
    assert_eq!(request(room, id).await.state, RequestState::Used);
    let again = order(room, OPERATOR, LOWER, named(id)).await;
    refused(&room.operate(OPERATOR, &again).await, "approval_used");
    assert_eq!(room.command(again.command_id).await.state, CommandState::Rejected);
}

/// Whatever it names.
pub async fn r7_a_forged_foreign_pending_or_declined_approval_carries_nothing(room: &mut Room<'_>) {
    applied(&take(room, OPERATOR, true).await);
    let none = order(room, OPERATOR, LOWER, Procedure::default()).await;
    refused(&room.operate(OPERATOR, &none).await, "needs_second_person");
    let forged = named(RequestId(room.fresh()));
    let forged = order(room, OPERATOR, LOWER, forged).await;
    refused(&room.operate(OPERATOR, &forged).await, "not_approved");
    let pending = asked(room, OPERATOR, LOWER).await;
    let early = order(room, OPERATOR, LOWER, named(pending)).await;
    refused(&room.operate(OPERATOR, &early).await, "not_approved");
    applied(&answered(room, SUPERVISOR, pending, false).await);
    assert_eq!(request(room, pending).await.state, RequestState::Declined);
    let declined = order(room, OPERATOR, LOWER, named(pending)).await;
    refused(&room.operate(OPERATOR, &declined).await, "not_approved");
    // Somebody else's.
    let theirs = asked(room, COLLEAGUE, LOWER).await;
    applied(&answered(room, SUPERVISOR, theirs, true).await);
    let stolen = order(room, OPERATOR, LOWER, named(theirs)).await;
    refused(&room.operate(OPERATOR, &stolen).await, "not_approved");
}

/// Another object, action, version, or length of effect than the one that was shown to the second person.
pub async fn r7_an_approval_is_bound_to_its_one_command(room: &mut Room<'_>) {
    let id = approved(room, LOWER).await;
    applied(&take(room, OPERATOR, true).await);
    let raise = order(room, OPERATOR, "bollard.raise", named(id)).await;
    refused(&room.operate(OPERATOR, &raise).await, "approval_differs");
    let mut longer = order(room, OPERATOR, LOWER, named(id)).await;
    longer.effect_until = Some(longer.issued_at.plus(EFFECT + Duration::from_secs(1)));
    refused(&room.operate(OPERATOR, &longer).await, "approval_differs");
    let mut unseen = order(room, OPERATOR, LOWER, named(id)).await;
    unseen.seen.control_version += 1;
    refused(&room.operate(OPERATOR, &unseen).await, "approval_differs");
    let other = room.object(EquipmentKind::SignalJunction, 0);
    let mut elsewhere = room.order(OPERATOR, other, "signal_junction.flash", json!({})).await;
    elsewhere.procedure = named(id);
    refused(&room.operate(OPERATOR, &elsewhere).await, "approval_differs");
    let right = order(room, OPERATOR, LOWER, named(id)).await;
    room.taken(&right).await;
}

/// A natural person, in a role that may be asked, at a desk or on call.
pub async fn r7_only_another_person_who_may_be_asked_answers(room: &mut Room<'_>) {
    let id = asked(room, OPERATOR, LOWER).await;
    for login in [OPERATOR, COLLEAGUE, "gateway", "house", "n.petit"] {
        refused(&answered(room, login, id, true).await, "not_allowed");
    }
    // A supervisor who commands is an author like another.
    let own = asked(room, SUPERVISOR, LOWER).await;
    refused(&answered(room, SUPERVISOR, own, true).await, "same_person");
    applied(&answered(room, CSU, own, true).await);
    refused(&answered(room, MANAGER, own, true).await, "illegal_event");
    // Without the shift that he names, the supervisor is not at a desk; the manager on call needs none.
    let foreign = Answer { request_id: id, approves: true, shift_id: Some(room.shift(CSU).0) };
    refused(&room.write(SUPERVISOR, Body::ApprovalAnswer(foreign)).await, "shift_over");
    applied(&answered(room, MANAGER, id, true).await);
    assert_eq!(request(room, id).await.state, RequestState::Approved);
    let nothing = RequestId(room.fresh());
    refused(&answered(room, SUPERVISOR, nothing, true).await, "no_such_object");
}

/// Three minutes to answer, one to operate; extended by either, not beyond five.
pub async fn r6_a_request_and_an_approval_have_their_time(room: &mut Room<'_>) {
    let late = asked(room, OPERATOR, LOWER).await;
    room.wait(Duration::from_mins(3) + Duration::from_millis(1)).await;
    refused(&answered(room, SUPERVISOR, late, true).await, "approval_over");
    let id = approved(room, LOWER).await;
    room.wait(Duration::from_secs(50)).await;
    let extend = |request_id| Body::ApprovalExtend { request_id };
    refused(&room.write(CSU, extend(id)).await, "not_allowed");
    applied(&room.write(OPERATOR, extend(id)).await);
    for _ in 0..4 {
        room.wait(Duration::from_secs(50)).await;
        applied(&room.write(SUPERVISOR, extend(id)).await);
    }
    room.wait(Duration::from_secs(50)).await;
    let given = request(room, id).await;
    assert_eq!(given.approval_until, given.approved_at.map(|at| at.plus(Duration::from_mins(5))));
    refused(&room.write(SUPERVISOR, extend(id)).await, "approval_over");
    applied(&take(room, OPERATOR, true).await);
    room.wait(Duration::from_millis(1)).await;
    let mut over = order(room, OPERATOR, LOWER, named(id)).await;
    over.seen.control_version = given.objects.0[0].control_version;
    refused(&room.operate(OPERATOR, &over).await, "approval_over");
}

/// The object's control moved: void, seen by the room, whoever had answered.
pub async fn r6_what_moves_in_between_voids_the_request_and_the_approval(room: &mut Room<'_>) {
    let object = bollard(room);
    let id = approved(room, LOWER).await;
    applied(&take(room, OPERATOR, true).await);
    let ready = order(room, OPERATOR, LOWER, named(id)).await;
    let mut moved = room.seen(object).await;
    moved.mode = if moved.mode == Mode::Manual { Mode::Programme } else { Mode::Manual };
    room.report(vec![moved]).await;
    let row = request(room, id).await;
    assert_eq!((row.state, row.void_reason), (RequestState::Void, Some(VoidReason::ControlChanged)));
    refused(&room.operate(OPERATOR, &ready).await, "approval_over");
    // Asked on what is no longer so.
    let mut stale = ask_for(room, OPERATOR, LOWER).await;
    stale.objects.0[0].control_version -= 1;
    refused(&room.write(OPERATOR, Body::ApprovalRequest(stale)).await, "control_changed");
    // Given up by its author, and by nobody else.
    let next = approved(room, LOWER).await;
    let withdraw = |request_id, reason| Body::ApprovalWithdraw { request_id, reason };
    refused(&room.write(COLLEAGUE, withdraw(next, VoidReason::Withdrawn)).await, "not_allowed");
    refused(&room.write(OPERATOR, withdraw(next, VoidReason::ControlChanged)).await, "malformed");
    applied(&room.write(OPERATOR, withdraw(next, VoidReason::ConsequenceChanged)).await);
    assert_eq!(request(room, next).await.void_reason, Some(VoidReason::ConsequenceChanged));
    refused(&room.write(OPERATOR, withdraw(next, VoidReason::Withdrawn)).await, "illegal_event");
    // Asked anew, the former one is void.
    let former = asked(room, OPERATOR, LOWER).await;
    asked(room, OPERATOR, LOWER).await;
    assert_eq!(request(room, former).await.void_reason, Some(VoidReason::Replaced));
}

/// Only what a second person is needed for, by who pilots it, in its form.
pub async fn r6_what_may_be_asked(room: &mut Room<'_>) {
    let light = room.light();
    let version = room.state(light).await.expect("a state").control_version;
    let mut dim = ask_for(room, OPERATOR, "street_light.set_level").await;
    dim.objects = AskedObjects(vec![AskedObject { equipment_id: light, control_version: version }]);
    dim.params = Params::from(json!({"level": 40}));
    refused(&room.write(OPERATOR, Body::ApprovalRequest(dim)).await, "illegal_event");
    let mut cases = Vec::new();
    for code in
        ["not_allowed", "shift_over", "no_such_action", "bad_parameters", "effect_unbounded", "malformed", "malformed"]
    {
        cases.push((ask_for(room, OPERATOR, LOWER).await, code));
    }
    cases[1].0.shift_id = room.shift(COLLEAGUE).0;
    cases[2].0.action = "pump.stop".into();
    cases[3].0.params = Params::from(json!({"level": 1}));
    cases[4].0.effect_s = Some(3_601);
    cases[5].0.objects = AskedObjects::default();
    let twice = cases[6].0.objects.0[0];
    cases[6].0.objects.0.push(twice);
    for (n, (ask, code)) in cases.into_iter().enumerate() {
        let login = if n == 0 { CSU } else { OPERATOR };
        refused(&room.write(login, Body::ApprovalRequest(ask)).await, code);
    }
    assert!(room.rows::<ApprovalRequest>(|_| true).await.is_empty());
}

/// Twenty seconds on a selection; restarted at will; the approval alone is not enough.
pub async fn r6_danger_is_selected_and_the_selection_lapses(room: &mut Room<'_>) {
    let id = approved(room, LOWER).await;
    let unselected = order(room, OPERATOR, LOWER, named(id)).await;
    refused(&room.operate(OPERATOR, &unselected).await, "not_selected");
    applied(&take(room, OPERATOR, true).await);
    room.wait(Duration::from_secs(20) + Duration::from_millis(1)).await;
    let lapsed = order(room, OPERATOR, LOWER, named(id)).await;
    refused(&room.operate(OPERATOR, &lapsed).await, "not_selected");
    applied(&take(room, OPERATOR, true).await);
    let again = order(room, OPERATOR, LOWER, named(id)).await;
    room.taken(&again).await;
    // All other rules hold: here its own life.
    let held = hold(room).await.expect("the desk pilots it");
    assert_eq!(Some(held.until), again.effect_until, "as long as the effect lasts");
}

/// Its other rules hold for what is approved: life, bounds, sight.
pub async fn r7_an_approval_lifts_no_other_rule(room: &mut Room<'_>) {
    let id = approved(room, LOWER).await;
    applied(&take(room, OPERATOR, true).await);
    let mut long = order(room, OPERATOR, LOWER, named(id)).await;
    long.expires_at = long.expires_at.plus(Duration::from_millis(1));
    refused(&room.operate(OPERATOR, &long).await, "life_too_long");
    let object = bollard(room);
    let mut lost = room.seen(object).await;
    lost.reach = vigie_core::equipment::Reach::DeviceLost;
    room.report(vec![lost]).await;
    let mut blind = order(room, OPERATOR, LOWER, named(id)).await;
    refused(&room.operate(OPERATOR, &blind).await, "no_visibility");
    blind.command_id = CommandId(room.fresh());
    blind.without_visibility = true;
    blind.reason = "appel".into();
    refused(&room.operate(OPERATOR, &blind).await, "no_visibility");
}

/// Taken, handed over, released, and it ends with the shift; the safe direction passes.
pub async fn r9_one_desk_pilots_an_object_at_a_time(room: &mut Room<'_>) {
    let sign = room.object(EquipmentKind::MessageSign, 0);
    let taken = |room: &Room<'_>, login: &str| Body::ObjectTake {
        equipment_id: sign,
        shift_id: room.shift(login).0,
        select: false,
    };
    let (mine, theirs) = (taken(room, OPERATOR), taken(room, COLLEAGUE));
    applied(&room.write(OPERATOR, mine.clone()).await);
    refused(&room.write(COLLEAGUE, theirs.clone()).await, "held_by_other_desk");
    refused(&room.write(CSU, taken(room, CSU)).await, "not_allowed");
    refused(&room.write(COLLEAGUE, mine.clone()).await, "shift_over");
    let show = json!({"text": "TRAVAUX"});
    let other = room.order(COLLEAGUE, sign, "message_sign.show_approved", show.clone()).await;
    refused(&room.operate(COLLEAGUE, &other).await, "held_by_other_desk");
    for code in ["message_sign.to_programme", "message_sign.read"] {
        let safe = room.order(COLLEAGUE, sign, code, json!({})).await;
        applied(&room.operate(COLLEAGUE, &safe).await);
    }
    let own = room.order(OPERATOR, sign, "message_sign.show_approved", show.clone()).await;
    room.taken(&own).await;
    // Handed over to a desk where somebody sits who may pilot it.
    let give = |to_desk| Body::ObjectGive { equipment_id: sign, to_desk };
    let (here, csu) = (room.shift(COLLEAGUE).1, room.shift(CSU).1);
    refused(&room.write(COLLEAGUE, give(here)).await, "not_allowed");
    refused(&room.write(OPERATOR, give(csu)).await, "no_such_object");
    applied(&room.write(OPERATOR, give(here)).await);
    let held = room.rows::<DeskHold>(|h| h.equipment_id == sign).await.pop().expect("shown");
    assert_eq!((held.desk_id, held.shift_id), (here, room.shift(COLLEAGUE).0));
    refused(&room.write(OPERATOR, mine.clone()).await, "held_by_other_desk");
    // Released by a supervisor, as by its holder.
    let release = Body::ObjectRelease { equipment_id: sign };
    refused(&room.write(OPERATOR, release.clone()).await, "not_allowed");
    applied(&room.write(SUPERVISOR, release.clone()).await);
    refused(&room.write(SUPERVISOR, release).await, "illegal_event");
    // It ends with the shift.
    applied(&room.write(COLLEAGUE, theirs).await);
    let shift_id = room.shift(COLLEAGUE).0;
    applied(&room.write(COLLEAGUE, Body::ShiftClose { shift_id }).await);
    assert!(room.rows::<DeskHold>(|h| h.equipment_id == sign).await.is_empty());
    applied(&room.write(OPERATOR, mine).await);
}

/// Operating takes the object for as long as its effect lasts.
pub async fn r9_operating_takes_the_object_until_its_effect_ends(room: &mut Room<'_>) {
    let light = room.light();
    let mine = room.dim(light).await;
    room.taken(&mine).await;
    let mut theirs = room.dim(light).await;
    theirs.shift_id = room.shift(COLLEAGUE).0;
    refused(&room.operate(COLLEAGUE, &theirs).await, "held_by_other_desk");
    room.wait(Duration::from_secs(3_601)).await;
    let seen = room.seen(light).await;
    room.report(vec![seen]).await;
    let mut theirs = room.dim(light).await;
    theirs.shift_id = room.shift(COLLEAGUE).0;
    applied(&room.operate(COLLEAGUE, &theirs).await);
}

/// The shift's end voids what was asked in it.
pub async fn r6_the_end_of_the_shift_voids_what_was_asked(room: &mut Room<'_>) {
    let id = approved(room, LOWER).await;
    let shift_id = room.shift(OPERATOR).0;
    applied(&room.write(OPERATOR, Body::ShiftClose { shift_id }).await);
    let row = request(room, id).await;
    assert_eq!((row.state, row.void_reason), (RequestState::Void, Some(VoidReason::ShiftOver)));
}

/// Asked, and nobody answered for thirty seconds: done alone, told at once, to be reviewed by another.
pub async fn r8_alone_after_thirty_seconds_without_an_answer(room: &mut Room<'_>) {
    applied(&take(room, OPERATOR, true).await);
    let at_once = order(room, OPERATOR, LOWER, alone(None)).await;
    refused(&room.operate(OPERATOR, &at_once).await, "second_may_answer");
    let id = asked(room, OPERATOR, LOWER).await;
    room.wait(Duration::from_secs(29)).await;
    applied(&take(room, OPERATOR, true).await);
    let soon = order(room, OPERATOR, LOWER, alone(Some(id))).await;
    refused(&room.operate(OPERATOR, &soon).await, "second_may_answer");
    room.wait(Duration::from_secs(1)).await;
    let now = order(room, OPERATOR, LOWER, alone(Some(id))).await;
    room.taken(&now).await;
    let command = room.command(now.command_id).await;
    assert_eq!((command.sole, command.approval_id), (Some(SoleReason::EmergencyVehicle), Some(id)));
    assert_eq!(request(room, id).await.void_reason, Some(VoidReason::OperatedAlone));
    let notice = room.rows::<Notice>(|n| n.command_id == Some(now.command_id)).await.pop().expect("told at once");
    assert_eq!((notice.reason, notice.alarm_id, notice.sent_at), (NoticeReason::OperatedAlone, None, None));

    let review = reviews(room).await.pop().expect("to be reviewed");
    assert_eq!((review.review_id, review.reviewed_at), (now.command_id.0, None));
    assert_eq!(review.due_at, review.operated_at.plus(Duration::from_hours(24)));
    assert_eq!((review.caller.as_str(), review.phone.as_str()), ("SAMU 21", "15"));
    let look = |finding: &str| Body::SoleReview { review_id: now.command_id, finding: finding.into() };
    refused(&room.write(OPERATOR, look("vu")).await, "not_allowed");
    refused(&room.write(SUPERVISOR, look(" ")).await, "reason_needed");
    applied(&room.write(SUPERVISOR, look("justifié")).await);
    refused(&room.write(MANAGER, look("justifié")).await, "illegal_event");
    assert!(reviews(room).await[0].reviewed_by.is_some());
    let over = room.rows::<Notice>(|n| n.command_id == Some(now.command_id)).await;
    assert!(over[0].over_at.is_some());
}

async fn reviews(room: &Room<'_>) -> Vec<SoleReview> {
    let (mirror, _) = Mirror::copy(&*room.session(SUPERVISOR).await).await.expect("a copy");
    mirror.all::<SoleReview>().expect("rows that fit")
}

/// Never what was not agreed beforehand, never long, never without who called, never after a no.
pub async fn r8_alone_has_its_bounds(room: &mut Room<'_>) {
    for login in [SUPERVISOR, CSU] {
        let shift_id = room.shift(login).0;
        applied(&room.write(login, Body::ShiftClose { shift_id }).await);
    }
    applied(&take(room, OPERATOR, true).await);
    let raise = order(room, OPERATOR, "bollard.raise", alone(None)).await;
    refused(&room.operate(OPERATOR, &raise).await, "not_alone");
    let mut silent = order(room, OPERATOR, LOWER, alone(None)).await;
    silent.procedure.sole.as_mut().expect("alone").caller = "\u{a0}".into();
    refused(&room.operate(OPERATOR, &silent).await, "caller_needed");
    let mut long = order(room, OPERATOR, LOWER, alone(None)).await;
    long.effect_until = Some(long.issued_at.plus(Duration::from_mins(15) + Duration::from_millis(1)));
    refused(&room.operate(OPERATOR, &long).await, "sole_too_long");
    // Nobody who may validate holds a desk: at once; extended once, and not again.
    for code in [None, None, Some("sole_spent")] {
        room.wait(Duration::from_secs(1)).await;
        applied(&take(room, OPERATOR, true).await);
        let next = order(room, OPERATOR, LOWER, alone(None)).await;
        assert_eq!(room.operate(OPERATOR, &next).await.code.as_deref(), code);
        if code.is_none() {
            // What was superseded before it left extends nothing.
            room.go_through(next.command_id, &[E::StartDispatch, E::Publish, E::Execute]).await;
        }
    }
}

/// A no is a no.
pub async fn r8_nobody_goes_alone_after_a_no(room: &mut Room<'_>) {
    let id = asked(room, OPERATOR, LOWER).await;
    applied(&answered(room, SUPERVISOR, id, false).await);
    let again = asked(room, OPERATOR, LOWER).await;
    room.wait(Duration::from_secs(31)).await;
    applied(&take(room, OPERATOR, true).await);
    let tried = order(room, OPERATOR, LOWER, alone(Some(again))).await;
    refused(&room.operate(OPERATOR, &tried).await, "declined");
}
