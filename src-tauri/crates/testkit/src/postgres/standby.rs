//! A primary and a streaming standby that may be promoted: a failover for real.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::server::{OWNER, data};
use super::{Database, LaunchError, Server};

/// What the standby is called by its primary.
const NAME: &str = "standby";
/// How long a standby may take to appear, to catch up or to be promoted on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a commit waits for the standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// It does not: what the standby has not yet received is lost with the primary.
    Alone,
    /// It does: what was confirmed survives the primary.
    WithStandby,
}

/// A primary and its streaming standby.
pub struct Pair {
    /// The primary, until it is lost.
    pub primary: Arc<Server>,
    /// Its standby, until it is promoted.
    pub standby: Arc<Server>,
}

impl Pair {
    /// Starts both; the standby streams.
    pub async fn start(commit: Commit) -> Result<Self, LaunchError> {
        let primary = Arc::new(Server::start_with(&["synchronous_commit=on", "wal_level=replica"])?);
        let standby = Arc::new(primary.standby()?);
        let pair = Self { primary, standby };
        pair.set(commit).await?;
        Ok(pair)
    }

    /// Whether commits wait from now on.
    pub async fn set(&self, commit: Commit) -> Result<(), LaunchError> {
        let names = match commit {
            Commit::Alone => "",
            Commit::WithStandby => NAME,
        };
        let mut connection = self.primary.connect().await?;
        run(&mut connection, format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'")).await?;
        run(&mut connection, "SELECT pg_reload_conf()".into()).await?;
        let wanted = if names.is_empty() { "async" } else { "sync" };
        let sql = format!("SELECT coalesce(bool_and(sync_state = '{wanted}'), false) FROM pg_stat_replication");
        until(&mut connection, "waiting for the standby to stream", &sql).await
    }

    /// Waits until the standby has replayed everything that the primary has written.
    pub async fn catch_up(&self) -> Result<(), LaunchError> {
        let mut primary = self.primary.connect().await?;
        let row = sqlx::query("SELECT pg_current_wal_lsn()::text").fetch_one(&mut primary).await;
        let written: String = row.and_then(|row| row.try_get(0)).map_err(|e| failed("reading the position", &e))?;
        let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn");
        until(&mut self.standby.connect().await?, "waiting for the standby to replay", &sql).await
    }

    /// The standby streams and replays nothing more, or goes on: it falls behind while the primary lives.
    pub async fn set_replay(&self, replays: bool) -> Result<(), LaunchError> {
        let word = if replays { "resume" } else { "pause" };
        run(&mut self.standby.connect().await?, format!("SELECT pg_wal_replay_{word}()")).await
    }

    /// The standby receives nothing more: what the primary commits from now on, alone, is lost with it.
    pub async fn cut_stream(&self) -> Result<(), LaunchError> {
        let mut connection = self.standby.connect().await?;
        run(&mut connection, "ALTER SYSTEM SET primary_conninfo = ''".into()).await?;
        run(&mut connection, "SELECT pg_reload_conf()".into()).await?;
        let gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)";
        until(&mut connection, "waiting for the standby to stop receiving", gone).await
    }

    /// The standby becomes a primary, on a new timeline. The former primary is not asked, and may be dead.
    pub async fn promote(&self) -> Result<(), LaunchError> {
        let mut connection = self.standby.connect().await?;
        let wait = PATIENCE.as_secs();
        run(&mut connection, format!("SELECT pg_promote(true, {wait})")).await?;
        until(&mut connection, "waiting for the promotion", "SELECT NOT pg_is_in_recovery()").await
    }

    /// The address of a database for a login, with both servers, as a workstation has it.
    pub fn url(&self, database: &Database, login: &str) -> String {
        format!(
            "postgres://{login}@127.0.0.1:{},127.0.0.1:{}/{}",
            self.primary.port(),
            self.standby.port(),
            database.name()
        )
    }
}

impl Server {
    /// A standby that streams from this server, on a port of its own.
    pub fn standby(&self) -> Result<Self, LaunchError> {
        let from = format!("host=127.0.0.1 port={} user={OWNER} application_name={NAME}", self.port());
        // It may become a primary whose commits wait for nobody.
        let mut settings = self.settings.clone();
        settings.extend(["hot_standby=on".to_owned(), "synchronous_standby_names=".to_owned()]);
        Self::start_from(&self.install, settings, self.password.clone(), |place| {
            let mut copy = Command::new(place.install.program("pg_basebackup"));
            copy.arg("-D").arg(data(place.directory)).arg("-d").arg(&from).env("PGPASSWORD", place.password);
            copy.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]);
            place.run("pg_basebackup", &mut copy)
        })
    }

    /// A connection as its owner.
    pub async fn connect(self: &Arc<Self>) -> Result<PgConnection, LaunchError> {
        Database::postgres(self).connect().await.map_err(|e| failed("connecting as the owner", &e))
    }
}

fn failed(step: &'static str, error: &sqlx::Error) -> LaunchError {
    LaunchError::Failed { step, reason: error.to_string() }
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), LaunchError> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| failed("running a statement", &e))
}

/// Waits until a statement answers true.
async fn until(connection: &mut PgConnection, what: &'static str, sql: &str) -> Result<(), LaunchError> {
    let look = async {
        loop {
            let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *connection).await;
            if row.and_then(|row| row.try_get::<bool, _>(0)).map_err(|e| failed(what, &e))? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let late = LaunchError::Failed { step: what, reason: format!("not within {PATIENCE:?}") };
    tokio::time::timeout(PATIENCE, look).await.unwrap_or(Err(late))
}
