//! What each kind of submission does: commands and their life, reports, effects, shifts.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{
    Answer, Ask, AskedObject, AskedObjects, ClassCode, CommandEventCode as E, CommandState as S, EffectState, Params,
};
use vigie_core::equipment::{EquipmentKind, Mode};
use vigie_core::ids::{CommandId, EquipmentId, PersonId, RequestId, ShiftId};
use vigie_core::port::MetropolisError;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, OutcomeStatus, StateReport, Submission};
use vigie_core::table::{Command, CommandEvent, EquipmentState, Person, Shift, StateHistory};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Password, PgMetropolis};

use crate::support::{
    City, DEADLINE, DESK, JUNCTION, PASSWORD, PERSON, SHIFT, command, dim, equipment, id, light, load, one, order,
    progress, report, rows, seen, submission, target,
};

#[tokio::test]
async fn a_command_goes_its_whole_life_to_confirmed_by_the_state() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let order = dim(0, 40, city.now().await);
    let taken = one(&desk, Submission::command(order.clone())).await;
    assert_eq!((taken.status, taken.command_state), (OutcomeStatus::Applied, Some(S::Accepted)));
    for (event, state) in [(E::StartDispatch, S::Dispatching), (E::Publish, S::Dispatched), (E::Execute, S::Executed)] {
        assert_eq!(one(&gateway, progress(order.command_id, event)).await.command_state, Some(state));
    }
    let executed = command(&desk, order.command_id.into()).await;
    assert_eq!((executed.state, executed.effect), (S::Executed, Some(EffectState::InForce)));

    let shown = StateReport {
        target: Some(Params::from(json!({"level": 40}))),
        effect_until: order.effect_until,
        ..seen(light(0), json!({"level": 40.0, "fault": null}), Mode::Override, city.now().await)
    };
    assert_eq!(one(&gateway, report(vec![shown])).await.status, OutcomeStatus::Applied);
    assert_eq!(command(&desk, order.command_id.into()).await.state, S::Confirmed);
    let path: BTreeSet<_> =
        rows::<CommandEvent>(&desk).await.into_iter().map(|e| (e.from_state, e.to_state, e.actor)).collect();
    let expected = [
        (S::Submitted, S::Accepted, "metropolis"),
        (S::Accepted, S::Dispatching, "gateway"),
        (S::Dispatching, S::Dispatched, "gateway"),
        (S::Dispatched, S::Executed, "gateway"),
        (S::Executed, S::Confirmed, "metropolis"),
    ];
    assert_eq!(path, expected.map(|(from, to, actor)| (Some(from), to, actor.to_owned())).into());
}

#[tokio::test]
async fn r18_a_state_seen_before_the_publication_does_not_confirm_it() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let before = city.now().await;
    city.admin.set_clock(Some(before.plus(Duration::from_secs(10))), 1.0).await.unwrap();
    let order = dim(0, 40, city.now().await);
    one(&desk, Submission::command(order.clone())).await;
    for event in [E::StartDispatch, E::Publish, E::Execute] {
        one(&gateway, progress(order.command_id, event)).await;
    }
    one(&gateway, report(vec![seen(light(0), json!({"level": 40}), Mode::Override, before)])).await;
    assert_eq!(command(&desk, order.command_id.into()).await.state, S::Executed);
    // Nor does another level, nor the level without the override.
    for (level, mode) in [(41, Mode::Override), (40, Mode::Manual)] {
        one(&gateway, report(vec![seen(light(0), json!({"level": level}), mode, city.now().await)])).await;
        assert_eq!(command(&desk, order.command_id.into()).await.state, S::Executed);
    }
}

#[tokio::test]
async fn a_read_is_confirmed_by_any_state_seen_since_it_was_accepted() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let order = order(light(1), "street_light.read", json!({}), city.now().await);
    one(&desk, Submission::command(order.clone())).await;
    for event in [E::StartDispatch, E::Publish, E::Execute] {
        one(&gateway, progress(order.command_id, event)).await;
    }
    let old = city.now().await.minus(Duration::from_secs(60));
    one(&gateway, report(vec![seen(light(1), json!({"level": 1}), Mode::Programme, old)])).await;
    assert_eq!(command(&desk, order.command_id.into()).await.state, S::Executed);
    one(&gateway, report(vec![seen(light(1), json!({"level": 1}), Mode::Programme, city.now().await)])).await;
    assert_eq!(command(&desk, order.command_id.into()).await.state, S::Confirmed);
}

