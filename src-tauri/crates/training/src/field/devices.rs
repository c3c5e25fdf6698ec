//! What stands in a city and lives by itself: each device in its place, what feeds it, and when it next reports.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use vigie_core::command::Motion;
use vigie_core::ids::EquipmentId;
use vigie_core::submission::StateReport;
use vigie_core::table::{Equipment, EquipmentState};
use vigie_core::time::Timestamp;

use super::device::Device;
use super::follow::Says;
use super::grid::Grid;
use super::river::RISING;
use super::rounds::Rounds;

/// A device that moves shows itself so often.
const SHOWN_EVERY: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Devices {
    pub(super) seed: u64,
    pub(super) all: Vec<Device>,
    pub(super) place: HashMap<EquipmentId, usize>,
    pub(super) rounds: Rounds,
    pub(super) grid: Grid,
    /// Devices that a key moves, and when each last showed itself.
    driven: BTreeMap<EquipmentId, Timestamp>,
}

impl Devices {
    /// Devices that go on from the states they left. Reports are spread over each kind's period.
    pub(super) fn resume(seed: u64, equipment: &[Equipment], states: &[EquipmentState], now: Timestamp) -> Self {
        let states: HashMap<_, _> = states.iter().map(|s| (s.equipment_id, s)).collect();
        let mut devices = Self {
            seed,
            all: Vec::with_capacity(equipment.len()),
            place: HashMap::with_capacity(equipment.len()),
            rounds: Rounds::default(),
            grid: Grid::of(equipment),
            driven: BTreeMap::new(),
        };
        for object in equipment {
            let state = states.get(&object.equipment_id);
            let device = state.map_or_else(|| Device::new(object, now), |state| Device::resumed(object, state, now));
            let last = state.and_then(|s| s.observed_at).unwrap_or(now);
            let index = devices.all.len();
            devices.rounds.first(index, &device, last, now);
            devices.place.insert(object.equipment_id, index);
            devices.all.push(device);
        }
        devices
    }

    /// Tells devices that were given a programme of that name what it says.
    pub(super) fn learn(&mut self, name: &str, says: &Says) {
        self.all.iter_mut().filter(|device| device.follows().is_some()).for_each(|device| device.learn(name, says));
    }

    pub(super) fn get(&self, id: EquipmentId) -> Option<&Device> {
        self.place.get(&id).and_then(|index| self.all.get(*index))
    }

    /// Changes a device, and plans anew what it does next; what it then shows.
    pub(super) fn change<T>(
        &mut self,
        id: EquipmentId,
        now: Timestamp,
        change: impl FnOnce(&mut Device) -> T,
    ) -> Option<(T, StateReport)> {
        let index = *self.place.get(&id)?;
        let device = self.all.get_mut(index)?;
        let changed = change(device);
        self.rounds.after(index, device, now);
        Some((changed, device.report(self.seed, now)))
    }

    /// The gauges of the river that floods, each with its place on it.
    fn rising(&mut self) -> impl Iterator<Item = (&mut Device, f64)> {
        self.all.iter_mut().filter_map(|device| {
            let share = device.river.as_deref().filter(|(river, _)| river == RISING).map(|(_, share)| *share)?;
            Some((device, share))
        })
    }

    /// The Ouche rises since then, or no more.
    pub(super) fn flood(&mut self, began: Option<Timestamp>) {
        self.rising().for_each(|(device, _)| device.flood = began);
    }

    /// The local gauge nearest to a place of that river: national ones are never lost here, since checks rely on them.
    pub(super) fn gauge_near(&mut self, share: f64) -> Option<EquipmentId> {
        let local = self.rising().filter(|(device, _)| !device.reliable && !device.silent);
        let near = local.min_by(|(_, a), (_, b)| (a - share).abs().total_cmp(&(b - share).abs()));
        near.map(|(device, _)| device.id)
    }

    /// The national stations of that river, each with its place on it.
    pub(super) fn stations(&mut self) -> Vec<(EquipmentId, f64)> {
        self.rising().filter(|(device, _)| device.reliable).map(|(device, share)| (device.id, share)).collect()
    }

    /// A key moves a device until then, unless it is held on. `pace`: seconds of the room in each of the city.
    pub(super) fn drive(&mut self, id: EquipmentId, motion: Motion, pace: f64, until: Timestamp, now: Timestamp) {
        let Some(device) = self.place.get(&id).and_then(|index| self.all.get_mut(*index)) else { return };
        if device.drive(motion, pace, until, now) {
            self.driven.entry(id).or_insert(now);
        }
    }

    /// Devices whose key nobody holds any more stand still from now on.
    pub(super) fn let_go(&mut self, held: impl Fn(EquipmentId) -> bool, now: Timestamp) {
        for id in self.driven.keys().filter(|id| !held(**id)) {
            if let Some(device) = self.place.get(id).and_then(|index| self.all.get_mut(*index)) {
                device.stand_still(now);
            }
        }
    }

    /// What driven devices show: once a second while they move, and when they stand still.
    pub(super) fn moved(&mut self, now: Timestamp) -> Vec<StateReport> {
        let mut shown = Vec::new();
        let (all, place, seed) = (&self.all, &self.place, self.seed);
        self.driven.retain(|id, last| {
            let Some(device) = place.get(id).and_then(|index| all.get(*index)) else { return false };
            let moves = device.moves(now);
            if !moves || now.since(*last) >= SHOWN_EVERY {
                *last = now;
                shown.push(device.report(seed, now));
            }
            moves
        });
        shown
    }

    /// The regular reports due at `now`, of at most so many devices; what feeders report goes for what they feed.
    pub(super) fn due(&mut self, now: Timestamp, most: usize) -> Vec<StateReport> {
        let reported = self.rounds.due(&mut self.all, self.seed, now, most);
        self.feed(&reported, now);
        reported
    }
}
