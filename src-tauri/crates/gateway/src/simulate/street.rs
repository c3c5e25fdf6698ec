//! The devices of all lines: what reaches them, and what they say.
//!
//! Guarantees: an order is carried out once, however often it arrives, and not after its life (R2, R16); what a device could
//! not say while its line was away it shows when the line is back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::sync::Arc;

use vigie_core::command::action;
use vigie_core::equipment::{EquipmentKind, Quality, Reach};
use vigie_core::ids::{CommandId, EquipmentId, Ids, LiveId};
use vigie_core::programme::ProgrammeRef;
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;
use vigie_machine::MachineIds;
use vigie_training::field::{Lineside, MOST_REPORTS, Said, Told, says};
use vigie_training::player::Standing;

use crate::field::config::{BadConfig, Config};
use crate::simulate::fault::{Demand, Habits};
use crate::simulate::line::{Came, Line};
use crate::simulate::log::Log;
use crate::simulate::side::{Live, Order, Reached};

/// Commands remembered, so that one that comes again is known.
const REMEMBERED: usize = 100_000;

/// A device of a line.
struct Place {
    line: usize,
    reference: String,
    kind: EquipmentKind,
}

/// See the module.
pub(super) struct Street {
    lines: Vec<Line>,
    devices: Lineside,
    places: HashMap<EquipmentId, Place>,
    /// What reached devices, by which line; what was answered.
    orders: BTreeMap<CommandId, Known>,
    /// Answers that leave later.
    answers: BTreeMap<(Timestamp, u64), CommandId>,
    count: u64,
    habits: Habits,
    off: BTreeSet<EquipmentId>,
    /// The last word of a held key that each device followed.
    keys: HashMap<EquipmentId, (LiveId, i64)>,
    log: Log,
}

struct Known {
    line: usize,
    order: Order,
    done: Option<Result<(), String>>,
}

impl fmt::Display for Street {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} devices on {} lines are played. Ctrl-C ends.", self.places.len(), self.lines.len())
    }
}

impl Street {
    pub(super) fn new(
        config: &Config,
        seed: u64,
        faults: f64,
        standing: Standing,
        now: Timestamp,
        log: Log,
    ) -> Result<Self, BadConfig> {
        let program = MachineIds.next();
        let mut lines = Vec::new();
        let mut of_kind = HashMap::new();
        for (at, line) in config.lines().iter().enumerate() {
            lines.push(Line::new(config, line, program)?);
            for kind in config.kinds(line)? {
                of_kind.entry(kind).or_insert(at);
            }
        }
        let Standing { mut equipment, mut states, programmes, .. } = standing;
        equipment.retain(|object| of_kind.contains_key(&object.kind));
        // Whether the metropolis reached them says more of the line that was than of the device.
        for state in &mut states {
            (state.reach, state.quality) = (Reach::Reachable, Quality::Good);
        }
        let mut places = HashMap::new();
        for object in &equipment {
            let Some(at) = of_kind.get(&object.kind).copied() else { continue };
            let Some(line) = lines.get_mut(at) else { continue };
            line.devices.insert(object.reference.clone(), object.equipment_id);
            let place = Place { line: at, reference: object.reference.clone(), kind: object.kind };
            places.insert(object.equipment_id, place);
        }
        let mut devices = Lineside::resume(seed, &equipment, &states, now);
        for row in &programmes {
            devices.learn(&ProgrammeRef::Of(row.programme_id, row.revision).to_string(), &says(row));
        }
        Ok(Self {
            lines,
            devices,
            places,
            orders: BTreeMap::new(),
            answers: BTreeMap::new(),
            count: 0,
            habits: Habits::new(seed, faults),
            off: BTreeSet::new(),
            keys: HashMap::new(),
            log,
        })
    }

