//! The alarms as this workstation knows them: those of the local copy that are open, and over them what was done here and is
//! not confirmed. An acknowledgement made here silences this desk at once, and nobody else's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use vigie_core::alarm::{HandlingEffect, HandlingKind, LOAD_WINDOW, LOST_RULE, LoadWord, flood, load_word, untaken};
use vigie_core::ids::{AlarmId, DeskId, EquipmentId, RecordId};
use vigie_core::port::{OutboxRecord, TableChanges};
use vigie_core::record::RecordState;
use vigie_core::rights::Role;
use vigie_core::table::{Alarm, AlarmAct, BadRow, Notice, Shift, TableRow};
use vigie_core::time::Timestamp;

/// Who watches alarms at a desk.
const WATCHERS: [Role; 3] = [Role::RemoteOperator, Role::Supervisor, Role::CctvOperator];
/// Own acts whose outcome is still told on the alarm.
const OUTCOMES_KEPT: Duration = Duration::from_hours(12);

/// An alarm as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownAlarm {
    /// What the metropolis says.
    pub alarm: Alarm,
    /// Open alarms under it.
    pub under: u32,
    /// What was done here and is not confirmed, the latest of each kind.
    pub waiting: Vec<(HandlingKind, RecordState)>,
    /// What was done here last and came to nothing, with why.
    pub came_to: Option<(HandlingKind, HandlingEffect)>,
}

impl ShownAlarm {
    /// Whether it asks this desk to take it: nobody has, and nobody here did while the metropolis does not answer.
    pub fn asks(&self) -> bool {
        untaken(&self.alarm) && !self.waiting.iter().any(|(kind, _)| *kind == HandlingKind::Acknowledge)
    }
}

/// Alarms of one priority in the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PriorityCount {
    /// That nobody has taken.
    pub untaken: u32,
    /// Taken, still active.
    pub taken: u32,
    /// Under one of these.
    pub under: u32,
}

/// What the last ten minutes asked of a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeskLoad {
    /// The desk.
    pub desk_id: DeskId,
    /// Somebody holds it.
    pub held: bool,
    /// Alarms that came to it: given to it, taken there, or taken nowhere yet.
    pub raised: u32,
    /// In a word.
    pub word: LoadWord,
}

/// A flood under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodNow {
    /// Since when, as this workstation saw it.
    pub since: Timestamp,
    /// Alarms raised in the last ten minutes.
    pub raised: u32,
    /// For so many desks that watch.
    pub desks: u32,
}

/// Alarms of the local copy.
#[derive(Debug, Default)]
pub(crate) struct Board {
    open: HashMap<AlarmId, Alarm>,
    /// Closed ones that were raised a short while ago: they count for floods and load.
    closed: HashMap<AlarmId, Alarm>,
    /// Own acts that the metropolis has judged, by alarm: the last one, with when it was received.
    judged: HashMap<AlarmId, (HandlingKind, HandlingEffect, Timestamp)>,
    acts: HashMap<RecordId, AlarmId>,
    notices: BTreeMap<uuid::Uuid, Notice>,
    flood: Option<Timestamp>,
}

impl Board {
    /// The whole of what a local copy holds that is open.
    pub(crate) fn load(&mut self, open: Vec<Alarm>, notices: Vec<Notice>) {
        self.open = open.into_iter().map(|row| (row.alarm_id, row)).collect();
        self.closed.clear();
        self.notices = notices.into_iter().map(|row| (row.notice_id, row)).collect();
    }

