//! The last transaction that wrote something, and who waits for the next: woken in the order in which they came, so that
//! a city played again from its seed takes the same turns (tokio's `watch` wakes them in a random one).

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::table::Xid;

/// The last transaction told.
#[derive(Debug)]
pub(super) struct Written {
    last: AtomicU64,
    bell: Notify,
}

impl Written {
    pub(super) fn new(last: Xid) -> Self {
        Self { last: AtomicU64::new(last), bell: Notify::new() }
    }

    /// Something was written, up to this transaction.
    pub(super) fn tell(&self, xid: Xid) {
        if self.last.swap(xid, Ordering::SeqCst) != xid {
            self.bell.notify_waiters();
        }
    }

    /// Waits until something is written after this transaction; up to which.
    pub(super) async fn after(&self, xid: Xid) -> Xid {
        loop {
            // Registered before looking, so that a bell rung in between is not lost.
            let bell = self.bell.notified();
            let last = self.last.load(Ordering::SeqCst);
            if last > xid {
                return last;
            }
            bell.await;
        }
    }
}
