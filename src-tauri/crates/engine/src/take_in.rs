//! What a pull brings: into the replica with its cut, then into the picture.

use vigie_core::port::{Changes, Cut, Identity};
use vigie_core::table::{
    ApprovalRequest, BadRow, Command, CommandEvent, CommandGroup, Commune, CrewLock, Desk, DeskHold, Equipment,
    EquipmentState, GaugeForecast, Ground, Inundation, LogEntry, Person, PersonKey, Programme, ProgrammeAssignment,
    RiverReach, Row, SavedGroup, Service, Shift, TableRow, TableSpec, Zone,
};

use crate::around::Around;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::picture::Picture;

/// A cut that nothing changed under is written down once in a while all the same: what a copy is continued from must not
/// grow older than what the metropolis remembers.
const REMEMBER_MS: i64 = 60_000;

impl Engine {
    /// Changes into the replica, then into the picture.
    pub(crate) async fn take_in(&self, since: &Cut, changes: &Changes, identity: &Identity) -> Result<(), EngineError> {
        let older = changes.cut.at.0.saturating_sub(since.at.0) >= REMEMBER_MS;
        if !changes.tables.is_empty() || older || changes.cut.timeline != since.timeline {
            self.inner.replica.apply(changes, identity).await?;
        }
        if changes.tables.is_empty() {
            self.heard(changes.cut.at);
            return Ok(());
        }
        if changes.tables.iter().any(|t| is::<Equipment>(t.table) || is::<Commune>(t.table) || is::<Service>(t.table)) {
            self.load_replica().await?;
            let generation = self.lock().picture.generation;
            self.heard(changes.cut.at);
            self.tell(Observed::City(generation));
            return self.commands_moved().await;
        }
        let commands_moved = self.apply_to_picture(changes)?;
        self.heard(changes.cut.at);
        self.flush_first_points();
        if commands_moved { self.commands_moved().await } else { Ok(()) }
    }

    pub(crate) async fn commands_moved(&self) -> Result<(), EngineError> {
        self.close_handed().await?;
        self.inner.lanes_bell.notify_waiters();
        self.tell(Observed::Commands);
        Ok(())
    }

    pub(crate) fn apply_to_picture(&self, changes: &Changes) -> Result<bool, BadRow> {
        let now = changes.cut.at;
        let mut state = self.lock();
        let mut commands_moved = false;
        for table in &changes.tables {
            if is::<EquipmentState>(table.table) {
                for row in &table.rows {
                    if let Some((point, byte)) = state.picture.set_state(EquipmentState::from_row(row)?, now) {
                        state.dirty.insert(point, byte);
                    }
                }
            } else if is::<Command>(table.table) {
                commands_moved = true;
                for row in &table.rows {
                    state.set_row(Command::from_row(row)?);
                }
                for key in &table.deleted {
                    let id = (*key).into();
                    if let Some(tracked) = state.commands.get_mut(&id) {
                        tracked.row = None;
                    }
                    state.commands.retain(|_, c| c.row.is_some() || c.entry.is_some());
                }
            } else if state.take_groups(table)? {
                commands_moved = true;
            } else if is::<Person>(table.table) {
                for row in &table.rows {
                    let row = Person::from_row(row)?;
                    state.persons.insert(row.person_id, row.display_name);
                }
            } else if is::<Desk>(table.table) {
                for row in &table.rows {
                    let row = Desk::from_row(row)?;
                    state.desks.insert(row.desk_id, row.name);
                }
            } else if is::<Shift>(table.table) {
                for row in &table.rows {
                    let row = Shift::from_row(row)?;
                    state.shifts.insert(row.shift_id.0, row);
                }
                for key in &table.deleted {
                    state.shifts.remove(key);
                }
                // Who sits where is part of the desk's status.
                self.tell(Observed::Status);
            } else if is::<CommandEvent>(table.table) {
                commands_moved = true;
            } else if state.take_alarms(table)? {
                state.pass_alarms(now);
                self.inner.lanes_bell.notify_waiters();
                self.tell(Observed::Alarms);
            } else if state.locks.take(table)? {
                state.mark_locks();
                self.inner.lanes_bell.notify_waiters();
                self.tell(Observed::Locks);
            } else if state.procedures.take(table)? {
                self.tell(Observed::Procedure);
            } else if state.programmes.take(table)? {
                self.tell(Observed::Programmes);
            } else if state.zones.take(table)? {
                let state = &mut *state;
                state.procedures.around.set_zones(state.zones.all());
                self.tell(Observed::Zones);
                // What stands around what was asked may be another thing now.
                self.tell(Observed::Procedure);
            } else if is::<RiverReach>(table.table) || is::<GaugeForecast>(table.table) || is::<Inundation>(table.table)
            {
                self.tell(Observed::Rivers);
            } else if state.book.take(table)? {
                self.inner.lanes_bell.notify_waiters();
                self.tell(Observed::Records);
            }
        }
        if state.words_moved {
            state.words_moved = false;
            let words = state.words();
            for (point, byte) in state.picture.set_words(words, now) {
                state.dirty.insert(point, byte);
            }
        }
        Ok(commands_moved)
    }

