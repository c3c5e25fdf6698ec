//! What the owner of a metropolis does: install and upgrade it, load a rehearsal, make logins, set a rehearsal's clock.

mod inventory;
mod journal;
mod login;
mod migrate;
mod rehearsal;
mod rights;
mod rules;
mod verifier;

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;
use vigie_core::port::{MetropolisError, MetropolisMode};
use vigie_core::time::Timestamp;

use crate::endpoints::Endpoints;
use crate::error::map;
use crate::line::sign_in_to_primary;
use crate::target::{ConnectTarget, Password};

pub use inventory::{Comparison, Staging, known_by};
pub use journal::{Seal, Verification};
pub use login::{AccountHolder, AccountLine};
pub use migrate::Migrated;

/// For reaching the server.
const DEADLINE: Duration = Duration::from_secs(30);

/// A connection as the owner of the schema.
pub struct Admin {
    connection: PgConnection,
}

/// What the owner sees of a metropolis.
#[derive(Debug, Clone, PartialEq)]
pub struct Info {
    /// Its name.
    pub name: String,
    /// Live or rehearsal.
    pub mode: MetropolisMode,
    /// Its epoch.
    pub epoch: Uuid,
    /// Number of its last migration.
    pub schema_version: i64,
    /// Its time now.
    pub server_time: Timestamp,
    /// How fast its clock runs.
    pub clock_rate: f64,
    /// Pieces of equipment it knows.
    pub equipment: i64,
}

/// Something that the database's catalogue must never show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueFault {
    /// What is wrong.
    pub fault: String,
    /// With which object.
    pub object: String,
}

impl Admin {
    /// Connects as the owner. The address holds no password; without one here, `PGPASSFILE` or `~/.pgpass` are asked.
    pub async fn connect(url: &str, password: Option<Password>) -> Result<Self, MetropolisError> {
        let target = ConnectTarget { url: url.to_owned(), password, application_name: "vigie owner".into() };
        let connection = Endpoints::new(&target)?.first(DEADLINE, sign_in_to_primary).await.map_err(|e| match e {
            // The owner is about to make the metropolis: what is missing here is the database itself.
            MetropolisError::NotAMetropolis => MetropolisError::Unreachable("this server has no such database".into()),
            other => other,
        })?;
        Ok(Self { connection })
    }

    /// What this metropolis is; [`MetropolisError::NotAMetropolis`] when it was never made.
    pub async fn info(&mut self) -> Result<Info, MetropolisError> {
        if !self.exists().await? {
            return Err(MetropolisError::NotAMetropolis);
        }
        let row = self
            .row(
                "SELECT m.name, m.mode, m.epoch, m.clock_rate, vigie.ms(vigie.now()) AS at, \
                 (SELECT max(number) FROM vigie.migration) AS schema, (SELECT count(*) FROM vigie.equipment) AS equipment \
                 FROM vigie.metropolis m",
            )
            .await?;
        let mode: String = get(&row, "mode")?;
        Ok(Info {
            name: get(&row, "name")?,
            mode: MetropolisMode::from_code(&mode)
                .ok_or_else(|| MetropolisError::Unexpected(format!("mode {mode}")))?,
            epoch: get(&row, "epoch")?,
            schema_version: get(&row, "schema")?,
            server_time: Timestamp(get(&row, "at")?),
            clock_rate: get(&row, "clock_rate")?,
            equipment: get(&row, "equipment")?,
        })
    }

    /// What the catalogue shows and must not: see `functions/catalogue.sql`. Empty is well.
    pub async fn catalogue_faults(&mut self) -> Result<Vec<CatalogueFault>, MetropolisError> {
        let rows = sqlx::query("SELECT fault, object FROM vigie.catalogue_faults()")
            .fetch_all(&mut self.connection)
            .await
            .map_err(|e| map(&e))?;
        rows.iter().map(|row| Ok(CatalogueFault { fault: get(row, "fault")?, object: get(row, "object")? })).collect()
    }

    async fn exists(&mut self) -> Result<bool, MetropolisError> {
        get(&self.row("SELECT to_regclass('vigie.metropolis') IS NOT NULL AS yes").await?, "yes")
    }

    async fn row(&mut self, sql: &'static str) -> Result<PgRow, MetropolisError> {
        sqlx::query(sql).fetch_one(&mut self.connection).await.map_err(|e| map(&e))
    }

    /// Several statements, without arguments.
    async fn run(&mut self, sql: impl Into<String>) -> Result<(), MetropolisError> {
        sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(&mut self.connection).await.map(|_| ()).map_err(|e| map(&e))
    }

    /// Only a rehearsal may be played with.
    async fn refuse_live(&mut self, what: &str) -> Result<(), MetropolisError> {
        match self.info().await?.mode {
            MetropolisMode::Rehearsal => Ok(()),
            mode => Err(MetropolisError::Denied(format!("{what}: this metropolis is {mode}, not a rehearsal"))),
        }
    }
}

fn get<'r, T>(row: &'r PgRow, column: &str) -> Result<T, MetropolisError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(column).map_err(|e| map(&e))
}
