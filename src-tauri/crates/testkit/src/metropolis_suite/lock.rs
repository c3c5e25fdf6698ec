//! Crew locks (R10), and the safe direction that goes ahead of everything else (R17).

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{CommandEventCode as E, CommandState as S, EffectState};
use vigie_core::ids::{EquipmentId, PersonId, RecordId};
use vigie_core::lock::{HolderSaid, LiftWay, LockAsk, LockCall, LockState};
use vigie_core::record::{Authenticity, Hand, Signed};
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Outcome};
use vigie_core::table::CrewLock;

use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

fn person(room: &Room<'_>, login: &str) -> PersonId {
    let account = room.city.accounts.iter().find(|a| a.login == login);
    account.and_then(|a| a.person_id).expect("an account of a person")
}

async fn ask(room: &mut Room<'_>, login: &str, object: EquipmentId, by_holder: bool) -> LockAsk {
    let (now, (shift_id, desk_id)) = (room.now().await, room.shift(login));
    LockAsk {
        lock_id: RecordId(room.fresh()),
        equipment_id: object,
        holder: "Karim Saïdi".into(),
        phone: "06 12 34 56 78".into(),
        place: "Armoire, côté pair".into(),
        reason: "Contrôleur à remplacer".into(),
        by_holder,
        expected_end: now.plus(Duration::from_hours(2)),
        written_at: now,
        desk_id: Some(desk_id),
        shift_id: Some(shift_id),
        person_id: person(room, login),
        role: Role::RemoteOperator,
    }
}

fn unsigned(written: LockAsk) -> Body {
    Body::LockAsk(Signed { written, seal: None })
}

fn stands(outcome: &Outcome) -> &str {
    outcome.detail.get("state").and_then(|s| s.as_str()).unwrap_or_default()
}

/// Asks a lock that is expected to be taken; its identifier, and where it stands.
pub(super) async fn locked(
    room: &mut Room<'_>,
    login: &str,
    object: EquipmentId,
    by_holder: bool,
) -> (RecordId, String) {
    let asked = ask(room, login, object, by_holder).await;
    let id = asked.lock_id;
    let outcome = room.write(login, unsigned(asked)).await;
    applied(&outcome);
    (id, stands(&outcome).to_owned())
}

async fn row(room: &mut Room<'_>, id: RecordId) -> CrewLock {
    room.rows::<CrewLock>(|l| l.lock_id == id).await.pop().expect("the room reads the lock")
}

async fn call(room: &Room<'_>) -> LockCall {
    LockCall {
        called_at: room.now().await,
        number: "06 12 34 56 78".into(),
        said: HolderSaid::Clear,
        words: "Équipe partie, vue par le gardien".into(),
    }
}

async fn force(room: &mut Room<'_>, login: &str, id: RecordId, call: Option<LockCall>) -> Outcome {
    room.write(login, Body::LockForceLift { lock_id: id, call }).await
}

/// As it was asked, with when it was received and granted; asked again, it is written once.
pub async fn r10_a_lock_on_a_quiet_object_is_in_force_at_once_and_the_room_reads_it(room: &mut Room<'_>) {
    let light = room.light();
    let before = room.state(light).await.expect("a state");
    let asked = ask(room, OPERATOR, light, false).await;
    for _ in 0..2 {
        let outcome = room.write(OPERATOR, unsigned(asked.clone())).await;
        applied(&outcome);
        assert_eq!(stands(&outcome), "in_force");
    }
    let lock = row(room, asked.lock_id).await;
    let now = Some(room.now().await);
    assert_eq!((LockAsk::from(&lock), lock.state, lock.granted_at), (asked.clone(), LockState::InForce, now));
    let after = room.state(light).await.expect("a state");
    assert_eq!(after.control_version, before.control_version + 1, "a lock moves the control version (R4)");
    let other = LockAsk { written_at: asked.written_at.plus(Duration::from_secs(1)), ..asked };
    refused(&room.write(OPERATOR, unsigned(other)).await, "illegal_event");
}

/// Nothing is written of it.
pub async fn r10_a_lock_without_its_form_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    let good = ask(room, OPERATOR, light, false).await;
    let bad = [
        LockAsk { phone: "\u{a0} ".into(), ..good.clone() },
        LockAsk { reason: "é".repeat(201), ..good.clone() },
        LockAsk { expected_end: good.written_at, ..good.clone() },
        LockAsk { expected_end: good.written_at.plus(Duration::from_hours(24 * 30 + 1)), ..good.clone() },
    ];
    for asked in bad {
        refused(&room.write(OPERATOR, unsigned(asked)).await, "malformed");
    }
    let nowhere = LockAsk { equipment_id: EquipmentId(room.fresh()), ..good.clone() };
    refused(&room.write(OPERATOR, unsigned(nowhere)).await, "no_such_object");
    refused(&room.write("gateway", unsigned(good.clone())).await, "not_allowed");
    assert!(room.rows::<CrewLock>(|_| true).await.is_empty());
}