#[tokio::test]
async fn refusals_are_the_cores_and_stand_on_the_sheet() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let now = city.now().await;
    let at = |change: &dyn Fn(&mut vigie_core::command::CommandOrder)| {
        let mut order = dim(0, 40, now);
        change(&mut order);
        order
    };
    let hour = Duration::from_secs(3600);
    let cases = [
        (at(&|o| o.shift_id = ShiftId(id())), "shift_over"),
        (at(&|o| o.action = "street_light.explode".into()), "no_such_action"),
        (order(light(0), "signal_junction.set_plan", json!({"plan": 2}), now), "no_such_action"),
        (at(&|o| o.params = Params::from(json!({"level": 101}))), "bad_parameters"),
        (at(&|o| o.params = Params::from(json!({"level": 40.5}))), "bad_parameters"),
        (at(&|o| o.params = Params::from(json!({"level": 4, "x": 1}))), "bad_parameters"),
        (order(JUNCTION, "signal_junction.dark", json!({}), now), "needs_second_person"),
        (dim(4, 10, now), "needs_second_person"),
        (at(&|o| o.issued_at = now.minus(hour)), "before_epoch"),
        (
            at(&|o| {
                o.issued_at = now.plus(hour);
                o.expires_at = now.plus(hour);
            }),
            "clock_skew",
        ),
        (at(&|o| o.expires_at = now.plus(hour)), "life_too_long"),
        (at(&|o| o.effect_until = None), "effect_unbounded"),
        (at(&|o| o.effect_until = Some(now)), "effect_unbounded"),
        (at(&|o| o.effect_until = Some(now.plus(hour * 13))), "effect_unbounded"),
        (at(&|o| o.seen.control_version = 7), "control_changed"),
        (
            at(&|o| {
                o.without_visibility = true;
                o.reason = " \u{a0}\t".into();
            }),
            "reason_needed",
        ),
    ];
    for (order, code) in cases {
        let outcome = one(&desk, Submission::command(order.clone())).await;
        assert_eq!((outcome.code.as_deref(), outcome.command_state), (Some(code), Some(S::Rejected)), "{order:?}");
        let row = command(&desk, order.command_id.into()).await;
        assert_eq!((row.state, row.detail.as_deref()), (S::Rejected, Some(code)));
        if code == "control_changed" {
            assert_eq!(outcome.detail, json!({"control_version": 1, "reading": {"level": 70, "fault": null}}));
        }
    }
    let nowhere = one(&desk, Submission::command(order(EquipmentId(id()), "street_light.read", json!({}), now))).await;
    assert_eq!(nowhere.code.as_deref(), Some("no_such_object"));
    assert_eq!(rows::<Command>(&desk).await.len(), 16);
}

#[tokio::test]
async fn r2_a_late_command_expires() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let order = dim(0, 40, city.now().await);
    city.admin.set_clock(Some(order.expires_at.plus(Duration::from_secs(1))), 1.0).await.unwrap();
    let outcome = one(&desk, Submission::command(order.clone())).await;
    assert_eq!((outcome.code.as_deref(), outcome.command_state), (Some("expired"), Some(S::Expired)));
    assert_eq!(command(&desk, order.command_id.into()).await.state, S::Expired);
}

#[tokio::test]
async fn r2_an_accepted_command_that_leaves_late_expires_instead() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let order = dim(0, 40, city.now().await);
    one(&desk, Submission::command(order.clone())).await;
    city.admin.set_clock(Some(order.expires_at.plus(Duration::from_secs(1))), 1.0).await.unwrap();
    let outcome = one(&gateway, progress(order.command_id, E::StartDispatch)).await;
    assert_eq!((outcome.status, outcome.command_state), (OutcomeStatus::Applied, Some(S::Expired)));
}

#[tokio::test]
async fn r4_a_stale_value_is_no_precondition() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let stale = city.now().await.plus(Duration::from_secs(46 * 60));
    city.admin.set_clock(Some(stale), 1.0).await.unwrap();
    let blind = dim(0, 40, city.now().await);
    assert_eq!(one(&desk, Submission::command(blind)).await.code.as_deref(), Some("no_visibility"));
    let mut said = dim(0, 40, city.now().await);
    said.without_visibility = true;
    assert_eq!(one(&desk, Submission::command(said)).await.status, OutcomeStatus::Applied);
}

