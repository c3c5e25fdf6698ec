//! What can go wrong, each with what to do about it.

use std::path::PathBuf;

use vigie_core::port::{MetropolisError, MetropolisMode};

/// Why a command of `vigiectl` ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CtlError {
    /// Anyone on the machine reads addresses.
    #[error(
        "the address holds a password, which process lists and shell histories show. Put the line \
         host:port:database:login:password in a file that only you can read (chmod 600), name it in PGPASSFILE, \
         and give the address without the password"
    )]
    PasswordInAddress,
    /// The address is not one.
    #[error("the address cannot be read ({0}): it looks like postgres://login@host:5432/database")]
    Address(String),
    /// The server asks for a password and none was found.
    #[error(
        "the metropolis asks for a password: put it in the file that PGPASSFILE names (host:port:database:login:password)"
    )]
    PasswordNeeded,
    /// A new metropolis needs to be told what it is for, for good.
    #[error("there is no metropolis in this database yet: say --live or --rehearsal; it is fixed for good")]
    ModeNeeded,
    /// What was asked is for rehearsals only.
    #[error("{0}: this metropolis is {1}, and only a rehearsal may be played with")]
    NotARehearsal(&'static str, MetropolisMode),
    /// The passfile exists.
    #[error("{0} exists already: name another file, or remove it first")]
    PassfileExists(PathBuf),
    /// The passfile cannot be written.
    #[error("{0} cannot be written: {1}")]
    Passfile(PathBuf, std::io::Error),
    /// What the metropolis says.
    #[error("{0}")]
    Metropolis(MetropolisError),
}

impl From<MetropolisError> for CtlError {
    fn from(error: MetropolisError) -> Self {
        match error {
            MetropolisError::PasswordNeeded => Self::PasswordNeeded,
            error => Self::Metropolis(error),
        }
    }
}
