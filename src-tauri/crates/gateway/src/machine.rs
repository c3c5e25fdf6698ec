//! The machine's clock: read here and nowhere else in this program.
#![allow(clippy::disallowed_methods, reason = "this is the edge where the ports meet the machine")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vigie_core::time::{Clock, Moment, Timestamp, millis};

/// The wall clock, and time since boot with sleep included where the system tells it (R12); elsewhere the wall clock serves
/// for both.
#[derive(Debug, Default)]
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { wall: Timestamp(millis(wall)), boot: since_boot(wall) }
    }
}

#[cfg(target_os = "linux")]
fn since_boot(_: Duration) -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn since_boot(wall: Duration) -> Duration {
    wall
}
