//! Time as a value: a [`Timestamp`] is an argument, a [`Clock`] is given.
//!
//! Guarantees: no function of the core reads a clock; lives are measured with [`Moment::since`], which runs through sleep (R12).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. The unit of every instant that is stored or transmitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "f64"))]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This instant, later by `by` (saturating).
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }

    /// This instant, earlier by `by` (saturating).
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Signed distance `self - other` in milliseconds.
    pub fn offset_from(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// `d` in whole milliseconds, saturating at the range of `i64`.
pub fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

/// One reading of a machine's two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock: may be set, may jump.
    pub wall: Timestamp,
    /// Time since boot, sleep included where the system tells it.
    pub boot: Duration,
}

impl Moment {
    /// Elapsed time since `earlier`: the longer of boot time and wall-clock difference, so that neither a sleep nor a
    /// clock set back lets an old command live on (R12).
    pub fn since(self, earlier: Self) -> Duration {
        self.boot.saturating_sub(earlier.boot).max(self.wall.since(earlier.wall))
    }

    /// How far the wall clock moved against boot time since `earlier`, in milliseconds; non-zero means it was set.
    pub fn jump_since(self, earlier: Self) -> i64 {
        self.wall.offset_from(earlier.wall).saturating_sub(millis(self.boot.saturating_sub(earlier.boot)))
    }
}

/// The clock of a machine, or of a test.
pub trait Clock: Send + Sync {
    /// Reads both clocks at once.
    fn now(&self) -> Moment;
}

/// What a workstation believes the metropolis's clock to say, from the last time it heard it.
///
/// Commands are stamped with this estimate, so a workstation whose own clock is wrong still issues them at the right time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetropolisTime {
    heard: Timestamp,
    at: Moment,
    rate: f64,
}

impl MetropolisTime {
    /// The metropolis said `heard` when this machine read `at`; its clock runs `rate` times real time (1 when live).
    pub fn new(heard: Timestamp, at: Moment, rate: f64) -> Self {
        Self { heard, at, rate }
    }

    /// The metropolis's time estimated at `now`.
    pub fn estimate(&self, now: Moment) -> Timestamp {
        let elapsed = now.since(self.at).as_millis() as f64 * self.rate;
        Timestamp(self.heard.0.saturating_add(elapsed as i64))
    }

    /// Difference between this estimate and what the metropolis says now, in real milliseconds (R12).
    pub fn skew(&self, heard: Timestamp, now: Moment) -> i64 {
        let off = heard.offset_from(self.estimate(now)) as f64;
        (off / self.rate.max(1.0)) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, boot: u64) -> Moment {
        Moment { wall: Timestamp(wall), boot: Duration::from_millis(boot) }
    }

    #[test]
    fn elapsed_time_runs_through_a_sleep_that_only_the_wall_clock_saw() {
        assert_eq!(moment(10_000, 1_500).since(moment(1_000, 1_000)), Duration::from_secs(9));
    }

    #[test]
    fn a_clock_set_back_does_not_lengthen_a_life() {
        let (before, after) = (moment(100_000, 1_000), moment(40_000, 61_000));
        assert_eq!(after.since(before), Duration::from_secs(60));
        assert_eq!(after.jump_since(before), -120_000);
    }

    #[test]
    fn the_estimate_follows_an_accelerated_metropolis() {
        let clock = MetropolisTime::new(Timestamp(1_000_000), moment(0, 0), 60.0);
        assert_eq!(clock.estimate(moment(1_000, 1_000)), Timestamp(1_060_000));
        assert_eq!(clock.skew(Timestamp(1_120_000), moment(1_000, 1_000)), 1_000);
    }
}
