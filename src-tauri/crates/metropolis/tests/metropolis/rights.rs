//! Rights, met by logins that go round the application.

use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};
use uuid::Uuid;
use vigie_core::ids::ZoneId;
use vigie_core::port::{Metropolis, MetropolisError, MetropolisMode};
use vigie_core::rights::{Role, rights};
use vigie_core::submission::Submission;
use vigie_core::table::{Command, Equipment, TableRow, Zone};
use vigie_metropolis::{AccountHolder, Admin, CatalogueFault, Password, PgMetropolis, callable};
use vigie_testkit::rights_matrix;

use crate::support::{City, Copy, DEADLINE, PASSWORD, dim, load, one, target};

async fn raw(city: &City, login: &str) -> PgConnection {
    city.database.options(login, PASSWORD).connect().await.unwrap()
}

async fn try_run(connection: &mut PgConnection, sql: &str) -> Result<u64, String> {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(|d| d.rows_affected()).map_err(|e| e.as_database_error().unwrap().code().unwrap().into_owned())
}

#[tokio::test]
async fn each_role_does_what_rights_toml_says_and_nothing_else_by_a_login_of_its_own() {
    let mut city = City::new().await;
    let mut logins = Vec::new();
    for role in Role::ALL {
        logins.push((*role, city.login(*role).await));
    }
    let report = rights_matrix::check(&city.database, &logins, PASSWORD, &callable()).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    assert!(report.cells > 3_000, "{} cells", report.cells);
}

