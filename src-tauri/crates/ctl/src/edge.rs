//! The machine: its clock, its chance, the signal that ends the program.
#![allow(
    clippy::disallowed_methods,
    reason = "the edge of the program: here clock and chance are called for, and given on"
)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;
use vigie_core::ids::Ids;
use vigie_core::time::{Clock, Moment, Timestamp, millis};

/// This machine's clock. A simulation has no lives to count through a sleep: the wall clock stands for both.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Moment { wall: Timestamp(millis(since)), boot: since }
    }
}

/// Identifiers that no earlier run made.
pub(crate) struct FreshIds;

impl Ids for FreshIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A password that nobody has to remember: 122 bits of the system's chance.
pub(crate) fn password() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Ends when the program is asked to.
pub(crate) async fn asked_to_end() {
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