    /// Reads the picture, the people and the commands from the replica.
    pub(crate) async fn load_replica(&self) -> Result<(), EngineError> {
        let replica = &self.inner.replica;
        let Some(info) = replica.info().await? else { return Ok(()) };
        let communes: Vec<Commune> = rows(&replica.scan(&Commune::SPEC).await?)?;
        let names = communes.into_iter().map(|c| (c.insee_code, c.name)).collect();
        let equipment = replica
            .scan(&Equipment::SPEC)
            .await?
            .into_iter()
            .map(|(id, row)| Equipment::from_row(&row).map(|row| (id, row)))
            .collect::<Result<Vec<_>, _>>()?;
        let states: Vec<EquipmentState> = rows(&replica.scan(&EquipmentState::SPEC).await?)?;
        let commands: Vec<Command> = rows(&replica.scan(&Command::SPEC).await?)?;
        let groups: Vec<CommandGroup> = rows(&replica.scan(&CommandGroup::SPEC).await?)?;
        let saved: Vec<SavedGroup> = rows(&replica.scan(&SavedGroup::SPEC).await?)?;
        let persons: Vec<Person> = rows(&replica.scan(&Person::SPEC).await?)?;
        let desks: Vec<Desk> = rows(&replica.scan(&Desk::SPEC).await?)?;
        let shifts: Vec<Shift> = rows(&replica.scan(&Shift::SPEC).await?)?;
        let lines: Vec<LogEntry> = rows(&replica.scan(&LogEntry::SPEC).await?)?;
        let locks: Vec<CrewLock> = rows(&replica.scan(&CrewLock::SPEC).await?)?;
        let keys: Vec<PersonKey> = rows(&replica.scan(&PersonKey::SPEC).await?)?;
        let requests: Vec<ApprovalRequest> = rows(&replica.scan(&ApprovalRequest::SPEC).await?)?;
        let holds: Vec<DeskHold> = rows(&replica.scan(&DeskHold::SPEC).await?)?;
        let programmes: Vec<Programme> = rows(&replica.scan(&Programme::SPEC).await?)?;
        let assignments: Vec<ProgrammeAssignment> = rows(&replica.scan(&ProgrammeAssignment::SPEC).await?)?;
        let zones: Vec<Zone> = rows(&replica.scan(&Zone::SPEC).await?)?;
        let ground: Vec<Ground> = rows(&replica.scan(&Ground::SPEC).await?)?;
        let around = Around::new(zones.iter(), &ground, equipment.iter().map(|(_, row)| row));
        let services: Vec<Service> = rows(&replica.scan(&Service::SPEC).await?)?;
        let picture = Picture::new(info.generation, names, equipment, states).with_services(services);
        let moment = self.inner.clock.now();
        {
            let mut state = self.lock();
            if state.identity.is_none() {
                state.identity = Some(info.identity);
            }
            if state.link.heard_at.is_none() {
                state.link.heard_at = Some(info.cut.at);
            }
            for tracked in state.commands.values_mut() {
                tracked.row = None;
            }
            state.commands.retain(|_, c| c.entry.is_some());
            for row in commands {
                state.set_row(row);
            }
            state.group_rows = groups.into_iter().map(|g| (g.group_id, g)).collect();
            state.saved_groups = saved.into_iter().map(|g| (g.saved_group_id, g)).collect();
            state.persons = persons.into_iter().map(|p| (p.person_id, p.display_name)).collect();
            state.desks = desks.into_iter().map(|d| (d.desk_id, d.name)).collect();
            state.shifts = shifts.into_iter().map(|s| (s.shift_id.0, s)).collect();
            state.book.load(lines, keys);
            state.locks.load(locks);
            state.zones.load(zones);
            state.procedures.load(requests, holds, around);
            state.programmes.load(programmes, assignments);
            state.picture = picture;
            state.mark_locks();
            let words = state.words();
            state.words_moved = false;
            let now = state.now(moment);
            state.picture.set_words(words, now);
            state.dirty.clear();
            state.picture.refresh(now);
        }
        self.tell(Observed::Locks);
        self.tell(Observed::Programmes);
        self.load_alarms().await
    }
}

/// Rows of a table, typed.
fn rows<T: TableRow>(scanned: &[(u32, Row)]) -> Result<Vec<T>, BadRow> {
    scanned.iter().map(|(_, row)| T::from_row(row)).collect()
}

fn is<T: TableRow>(table: &TableSpec) -> bool {
    table.name == T::SPEC.name
}
