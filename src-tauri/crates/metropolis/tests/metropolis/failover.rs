//! A primary that is lost and a standby that takes its place, for real.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sqlx::Row as _;
use vigie_core::equipment::Mode;
use vigie_core::ids::SubmissionId;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::submission::{OutcomeStatus, Submission};
use vigie_core::table::{Desk, EquipmentState, TableSum};
use vigie_metropolis::{ConnectTarget, PgMetropolis};
use vigie_testkit::postgres::{Commit, Pair};

use crate::support::{City, Copy, DESK, id, light, load, one, report, seen, target};

const DEADLINE: Duration = Duration::from_secs(5);

/// Two servers and a city on them.
struct Twins {
    pair: Pair,
    city: City,
}

impl Twins {
    async fn new(commit: Commit) -> Self {
        let pair = Pair::start(Commit::Alone).await.unwrap();
        let city = City::in_database(pair.primary.database().await.unwrap()).await;
        pair.set(commit).await.unwrap();
        Self { pair, city }
    }

    async fn target(&mut self, role: Role, query: &str) -> ConnectTarget {
        let login = self.city.login(role).await;
        self.pair.catch_up().await.unwrap();
        let url = format!("{}?{query}", self.pair.url(&self.city.database, &login));
        ConnectTarget { url, ..target(&self.city.database, &login) }
    }

    async fn session(&mut self, role: Role, query: &str) -> PgMetropolis {
        PgMetropolis::connect(self.target(role, query).await, DEADLINE).await.unwrap()
    }

    async fn fail_over(&self) {
        self.pair.primary.crash();
        self.pair.promote().await.unwrap();
    }
}

/// Tries until it is answered, as an engine does at each look.
async fn insist<T, F: Future<Output = Result<T, MetropolisError>>>(mut ask: impl FnMut() -> F) -> T {
    loop {
        match tokio::time::timeout(DEADLINE, ask()).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) if !error.may_pass() => panic!("{error}"),
            Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(_) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_nothing_confirmed_is_lost_with_the_primary_and_the_copy_goes_on_from_its_cut() {
    let mut twins = Twins::new(Commit::WithStandby).await;
    let desk = twins.session(Role::RemoteOperator, "").await;
    let gateway = Arc::new(twins.session(Role::Gateway, "").await);
    let (mut copy, cut) = Copy::new(&desk).await;
    let now = twins.city.now().await;
    let confirmed: Arc<std::sync::Mutex<Vec<SubmissionId>>> = Arc::default();
    let writer = {
        let (gateway, confirmed) = (gateway.clone(), confirmed.clone());
        tokio::spawn(async move {
            for step in 0u64.. {
                let at = now.plus(Duration::from_millis(step));
                let reading = json!({"level": step % 100});
                let submission: Submission =
                    report(vec![seen(light(u128::from(step % 5)), reading, Mode::Programme, at)]);
                let sent = tokio::time::timeout(DEADLINE, gateway.submit(std::slice::from_ref(&submission))).await;
                if let Ok(Ok(outcomes)) = sent {
                    assert_eq!(outcomes[0].status, OutcomeStatus::Applied);
                    confirmed.lock().unwrap().push(submission.submission_id);
                }
            }
        })
    };
    let confirmed_now = || confirmed.lock().unwrap().len();
    while confirmed_now() < 30 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let cut = copy.pull(&desk, &cut).await;
    twins.fail_over().await;
    let at_failover = confirmed_now();
    while confirmed_now() < at_failover + 30 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    writer.abort();

    let ids = confirmed.lock().unwrap().clone();
    let known = insist(|| gateway.outcomes(&ids)).await;
    assert_eq!(known.len(), ids.len(), "confirmed and lost");
    let changes = insist(|| desk.changes(&cut)).await;
    assert_eq!((cut.timeline, changes.cut.timeline), (1, 2), "it says that another primary answers");
    let cut = copy.pull(&desk, &cut).await;
    copy.pull(&desk, &cut).await;
    assert_eq!(copy.rows, Copy::new(&desk).await.0.rows);
}

fn differing(copy: &Copy, sums: &[TableSum]) -> Vec<&'static str> {
    let differs = |sum: &&TableSum| {
        let mut own = TableSum::empty(sum.table);
        for ((name, key), row) in &copy.rows {
            if *name == sum.table.name {
                own.add(*key, row.stamp);
            }
        }
        own != **sum
    };
    sums.iter().filter(differs).map(|sum| sum.table.name).collect()
}

