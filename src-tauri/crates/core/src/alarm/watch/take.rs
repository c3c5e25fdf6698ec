//! Rows as they come: what they want alarmed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::sense::Said;
use super::thing::Thing;
use super::{Wanted, Watch};
use crate::alarm::rule::Missing;
use crate::alarm::{AlarmKey, Condition, DEVICE_RULE, Many, Site};
use crate::command::{CommandState, EffectState};
use crate::equipment::Quality;
use crate::house::END_WITHIN;
use crate::ids::{CommandId, EquipmentId, RecordId};
use crate::port::TableChanges;
use crate::rights::Role;
use crate::table::{
    Alarm, AlarmRule, BadRow, Command, CrewLock, Equipment, EquipmentState, Notice, ProgrammeAssignment, RiverReach,
    Row, Shift, TableRow, TableSpec,
};
use crate::time::Timestamp;

/// Whose presence makes the room held.
const STAFF: [Role; 2] = [Role::RemoteOperator, Role::Supervisor];

/// What a watch begins with: the rows of a snapshot, in whatever order they come.
#[derive(Debug, Default)]
pub struct WatchRows {
    /// Rules.
    pub rules: Vec<AlarmRule>,
    /// Objects.
    pub equipment: Vec<Equipment>,
    /// Their states.
    pub states: Vec<EquipmentState>,
    /// Alarms, closed ones too.
    pub alarms: Vec<Alarm>,
    /// Commands.
    pub commands: Vec<Command>,
    /// Shifts.
    pub shifts: Vec<Shift>,
    /// Notices.
    pub notices: Vec<Notice>,
    /// Crew locks, those that are over too.
    pub locks: Vec<CrewLock>,
    /// Programmes of objects.
    pub assignments: Vec<ProgrammeAssignment>,
    /// Reaches of rivers.
    pub reaches: Vec<RiverReach>,
}

impl WatchRows {
    /// Takes in rows of a table; those of other tables are left.
    pub fn take(&mut self, table: &TableSpec, rows: &[Row]) -> Result<(), BadRow> {
        fn typed<T: TableRow>(table: &TableSpec, rows: &[Row], into: &mut Vec<T>) -> Result<(), BadRow> {
            if table.name == T::SPEC.name {
                for row in rows {
                    into.push(T::from_row(row)?);
                }
            }
            Ok(())
        }
        typed(table, rows, &mut self.rules)?;
        typed(table, rows, &mut self.equipment)?;
        typed(table, rows, &mut self.states)?;
        typed(table, rows, &mut self.alarms)?;
        typed(table, rows, &mut self.commands)?;
        typed(table, rows, &mut self.shifts)?;
        typed(table, rows, &mut self.locks)?;
        typed(table, rows, &mut self.assignments)?;
        typed(table, rows, &mut self.reaches)?;
        typed(table, rows, &mut self.notices)
    }
}

/// What a notice is kept by.
fn of(notice: &Notice) -> uuid::Uuid {
    notice.alarm_id.map_or(notice.notice_id, |id| id.0)
}

/// Whether a watch goes on after changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It goes on.
    On,
    /// Rules or objects changed: it must begin anew, from a snapshot.
    Anew,
}

impl Watch {
    /// A watch that goes on from what the metropolis holds.
    pub fn over(site: Box<dyn Site>, rows: WatchRows, now: Timestamp) -> Self {
        let rules = rows.rules.into_iter().filter(|rule| rule.enabled).collect();
        let mut watch = Self::empty(site, rules, now);
        for row in &rows.equipment {
            watch.add(row);
        }
        for row in rows.notices {
            watch.notices.insert(of(&row), row);
        }
        for row in rows.alarms {
            watch.alarm(row);
        }
        for row in &rows.states {
            watch.state(row);
        }
        for row in &rows.commands {
            watch.command(row);
        }
        for row in rows.locks {
            watch.lock(row);
        }
        for row in &rows.assignments {
            watch.programme(row);
        }
        for row in &rows.reaches {
            watch.reach(row);
        }
        for row in rows.shifts {
            watch.shifts.insert(row.shift_id.0, row);
        }
        let sources: Vec<_> = watch.sources.keys().cloned().collect();
        for source in sources {
            watch.look_at_source(&source);
        }
        watch.look_at_room();
        watch
    }

