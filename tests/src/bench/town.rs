//! A metropolis on a real PostgreSQL filled with rows, and what reads it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use async_trait::async_trait;
use sqlx::AssertSqlSafe;
use vigie_core::port::{Cut, Metropolis, MetropolisError, MetropolisMode, Rebuild, Replica, SnapshotSink};
use vigie_core::rights::Role;
use vigie_core::table::{Row, TableSpec};
use vigie_metropolis::{Admin, ConnectTarget, Password, PgMetropolis};
use vigie_store::{FileKey, SqliteReplica};
use vigie_testkit::postgres::{Database, Server};

/// Password of every account.
pub(crate) const PASSWORD: &str = "rehearsal";
/// For a connection.
const DEADLINE: Duration = Duration::from_secs(20);
const KEY: FileKey = FileKey::new([9; 32]);

/// This machine's clock, for what is measured.
#[allow(clippy::disallowed_methods, reason = "how long something takes is what is measured here")]
pub fn now() -> Instant {
    Instant::now()
}

/// A metropolis with so many lights in it, and one state each.
pub struct Town {
    /// Its database.
    pub database: Database,
}

impl Town {
    /// Founds it on a server of its own.
    pub async fn found(objects: u64) -> anyhow::Result<Self> {
        Self::found_on(Arc::new(Server::start()?), objects).await
    }

    /// Founds it on a server that was started for it.
    pub async fn found_on(server: Arc<Server>, objects: u64) -> anyhow::Result<Self> {
        let database = server.database().await?;
        let mut admin = Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await?;
        admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole (mesure)").await?;
        for role in [Role::Supervisor, Role::Gateway] {
            admin.create_login(&format!("bench_{role}"), &Password::new(PASSWORD), role, None, None).await?;
        }
        let mut owner = database.connect().await?;
        // 190 bytes of attributes, as a real inventory has them.
        let sql = format!(
            "INSERT INTO vigie.equipment (equipment_id, reference, name, kind, insee_code, street, lon, lat, attributes) \
             SELECT gen_random_uuid(), 'EC-' || lpad(i::text, 7, '0'), 'Lampadaire ' || i, 'street_light', '21231', \
                    'Voie ' || i / 40, 5.0 + (i % 1000) * 1e-4, 47.3 + (i / 1000) * 1e-5, \
                    jsonb_build_object('rank', i % 40, 'cabinet', 'ARM-' || i / 200, 'lamp', 'LED 3000 K', 'note', repeat('x', 110)) \
             FROM generate_series(1, {objects}) AS i"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await?;
        sqlx::raw_sql("VACUUM (FREEZE, ANALYZE) vigie.equipment").execute(&mut owner).await?;
        Ok(Self { database })
    }

    /// The metropolis as an account of a role sees it.
    pub async fn session(&self, role: Role) -> anyhow::Result<PgMetropolis> {
        session(&self.database.url(&format!("bench_{role}"))).await
    }
}

/// The metropolis behind an address.
pub async fn session(url: &str) -> anyhow::Result<PgMetropolis> {
    let target = ConnectTarget {
        url: url.to_owned(),
        password: Some(Password::new(PASSWORD)),
        application_name: "vigie bench".into(),
    };
    Ok(PgMetropolis::connect(target, DEADLINE).await?)
}

/// A whole copy into the replica of a folder, encrypted as every replica is: the replica, the cut, how
/// often rows came, which is how often a screen would tell.
pub async fn copy(metropolis: &PgMetropolis, folder: &Path) -> anyhow::Result<(SqliteReplica, Cut, u64)> {
    let replica = vigie_store::replica::open(folder, &KEY).await?;
    let (cut, told) = fill(metropolis, &replica).await?;
    Ok((replica, cut, told))
}

/// A whole copy in the place of what a replica holds: the cut, how often rows came.
pub async fn fill(metropolis: &PgMetropolis, replica: &SqliteReplica) -> anyhow::Result<(Cut, u64)> {
    let identity = metropolis.identity().await?;
    let mut sink = Sink { rebuild: Some(replica.rebuild().await?), told: 0 };
    let cut = metropolis.snapshot(&mut sink).await?;
    let rebuild = sink.rebuild.take().context("the copy is gone")?;
    rebuild.finish(cut.clone(), identity).await?;
    Ok((cut, sink.told))
}

struct Sink {
    rebuild: Option<Box<dyn Rebuild>>,
    told: u64,
}

#[async_trait]
impl SnapshotSink for Sink {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.told += 1;
        match self.rebuild.as_mut() {
            Some(rebuild) => rebuild.rows(table, rows).await.map_err(|e| MetropolisError::Unexpected(e.to_string())),
            None => Ok(()),
        }
    }
}