#[tokio::test]
async fn what_a_lagging_standby_never_had_is_seen_by_sums_and_only_that_table_is_taken_anew() {
    let mut twins = Twins::new(Commit::Alone).await;
    let desk = twins.session(Role::RemoteOperator, "").await;
    let (mut copy, cut) = Copy::new(&desk).await;
    twins.pair.catch_up().await.unwrap();
    twins.pair.cut_stream().await.unwrap();
    // A row that is lost, a change that is lost, a deletion that is lost.
    let lost = Desk { desk_id: vigie_core::ids::DeskId(id()), name: "perdu".into() };
    load(&mut twins.city.admin, std::slice::from_ref(&lost)).await;
    let mut owner = twins.city.database.connect().await.unwrap();
    sqlx::raw_sql("UPDATE vigie.desk SET name = 'changé' WHERE name = 'Poste 2'").execute(&mut owner).await.unwrap();
    let cut = copy.pull(&desk, &cut).await;
    assert_eq!(copy.of::<Desk>().len(), 2);
    twins.fail_over().await;

    // The new primary gives the same transaction numbers again.
    let mut owner = twins.city.database.on(&twins.pair.standby).connect().await.unwrap();
    for name in ["un", "deux", "trois"] {
        let sql = format!("UPDATE vigie.equipment_state SET source = '{name}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    insist(|| desk.changes(&cut)).await;
    let cut = copy.pull(&desk, &cut).await;
    assert!(copy.of::<EquipmentState>().iter().all(|s| s.source == "trois"), "whatever number it was given");
    let sums = desk.sums(&cut).await.unwrap();
    assert_eq!(differing(&copy, &sums.tables), ["desk"]);

    copy.rows.retain(|(name, _), _| *name != "desk");
    let spec = vigie_core::table::table("desk").unwrap();
    let changes = desk.recopy(&sums.changes.cut, &[spec], &mut copy).await.unwrap();
    assert_eq!(differing(&copy, &desk.sums(&changes.cut).await.unwrap().tables), Vec::<&str>::new());
    assert_eq!(copy.rows, Copy::new(&desk).await.0.rows);
    assert_eq!(copy.of::<Desk>().iter().map(|d| d.desk_id).collect::<Vec<_>>(), [DESK]);
}

#[tokio::test]
async fn a_former_primary_that_comes_back_is_neither_read_nor_written() {
    let mut twins = Twins::new(Commit::WithStandby).await;
    let known = twins.target(Role::RemoteOperator, "").await;
    let desk = PgMetropolis::connect(known.clone(), DEADLINE).await.unwrap();
    let (_, cut) = Copy::new(&desk).await;
    twins.fail_over().await;
    let cut = insist(|| desk.changes(&cut)).await.cut;
    twins.pair.primary.restart().unwrap();
    // It is the first of the address and takes writes; who met its successor does not speak with it.
    let identity = insist(|| desk.identity()).await;
    assert_eq!(identity.timeline, 2);
    let mut end = twins.city.database.on(&twins.pair.standby).connect().await.unwrap();
    let ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'vigie test'";
    sqlx::raw_sql(ended).execute(&mut end).await.unwrap();
    assert_eq!(insist(|| desk.identity()).await.timeline, 2);
    assert_eq!(insist(|| desk.changes(&cut)).await.cut.timeline, 2);
    // A program that starts anew is told by its copy.
    let fresh = PgMetropolis::connect(known, DEADLINE).await.unwrap();
    assert!(matches!(fresh.changes(&cut).await, Err(MetropolisError::Unreachable(_))));
}

async fn readers(twins: &Twins) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vigie test'";
    let mut standby = twins.city.database.on(&twins.pair.standby).connect().await.unwrap();
    sqlx::query(sql).fetch_one(&mut standby).await.unwrap().get(0)
}

#[tokio::test]
async fn a_copy_read_from_a_standby_loses_nothing_and_writing_goes_to_the_primary() {
    let mut twins = Twins::new(Commit::Alone).await;
    let gateway = twins.session(Role::Gateway, "").await;
    let desk = twins.session(Role::RemoteOperator, "reads=standby").await;
    // Under way on the primary when the copy is made: its number is below others that have ended.
    let mut slow = twins.city.database.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; UPDATE vigie.desk SET name = 'lent'").execute(&mut slow).await.unwrap();
    let now = twins.city.now().await;
    one(&gateway, report(vec![seen(light(0), json!({"level": 1}), Mode::Programme, now)])).await;
    twins.pair.catch_up().await.unwrap();
    let (mut copy, cut) = Copy::new(&desk).await;
    assert_eq!(readers(&twins).await, 1, "the standby is read");
    assert!(desk.wake().await.is_err(), "and gives no hints");
    sqlx::raw_sql("COMMIT").execute(&mut slow).await.unwrap();
    one(&gateway, report(vec![seen(light(1), json!({"level": 2}), Mode::Programme, now)])).await;
    twins.pair.catch_up().await.unwrap();
    let cut = copy.pull(&desk, &cut).await;
    assert_eq!(copy.rows, Copy::new(&desk).await.0.rows);
    assert_eq!(copy.of::<Desk>()[0].name, "lent");
    let sums = desk.sums(&cut).await.unwrap();
    assert_eq!(differing(&copy, &sums.tables), Vec::<&str>::new());
    assert_eq!(desk.settle(&[SubmissionId(id())]).await.unwrap()[0].status, OutcomeStatus::NeverReceived);
}

#[tokio::test]
async fn a_standby_that_has_not_come_as_far_as_the_copy_is_not_asked() {
    let mut twins = Twins::new(Commit::Alone).await;
    let gateway = twins.session(Role::Gateway, "").await;
    let reader = twins.target(Role::RemoteOperator, "reads=standby").await;
    let url = reader.url.replace("?reads=standby", "");
    let direct = PgMetropolis::connect(ConnectTarget { url, ..reader.clone() }, DEADLINE).await.unwrap();
    let desk = PgMetropolis::connect(reader, DEADLINE).await.unwrap();
    twins.pair.set_replay(false).await.unwrap();
    let now = twins.city.now().await;
    one(&gateway, report(vec![seen(light(0), json!({"level": 1}), Mode::Programme, now)])).await;
    let (mut copy, cut) = Copy::new(&direct).await;
    one(&gateway, report(vec![seen(light(0), json!({"level": 2}), Mode::Programme, now.plus(Duration::from_secs(1)))]))
        .await;
    let cut = copy.pull(&desk, &cut).await;
    assert_eq!(copy.rows, Copy::new(&direct).await.0.rows, "the primary was asked in its place");
    twins.pair.set_replay(true).await.unwrap();
    copy.pull(&desk, &cut).await;
}
