//! The life of a command after it was taken: what the field, the house and people make of it.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{ClassCode, CommandEventCode as E, CommandState as S, EffectState};
use vigie_core::equipment::EquipmentKind;
use vigie_core::submission::Body;

use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

/// Each transition is a row with its actor; the effect begins when the device did it.
pub async fn a_command_goes_through_its_whole_life_to_confirmed(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    for (event, state) in [(E::StartDispatch, S::Dispatching), (E::Publish, S::Dispatched), (E::Execute, S::Executed)] {
        room.wait(Duration::from_secs(1)).await;
        let outcome = room.progress(id, event).await;
        applied(&outcome);
        assert_eq!(outcome.command_state, Some(state));
    }
    let executed = room.command(id).await;
    assert_eq!((executed.effect, executed.state_since), (Some(EffectState::InForce), room.now().await));
    room.wait(Duration::from_secs(1)).await;
    let shown = room.overridden(&order).await;
    room.report(vec![shown]).await;
    let row = room.command(id).await;
    assert_eq!((row.state, row.state_since, row.effect), (S::Confirmed, room.now().await, Some(EffectState::InForce)));
    let by = |from, to, actor: &str| (Some(from), to, actor.to_owned(), None);
    assert_eq!(
        room.events(id).await,
        [
            by(S::Submitted, S::Accepted, "metropolis"),
            by(S::Accepted, S::Dispatching, "gateway"),
            by(S::Dispatching, S::Dispatched, "gateway"),
            by(S::Dispatched, S::Executed, "gateway"),
            by(S::Executed, S::Confirmed, "metropolis"),
        ]
    );
}

/// The device's own reason, as a code.
pub async fn a_device_that_fails_says_why(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch, E::Publish]).await;
    let why = Some("lamp_broken".to_owned());
    applied(&room.write("gateway", Body::Progress { command_id: id, event: E::Fail, detail: why.clone() }).await);
    let row = room.command(id).await;
    assert_eq!((row.state, row.detail, row.effect), (S::Failed, why.clone(), None));
    room.wait(Duration::from_secs(1)).await;
    assert!(room.events(id).await.contains(&(Some(S::Dispatched), S::Failed, "gateway".into(), why)));
    refused(&room.progress(id, E::Execute).await, "illegal_event");
}

/// Done is what the state shows, not what a gateway claims.
pub async fn r18_a_gateway_cannot_confirm_or_accept_by_its_word(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch, E::Publish, E::Execute]).await;
    for event in [E::Confirm, E::Silence, E::Supersede] {
        refused(&room.progress(id, event).await, "not_allowed");
    }
    assert_eq!(room.command(id).await.state, S::Executed);
}

/// The effect of a newer command takes the place of the older's, which raises no alarm at its former end.
pub async fn r3_an_effect_that_a_newer_command_replaces_is_over(room: &mut Room<'_>) {
    let light = room.light();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let order = room.dim(light).await;
        let id = room.taken(&order).await;
        room.go_through(id, &[E::StartDispatch, E::Publish, E::Execute]).await;
        ids.push(id);
        room.wait(Duration::from_secs(1)).await;
    }
    let effects = [room.command(ids[0]).await.effect, room.command(ids[1]).await.effect];
    assert_eq!(effects, [Some(EffectState::Ended), Some(EffectState::InForce)]);
}

/// The house says that nobody answered; what is heard later is told beside it, never as done in time.
pub async fn r18_no_answer_is_unknown_and_a_late_one_is_told_as_late(room: &mut Room<'_>) {
    for (late, end) in [(E::LateDone, S::LateDone), (E::LateFail, S::LateFailed)] {
        let light = room.light();
        let order = room.order(OPERATOR, light, "street_light.to_programme", json!({})).await;
        let id = room.taken(&order).await;
        room.go_through(id, &[E::StartDispatch, E::Publish]).await;
        room.wait(Duration::from_secs(21)).await;
        let silence = Body::Progress { command_id: id, event: E::Silence, detail: Some("no_answer".into()) };
        let outcome = room.write("house", silence).await;
        assert_eq!(outcome.command_state, Some(S::Unknown));
        let row = room.command(id).await;
        assert_eq!((row.state, row.detail.as_deref()), (S::Unknown, Some("no_answer")));
        refused(&room.progress(id, E::Execute).await, "illegal_event");
        room.go_through(id, &[late]).await;
        assert_eq!(room.command(id).await.state, end);
    }
}

/// The gateway's start is refused by time, not by an error: it hears that the command is over.
pub async fn r2_what_starts_after_its_life_expires_instead(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.wait(ClassCode::B.life() + Duration::from_millis(1)).await;
    let outcome = room.progress(id, E::StartDispatch).await;
    applied(&outcome);
    assert_eq!(outcome.command_state, Some(S::Expired));
    assert_eq!(room.command(id).await.state, S::Expired);
    refused(&room.progress(id, E::Publish).await, "illegal_event");
}

