//! The life of a record in the outbox: it never expires, and only ever moves forward.

crate::table::codes! {
    /// Where a record stands at the workstation that carries it.
    RecordState {
        /// Written, to be submitted.
        Queued = "queued",
        /// Handed to the metropolis; its answer is awaited.
        Submitted = "submitted",
        /// The reply was lost: to be settled.
        Unsettled = "unsettled",
        /// The metropolis refused it: its lane waits for what is wrong to be mended.
        Refused = "refused",
        /// The metropolis has it; shown from here until the local copy contains it.
        Accepted = "accepted",
        /// The local copy contains it: nothing more to do here.
        Shown = "shown",
        /// Given up by a person, once refused.
        Abandoned = "abandoned",
    }
}

crate::table::codes! {
    /// What happens to a record.
    RecordEvent {
        /// It is handed over.
        Submit = "submit",
        /// The metropolis took it.
        Accept = "accept",
        /// The metropolis refused it.
        Refuse = "refuse",
        /// The reply did not come.
        LoseReply = "lose_reply",
        /// Something before it was refused: it waits, and the metropolis keeps no outcome of it.
        Wait = "wait",
        /// `settle`: it was never received; it goes again under a new submission (R14).
        NeverReceived = "never_received",
        /// It is tried again after a refusal, under a new submission.
        Retry = "retry",
        /// A person gives it up.
        Abandon = "abandon",
        /// The local copy contains it.
        Show = "show",
    }
}

impl RecordState {
    /// Whether something is still to be done about it, by its lane or by a person.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Submitted | Self::Unsettled | Self::Refused)
    }

    /// Whether it is shown over the local copy.
    pub const fn overlays(self) -> bool {
        self.is_open() || matches!(self, Self::Accepted)
    }
}

/// The next state; none for an event that a state does not have.
pub const fn record_step(state: RecordState, event: RecordEvent) -> Option<RecordState> {
    use RecordEvent as E;
    use RecordState as S;
    Some(match (state, event) {
        (S::Queued, E::Submit) => S::Submitted,
        (S::Submitted | S::Unsettled, E::Accept) => S::Accepted,
        (S::Submitted | S::Unsettled, E::Refuse) => S::Refused,
        (S::Submitted, E::LoseReply) => S::Unsettled,
        (S::Submitted | S::Unsettled, E::Wait) | (S::Unsettled, E::NeverReceived) | (S::Refused, E::Retry) => S::Queued,
        (S::Refused, E::Abandon) => S::Abandoned,
        // The local copy may contain it before the answer is heard, when the reply was lost or another account deposited it.
        (S::Queued | S::Submitted | S::Unsettled | S::Refused | S::Accepted, E::Show) => S::Shown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_given_up_only_once_refused_and_by_nothing_else() {
        for state in RecordState::ALL {
            let to = record_step(*state, RecordEvent::Abandon);
            assert_eq!(to.is_some(), *state == RecordState::Refused, "{state}");
        }
    }

    #[test]
    fn r14_what_was_never_received_goes_again_and_nothing_is_sent_from_the_dark() {
        assert_eq!(record_step(RecordState::Unsettled, RecordEvent::NeverReceived), Some(RecordState::Queued));
        for state in [RecordState::Submitted, RecordState::Unsettled, RecordState::Refused] {
            assert_eq!(record_step(state, RecordEvent::Submit), None, "{state}");
        }
    }

    #[test]
    fn what_is_over_does_not_move() {
        for state in [RecordState::Shown, RecordState::Abandoned] {
            assert!(RecordEvent::ALL.iter().all(|event| record_step(state, *event).is_none()));
            assert!(!state.overlays());
        }
    }
}
