//! The feed's connection: it pulls, and between two pulls it hears that something was written.
//!
//! One connection does both, so that a workstation holds two at most, and so that hints cannot die in silence: every look
//! goes the way that the hints come, and meets its deadline where they would be lost. Where standbys are read there are no
//! hints, since a standby cannot LISTEN.

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgListener};
use sqlx::{Acquire as _, Connection as _};
use tokio::time::Instant;
use vigie_core::port::MetropolisError;

use crate::cut::Mark;
use crate::endpoints::Endpoints;
use crate::error::map;
use crate::line::{Held, Sight, is, meet, sign_in_to_primary};
use crate::target::Endpoint;

/// What `vigie.wake` notifies.
const CHANNEL: &str = "vigie";
/// For how long the primary is read where a standby should be: then one is looked for again.
const INSTEAD: Duration = Duration::from_secs(60);

/// From where a workstation pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reads {
    /// From the primary, with hints.
    #[default]
    Primary,
    /// From a standby where one will do, to spare the primary; a look every 250 ms instead of hints.
    Standby,
}

/// The feed's connection.
pub(crate) struct Hearing {
    pub(crate) connection: Wire,
    /// Tables this account may read.
    pub(crate) readable: Vec<String>,
    /// Columns it is given empty, as `table.column`.
    pub(crate) hidden: Vec<String>,
    /// Whether it is a standby's.
    pub(crate) standby: bool,
    /// A hint came that no pull has followed yet.
    pub(crate) hinted: bool,
    /// Where the last pull or look on this connection ended: who goes on from there need only ask whether anything ended since.
    pub(crate) last: Option<Mark>,
    /// Of a primary that is read in a standby's place: until when.
    instead_until: Option<Instant>,
}

/// A connection, with ears or without.
pub(crate) enum Wire {
    Deaf(PgConnection),
    Hearing(Ears),
}

/// A listener. Dropped, it says farewell in the background, which nobody waits for.
pub(crate) struct Ears(Option<PgListener>);

impl Drop for Ears {
    fn drop(&mut self) {
        // Its farewell needs a runtime, and would end the program where there is none any more.
        if let Some(listener) = self.0.take()
            && tokio::runtime::Handle::try_current().is_err()
        {
            std::mem::forget(listener);
        }
    }
}

fn lost() -> MetropolisError {
    MetropolisError::Unreachable("the connection that hears was lost".into())
}

impl Wire {
    /// The connection, to ask something.
    pub(crate) async fn get(&mut self) -> Result<&mut PgConnection, MetropolisError> {
        match self {
            Self::Deaf(connection) => Ok(connection),
            Self::Hearing(Ears(Some(listener))) => listener.acquire().await.map_err(|e| map(&e)),
            Self::Hearing(Ears(None)) => Err(lost()),
        }
    }
}

impl Held for Hearing {
    async fn open(endpoints: &Endpoints, deadline: Duration) -> Result<Self, MetropolisError> {
        let end = Instant::now() + deadline;
        if endpoints.reads == Reads::Standby {
            match endpoints.first(deadline / 2, |endpoint| Self::open_at(endpoint, endpoints, true)).await {
                Err(error) if error.may_pass() => {}
                answer => return answer,
            }
        }
        let rest = end.duration_since(Instant::now());
        Self::open_primary(endpoints, rest).await
    }

    fn lasts(&self) -> bool {
        self.instead_until.is_none_or(|until| Instant::now() < until)
    }
}

impl Hearing {
    async fn open_at(endpoint: &Endpoint, endpoints: &Endpoints, standby: bool) -> Result<Self, MetropolisError> {
        let mut connection = if standby {
            let mut connection = endpoint.sign_in().await?;
            if !is(&mut connection, "SELECT pg_is_in_recovery()").await? {
                return Err(MetropolisError::Unreachable("it is no standby".into()));
            }
            connection
        } else {
            sign_in_to_primary(endpoint).await?
        };
        let Sight { readable, hidden } = meet(&mut connection, endpoints).await?;
        let connection = if standby {
            Wire::Deaf(connection)
        } else {
            // The driver hears on a connection of its own making only: never more than two are open.
            let _ = connection.close().await;
            let mut listener = endpoint.sign_in_to_hear().await?;
            listener.listen(CHANNEL).await.map_err(|e| map(&e))?;
            Wire::Hearing(Ears(Some(listener)))
        };
        let instead = !standby && endpoints.reads == Reads::Standby;
        let instead_until = instead.then(|| Instant::now() + INSTEAD);
        Ok(Self { connection, readable, hidden, standby, hinted: false, last: None, instead_until })
    }

    /// The primary's connection in the place of a standby's that could not do what was asked.
    pub(crate) async fn open_primary(endpoints: &Endpoints, deadline: Duration) -> Result<Self, MetropolisError> {
        endpoints.first(deadline, |endpoint| Self::open_at(endpoint, endpoints, false)).await
    }

    /// The next hint; all that came with it are one. Dropping it loses nothing.
    pub(crate) async fn hint(&mut self) -> Result<(), MetropolisError> {
        let listener = match &mut self.connection {
            Wire::Hearing(Ears(Some(listener))) => listener,
            Wire::Hearing(Ears(None)) => return Err(lost()),
            Wire::Deaf(_) => return Err(MetropolisError::Denied("a standby gives no hints".into())),
        };
        let Some(_) = listener.try_recv().await.map_err(|e| map(&e))? else { return Err(lost()) };
        while listener.next_buffered().is_some() {}
        self.hinted = true;
        Ok(())
    }
}
