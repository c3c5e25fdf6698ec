//! When a service is asked next: at its rhythm while it answers, later and later while it does not.

use std::time::Duration;

use vigie_core::time::Moment;

/// The first wait after a failure.
const FIRST: Duration = Duration::from_secs(15);
/// The longest, unless its rhythm is slower still.
const LONGEST: Duration = Duration::from_mins(15);

/// See the module.
#[derive(Debug)]
pub(super) struct Rhythm {
    every: Duration,
    failures: u32,
    next: Option<(Moment, Duration)>,
}

impl Rhythm {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, failures: 0, next: None }
    }

    pub(super) fn is_due(&self, now: Moment) -> bool {
        self.next.is_none_or(|(from, wait)| now.since(from) >= wait)
    }

    /// It answered.
    pub(super) fn answered(&mut self, now: Moment) {
        self.failures = 0;
        self.next = Some((now, self.every));
    }

    /// It did not: how long it is left alone. `chance` from 0 to 1 keeps two programs apart.
    pub(super) fn failed(&mut self, now: Moment, chance: f64) -> Duration {
        let wait = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST.max(self.every));
        let wait = wait + wait.mul_f64(chance.clamp(0.0, 1.0) / 4.0);
        self.failures = self.failures.saturating_add(1);
        self.next = Some((now, wait));
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_core::time::Timestamp;

    fn at(seconds: u64) -> Moment {
        Moment { wall: Timestamp(seconds as i64 * 1_000), boot: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_service_that_answers_is_asked_at_its_rhythm_and_one_that_does_not_is_left_alone_longer_each_time() {
        let mut rhythm = Rhythm::new(Duration::from_secs(300));
        assert!(rhythm.is_due(at(0)), "at once at first");
        rhythm.answered(at(0));
        assert!(!rhythm.is_due(at(299)) && rhythm.is_due(at(300)));
        let waits: Vec<_> = (0..9).map(|_| rhythm.failed(at(300), 0.0).as_secs()).collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert!(rhythm.failed(at(300), 1.0) <= LONGEST.mul_f64(1.25));
        rhythm.answered(at(2_000));
        assert_eq!(rhythm.failed(at(2_300), 0.0), FIRST, "and begins anew once it answered");
    }
}
