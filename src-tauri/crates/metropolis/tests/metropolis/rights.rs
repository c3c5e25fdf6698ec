//! Rights, met by logins that go round the application.

use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};
use vigie_core::port::{Metropolis, MetropolisError, MetropolisMode};
use vigie_core::rights::{Role, rights};
use vigie_core::submission::Submission;
use vigie_core::table::TABLES;
use vigie_metropolis::{CatalogueFault, Password, PgMetropolis};

use crate::support::{City, Copy, DEADLINE, PASSWORD, dim, one, target};

async fn raw(city: &City, login: &str) -> PgConnection {
    city.database.options(login, PASSWORD).connect().await.unwrap()
}

async fn try_run(connection: &mut PgConnection, sql: &str) -> Result<u64, String> {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(|d| d.rows_affected()).map_err(|e| e.as_database_error().unwrap().code().unwrap().into_owned())
}

#[tokio::test]
async fn each_role_reads_what_rights_toml_says_and_writes_nothing() {
    let mut city = City::new().await;
    for role in Role::ALL {
        let login = city.login(*role).await;
        let mut connection = raw(&city, &login).await;
        for table in TABLES {
            let read = try_run(&mut connection, &format!("SELECT * FROM vigie.{}", table.name)).await;
            assert_eq!(read.is_ok(), rights().may_read(*role, table.name), "{role} reads {}", table.name);
            for write in [
                format!("DELETE FROM vigie.{}", table.name),
                format!("UPDATE vigie.{0} SET {1} = {1}", table.name, table.key()),
            ] {
                assert_eq!(try_run(&mut connection, &write).await, Err("42501".into()), "{role}: {write}");
            }
        }
        for hidden in
            ["submission", "journal", "account", "fetch_reason", "migration", "metropolis", "read_right", "action"]
        {
            let read = try_run(&mut connection, &format!("SELECT * FROM vigie.{hidden}")).await;
            assert_eq!(read, Err("42501".into()), "{role} reads {hidden}");
        }
        for call in [
            "vigie.set_clock(NULL, 1)",
            "vigie.submit_one(NULL, '{}', now())",
            "vigie.catalogue_faults()",
            "vigie.write_journal(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)",
        ] {
            assert_eq!(
                try_run(&mut connection, &format!("SELECT {call}")).await,
                Err("42501".into()),
                "{role}: {call}"
            );
        }
        assert_eq!(try_run(&mut connection, "CREATE TABLE vigie.mine ()").await, Err("42501".into()));
    }
}

#[tokio::test]
async fn tombstones_have_the_rights_of_their_rows() {
    let mut city = City::new().await;
    let (operator, social) = (city.login(Role::RemoteOperator).await, city.login(Role::SocialWorker).await);
    city.admin.delete_rows(&TABLES[6], &[crate::support::light(3).0]).await.unwrap();
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
    // Told so, rather than shown an empty city.
    assert!(matches!(session.changes(&cut).await, Err(MetropolisError::Denied(_))));
    assert!(matches!(session.snapshot(&mut Copy::default()).await, Err(MetropolisError::Denied(_))));
    assert!(matches!(session.identity().await, Err(MetropolisError::Denied(_))));
    let order = Submission::command(dim(0, 40, city.now().await));
    assert_eq!(one(&session, order.clone()).await.code.as_deref(), Some("no_account"));
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
    let session = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap();
    assert!(matches!(session.identity().await, Err(MetropolisError::Denied(_))));
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