    /// Takes in what changed.
    pub fn take(&mut self, changes: &TableChanges) -> Result<Told, BadRow> {
        let is = |name: &str| changes.table.name == name;
        if is(AlarmRule::SPEC.name) || is(Equipment::SPEC.name) {
            return Ok(Told::Anew);
        }
        if is(EquipmentState::SPEC.name) {
            for row in &changes.rows {
                self.state(&EquipmentState::from_row(row)?);
            }
        } else if is(Alarm::SPEC.name) {
            for row in &changes.rows {
                self.alarm(Alarm::from_row(row)?);
            }
        } else if is(Command::SPEC.name) {
            for key in &changes.deleted {
                self.forget_command(CommandId(*key));
            }
            for row in &changes.rows {
                self.command(&Command::from_row(row)?);
            }
        } else if is(CrewLock::SPEC.name) {
            for key in &changes.deleted {
                self.forget_lock(RecordId(*key));
            }
            for row in &changes.rows {
                self.lock(CrewLock::from_row(row)?);
            }
        } else if is(ProgrammeAssignment::SPEC.name) {
            for key in &changes.deleted {
                self.forget_programme(EquipmentId(*key));
            }
            for row in &changes.rows {
                self.programme(&ProgrammeAssignment::from_row(row)?);
            }
        } else if is(RiverReach::SPEC.name) {
            for row in &changes.rows {
                self.reach(&RiverReach::from_row(row)?);
            }
        } else if is(Shift::SPEC.name) {
            for key in &changes.deleted {
                self.shifts.remove(key);
            }
            for row in &changes.rows {
                let row = Shift::from_row(row)?;
                self.shifts.insert(row.shift_id.0, row);
            }
            self.look_at_room();
        } else if is(Notice::SPEC.name) {
            for row in &changes.rows {
                let row = Notice::from_row(row)?;
                self.notices.insert(of(&row), row);
            }
        }
        Ok(Told::On)
    }

    fn add(&mut self, row: &Equipment) {
        let thing = Thing::new(row, &self.rules);
        let place = self.things.len();
        self.place.insert(row.equipment_id, place);
        self.by_reference.insert(row.reference.clone(), place);
        self.references.push(row.reference.clone());
        self.add_gauge(place, row);
        if let Some(feeder) = &thing.fed_by {
            self.fed.entry(feeder.clone()).or_default().push(place);
        }
        self.things.push(thing);
    }

    /// The key of a rule on an object.
    pub(super) fn key_of(&self, rule: usize, id: EquipmentId) -> Option<AlarmKey> {
        let rule = self.rule_at(rule)?.code.clone();
        Some(AlarmKey { rule, equipment_id: Some(id), source: None, code: String::new() })
    }

    /// A state of an object. Cheap where nothing comes of it.
    pub fn state(&mut self, state: &EquipmentState) {
        let Some(place) = self.place.get(&state.equipment_id).copied() else { return };
        if state.quality == Quality::Never {
            return;
        }
        let mut said: Vec<(usize, Option<(Value, bool)>)> = Vec::new();
        let Some(thing) = self.things.get_mut(place) else { return };
        if thing.source.as_deref() != Some(state.source.as_str()) {
            let source: Arc<str> = state.source.as_str().into();
            let (former, unheard) = (thing.source.replace(source.clone()), u32::from(thing.unheard > 0));
            if let Some(tally) = former.and_then(|former| self.sources.get_mut(&former)) {
                tally.all = tally.all.saturating_sub(1);
                tally.troubled = tally.troubled.saturating_sub(unheard);
            }
            let tally = self.sources.entry(source).or_default();
            tally.all += 1;
            tally.troubled += unheard;
        }
        thing.hear(state);
        for sense in &mut thing.senses {
            let Some(rule) = self.rules.get(sense.rule) else { continue };
            if !sense.told {
                // A hysteresis goes on from where the metropolis's alarm stands.
                let key = AlarmKey {
                    rule: rule.code.clone(),
                    equipment_id: Some(state.equipment_id),
                    source: None,
                    code: String::new(),
                };
                sense.begin(
                    self.held.get(&key).filter(|alarm| alarm.active).map(|alarm| alarm.priority < rule.priority),
                );
            }
            let was_worse = sense.worse;
            match sense.tell(&rule.condition, state) {
                Said::Nothing => {}
                Said::Holds { details, worse } => {
                    if !sense.holds || was_worse != worse || !sense.told {
                        said.push((sense.rule, Some((details, worse))));
                    }
                    (sense.holds, sense.told) = (true, true);
                }
                Said::Over => {
                    if sense.holds || !sense.told {
                        said.push((sense.rule, None));
                    }
                    (sense.holds, sense.told) = (false, true);
                }
            }
        }
        let (quiet, planned, silent) = (thing.silence, thing.planned, thing.silent_since(self.now).is_ok());
        let at = state.observed_at.unwrap_or(state.received_at);
        for (rule, holds) in said {
            self.sense_moved(rule, state.equipment_id, at, holds);
        }
        if let Some((rule, after)) = quiet {
            if let Some(key) = self.key_of_silence(rule, state.equipment_id).filter(|_| !silent) {
                self.want(key, None);
            }
            if !planned {
                self.plan_silence(place, at.plus(after));
            }
        }
        self.water(place, state);
        if state.reading.0.contains_key("alarms") || self.device_codes.contains_key(&state.equipment_id) {
            self.device(state, at);
        }
    }

