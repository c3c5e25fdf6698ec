//! The checker: what was asked at desks against what a metropolis holds, after everything came to rest.
//!
//! It knows nothing of the engine's ways: it reads the desks' outboxes, the metropolis's commands and their events, and the
//! cuts that the replicas went through. The simulation and the histories on a real PostgreSQL share it; planted faults show
//! that it sees what it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use vigie_core::command::{
    Admission, ClassCode, CommandEventCode as E, CommandState as S, TRANSITIONS, action, transition,
};
use vigie_core::ids::CommandId;
use vigie_core::port::{Cut, OutboxEntry, OutboxState, StoredEvent};
use vigie_core::table::{Command, CommandEvent};
use vigie_core::time::Timestamp;

/// What one desk wrote down.
#[derive(Debug, Clone, Default)]
pub struct DeskHistory {
    /// Whose.
    pub login: String,
    /// Entries of its outbox with their events, in the order of their positions.
    pub entries: Vec<(OutboxEntry, Vec<StoredEvent>)>,
    /// The tags of the orders that the desk said it had recorded: it may not lose them.
    pub promised: Vec<String>,
    /// The cuts that its replica held, one after another.
    pub cuts: Vec<Cut>,
    /// Whether the account has an open shift at the end.
    pub on_shift: bool,
    /// What differs between its replica and the metropolis at the end, in words.
    pub divergence: Vec<String>,
}

/// Everything that is known at the end of a run.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The desks.
    pub desks: Vec<DeskHistory>,
    /// The metropolis's commands.
    pub commands: Vec<Command>,
    /// Their events, oldest first for each command.
    pub events: Vec<CommandEvent>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Which promise is broken.
    pub rule: Rule,
    /// Where and how.
    pub words: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.words)
    }
}

/// The promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// What a desk recorded is there, and has an end that the metropolis agrees with.
    Lost,
    /// One order has one effect at most, whatever was tried again (R14, R16).
    Doubled,
    /// Nothing reaches the field after the life that its author gave it (R2).
    Late,
    /// Orders of a desk on an object are taken in the order in which they were given.
    Overtaken,
    /// Intents and notes never leave (R1).
    IntentSent,
    /// The life of a command follows the table, and what is over stays so.
    Life,
    /// Every lasting effect has an end (R3).
    Unbounded,
    /// Nothing is sent before everything was read (R5).
    Unread,
    /// An older order never takes the place of a newer one (R11).
    OlderWon,
    /// No intent outlives its author's shift (R13).
    Orphaned,
    /// What was handed over once is never handed over again (R14).
    SentAgain,
    /// The same submission always gets the same answer (R16).
    Inconstant,
    /// Done is what the metropolis saw done (R18).
    SaidDone,
    /// A replica never goes back.
    CutWentBack,
    /// At rest a replica equals the metropolis.
    Diverged,
    /// With a good link everything comes to rest in time.
    Stalled,
    /// The same seed, another story.
    Indeterminate,
}

/// An order's tag: its reason, which every order of a campaign has of its own. A command asked again under a new id keeps it.
pub fn tag(reason: &str) -> &str {
    reason.split(' ').next().unwrap_or_default()
}

/// Everything wrong with a history.
pub fn check(history: &History) -> Vec<Fault> {
    let mut faults = Vec::new();
    let rows: BTreeMap<CommandId, &Command> = history.commands.iter().map(|c| (c.command_id, c)).collect();
    let mut events: BTreeMap<CommandId, Vec<&CommandEvent>> = BTreeMap::new();
    for event in &history.events {
        events.entry(event.command_id).or_default().push(event);
    }
    doubled(history, &events, &mut faults);
    newest_wins(history, &events, &mut faults);
    for command in &history.commands {
        life(command, events.get(&command.command_id).map_or(&[], Vec::as_slice), &mut faults);
    }
    for desk in &history.desks {
        kept(desk, &rows, &mut faults);
        for (entry, written) in &desk.entries {
            outbox_life(desk, entry, written, &mut faults);
            at_rest(desk, entry, &mut faults);
            agrees(desk, entry, rows.get(&entry.order.command_id).copied(), &mut faults);
            late(entry, events.get(&entry.order.command_id).map_or(&[], Vec::as_slice), &mut faults);
        }
        order_of_lanes(desk, &events, &mut faults);
        cuts(desk, &mut faults);
        let words = |d: &String| Fault { rule: Rule::Diverged, words: format!("{}: {d}", desk.login) };
        faults.extend(desk.divergence.iter().map(words));
    }
    faults.sort();
    faults.dedup();
    faults
}