#[tokio::test]
async fn the_third_dark_neighbour_is_dangerous_even_when_three_desks_ask_at_once() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let now = city.now().await;
    let mut tasks = tokio::task::JoinSet::new();
    for rank in [0, 1, 2] {
        let target = target(&city.database, &login);
        let submission = Submission::command(dim(rank, 10, now));
        tasks.spawn(async move {
            let session = PgMetropolis::connect(target, DEADLINE).await.unwrap();
            one(&session, submission).await.code
        });
    }
    let mut codes = tasks.join_all().await;
    codes.sort();
    assert_eq!(codes, [None, None, Some("needs_second_person".to_owned())]);
}

/// One command among many by one author: the fifty-first junction in ten minutes.
#[tokio::test]
async fn r7_one_service_beyond_fifty_objects_goes_under_an_approval_and_once() {
    const PLAN: &str = "signal_junction.set_plan";
    let mut city = City::new().await;
    let now = city.now().await;
    let others: Vec<_> = (0..50).map(|n| Uuid::from_u128(0x300 + n)).collect();
    let junctions: Vec<_> =
        others.iter().map(|id| equipment(EquipmentId(*id), EquipmentKind::SignalJunction, 0)).collect();
    load(&mut city.admin, &junctions).await;
    let done: Vec<_> = others.iter().map(|id| plan_done(EquipmentId(*id), now)).collect();
    load(&mut city.admin, &done).await;
    let desk = city.session(Role::RemoteOperator).await;
    let second = PersonId(Uuid::from_u128(0x400));
    load(&mut city.admin, &[Person { person_id: second, display_name: "M. Garnier".into() }]).await;
    let login = format!("manager_{}", id().simple());
    city.admin.create_login(&login, &Password::new(PASSWORD), Role::Manager, Some(second), None).await.unwrap();
    let manager = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap();

    let plan = |approval_id| {
        let mut order = order(JUNCTION, PLAN, json!({"plan": 2}), now);
        order.procedure.approval_id = approval_id;
        order
    };
    let alone = one(&desk, Submission::command(plan(None))).await;
    assert_eq!(alone.code.as_deref(), Some("needs_second_person"));
    let wanted = plan(None);
    let request_id = RequestId(Uuid::from_u128(0x401));
    let ask = Ask {
        request_id,
        objects: AskedObjects(vec![AskedObject {
            equipment_id: JUNCTION,
            control_version: wanted.seen.control_version,
        }]),
        action: PLAN.into(),
        params: wanted.params.clone(),
        effect_s: wanted.effect_until.map(|until| until.offset_from(wanted.issued_at) / 1_000),
        shift_id: SHIFT,
        desk_id: DESK,
        reason: "marché".into(),
        consequence: json!({}),
        about: None,
    };
    assert_eq!(one(&desk, submission(Body::ApprovalRequest(ask))).await.status, OutcomeStatus::Applied);
    let answer = Answer { request_id, approves: true, shift_id: None };
    assert_eq!(one(&manager, submission(Body::ApprovalAnswer(answer))).await.status, OutcomeStatus::Applied);
    let under = one(&desk, Submission::command(plan(Some(request_id)))).await;
    assert_eq!((under.code.as_deref(), under.command_state), (None, Some(S::Accepted)));
    let again = one(&desk, Submission::command(plan(Some(request_id)))).await;
    assert_eq!(again.code.as_deref(), Some("approval_used"));
}

/// A plan that the person of this city commanded a minute ago, and that was done.
fn plan_done(junction: EquipmentId, now: Timestamp) -> Command {
    let at = now.minus(Duration::from_secs(60));
    Command {
        command_id: CommandId(junction.0),
        equipment_id: junction,
        action: "signal_junction.set_plan".into(),
        class: ClassCode::C,
        params: Params::from(json!({"plan": 2})),
        person_id: PERSON,
        role: Role::RemoteOperator,
        shift_id: SHIFT,
        reason: String::new(),
        issued_at: at,
        expires_at: now,
        effect_until: None,
        seen_control_version: 1,
        without_visibility: false,
        state: S::Confirmed,
        state_since: at,
        detail: None,
        effect: None,
        group_id: None,
        approval_id: None,
        sole: None,
    }
}

