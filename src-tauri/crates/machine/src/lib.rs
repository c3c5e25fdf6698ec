//! The machine that a program runs on: its clock, identifiers that no other program makes, the signal that ends it.
//!
//! Guarantee: no other crate that ships reads a clock; what they know of time, they were given.
#![allow(clippy::disallowed_methods, reason = "this is the edge where the ports meet the machine")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;
use vigie_core::ids::Ids;
use vigie_core::time::{Clock, Moment, Timestamp, millis};

/// The wall clock, and time since boot with sleep included where the system tells it (R12); elsewhere the wall clock serves
/// for both, and a clock set back shows as a jump.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

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

/// UUIDv7 from the machine's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineIds;

impl Ids for MachineIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Ends when the program is asked to.
pub async fn asked_to_end() {
    #[cfg(unix)]
    if let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
        return;
    }
    // Without a signal to wait for, the program runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
