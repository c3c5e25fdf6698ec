//! What stands in a city and lives by itself: each device in its place, what feeds it, and when it next reports.

use std::collections::HashMap;

use vigie_core::ids::EquipmentId;
use vigie_core::submission::StateReport;
use vigie_core::table::{Equipment, EquipmentState};
use vigie_core::time::Timestamp;

use super::device::Device;
use super::follow::Says;
use super::grid::Grid;
use super::rounds::Rounds;

/// See the module.
pub(super) struct Devices {
    pub(super) seed: u64,
    pub(super) all: Vec<Device>,
    pub(super) place: HashMap<EquipmentId, usize>,
    pub(super) rounds: Rounds,
    pub(super) grid: Grid,
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

    /// The regular reports due at `now`, of at most so many devices; what feeders report goes for what they feed.
    pub(super) fn due(&mut self, now: Timestamp, most: usize) -> Vec<StateReport> {
        let reported = self.rounds.due(&mut self.all, self.seed, now, most);
        self.feed(&reported, now);
        reported
    }
}
