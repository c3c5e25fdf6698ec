//! What feeds what: a cabinet or a substation that fails takes with it what it feeds, each device telling so in its own time.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use vigie_core::equipment::EquipmentKind;
use vigie_core::submission::StateReport;
use vigie_core::table::Equipment;
use vigie_core::time::Timestamp;

use super::Device;
use super::devices::Devices;
use crate::chance::luck;

/// Devices tell within this time that their supply went or came.
const TELLS_WITHIN: Duration = Duration::from_mins(5);

/// Something that a scenario lets fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A substation with about so many lights.
    Substation(usize),
    /// A cabinet elsewhere with about so many lights.
    Cabinet(usize),
}

/// Who is fed by whom, by place.
#[derive(Default)]
pub(super) struct Grid {
    fed: HashMap<usize, Vec<usize>>,
    /// Feeders that are down.
    down: BTreeSet<usize>,
}

impl Grid {
    pub(super) fn of(equipment: &[Equipment]) -> Self {
        let places: HashMap<&str, usize> =
            equipment.iter().enumerate().map(|(i, e)| (e.reference.as_str(), i)).collect();
        let mut grid = Self::default();
        for (place, object) in equipment.iter().enumerate() {
            let feeder =
                object.attributes.get("fed_by").and_then(serde_json::Value::as_str).and_then(|f| places.get(f));
            if let Some(feeder) = feeder {
                grid.fed.entry(*feeder).or_default().push(place);
            }
        }
        grid
    }

    /// Everything below a feeder.
    fn below(&self, feeder: usize) -> Vec<usize> {
        let mut found: Vec<usize> = self.fed.get(&feeder).cloned().unwrap_or_default();
        let further: Vec<usize> = found.iter().filter_map(|place| self.fed.get(place)).flatten().copied().collect();
        found.extend(further);
        found
    }
}

impl Devices {
    /// What feeders reported: what they feed goes or comes with them.
    pub(super) fn feed(&mut self, reported: &[StateReport], now: Timestamp) {
        for report in reported {
            let Some(feeder) = self.place.get(&report.equipment_id).copied() else { continue };
            let down = report.reading.0.get("supply") == Some(&false.into());
            if self.grid.fed.contains_key(&feeder) && down != self.grid.down.contains(&feeder) {
                self.supply(feeder, !down, now);
            }
        }
    }

    /// Lets something fail at `now`; nothing happens where the city has no such thing.
    pub(super) fn fail(&mut self, failure: Failure, now: Timestamp) {
        let (kind, wanted) = match failure {
            Failure::Substation(lights) => (EquipmentKind::Substation, lights),
            Failure::Cabinet(lights) => (EquipmentKind::Cabinet, lights),
        };
        let touched: BTreeSet<usize> = self.grid.down.iter().flat_map(|feeder| self.grid.below(*feeder)).collect();
        let free = |place: &usize| !touched.contains(place) && !self.grid.down.contains(place);
        let chosen = self
            .grid
            .fed
            .keys()
            .copied()
            .filter(|place| free(place) && self.all.get(*place).is_some_and(|device| device.kind == kind))
            .min_by_key(|place| (self.lights_below(*place).abs_diff(wanted), *place));
        let Some(feeder) = chosen else { return };
        if let Some(device) = self.all.get_mut(feeder) {
            device.fault = Some("supply");
            self.rounds.soon(feeder, device, now);
        }
        self.supply(feeder, false, now);
    }

    fn lights_below(&self, feeder: usize) -> usize {
        let below = self.grid.below(feeder);
        let light = |place: &&usize| self.all.get(**place).is_some_and(|d| d.kind == EquipmentKind::StreetLight);
        below.iter().filter(light).count()
    }

    /// Supply goes or comes below a feeder. What checks rely on keeps its own.
    fn supply(&mut self, feeder: usize, there: bool, now: Timestamp) {
        if there {
            self.grid.down.remove(&feeder);
        } else {
            self.grid.down.insert(feeder);
        }
        for place in self.grid.below(feeder) {
            let Some(device) = self.all.get_mut(place).filter(|device| !device.reliable) else { continue };
            device.fault = (!there).then_some("supply");
            if self.grid.fed.contains_key(&place) {
                if there {
                    self.grid.down.remove(&place);
                } else {
                    self.grid.down.insert(place);
                }
            }
            let share = luck(device.number, now.0.unsigned_abs(), 51);
            let at = now.plus(TELLS_WITHIN.mul_f64(tells_after(device, share)));
            self.rounds.soon(place, device, at);
        }
    }
}

/// A cabinet tells at once, lights one after the other.
fn tells_after(device: &Device, share: f64) -> f64 {
    if device.kind == EquipmentKind::StreetLight { share } else { share / 20.0 }
}
