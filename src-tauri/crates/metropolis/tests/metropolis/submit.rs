//! The one door for writing, and what comes back of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sqlx::Row;
use vigie_core::command::{CommandEventCode as E, CommandState as S, EffectState, Params};
use vigie_core::equipment::Mode;
use vigie_core::ids::{EquipmentId, ShiftId, SubmissionId};
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::submission::{Body, OutcomeStatus, StateReport, Submission};
use vigie_core::table::{Command, CommandEvent, EquipmentState, Shift, StateHistory, TableRow};
use vigie_metropolis::PgMetropolis;

use crate::support::{
    City, Copy, DEADLINE, DESK, JUNCTION, PERSON, SHIFT, dim, id, light, one, order, progress, report, seen,
    submission, target,
};

async fn rows<R: TableRow>(session: &PgMetropolis) -> Vec<R> {
    Copy::new(session).await.0.of()
}

async fn command(session: &PgMetropolis, id: SubmissionId) -> Command {
    rows::<Command>(session).await.into_iter().find(|c| c.command_id.0 == id.0).unwrap()
}

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
async fn r18_a_state_seen_before_the_execution_does_not_confirm_it() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let before = city.now().await;
    let order = dim(0, 40, before);
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
async fn r16_twenty_connections_with_the_same_command_make_one() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let submission = Arc::new(Submission::command(dim(0, 40, city.now().await)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (target, submission) = (target(&city.database, &login), submission.clone());
        tasks.spawn(async move {
            let session = PgMetropolis::connect(target, DEADLINE).await.unwrap();
            serde_json::to_value(one(&session, (*submission).clone()).await).unwrap()
        });
    }
    let outcomes = tasks.join_all().await;
    assert!(outcomes.iter().all(|o| *o == outcomes[0]), "{outcomes:?}");
    let session = city.session(Role::Auditor).await;
    assert_eq!(rows::<Command>(&session).await.len(), 1);
    assert_eq!(rows::<CommandEvent>(&session).await.len(), 1);
}

#[tokio::test]
async fn r16_a_repeat_gets_the_first_outcome_even_when_the_answer_would_differ_now() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let submission = Submission::command(dim(0, 40, city.now().await));
    let first = one(&desk, submission.clone()).await;
    let tomorrow = city.now().await.plus(Duration::from_secs(86_400));
    city.admin.set_clock(Some(tomorrow), 1.0).await.unwrap();
    assert_eq!(one(&desk, submission.clone()).await, first);
    assert_eq!(desk.settle(&[submission.submission_id]).await.unwrap(), [first]);
}

#[tokio::test]
async fn batches_that_cross_each_other_all_pass() {
    let mut city = City::new().await;
    let (desk, gateway) = (city.login(Role::RemoteOperator).await, city.login(Role::Gateway).await);
    let now = city.now().await;
    let mut tasks = tokio::task::JoinSet::new();
    for turn in 0..8_u64 {
        let field = turn % 2 == 0;
        let target = target(&city.database, if field { &gateway } else { &desk });
        tasks.spawn(async move {
            let session = PgMetropolis::connect(target, DEADLINE).await.unwrap();
            let mut refused = 0;
            for step in 0..15_u64 {
                // Forwards and backwards over the same lights, some asked for, some reported.
                let ranks = (0..5).map(|r| if turn % 4 < 2 { r } else { 4 - r });
                let at = now.plus(Duration::from_millis(step * 8 + turn));
                let batch: Vec<_> = if field {
                    let states = ranks.map(|r| seen(light(r), json!({"level": step}), Mode::Programme, at));
                    vec![report(states.collect())]
                } else {
                    ranks.map(|r| Submission::command(dim(r, 40, now))).collect()
                };
                let outcomes = session.submit(&batch).await.unwrap();
                refused += outcomes.iter().filter(|o| o.status == OutcomeStatus::Refused).count();
            }
            refused
        });
    }
    assert_eq!(tasks.join_all().await.iter().sum::<usize>(), 0);
    let auditor = city.session(Role::Auditor).await;
    let commands = rows::<Command>(&auditor).await;
    assert_eq!(commands.len(), 4 * 15 * 5);
    // The newest order of each light is the only one left (R11).
    assert_eq!(commands.iter().filter(|c| c.state == S::Accepted).count(), 5);
}