fn reached(events: &[&CommandEvent], state: S) -> bool {
    events.iter().any(|e| e.to_state == state)
}

/// One order, one effect: whatever goes under the same tag is taken once.
fn doubled(history: &History, events: &BTreeMap<CommandId, Vec<&CommandEvent>>, faults: &mut Vec<Fault>) {
    let mut taken: BTreeMap<&str, BTreeSet<CommandId>> = BTreeMap::new();
    for command in &history.commands {
        let moves = events.get(&command.command_id).map_or(&[][..], Vec::as_slice);
        if reached(moves, S::Accepted) || reached(moves, S::Dispatched) {
            taken.entry(tag(&command.reason)).or_default().insert(command.command_id);
        }
        for state in [S::Accepted, S::Dispatching, S::Dispatched] {
            let times = moves.iter().filter(|e| e.to_state == state).count();
            if times > 1 {
                let words = format!("{} was {state} {times} times", command.command_id);
                faults.push(Fault { rule: Rule::Doubled, words });
            }
        }
    }
    for (order, ids) in taken.into_iter().filter(|(_, ids)| ids.len() > 1) {
        faults.push(Fault { rule: Rule::Doubled, words: format!("{order} was taken as {ids:?}") });
    }
}

/// What took the place of an order that had not left yet is newer than it. Between two authors the metropolis decides by
/// arrival: their clocks may differ by more than their orders do, and only one of them will pilot an object (R9).
fn newest_wins(history: &History, events: &BTreeMap<CommandId, Vec<&CommandEvent>>, faults: &mut Vec<Fault>) {
    let moves = |id: &CommandId| events.get(id).map_or(&[][..], Vec::as_slice);
    let taken_at = |c: &Command, at| moves(&c.command_id).iter().any(|e| e.to_state == S::Accepted && e.at == at);
    for older in &history.commands {
        let Some(gone) = moves(&older.command_id).iter().find(|e| e.to_state == S::Superseded) else { continue };
        let by: Vec<_> = history
            .commands
            .iter()
            .filter(|c| {
                c.equipment_id == older.equipment_id && c.command_id != older.command_id && taken_at(c, gone.at)
            })
            .collect();
        let same = |c: &&Command| c.person_id == older.person_id && c.issued_at < older.issued_at;
        if !by.is_empty() && by.iter().all(same) {
            let words = format!(
                "{} gave way to {:?}",
                tag(&older.reason),
                by.iter().map(|c| tag(&c.reason)).collect::<Vec<_>>()
            );
            faults.push(Fault { rule: Rule::OlderWon, words });
        }
    }
}

/// The metropolis's own record of a command follows the table.
fn life(command: &Command, moves: &[&CommandEvent], faults: &mut Vec<Fault>) {
    let id = command.command_id;
    let mut say = |rule, words| faults.push(Fault { rule, words });
    for pair in moves.windows(2) {
        let [before, after] = pair else { continue };
        if before.to_state.is_final() {
            say(Rule::Life, format!("{id} was over ({}) and became {}", before.to_state, after.to_state));
        } else if !TRANSITIONS.iter().any(|t| t.from == before.to_state && t.to == after.to_state) {
            say(Rule::Life, format!("{id} went from {} to {}", before.to_state, after.to_state));
        }
    }
    if let Some(last) = moves.last()
        && last.to_state != command.state
    {
        say(Rule::Life, format!("{id} is {} and its last event says {}", command.state, last.to_state));
    }
    if let Some(late) = moves.iter().find(|e| towards_the_field(e.to_state) && e.at > command.expires_at) {
        say(Rule::Late, format!("{id} became {} {} ms late", late.to_state, late.at.offset_from(command.expires_at)));
    }
    if !command.state.is_final() && command.state != S::Unknown {
        say(Rule::Stalled, format!("{id} ({}) is still {} at the metropolis", command.action, command.state));
    }
    let lasting = vigie_core::command::action(&command.action).is_some_and(|a| a.max_effect.is_some());
    if lasting && reached(moves, S::Accepted) && command.effect_until.is_none() {
        say(Rule::Unbounded, format!("{id} was taken without an end"));
    }
}

