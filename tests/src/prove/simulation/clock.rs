//! Clocks on tokio's paused time: the metropolis's true one, and those of desks, which are set, jump and sleep.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use vigie_core::time::{Clock, Moment, Timestamp};

use crate::prove::hamlet::TWO_PM;

/// A machine's clock.
pub(super) struct PausedClock {
    began: tokio::time::Instant,
    /// The wall clock against the true time, ms.
    wall: AtomicI64,
    /// Boot time against the time that ran, ms: grows when the machine sleeps.
    boot: AtomicI64,
}

impl PausedClock {
    /// A clock that is wrong by so much.
    pub(super) fn off_by(wall_ms: i64) -> Self {
        Self { began: tokio::time::Instant::now(), wall: AtomicI64::new(wall_ms), boot: AtomicI64::new(1_000_000) }
    }

    /// Somebody sets the wall clock.
    pub(super) fn set(&self, by_ms: i64) {
        self.wall.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// The true time that ran, ms.
    pub(super) fn ran(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Moment {
        let ran = self.ran();
        let boot = ran + self.boot.load(Ordering::Relaxed);
        Moment {
            wall: Timestamp(TWO_PM.0 + ran + self.wall.load(Ordering::Relaxed)),
            boot: Duration::from_millis(boot.unsigned_abs()),
        }
    }
}
