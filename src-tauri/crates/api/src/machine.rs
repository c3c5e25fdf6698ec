//! The machine's own clock and identifiers: the only place where they are read.
#![allow(clippy::disallowed_methods, reason = "this is the edge where the ports meet the machine")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;
use vigie_core::ids::Ids;
use vigie_core::time::{Clock, Moment, Timestamp};

/// The wall clock, and time since boot with sleep included where the system tells it (Linux); elsewhere the wall clock
/// serves for both, and a clock set back shows as a jump at the next good pull.
#[derive(Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { wall: Timestamp(i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)), boot: boot_time(wall) }
    }
}

#[cfg(target_os = "linux")]
fn boot_time(_: Duration) -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn boot_time(wall: Duration) -> Duration {
    wall
}

/// UUIDv7 from the machine's clock and randomness.
#[derive(Debug, Default)]
pub struct MachineIds;

impl Ids for MachineIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Random bytes fit for keys, from the system.
pub(crate) fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(std::io::Error::other)
}
