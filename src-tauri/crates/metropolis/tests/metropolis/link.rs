//! Links that refuse, fall silent, or come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_metropolis::{ConnectTarget, Password, PgMetropolis};
use vigie_testkit::postgres::Server;
use vigie_testkit::proxy::{Passage, Proxy};

use crate::support::{City, Copy, DEADLINE, PASSWORD, target};

#[tokio::test]
async fn after_a_black_hole_a_dropped_call_costs_only_itself() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let proxy = Proxy::to(city.database.server().port()).await.unwrap();
    let url = format!("postgres://{login}@127.0.0.1:{}/{}", proxy.port(), city.database.name());
    let target = ConnectTarget { url, ..target(&city.database, &login) };
    let deadline = Duration::from_secs(1);
    let session = loop {
        // The test machine may be busy; the deadline is short for what follows.
        if let Ok(session) = PgMetropolis::connect(target.clone(), deadline).await {
            break session;
        }
    };
    let (_, cut) = Copy::new(&session).await;

    proxy.set(Passage::BlackHole);
    assert!(tokio::time::timeout(deadline, session.changes(&cut)).await.is_err());
    assert!(tokio::time::timeout(deadline, session.identity()).await.is_err());
    // Still silent: the new connection meets its own deadline.
    assert_eq!(session.changes(&cut).await, Err(MetropolisError::Deadline));
    proxy.set(Passage::Open);
    while session.changes(&cut).await.is_err() {}
    while session.identity().await.is_err() {}
    // The connections in use now are the new ones, and stay.
    assert!(session.changes(&cut).await.is_ok() && session.identity().await.is_ok());
}

#[tokio::test]
async fn a_call_dropped_in_the_middle_of_a_copy_leaves_nothing_behind() {
    struct Never;
    #[async_trait::async_trait]
    impl vigie_core::port::SnapshotSink for Never {
        async fn rows(
            &mut self,
            _: &'static vigie_core::table::TableSpec,
            _: Vec<vigie_core::table::Row>,
        ) -> Result<(), MetropolisError> {
            std::future::pending().await
        }
    }
    let mut city = City::new().await;
    let session = city.session(Role::RemoteOperator).await;
    let (copy, _) = Copy::new(&session).await;
    assert!(tokio::time::timeout(Duration::from_millis(200), session.snapshot(&mut Never)).await.is_err());
    assert_eq!(Copy::new(&session).await.0.rows, copy.rows);
}

#[tokio::test]
async fn a_connection_ended_by_the_server_fails_one_call() {
    let mut city = City::new().await;
    let session = city.session(Role::RemoteOperator).await;
    let (_, cut) = Copy::new(&session).await;
    let mut owner = city.database.connect().await.unwrap();
    let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'vigie test'";
    sqlx::raw_sql(end).execute(&mut owner).await.unwrap();
    assert!(matches!(session.changes(&cut).await, Err(MetropolisError::Unreachable(_))));
    assert!(session.changes(&cut).await.is_ok());
}

#[tokio::test]
async fn who_is_refused_is_told_why() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let connect = async |password: Option<&str>, url: String| {
        let target = ConnectTarget { url, password: password.map(Password::new), application_name: "t".into() };
        PgMetropolis::connect(target, DEADLINE).await.err().map(|e| e.code())
    };
    let url = city.database.url(&login);
    assert_eq!(connect(Some(PASSWORD), url.clone()).await, None);
    assert_eq!(connect(Some("wrong"), url.clone()).await, Some("sign_in_refused"));
    assert_eq!(connect(None, url.clone()).await, Some("password_needed"));
    assert_eq!(connect(None, url.replace('@', ":rehearsal@")).await, Some("sign_in_refused"));
    assert_eq!(connect(Some(PASSWORD), city.database.url("nobody_of_the_sort")).await, Some("sign_in_refused"));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(connect(Some(PASSWORD), format!("postgres://{login}@127.0.0.1:{closed}/x")).await, Some("unreachable"));
    assert_eq!(connect(Some(PASSWORD), "postgres://a b".into()).await, Some("unreachable"));
    // A distant server must have TLS; this one has none.
    assert_eq!(connect(Some(PASSWORD), format!("{url}?sslmode=verify-full")).await, Some("tls_plain"));
}

#[tokio::test]
async fn a_workstation_holds_two_connections_at_most() {
    let mut city = City::new().await;
    let session = Arc::new(city.session(Role::RemoteOperator).await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let session = session.clone();
        tasks.spawn(async move {
            let (_, cut) = Copy::new(&session).await;
            session.changes(&cut).await.unwrap();
            session.identity().await.unwrap();
        });
    }
    tasks.join_all().await;
    let mut owner = city.database.connect().await.unwrap();
    let count =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vigie test'";
    let open: i64 = sqlx::Row::get(&sqlx::query(count).fetch_one(&mut owner).await.unwrap(), 0);
    assert_eq!(open, 2);
}

#[tokio::test]
async fn a_server_that_stops_is_unreachable_and_leaves_nothing_on_the_disk() {
    let server = Arc::new(Server::start().unwrap());
    let database = server.database().await.unwrap();
    let mut admin = crate::support::owner(&database).await;
    admin.migrate(vigie_core::port::MetropolisMode::Rehearsal, "x").await.unwrap();
    admin.create_login("one", &Password::new(PASSWORD), Role::Auditor, None, None).await.unwrap();
    let session = PgMetropolis::connect(target(&database, "one"), DEADLINE).await.unwrap();
    let directory = server.directory().to_owned();
    assert!(directory.exists());
    drop((database, server));
    assert!(!directory.exists());
    for _ in 0..2 {
        assert!(matches!(session.identity().await, Err(MetropolisError::Unreachable(_))));
    }
}
