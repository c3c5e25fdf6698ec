//! The states of the city at birth: everything seen a short while ago, and a few things not in order.

use std::time::Duration;

use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach};
use vigie_core::table::{Equipment, EquipmentState, StateHistory};
use vigie_core::time::Timestamp;

use crate::chance::{Dice, luck, uuid_of};
use crate::field::Device;

/// The states, and a little history of what is not in order.
pub(crate) fn states(seed: u64, at: Timestamp, equipment: &[Equipment]) -> (Vec<EquipmentState>, Vec<StateHistory>) {
    let mut dice = Dice::new(seed, "birth");
    let lost = lost_concentrator(&mut dice, equipment);
    let mut states = Vec::with_capacity(equipment.len());
    let mut history = Vec::new();
    let mut nth = Nth::default();
    for object in equipment {
        let mut device = Device::new(object, at);
        let born = nth.of(object.kind);
        let trouble = trouble(&mut device, born, &mut dice);
        let cut_off = lost.is_some_and(|c| object.attributes.get("concentrator").is_some_and(|own| own == c));
        let age = match (cut_off, trouble) {
            (true, _) => Duration::from_secs(9_300 + (luck(seed, device.number, 21) * 60.0) as u64),
            (_, Trouble::Silent) => Duration::from_mins(321),
            (_, Trouble::Blind) => Duration::from_secs(26 * 60 + 40),
            _ => Duration::from_secs_f64(device.period().as_secs_f64() * luck(seed, device.number, 22)),
        };
        let observed = at.minus(age);
        let reach = match (cut_off, trouble) {
            (true, _) => Reach::GatewayLost,
            (_, Trouble::Blind) => Reach::DeviceLost,
            _ => Reach::Reachable,
        };
        let reading = device.reading(seed, observed);
        if trouble != Trouble::None {
            history.extend(past(seed, object, &device, observed));
        }
        states.push(EquipmentState {
            equipment_id: object.equipment_id,
            reading,
            // Nothing says that a silent sensor is lost; its last value is all the same not to be trusted.
            quality: if trouble == Trouble::Silent { Quality::Uncertain } else { Quality::Good },
            observed_at: Some(observed),
            received_at: observed.plus(Duration::from_millis(300)),
            source: device.source().to_owned(),
            reach,
            mode: Mode::Programme,
            target: None,
            effect_until: None,
            version: 1,
            control_version: 1,
        });
    }
    (states, history)
}

/// What is not in order with a device at birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// It reports a fault.
    Fault,
    /// It stopped reporting and nothing says why.
    Silent,
    /// Its gateway says that it does not answer.
    Blind,
}

#[derive(Default)]
struct Nth([usize; 16]);

impl Nth {
    /// How many of this kind came before.
    fn of(&mut self, kind: EquipmentKind) -> usize {
        let Some(count) = self.0.get_mut(usize::from(kind.index())) else { return 0 };
        *count += 1;
        *count - 1
    }
}

fn trouble(device: &mut Device, nth: usize, dice: &mut Dice) -> Trouble {
    if device.reliable {
        return Trouble::None;
    }
    match device.kind {
        EquipmentKind::StreetLight if dice.chance(0.012) => {
            device.fault = dice.pick(&["lamp", "lamp", "lamp", "driver", "supply"]).copied();
            Trouble::Fault
        }
        EquipmentKind::SignalJunction if nth == 41 => {
            device.stuck = true;
            device.fault = Some("lamp");
            Trouble::Fault
        }
        EquipmentKind::Camera if nth % 52 == 17 => {
            device.stuck = true;
            Trouble::Fault
        }
        EquipmentKind::Camera if nth == 117 => Trouble::Blind,
        EquipmentKind::Container if nth % 130 == 9 => {
            device.value = 92.0 + (nth % 7) as f64;
            Trouble::Fault
        }
        EquipmentKind::Gauge if nth == 12 => Trouble::Silent,
        EquipmentKind::Gauge if nth == 19 => Trouble::Blind,
        EquipmentKind::Building if nth == 61 => {
            device.fault = Some("lift");
            Trouble::Fault
        }
        _ => Trouble::None,
    }
}

/// What it showed before it went wrong, and when it went wrong.
fn past(seed: u64, object: &Equipment, device: &Device, seen: Timestamp) -> [StateHistory; 2] {
    let began = seen.minus(Duration::from_secs(1_800 + (luck(seed, device.number, 23) * 70_000.0) as u64));
    let healthy = Device::new(object, began);
    [(healthy.clone(), began.minus(healthy.period())), (device.clone(), began)].map(|(device, at)| StateHistory {
        history_id: uuid_of(seed, &format!("history/{}/{}", object.reference, at.0)),
        equipment_id: object.equipment_id,
        reading: device.reading(seed, at),
        quality: Quality::Good,
        observed_at: at,
        source: device.source().to_owned(),
        mode: Mode::Programme,
    })
}

/// One concentrator of the town that nobody hears: about 120 lights.
fn lost_concentrator<'a>(dice: &mut Dice, equipment: &'a [Equipment]) -> Option<&'a serde_json::Value> {
    let lights: Vec<&Equipment> = equipment.iter().filter(|e| e.kind == EquipmentKind::StreetLight).collect();
    let spared = |c: &serde_json::Value| {
        lights
            .iter()
            .filter(|l| l.attributes.get("training_reliable").is_some())
            .all(|l| l.attributes.get("concentrator") != Some(c))
    };
    // Dijon's lights come first: a place in the first half is in town.
    (0..20).find_map(|_| {
        let light = lights.get(dice.below(lights.len().div_ceil(2)))?;
        light.attributes.get("concentrator").filter(|c| spared(c))
    })
}