/// Nothing outside the table is possible; the answer says where the command stands.
pub async fn an_event_that_the_table_does_not_have_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    for event in [E::Publish, E::Execute, E::Fail, E::LateDone, E::GatewayRestart] {
        let outcome = room.progress(id, event).await;
        refused(&outcome, "illegal_event");
        assert_eq!(outcome.command_state, Some(S::Accepted), "{event}");
    }
    assert_eq!(room.events(id).await.len(), 1);
    let nobody = vigie_core::ids::CommandId(room.fresh());
    refused(&room.progress(nobody, E::StartDispatch).await, "no_such_object");
}

/// Reading has no target: seeing is confirming.
pub async fn a_read_is_confirmed_by_any_state_seen_since_it_was_taken(room: &mut Room<'_>) {
    let gauge = room.object(EquipmentKind::Gauge, 0);
    let order = room.order(OPERATOR, gauge, "gauge.read", json!({})).await;
    let id = room.execute(&order).await;
    let mut before = room.seen(gauge).await;
    before.observed_at = order.issued_at.minus(Duration::from_millis(1));
    room.report(vec![before]).await;
    assert_eq!(room.command(id).await.state, S::Executed);
    room.wait(Duration::from_secs(2)).await;
    let now = room.seen(gauge).await;
    room.report(vec![now]).await;
    let row = room.command(id).await;
    assert_eq!((row.state, row.effect), (S::Confirmed, None));
}

/// Not even when it shows exactly what was asked: an earlier order may have asked the same.
pub async fn r18_a_state_seen_before_the_publication_confirms_nothing(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let early = room.overridden(&order).await;
    room.wait(Duration::from_secs(5)).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch, E::Publish, E::Execute]).await;
    room.report(vec![early]).await;
    assert_eq!(room.command(id).await.state, S::Executed);

    // Nor does one that shows something else.
    room.wait(Duration::from_secs(1)).await;
    let mut other = room.overridden(&order).await;
    other.reading.0.insert("level".into(), json!(41));
    room.report(vec![other]).await;
    assert_eq!(room.command(id).await.state, S::Executed);
    room.wait(Duration::from_secs(1)).await;
    let mut shown = room.overridden(&order).await;
    shown.reading.0.insert("level".into(), json!(40.0));
    room.report(vec![shown]).await;
    assert_eq!(room.command(id).await.state, S::Confirmed);
}

/// A device shows what it did, and its gateway tells of it a little later.
pub async fn r18_a_state_that_came_before_the_answer_confirms_once_the_answer_is_there(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch, E::Publish]).await;
    room.wait(Duration::from_secs(1)).await;
    let shown = room.overridden(&order).await;
    room.report(vec![shown]).await;
    assert_eq!(room.command(id).await.state, S::Dispatched, "a state is not an answer");
    room.wait(Duration::from_secs(1)).await;
    room.go_through(id, &[E::Execute]).await;
    assert_eq!(room.command(id).await.state, S::Confirmed);
}

/// What the gateway took and knows that it did not publish never left: failed, with its reason, not unknown.
pub async fn r14_what_the_gateway_knows_that_it_did_not_publish_failed(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch, E::Fail]).await;
    assert_eq!(room.command(id).await.state, S::Failed);
    refused(&room.progress(id, E::Publish).await, "illegal_event");
}

/// Only an unknown, only with a reason.
pub async fn an_unknown_is_closed_by_a_person_with_a_reason_only(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    let close = |reason: &str| Body::CommandClose { command_id: id, reason: reason.into() };
    refused(&room.write(OPERATOR, close("vu sur place")).await, "illegal_event");
    room.go_through(id, &[E::StartDispatch, E::GatewayRestart]).await;
    assert_eq!(room.command(id).await.state, S::Unknown);
    refused(&room.write(OPERATOR, close("  \n")).await, "reason_needed");
    let outcome = room.write(OPERATOR, close("vu sur place")).await;
    assert_eq!(outcome.command_state, Some(S::Closed));
    let row = room.command(id).await;
    assert_eq!((row.state, row.detail.as_deref()), (S::Closed, Some("vu sur place")));
}

/// Not by a colleague, and not once it is being published.
pub async fn a_command_is_cancelled_by_its_author_or_a_supervisor_while_it_has_not_left(room: &mut Room<'_>) {
    let light = room.light();
    for (login, code) in [(OPERATOR, None), (SUPERVISOR, None), (COLLEAGUE, Some("not_allowed"))] {
        let order = room.dim(light).await;
        let id = room.taken(&order).await;
        let outcome = room.write(login, Body::CommandCancel { command_id: id, reason: "erreur".into() }).await;
        assert_eq!(outcome.code.as_deref(), code, "{login}");
        let state = if code.is_none() { S::Cancelled } else { S::Accepted };
        assert_eq!((outcome.command_state, room.command(id).await.state), (Some(state), state));
    }
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch]).await;
    let late = room.write(OPERATOR, Body::CommandCancel { command_id: id, reason: String::new() }).await;
    refused(&late, "illegal_event");
    assert_eq!(late.command_state, Some(S::Dispatching));
}
