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

/// What a line holds open.
pub(crate) trait Held: Sized {
    /// Opens it at one of the servers.
    async fn open(endpoints: &Endpoints, deadline: Duration) -> Result<Self, MetropolisError>;

    /// Whether it may be used once more, or is rather opened anew.
    fn lasts(&self) -> bool {
        true
    }
}

/// A slot for one connection.
pub(crate) struct Line<T> {
    endpoints: Arc<Endpoints>,
    deadline: Duration,
    slot: Mutex<Option<T>>,
}

/// The connection in use. [`InUse::keep`] puts it back; dropping this drops it.
pub(crate) struct InUse<'a, T> {
    slot: MutexGuard<'a, Option<T>>,
    held: T,
}

impl<'a, T> InUse<'a, T> {
    /// Everything went well: the connection may be used again.
    pub(crate) fn keep(mut self) {
        *self.slot = Some(self.held);
    }

    /// It waits, which nothing can spoil: dropping this keeps the connection, [`Waiting::give_up`] does not.
    pub(crate) fn waiting(mut self) -> Waiting<'a, T> {
        *self.slot = Some(self.held);
        Waiting { slot: self.slot }
    }
}

impl<T> Deref for InUse<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T> DerefMut for InUse<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held
    }
}

/// The connection in its slot, and nobody else at it.
pub(crate) struct Waiting<'a, T> {
    slot: MutexGuard<'a, Option<T>>,
}

impl<T> Waiting<'_, T> {
    pub(crate) fn held(&mut self) -> Option<&mut T> {
        self.slot.as_mut()
    }

    /// It is not to be used again.
    pub(crate) fn give_up(mut self) {
        *self.slot = None;
    }
}

impl<T: Held> Line<T> {
    pub(crate) fn new(endpoints: Arc<Endpoints>, deadline: Duration) -> Self {
        Self { endpoints, deadline, slot: Mutex::new(None) }
    }

    /// Takes the connection out of its slot, opening it if there is none. Waiting for its turn counts towards the deadline.
    pub(crate) async fn take(&self) -> Result<InUse<'_, T>, MetropolisError> {
        let end = Instant::now() + self.deadline;
        let mut slot = tokio::time::timeout_at(end, self.slot.lock()).await.map_err(|_| MetropolisError::Deadline)?;
        let held = match slot.take().filter(Held::lasts) {
            Some(held) => held,
            None => T::open(&self.endpoints, end.duration_since(Instant::now())).await?,
        };
        Ok(InUse { slot, held })
    }

    /// Puts a connection in the slot, made elsewhere.
    pub(crate) async fn put(&self, held: T) {
        *self.slot.lock().await = Some(held);
    }
}

/// A connection to the primary, for all that is asked and written.
pub(crate) struct Open {
    pub(crate) connection: PgConnection,
}

impl Held for Open {
    async fn open(endpoints: &Endpoints, deadline: Duration) -> Result<Self, MetropolisError> {
        let attempt = move |endpoint| async move {
            let mut connection = sign_in_to_primary(endpoint).await?;
            meet(&mut connection, endpoints).await?;
            Ok(Self { connection })
        };
        endpoints.first(deadline, attempt).await
    }
}

/// Signs in to a server that takes writes.
pub(crate) async fn sign_in_to_primary(endpoint: &Endpoint) -> Result<PgConnection, MetropolisError> {
    let mut connection = endpoint.sign_in().await?;
    // A primary that was told to take no writes is none for us either.
    if is(&mut connection, "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean").await? {
        return Err(MetropolisError::Unreachable("it is a standby, or takes no writes".into()));
    }
    Ok(connection)
}

pub(crate) async fn is(connection: &mut PgConnection, question: &'static str) -> Result<bool, MetropolisError> {
    sqlx::query(question).fetch_one(connection).await.and_then(|row| row.try_get(0)).map_err(|e| map(&e))
}

/// What an account reads.
pub(crate) struct Sight {
    /// Tables.
    pub(crate) readable: Vec<String>,
    /// Columns it is given empty, as `table.column`.
    pub(crate) hidden: Vec<String>,
}

/// Checks that a server holds a metropolis that this program can speak with, and is not one that was left behind by a
/// promotion; what this account reads.
pub(crate) async fn meet(connection: &mut PgConnection, endpoints: &Endpoints) -> Result<Sight, MetropolisError> {
    let found = sqlx::query(
        "SELECT number, oldest_app, vigie.my_role() IS NULL AS closed, vigie.readable() AS readable, vigie.hidden_columns() AS hidden, \
         vigie.timeline() AS timeline FROM vigie.schema_version()",
    )
    .fetch_one(connection)
    .await
    .map_err(|e| match e.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
        Some("42883" | "42P01") => MetropolisError::NotAMetropolis,
        _ => map(&e),
    })?;
    let number: i64 = found.try_get("number").map_err(|e| map(&e))?;
    let oldest_app: i64 = found.try_get("oldest_app").map_err(|e| map(&e))?;
    if number < SCHEMA_VERSION {
        return Err(MetropolisError::SchemaOlder { found: number, needed: SCHEMA_VERSION });
    }
    if oldest_app > SCHEMA_VERSION {
        return Err(MetropolisError::SchemaNewer { found: number, known: SCHEMA_VERSION });
    }
    if found.try_get("closed").map_err(|e| map(&e))? {
        return Err(MetropolisError::AccountClosed("its login is right, its account is locked or not one here".into()));
    }
    endpoints.on_timeline(found.try_get("timeline").map_err(|e| map(&e))?)?;
    let sight = |name| found.try_get(name).map_err(|e| map(&e));
    Ok(Sight { readable: sight("readable")?, hidden: sight("hidden")? })
}
