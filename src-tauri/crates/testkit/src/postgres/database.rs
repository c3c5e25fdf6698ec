//! A database of a test server.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::server::OWNER;
use super::{LaunchError, Server};

/// A database of its own, on a server that lives at least as long as this.
#[derive(Clone)]
pub struct Database {
    server: Arc<Server>,
    name: String,
}

impl Database {
    /// The database that every server has: of its owner only.
    pub(super) fn postgres(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), name: "postgres".into() }
    }

    pub(super) async fn create(server: &Arc<Server>, name: String, of: Option<&str>) -> Result<Self, LaunchError> {
        let failed = |e: sqlx::Error| LaunchError::Failed { step: "making a database", reason: e.to_string() };
        let postgres = Self::postgres(server);
        let mut connection = postgres.connect().await.map_err(failed)?;
        let template = of.unwrap_or("template1");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.map_err(failed)?;
        Ok(Self { name, ..postgres })
    }

    /// Another database with everything that this one holds. Nobody may be connected to this one.
    pub async fn copy(&self) -> Result<Self, LaunchError> {
        Self::create(&self.server, self.server.fresh_name(), Some(&self.name)).await
    }

    /// Removes it, whoever is connected.
    pub async fn remove(self) -> Result<(), LaunchError> {
        let failed = |e: sqlx::Error| LaunchError::Failed { step: "removing a database", reason: e.to_string() };
        let postgres = Self::postgres(&self.server);
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let mut connection = postgres.connect().await.map_err(failed)?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.map_err(failed)?;
        Ok(())
    }

    /// The same database on a standby of its server.
    #[must_use]
    pub fn on(&self, standby: &Arc<Server>) -> Self {
        Self { server: Arc::clone(standby), name: self.name.clone() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its server.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// The address of this database for a login, without a password.
    pub fn url(&self, login: &str) -> String {
        format!("postgres://{login}@127.0.0.1:{}/{}", self.server.port(), self.name)
    }

    /// The same for its owner, who is the server's superuser.
    pub fn owner_url(&self) -> String {
        self.url(OWNER)
    }

    /// The owner's password.
    pub fn owner_password(&self) -> &str {
        self.server.owner_password()
    }

    /// How a login connects, for tests that go round the application.
    pub fn options(&self, login: &str, password: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.server.port())
            .username(login)
            .password(password)
            .database(&self.name)
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging()
    }

    /// A connection as the owner.
    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.options(OWNER, self.owner_password()).connect().await
    }
}