#[tokio::test]
async fn r11_the_newest_order_supersedes_and_a_read_does_not() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let now = city.now().await;
    let (first, second) = (dim(0, 40, now), order(light(0), "street_light.to_programme", json!({}), now));
    let read = order(light(0), "street_light.read", json!({}), now);
    for order in [&first, &read, &second] {
        assert_eq!(one(&desk, Submission::command(order.clone())).await.status, OutcomeStatus::Applied);
    }
    assert_eq!(command(&desk, first.command_id.into()).await.state, S::Superseded);
    assert_eq!(command(&desk, read.command_id.into()).await.state, S::Accepted);
    assert_eq!(command(&desk, second.command_id.into()).await.state, S::Accepted);
}

#[tokio::test]
async fn progress_outside_the_table_is_refused_and_changes_nothing() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let order = dim(0, 40, city.now().await);
    one(&desk, Submission::command(order.clone())).await;
    let skipped = one(&gateway, progress(order.command_id, E::Execute)).await;
    assert_eq!((skipped.code.as_deref(), skipped.command_state), (Some("illegal_event"), Some(S::Accepted)));
    assert_eq!(one(&desk, progress(order.command_id, E::StartDispatch)).await.code.as_deref(), Some("not_allowed"));
    assert_eq!(command(&desk, order.command_id.into()).await.state, S::Accepted);
    assert_eq!(rows::<CommandEvent>(&desk).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_is_closed_with_a_reason_or_learnt_late() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let house = city.session(Role::House).await;
    let now = city.now().await;
    let orders = [dim(0, 40, now), dim(1, 40, now)];
    for order in &orders {
        one(&desk, Submission::command(order.clone())).await;
        for (who, event) in [(&gateway, E::StartDispatch), (&gateway, E::Publish), (&house, E::Silence)] {
            one(who, progress(order.command_id, event)).await;
        }
        assert_eq!(command(&desk, order.command_id.into()).await.state, S::Unknown);
    }
    let close =
        |reason: &str| submission(Body::CommandClose { command_id: orders[0].command_id, reason: reason.into() });
    assert_eq!(one(&desk, close("  ")).await.code.as_deref(), Some("reason_needed"));
    assert_eq!(one(&desk, close("vu sur place")).await.command_state, Some(S::Closed));
    assert_eq!(one(&gateway, progress(orders[1].command_id, E::LateDone)).await.command_state, Some(S::LateDone));
    assert_eq!(one(&gateway, progress(orders[0].command_id, E::LateDone)).await.code.as_deref(), Some("illegal_event"));
}

#[tokio::test]
async fn a_command_is_cancelled_by_its_author_or_a_supervisor_until_it_leaves() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let now = city.now().await;
    let cancel = |order: &vigie_core::command::CommandOrder| {
        submission(Body::CommandCancel { command_id: order.command_id, reason: "erreur".into() })
    };
    let (first, second) = (dim(0, 40, now), dim(1, 40, now));
    one(&desk, Submission::command(first.clone())).await;
    one(&desk, Submission::command(second.clone())).await;
    city.admin
        .create_login(
            "someone_else",
            &vigie_metropolis::Password::new(crate::support::PASSWORD),
            Role::CctvOperator,
            None,
            None,
        )
        .await
        .unwrap();
    let other = PgMetropolis::connect(target(&city.database, "someone_else"), DEADLINE).await.unwrap();
    assert_eq!(one(&other, cancel(&first)).await.code.as_deref(), Some("not_allowed"));
    assert_eq!(one(&desk, cancel(&first)).await.command_state, Some(S::Cancelled));
    one(&gateway, progress(second.command_id, E::StartDispatch)).await;
    assert_eq!(one(&desk, cancel(&second)).await.code.as_deref(), Some("illegal_event"));
}

