//! The field: how devices live and what they do with commands. Pure: told the time and the rows, it says what to submit.

mod device;
mod grid;
mod orders;
mod river;
mod rounds;
mod sky;
mod sources;

pub use device::Device;
pub use grid::Failure;
pub use orders::{BUSY, DEVICE_FAULT, LAMP_BROKEN};
pub use river::{Water, water};
pub use rounds::MOST_REPORTS;
pub use sky::{Night, local_hour, night};

use std::collections::{BTreeMap, HashMap, HashSet};

use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::submission::{Body, Outcome, StateReport};
use vigie_core::table::{Command, Equipment, EquipmentState};
use vigie_core::time::Timestamp;

use grid::Grid;
use orders::Order;
use rounds::Rounds;
use sources::Sources;

/// Every device of a city, and the gateway's part in the life of their commands.
pub struct Field {
    seed: u64,
    devices: Vec<Device>,
    place: HashMap<EquipmentId, usize>,
    rounds: Rounds,
    orders: BTreeMap<CommandId, Order>,
    sources: Sources,
    /// Kinds of which there are devices.
    kinds: HashSet<EquipmentKind>,
    grid: Grid,
}

impl Field {
    /// A field that goes on from the states it left. Reports are spread over each kind's period.
    pub fn resume(seed: u64, equipment: &[Equipment], states: &[EquipmentState], now: Timestamp) -> Self {
        let states: HashMap<_, _> = states.iter().map(|s| (s.equipment_id, s)).collect();
        let mut field = Self {
            seed,
            devices: Vec::with_capacity(equipment.len()),
            place: HashMap::with_capacity(equipment.len()),
            rounds: Rounds::default(),
            orders: BTreeMap::new(),
            sources: Sources::default(),
            kinds: equipment.iter().map(|e| e.kind).collect(),
            grid: Grid::of(equipment),
        };
        for object in equipment {
            let state = states.get(&object.equipment_id);
            let device = state.map_or_else(|| Device::new(object, now), |state| Device::resumed(object, state, now));
            let last = state.and_then(|s| s.observed_at).unwrap_or(now);
            let index = field.devices.len();
            field.rounds.first(index, &device, last, now);
            field.place.insert(object.equipment_id, index);
            field.devices.push(device);
        }
        field
    }

    /// A command as the metropolis now shows it.
    pub fn observe(&mut self, command: &Command) {
        orders::observe(&mut self.orders, command);
    }

    /// Silences a system of the city and its devices, by its code; none lets all speak.
    pub fn silence(&mut self, source: Option<&'static str>) {
        self.sources.silence(source);
    }

    /// What to submit as the gateway at `now`, in order; regular reports of at most so many devices, as one.
    pub fn due(&mut self, now: Timestamp, most: usize) -> Vec<Body> {
        let mut bodies = Vec::new();
        let mut states = self.answer_orders(now, &mut bodies);
        let reported = self.rounds.due(&mut self.devices, self.seed, now, most);
        self.feed(&reported, now);
        states.extend(reported);
        // What a silent system would have said is lost: its devices speak again in their turn.
        states.retain(|state| {
            let kind = self.place.get(&state.equipment_id).and_then(|i| self.devices.get(*i)).map(|d| d.kind);
            kind.is_none_or(|kind| !self.sources.is_silent(kind))
        });
        bodies.extend(self.sources.due(now, self.seed, |kind| self.kinds.contains(&kind)));
        if !states.is_empty() {
            bodies.push(Body::Report { states });
        }
        bodies
    }

    /// What the metropolis answered to something that the field submitted.
    pub fn heard(&mut self, body: &Body, outcome: &Outcome, now: Timestamp) {
        let Body::Progress { command_id, event, .. } = body else { return };
        let Some(order) = self.orders.get_mut(command_id) else { return };
        let silent = self.place.get(&order.equipment_id).and_then(|i| self.devices.get(*i)).is_none_or(|d| d.silent);
        let reliable =
            self.place.get(&order.equipment_id).and_then(|i| self.devices.get(*i)).is_some_and(|d| d.reliable);
        if !order.heard(*event, outcome, now, orders::Odds { seed: self.seed, silent, reliable }) {
            self.orders.remove(command_id);
        }
    }

    /// Lets the orders whose time has come be done; the states that show it.
    fn answer_orders(&mut self, now: Timestamp, bodies: &mut Vec<Body>) -> Vec<StateReport> {
        let mut states = Vec::new();
        let mut over = Vec::new();
        for (id, order) in &mut self.orders {
            let index = self.place.get(&order.equipment_id).copied();
            let Some(device) = index.and_then(|i| self.devices.get_mut(i)) else {
                over.push(*id);
                continue;
            };
            let step = order.step(*id, device, now);
            bodies.extend(step.body);
            states.extend(step.shows.map(|seen| device.report(self.seed, seen)));
            if let Some(index) = index.filter(|_| step.done) {
                self.rounds.after(index, device, now);
            }
            if step.over {
                over.push(*id);
            }
        }
        self.orders.retain(|id, _| !over.contains(id));
        states
    }
}