    /// Takes in what changed, if it is of alarms; says whether it was. `me` tells own acts.
    pub(crate) fn take(&mut self, table: &TableChanges, me: Option<vigie_core::ids::PersonId>) -> Result<bool, BadRow> {
        match table.table.name {
            name if name == Alarm::SPEC.name => {
                for key in &table.deleted {
                    self.open.remove(&AlarmId(*key));
                    self.closed.remove(&AlarmId(*key));
                }
                for row in &table.rows {
                    let row = Alarm::from_row(row)?;
                    let (to, from) =
                        if row.open { (&mut self.open, &mut self.closed) } else { (&mut self.closed, &mut self.open) };
                    from.remove(&row.alarm_id);
                    to.insert(row.alarm_id, row);
                }
            }
            name if name == AlarmAct::SPEC.name => {
                for row in &table.rows {
                    self.judge(&AlarmAct::from_row(row)?, me);
                }
            }
            name if name == Notice::SPEC.name => {
                for row in &table.rows {
                    let row = Notice::from_row(row)?;
                    self.notices.insert(row.notice_id, row);
                }
                for key in &table.deleted {
                    self.notices.remove(key);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// An act that the local copy contains.
    pub(crate) fn judge(&mut self, act: &AlarmAct, me: Option<vigie_core::ids::PersonId>) {
        self.acts.insert(act.act_id, act.alarm_id);
        if Some(act.person_id) == me {
            self.judged.insert(act.alarm_id, (act.kind, act.effect, act.received_at));
        }
    }

    /// Whether the local copy contains what a record did.
    pub(crate) fn contains(&self, record: &OutboxRecord) -> bool {
        self.acts.contains_key(&record.record_id)
    }

    /// Forgets what no longer counts at `now`, and sees floods begin and end; says whether one did.
    pub(crate) fn pass(&mut self, now: Timestamp, desks: usize) -> bool {
        self.closed.retain(|_, alarm| now.since(alarm.raised_at) <= LOAD_WINDOW);
        self.judged.retain(|_, (_, _, at)| now.since(*at) <= OUTCOMES_KEPT);
        self.notices.retain(|_, notice| notice.over_at.is_none_or(|over| now.since(over) <= LOAD_WINDOW));
        if self.acts.len() > 10_000 {
            self.acts.clear();
        }
        let on = flood(self.flood.is_some(), self.recent(now).count(), desks);
        let moved = on != self.flood.is_some();
        self.flood = on.then(|| self.flood.unwrap_or(now));
        moved
    }

    fn recent(&self, now: Timestamp) -> impl Iterator<Item = &Alarm> {
        let all = self.open.values().chain(self.closed.values());
        all.filter(move |alarm| now.since(alarm.raised_at) <= LOAD_WINDOW)
    }

    /// The flood under way.
    pub(crate) fn flooded(&self, now: Timestamp, desks: usize) -> Option<FloodNow> {
        let raised = u32::try_from(self.recent(now).count()).unwrap_or(u32::MAX);
        self.flood.map(|since| FloodNow { since, raised, desks: u32::try_from(desks).unwrap_or(u32::MAX) })
    }

    /// Open alarms, with what was done here over them; in the order in which they are to be looked at.
    pub(crate) fn shown<'r>(&self, outbox: impl Iterator<Item = &'r OutboxRecord>) -> Vec<ShownAlarm> {
        let mut waiting: HashMap<AlarmId, Vec<(HandlingKind, RecordState)>> = HashMap::new();
        for record in outbox.filter(|record| !self.contains(record)) {
            let Some((kind, act)) = record.body.handling() else { continue };
            // It speaks of the priority that was seen: a more urgent alarm is another matter.
            if self.open.get(&act.alarm_id).is_some_and(|alarm| alarm.priority >= act.priority) {
                let done = waiting.entry(act.alarm_id).or_default();
                done.retain(|(former, _)| *former != kind);
                done.push((kind, record.state));
            }
        }
        let mut under: HashMap<AlarmId, u32> = HashMap::new();
        for cause in self.open.values().filter_map(|alarm| alarm.cause_id) {
            *under.entry(cause).or_default() += 1;
        }
        let mut shown: Vec<_> = self
            .open
            .values()
            .map(|alarm| ShownAlarm {
                under: under.get(&alarm.alarm_id).copied().unwrap_or(0),
                waiting: waiting.remove(&alarm.alarm_id).unwrap_or_default(),
                came_to: self
                    .judged
                    .get(&alarm.alarm_id)
                    .filter(|(_, effect, _)| *effect != HandlingEffect::Done)
                    .map(|(kind, effect, _)| (*kind, *effect)),
                alarm: alarm.clone(),
            })
            .collect();
        let flooded = self.flood.is_some();
        shown.sort_by_key(|shown| order(shown, flooded));
        shown
    }

    /// An open alarm.
    pub(crate) fn open_alarm(&self, id: AlarmId) -> Option<&Alarm> {
        self.open.get(&id)
    }

    /// Gauges that are lost in the flood, taken or not.
    pub(crate) fn lost_gauges(&self) -> BTreeSet<EquipmentId> {
        let lost = self.open.values().filter(|alarm| alarm.active && alarm.rule == LOST_RULE);
        lost.filter_map(|alarm| alarm.equipment_id).collect()
    }

    /// Notices that are not over, oldest first.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let mut notices: Vec<_> = self.notices.values().filter(|notice| notice.over_at.is_none()).cloned().collect();
        notices.sort_by_key(|notice| (notice.raised_at, notice.notice_id));
        notices
    }

    /// What the last ten minutes asked of each desk.
    pub(crate) fn load_of(
        &self,
        desks: impl Iterator<Item = DeskId>,
        held: &[DeskId],
        now: Timestamp,
    ) -> Vec<DeskLoad> {
        desks
            .map(|desk_id| {
                let held = held.contains(&desk_id);
                let came = self.recent(now).filter(|alarm| {
                    let at = alarm.assigned_to.or(alarm.acked_desk);
                    at == Some(desk_id) || (held && at.is_none() && alarm.cause_id.is_none() && !alarm.suspended)
                });
                let raised = u32::try_from(came.count()).unwrap_or(u32::MAX);
                DeskLoad { desk_id, held, raised, word: load_word(raised) }
            })
            .collect()
    }
}

/// The desks where somebody watches alarms at `now`.
pub(crate) fn watched<'s>(shifts: impl Iterator<Item = &'s Shift>, now: Timestamp) -> Vec<DeskId> {
    let open = shifts.filter(|s| s.closed_at.is_none() && s.ends_at > now && WATCHERS.contains(&s.role));
    let mut desks: Vec<_> = open.map(|s| s.desk_id).collect();
    desks.sort_unstable();
    desks.dedup();
    desks
}

type Order = (bool, i64, std::cmp::Reverse<u32>, std::cmp::Reverse<Timestamp>, AlarmId);

/// What asks comes first, then what is more urgent; in a flood what explains most, before what is new.
fn order(shown: &ShownAlarm, flooded: bool) -> Order {
    let under = if flooded { shown.under } else { 0 };
    (
        !shown.asks(),
        shown.alarm.priority,
        std::cmp::Reverse(under),
        std::cmp::Reverse(shown.alarm.asked_at),
        shown.alarm.alarm_id,
    )
}
