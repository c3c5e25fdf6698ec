//! Errors that a test orders in advance.

use std::collections::VecDeque;

use vigie_core::port::StoreError;

/// What the next calls answer instead of doing anything.
#[derive(Debug, Default)]
pub(super) struct Failures(VecDeque<StoreError>);

impl Failures {
    pub(super) fn add(&mut self, error: StoreError) {
        self.0.push_back(error);
    }

    /// The call's turn to fail, when one is due.
    pub(super) fn due(&mut self) -> Result<(), StoreError> {
        self.0.pop_front().map_or(Ok(()), Err)
    }
}
