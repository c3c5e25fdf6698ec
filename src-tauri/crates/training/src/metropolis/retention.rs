//! What is forgotten, so that a city played for days at sixty times real time stays in memory.

use uuid::Uuid;
use vigie_core::time::Timestamp;

use super::table::Fed;
use super::world::World;

/// Past states and commands are kept as long as a workstation keeps them.
const KEPT_MS: i64 = 48 * 3_600_000;
/// Rows forgotten at most in one go.
const AT_ONCE: usize = 2_000;
/// Tombstones kept by table; a desk that is further behind copies everything anew.
const TOMBSTONES: usize = 40_000;

impl World {
    /// Forgets what is older than the windows; a little at a time.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        let floor = Timestamp(now.0 - KEPT_MS);
        let old: Vec<(Timestamp, Uuid)> = self.past.range(..(floor, Uuid::nil())).take(AT_ONCE).copied().collect();
        let (commands, events) = self.old_commands(floor);
        let groups: Vec<Uuid> =
            self.groups.iter().filter(|g| g.issued_at < floor).map(|g| g.group_id.0).take(AT_ONCE).collect();
        if old.is_empty() && commands.is_empty() && groups.is_empty() {
            return;
        }
        let xid = self.begin();
        for entry in old {
            self.past.remove(&entry);
            self.history.delete(xid, entry.1);
        }
        for key in commands {
            self.commands.delete(xid, key);
        }
        for key in groups {
            self.groups.delete(xid, key);
        }
        for key in events {
            self.events.delete(xid, key);
        }
        let forgotten = [
            self.history.forget(TOMBSTONES),
            self.commands.forget(TOMBSTONES),
            self.groups.forget(TOMBSTONES),
            self.events.forget(TOMBSTONES),
        ];
        if let Some(last) = forgotten.into_iter().flatten().max() {
            self.horizon = self.horizon.max(last + 1);
        }
    }

    /// Commands that are over since the floor, with their events.
    fn old_commands(&self, floor: Timestamp) -> (Vec<Uuid>, Vec<Uuid>) {
        let over = |c: &vigie_core::table::Command| {
            c.issued_at < floor && c.state_since < floor && !self.marks.contains_key(&c.command_id)
        };
        let commands: Vec<Uuid> =
            self.commands.iter().filter(|c| over(c)).map(|c| c.command_id.0).take(AT_ONCE).collect();
        if commands.is_empty() {
            return (commands, Vec::new());
        }
        let events = self.events.iter().filter(|e| commands.contains(&e.command_id.0)).map(|e| e.event_id).collect();
        (commands, events)
    }
}
