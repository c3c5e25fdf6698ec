//! The one door for writing: at most once, all or refused in words, journaled; and the door for reading.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sqlx::Row;
use vigie_core::command::CommandState as S;
use vigie_core::equipment::Mode;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::submission::{OutcomeStatus, Submission};
use vigie_core::table::{Command, CommandEvent};
use vigie_metropolis::PgMetropolis;

use crate::support::{City, DEADLINE, dim, id, light, one, report, rows, seen, target};

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
        sqlx::query("SELECT status, code FROM vigie.journal WHERE kind = 'command' ORDER BY journal_id")
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
