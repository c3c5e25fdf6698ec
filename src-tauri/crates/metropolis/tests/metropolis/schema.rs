//! Installing and upgrading.

use std::sync::Arc;

use sqlx::Row;
use vigie_core::port::{Metropolis, MetropolisError, MetropolisMode};
use vigie_core::rights::Role;
use vigie_core::table::{ColumnType, TABLES};
use vigie_metropolis::{Admin, Password, PgMetropolis, SCHEMA_VERSION};
use vigie_testkit::postgres::Server;

use vigie_core::equipment::Mode;

use crate::support::{City, Copy, DEADLINE, database, light, one, owner, report, seen, target};

#[tokio::test]
async fn the_tables_are_the_ones_the_core_declares() {
    let city = City::new().await;
    let mut connection = city.database.connect().await.unwrap();
    for table in TABLES {
        let found: Vec<(String, String, bool)> = sqlx::query(
            "SELECT attname::text, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute \
             WHERE attrelid = ('vigie.' || $1)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        )
        .bind(table.name)
        .fetch_all(&mut connection)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect();
        let declared = table.columns.iter().map(|c| {
            let kind = match c.kind {
                ColumnType::Uuid => "uuid",
                ColumnType::Int => "bigint",
                ColumnType::Real => "double precision",
                ColumnType::Text => "text",
                ColumnType::Bool => "boolean",
                ColumnType::Time => "timestamp with time zone",
                ColumnType::Json => "jsonb",
            };
            (c.name.to_owned(), kind.to_owned(), c.nullable)
        });
        let mut expected: Vec<_> = declared.chain([("change_xid".into(), "xid8".into(), false)]).collect();
        // A column that came with a later migration stands behind the stamp, and nothing reads columns by their place.
        let mut found = found;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", table.name);
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let database = database().await;
    let mut admin = owner(&database).await;
    let first = admin.migrate(MetropolisMode::Rehearsal, "Dijon").await.unwrap();
    assert_eq!((first.created, first.rights_changed, first.applied.last()), (true, true, Some(&SCHEMA_VERSION)));
    let before = admin.info().await.unwrap();
    let second = admin.migrate(MetropolisMode::Rehearsal, "Dijon").await.unwrap();
    assert_eq!((second.created, second.rights_changed, second.applied), (false, false, vec![]));
    let after = admin.info().await.unwrap();
    assert_eq!((after.epoch, after.name, after.mode), (before.epoch, before.name, before.mode));
}

#[tokio::test]
async fn the_mode_is_fixed_when_the_metropolis_is_created() {
    let database = database().await;
    let mut admin = owner(&database).await;
    admin.migrate(MetropolisMode::Live, "Dijon").await.unwrap();
    assert!(matches!(admin.migrate(MetropolisMode::Rehearsal, "Dijon").await, Err(MetropolisError::Denied(_))));
    let mut connection = database.connect().await.unwrap();
    for sql in
        ["UPDATE vigie.metropolis SET mode = 'rehearsal'", "DELETE FROM vigie.metropolis", "TRUNCATE vigie.metropolis"]
    {
        assert!(sqlx::raw_sql(sql).execute(&mut connection).await.is_err(), "{sql}");
    }
    assert_eq!(admin.info().await.unwrap().mode, MetropolisMode::Live);
}

#[tokio::test]
async fn a_live_metropolis_is_neither_loaded_nor_cleared_nor_wound() {
    let database = database().await;
    let mut admin = owner(&database).await;
    admin.migrate(MetropolisMode::Live, "Dijon").await.unwrap();
    assert!(matches!(admin.load_rows(&TABLES[0], &[]).await, Err(MetropolisError::Denied(_))));
    assert!(matches!(admin.clear_rows().await, Err(MetropolisError::Denied(_))));
    assert!(matches!(admin.set_clock(None, 60.0).await, Err(MetropolisError::Denied(_))));
    let mut connection = database.connect().await.unwrap();
    assert!(sqlx::raw_sql("SELECT vigie.set_clock(NULL, 60)").execute(&mut connection).await.is_err());
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_the_owner_and_by_a_desk_it_no_longer_serves() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let mut connection = city.database.connect().await.unwrap();
    let newer = SCHEMA_VERSION + 1;
    let add = |oldest: i64| {
        format!(
            "INSERT INTO vigie.migration VALUES ({newer}, 'later', '', {oldest}, now()) ON CONFLICT (number) DO UPDATE SET oldest_app = {oldest}"
        )
    };
    let run = async |connection: &mut sqlx::PgConnection, sql: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.unwrap();
    };

    run(&mut connection, add(SCHEMA_VERSION)).await;
    let served = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap();
    assert_eq!(served.identity().await.unwrap().schema_version, newer);
    let refused = city.admin.migrate(MetropolisMode::Rehearsal, "x").await;
    assert_eq!(refused, Err(MetropolisError::SchemaNewer { found: newer, known: SCHEMA_VERSION }));

    run(&mut connection, add(newer)).await;
    let refused = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.err();
    assert_eq!(refused, Some(MetropolisError::SchemaNewer { found: newer, known: SCHEMA_VERSION }));
}

#[tokio::test]
async fn a_program_of_the_version_before_reads_and_writes_a_newer_metropolis() {
    let mut city = City::new().await;
    let mut connection = city.database.connect().await.unwrap();
    // What a later version would add: a column, a table, a right to it, and the number that says whom it still serves.
    let later = format!(
        "ALTER TABLE vigie.desk ADD COLUMN floor text NOT NULL DEFAULT 'rez-de-chaussée';
         CREATE TABLE vigie.later (later_id uuid PRIMARY KEY);
         SELECT vigie.sync_table('later');
         ALTER TABLE vigie.later ENABLE ROW LEVEL SECURITY;
         INSERT INTO vigie.read_right VALUES ('later', 'remote_operator'), ('later', 'gateway');
         INSERT INTO vigie.later VALUES (gen_random_uuid());
         INSERT INTO vigie.migration VALUES ({}, 'later', '', {SCHEMA_VERSION}, now())",
        SCHEMA_VERSION + 1
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(later)).execute(&mut connection).await.unwrap();
    let (desk, gateway) = (city.session(Role::RemoteOperator).await, city.session(Role::Gateway).await);
    let (mut copy, cut) = Copy::new(&desk).await;
    assert_eq!(copy.of::<vigie_core::table::Desk>().len(), 1);
    let now = city.now().await;
    let seen = report(vec![seen(light(0), serde_json::json!({"level": 3}), Mode::Programme, now)]);
    assert_eq!(one(&gateway, seen).await.status, vigie_core::submission::OutcomeStatus::Applied);
    sqlx::raw_sql("UPDATE vigie.desk SET floor = 'premier'; DELETE FROM vigie.later")
        .execute(&mut connection)
        .await
        .unwrap();
    let cut = copy.pull(&desk, &cut).await;
    assert_eq!(copy.rows, Copy::new(&desk).await.0.rows);
    let sums = desk.sums(&cut).await.unwrap();
    assert!(sums.tables.iter().all(|sum| sum.table.name != "later"));
}

#[tokio::test]
async fn an_older_schema_asks_for_migrate() {
    let mut city = City::new().await;
    let login = city.login(Role::RemoteOperator).await;
    let mut connection = city.database.connect().await.unwrap();
    sqlx::query("DELETE FROM vigie.migration WHERE number = $1")
        .bind(SCHEMA_VERSION)
        .execute(&mut connection)
        .await
        .unwrap();
    let refused = PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.err();
    assert_eq!(refused, Some(MetropolisError::SchemaOlder { found: SCHEMA_VERSION - 1, needed: SCHEMA_VERSION }));
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let mut city = City::new().await;
    let mut connection = city.database.connect().await.unwrap();
    sqlx::raw_sql("UPDATE vigie.migration SET sha256 = 'other' WHERE number = 2")
        .execute(&mut connection)
        .await
        .unwrap();
    assert!(matches!(city.admin.migrate(MetropolisMode::Rehearsal, "x").await, Err(MetropolisError::Unexpected(_))));
}

#[tokio::test]
async fn a_database_without_vigie_says_so() {
    let mut city = City::new().await;
    let login = city.login(Role::Supervisor).await;
    let empty = database().await;
    let refused = PgMetropolis::connect(target(&empty, &login), DEADLINE).await.err();
    assert_eq!(refused, Some(MetropolisError::NotAMetropolis));
    assert_eq!(owner(&empty).await.info().await, Err(MetropolisError::NotAMetropolis));
}

#[tokio::test]
async fn an_owner_needs_no_superuser() {
    // On a server of its own: since PostgreSQL 16 the groups must be his own for him to grant them.
    let database = Arc::new(Server::start().unwrap()).database().await.unwrap();
    let mut connection = database.connect().await.unwrap();
    let sql = format!(
        "CREATE ROLE plain_owner LOGIN CREATEROLE PASSWORD 'plain'; GRANT CREATE ON DATABASE {} TO plain_owner",
        database.name()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    let mut admin = Admin::connect(&database.url("plain_owner"), Some(Password::new("plain"))).await.unwrap();
    admin.migrate(MetropolisMode::Rehearsal, "Dijon").await.unwrap();
    admin.create_login("plain_auditor", &Password::new("rehearsal"), Role::Auditor, None, None).await.unwrap();
    let auditor = PgMetropolis::connect(target(&database, "plain_auditor"), DEADLINE).await.unwrap();
    let identity = auditor.identity().await.unwrap();
    assert_eq!((identity.role, identity.timeline), (Role::Auditor, 1));
    assert_eq!(admin.catalogue_faults().await.unwrap(), []);
}

#[tokio::test]
async fn a_rehearsals_clock_is_set_and_scaled() {
    let mut city = City::new().await;
    let at = vigie_core::time::Timestamp(1_800_000_000_000);
    city.admin.set_clock(Some(at), 3600.0).await.unwrap();
    let session = city.session(Role::Auditor).await;
    let first = session.identity().await.unwrap();
    let second = session.identity().await.unwrap();
    assert!(first.server_time >= at && second.server_time > first.server_time);
    assert!((first.clock_rate - 3600.0).abs() < f64::EPSILON);
    city.admin.set_clock(None, 0.0).await.unwrap();
    let still = session.identity().await.unwrap().server_time;
    assert_eq!(session.identity().await.unwrap().server_time, still);
}
