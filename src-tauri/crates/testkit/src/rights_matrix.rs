//! Every role × every operation × every table, query, kind and function, by real logins that go round the application.
//!
//! What is expected comes from `rights.toml`; what is found, from the server's own answers.

use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};
use uuid::Uuid;
use vigie_core::rights::{Rights, Role, rights};

use crate::postgres::Database;

/// What was tried, and where the server said otherwise than `rights.toml`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Cells tried.
    pub cells: usize,
    /// Cells that differ, in words.
    pub faults: Vec<String>,
}

impl Report {
    fn cell(&mut self, expected: bool, found: bool, what: impl FnOnce() -> String) {
        self.cells += 1;
        if expected != found {
            self.faults.push(format!("{}: {}", if found { "open" } else { "closed" }, what()));
        }
    }
}

/// Tries everything in a migrated rehearsal, one login for each role, all with this password. `callable` is what the
/// metropolis says it lets logins execute: a signature as PostgreSQL prints it without spaces, and the role, or all.
pub async fn check(
    database: &Database,
    logins: &[(Role, String)],
    password: &str,
    callable: &[(String, Option<Role>)],
) -> Result<Report, sqlx::Error> {
    let mut owner = database.connect().await?;
    sqlx::raw_sql(
        "INSERT INTO vigie.zone (zone_id, reference, name, kind, outline) \
         SELECT gen_random_uuid(), 'matrix-' || k, 'matrix', k, '{}' FROM unnest(ARRAY['cctv','closed_building','flood','district']) k \
         ON CONFLICT (reference) DO NOTHING",
    )
    .execute(&mut owner)
    .await?;
    let mut report = Report::default();
    for (role, login) in logins {
        let mut connection = database.options(login, password).connect().await?;
        tables(&mut report, &mut owner, &mut connection, *role).await?;
        hidden_rows(&mut report, &mut owner, &mut connection, *role).await?;
        functions(&mut report, &mut connection, *role, callable).await?;
        submissions(&mut report, &mut connection, *role).await?;
        fetches(&mut report, &mut connection, *role).await?;
    }
    Ok(report)
}

/// Whether the server let a statement pass the question of rights (it may still fail for another reason).
async fn passes(connection: &mut PgConnection, sql: String) -> Result<bool, sqlx::Error> {
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) => Ok(error.code().as_deref() != Some("42501")),
        Err(error) => Err(error),
    }
}

async fn strings(owner: &mut PgConnection, sql: String) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql)).fetch_all(owner).await?.iter().map(|row| row.try_get(0)).collect()
}

/// Reading whole, reading each column, and every way of writing.
async fn tables(
    report: &mut Report,
    owner: &mut PgConnection,
    connection: &mut PgConnection,
    role: Role,
) -> Result<(), sqlx::Error> {
    let all = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'vigie'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')";
    for table in strings(owner, all.to_owned()).await? {
        let columns = strings(
            owner,
            format!("SELECT attname::text FROM pg_attribute WHERE attrelid = 'vigie.{table}'::regclass AND attnum > 0 AND NOT attisdropped"),
        )
        .await?;
        for column in &columns {
            let expected = reads_column(rights(), role, &table, column);
            let found = passes(connection, format!("SELECT {column} FROM vigie.{table} LIMIT 1")).await?;
            report.cell(expected, found, || format!("{role} reads {table}.{column}"));
        }
        // Not the first: what generates itself is refused before the question of rights.
        let last = columns.last().map_or("", String::as_str);
        for write in [
            format!("INSERT INTO vigie.{table} DEFAULT VALUES"),
            format!("UPDATE vigie.{table} SET {last} = {last}"),
            format!("DELETE FROM vigie.{table}"),
            format!("TRUNCATE vigie.{table}"),
            format!("DROP TABLE vigie.{table}"),
        ] {
            report.cell(false, passes(connection, write.clone()).await?, || format!("{role}: {write}"));
        }
    }
    Ok(())
}

fn reads_column(rights: &Rights, role: Role, table: &str, column: &str) -> bool {
    let hidden = rights.table.get(table).and_then(|t| t.hidden.get(column)).is_some_and(|roles| roles.contains(&role));
    // A tombstone is read by all, less those of rows that they do not see.
    table == "tombstone" || (rights.may_read(role, table) && !hidden)
}

/// Rows that are kept from a role by the value of their scope.
async fn hidden_rows(
    report: &mut Report,
    owner: &mut PgConnection,
    connection: &mut PgConnection,
    role: Role,
) -> Result<(), sqlx::Error> {
    for (table, rows) in rights().table.iter().filter_map(|(table, t)| Some((table, t.rows.as_ref()?))) {
        let column = &rows.column;
        for value in strings(owner, format!("SELECT DISTINCT {column} FROM vigie.{table}")).await? {
            let hidden = rows.hidden.get(&value).is_some_and(|roles| roles.contains(&role));
            let sql = format!("SELECT 1 FROM vigie.{table} WHERE {column} = '{value}' LIMIT 1");
            let seen = match sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut *connection).await {
                Ok(row) => row.is_some(),
                Err(sqlx::Error::Database(_)) => false,
                Err(error) => return Err(error),
            };
            report.cell(rights().may_read(role, table) && !hidden, seen, || {
                format!("{role} sees rows of {table} with {column} = {value}")
            });
        }
    }
    Ok(())
}

/// What may be executed, as the server itself answers the login.
async fn functions(
    report: &mut Report,
    connection: &mut PgConnection,
    role: Role,
    callable: &[(String, Option<Role>)],
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT translate(replace(p.oid::regprocedure::text, 'vigie.', ''), ' \"', ''), has_function_privilege(p.oid, 'EXECUTE') \
         FROM pg_proc p WHERE p.pronamespace = 'vigie'::regnamespace",
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let (signature, found): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let expected = callable.iter().any(|(name, only)| *name == signature && only.is_none_or(|only| only == role));
        report.cell(expected, found, || format!("{role} executes {signature}"));
    }
    Ok(())
}

async fn submissions(report: &mut Report, connection: &mut PgConnection, role: Role) -> Result<(), sqlx::Error> {
    for kind in rights().submission.keys() {
        #[allow(clippy::disallowed_methods, reason = "a test against a real server needs no repeatable identifiers")]
        let id = Uuid::now_v7();
        let batch = serde_json::json!([{"submission_id": id, "kind": kind, "kind_version": 1, "payload": {}}]);
        let code: Option<String> = sqlx::query("SELECT vigie.submit($1::text::jsonb) -> 0 ->> 'code'")
            .bind(batch.to_string())
            .fetch_one(&mut *connection)
            .await?
            .try_get(0)?;
        let found = code.as_deref() != Some("not_allowed");
        report.cell(rights().may_submit(role, kind), found, || format!("{role} submits {kind}"));
    }
    Ok(())
}

async fn fetches(report: &mut Report, connection: &mut PgConnection, role: Role) -> Result<(), sqlx::Error> {
    for query in rights().fetch.keys() {
        let found = passes(connection, format!("SELECT vigie.fetch('{query}', '{{}}', 'matrix')")).await?;
        report.cell(rights().may_fetch(role, query), found, || format!("{role} fetches {query}"));
    }
    Ok(())
}
