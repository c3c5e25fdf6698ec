//! The tables of the city and what is derived from them, behind one lock. One transaction is one number.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use uuid::Uuid;
use vigie_core::alarm::{AlarmKey, default_rules};
use vigie_core::command::{ClassCode, CommandState, EffectEvent, EffectState, Live, LiveOver, effect_transition};
use vigie_core::ids::{AlarmId, CommandId, EquipmentId};
use vigie_core::table::{
    Alarm, AlarmAct, AlarmRule, ApprovalRequest, Command, CommandEvent, CommandGroup, Commune, CrewLock, Desk,
    DeskHold, Equipment, EquipmentState, GaugeForecast, Ground, Inundation, LogEntry, Notice, Person, PersonKey,
    Programme, ProgrammeAssignment, RiverReach, SavedGroup, Service, Shift, SoleReview, Source, StateHistory, Zone,
};
use vigie_core::time::Timestamp;

use super::outcomes::Outcomes;
use super::table::{Fed, Table, Xid};
use crate::chance::uuid_numbered;
use crate::city::{Account, City};
use crate::clock::RoomTime;

/// Everything that the city's metropolis holds.
pub(crate) struct World {
    pub(crate) communes: Table<Commune>,
    pub(crate) ground: Table<Ground>,
    pub(crate) zones: Table<Zone>,
    pub(crate) persons: Table<Person>,
    pub(crate) desks: Table<Desk>,
    pub(crate) shifts: Table<Shift>,
    pub(crate) services: Table<Service>,
    pub(crate) equipment: Table<Equipment>,
    pub(crate) states: Table<EquipmentState>,
    pub(crate) history: Table<StateHistory>,
    pub(crate) commands: Table<Command>,
    pub(crate) groups: Table<CommandGroup>,
    pub(crate) saved_groups: Table<SavedGroup>,
    pub(crate) events: Table<CommandEvent>,
    pub(crate) keys: Table<PersonKey>,
    pub(crate) sources: Table<Source>,
    pub(crate) log: Table<LogEntry>,
    pub(crate) alarm_rules: Table<AlarmRule>,
    pub(crate) alarms: Table<Alarm>,
    pub(crate) alarm_acts: Table<AlarmAct>,
    pub(crate) notices: Table<Notice>,
    pub(crate) locks: Table<CrewLock>,
    pub(crate) requests: Table<ApprovalRequest>,
    pub(crate) holds: Table<DeskHold>,
    pub(crate) reviews: Table<SoleReview>,
    pub(crate) programmes: Table<Programme>,
    pub(crate) assignments: Table<ProgrammeAssignment>,
    pub(crate) reaches: Table<RiverReach>,
    pub(crate) forecasts: Table<GaugeForecast>,
    pub(crate) inundations: Table<Inundation>,
    /// The last occurrence of each rule on each object.
    pub(crate) last_alarm: HashMap<AlarmKey, AlarmId>,
    pub(crate) accounts: HashMap<String, Account>,
    pub(crate) outcomes: Outcomes,
    /// The lights of a street, by commune and street: their rank and which they are.
    pub(crate) lights: HashMap<(String, String), Vec<(f64, EquipmentId)>>,
    /// What is held by a key on each object, or was.
    pub(crate) lives: HashMap<EquipmentId, Grip>,
    /// The room's time, as it was last told: holds are counted by it.
    pub(crate) room: RoomTime,
    /// Commands of an object that are not over, or whose effect is not.
    pub(crate) live: HashMap<EquipmentId, BTreeSet<CommandId>>,
    /// When each live command was accepted, published and executed.
    pub(crate) marks: HashMap<CommandId, Marks>,
    /// Past states, oldest first.
    pub(crate) past: BTreeSet<(Timestamp, Uuid)>,
    /// The last transaction.
    pub(crate) xid: Xid,
    /// Older cuts cannot be carried on: their tombstones are gone.
    pub(crate) horizon: Xid,
    pub(crate) epoch: Uuid,
    pub(crate) timeline: i64,
    pub(crate) epoch_began: Timestamp,
    /// What was read that is not replicated, latest last: training's journal.
    fetched: VecDeque<Fetched>,
    seed: u64,
    numbered: u64,
}

/// A control held by a key (class L). Its instants are of the room's time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grip {
    pub(crate) live: Live,
    /// Why it is over.
    pub(crate) over: Option<LiveOver>,
    /// Until when its desk has the object by it, in the city's time.
    pub(crate) until: Timestamp,
}

/// A reading of what is not replicated, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) at: Timestamp,
    pub(crate) login: String,
    pub(crate) query: String,
    pub(crate) reason: String,
}

/// Readings that training remembers.
const FETCHED: usize = 10_000;

