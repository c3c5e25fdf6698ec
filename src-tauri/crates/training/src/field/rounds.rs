//! When each device reports: spread over its period, sooner when its programme changes, never a burst.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;

use super::device::Device;
use crate::chance::luck;

/// States reported at most in one step. A city at an hour a second does not drown the desk: its states age instead,
/// in turn.
pub const MOST_REPORTS: usize = 2_000;

/// The next report of each device.
#[derive(Default)]
pub(super) struct Rounds {
    heap: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The instant that counts: others in the heap are left over.
    next: Vec<Option<Timestamp>>,
}

impl Rounds {
    /// Adds the next device, last seen at `last`.
    pub(super) fn first(&mut self, index: usize, device: &Device, last: Timestamp, now: Timestamp) {
        self.next.resize(self.next.len().max(index + 1), None);
        let regular = last.plus(device.period());
        // What is long overdue does not come all at once.
        let share = luck(device.number, 4, 31);
        let regular = if regular < now { now.plus(device.period().mul_f64(share)) } else { regular };
        let change = device.next_change(now).unwrap_or(regular);
        let ended = device.until.filter(|until| *until <= now).map_or(regular, |_| now);
        self.plan(index, device, regular.min(change).min(ended));
    }

    /// After a report at `now`.
    pub(super) fn after(&mut self, index: usize, device: &Device, now: Timestamp) {
        let regular = now.plus(device.period());
        self.plan(index, device, device.next_change(now).unwrap_or(regular).min(regular));
    }

    /// It reports by itself at `at`, sooner than its turn.
    pub(super) fn soon(&mut self, index: usize, device: &Device, at: Timestamp) {
        self.plan(index, device, at);
    }

    fn plan(&mut self, index: usize, device: &Device, at: Timestamp) {
        // A silent device is only thought of when its override ends.
        let at = if device.silent { device.until } else { Some(at) };
        if let Some(slot) = self.next.get_mut(index) {
            *slot = at;
        }
        self.heap.extend(at.map(|at| Reverse((at, index))));
    }

    /// The reports due at `now`, the longest awaited first.
    pub(super) fn due(&mut self, devices: &mut [Device], seed: u64, now: Timestamp, most: usize) -> Vec<StateReport> {
        let mut states = Vec::new();
        while states.len() < most
            && let Some(Reverse((at, index))) = self.heap.peek().copied()
            && at <= now
        {
            self.heap.pop();
            if self.next.get(index).copied().flatten() != Some(at) {
                continue;
            }
            let Some(device) = devices.get_mut(index) else { continue };
            device.revert(now);
            if device.silent {
                self.after(index, device, now);
                continue;
            }
            device.age(now);
            states.push(device.report(seed, now));
            self.after(index, device, now);
        }
        states
    }
}