    /// The key of an object's silence, only if it is alarmed about: a string less for every state that is not.
    fn key_of_silence(&self, rule: usize, id: EquipmentId) -> Option<AlarmKey> {
        let keys = self.keys_of.get(&id)?;
        let code = &self.rule_at(rule)?.code;
        keys.iter().find(|key| key.rule == *code).cloned()
    }

    fn sense_moved(&mut self, rule: usize, id: EquipmentId, at: Timestamp, holds: Option<(Value, bool)>) {
        let Some(key) = self.key_of(rule, id) else { return };
        let Some(rule) = self.rules.get(rule) else { return };
        let wanted = holds.map(|(details, worse)| {
            let before = self.wanted.get(&key);
            let since = before.map_or(at, |before| before.since);
            // What is alarmed already has held long enough: a house that begins anew does not wait for it again.
            let delay = if self.held.get(&key).is_some_and(|held| held.active) { 0 } else { rule.delay_s };
            Wanted {
                since,
                from: since.plus(Duration::from_secs(delay.unsigned_abs())),
                priority: (rule.priority - i64::from(worse)).max(1),
                details,
            }
        });
        self.want(key, wanted);
    }

    pub(super) fn plan_silence(&mut self, place: usize, at: Timestamp) {
        if let Some(thing) = self.things.get_mut(place) {
            thing.planned = true;
            self.silences.insert((at, place));
        }
    }

    /// What the device itself alarms about.
    fn device(&mut self, state: &EquipmentState, at: Timestamp) {
        let Some(priority) = self.rule_of.get(DEVICE_RULE).and_then(|place| self.rule_at(*place)).map(|r| r.priority)
        else {
            return;
        };
        let listed = state.reading.0.get("alarms").and_then(Value::as_array).into_iter().flatten();
        let alarms: Vec<(String, i64)> = listed
            .filter_map(|alarm| {
                let code = alarm.get("code").and_then(Value::as_str).filter(|code| !code.is_empty())?;
                let own = alarm.get("priority").and_then(Value::as_i64).filter(|own| (1..=3).contains(own));
                Some((code.to_owned(), own.unwrap_or(priority)))
            })
            .collect();
        let key = |code: &str| AlarmKey {
            rule: DEVICE_RULE.to_owned(),
            equipment_id: Some(state.equipment_id),
            source: None,
            code: code.to_owned(),
        };
        let codes = alarms.iter().map(|(code, _)| code.clone()).collect();
        let former = self.device_codes.insert(state.equipment_id, codes).unwrap_or_default();
        for code in former.iter().filter(|code| alarms.iter().all(|(own, _)| own != *code)) {
            self.want(key(code), None);
        }
        for (code, priority) in alarms {
            let since = self.wanted.get(&key(&code)).map_or(at, |before| before.since);
            let details = json!({ "code": code });
            self.want(key(&code), Some(Wanted { since, from: since, priority, details }));
        }
    }

    /// A command: its outcome may be missing, or the end of its effect.
    pub fn command(&mut self, row: &Command) {
        let mut missing = Vec::new();
        if row.state == CommandState::Unknown {
            missing.push((Missing::Outcome, row.class, row.state_since));
        }
        if row.effect == Some(EffectState::Overdue) {
            let end = row.effect_until.unwrap_or(row.state_since);
            missing.push((Missing::End, row.class, end.plus(END_WITHIN)));
        }
        if missing.is_empty() {
            let of = self.commands.get_mut(&row.equipment_id);
            if of.and_then(|of| of.remove(&row.command_id)).is_none() {
                return;
            }
        } else {
            self.commands.entry(row.equipment_id).or_default().insert(row.command_id, missing);
        }
        self.commands_of(row.equipment_id);
    }