/// Instants of a command's life that decide what confirms it and what ends its effect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    pub(crate) accepted: Timestamp,
    pub(crate) dispatched: Option<Timestamp>,
    pub(crate) executed: Option<Timestamp>,
}

impl World {
    pub(crate) fn new(city: City, seed: u64, epoch: Uuid) -> Self {
        let mut world = Self {
            communes: Table::new(),
            ground: Table::new(),
            zones: Table::new(),
            persons: Table::new(),
            desks: Table::new(),
            shifts: Table::new(),
            services: Table::new(),
            equipment: Table::new(),
            states: Table::new(),
            history: Table::new(),
            commands: Table::new(),
            groups: Table::new(),
            saved_groups: Table::new(),
            events: Table::new(),
            keys: Table::new(),
            sources: Table::new(),
            log: Table::new(),
            alarm_rules: Table::new(),
            alarms: Table::new(),
            alarm_acts: Table::new(),
            notices: Table::new(),
            locks: Table::new(),
            requests: Table::new(),
            holds: Table::new(),
            reviews: Table::new(),
            programmes: Table::new(),
            assignments: Table::new(),
            reaches: Table::new(),
            forecasts: Table::new(),
            inundations: Table::new(),
            last_alarm: HashMap::new(),
            accounts: city.accounts.into_iter().map(|a| (a.login.clone(), a)).collect(),
            outcomes: Outcomes::default(),
            lights: HashMap::new(),
            lives: HashMap::new(),
            room: RoomTime { at: city.at, rate: 1.0 },
            live: HashMap::new(),
            marks: HashMap::new(),
            past: BTreeSet::new(),
            xid: 1,
            horizon: 0,
            epoch,
            timeline: 1,
            epoch_began: city.at,
            fetched: VecDeque::new(),
            seed,
            numbered: 0,
        };
        city.services.into_iter().for_each(|row| world.services.put(1, row));
        city.communes.into_iter().for_each(|row| world.communes.put(1, row));
        city.ground.into_iter().for_each(|row| world.ground.put(1, row));
        city.zones.into_iter().for_each(|row| world.zones.put(1, row));
        city.persons.into_iter().for_each(|row| world.persons.put(1, row));
        city.desks.into_iter().for_each(|row| world.desks.put(1, row));
        city.shifts.into_iter().for_each(|row| world.shifts.put(1, row));
        for row in city.equipment {
            if let Some(rank) = row.attributes.get("rank").and_then(serde_json::Value::as_f64) {
                let street = (row.insee_code.clone(), row.street.clone());
                world.lights.entry(street).or_default().push((rank, row.equipment_id));
            }
            world.equipment.put(1, row);
        }
        city.reaches.into_iter().for_each(|row| world.reaches.put(1, row));
        city.inundations.into_iter().for_each(|row| world.inundations.put(1, row));
        for row in city.states {
            world.states.put(1, row);
        }
        for row in city.history {
            world.remember(1, row);
        }
        for row in default_rules() {
            world.alarm_rules.put(1, row);
        }
        world
    }

    /// Writes a reading into the journal; comes before the reading itself.
    pub(crate) fn journal_fetch(&mut self, reading: Fetched) {
        if self.fetched.len() >= FETCHED {
            self.fetched.pop_front();
        }
        self.fetched.push_back(reading);
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self) -> Xid {
        self.xid += 1;
        self.xid
    }

    /// A fresh identifier for a row that the metropolis itself writes.
    pub(crate) fn fresh(&mut self) -> Uuid {
        self.numbered += 1;
        uuid_numbered(self.seed, self.numbered)
    }

    /// The tables of the feed, in the order in which they are copied.
    pub(crate) fn fed(&self) -> [&dyn Fed; 30] {
        [
            &self.communes,
            &self.ground,
            &self.zones,
            &self.persons,
            &self.desks,
            &self.shifts,
            &self.services,
            &self.equipment,
            &self.states,
            &self.history,
            &self.commands,
            &self.groups,
            &self.saved_groups,
            &self.events,
            &self.keys,
            &self.sources,
            &self.log,
            &self.alarm_rules,
            &self.alarms,
            &self.alarm_acts,
            &self.notices,
            &self.requests,
            &self.holds,
            &self.reviews,
            &self.programmes,
            &self.assignments,
            &self.locks,
            &self.reaches,
            &self.forecasts,
            &self.inundations,
        ]
    }