/// The safe direction neither; whoever is refused hears whom to call.
pub async fn r10_a_locked_object_takes_reads_and_nothing_else(room: &mut Room<'_>) {
    let light = room.light();
    let (id, _) = locked(room, OPERATOR, light, false).await;
    for (code, params) in [
        ("street_light.set_level", json!({"level": 40})),
        ("street_light.set_level", json!({"level": 100})),
        ("street_light.to_programme", json!({})),
    ] {
        let order = room.order(SUPERVISOR, light, code, params).await;
        let outcome = room.operate(SUPERVISOR, &order).await;
        refused(&outcome, "crew_lock");
        assert_eq!(outcome.command_state, Some(S::Rejected));
        let lock = outcome.detail.get("lock").cloned().unwrap_or_default();
        let expected_end = row(room, id).await.expected_end;
        assert_eq!(
            lock,
            json!({
                "lock_id": id, "state": "in_force", "holder": "Karim Saïdi", "phone": "06 12 34 56 78",
                "place": "Armoire, côté pair", "expected_end": expected_end,
            })
        );
    }
    let read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    room.taken(&read).await;
    let neighbour = room.object(vigie_core::equipment::EquipmentKind::StreetLight, 5);
    let elsewhere = room.dim(neighbour).await;
    room.taken(&elsewhere).await;
}

/// And what is asked meanwhile is refused, so that nothing is in flight at last.
pub async fn r10_a_lock_waits_for_what_is_in_flight_and_is_granted_once_its_outcome_is_known(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch]).await;
    let (lock, state) = locked(room, OPERATOR, light, false).await;
    assert_eq!(state, "asked");
    let next = room.dim(light).await;
    let outcome = room.operate(OPERATOR, &next).await;
    refused(&outcome, "crew_lock");
    assert_eq!(outcome.detail.pointer("/lock/state"), Some(&json!("asked")));
    room.go_through(id, &[E::Publish, E::Execute]).await;
    assert_eq!(row(room, lock).await.state, LockState::Asked, "the state does not show it yet");
    room.wait(Duration::from_secs(3)).await;
    let shown = room.overridden(&order).await;
    room.report(vec![shown]).await;
    assert_eq!(room.command(id).await.state, S::Confirmed);
    let granted = row(room, lock).await;
    assert_eq!((granted.state, granted.granted_at), (LockState::InForce, Some(room.now().await)));
    let listed: Vec<_> = granted.coming.0.iter().map(|c| (c.command_id, c.action.as_str(), Some(c.at))).collect();
    assert_eq!(listed, [(id, "street_light.set_level", order.effect_until)], "its end is read to the crew");
}

/// It may still be done: only a late answer or a person ends the wait.
pub async fn r10_a_command_without_report_delays_a_lock_until_it_is_known_or_closed(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch, E::Publish]).await;
    let silence = Body::Progress { command_id: id, event: E::Silence, detail: None };
    applied(&room.write("house", silence).await);
    let (lock, state) = locked(room, COLLEAGUE, light, false).await;
    assert_eq!((state.as_str(), room.command(id).await.state), ("asked", S::Unknown));
    applied(&room.write(OPERATOR, Body::CommandClose { command_id: id, reason: "vu sur place".into() }).await);
    assert_eq!(row(room, lock).await.state, LockState::InForce);
}

/// Reads go on.
pub async fn r10_what_has_not_left_is_rejected_when_a_lock_is_asked(room: &mut Room<'_>) {
    let light = room.light();
    let read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    let (read, dim) = (room.taken(&read).await, room.dim(light).await);
    let dim = room.taken(&dim).await;
    let (_, state) = locked(room, COLLEAGUE, light, false).await;
    assert_eq!(state, "in_force");
    let rejected = room.command(dim).await;
    assert_eq!((rejected.state, rejected.detail.as_deref()), (S::Rejected, Some("crew_lock")));
    assert_eq!(room.command(read).await.state, S::Accepted);
    assert_eq!(
        room.events(dim).await.pop(),
        Some((Some(S::Accepted), S::Rejected, "metropolis".into(), Some("crew_lock".into())))
    );
}