    fn forget_command(&mut self, id: CommandId) {
        let found = self.commands.iter_mut().find_map(|(object, of)| of.remove(&id).map(|_| *object));
        if let Some(object) = found {
            self.commands_of(object);
        }
    }

    fn commands_of(&mut self, id: EquipmentId) {
        let mut said = Vec::new();
        for rule in &self.rules {
            let Condition::Command { missing, classes } = &rule.condition else { continue };
            let all = self.commands.get(&id).into_iter().flat_map(|of| of.values()).flatten();
            let of_rule = all.filter(|(what, class, _)| what == missing && classes.contains(class));
            let since: Vec<Timestamp> = of_rule.map(|(_, _, since)| *since).collect();
            let wanted = since.iter().min().map(|first| Wanted {
                since: *first,
                from: *first,
                priority: rule.priority,
                details: json!({ "commands": since.len() }),
            });
            let key = AlarmKey { rule: rule.code.clone(), equipment_id: Some(id), source: None, code: String::new() };
            said.push((key, wanted));
        }
        for (key, wanted) in said {
            self.want(key, wanted);
        }
        self.commands.retain(|_, of| !of.is_empty());
    }

    /// Whether any desk of the room is held. A room that nobody ever held is not watched.
    pub(super) fn look_at_room(&mut self) {
        let now = self.now;
        let rule = self.rules.iter().find(|rule| rule.condition == Condition::RoomEmpty);
        let Some((code, priority, delay)) = rule.map(|r| (r.code.clone(), r.priority, r.delay_s)) else { return };
        let staff = || self.shifts.values().filter(|shift| STAFF.contains(&shift.role));
        let held = || staff().filter(|shift| shift.closed_at.is_none() && shift.ends_at > now);
        self.room_at = held().map(|shift| shift.ends_at).min();
        let left = staff().map(|shift| shift.closed_at.unwrap_or(shift.ends_at).min(shift.ends_at)).max();
        let since = left.filter(|_| self.room_at.is_none());
        let wanted = since.map(|since| {
            let from = since.plus(Duration::from_secs(delay.unsigned_abs()));
            Wanted { since, from, priority, details: json!({}) }
        });
        self.want(AlarmKey { rule: code, equipment_id: None, source: None, code: String::new() }, wanted);
    }

    /// Whether so much of what something feeds, or of what a source gives, is in trouble.
    pub(super) fn look_at_many(
        &mut self,
        rule: usize,
        key: AlarmKey,
        of: Many,
        all: u32,
        troubled: u32,
        explained: bool,
    ) {
        let Some(rule) = self.rules.get(rule) else { return };
        let Condition::Many { of: wants, least, share } = rule.condition else { return };
        let many = wants == of && troubled >= least && u64::from(troubled) * 100 >= u64::from(share) * u64::from(all);
        let before = self.wanted.get(&key);
        let wanted = (many && !explained).then(|| {
            let since = before.map_or(self.now, |before| before.since);
            let from = since.plus(Duration::from_secs(rule.delay_s.unsigned_abs()));
            Wanted { since, from, priority: rule.priority, details: json!({ "troubled": troubled, "all": all }) }
        });
        self.want(key, wanted);
    }

    /// What ought to be alarmed under a key, or nothing more.
    pub(super) fn want(&mut self, key: AlarmKey, wanted: Option<Wanted>) {
        let rank = self.rank(&key);
        let moved = match (self.wanted.get(&key), &wanted) {
            (None, None) => self.held.get(&key).is_some_and(|alarm| alarm.active),
            (Some(before), Some(next)) => before.since != next.since || before.priority != next.priority,
            _ => true,
        };
        if moved {
            self.moved.insert((rank, key.clone()));
        }
        match wanted {
            Some(wanted) => {
                if let Some(id) = key.equipment_id {
                    self.keys_of.entry(id).or_default().insert(key.clone());
                }
                self.wanted.insert(key, wanted);
            }
            None => {
                self.wanted.remove(&key);
            }
        }
    }
}
