//! The rules over a city that changes. Told rows as they come and asked what is due, it says what the house must say.
//!
//! Incremental: a state costs a look at the rules of its own object; time passing costs only what has come due. It compares
//! what ought to be alarmed (`wanted`) with what the metropolis holds (`held`) for the keys that moved, so that a house that
//! begins anew with the metropolis's rows goes on where the last one stopped.

mod compare;
mod locks;
mod programmes;
mod sense;
mod take;
mod thing;
mod water;

pub use take::{Told, WatchRows};

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::alarm::rule::Missing;
use crate::alarm::{AlarmKey, Site};
use crate::command::ClassCode;
use crate::ids::{AlarmId, CommandId, EquipmentId, RecordId};
use crate::table::{Alarm, AlarmRule, CrewLock, Notice, Shift};
use crate::time::Timestamp;
use thing::Thing;
use water::Gauge;

/// Objects that feed one another in a row, at most.
const DEPTH: usize = 8;

/// What ought to be alarmed.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    /// Since when the condition holds: the beginning of the episode.
    since: Timestamp,
    /// From when it is an alarm: the condition has held long enough.
    from: Timestamp,
    priority: i64,
    details: Value,
}

/// How much of a whole is in trouble.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    all: u32,
    troubled: u32,
}

/// What is missing of an object's commands, since when.
type MissingOf = BTreeMap<CommandId, Vec<(Missing, ClassCode, Timestamp)>>;

/// The rules over a city.
pub struct Watch {
    site: Box<dyn Site>,
    rules: Vec<AlarmRule>,
    rule_of: HashMap<String, usize>,
    things: Vec<Thing>,
    place: HashMap<EquipmentId, usize>,
    by_reference: HashMap<String, usize>,
    /// What each object feeds, by reference: it may be known before the object is.
    fed: HashMap<String, Vec<usize>>,
    references: Vec<String>,
    sources: HashMap<Arc<str>, Tally>,
    commands: HashMap<EquipmentId, MissingOf>,
    /// Locks that are not over, by object.
    locks: HashMap<EquipmentId, BTreeMap<RecordId, CrewLock>>,
    /// Gauges whose river is known, by their place.
    gauges: BTreeMap<usize, Gauge>,
    shifts: HashMap<uuid::Uuid, Shift>,
    /// By the alarm that each is of; those of no alarm by their own identifier.
    notices: HashMap<uuid::Uuid, Notice>,
    /// What devices themselves alarm about: codes by object.
    device_codes: HashMap<EquipmentId, BTreeSet<String>>,
    wanted: HashMap<AlarmKey, Wanted>,
    /// The last occurrence of each key that is open, or was a short while ago.
    held: HashMap<AlarmKey, Alarm>,
    /// Keys of an object that are held or wanted.
    keys_of: HashMap<EquipmentId, BTreeSet<AlarmKey>>,
    by_alarm: HashMap<AlarmId, AlarmKey>,
    raises: HashMap<AlarmKey, VecDeque<Timestamp>>,
    /// Keys to be compared, those that explain others first.
    moved: BTreeSet<(u8, AlarmKey)>,
    timers: BTreeSet<(Timestamp, AlarmKey)>,
    silences: BTreeSet<(Timestamp, usize)>,
    /// When the room must be looked at next.
    room_at: Option<Timestamp>,
    /// The time last told.
    now: Timestamp,
}

impl Watch {
    fn empty(site: Box<dyn Site>, rules: Vec<AlarmRule>, now: Timestamp) -> Self {
        Self {
            site,
            rule_of: rules.iter().enumerate().map(|(place, rule)| (rule.code.clone(), place)).collect(),
            rules,
            things: Vec::new(),
            place: HashMap::new(),
            by_reference: HashMap::new(),
            fed: HashMap::new(),
            references: Vec::new(),
            sources: HashMap::new(),
            commands: HashMap::new(),
            locks: HashMap::new(),
            gauges: BTreeMap::new(),
            shifts: HashMap::new(),
            notices: HashMap::new(),
            device_codes: HashMap::new(),
            wanted: HashMap::new(),
            held: HashMap::new(),
            keys_of: HashMap::new(),
            by_alarm: HashMap::new(),
            raises: HashMap::new(),
            moved: BTreeSet::new(),
            timers: BTreeSet::new(),
            silences: BTreeSet::new(),
            room_at: None,
            now,
        }
    }

    /// Notices that no connector has sent and nobody called off.
    pub fn unsent(&self) -> impl Iterator<Item = &Notice> {
        self.notices.values().filter(|n| n.sent_at.is_none() && n.over_at.is_none())
    }

    /// The alarm of an identifier, while it is held.
    pub fn alarm_of(&self, id: AlarmId) -> Option<&Alarm> {
        self.by_alarm.get(&id).and_then(|key| self.held.get(key)).filter(|alarm| alarm.alarm_id == id)
    }

    fn rule_at(&self, place: usize) -> Option<&AlarmRule> {
        self.rules.get(place)
    }

    fn rule(&self, key: &AlarmKey) -> Option<&AlarmRule> {
        self.rule_of.get(&key.rule).and_then(|place| self.rules.get(*place))
    }

    /// The objects above one, nearest first.
    fn above(&self, place: usize) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut at = place;
        while let Some(next) =
            self.things.get(at).and_then(|t| t.fed_by.as_ref()).and_then(|reference| self.by_reference.get(reference))
        {
            // A city that feeds itself in a circle is a fault of its inventory, not of the watch.
            if *next == place || chain.contains(next) || chain.len() >= DEPTH {
                break;
            }
            chain.push(*next);
            at = *next;
        }
        chain
    }

    /// Every object below one.
    fn below(&self, place: usize) -> Vec<usize> {
        let (mut found, mut level) = (Vec::new(), vec![place]);
        for _ in 0..DEPTH {
            let fed = level.iter().filter_map(|at| self.references.get(*at)).filter_map(|of| self.fed.get(of));
            level = fed.flatten().copied().collect();
            found.extend(&level);
        }
        found
    }
}

#[cfg(test)]
mod tests;