fn towards_the_field(state: S) -> bool {
    matches!(state, S::Accepted | S::Dispatching)
}

/// What reached the field did so within the life written in the author's own outbox.
fn late(entry: &OutboxEntry, moves: &[&CommandEvent], faults: &mut Vec<Fault>) {
    let end = entry.order.expires_at;
    for event in moves.iter().filter(|e| towards_the_field(e.to_state) && e.at > end) {
        let words =
            format!("{} became {} at {}, its life ended at {end}", tag(&entry.order.reason), event.to_state, event.at);
        faults.push(Fault { rule: Rule::Late, words });
    }
}

/// Everything promised is there, and nothing waits for what will not come.
fn kept(desk: &DeskHistory, rows: &BTreeMap<CommandId, &Command>, faults: &mut Vec<Fault>) {
    let mut chains: BTreeMap<&str, Vec<&OutboxEntry>> = BTreeMap::new();
    for (entry, _) in &desk.entries {
        chains.entry(tag(&entry.order.reason)).or_default().push(entry);
    }
    for promised in &desk.promised {
        if !chains.contains_key(promised.as_str()) {
            let words = format!("{}: {promised} was recorded and is nowhere", desk.login);
            faults.push(Fault { rule: Rule::Lost, words });
        }
    }
    for (order, chain) in chains {
        let Some(last) = chain.last() else { continue };
        let reads = last.class == ClassCode::A;
        if last.state == S::NeverReceived && reads && !rows.contains_key(&last.order.command_id) {
            let told = last.detail.as_deref() == Some("expired");
            if !told {
                let words = format!("{}: the read {order} never arrived and was not asked again", desk.login);
                faults.push(Fault { rule: Rule::Lost, words });
            }
        }
    }
}

/// The outbox's own record follows the table too; what the metropolis ended may be told in one step.
fn outbox_life(desk: &DeskHistory, entry: &OutboxEntry, written: &[StoredEvent], faults: &mut Vec<Fault>) {
    let order = tag(&entry.order.reason);
    let mut say = |rule, words: String| faults.push(Fault { rule, words: format!("{}: {order} {words}", desk.login) });
    for pair in written.windows(2) {
        let [before, after] = pair else { continue };
        let told = matches!(before.to, S::Accepted | S::Unknown) && after.to.is_final();
        // A promotion that lost what was taken leaves a note beside the state, which stays.
        let noted =
            before.to == after.to && after.event == E::NeverReceived && after.detail.as_deref() == Some("forgotten");
        if noted {
            let taken = written.iter().any(|e| e.to == S::Accepted);
            let rule = if taken { Rule::Lost } else { Rule::Life };
            say(rule, format!("is {} and was forgotten by a promotion (taken: {taken})", before.to));
        } else if before.to.is_final() {
            say(Rule::Life, format!("was over ({}) and became {}", before.to, after.to));
        } else if !told && transition(before.to, after.event).ok() != Some(after.to) && after.to != S::Expired {
            say(Rule::Life, format!("went from {} by {} to {}", before.to, after.event, after.to));
        }
    }
    if written.last().is_some_and(|e| e.to != entry.state) {
        say(
            Rule::Life,
            format!("stands at {} and its last event says {:?}", entry.state, written.last().map(|e| e.to)),
        );
    }
}