    /// One move of everything.
    pub(super) async fn turn(&mut self, now: Timestamp) -> io::Result<()> {
        for at in 0..self.lines.len() {
            let came = self.lines.get_mut(at).map(|line| line.listen(now)).unwrap_or_default();
            for came in came {
                match came {
                    Came::Open | Came::Reached(Reached::Rebirth) => self.greet(at, now).await,
                    Came::Reached(Reached::Order(order)) => self.receive(at, *order, now)?,
                    Came::Reached(Reached::Live(live)) => self.drive(at, &live, now),
                    Came::Reached(Reached::End { command_id, reference }) => {
                        self.end(at, command_id, &reference, now).await?;
                    }
                }
            }
        }
        for said in self.devices.due(now, MOST_REPORTS) {
            match said {
                Said::Answer { command_id, equipment_id, done } if !self.off.contains(&equipment_id) => {
                    self.did(command_id, done, now)?;
                }
                Said::Answer { .. } => {}
                Said::State(report) => self.show(&report).await,
            }
        }
        self.answer(now).await
    }

    /// What somebody demands.
    pub(super) async fn demand(&mut self, demand: Demand, now: Timestamp) {
        match demand {
            Demand::Habit(device, habit) => self.habits.demand(device, habit),
            Demand::Line(name, lives) => {
                self.lines.iter_mut().filter(|line| line.name == name).for_each(|line| line.live(lives));
            }
            Demand::Power(device, there) => {
                for id in self.named(device.as_deref()) {
                    self.power(id, there, now).await;
                }
            }
            Demand::Replace(device) => {
                for id in self.named(device.as_deref()) {
                    if let Some(report) = self.devices.replace(id, now) {
                        self.show(&report).await;
                    }
                }
            }
        }
    }

    /// The device of a reference, or all.
    fn named(&self, device: Option<&str>) -> Vec<EquipmentId> {
        let wanted = |place: &Place| device.is_none_or(|device| *device == place.reference);
        self.places.iter().filter(|(_, place)| wanted(place)).map(|(id, _)| *id).collect()
    }

    /// A line is open: its devices are there, and show what changed meanwhile; those of a node are born.
    async fn greet(&mut self, at: usize, now: Timestamp) {
        let Some(line) = self.lines.get_mut(at) else { return };
        let on = |id: &EquipmentId| !self.off.contains(id);
        let there: Vec<&str> = line.devices.iter().filter(|(_, id)| on(id)).map(|(name, _)| name.as_str()).collect();
        let greeting = line.side.greeting(&there, now);
        let unsaid = std::mem::take(&mut line.unsaid);
        let shown: Vec<_> = if line.side.is_born() {
            line.devices.values().filter(|id| on(id)).copied().collect()
        } else {
            unsaid.into_iter().filter(|id| on(id)).collect()
        };
        for said in greeting {
            line.say(said).await;
        }
        for id in shown {
            if let Some(report) = self.devices.report(id, now) {
                self.show(&report).await;
            }
        }
    }

    /// An order reached its device. Nothing reaches a device without power.
    fn receive(&mut self, line: usize, mut order: Order, now: Timestamp) -> io::Result<()> {
        let id = self.lines.get(line).and_then(|line| line.devices.get(&order.reference)).copied();
        let Some(id) = id.filter(|id| !self.off.contains(id)) else { return Ok(()) };
        self.log.received(&order, now)?;
        let command_id = order.command_id;
        if let Some(known) = self.orders.get(&command_id) {
            // It answers as it did, and does nothing else (R16).
            if known.done.is_some() {
                self.later(command_id, now);
            }
            return Ok(());
        }
        let kind = self.places.get(&id).map(|place| place.kind);
        let action = action(&order.action).filter(|action| Some(action.kind) == kind && action.accepts(&order.params));
        if order.expires_at.is_some_and(|end| now > end) {
            order.refused = Some("expired");
        }
        let refused = order.refused;
        if self.orders.len() >= REMEMBERED {
            self.orders.pop_first();
        }
        self.orders.insert(command_id, Known { line, order: order.clone(), done: None });
        match (refused, action) {
            (Some(why), _) => self.did(command_id, Err(why), now)?,
            (None, None) => self.did(command_id, Err("not_taken"), now)?,
            (None, Some(action)) => {
                let says = order.programme.map(|told| Arc::new((told.kind, told.content)));
                let told =
                    Told { command_id, equipment_id: id, action, params: order.params, until: order.until, says };
                self.devices.take(told, now);
            }
        }
        Ok(())
    }

