//! What feeds the lights: one cabinet for those of a concentrator, one substation for two cabinets.

use std::collections::BTreeMap;

use serde_json::json;
use vigie_core::equipment::EquipmentKind;
use vigie_core::table::Equipment;

use super::light::Light;
use super::names::{bare, phone};
use super::plan::Plan;

/// Cabinets and substations, as rows.
pub(crate) fn feeders(plan: &Plan) -> Vec<Equipment> {
    let mut fed: BTreeMap<usize, Vec<&Light>> = BTreeMap::new();
    for (light, concentrator) in &plan.lights {
        fed.entry(*concentrator).or_default().push(light);
    }
    let (mut cabinets, mut substations) = (Vec::new(), BTreeMap::new());
    for (number, lights) in &fed {
        let Some(middle) = lights.get(lights.len() / 2) else { continue };
        let Some(street) = plan.streets.get(middle.street) else { continue };
        let place = (street.insee.as_str(), street.name.as_str());
        let from = format!("PE-{:03}", number / 2);
        substations.entry(from.clone()).or_insert_with(|| {
            let name = format!("Poste {:03} {}", number / 2, bare(&street.name));
            let attributes = json!({ "phone": phone(plan.seed, "grid") });
            plan.equipment(EquipmentKind::Substation, from.clone(), name, middle.at.by(9.0, 6.0), place, attributes)
        });
        let name = format!("Armoire {number:03} {}", bare(&street.name));
        let attributes = json!({ "fed_by": from, "phone": phone(plan.seed, &street.insee) });
        let reference = format!("ARM-{number:03}");
        cabinets.push(plan.equipment(
            EquipmentKind::Cabinet,
            reference,
            name,
            middle.at.by(3.0, 2.0),
            place,
            attributes,
        ));
    }
    cabinets.extend(substations.into_values());
    cabinets
}
