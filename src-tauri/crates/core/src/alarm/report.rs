//! What the house says of alarms. Identifiers come from what is judged, so that a change of leader doubles nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::alarm::{AlarmKey, NoticeReason, SiteWork};
use crate::house::NAMES;
use crate::ids::{AlarmId, EquipmentId, SubmissionId};
use crate::submission::{Body, Submission};
use crate::time::Timestamp;

/// An occurrence as it is raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RaisedAlarm {
    /// Its identifier ([`alarm_id`]).
    pub alarm_id: AlarmId,
    /// Code of the rule.
    pub rule: String,
    /// On which object.
    pub equipment_id: Option<EquipmentId>,
    /// On which source.
    pub source: Option<String>,
    /// The device's own code; empty where a rule speaks.
    pub code: String,
    /// 1, 2 or 3.
    pub priority: i64,
    /// What it says, as a code.
    pub message: String,
    /// The values that it says, by name.
    pub details: Value,
    /// When.
    pub raised_at: Timestamp,
    /// The alarm that explains it.
    pub cause_id: Option<AlarmId>,
    /// It comes and goes.
    pub chattering: bool,
    /// What is known of works and crews at its place.
    pub site: SiteWork,
}

/// One thing that the house says. Said twice, it is done once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AlarmChange {
    /// An alarm is raised.
    Raise(RaisedAlarm),
    /// Its condition holds no more.
    Clear {
        /// Which.
        alarm_id: AlarmId,
        /// Since when.
        at: Timestamp,
    },
    /// It stands under another one, or no more.
    Explain {
        /// Which.
        alarm_id: AlarmId,
        /// Under which.
        cause_id: Option<AlarmId>,
        /// Since when.
        at: Timestamp,
    },
    /// It is more urgent than it was.
    Upgrade {
        /// Which.
        alarm_id: AlarmId,
        /// How urgent.
        priority: i64,
        /// Since when.
        at: Timestamp,
    },
    /// Nobody took it: it is carried further.
    Escalate {
        /// Which.
        alarm_id: AlarmId,
        /// 1 to every desk, 2 to the person on call.
        level: i64,
        /// Since when.
        at: Timestamp,
    },
    /// The end of its shelving has come.
    Unshelve {
        /// Which.
        alarm_id: AlarmId,
        /// Since when.
        at: Timestamp,
    },
    /// Somebody outside the room must be told.
    Notify {
        /// The notice's identifier ([`notice_id`]).
        notice_id: Uuid,
        /// Why.
        reason: NoticeReason,
        /// Of which alarm.
        alarm_id: AlarmId,
        /// Since when.
        at: Timestamp,
    },
    /// A connector told him.
    Sent {
        /// Which notice.
        notice_id: Uuid,
        /// When.
        at: Timestamp,
    },
    /// Somebody took the alarm: he need not come.
    CallOff {
        /// Which notice.
        notice_id: Uuid,
        /// Since when.
        at: Timestamp,
    },
}

/// The identifier of an occurrence: of what it is, and since when its condition holds.
pub fn alarm_id(key: &AlarmKey, since: Timestamp) -> AlarmId {
    let object = key.equipment_id.map_or_else(|| key.source.clone().unwrap_or_default(), |id| id.to_string());
    let name = format!("alarm/{}/{object}/{}/{}", key.rule, key.code, since.0);
    AlarmId(Uuid::new_v5(&NAMES, name.as_bytes()))
}

/// The identifier of a notice.
pub fn notice_id(alarm: AlarmId, reason: NoticeReason) -> Uuid {
    Uuid::new_v5(&NAMES, format!("notice/{reason}/{alarm}").as_bytes())
}

/// What the house says in one turn, as one submission, named by what it says; none when it says nothing.
pub fn report(changes: Vec<AlarmChange>) -> Option<Submission> {
    if changes.is_empty() {
        return None;
    }
    let text = serde_json::to_vec(&changes).unwrap_or_default();
    let id = SubmissionId(Uuid::new_v5(&NAMES, &[b"alarms/".as_slice(), &text].concat()));
    Some(Submission::new(id, Body::AlarmReport { changes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(rule: &str, object: u128, code: &str) -> AlarmKey {
        let equipment_id = Some(EquipmentId(Uuid::from_u128(object)));
        AlarmKey { rule: rule.into(), equipment_id, source: None, code: code.into() }
    }

    #[test]
    fn an_occurrence_is_named_by_its_rule_its_object_and_its_beginning() {
        let at = Timestamp(1_000);
        let named = alarm_id(&key("a", 1, ""), at);
        assert_eq!(named, alarm_id(&key("a", 1, ""), at));
        for other in [
            alarm_id(&key("b", 1, ""), at),
            alarm_id(&key("a", 2, ""), at),
            alarm_id(&key("a", 1, "A0010"), at),
            alarm_id(&key("a", 1, ""), Timestamp(1_001)),
        ] {
            assert_ne!(named, other);
        }
    }

    #[test]
    fn two_houses_that_say_the_same_say_it_once() {
        let clear = |at| vec![AlarmChange::Clear { alarm_id: AlarmId(Uuid::from_u128(1)), at: Timestamp(at) }];
        assert_eq!(report(clear(5)), report(clear(5)));
        assert_ne!(report(clear(5)).unwrap().submission_id, report(clear(6)).unwrap().submission_id);
        assert_eq!(report(Vec::new()), None);
    }
}
