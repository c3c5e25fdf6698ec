//! What the engine's tasks share: one lock, held briefly, never across an await.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use vigie_core::command::{ClassCode, CommandState, Holder, MAX_SKEW, Voided, Word, voided, word};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, GroupId, PersonId, RecordId, SavedGroupId};
use vigie_core::link::Link;
use vigie_core::port::{GroupHead, Identity, OutboxEntry, OutboxRecord, OutboxState};
use vigie_core::record::RecordState;
use vigie_core::table::{Command, CommandGroup, SavedGroup, Shift};
use vigie_core::time::{MetropolisTime, Moment, Timestamp};

use crate::board::{Board, watched};
use crate::book::Book;
use crate::desk::{Phase, ReplicaProgress};
use crate::error::EngineError;
use crate::group::Frozen;
use crate::heads::{Lane, heads};
use crate::locks::LockBook;
use crate::picture::Picture;
use crate::procedure::Procedures;
use crate::programme::Programmes;
use crate::zones::Zones;

/// What waits at this desk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// A and B waiting for the link.
    pub queued: u32,
    /// B waiting for a key.
    pub awaiting_key: u32,
    /// Noted, not sent.
    pub intents: u32,
    /// Own, under way.
    pub under_way: u32,
    /// Own, outcome not heard.
    pub unknown: u32,
    /// Records that the metropolis does not have yet.
    pub records: u32,
    /// Lanes of records whose head was refused.
    pub wedged: u32,
    /// What waits in the outboxes of the other accounts of this machine.
    pub others: u32,
}

/// A command as known here: the metropolis's row, the outbox entry, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedCommand {
    /// What the metropolis says.
    pub row: Option<Command>,
    /// What the outbox says.
    pub entry: Option<OutboxEntry>,
}

/// Why a command is unknown, or what is noted beside its final state: the metropolis had it and has it no more.
pub(crate) const FORGOTTEN: &str = "forgotten";

impl TrackedCommand {
    /// Where it stands: the metropolis knows better as soon as it knows.
    pub fn state(&self) -> Option<CommandState> {
        self.row.as_ref().map(|r| r.state).or(self.entry.as_ref().map(|e| e.state))
    }

    /// Whether the metropolis, restored or promoted since, no longer knows what it had taken (R16): its author is asked.
    pub fn is_forgotten(&self) -> bool {
        self.entry.as_ref().is_some_and(|e| e.detail.as_deref() == Some(FORGOTTEN))
    }

    /// Which command.
    pub fn command_id(&self) -> Option<CommandId> {
        self.row.as_ref().map(|r| r.command_id).or(self.entry.as_ref().map(|e| e.order.command_id))
    }

    /// On which object.
    pub fn equipment_id(&self) -> Option<EquipmentId> {
        self.row.as_ref().map(|r| r.equipment_id).or(self.entry.as_ref().map(|e| e.order.equipment_id))
    }

    /// The group that it is a member of.
    pub fn group_id(&self) -> Option<GroupId> {
        self.row.as_ref().and_then(|r| r.group_id).or(self.entry.as_ref().and_then(|e| e.group_id))
    }

    /// When it was operated.
    pub fn issued_at(&self) -> Timestamp {
        self.row.as_ref().map(|r| r.issued_at).or(self.entry.as_ref().map(|e| e.order.issued_at)).unwrap_or_default()
    }
}

