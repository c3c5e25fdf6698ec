//! What PostgreSQL answers, as errors of the port.

use sqlx::Error;
use sqlx::error::DatabaseError;
use vigie_core::port::MetropolisError;

/// Errors that may pass by themselves: the server is starting, stopping, full, behind, or chose us as a deadlock's victim.
fn passes(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57P")
        || code.starts_with("25P")
        || matches!(code, "25006" | "40001" | "40P01" | "55P03")
}

/// What an error means once one is signed in.
pub(crate) fn map(error: &Error) -> MetropolisError {
    match error {
        Error::Database(e) => match e.code().as_deref() {
            Some("42501") => MetropolisError::Denied(told(error)),
            // A login whose account is not one here, or is locked.
            Some("28000") => MetropolisError::AccountClosed(told(error)),
            // No schema `vigie`, or a function of it that every schema has.
            Some("3F000") => MetropolisError::NotAMetropolis,
            Some(code) if passes(code) => MetropolisError::Unreachable(told(error)),
            code => MetropolisError::Unexpected(format!("{} ({})", told(error), code.unwrap_or("no code"))),
        },
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => MetropolisError::Unreachable(error.to_string()),
        Error::Configuration(e) => MetropolisError::Unreachable(format!("the address cannot be read: {e}")),
        _ => MetropolisError::Unexpected(error.to_string()),
    }
}

/// Whether a right was missing.
pub(crate) fn lacks_right(error: &Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == "42501")
}

/// Whether the server undid the whole transaction to let another one pass: the same may be asked again at once.
pub(crate) fn gave_way(error: &Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == "40P01" || code == "40001")
}

/// The server's own words, without the driver's.
fn told(error: &Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned())
}