#[tokio::test]
async fn r3_an_effect_ends_is_contradicted_or_becomes_overdue() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let house = city.session(Role::House).await;
    let now = city.now().await;
    let orders = [dim(0, 40, now), dim(1, 40, now), dim(2, 40, now)];
    for order in &orders {
        one(&desk, Submission::command(order.clone())).await;
        for event in [E::StartDispatch, E::Publish, E::Execute] {
            one(&gateway, progress(order.command_id, event)).await;
        }
    }
    let back = |rank, at| report(vec![seen(light(rank), json!({"level": 70}), Mode::Programme, at)]);
    one(&gateway, back(0, city.now().await)).await;
    let until = orders[1].effect_until.unwrap();
    city.admin.set_clock(Some(until), 0.0).await.unwrap();
    one(&gateway, back(1, until.minus(Duration::from_secs(1)))).await;
    assert_eq!(house.mark_overdue_effects().await.unwrap(), 0);
    city.admin.set_clock(Some(until.plus(Duration::from_secs(61))), 0.0).await.unwrap();
    assert_eq!(house.mark_overdue_effects().await.unwrap(), 1);
    let mut effects = Vec::new();
    for order in &orders {
        effects.push(command(&desk, order.command_id.into()).await.effect.unwrap());
    }
    assert_eq!(effects, [EffectState::Contradicted, EffectState::Ended, EffectState::Overdue]);
    one(&gateway, back(2, until.plus(Duration::from_secs(61)))).await;
    assert_eq!(command(&desk, orders[2].command_id.into()).await.effect, Some(EffectState::Ended));
    assert!(matches!(gateway.mark_overdue_effects().await, Err(MetropolisError::Denied(_))));
}

#[tokio::test]
async fn a_report_moves_the_version_each_time_and_the_control_version_only_with_the_control() {
    let mut city = City::new().await;
    let gateway = city.session(Role::Gateway).await;
    let now = city.now().await;
    let later = |s| now.plus(Duration::from_secs(s));
    let overridden = StateReport {
        target: Some(Params::from(json!({"level": 10}))),
        effect_until: Some(later(60)),
        ..seen(light(0), json!({"level": 10}), Mode::Override, later(2))
    };
    let same = seen(light(0), json!({"level": 70, "fault": null}), Mode::Programme, later(1));
    let older = seen(light(0), json!({"level": 99}), Mode::Manual, now.minus(Duration::from_secs(60)));
    let stranger = seen(EquipmentId(id()), json!({}), Mode::Programme, now);
    // All in one report: each meets the state that the one before it left.
    let outcome = one(&gateway, report(vec![same, overridden, older, stranger.clone()])).await;
    assert_eq!(outcome.detail, json!({"unknown": [stranger.equipment_id]}));
    let state = rows::<EquipmentState>(&gateway).await.into_iter().find(|s| s.equipment_id == light(0)).unwrap();
    assert_eq!((state.version, state.control_version, state.mode), (3, 2, Mode::Override));
    assert_eq!(state.observed_at, Some(later(2)));
    let mut levels: Vec<_> =
        rows::<StateHistory>(&gateway).await.iter().map(|h| h.reading.number("level").unwrap() as i64).collect();
    levels.sort_unstable();
    assert_eq!(levels, [10, 99]);
}

#[tokio::test]
async fn someone_takes_a_desk_and_leaves_it() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let now = city.now().await;
    let shift_id = ShiftId(id());
    let open = |shift_id, desk_id, ends_at| submission(Body::ShiftOpen { shift_id, desk_id, ends_at });
    let later = now.plus(Duration::from_secs(3600));
    assert_eq!(
        one(&desk, open(shift_id, vigie_core::ids::DeskId(id()), later)).await.code.as_deref(),
        Some("no_such_object")
    );
    assert_eq!(one(&desk, open(shift_id, DESK, now)).await.code.as_deref(), Some("shift_over"));
    assert_eq!(one(&desk, open(shift_id, DESK, later)).await.status, OutcomeStatus::Applied);
    let held: Vec<_> = rows::<Shift>(&desk).await.into_iter().filter(|s| s.shift_id == shift_id).collect();
    assert_eq!((held[0].person_id, held[0].role, held[0].closed_at), (PERSON, Role::RemoteOperator, None));

    let close = || submission(Body::ShiftClose { shift_id: SHIFT });
    assert_eq!(one(&desk, close()).await.status, OutcomeStatus::Applied);
    assert_eq!(one(&desk, close()).await.code.as_deref(), Some("shift_over"));
    let after = one(&desk, Submission::command(dim(0, 40, city.now().await))).await;
    assert_eq!(after.code.as_deref(), Some("shift_over"));
}