/// The shared state.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub phase: Option<Phase>,
    pub failure: Option<EngineError>,
    pub progress: Option<ReplicaProgress>,
    pub identity: Option<Identity>,
    pub link: Link,
    pub time: Option<MetropolisTime>,
    pub skew_ms: Option<i64>,
    pub picture: Picture,
    pub commands: HashMap<CommandId, TrackedCommand>,
    pub persons: HashMap<PersonId, String>,
    pub desks: HashMap<DeskId, String>,
    pub shifts: HashMap<uuid::Uuid, Shift>,
    /// Recorded as submitted by this run, not tried yet.
    pub untried: HashSet<CommandId>,
    /// Why the head of a lane does not go, as a code.
    pub lane_trouble: HashMap<Lane, String>,
    /// Lanes that have a task.
    pub lanes: HashSet<Lane>,
    /// What the members of own groups have in common.
    pub group_heads: HashMap<GroupId, GroupHead>,
    /// Groups as the metropolis has them.
    pub group_rows: HashMap<GroupId, CommandGroup>,
    /// Lists of objects that are kept.
    pub saved_groups: HashMap<SavedGroupId, SavedGroup>,
    /// Groups that were prepared and not operated, the latest last.
    pub frozen: Vec<Frozen>,
    /// When the link was last cut for longer than five seconds; paces the return.
    pub returned_at: Option<Duration>,
    /// Objects whose row changed since the last flush.
    pub dirty: HashMap<u32, u8>,
    /// This machine's time, sleep included, of the last time that changed points were told.
    pub flushed_at: Duration,
    pub words_moved: bool,
    /// Records that the local copy does not contain yet, in the order of their lanes.
    pub records: BTreeMap<i64, OutboxRecord>,
    /// When each refused record was last tried, on the machine's clock.
    pub tried: HashMap<RecordId, Duration>,
    /// Why the post does not go on.
    pub post_trouble: Option<String>,
    /// The session is suspended: nothing is commanded, no intent holds (R13).
    pub suspended: bool,
    /// The log and the keys of the local copy.
    pub book: Book,
    /// The alarms of the local copy.
    pub board: Board,
    /// The crew locks of the local copy.
    pub locks: LockBook,
    /// Requests and holds of the local copy, and what stands around objects.
    pub procedures: Procedures,
    /// Programmes of the local copy.
    pub programmes: Programmes,
    /// Zones of the local copy.
    pub zones: Zones,
    /// When the metropolis last refused each record that another account left here.
    pub refused_deposits: HashMap<RecordId, Duration>,
    /// What the other accounts of this machine were last told.
    pub told_waiting: Option<u32>,
    /// How much waits in their outboxes.
    pub others_waiting: u32,
    /// When the copy is next compared with the metropolis, on the machine's clock.
    pub compare_at: Option<Duration>,
}

impl State {
    /// Takes rows of alarms in; whether they were some.
    pub(crate) fn take_alarms(
        &mut self,
        table: &vigie_core::port::TableChanges,
    ) -> Result<bool, vigie_core::table::BadRow> {
        let me = self.identity.as_ref().and_then(|identity| identity.person_id);
        self.board.take(table, me)
    }

    pub(crate) fn now(&self, moment: Moment) -> Timestamp {
        self.time.map_or(moment.wall, |time| time.estimate(moment))
    }

    /// Lets time pass over the alarms; says whether a flood began or ended.
    pub(crate) fn pass_alarms(&mut self, now: Timestamp) -> bool {
        let desks = watched(self.shifts.values(), now).len();
        let lost = self.board.lost_gauges();
        for (point, byte) in self.picture.set_lost(&lost, now) {
            self.dirty.insert(point, byte);
        }
        self.board.pass(now, desks)
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.unwrap_or(Phase::Starting)
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts { others: self.others_waiting, ..Counts::default() };
        for record in self.records.values().filter(|r| r.state.is_open()) {
            counts.records += 1;
            counts.wedged += u32::from(record.state == RecordState::Refused);
        }
        for entry in self.commands.values().filter_map(|c| c.entry.as_ref().map(|e| (e, c.state()))) {
            match entry.1.unwrap_or(entry.0.state) {
                CommandState::Queued => counts.queued += 1,
                CommandState::AwaitingKey => counts.awaiting_key += 1,
                CommandState::Intent => counts.intents += 1,
                state if word(state) == Word::UnderWay => counts.under_way += 1,
                CommandState::Unknown | CommandState::Unsettled => counts.unknown += 1,
                _ => {}
            }
        }
        counts
    }

    /// Whether the desk gave its object another order since: the newer one has taken its place (R11). A read takes no place.
    pub(crate) fn has_newer(&self, entry: &OutboxEntry) -> bool {
        let takes_its_place = |e: &OutboxEntry| {
            e.order.equipment_id == entry.order.equipment_id
                && e.position > entry.position
                && e.class != ClassCode::A
                && e.state != CommandState::Noted
        };
        entry.class != ClassCode::A && self.commands.values().filter_map(|c| c.entry.as_ref()).any(takes_its_place)
    }

    /// The stamp of an order operated at `now` on objects: never before an earlier one of this desk, or the older would
    /// pass for the newer (R11). The metropolis's time is estimated anew at each pull, and an answer that was long on its way
    /// sets the estimate back a little, as does a wall clock that was set; what the metropolis refuses anyhow is not followed.
    /// What goes ahead of them (R17) is later than they are: the metropolis tells by that what arrives too late.
    pub(crate) fn issue(&self, objects: &[EquipmentId], now: Timestamp, ahead: bool) -> Timestamp {
        let objects: HashSet<_> = objects.iter().collect();
        let own = self.commands.values().filter_map(|c| c.entry.as_ref());
        let last = own.filter(|e| objects.contains(&e.order.equipment_id)).map(|e| e.order.issued_at).max();
        let last = if ahead { last.map(|last| last.plus(Duration::from_millis(1))) } else { last };
        last.filter(|last| last.since(now) <= MAX_SKEW).map_or(now, |last| last.max(now))
    }