    /// The same tables, to write.
    pub(crate) fn fed_mut(&mut self) -> [&mut dyn Fed; 30] {
        [
            &mut self.communes,
            &mut self.ground,
            &mut self.zones,
            &mut self.persons,
            &mut self.desks,
            &mut self.shifts,
            &mut self.services,
            &mut self.equipment,
            &mut self.states,
            &mut self.history,
            &mut self.commands,
            &mut self.groups,
            &mut self.saved_groups,
            &mut self.events,
            &mut self.keys,
            &mut self.sources,
            &mut self.log,
            &mut self.alarm_rules,
            &mut self.alarms,
            &mut self.alarm_acts,
            &mut self.notices,
            &mut self.requests,
            &mut self.holds,
            &mut self.reviews,
            &mut self.programmes,
            &mut self.assignments,
            &mut self.locks,
            &mut self.reaches,
            &mut self.forecasts,
            &mut self.inundations,
        ]
    }

    /// Adds a past state.
    pub(crate) fn remember(&mut self, xid: Xid, row: StateHistory) {
        self.past.insert((row.observed_at, row.history_id));
        self.history.put(xid, row);
    }

    /// The commands of an object that are not over or whose effect is not, oldest first.
    pub(crate) fn live_on(&self, equipment: EquipmentId) -> Vec<Arc<Command>> {
        let ids = self.live.get(&equipment);
        ids.into_iter().flatten().filter_map(|id| self.commands.get(id.0)).cloned().collect()
    }

    /// Writes a command with the event that brought it where it stands.
    pub(crate) fn write_command(&mut self, xid: Xid, row: Command, from: CommandState, actor: &str) {
        let event = CommandEvent {
            event_id: self.fresh(),
            command_id: row.command_id,
            at: row.state_since,
            from_state: Some(from),
            to_state: row.state,
            actor: actor.to_owned(),
            detail: row.detail.clone(),
        };
        if row.state == CommandState::Accepted {
            self.marks.insert(row.command_id, Marks { accepted: row.state_since, dispatched: None, executed: None });
        }
        if let Some(marks) = self.marks.get_mut(&row.command_id) {
            match row.state {
                CommandState::Dispatched => marks.dispatched = Some(row.state_since),
                CommandState::Executed => marks.executed = Some(row.state_since),
                _ => {}
            }
        }
        self.events.put(xid, event);
        self.put_command(xid, row);
    }

    /// Writes a command as it stands.
    pub(crate) fn put_command(&mut self, xid: Xid, row: Command) {
        let lives = !row.state.is_final() || matches!(row.effect, Some(EffectState::InForce | EffectState::Overdue));
        let (id, equipment) = (row.command_id, row.equipment_id);
        if lives {
            self.live.entry(equipment).or_default().insert(id);
        } else {
            self.marks.remove(&id);
            if let Some(ids) = self.live.get_mut(&equipment) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.live.remove(&equipment);
                }
            }
        }
        self.commands.put(xid, row);
    }

    /// What a newer command replaces on its object is over: no alarm at its former end (R3).
    fn replace_effects(&mut self, xid: Xid, newer: &Command) {
        for older in self.live_on(newer.equipment_id) {
            let ended = older.effect.and_then(|effect| effect_transition(effect, EffectEvent::Replaced));
            if older.command_id != newer.command_id && ended.is_some() {
                self.put_command(xid, Command { effect: ended, ..older.as_ref().clone() });
            }
        }
    }

    /// Moves a command on: the one place where a state changes after the first.
    pub(crate) fn move_command(
        &mut self,
        xid: Xid,
        command: &Command,
        to: CommandState,
        now: Timestamp,
        actor: &str,
        detail: Option<String>,
    ) {
        if to == CommandState::Executed && command.class != ClassCode::A {
            self.replace_effects(xid, command);
        }
        let mut row = command.clone();
        row.state = to;
        row.state_since = now;
        row.detail = detail;
        if to == CommandState::Executed && row.effect_until.is_some() {
            // From here the device is overridden, and its end must be seen (R3).
            row.effect = Some(EffectState::InForce);
        }
        self.write_command(xid, row, command.state, actor);
        if matches!(to, CommandState::Confirmed | CommandState::LateDone) {
            self.assign_programme(xid, command, now);
        }
        // A lock asked meanwhile waits for this (R10). What is superseded has a successor that is about to be written.
        if to != CommandState::Superseded {
            self.grant_locks(xid, command.equipment_id, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{CityOptions, generate};
    use vigie_core::table::TABLES;

    #[test]
    fn the_feed_has_every_synced_table_in_order() {
        let world = World::new(generate(&CityOptions { seed: 1, objects: 300, at: Timestamp(0) }), 1, Uuid::nil());
        let fed: Vec<_> = world.fed().iter().map(|t| t.spec().unwrap().name).collect();
        assert_eq!(fed, TABLES.iter().map(|t| t.name).collect::<Vec<_>>());
    }
}