#[tokio::test]
async fn the_matrix_sees_a_right_that_was_given_or_taken_by_hand() {
    let mut city = City::new().await;
    let logins = [(Role::Manager, city.login(Role::Manager).await)];
    let mut owner = city.database.connect().await.unwrap();
    sqlx::raw_sql(
        "GRANT SELECT (login) ON vigie.account TO vigie_manager; REVOKE SELECT ON vigie.desk FROM vigie_manager;
         GRANT TRUNCATE ON vigie.desk TO vigie_manager; DELETE FROM vigie.fetch_right WHERE role = 'manager';
         INSERT INTO vigie.hidden_row VALUES ('zone', 'flood', 'manager')",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let found = rights_matrix::check(&city.database, &logins, PASSWORD, &callable()).await.unwrap().faults;
    for fault in [
        "open: manager reads account.login",
        "closed: manager reads desk.name",
        "open: manager: TRUNCATE vigie.desk",
        "closed: manager fetches history",
        "closed: manager sees rows of zone with kind = flood",
    ] {
        assert!(found.iter().any(|f| f == fault), "{fault} is not in {found:?}");
    }
}

#[tokio::test]
async fn a_row_whose_scope_closes_leaves_the_copies_of_those_who_may_no_longer_see_it() {
    let mut city = City::new().await;
    let zone = Zone {
        zone_id: ZoneId(Uuid::from_u128(0x300)),
        reference: "Z-1".into(),
        name: "Lycée".into(),
        kind: "district".into(),
        outline: json!({}),
        revision: None,
        person_id: None,
        changed_at: None,
    };
    load(&mut city.admin, std::slice::from_ref(&zone)).await;
    let (watch, calls) = (city.session(Role::CctvOperator).await, city.session(Role::CallAgent).await);
    let ((mut seen, mut watch_cut), (mut kept, mut calls_cut)) = (Copy::new(&watch).await, Copy::new(&calls).await);
    assert_eq!((seen.of::<Zone>().len(), kept.of::<Zone>().len()), (1, 1));
    let mut owner = city.database.connect().await.unwrap();
    // Twice, so that the second move must not hide the first from a copy that missed both; then back.
    for (kinds, for_watch, for_calls) in [
        (vec!["closed_building"], 1, 0),
        (vec!["cctv", "closed_building"], 1, 0),
        (vec!["district"], 1, 1),
        (vec!["flood", "closed_building"], 1, 0),
    ] {
        for kind in kinds {
            sqlx::query("UPDATE vigie.zone SET kind = $1").bind(kind).execute(&mut owner).await.unwrap();
        }
        watch_cut = seen.pull(&watch, &watch_cut).await;
        calls_cut = kept.pull(&calls, &calls_cut).await;
        assert_eq!((seen.of::<Zone>().len(), kept.of::<Zone>().len()), (for_watch, for_calls));
    }
    // Nor does its deletion tell them that it was there.
    city.admin.delete_rows(&Zone::SPEC, &[zone.zone_id.0]).await.unwrap();
    let changes = calls.changes(&calls_cut).await.unwrap();
    assert!(changes.tables.is_empty(), "{changes:?}");
    seen.pull(&watch, &watch_cut).await;
    assert!(seen.of::<Zone>().is_empty());
}

#[tokio::test]
async fn words_that_are_hidden_from_a_role_reach_it_empty() {
    let mut city = City::new().await;
    let (desk, auditor) = (city.session(Role::RemoteOperator).await, city.session(Role::Auditor).await);
    let now = city.now().await;
    let (mut copy, cut) = Copy::new(&auditor).await;
    one(&desk, Submission::command(dim(0, 40, now))).await;
    copy.pull(&auditor, &cut).await;
    let of = |rows: Vec<Command>| rows.into_iter().map(|c| c.reason).collect::<Vec<_>>();
    assert_eq!(of(copy.of::<Command>()), [""]);
    assert_eq!(of(crate::support::rows::<Command>(&auditor).await), [""]);
    assert_eq!(of(crate::support::rows::<Command>(&desk).await), ["appel d'un riverain"]);
}

#[tokio::test]
async fn tombstones_have_the_rights_of_their_rows() {
    let mut city = City::new().await;
    let (operator, social) = (city.login(Role::RemoteOperator).await, city.login(Role::SocialWorker).await);
    city.admin.delete_rows(&Equipment::SPEC, &[crate::support::light(3).0]).await.unwrap();
    let mut seen = Vec::new();
    for login in [operator, social] {
        let mut connection = raw(&city, &login).await;
        let rows = sqlx::query("SELECT DISTINCT table_name FROM vigie.tombstone ORDER BY 1")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        seen.push(rows.iter().map(|r| r.get::<String, _>(0)).collect::<Vec<_>>());
    }
    assert_eq!(seen, [vec!["equipment".to_owned(), "equipment_state".into()], vec![]]);
}

#[tokio::test]
async fn a_snapshot_holds_the_tables_of_the_role_and_no_other() {
    let mut city = City::new().await;
    let social = city.session(Role::SocialWorker).await;
    let (copy, _) = Copy::new(&social).await;
    let tables: std::collections::BTreeSet<_> = copy.rows.keys().map(|(table, _)| *table).collect();
    assert_eq!(tables, ["desk", "person", "shift"].into());
}

#[tokio::test]
async fn a_locked_account_reads_and_writes_nothing_at_once() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let session = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap();
    let (_, cut) = Copy::new(&session).await;
    let mut connection = raw(&city, &login).await;
    assert_ne!(try_run(&mut connection, "SELECT * FROM vigie.equipment").await, Ok(0));

    city.admin.set_locked(&login, true).await.unwrap();
    assert_eq!(try_run(&mut connection, "SELECT * FROM vigie.equipment").await, Ok(0));
    let order = Submission::command(dim(0, 40, city.now().await));
    assert_eq!(one(&session, order.clone()).await.code.as_deref(), Some("no_account"));
    // Told so, rather than shown an empty city; by a connection that is made anew as well.
    assert!(matches!(session.changes(&cut).await, Err(MetropolisError::AccountClosed(_))));
    assert!(matches!(session.snapshot(&mut Copy::default()).await, Err(MetropolisError::AccountClosed(_))));
    for _ in 0..2 {
        assert!(matches!(session.identity().await, Err(MetropolisError::AccountClosed(_))));
    }
    city.admin.set_locked(&login, false).await.unwrap();
    assert_eq!(one(&session, order).await.code, None);
}

#[tokio::test]
async fn a_login_without_an_account_here_sees_nothing_of_this_metropolis() {
    let mut elsewhere = City::new().await;
    let login = elsewhere.login(Role::Supervisor).await;
    let city = City::new().await;
    let mut connection = raw(&city, &login).await;
    assert_eq!(try_run(&mut connection, "SELECT * FROM vigie.equipment").await, Ok(0));
    let session = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await;
    assert!(matches!(session.map(drop), Err(MetropolisError::AccountClosed(_))));
}

