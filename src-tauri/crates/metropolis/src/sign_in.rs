//! Signing in to one server. Guarantee: a password leaves only for a server that has proved who it is, or, on this machine,
//! for one that does not ask to read it.
//!
//! The driver answers whatever a server asks: asked for the password in clear (PostgreSQL's `password`, `ldap`, `pam`,
//! `radius`), it sends it. So what is asked of the driver is decided here.
//!
//! | server | verified TLS | TLS, not verified | plain |
//! |---|---|---|---|
//! | elsewhere, a password | yes | refused | refused |
//! | elsewhere, a certificate or nothing | yes | yes | refused |
//! | on this machine, a password | yes | unless asked for it in clear or by MD5 | unless asked for it in clear or by MD5 |

use sqlx::ConnectOptions as _;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnection, PgListener, PgPoolOptions, PgSslMode};
use vigie_core::port::{MetropolisError, TlsTrouble};

use crate::error::map;
use crate::knock::{Asked, what_it_asks};
use crate::target::Endpoint;
use crate::trust::tls_trouble;

impl Endpoint {
    /// A connection, signed in.
    pub(crate) async fn sign_in(&self) -> Result<PgConnection, MetropolisError> {
        self.may_have_the_password().await?;
        self.options.connect().await.map_err(|e| self.refusal(&e))
    }

    /// The same, able to hear what the server notifies: the driver makes such a connection in a pool of its own only.
    pub(crate) async fn sign_in_to_hear(&self) -> Result<PgListener, MetropolisError> {
        self.may_have_the_password().await?;
        let pool =
            PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
        let pool = pool.connect_lazy_with(self.options.clone());
        let mut listener = PgListener::connect_with(&pool).await.map_err(|e| self.refusal(&e))?;
        listener.ignore_pool_close_event(true);
        // What is lost is told, and made anew by whoever is told.
        listener.eager_reconnect(false);
        Ok(listener)
    }

    async fn may_have_the_password(&self) -> Result<(), MetropolisError> {
        let (trouble, why) = match self.options.get_ssl_mode() {
            PgSslMode::VerifyFull | PgSslMode::VerifyCa => return Ok(()),
            PgSslMode::Require if !self.here && self.has_password => (
                TlsTrouble::Unproved,
                "a password is not sent to a server that has not proved who it is: leave sslmode out, and name your \
                 authority with --ca (sslrootcert)",
            ),
            PgSslMode::Require if !self.here => return Ok(()),
            _ if !self.here => {
                (TlsTrouble::Plain, "a server elsewhere is spoken to over TLS: leave sslmode out of the address")
            }
            _ if !self.has_password => return Ok(()),
            _ => match what_it_asks(self).await? {
                Asked::Clear | Asked::Md5 => (
                    TlsTrouble::Unproved,
                    "this server asks to read the password: it is sent only over verified TLS (sslmode=verify-full and \
                     --ca), or have IT ask for scram-sha-256",
                ),
                Asked::Other => return Ok(()),
            },
        };
        Err(MetropolisError::Tls { trouble, why: format!("{}: {why}", self.place()) })
    }

    /// An error while signing in, which depends on what we showed.
    fn refusal(&self, error: &sqlx::Error) -> MetropolisError {
        if let Some(told) = tls_trouble(error, &self.place()) {
            return told;
        }
        let told = || error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
        match error.as_database_error().and_then(DatabaseError::code).as_deref() {
            // Who shows a certificate and is still asked for a password may type one.
            Some("28P01") if !self.has_password => MetropolisError::PasswordNeeded,
            Some("28000") if !self.has_password && self.shows.is_none() => MetropolisError::PasswordNeeded,
            Some("28P01" | "28000") => MetropolisError::SignInRefused(told()),
            Some("3D000") => MetropolisError::NotAMetropolis,
            _ => map(error),
        }
    }
}
