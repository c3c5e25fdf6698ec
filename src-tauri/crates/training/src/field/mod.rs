//! The field: how devices live and what they do with commands. Pure: told the time and the rows, it says what to submit.

mod aim;
mod bulletins;
mod device;
mod devices;
mod follow;
mod grid;
mod lineside;
mod orders;
mod river;
mod rounds;
mod sky;
mod sources;
mod task;

pub use aim::Aim;
pub use device::Device;
pub use follow::{Says, says};
pub use grid::Failure;
pub use lineside::{Lineside, Said, Told};
pub use river::{Water, water};
pub use rounds::MOST_REPORTS;
pub use sky::{Night, local_hour, night};
pub use task::{BUSY, DEVICE_FAULT, LAMP_BROKEN};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use vigie_core::command::LiveNow;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::programme::ProgrammeRef;
use vigie_core::submission::{Body, Outcome, StateReport};
use vigie_core::table::{Command, Equipment, EquipmentState, Programme};
use vigie_core::time::Timestamp;

use bulletins::Bulletins;
use devices::Devices;
use orders::Order;
use sources::Sources;

/// Commands that leave at most in one step.
const MOST_STARTED: usize = 20;
/// How long after the Ouche began to rise the water takes a gauge.
const LOST_AFTER: Duration = Duration::from_hours(4);
/// Whereabouts on the river.
const LOST_AT: f64 = 0.45;

/// Every device of a city, and the gateway's part in the life of their commands.
pub struct Field {
    devices: Devices,
    orders: BTreeMap<CommandId, Order>,
    sources: Sources,
    bulletins: Bulletins,
    /// When the Ouche began to rise, and the gauge that the water took.
    flood: Option<(Timestamp, Option<EquipmentId>)>,
    /// Kinds of which there are devices.
    kinds: HashSet<EquipmentKind>,
    /// What each programme says, by the name that commands give it.
    programmes: HashMap<String, Says>,
}

impl Field {
    /// A field that goes on from the states it left.
    pub fn resume(seed: u64, equipment: &[Equipment], states: &[EquipmentState], now: Timestamp) -> Self {
        Self {
            devices: Devices::resume(seed, equipment, states, now),
            orders: BTreeMap::new(),
            sources: Sources::default(),
            bulletins: Bulletins::default(),
            flood: None,
            kinds: equipment.iter().map(|e| e.kind).collect(),
            programmes: HashMap::new(),
        }
    }

    /// A programme as the metropolis now has it.
    pub fn learn(&mut self, row: &Programme) {
        let name = ProgrammeRef::Of(row.programme_id, row.revision).to_string();
        let said = says(row);
        self.devices.learn(&name, &said);
        self.programmes.insert(name, said);
    }

    /// A command as the metropolis now shows it.
    pub fn observe(&mut self, command: &Command) {
        let says = command.params.text("programme").and_then(|name| self.programmes.get(name));
        orders::observe(&mut self.orders, command, says);
    }

    /// Silences a system of the city and its devices, by its code; none lets all speak.
    pub fn silence(&mut self, source: Option<&'static str>) {
        self.sources.silence(source);
    }

    /// Lets something fail at `now`; nothing happens where the city has no such thing.
    pub fn fail(&mut self, failure: Failure, now: Timestamp) {
        self.devices.fail(failure, now);
    }

    /// The Ouche rises since `began`, or no more. Some hours later the water takes a gauge: it falls silent and stays so until the
    /// flood is over.
    pub fn flood(&mut self, began: Option<Timestamp>, now: Timestamp) {
        if self.flood.map(|(began, _)| began) != began {
            if let Some(lost) = self.flood.and_then(|(_, lost)| lost) {
                self.devices.change(lost, now, |device| device.silent = false);
            }
            self.devices.flood(began);
            self.flood = began.map(|began| (began, None));
        }
        if let Some((began, lost @ None)) = &mut self.flood
            && now.since(*began) >= LOST_AFTER
        {
            *lost = self.devices.gauge_near(LOST_AT);
            if let Some(id) = *lost {
                self.devices.change(id, now, |device| device.silent = true);
            }
        }
    }

    /// What is held by keys, as the metropolis says it at `now` (class L).
    pub fn hold(&mut self, held: &[LiveNow], now: Timestamp) {
        for live in held {
            // What is left of it by the room's time, against the same by the city's.
            let left = live.until.offset_from(now);
            let pace = if left > 0 { live.for_ms as f64 / left as f64 } else { 1.0 };
            self.devices.drive(live.equipment_id, live.motion, pace, live.until, now);
        }
        // A key that was let go stops its device at once; whoever hears nothing stops by himself.
        self.devices.let_go(|id| held.iter().any(|live| live.equipment_id == id), now);
    }

    /// What to submit as the gateway at `now`, in order; regular reports of at most so many devices, as one.
    pub fn due(&mut self, now: Timestamp, most: usize) -> Vec<Body> {
        let mut bodies = Vec::new();
        let mut states = self.answer_orders(now, &mut bodies);
        states.extend(self.devices.moved(now));
        states.extend(self.devices.due(now, most));
        // What a silent system would have said is lost: its devices speak again in their turn.
        states.retain(|state| {
            let device = self.devices.get(state.equipment_id);
            device.is_none_or(|device| !self.sources.is_silent(device.kind))
        });
        bodies.extend(self.sources.due(now, self.devices.seed, |kind| self.kinds.contains(&kind)));
        if self.kinds.contains(&EquipmentKind::Gauge) {
            let (seed, began, devices) = (self.devices.seed, self.flood.map(|(began, _)| began), &mut self.devices);
            bodies.extend(self.bulletins.due(now, seed, began, || devices.stations()));
        }
        if !states.is_empty() {
            bodies.push(Body::Report { states });
        }
        bodies
    }

    /// What the metropolis answered to something that the field submitted.
    pub fn heard(&mut self, body: &Body, outcome: &Outcome, now: Timestamp) {
        let Body::Progress { command_id, event, .. } = body else { return };
        let Some(order) = self.orders.get_mut(command_id) else { return };
        let Some(device) = self.devices.get(order.equipment_id) else { return };
        if !order.heard(*event, outcome, now, self.devices.seed, device) {
            self.orders.remove(command_id);
        }
    }

    /// Lets the orders whose time has come be done; the states that show it.
    fn answer_orders(&mut self, now: Timestamp, bodies: &mut Vec<Body>) -> Vec<StateReport> {
        let mut states = Vec::new();
        let mut over = Vec::new();
        let devices = &mut self.devices;
        let mut started = 0;
        for (id, order) in &mut self.orders {
            if order.waits() {
                // A group goes out in its order and in portions, as a gateway takes it: never a burst (R5).
                if started == MOST_STARTED {
                    continue;
                }
                started += 1;
            }
            let index = devices.place.get(&order.equipment_id).copied();
            let Some((index, device)) = index.and_then(|i| Some((i, devices.all.get_mut(i)?))) else {
                over.push(*id);
                continue;
            };
            let step = order.step(*id, device, now);
            bodies.extend(step.body);
            states.extend(step.shows.map(|seen| device.report(devices.seed, seen)));
            if step.done {
                devices.rounds.after(index, device, now);
            }
            if step.over {
                over.push(*id);
            }
        }
        self.orders.retain(|id, _| !over.contains(id));
        states
    }
}
