//! When to look next: at once after a hint, soon after something came, seldom when nothing does. Pure.
//!
//! A hint says that something was written; it may be lost, so that one looks by oneself as well. Who writes while another
//! one is giving a hint gives none, so that one looks again just after something came, and less and less often from there.
//!
//! Looks that bring something are some time apart on average, whatever is written: that bounds what a workstation costs the
//! server. A few may follow each other at once all the same, so that an order's answer is not made to wait for the sake of
//! what came before it.

use std::time::Duration;

use crate::engine::Options;

/// Longest wait from the beginning of a try to connect to the next: with its jitter and the return itself, work goes on
/// within five seconds of the link being back. A try that met its deadline has waited already.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
/// After a failure to hear, so many looks are made without listening.
const DEAF_FOR: u32 = 20;

/// Looks that bring something and may follow each other at once, after as long a silence.
const AT_ONCE: u32 = 4;

/// When the next look is due after a hint: a leaky bucket (the virtual scheduling of ITU-T I.371, annex A).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// When as many looks as were made would have been made, all of them apart.
    due: Duration,
}

impl Allowance {
    /// From when on a look may be made; times are of any clock that only runs forward.
    pub(crate) fn from(self, apart: Duration) -> Duration {
        self.due.saturating_sub(apart.saturating_mul(AT_ONCE - 1))
    }

    /// A look that was begun at `at` brought something.
    pub(crate) fn spend(&mut self, at: Duration, apart: Duration) {
        self.due = self.due.max(at) + apart;
    }
}

/// How the last looks went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cadence {
    failures: u32,
    /// How long the last failed look took.
    tried: Duration,
    /// A refused password is not tried again by itself: that is how accounts get locked.
    refused: bool,
    /// Looks that found nothing since something came.
    quiet: u32,
    /// Looks to go before one listens again.
    deaf: u32,
}

impl Cadence {
    /// A look went well, and something came or not.
    pub(crate) fn looked(&mut self, found: bool) {
        let quiet = if found { 0 } else { self.quiet.saturating_add(1) };
        *self = Self { quiet, deaf: self.deaf.saturating_sub(1), ..Self::default() };
    }

    /// A look failed after some time; `asks` when only a person can help.
    pub(crate) fn failed(&mut self, asks: bool, tried: Duration) {
        *self = Self { failures: self.failures.saturating_add(1), tried, refused: asks, ..Self::default() };
    }

    /// There are no hints for now.
    pub(crate) fn heard_nothing(&mut self) {
        self.deaf = DEAF_FOR;
    }

    /// Whether hints are waited for.
    pub(crate) fn listens(&self) -> bool {
        self.failures == 0 && self.deaf == 0
    }

    /// How long to wait for the next look, if it comes by itself at all.
    pub(crate) fn wait(&self, options: &Options, jitter: u64) -> Option<Duration> {
        if self.refused {
            return None;
        }
        if self.failures > 0 {
            return Some(backoff(self.failures, jitter).saturating_sub(self.tried).max(options.look_every));
        }
        let longest = if self.listens() { options.look_at_least_every } else { options.look_every };
        Some(options.apart.saturating_mul(1 << self.quiet.min(10)).min(longest))
    }
}

/// 250 ms, doubled at each failure up to the longest, plus up to a quarter.
fn backoff(failures: u32, jitter: u64) -> Duration {
    let base = Duration::from_millis(250).saturating_mul(1 << failures.min(5)).min(LONGEST_BACKOFF);
    base + base.mul_f64(jitter as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(cadence: Cadence) -> u64 {
        cadence.wait(&Options::default(), 0).unwrap().as_millis() as u64
    }

    #[test]
    fn a_few_looks_follow_hints_at_once_and_then_they_are_apart() {
        const APART: Duration = Duration::from_millis(50);
        let mut allowance = Allowance::default();
        let mut now = Duration::from_secs(100);
        let mut begun = Vec::new();
        // A hint every 5 ms, and each look brings something.
        for _ in 0..8 {
            now = (now + Duration::from_millis(5)).max(allowance.from(APART));
            begun.push(now.saturating_sub(Duration::from_secs(100)).as_millis());
            allowance.spend(now, APART);
        }
        assert_eq!(begun, [5, 10, 15, 20, 55, 105, 155, 205]);
        // Silence gives them back, and no more than them.
        now += Duration::from_secs(3_600);
        let mut free = 0;
        while allowance.from(APART) <= now {
            allowance.spend(now, APART);
            free += 1;
        }
        assert_eq!(free, AT_ONCE);
    }

    #[test]
    fn looks_follow_closely_what_came_and_then_less_and_less() {
        let mut cadence = Cadence::default();
        cadence.looked(true);
        let mut waits = Vec::new();
        for _ in 0..7 {
            waits.push(ms(cadence));
            cadence.looked(false);
        }
        assert_eq!(waits, [50, 100, 200, 400, 800, 1_000, 1_000]);
        cadence.looked(true);
        assert_eq!(ms(cadence), 50);
    }

    #[test]
    fn without_hints_one_looks_four_times_a_second_and_listens_again_later() {
        let mut cadence = Cadence::default();
        cadence.looked(false);
        cadence.heard_nothing();
        for _ in 0..DEAF_FOR {
            assert!(!cadence.listens());
            cadence.looked(false);
        }
        assert!(cadence.listens());
        cadence.heard_nothing();
        assert_eq!(ms(cadence), 250);
    }

    #[test]
    fn a_refused_link_is_tried_less_and_less_and_a_silent_one_again_at_once() {
        let mut cadence = Cadence::default();
        let mut waits = Vec::new();
        for _ in 0..6 {
            cadence.failed(false, Duration::ZERO);
            assert!(!cadence.listens());
            waits.push(ms(cadence));
        }
        assert_eq!(waits, [500, 1_000, 2_000, 2_000, 2_000, 2_000]);
        cadence.failed(false, Duration::from_secs(4));
        assert_eq!(ms(cadence), 250);
    }

    #[test]
    fn a_refused_password_waits_for_a_person() {
        let mut cadence = Cadence::default();
        cadence.failed(true, Duration::ZERO);
        assert_eq!(cadence.wait(&Options::default(), 0), None);
        cadence.looked(true);
        assert!(cadence.wait(&Options::default(), 0).is_some());
    }

    #[test]
    fn workstations_do_not_knock_together() {
        assert_eq!((backoff(1, 0).as_millis(), backoff(1, 255).as_millis()), (500, 624));
    }
}