    /// The open shift of the person signed in, at `now`.
    pub(crate) fn own_shift(&self, now: Timestamp) -> Option<&Shift> {
        let person = self.identity.as_ref()?.person_id?;
        let open = |s: &&Shift| s.person_id == person && s.closed_at.is_none() && s.ends_at > now;
        self.shifts.values().filter(open).max_by_key(|s| s.opened_at)
    }

    /// Intents that nothing holds any more (R13): with why.
    pub(crate) fn voided_intents(&self, now: Timestamp) -> Vec<(OutboxEntry, Voided)> {
        // Before the first copy nobody knows who holds what.
        let Some(identity) = self.identity.as_ref().filter(|_| !self.shifts.is_empty()) else { return Vec::new() };
        let present = identity.person_id.map(|person_id| Holder { person_id, role: identity.role });
        let suspended = self.suspended || self.failure.as_ref().is_some_and(EngineError::shuts_out);
        let intents =
            self.commands.values().filter_map(|c| c.entry.as_ref()).filter(|e| e.state == CommandState::Intent);
        intents
            .filter_map(|entry| {
                let author = Holder { person_id: entry.person_id, role: entry.role };
                let shift = self.shifts.get(&entry.order.shift_id.0);
                voided(author, shift, present, suspended, now).map(|why| (entry.clone(), why))
            })
            .collect()
    }

    pub(crate) fn set_entry(&mut self, entry: OutboxEntry) {
        let id = entry.order.command_id;
        self.commands.entry(id).or_insert(TrackedCommand { row: None, entry: None }).entry = Some(entry);
        self.words_moved = true;
    }

    pub(crate) fn set_row(&mut self, row: Command) {
        let id = row.command_id;
        self.commands.entry(id).or_insert(TrackedCommand { row: None, entry: None }).row = Some(row);
        self.words_moved = true;
    }

    /// Forgets others' commands that ended before the replica's window: a room that stays open for weeks must not fill up.
    pub(crate) fn forget_old_commands(&mut self, now: Timestamp) {
        const WINDOW: Duration = Duration::from_secs(48 * 3600);
        let before = now.minus(WINDOW);
        self.commands.retain(|_, c| {
            c.entry.is_some() || c.issued_at() >= before || c.state().is_none_or(|state| !state.is_final())
        });
    }

    /// What a lane has to do something about.
    fn moving(&self) -> impl Iterator<Item = &OutboxEntry> {
        let own = self.commands.values().filter_map(|c| c.entry.as_ref());
        own.filter(|e| e.outbox == OutboxState::Open && !waits_for_a_person(e.state))
    }

    /// The head of a lane; empty when it has none, or has to wait for another.
    pub(crate) fn head(&self, lane: Lane) -> Vec<OutboxEntry> {
        heads(self.moving()).remove(&lane).unwrap_or_default().into_iter().cloned().collect()
    }

    /// Lanes that have a head and no task.
    pub(crate) fn idle_lanes(&self) -> Vec<Lane> {
        heads(self.moving()).into_keys().filter(|lane| !self.lanes.contains(lane)).collect()
    }

    /// The worst word of each object's commands, for the rings on the map.
    pub(crate) fn words(&self) -> HashMap<EquipmentId, Word> {
        let mut words: HashMap<EquipmentId, Word> = HashMap::new();
        for command in self.commands.values() {
            let (Some(id), Some(state)) = (command.equipment_id(), command.state()) else { continue };
            if state.is_final() {
                continue;
            }
            let word = word(state);
            words.entry(id).and_modify(|w| *w = (*w).max(word)).or_insert(word);
        }
        words
    }

    /// The lowest level that pending dimmings and programmes ask of each object: of several, the darkest decides what is
    /// dangerous.
    pub(crate) fn pending_levels(&self) -> HashMap<EquipmentId, f64> {
        let mut levels: HashMap<EquipmentId, f64> = HashMap::new();
        for command in self.commands.values().filter(|c| c.state().is_some_and(|s| !s.is_final())) {
            let params = command.row.as_ref().map(|r| &r.params).or(command.entry.as_ref().map(|e| &e.order.params));
            let level =
                params.and_then(|p| p.number("level").or(self.programmes.lowest_of(p).map(|level| level as f64)));
            if let (Some(id), Some(level)) = (command.equipment_id(), level) {
                levels.entry(id).and_modify(|lowest| *lowest = lowest.min(level)).or_insert(level);
            }
        }
        levels
    }
}

/// An intent blocks no lane: it is never sent, it waits for its author (or for the end of his shift).
fn waits_for_a_person(state: CommandState) -> bool {
    state == CommandState::Intent
}
