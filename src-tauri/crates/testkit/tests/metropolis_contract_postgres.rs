//! The contract of the metropolis, held by PostgreSQL; and random stories that both metropolises must tell alike.

#![allow(clippy::unwrap_used, reason = "the lint's exception for tests does not see their helpers")]

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use proptest::prelude::*;
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;
use vigie_core::port::{Metropolis, MetropolisMode};
use vigie_core::table::{Row, TableRow, TableSpec};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, ConnectTarget, Password, PgMetropolis};
use vigie_testkit::metropolis_suite::story::{Told, stories, tell};
use vigie_testkit::metropolis_suite::training::TrainingFixture;
use vigie_testkit::metropolis_suite::{BORN, Fixture};
use vigie_testkit::postgres::{Database, Server};
use vigie_training::city::City;

/// A rehearsal metropolis in a database of its own, whose clock stands still.
struct PostgresFixture {
    database: Database,
    admin: Mutex<Admin>,
    city: City,
    sessions: Mutex<HashMap<String, Arc<PgMetropolis>>>,
}

async fn owner(database: &Database) -> Admin {
    Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap()
}

/// The suite's city, loaded once: each test has a copy of its database.
async fn loaded(city: &City) -> &'static Database {
    static LOADED: OnceCell<Database> = OnceCell::const_new();
    LOADED
        .get_or_init(|| async {
            let database = Server::shared().unwrap().database().await.unwrap();
            let mut admin = owner(&database).await;
            admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
            admin.set_clock(Some(BORN), 0.0).await.unwrap();
            admin.begin_epoch().await.unwrap();
            load(&mut admin, &city.communes).await;
            load(&mut admin, &city.ground).await;
            load(&mut admin, &city.zones).await;
            load(&mut admin, &city.persons).await;
            load(&mut admin, &city.desks).await;
            load(&mut admin, &city.shifts).await;
            load(&mut admin, &city.services).await;
            load(&mut admin, &city.equipment).await;
            load(&mut admin, &city.states).await;
            load(&mut admin, &city.history).await;
            load(&mut admin, &city.reaches).await;
            load(&mut admin, &city.inundations).await;
            database
        })
        .await
}

async fn load<R: TableRow>(admin: &mut Admin, rows: &[R]) {
    let rows: Vec<Row> = rows.iter().map(TableRow::to_row).collect();
    admin.load_rows(&R::SPEC, &rows).await.unwrap();
}

impl PostgresFixture {
    async fn open(city: City) -> Self {
        let database = loaded(&city).await.copy().await.unwrap();
        let admin = Mutex::new(owner(&database).await);
        Self { database, admin, city, sessions: Mutex::new(HashMap::new()) }
    }
}

#[async_trait]
impl Fixture for PostgresFixture {
    async fn session(&self, login: &str) -> Arc<dyn Metropolis> {
        let mut sessions = self.sessions.lock().await;
        if let Some(session) = sessions.get(login) {
            return session.clone();
        }
        let account = self.city.accounts.iter().find(|a| a.login == login).unwrap();
        // Logins belong to the whole server, which other tests share.
        let here = format!("{login}.{}", self.database.name());
        let password = Password::new("rehearsal");
        let mut admin = self.admin.lock().await;
        admin.create_login(&here, &password, account.role, account.person_id, account.desk_id).await.unwrap();
        let target = ConnectTarget {
            url: self.database.url(&here),
            password: Some(password),
            application_name: "vigie contract".into(),
        };
        let session = Arc::new(PgMetropolis::connect(target, Duration::from_secs(30)).await.unwrap());
        sessions.insert(login.to_owned(), session.clone());
        session
    }

    async fn now(&self) -> Timestamp {
        self.admin.lock().await.info().await.unwrap().server_time
    }

    async fn advance(&self, by: Duration) {
        let later = self.now().await.plus(by);
        self.admin.lock().await.set_clock(Some(later), 0.0).await.unwrap();
    }

    async fn begin_epoch(&self) -> Uuid {
        self.admin.lock().await.begin_epoch().await.unwrap()
    }

    async fn mark_overdue_effects(&self) -> usize {
        self.session("house").await;
        let house = self.sessions.lock().await.get("house").unwrap().clone();
        usize::try_from(house.mark_overdue_effects().await.unwrap()).unwrap()
    }

    async fn delete(&self, table: &'static TableSpec, key: Uuid) {
        assert_eq!(self.admin.lock().await.delete_rows(table, &[key]).await.unwrap(), 1);
    }
}

vigie_testkit::metropolis_contract!(PostgresFixture::open);

/// Rows of one that the other has not: a whole city is no reading for a failed test.
fn only_in(one: &Told, other: &Told) -> Vec<String> {
    // JSON in PostgreSQL has no negative zero.
    let plain = |row: &String| row.replace(":-0.0", ":0.0");
    let has: BTreeSet<_> =
        other.rows.iter().flat_map(|(table, rows)| rows.iter().map(move |r| (*table, plain(r)))).collect();
    let rows = one.rows.iter().flat_map(|(table, rows)| rows.iter().map(move |r| (*table, plain(r))));
    rows.filter(|row| !has.contains(row)).map(|(table, row)| format!("{table}: {row}")).collect()
}

proptest! {
    // A story takes a second: sixteen of them, more when PROPTEST_CASES asks for it.
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_metropolises_tell_the_same_story(moves in stories(60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (training, postgres) = runtime.block_on(async {
            let city = vigie_testkit::metropolis_suite::city();
            let training = TrainingFixture::open(city.clone()).await;
            let postgres = PostgresFixture::open(city).await;
            let told = (tell(&training, &moves).await, tell(&postgres, &moves).await);
            // A long search would fill the disk with cities.
            postgres.database.remove().await.unwrap();
            told
        });
        prop_assert_eq!(&training.answers, &postgres.answers);
        prop_assert_eq!(only_in(&training, &postgres), Vec::<String>::new(), "rows that only training has");
        prop_assert_eq!(only_in(&postgres, &training), Vec::<String>::new(), "rows that only PostgreSQL has");
    }
}
