//! Errors at the boundary: a code from a small list, and a sentence that says how to repair.

use serde::{Deserialize, Serialize};

/// What went wrong, for the interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// Stable: the interface has a text for each (`error.<code>` in the catalogues). Codes are those of
    /// `MetropolisError::code`, `StoreError::code`, `Refused`, `Refusal`, and `bad_request`, `not_ready`, `not_found`,
    /// `not_training`, `illegal_event`, `link_turned`, `unsent`, `already_open`, `read_only`, `no_shared_view`, `metropolis_answers`,
    /// `ground_missing`, `ground_unreadable`, `ground_refused`, `ground_offline`.
    pub code: String,
    /// For the log and for support; never parsed.
    pub message: String,
}

impl ApiError {
    /// An error with a code and a sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}