    /// A held key reached its device: it moves for a moment, and stands still by itself if nothing follows (class L). A word that
    /// is late, doubled or of before is not followed.
    fn drive(&mut self, at: usize, live: &Live, now: Timestamp) {
        let id = self.lines.get(at).and_then(|line| line.devices.get(&live.reference)).copied();
        let Some(id) = id.filter(|id| !self.off.contains(id)) else { return };
        let old = self.keys.get(&id).is_some_and(|(key, seq)| *key == live.live_id && live.seq <= *seq);
        if old || now > live.until {
            return;
        }
        self.keys.insert(id, (live.live_id, live.seq));
        self.devices.drive(id, live.motion, now.plus(live.lasts), now);
    }

    async fn end(&mut self, at: usize, command_id: CommandId, reference: &str, now: Timestamp) -> io::Result<()> {
        let id = self.lines.get(at).and_then(|line| line.devices.get(reference)).copied();
        let Some(id) = id.filter(|id| !self.off.contains(id)) else { return Ok(()) };
        self.log.ended(command_id, reference, now)?;
        if let Some(report) = self.devices.go_back(id, now) {
            self.show(&report).await;
        }
        Ok(())
    }

    /// A device did what it was told, or did not; its answers leave when its habits let them.
    fn did(&mut self, command_id: CommandId, done: Result<(), &'static str>, now: Timestamp) -> io::Result<()> {
        let Some(known) = self.orders.get_mut(&command_id) else { return Ok(()) };
        self.log.did(&known.order, done, now)?;
        known.done = Some(done.map_err(str::to_owned));
        for after in self.habits.answers(&known.order.reference, command_id) {
            self.later(command_id, now.plus(after));
        }
        Ok(())
    }

    fn later(&mut self, command_id: CommandId, at: Timestamp) {
        self.count += 1;
        self.answers.insert((at, self.count), command_id);
    }

    /// The answers whose time has come. What is said while the line is away is lost.
    async fn answer(&mut self, now: Timestamp) -> io::Result<()> {
        let later = self.answers.split_off(&(Timestamp(now.0.saturating_add(1)), 0));
        for command_id in std::mem::replace(&mut self.answers, later).into_values() {
            let Some(Known { line, order, done: Some(done) }) = self.orders.get(&command_id) else { continue };
            let Some(line) = self.lines.get_mut(*line).filter(|line| line.is_open()) else { continue };
            let done = match done {
                Ok(()) => Ok(()),
                Err(why) => Err(why.as_str()),
            };
            let said = line.side.answer(order, done, now);
            if line.say(said).await {
                self.log.answered(order, done, now)?;
            }
        }
        Ok(())
    }

    async fn show(&mut self, report: &StateReport) {
        let id = report.equipment_id;
        let Some(place) = self.places.get(&id).filter(|_| !self.off.contains(&id)) else { return };
        let Some(line) = self.lines.get_mut(place.line) else { return };
        let said = line.is_open().then(|| line.side.state(&place.reference, report));
        let taken = match said {
            Some(said) => line.say(said).await,
            None => false,
        };
        if !taken {
            line.unsaid.insert(id);
        }
    }

    async fn power(&mut self, id: EquipmentId, there: bool, now: Timestamp) {
        let Some(place) = self.places.get(&id) else { return };
        let changed = if there { self.off.remove(&id) } else { self.off.insert(id) };
        let Some(line) = self.lines.get_mut(place.line).filter(|_| changed) else { return };
        // Without power it forgets what it was told.
        let Some(report) = self.devices.go_back(id, now) else { return };
        if line.is_open() {
            let said = line.side.reach(&place.reference, there, &report);
            line.say(said).await;
        }
        if there {
            self.show(&report).await;
        }
    }
}