/// Nobody else; the object takes commands again.
pub async fn r10_the_holder_lifts_his_lock_at_once(room: &mut Room<'_>) {
    let light = room.light();
    let (id, _) = locked(room, OPERATOR, light, true).await;
    refused(&room.write(COLLEAGUE, Body::LockLift { lock_id: id }).await, "not_allowed");
    let before = room.state(light).await.expect("a state").control_version;
    applied(&room.write(OPERATOR, Body::LockLift { lock_id: id }).await);
    let lock = row(room, id).await;
    assert_eq!(
        (lock.state, lock.how, lock.over_at),
        (LockState::Lifted, Some(LiftWay::Holder), Some(room.now().await))
    );
    assert_eq!(room.state(light).await.expect("a state").control_version, before + 1);
    refused(&room.write(OPERATOR, Body::LockLift { lock_id: id }).await, "illegal_event");
    let nothing = RecordId(room.fresh());
    refused(&room.write(OPERATOR, Body::LockLift { lock_id: nothing }).await, "no_such_object");
    let order = room.dim(light).await;
    room.taken(&order).await;
}

/// The author of a lock that a crew holds lifts it no more than anybody else.
pub async fn r10_others_lift_it_after_a_recorded_call_and_as_two_natural_persons(room: &mut Room<'_>) {
    let light = room.light();
    let (id, _) = locked(room, OPERATOR, light, false).await;
    refused(&room.write(OPERATOR, Body::LockLift { lock_id: id }).await, "not_allowed");
    refused(&force(room, COLLEAGUE, id, None).await, "illegal_event");
    let told = call(room).await;
    let old = LockCall { called_at: told.called_at.minus(Duration::from_secs(1_801)), ..told.clone() };
    refused(&force(room, OPERATOR, id, Some(old)).await, "expired");
    let early = LockCall { called_at: told.called_at.plus(Duration::from_secs(31)), ..told.clone() };
    refused(&force(room, OPERATOR, id, Some(early)).await, "clock_skew");
    let mute = LockCall { words: " ".into(), ..told.clone() };
    refused(&force(room, OPERATOR, id, Some(mute)).await, "malformed");
    applied(&force(room, OPERATOR, id, Some(told.clone())).await);
    refused(&force(room, OPERATOR, id, None).await, "same_person");
    assert_eq!(row(room, id).await.state, LockState::InForce, "one alone lifts nothing");
    room.wait(Duration::from_secs(601)).await;
    refused(&force(room, COLLEAGUE, id, None).await, "expired");
    let told = call(room).await;
    applied(&force(room, OPERATOR, id, Some(told.clone())).await);
    applied(&force(room, COLLEAGUE, id, None).await);
    let lock = row(room, id).await;
    assert_eq!((lock.state, lock.how), (LockState::Lifted, Some(LiftWay::Forced)));
    assert_eq!((lock.lift_asked_by, lock.lifted_by), (Some(person(room, OPERATOR)), Some(person(room, COLLEAGUE))));
    assert_eq!((lock.called_at, lock.call_words), (Some(told.called_at), told.words));
    refused(&force(room, COLLEAGUE, id, None).await, "illegal_event");
}

/// By its author; nothing is left of the wait.
pub async fn r10_what_is_not_in_force_is_taken_back(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    room.go_through(id, &[E::StartDispatch]).await;
    let (lock, _) = locked(room, OPERATOR, light, false).await;
    refused(&room.write(COLLEAGUE, Body::LockLift { lock_id: lock }).await, "not_allowed");
    applied(&room.write(OPERATOR, Body::LockLift { lock_id: lock }).await);
    assert_eq!(row(room, lock).await.state, LockState::Withdrawn);
    room.go_through(id, &[E::Fail]).await;
    assert_eq!(row(room, lock).await.state, LockState::Withdrawn);
}

/// However long: it is the house's alarm, not its act.
pub async fn r10_no_lock_is_lifted_by_time(room: &mut Room<'_>) {
    let light = room.light();
    let (id, _) = locked(room, OPERATOR, light, false).await;
    room.wait(Duration::from_hours(3)).await;
    room.fixture.mark_overdue_effects().await;
    assert_eq!(row(room, id).await.state, LockState::InForce);
}

/// Both names are kept, and the signature stands for what its author wrote.
pub async fn r20_a_signed_lock_is_deposited_by_the_next_holder_of_its_desk(room: &mut Room<'_>) {
    let hand = Hand::from_seed(&[3; 32]);
    let light = room.light();
    let mut asked = ask(room, OPERATOR, light, false).await;
    asked.desk_id = Some(room.shift(COLLEAGUE).1);
    refused(&room.write(COLLEAGUE, unsigned(asked.clone())).await, "not_signed");
    let public = hand.public();
    applied(&room.write(OPERATOR, Body::KeyRegister { key_id: public.key_id(), public_key: public.text() }).await);
    applied(&room.write(COLLEAGUE, Body::LockAsk(Signed::by(Some(&hand), asked.clone()))).await);
    let lock = row(room, asked.lock_id).await;
    assert_eq!((lock.person_id, lock.deposited_by), (person(room, OPERATOR), Some(person(room, COLLEAGUE))));
    let signature = lock.signature.clone().expect("it is signed");
    assert_eq!(public.verify(&LockAsk::from(&lock), &signature), Authenticity::Signed);
    // Who deposits it does not hold it.
    refused(&room.write(COLLEAGUE, Body::LockLift { lock_id: asked.lock_id }).await, "not_allowed");
}

