//! A few objects of a generated city, what one may ask of them, and the luck of who asks.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde_json::{Value, json};
use vigie_core::equipment::{EquipmentKind, Quality, Reach};
use vigie_core::time::Timestamp;
use vigie_training::chance::Dice;
use vigie_training::{City, CityOptions, city};

/// 14:00 in Dijon on 23 November 2026.
pub const TWO_PM: Timestamp = Timestamp(1_795_438_800_000);

/// A few lights, a junction and a sign of a generated city, made once for all seeds.
pub fn hamlet() -> &'static City {
    static HAMLET: OnceLock<City> = OnceLock::new();
    HAMLET.get_or_init(|| settlement(3, 1))
}

/// A generated city with so many lights, and so many junctions and signs.
pub fn settlement(lights: usize, others: usize) -> City {
    let kinds = [
        (EquipmentKind::StreetLight, lights),
        (EquipmentKind::SignalJunction, others),
        (EquipmentKind::MessageSign, others),
    ];
    town(&kinds)
}

/// A generated city with so many objects of each kind.
pub fn town(kinds: &[(EquipmentKind, usize)]) -> City {
    let mut city = city::generate(&CityOptions { seed: 7, objects: 300, at: TWO_PM });
    let answering: HashSet<_> = city
        .states
        .iter()
        .filter(|s| s.reach == Reach::Reachable && s.quality == Quality::Good)
        .map(|s| s.equipment_id)
        .collect();
    let mut left: HashMap<_, _> = kinds.iter().copied().collect();
    city.equipment.retain(|object| {
        let keep = answering.contains(&object.equipment_id) && left.get(&object.kind).is_some_and(|left| *left > 0);
        if let Some(left) = left.get_mut(&object.kind).filter(|_| keep) {
            *left -= 1;
        }
        keep
    });
    let kept: HashSet<_> = city.equipment.iter().map(|e| e.equipment_id).collect();
    city.states.retain(|state| kept.contains(&state.equipment_id));
    city.history.clear();
    city.ground.clear();
    city.zones.clear();
    city.communes.truncate(1);
    city
}

/// Something that may be asked of an object of a kind: an action and its parameters.
pub fn wish(kind: EquipmentKind, dice: &mut Dice) -> (&'static str, Value) {
    let level = dice.below(101);
    let plan = 1 + dice.below(8);
    let heating = 5 + level % 19;
    let of_kind: &[(&'static str, Value)] = match kind {
        EquipmentKind::StreetLight => &[
            ("street_light.read", json!({})),
            ("street_light.set_level", json!({ "level": level })),
            ("street_light.set_level", json!({ "level": 60 })),
            ("street_light.to_programme", json!({})),
        ],
        EquipmentKind::SignalJunction => &[
            ("signal_junction.read", json!({})),
            ("signal_junction.set_plan", json!({ "plan": plan })),
            ("signal_junction.to_programme", json!({})),
            ("signal_junction.dark", json!({})),
        ],
        EquipmentKind::Building => &[
            ("building.read", json!({})),
            ("building.set_heating", json!({ "heating_c": heating })),
            ("building.to_programme", json!({})),
        ],
        _ => &[
            ("message_sign.read", json!({})),
            ("message_sign.show_approved", json!({ "text": "TRAVAUX" })),
            ("message_sign.show_text", json!({ "text": "essai" })),
            ("message_sign.to_programme", json!({})),
        ],
    };
    dice.pick(of_kind).cloned().unwrap_or(("", Value::Null))
}