#[tokio::test]
async fn r14_what_was_never_received_is_refused_from_then_on() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let submission = Submission::command(dim(0, 40, city.now().await));
    let settled = desk.settle(&[submission.submission_id]).await.unwrap();
    assert_eq!(settled[0].status, OutcomeStatus::NeverReceived);
    let late = one(&desk, submission.clone()).await;
    assert_eq!((late.status, late.code.as_deref()), (OutcomeStatus::Refused, Some("after_settle")));
    assert_eq!(desk.settle(&[submission.submission_id]).await.unwrap(), settled);
    assert_eq!(rows::<Command>(&desk).await, []);
}

#[tokio::test]
async fn r14_settle_waits_for_a_submission_in_flight_and_says_what_it_became() {
    let mut city = City::new().await;
    let (login, settler) = (city.login(Role::RemoteOperator).await, Arc::new(city.session(Role::Supervisor).await));
    for commits in [true, false] {
        let submission = Submission::command(dim(0, 40, city.now().await));
        let batch = serde_json::to_string(&[&submission]).unwrap();
        let mut flight =
            sqlx::ConnectOptions::connect(&city.database.options(&login, crate::support::PASSWORD)).await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut flight).await.unwrap();
        sqlx::query("SELECT vigie.submit($1::text::jsonb)").bind(batch).execute(&mut flight).await.unwrap();

        let (id, session) = (submission.submission_id, settler.clone());
        let settle = tokio::spawn(async move { session.settle(&[id]).await.unwrap().remove(0) });
        let mut owner = city.database.connect().await.unwrap();
        loop {
            let waiting: bool = sqlx::query("SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted)")
                .fetch_one(&mut owner)
                .await
                .unwrap()
                .get(0);
            if waiting {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert!(!settle.is_finished());
        sqlx::raw_sql(if commits { "COMMIT" } else { "ROLLBACK" }).execute(&mut flight).await.unwrap();
        let status = settle.await.unwrap().status;
        assert_eq!(status, if commits { OutcomeStatus::Applied } else { OutcomeStatus::NeverReceived });
    }
}

#[tokio::test]
async fn a_malformed_member_is_refused_without_failing_the_others() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let now = city.now().await;
    let good = serde_json::to_value(Submission::command(dim(0, 40, now))).unwrap();
    let broken = |path: &str, value: serde_json::Value| {
        let mut member = serde_json::to_value(Submission::command(dim(1, 40, now))).unwrap();
        *member.pointer_mut(path).unwrap() = value;
        member
    };
    let batch = json!([
        broken("/payload/equipment_id", json!("not-a-uuid")),
        broken("/payload/issued_at", json!("yesterday")),
        broken("/payload/issued_at", json!(9.3e18)),
        broken("/payload/params", json!([1])),
        broken("/payload/seen", json!(null)),
        broken("/payload/command_id", json!(id())),
        broken("/payload", json!("text")),
        broken("/submission_id", json!(17)),
        {"kind": "command"},
        7,
        broken("/kind", json!("open_the_gates")),
        broken("/kind_version", json!(2)),
        good,
    ]);
    let mut connection =
        sqlx::ConnectOptions::connect(&city.database.options(&login, crate::support::PASSWORD)).await.unwrap();
    let answer: String = sqlx::query("SELECT vigie.submit($1::text::jsonb)::text")
        .bind(batch.to_string())
        .fetch_one(&mut connection)
        .await
        .unwrap()
        .get(0);
    let outcomes: Vec<vigie_core::submission::Outcome> = serde_json::from_str(&answer).unwrap();
    let codes: Vec<_> = outcomes.iter().map(|o| o.code.as_deref().unwrap_or("applied")).collect();
    let mut expected = ["malformed"; 13];
    (expected[10], expected[11], expected[12]) = ("unknown_kind", "unknown_kind", "applied");
    assert_eq!(codes, expected);
    let desk = city.session(Role::RemoteOperator).await;
    assert_eq!(rows::<Command>(&desk).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_kind_is_not_answered_for_good() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let mut submission = Submission::command(dim(0, 40, city.now().await));
    submission.kind_version = 2;
    assert_eq!(one(&desk, submission.clone()).await.code.as_deref(), Some("unknown_kind"));
    submission.kind_version = 1;
    assert_eq!(one(&desk, submission).await.status, OutcomeStatus::Applied);
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

#[tokio::test]
async fn history_is_read_through_a_function_that_journals_first() {
    let mut city = City::new().await;
    let (gateway, auditor) = (city.session(Role::Gateway).await, city.session(Role::Auditor).await);
    let now = city.now().await;
    for level in 0..5 {
        let at = now.plus(Duration::from_secs(level));
        one(&gateway, report(vec![seen(light(0), json!({"level": level}), Mode::Programme, at)])).await;
    }
    let args = json!({"equipment_id": light(0), "before": now.plus(Duration::from_secs(4)), "limit": 2});
    let found = auditor.fetch("history", args, "plainte 118").await.unwrap();
    let levels: Vec<_> = found.as_array().unwrap().iter().map(|h| h["reading"]["level"].as_i64().unwrap()).collect();
    assert_eq!(levels, [3, 2]);
    assert_eq!(found[0]["observed_at"], json!(now.plus(Duration::from_secs(3))));
    let mut owner = city.database.connect().await.unwrap();
    let (kind, reason): (String, String) = {
        let row =
            sqlx::query("SELECT j.kind, r.reason FROM vigie.journal j JOIN vigie.fetch_reason r USING (journal_id)")
                .fetch_one(&mut owner)
                .await
                .unwrap();
        (row.get(0), row.get(1))
    };
    assert_eq!((kind.as_str(), reason.as_str()), ("fetch.history", "plainte 118"));
    let social = city.session(Role::SocialWorker).await;
    assert!(matches!(
        social.fetch("history", json!({"equipment_id": light(0)}), "").await,
        Err(MetropolisError::Denied(_))
    ));
}

#[tokio::test]
async fn r15_every_submission_leaves_a_journal_row_without_words_and_nobody_can_change_it() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let now = city.now().await;
    let mut refused = dim(0, 400, now);
    refused.reason = "Madame Untel, 3 rue des Lilas".into();
    one(&desk, Submission::command(dim(0, 40, now))).await;
    one(&desk, Submission::command(refused)).await;
    let mut owner = city.database.connect().await.unwrap();
    let written: Vec<(String, Option<String>)> =
        sqlx::query("SELECT status, code FROM vigie.journal ORDER BY journal_id")
            .fetch_all(&mut owner)
            .await
            .unwrap()
            .iter()
            .map(|r| (r.get(0), r.get(1)))
            .collect();
    assert_eq!(written, [("applied".into(), None), ("refused".into(), Some("bad_parameters".into()))]);
    let words: bool = sqlx::query("SELECT bool_or(j::text LIKE '%Lilas%') FROM vigie.journal j")
        .fetch_one(&mut owner)
        .await
        .unwrap()
        .get(0);
    assert!(!words);
    for sql in ["UPDATE vigie.journal SET code = NULL", "DELETE FROM vigie.journal", "TRUNCATE vigie.journal CASCADE"] {
        assert!(sqlx::raw_sql(sql).execute(&mut owner).await.is_err(), "{sql}");
    }
}
