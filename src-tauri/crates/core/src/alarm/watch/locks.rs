//! Crew locks that wait to be in force, or whose expected end has passed (R10).

use std::time::Duration;

use serde_json::json;

use super::{Wanted, Watch};
use crate::alarm::rule::LockPast;
use crate::alarm::{AlarmKey, Condition};
use crate::ids::{EquipmentId, RecordId};
use crate::lock::LockState;
use crate::table::CrewLock;
use crate::time::Timestamp;

/// Since when a lock is overdue in this way, or will be.
fn overdue_from(lock: &CrewLock, past: LockPast) -> Option<Timestamp> {
    match (past, lock.state) {
        (LockPast::Grant, LockState::Asked) => Some(lock.received_at),
        // One that is not in force does not protect at its end either; the other alarm speaks of it.
        (LockPast::End, LockState::InForce) => Some(lock.ends_at()),
        _ => None,
    }
}

impl Watch {
    /// A lock as it stands.
    pub fn lock(&mut self, row: CrewLock) {
        let object = row.equipment_id;
        let of = self.locks.entry(object).or_default();
        if row.state.is_open() {
            of.insert(row.lock_id, row);
        } else {
            of.remove(&row.lock_id);
        }
        self.locks_of(object);
    }

    pub(super) fn forget_lock(&mut self, id: RecordId) {
        let found = self.locks.iter_mut().find_map(|(object, of)| of.remove(&id).map(|_| *object));
        if let Some(object) = found {
            self.locks_of(object);
        }
    }

    fn locks_of(&mut self, id: EquipmentId) {
        let mut said = Vec::new();
        for rule in &self.rules {
            let Condition::Lock { past } = rule.condition else { continue };
            let all = self.locks.get(&id).into_iter().flat_map(|of| of.values());
            let since: Vec<Timestamp> = all.filter_map(|lock| overdue_from(lock, past)).collect();
            let wanted = since.iter().min().map(|first| Wanted {
                since: *first,
                from: first.plus(Duration::from_secs(rule.delay_s.unsigned_abs())),
                priority: rule.priority,
                details: json!({ "locks": since.len() }),
            });
            let key = AlarmKey { rule: rule.code.clone(), equipment_id: Some(id), source: None, code: String::new() };
            said.push((key, wanted));
        }
        for (key, wanted) in said {
            self.want(key, wanted);
        }
        self.locks.retain(|_, of| !of.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::watch::tests::raised_by;
    use crate::alarm::{NotKnown, WatchRows, default_rules};
    use crate::lock::sample::{NOW, asked};
    use crate::lock::{Coming, grant};

    fn watch(lock: CrewLock) -> Watch {
        let rows = WatchRows { rules: default_rules(), locks: vec![lock], ..WatchRows::default() };
        Watch::over(Box::new(NotKnown), rows, NOW)
    }

    #[test]
    fn r10_a_lock_past_its_expected_end_is_alarmed_about_until_somebody_lifts_it() {
        let lock = grant(&asked(), Coming::default(), NOW).unwrap();
        let mut watch = watch(lock.clone());
        assert!(raised_by(&mut watch, lock.expected_end.minus(Duration::from_millis(1))).is_empty());
        assert_eq!(raised_by(&mut watch, lock.expected_end), ["raise crew_lock.past_end 2"]);
        assert!(raised_by(&mut watch, lock.expected_end.plus(Duration::from_secs(86_400))).is_empty(), "it stays");
        watch.lock(CrewLock { state: LockState::Lifted, ..lock.clone() });
        assert_eq!(raised_by(&mut watch, lock.expected_end.plus(Duration::from_secs(86_401))), ["clear"]);
    }

    #[test]
    fn r10_a_lock_that_does_not_come_into_force_within_a_minute_is_an_urgent_alarm() {
        let mut watch = watch(asked());
        assert!(raised_by(&mut watch, NOW.plus(Duration::from_secs(59))).is_empty());
        assert_eq!(raised_by(&mut watch, NOW.plus(Duration::from_secs(60))), ["raise crew_lock.not_in_force 1"]);
        watch.lock(grant(&asked(), Coming::default(), NOW.plus(Duration::from_secs(70))).unwrap());
        assert_eq!(raised_by(&mut watch, NOW.plus(Duration::from_secs(71))), ["clear"]);
    }
}