#[tokio::test]
async fn a_change_of_role_makes_the_replica_anew() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let session = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap();
    let before = session.identity().await.unwrap().rights;
    let (_, cut) = Copy::new(&session).await;
    city.admin.create_login(&login, &Password::new(PASSWORD), Role::SocialWorker, None, None).await.unwrap();
    assert!(matches!(session.changes(&cut).await, Err(MetropolisError::ResyncNeeded(_))));
    let (copy, cut) = Copy::new(&session).await;
    assert!(copy.rows.keys().all(|(table, _)| rights().may_read(Role::SocialWorker, table)));
    assert_ne!(session.identity().await.unwrap().rights, before);
    session.changes(&cut).await.unwrap();
}

fn fault(fault: &str, object: &str) -> CatalogueFault {
    CatalogueFault { fault: fault.into(), object: object.into() }
}

#[tokio::test]
async fn the_catalogue_is_without_fault_and_a_fault_made_on_purpose_is_reported() {
    let mut city = City::new().await;
    city.login(Role::ItAdmin).await;
    assert_eq!(city.admin.catalogue_faults().await.unwrap(), []);
    let mut owner = city.database.connect().await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE vigie.secret (id uuid PRIMARY KEY);
         GRANT SELECT ON vigie.secret TO vigie_supervisor;
         GRANT INSERT ON vigie.desk TO vigie_supervisor;
         CREATE VIEW vigie.leak AS SELECT * FROM vigie.account;
         CREATE TABLE vigie.forgotten (forgotten_id uuid PRIMARY KEY);
         SELECT vigie.sync_table('forgotten');
         ALTER TABLE vigie.forgotten ENABLE ROW LEVEL SECURITY;
         CREATE FUNCTION vigie.open_to_all() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut found = city.admin.catalogue_faults().await.unwrap();
    found.sort_by(|a, b| (&a.fault, &a.object).cmp(&(&b.fault, &b.object)));
    assert_eq!(
        found,
        [
            fault("SECURITY DEFINER without the fixed search_path", "open_to_all()"),
            fault("function that PUBLIC may execute", "open_to_all()"),
            fault("readable without an entry in rights.toml", "secret by vigie_supervisor"),
            fault("synced table without an entry in rights.toml", "forgotten"),
            fault("table without row-level security", "secret"),
            fault("view that reads with its owner's rights", "leak"),
            fault("writable by a client", "desk by vigie_supervisor"),
        ]
    );
    // What may be repaired by applying the rights again is.
    city.admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
    let left: Vec<_> = city.admin.catalogue_faults().await.unwrap().into_iter().map(|f| f.object).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[tokio::test]
async fn no_login_can_give_itself_more() {
    let mut city = City::new().await;
    let login = city.login(Role::ItAdmin).await;
    let mut connection = raw(&city, &login).await;
    for sql in [
        "CREATE ROLE mine SUPERUSER",
        "CREATE ROLE mine",
        "GRANT vigie_gateway TO CURRENT_USER",
        "SET ROLE vigie_gateway",
        "SET SESSION AUTHORIZATION owner",
    ] {
        assert!(try_run(&mut connection, sql).await.is_err(), "{sql}");
    }
}

async fn as_login(city: &City, login: &str) -> Admin {
    Admin::connect(&city.database.url(login), Some(Password::new(PASSWORD))).await.unwrap()
}

fn denied<T: std::fmt::Debug>(answer: &Result<T, MetropolisError>) {
    assert!(matches!(answer, Err(MetropolisError::Denied(_))), "{answer:?}");
}

#[tokio::test]
async fn it_opens_locks_and_moves_the_accounts_of_those_who_work_here() {
    let mut city = City::new().await;
    let it = city.login(Role::ItAdmin).await;
    let mut it = as_login(&city, &it).await;
    let login = format!("p.durand-{}", city.database.name());
    let holder = AccountHolder::New("P. Durand".into());
    let id = it
        .create_account(
            &login,
            Some(&Password::new(PASSWORD)),
            Role::RemoteOperator,
            &holder,
            Some(crate::support::DESK),
        )
        .await
        .unwrap();
    let session = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap();
    assert_eq!(session.identity().await.unwrap().role, Role::RemoteOperator);
    let line = it.accounts().await.unwrap().into_iter().find(|a| a.login == login).unwrap();
    assert_eq!((line.person.as_deref(), line.locked, line.account_id), (Some("P. Durand"), false, id));

    it.set_role(&login, Role::CallAgent).await.unwrap();
    assert_eq!(session.identity().await.unwrap().role, Role::CallAgent);
    it.set_locked(&login, true).await.unwrap();
    assert!(matches!(session.identity().await, Err(MetropolisError::AccountClosed(_))));
    it.set_locked(&login, false).await.unwrap();
    it.set_password(&login, &Password::new("another")).await.unwrap();
    let again = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await;
    assert!(matches!(again, Err(MetropolisError::SignInRefused(_))), "the former password no longer opens");

    // Who did what to which account stands in the journal, without a login spelled.
    let mut owner = city.database.connect().await.unwrap();
    let acts: Vec<String> = sqlx::query("SELECT kind FROM vigie.journal WHERE subject = $1 ORDER BY journal_id")
        .bind(id)
        .fetch_all(&mut owner)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(acts, ["account.create", "account.role", "account.lock", "account.unlock", "account.password"]);
}

#[tokio::test]
async fn nobody_becomes_more_through_accounts() {
    let mut city = City::new().await;
    let (it, other_it) = (city.login(Role::ItAdmin).await, city.login(Role::ItAdmin).await);
    let (gateway, auditor, operator) =
        (city.login(Role::Gateway).await, city.login(Role::Auditor).await, city.login(Role::RemoteOperator).await);
    let mut admin = as_login(&city, &it).await;
    let password = Password::new(PASSWORD);
    let someone = AccountHolder::New("X".into());
    for role in [Role::ItAdmin, Role::Auditor, Role::Gateway, Role::House] {
        denied(&admin.create_account("somebody", Some(&password), role, &someone, None).await);
        denied(&admin.set_role(&operator, role).await);
    }
    for untouchable in [&it, &other_it, &gateway, &auditor] {
        denied(&admin.set_password(untouchable, &password).await);
        denied(&admin.set_role(untouchable, Role::Supervisor).await);
        denied(&admin.set_locked(untouchable, true).await);
    }
    // Logins of the server itself: neither taken over nor given a password.
    let mut owner = city.database.connect().await.unwrap();
    let creator = format!("creator_{}", city.database.name());
    for sql in [
        format!("CREATE ROLE {creator} LOGIN CREATEROLE"),
        format!("CREATE ROLE reader_{creator} LOGIN IN ROLE pg_read_server_files"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    for server in ["owner".to_owned(), creator.clone(), format!("reader_{creator}")] {
        denied(&admin.create_account(&server, Some(&password), Role::Supervisor, &someone, None).await);
        denied(&city.admin.create_account(&server, Some(&password), Role::Supervisor, &someone, None).await);
    }
    for bad in ["vigie_supervisor", "pg_monitor", "a b", "x\"; DROP ROLE owner; --", ""] {
        let refused = admin.create_account(bad, Some(&password), Role::Supervisor, &someone, None).await;
        assert!(matches!(refused, Err(MetropolisError::Denied(_))), "{bad}: {refused:?}");
    }
    // A password in clear, or an attribute in its place, is no verifier.
    let mut raw_it = raw(&city, &it).await;
    for verifier in ["secret", "md5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "x' SUPERUSER PASSWORD 'x"] {
        let made = sqlx::query("SELECT vigie.account_set_password($1, $2)").bind(&operator).bind(verifier);
        assert!(made.execute(&mut raw_it).await.is_err(), "{verifier}");
    }
    // An operator administers nothing; a locked administrator neither.
    let mut plain = as_login(&city, &operator).await;
    denied(&plain.accounts().await);
    denied(&plain.set_locked(&it, true).await);
    city.admin.set_locked(&it, true).await.unwrap();
    denied(&admin.accounts().await);
    assert_eq!(city.admin.catalogue_faults().await.unwrap(), []);
}

#[tokio::test]
async fn an_account_that_got_createrole_or_a_group_of_the_server_is_a_fault_of_the_catalogue() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let mut owner = city.database.connect().await.unwrap();
    let sql = format!("ALTER ROLE {login} CREATEROLE; GRANT pg_execute_server_program TO {login}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    let found = city.admin.catalogue_faults().await.unwrap();
    let expected = [
        fault("member of a group that is not Vigie's", &format!("{login} in pg_execute_server_program")),
        fault("role with more than its rights", &login),
    ];
    assert!(expected.iter().all(|fault| found.contains(fault)), "{found:?}");
}