/// Neither what is on its way nor what is without report holds it up; what has not left gives way.
pub async fn r17_the_safe_direction_goes_past_what_is_pending_or_unknown(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let unknown = room.taken(&order).await;
    room.go_through(unknown, &[E::StartDispatch, E::GatewayRestart]).await;
    let order = room.dim(light).await;
    let waiting = room.taken(&order).await;
    let mut safe = room.order(COLLEAGUE, light, "street_light.to_programme", json!({})).await;
    safe.seen.control_version -= 1;
    assert_eq!(room.operate(COLLEAGUE, &safe).await.command_state, Some(S::Accepted));
    assert_eq!((room.command(waiting).await.state, room.command(unknown).await.state), (S::Superseded, S::Unknown));
    let mut on = room.order(OPERATOR, light, "street_light.set_level", json!({"level": 100})).await;
    on.seen.control_version -= 1;
    room.taken(&on).await;
}

/// A lock that is asked does not stop it, and waits for it.
pub async fn r17_only_a_lock_in_force_stops_the_safe_direction(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.execute(&order).await;
    let (lock, state) = locked(room, OPERATOR, light, false).await;
    assert_eq!(state, "asked");
    let back = room.order(COLLEAGUE, light, "street_light.to_programme", json!({})).await;
    assert_eq!(room.operate(COLLEAGUE, &back).await.command_state, Some(S::Accepted));
    applied(&room.write("house", Body::Progress { command_id: id, event: E::Silence, detail: None }).await);
    room.progress(id, E::LateDone).await;
    assert_eq!(row(room, lock).await.state, LockState::Asked, "the way back is in flight");
    room.go_through(back.command_id, &[E::StartDispatch, E::Publish, E::Execute]).await;
    assert_eq!(room.command(id).await.effect, Some(EffectState::Ended), "what it replaces is over");
    room.wait(Duration::from_secs(3)).await;
    let mut shown = room.seen(light).await;
    shown.mode = vigie_core::equipment::Mode::Programme;
    room.report(vec![shown]).await;
    let lock = row(room, lock).await;
    assert_eq!((lock.state, lock.coming.0.len()), (LockState::InForce, 0));
}

/// An older order of the same author that was on its way for long does not undo it; a read does no harm.
pub async fn r17_what_the_safe_direction_went_ahead_of_is_refused_when_it_arrives(room: &mut Room<'_>) {
    let light = room.light();
    let late = room.dim(light).await;
    let read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    let theirs = room.order(SUPERVISOR, light, "street_light.set_level", json!({"level": 60})).await;
    room.wait(Duration::from_secs(2)).await;
    let safe = room.order(OPERATOR, light, "street_light.to_programme", json!({})).await;
    room.taken(&safe).await;
    let outcome = room.operate(OPERATOR, &late).await;
    refused(&outcome, "overtaken");
    assert_eq!(room.command(safe.command_id).await.state, S::Accepted);
    room.taken(&read).await;
    // Between two authors the metropolis decides by arrival: their clocks may differ by more than their orders do.
    assert_eq!(room.operate(SUPERVISOR, &theirs).await.command_state, Some(S::Accepted));
}

/// By who asked for it, as often as it takes, always later; what he signed stays, and its journal line tells.
pub async fn r10_work_that_takes_longer_is_said_by_who_asked_for_the_lock(room: &mut Room<'_>) {
    let light = room.light();
    let (id, _) = locked(room, OPERATOR, light, false).await;
    let before = row(room, id).await;
    let later = before.expected_end.plus(Duration::from_hours(3));
    let extend = |lock_id, to| Body::LockExtend { lock_id, to };
    refused(&room.write(COLLEAGUE, extend(id, later)).await, "not_allowed");
    refused(&room.write(OPERATOR, extend(id, before.expected_end)).await, "bad_parameters");
    let nothing = RecordId(room.fresh());
    refused(&room.write(OPERATOR, extend(nothing, later)).await, "no_such_object");
    let outcome = room.write(OPERATOR, extend(id, later)).await;
    applied(&outcome);
    assert_eq!(stands(&outcome), "in_force");
    let after = row(room, id).await;
    assert_eq!((after.ends_at(), after.expected_end, after.state), (later, before.expected_end, LockState::InForce));
    let far = room.now().await.plus(Duration::from_hours(31 * 24));
    refused(&room.write(OPERATOR, extend(id, far)).await, "bad_parameters");
    applied(&force(room, COLLEAGUE, id, Some(call(room).await)).await);
    applied(&force(room, SUPERVISOR, id, None).await);
    refused(&room.write(OPERATOR, extend(id, later.plus(Duration::from_hours(1)))).await, "illegal_event");
}
