//! One connection, made when needed and thrown away after any doubt.
//!
//! Guarantee: a connection that a dropped future was using is never used again. It is out of its slot while in use, so
//! that dropping the future drops it (without a farewell, which would hang on a dead link).

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgConnection;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use vigie_core::port::MetropolisError;

use crate::endpoints::Endpoints;
use crate::error::map;
use crate::schema::SCHEMA_VERSION;
use crate::target::Endpoint;

/// A slot for one connection.
pub(crate) struct Line {
    endpoints: Arc<Endpoints>,
    deadline: Duration,
    slot: Mutex<Option<Open>>,
}

/// An open connection and what was learnt when it opened.
pub(crate) struct Open {
    pub(crate) connection: PgConnection,
    /// Tables this account may read.
    pub(crate) readable: Vec<String>,
    /// Columns it is given empty, as `table.column`.
    pub(crate) hidden: Vec<String>,
}

/// The connection in use. [`InUse::keep`] puts it back; dropping this drops it.
pub(crate) struct InUse<'a> {
    slot: MutexGuard<'a, Option<Open>>,
    open: Open,
}

impl InUse<'_> {
    /// Everything went well: the connection may be used again.
    pub(crate) fn keep(mut self) {
        *self.slot = Some(self.open);
    }
}

impl Deref for InUse<'_> {
    type Target = Open;
    fn deref(&self) -> &Open {
        &self.open
    }
}

impl DerefMut for InUse<'_> {
    fn deref_mut(&mut self) -> &mut Open {
        &mut self.open
    }
}

impl Line {
    pub(crate) fn new(endpoints: Arc<Endpoints>, deadline: Duration) -> Self {
        Self { endpoints, deadline, slot: Mutex::new(None) }
    }

    /// Takes the connection out of its slot, opening it if there is none. Waiting for its turn counts towards the deadline.
    pub(crate) async fn take(&self) -> Result<InUse<'_>, MetropolisError> {
        let end = Instant::now() + self.deadline;
        let mut slot = tokio::time::timeout_at(end, self.slot.lock()).await.map_err(|_| MetropolisError::Deadline)?;
        let open = match slot.take() {
            Some(open) => open,
            None => self.endpoints.first(end.duration_since(Instant::now()), open).await?,
        };
        Ok(InUse { slot, open })
    }
}

/// Signs in to a server that takes writes.
pub(crate) async fn sign_in_to_primary(endpoint: &Endpoint) -> Result<PgConnection, MetropolisError> {
    let mut connection = endpoint.sign_in().await?;
    // A primary that was told to take no writes is none for us either.
    let takes_no_writes: bool =
        sqlx::query("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean")
            .fetch_one(&mut connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| map(&e))?;
    if takes_no_writes {
        return Err(MetropolisError::Unreachable("it is a standby, or takes no writes".into()));
    }
    Ok(connection)
}

/// Opens a connection to a metropolis that this program can speak with.
async fn open(endpoint: &Endpoint) -> Result<Open, MetropolisError> {
    let mut connection = sign_in_to_primary(endpoint).await?;
    let found = sqlx::query("SELECT number, oldest_app, vigie.readable() AS readable, vigie.hidden_columns() AS hidden FROM vigie.schema_version()")
        .fetch_one(&mut connection)
        .await
        .map_err(|e| match e.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
            Some("42883" | "42P01") => MetropolisError::NotAMetropolis,
            _ => map(&e),
        })?;
    let number: i64 = found.try_get("number").map_err(|e| map(&e))?;
    let oldest_app: i64 = found.try_get("oldest_app").map_err(|e| map(&e))?;
    let readable: Vec<String> = found.try_get("readable").map_err(|e| map(&e))?;
    let hidden: Vec<String> = found.try_get("hidden").map_err(|e| map(&e))?;
    if number < SCHEMA_VERSION {
        return Err(MetropolisError::SchemaOlder { found: number, needed: SCHEMA_VERSION });
    }
    if oldest_app > SCHEMA_VERSION {
        return Err(MetropolisError::SchemaNewer { found: number, known: SCHEMA_VERSION });
    }
    Ok(Open { connection, readable, hidden })
}
