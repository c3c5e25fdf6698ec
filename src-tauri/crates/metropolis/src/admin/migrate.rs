//! Installing and upgrading: migrations in order, then functions, rules and rights, all in one transaction.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use sqlx::Row;
use vigie_core::alarm::default_rules;
use vigie_core::port::{MetropolisError, MetropolisMode};
use vigie_core::rights::rights;

use crate::admin::rules::{alarm_rule, rules};
use crate::admin::{Admin, get, rights::rights_script};
use crate::error::map;
use crate::schema::{FUNCTIONS, MIGRATIONS, SCHEMA_VERSION};

/// What [`Admin::migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations that were applied now, by number.
    pub applied: Vec<i64>,
    /// Whether the metropolis was made now.
    pub created: bool,
    /// Whether the rights script differs from the one applied before.
    pub rights_changed: bool,
}

/// Any number, as long as every Vigie uses the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('vigie.migrate', 0))";

const MIGRATION_TABLE: &str = "CREATE SCHEMA IF NOT EXISTS vigie;
CREATE TABLE IF NOT EXISTS vigie.migration (
    number bigint PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    -- The oldest program that still works after it.
    oldest_app bigint NOT NULL,
    applied_at timestamptz NOT NULL
)";

pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Admin {
    /// Makes the metropolis or brings it to this program's schema; then functions, rules and rights are applied again.
    /// All or nothing; doing it twice changes nothing. Refuses a newer schema, an edited migration, another mode.
    pub async fn migrate(&mut self, mode: MetropolisMode, name: &str) -> Result<Migrated, MetropolisError> {
        if mode == MetropolisMode::Training {
            return Err(MetropolisError::Denied("training has no database: choose live or rehearsal".into()));
        }
        // Roles belong to the whole server: made before, so that the transaction holds nothing other databases wait for.
        self.run(super::rights::roles_script()).await?;
        self.run("BEGIN").await?;
        match self.migrate_within(mode, name).await {
            Ok(done) => {
                self.run("COMMIT").await?;
                Ok(done)
            }
            Err(error) => {
                self.run("ROLLBACK").await?;
                Err(error)
            }
        }
    }

    async fn migrate_within(&mut self, mode: MetropolisMode, name: &str) -> Result<Migrated, MetropolisError> {
        self.run(LOCK).await?;
        self.run("SET LOCAL client_min_messages = warning").await?;
        self.run(MIGRATION_TABLE).await?;
        let applied = self.apply_migrations().await?;
        for (file, sql) in FUNCTIONS {
            self.run(*sql).await.map_err(|e| within(file, e))?;
        }
        let created = self.found(mode, name).await?;
        self.run("SELECT vigie.keep_partitions()").await?;
        for (table, rows) in rules() {
            self.fill(table, &rows).await?;
        }
        self.fill_alarm_rules().await?;
        let rights_changed = self.apply_rights().await?;
        Ok(Migrated { applied, created, rights_changed })
    }

    async fn apply_migrations(&mut self) -> Result<Vec<i64>, MetropolisError> {
        let before = sqlx::query("SELECT number, name, sha256 FROM vigie.migration ORDER BY number")
            .fetch_all(&mut self.connection)
            .await
            .map_err(|e| map(&e))?;
        if let Some(found) =
            before.last().map(|row| get::<i64>(row, "number")).transpose()?.filter(|n| *n > SCHEMA_VERSION)
        {
            return Err(MetropolisError::SchemaNewer { found, known: SCHEMA_VERSION });
        }
        let mut applied = Vec::new();
        for migration in MIGRATIONS {
            let hash = sha256(migration.sql);
            let known = before.iter().find(|row| row.try_get("number").is_ok_and(|n: i64| n == migration.number));
            if let Some(row) = known {
                if get::<String>(row, "sha256")? != hash {
                    return Err(MetropolisError::Unexpected(format!(
                        "migration {} was applied with another text: this program and this metropolis do not belong together",
                        migration.number
                    )));
                }
                continue;
            }
            self.run(migration.sql).await.map_err(|e| within(migration.name, e))?;
            sqlx::query("INSERT INTO vigie.migration VALUES ($1, $2, $3, $4, clock_timestamp())")
                .bind(migration.number)
                .bind(migration.name)
                .bind(hash)
                .bind(migration.oldest_app)
                .execute(&mut self.connection)
                .await
                .map_err(|e| map(&e))?;
            applied.push(migration.number);
        }
        Ok(applied)
    }

    /// The one row of `vigie.metropolis`, made once.
    async fn found(&mut self, mode: MetropolisMode, name: &str) -> Result<bool, MetropolisError> {
        let inserted = sqlx::query(
            "INSERT INTO vigie.metropolis (name, mode, epoch, epoch_began, clock_at, clock_real) \
             SELECT $1, $2, gen_random_uuid(), t.at, t.at, t.at FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) t \
             ON CONFLICT DO NOTHING",
        )
        .bind(name.to_owned())
        .bind(mode.code())
        .execute(&mut self.connection)
        .await
        .map_err(|e| map(&e))?;
        if inserted.rows_affected() == 1 {
            return Ok(true);
        }
        let found: String = get(&self.row("SELECT mode FROM vigie.metropolis").await?, "mode")?;
        if found == mode.code() {
            Ok(false)
        } else {
            Err(MetropolisError::Denied(format!("this metropolis is {found}, which is fixed when it is created")))
        }
    }

    /// Makes a table of rules equal to the program's rows; rows that are right already are not touched.
    async fn fill(&mut self, table: &str, rows: &serde_json::Value) -> Result<(), MetropolisError> {
        let wanted = format!("jsonb_populate_recordset(NULL::vigie.{table}, $1::text::jsonb)");
        for sql in [
            format!(
                "DELETE FROM vigie.{table} t WHERE NOT EXISTS (SELECT FROM {wanted} w WHERE w IS NOT DISTINCT FROM t)"
            ),
            format!("INSERT INTO vigie.{table} SELECT w.* FROM {wanted} w ON CONFLICT DO NOTHING"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(rows.to_string())
                .execute(&mut self.connection)
                .await
                .map_err(|e| within(table, map(&e)))?;
        }
        Ok(())
    }

    /// The rules of alarms that a metropolis starts with. One that it adapted stays as it made it; one that is right already is
    /// not touched, since workstations would copy it again.
    async fn fill_alarm_rules(&mut self) -> Result<(), MetropolisError> {
        let wanted: serde_json::Value = default_rules().iter().map(alarm_rule).collect();
        sqlx::query(include_str!("fill_alarm_rules.sql"))
            .bind(wanted.to_string())
            .execute(&mut self.connection)
            .await
            .map_err(|e| within("alarm_rule", map(&e)))?;
        Ok(())
    }

    async fn apply_rights(&mut self) -> Result<bool, MetropolisError> {
        let script = rights_script(rights());
        let hash = sha256(&script);
        self.run(script).await.map_err(|e| within("rights", e))?;
        let changed = sqlx::query(
            "INSERT INTO vigie.applied_script AS s VALUES ('rights', $1, clock_timestamp()) \
             ON CONFLICT (name) DO UPDATE SET sha256 = EXCLUDED.sha256, applied_at = EXCLUDED.applied_at \
             WHERE s.sha256 <> EXCLUDED.sha256",
        )
        .bind(hash)
        .execute(&mut self.connection)
        .await
        .map_err(|e| map(&e))?;
        Ok(changed.rows_affected() == 1)
    }
}

/// Names the part that failed: a database's message alone does not.
fn within(part: &str, error: MetropolisError) -> MetropolisError {
    match error {
        MetropolisError::Unexpected(why) => MetropolisError::Unexpected(format!("{part}: {why}")),
        other => other,
    }
}
