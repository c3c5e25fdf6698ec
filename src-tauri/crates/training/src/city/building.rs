//! Public buildings: a town hall in each commune, then schools, gymnasiums and the rest by population.

use serde_json::json;
use vigie_core::equipment::EquipmentKind;
use vigie_core::table::Equipment;

use super::equipment::reliable;
use super::names::{bare, phone};
use super::plan::Plan;
use crate::chance::Dice;

const USES: &[(&str, &str)] = &[
    ("school", "École élémentaire"),
    ("school", "École maternelle"),
    ("school", "Groupe scolaire"),
    ("gym", "Gymnase"),
    ("library", "Bibliothèque"),
    ("hall", "Salle des fêtes"),
    ("nursery", "Crèche"),
    ("sport", "Stade"),
    ("workshop", "Centre technique"),
    ("museum", "Musée"),
    ("care", "Résidence autonomie"),
    ("pool", "Piscine"),
];

/// The buildings.
pub(crate) fn buildings(plan: &Plan, count: usize) -> Vec<Equipment> {
    let mut dice = Dice::new(plan.seed, "buildings");
    let mut rows = Vec::with_capacity(count);
    let mut named = std::collections::HashSet::new();
    for cell in plan.cells.iter().take(count) {
        let at = cell.centre.towards(dice.between(0.0, std::f64::consts::TAU), 45.0);
        let street = nearest_street(plan, &cell.insee, at);
        rows.push(building(
            plan,
            rows.len(),
            "town_hall",
            format!("Mairie de {}", cell.name),
            at,
            (&cell.insee, &street),
        ));
    }
    let spots = plan.spread(&mut dice, count, 130.0, |c| f64::from(c.population).powf(0.9));
    for spot in spots {
        if rows.len() >= count {
            break;
        }
        let (usage, word) = USES.get(dice.below(USES.len())).copied().unwrap_or(("hall", "Salle"));
        let [street, other] = &spot.streets;
        let mut name = format!("{word} {}", bare(street));
        if !named.insert(name.clone()) {
            name = format!("{word} {}", bare(other));
            named.insert(name.clone());
        }
        let at = spot.at.towards(dice.between(0.0, std::f64::consts::TAU), dice.between(32.0, 48.0));
        rows.push(building(plan, rows.len(), usage, name, at, (&spot.insee, street)));
    }
    rows
}

fn building(
    plan: &Plan,
    index: usize,
    usage: &str,
    name: String,
    at: super::plane::P,
    place: (&str, &str),
) -> Equipment {
    let reference = format!("BAT-{:03}", index + 1);
    let mut attributes = json!({"use": usage, "phone": phone(plan.seed, &reference)});
    reliable(&mut attributes, index == 0);
    plan.equipment(EquipmentKind::Building, reference, name, at, place, attributes)
}

fn nearest_street(plan: &Plan, insee: &str, at: super::plane::P) -> String {
    plan.streets
        .iter()
        .filter(|s| s.insee == insee)
        .filter_map(|s| s.points.first().map(|p| (p.square_to(at), s)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, s)| s.name.clone())
}
