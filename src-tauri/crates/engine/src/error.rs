//! Why the engine did not do what it was asked.

use vigie_core::command::Refused;
use vigie_core::port::{MetropolisError, StoreError};

/// Why the engine did not do what it was asked. Nothing was written unless said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no city to act on yet.
    #[error("no local copy yet: wait for the first one")]
    NotReady,
    /// No such object or command here.
    #[error("not found: it may have been removed since")]
    NotFound,
    /// The desk refuses the order.
    #[error("refused here: {0}")]
    Refused(Refused),
    /// The metropolis refuses, with its code.
    #[error("refused by the metropolis: {0}")]
    RefusedThere(String),
    /// The order does not fit its action.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// More objects than one group may have.
    #[error("more than {0} objects: choose a smaller place, or ask in parts")]
    TooMany(usize),
    /// The command is not where this can happen.
    #[error("the command has moved on since: look at it again")]
    MovedOn,
    /// It would no longer do what its author was told: the link was lost or came back in between.
    #[error("the link changed since it was prepared: prepare it again and read what will happen")]
    LinkTurned,
    /// The session is suspended.
    #[error("the session is suspended: take it up again first")]
    Suspended,
    /// The metropolis could not be asked.
    #[error(transparent)]
    Metropolis(#[from] MetropolisError),
    /// A local file failed: nothing was recorded, so nothing is sent.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<vigie_core::table::BadRow> for EngineError {
    fn from(row: vigie_core::table::BadRow) -> Self {
        Self::Store(row.into())
    }
}

impl EngineError {
    /// Whether the metropolis no longer lets this account in (R13).
    pub fn shuts_out(&self) -> bool {
        matches!(self, Self::Metropolis(error) if error.shuts_out())
    }

    /// A stable code for the interface.
    pub fn code(&self) -> String {
        match self {
            Self::NotReady => "not_ready".to_owned(),
            Self::NotFound => "not_found".to_owned(),
            Self::Refused(why) => why.code().to_owned(),
            Self::RefusedThere(code) => code.clone(),
            Self::BadRequest(_) => "bad_request".to_owned(),
            Self::TooMany(_) => "too_many_objects".to_owned(),
            Self::MovedOn => "illegal_event".to_owned(),
            Self::LinkTurned => "link_turned".to_owned(),
            Self::Suspended => "session_suspended".to_owned(),
            Self::Metropolis(e) => e.code().to_owned(),
            Self::Store(e) => e.code().to_owned(),
        }
    }
}
