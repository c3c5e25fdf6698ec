//! An object as the watch knows it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::sense::Sense;
use crate::alarm::Condition;
use crate::equipment::Reach;
use crate::ids::EquipmentId;
use crate::table::{AlarmRule, Equipment, EquipmentState};
use crate::time::Timestamp;

/// An object with the rules that look at it.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub id: EquipmentId,
    /// Reference of what feeds it.
    pub fed_by: Option<String>,
    pub senses: Vec<Sense>,
    /// Place of the rule of silence, and its time.
    pub silence: Option<(usize, Duration)>,
    /// Place of the rule of many, if it feeds others.
    pub many: Option<usize>,
    /// A look at its silence is planned.
    pub planned: bool,
    pub heard_at: Option<Timestamp>,
    pub reachable: bool,
    pub source: Option<Arc<str>>,
    /// Alarms of it that are active and yield.
    pub troubles: u32,
    /// Those of them that say that it is not heard.
    pub unheard: u32,
    /// Objects that it feeds and that have such an alarm.
    pub fed_troubled: u32,
}

impl Thing {
    pub(super) fn new(row: &Equipment, rules: &[AlarmRule]) -> Self {
        let looks = |rule: &AlarmRule| rule.kind == Some(row.kind) && holds_all(&row.attributes, &rule.scope);
        let mine = || rules.iter().enumerate().filter(|(_, rule)| looks(rule));
        let of_states = |c: &Condition| {
            matches!(
                c,
                Condition::State { .. } | Condition::Threshold { .. } | Condition::Rate { .. } | Condition::Reach
            )
        };
        Self {
            id: row.equipment_id,
            fed_by: row.attributes.get("fed_by").and_then(Value::as_str).map(str::to_owned),
            senses: mine()
                .filter(|(_, rule)| of_states(&rule.condition))
                .filter_map(|(place, rule)| Sense::new(place, rule, &row.attributes))
                .collect(),
            silence: mine().find_map(|(place, rule)| match rule.condition {
                Condition::Silence { after_s } => Some((place, Duration::from_secs(after_s.unsigned_abs()))),
                _ => None,
            }),
            many: mine().find(|(_, rule)| matches!(rule.condition, Condition::Many { .. })).map(|(place, _)| place),
            planned: false,
            heard_at: None,
            reachable: true,
            source: None,
            troubles: 0,
            unheard: 0,
            fed_troubled: 0,
        }
    }

    /// Takes in when it was heard, and how.
    pub(super) fn hear(&mut self, state: &EquipmentState) {
        self.heard_at = self.heard_at.max(state.observed_at);
        self.reachable = state.reach == Reach::Reachable;
    }

    /// Since when it is silent, if it is at `now`; else when it must be looked at again.
    pub(super) fn silent_since(&self, now: Timestamp) -> Result<Timestamp, Option<Timestamp>> {
        let due = self.silence.and_then(|(_, after)| self.heard_at.map(|at| at.plus(after)));
        match due {
            Some(due) if due <= now && self.reachable => Ok(due),
            // Something says why nothing is heard: that is another alarm.
            Some(due) if due <= now => Err(None),
            due => Err(due),
        }
    }
}

/// Whether attributes have all these values.
fn holds_all(attributes: &Value, scope: &Value) -> bool {
    scope.as_object().is_none_or(|wanted| wanted.iter().all(|(key, value)| attributes.get(key) == Some(value)))
}