/// Nothing still stands where it should have gone on by itself.
fn at_rest(desk: &DeskHistory, entry: &OutboxEntry, faults: &mut Vec<Fault>) {
    let order = tag(&entry.order.reason);
    let mut say = |rule, words: String| faults.push(Fault { rule, words: format!("{}: {order} {words}", desk.login) });
    if entry.outbox != OutboxState::Done && entry.state.is_final() {
        say(Rule::Stalled, format!("is {} and the outbox is not done with it", entry.state));
    }
    let waits_behind_a_key = |entry: &OutboxEntry| {
        desk.entries.iter().any(|(before, _)| {
            before.position < entry.position
                && before.order.equipment_id == entry.order.equipment_id
                && before.state == S::AwaitingKey
        })
    };
    match entry.state {
        S::Intent if !desk.on_shift => say(Rule::Orphaned, "is an intent and nobody is on shift".to_owned()),
        S::Submitted | S::Unsettled | S::Queued if !waits_behind_a_key(entry) => {
            say(Rule::Stalled, format!("still stands at {}", entry.state));
        }
        _ => {}
    }
}

/// Desk and metropolis agree on how it ended.
fn agrees(desk: &DeskHistory, entry: &OutboxEntry, row: Option<&Command>, faults: &mut Vec<Fault>) {
    let order = tag(&entry.order.reason);
    let mut say = |rule, words: String| faults.push(Fault { rule, words: format!("{}: {order} {words}", desk.login) });
    match row {
        None if matches!(entry.state, S::Accepted | S::Confirmed) => {
            say(Rule::Lost, format!("is {} here and the metropolis does not have it", entry.state));
        }
        None => {}
        Some(_) if matches!(entry.admission, Admission::Keep | Admission::Note) => {
            say(Rule::IntentSent, "was kept or noted, and the metropolis has it".to_owned());
        }
        Some(row) => {
            if row.issued_at != entry.order.issued_at || row.expires_at != entry.order.expires_at {
                say(Rule::Late, "was given another life on its way".to_owned());
            }
            if entry.state == S::Confirmed && row.state != S::Confirmed {
                say(Rule::SaidDone, format!("is said to be done, the metropolis says {}", row.state));
            }
            let settled = entry.state.is_final() && row.state.is_final();
            if settled && entry.state != row.state {
                say(Rule::Lost, format!("ended {} here and {} there", entry.state, row.state));
            }
            if entry.state == S::NeverReceived {
                say(Rule::Doubled, format!("is said never received, the metropolis has it {}", row.state));
            }
        }
    }
}

/// Orders of a desk on an object: taken in the order of their positions.
fn order_of_lanes(desk: &DeskHistory, events: &BTreeMap<CommandId, Vec<&CommandEvent>>, faults: &mut Vec<Fault>) {
    let mut lanes: BTreeMap<_, Vec<(i64, Timestamp, &OutboxEntry)>> = BTreeMap::new();
    for (entry, _) in &desk.entries {
        let taken = events.get(&entry.order.command_id).into_iter().flatten().find(|e| e.to_state == S::Accepted);
        if let Some(taken) = taken {
            lanes.entry(entry.order.equipment_id).or_default().push((entry.position, taken.at, entry));
        }
    }
    for (_, mut lane) in lanes {
        lane.sort_by_key(|(position, ..)| *position);
        for pair in lane.windows(2) {
            let [(_, before, first), (_, after, second)] = pair else { continue };
            // The safe direction goes ahead of reads, which change nothing; of what acts, nothing is taken after it (R17).
            let ahead = first.class == ClassCode::A
                && action(&second.order.action).is_some_and(|a| a.goes_safe(&second.order.params));
            if after < before && !ahead {
                let (first, second) = (tag(&first.order.reason), tag(&second.order.reason));
                let words = format!("{}: {second} overtook {first}", desk.login);
                faults.push(Fault { rule: Rule::Overtaken, words });
            }
        }
    }
}

fn cuts(desk: &DeskHistory, faults: &mut Vec<Fault>) {
    for pair in desk.cuts.windows(2) {
        let [before, after] = pair else { continue };
        if before.epoch == after.epoch && (after.xmin < before.xmin || after.at < before.at) {
            let words =
                format!("{}: from {} at {} to {} at {}", desk.login, before.xmin, before.at, after.xmin, after.at);
            faults.push(Fault { rule: Rule::CutWentBack, words });
        }
    }
}
