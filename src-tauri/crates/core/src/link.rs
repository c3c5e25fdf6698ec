//! The link desk – metropolis as one value that the whole interface shows.

use std::time::Duration;

use crate::time::Timestamp;

crate::table::codes! {
    /// Where the link stands.
    LinkState {
        /// Nothing was heard yet since the program started: shown as lost until heard (R12).
        Starting = "starting",
        /// Heard within two seconds.
        Live = "live",
        /// Heard, but not within two seconds.
        Late = "late",
        /// Not heard for five seconds, or refused.
        Lost = "lost",
        /// Heard again: reading first, before anything is sent (R5).
        Returning = "returning",
    }
}

/// Not heard for this long, the link is late.
pub const LATE_AFTER: Duration = Duration::from_secs(2);
/// Not heard for this long, the link is lost: shown within five seconds.
pub const LOST_AFTER: Duration = Duration::from_secs(5);

/// What happens to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEvent {
    /// A pull was applied.
    Heard,
    /// After a return, everything was read and whatever was in flight is settled.
    CaughtUp,
    /// A pull or a connection failed for good: refused, reset, deadline.
    Failed,
    /// Time passed.
    Tick,
}

/// The link and since when it stands so. Instants are elapsed time on the desk's clock, sleep included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub state: LinkState,
    /// Desk time of the last good pull.
    pub heard: Option<Duration>,
    /// Metropolis time of the last good pull: everything shown dates from it at the latest.
    pub heard_at: Option<Timestamp>,
}

impl Default for Link {
    fn default() -> Self {
        Self { state: LinkState::Starting, heard: None, heard_at: None }
    }
}

impl Link {
    /// The link after an event at desk time `now` (the metropolis says `at` when heard).
    #[must_use]
    pub fn after(self, event: LinkEvent, now: Duration, at: Option<Timestamp>) -> Self {
        use LinkState as S;
        let silence = self.heard.map(|heard| now.saturating_sub(heard));
        let state = match (self.state, event) {
            (S::Live | S::Late, LinkEvent::Heard) => S::Live,
            (_, LinkEvent::Heard) => S::Returning,
            (S::Returning, LinkEvent::CaughtUp) => S::Live,
            (state, LinkEvent::CaughtUp) => state,
            (S::Starting, LinkEvent::Failed) => S::Lost,
            (_, LinkEvent::Failed) => S::Lost,
            (S::Starting, LinkEvent::Tick) => S::Starting,
            (state, LinkEvent::Tick) => match silence {
                Some(silence) if silence > LOST_AFTER => S::Lost,
                Some(silence) if silence > LATE_AFTER && state == S::Live => S::Late,
                _ => state,
            },
        };
        match event {
            LinkEvent::Heard => Self { state, heard: Some(now), heard_at: at.or(self.heard_at) },
            _ => Self { state, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn live() -> Link {
        Link::default().after(LinkEvent::Heard, at(0), None).after(LinkEvent::CaughtUp, at(0), None)
    }

    #[test]
    fn a_start_is_not_live_before_everything_was_read() {
        let heard = Link::default().after(LinkEvent::Heard, at(0), None);
        assert_eq!(heard.state, LinkState::Returning);
        assert_eq!(heard.after(LinkEvent::CaughtUp, at(1), None).state, LinkState::Live);
    }

    #[test]
    fn silence_is_late_after_two_seconds_and_lost_after_five() {
        assert_eq!(live().after(LinkEvent::Tick, at(2), None).state, LinkState::Live);
        let late = live().after(LinkEvent::Tick, at(3), None);
        assert_eq!(late.state, LinkState::Late);
        assert_eq!(late.after(LinkEvent::Tick, at(6), None).state, LinkState::Lost);
    }

    #[test]
    fn r5_a_lost_link_returns_by_reading_first() {
        let lost = live().after(LinkEvent::Failed, at(1), None);
        let heard = lost.after(LinkEvent::Heard, at(9), Some(Timestamp(5)));
        assert_eq!((heard.state, heard.heard_at), (LinkState::Returning, Some(Timestamp(5))));
        assert_eq!(heard.after(LinkEvent::Heard, at(10), None).state, LinkState::Returning);
        assert_eq!(heard.after(LinkEvent::CaughtUp, at(10), None).state, LinkState::Live);
    }
}
