//! The session of who sits at a desk: when it suspends itself.

use std::time::Duration;

/// Whether a session that nobody touched for `idle` suspends itself. Never while an alarm of priority 1 is taken by nobody:
/// whoever runs to the desk must find it open.
pub fn suspends_itself(idle: Duration, after: Option<Duration>, priority_one_untaken: bool) -> bool {
    !priority_one_untaken && after.is_some_and(|after| idle >= after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_session_that_is_left_alone_suspends_itself_when_the_policy_says_so() {
        assert!(suspends_itself(MINUTE * 10, Some(MINUTE * 10), false));
        assert!(!suspends_itself(MINUTE * 9, Some(MINUTE * 10), false));
        assert!(!suspends_itself(MINUTE * 600, None, false), "no policy");
    }

    #[test]
    fn a_session_never_suspends_itself_with_a_priority_1_that_nobody_took() {
        assert!(!suspends_itself(MINUTE * 600, Some(MINUTE), true));
    }
}
