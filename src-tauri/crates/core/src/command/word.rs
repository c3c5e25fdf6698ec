//! The five words that operators see (R18); the rest is in the history.

use crate::command::CommandState;

crate::table::codes! {
    /// What is said of a command on the screen.
    Word {
        /// À transmettre.
        ToSend = "to_send",
        /// En cours.
        UnderWay = "under_way",
        /// Fait: confirmed by the state, and nothing less.
        Done = "done",
        /// Refusé, with the reason.
        Refused = "refused",
        /// Sans compte rendu.
        Unknown = "unknown",
    }
}

/// The word for a state. Executed is not done: only a confirming state is (R18).
pub fn word(state: CommandState) -> Word {
    use CommandState as S;
    match state {
        S::Drafted | S::Intent | S::Queued | S::AwaitingKey => Word::ToSend,
        S::Submitted | S::Accepted | S::Dispatching | S::Dispatched | S::Executed => Word::UnderWay,
        S::Confirmed | S::LateDone => Word::Done,
        S::Unsettled | S::Unknown | S::Closed => Word::Unknown,
        S::Noted
        | S::Reissued
        | S::Abandoned
        | S::Superseded
        | S::Void
        | S::Expired
        | S::Cancelled
        | S::Rejected
        | S::Failed
        | S::LateFailed
        | S::NeverReceived => Word::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r18_only_a_confirming_state_is_called_done() {
        let done: Vec<_> = CommandState::ALL.iter().filter(|s| word(**s) == Word::Done).collect();
        assert_eq!(done, [&CommandState::Confirmed, &CommandState::LateDone]);
    }
}
