//! Equipment of the streets other than lights: junctions, cameras, bollards, signs, containers.

use serde_json::json;
use vigie_core::equipment::EquipmentKind;
use vigie_core::table::Equipment;

use super::names::{bare, phone};
use super::plan::{Crossing, Plan};
use super::plane::{P, distance_to_line, length, walk};
use crate::chance::Dice;

/// Signal junctions, more of them where more people live.
pub(crate) fn junctions(plan: &Plan, count: usize) -> Vec<Equipment> {
    let mut dice = Dice::new(plan.seed, "junctions");
    let chosen =
        plan.spread(&mut dice, count, 190.0, |c| if c.population < 3_000 { 0.0 } else { f64::from(c.population) });
    chosen
        .into_iter()
        .enumerate()
        .map(|(i, c)| {
            let reference = format!("TL-{:03}", i + 1);
            let name = format!("Carrefour {:03} {}", i + 1, meeting(c));
            let mut attributes =
                json!({"phone": phone(plan.seed, "signals"), "controller": format!("A-{:03}", 100 + i)});
            reliable(&mut attributes, i == 0);
            plan.equipment(EquipmentKind::SignalJunction, reference, name, c.at, (&c.insee, first(c)), attributes)
        })
        .collect()
}

/// Cameras: most of them inside the vidéoprotection zones, given as centre and radius.
pub(crate) fn cameras(plan: &Plan, count: usize, zones: &[(P, f64)]) -> Vec<Equipment> {
    let mut dice = Dice::new(plan.seed, "cameras");
    let watched = |c: &Crossing| zones.iter().any(|(centre, radius)| c.at.to(*centre) < radius * 0.9);
    let mut chosen: Vec<&Crossing> = Vec::new();
    for crossing in plan.crossings.iter().filter(|c| watched(c)) {
        let room = chosen.iter().all(|c| c.at.to(crossing.at) > 95.0);
        if chosen.len() < count * 3 / 4 && room && dice.chance(0.8) {
            chosen.push(crossing);
        }
    }
    let rest = count.saturating_sub(chosen.len());
    let elsewhere = plan.spread(&mut dice, rest + chosen.len(), 240.0, |c| f64::from(c.population).powf(0.8));
    let added: Vec<&Crossing> =
        elsewhere.into_iter().filter(|e| chosen.iter().all(|c| c.at.to(e.at) > 30.0)).take(rest).collect();
    chosen.extend(added);
    chosen
        .into_iter()
        .enumerate()
        .map(|(i, c)| {
            let dome = dice.chance(0.16);
            let attributes = json!({
                "heading": dice.between(0.0, 360.0).round(),
                "fov": if dome { 360.0 } else { dice.between(55.0, 95.0).round() },
                "range_m": if dome { 60.0 } else { dice.between(70.0, 140.0).round() },
            });
            let at = c.at.towards(dice.between(0.0, std::f64::consts::TAU), 9.0);
            let (reference, name) = (format!("CAM-{:03}", i + 1), format!("Caméra {:03} {}", i + 1, bare(first(c))));
            plan.equipment(EquipmentKind::Camera, reference, name, at, (&c.insee, first(c)), attributes)
        })
        .collect()
}

/// Retractable bollards at the accesses of the pedestrian centre.
pub(crate) fn bollards(plan: &Plan, count: usize) -> Vec<Equipment> {
    let mut dice = Dice::new(plan.seed, "bollards");
    let Some(town) = plan.cells.first() else { return Vec::new() };
    let mut near: Vec<&Crossing> = plan.crossings.iter().filter(|c| c.insee == town.insee).collect();
    near.sort_by(|a, b| a.at.square_to(town.centre).total_cmp(&b.at.square_to(town.centre)));
    let mut chosen: Vec<&Crossing> = Vec::new();
    for crossing in near {
        if chosen.len() < count && chosen.iter().all(|c| c.at.to(crossing.at) > 110.0) && dice.chance(0.6) {
            chosen.push(crossing);
        }
    }
    chosen
        .into_iter()
        .enumerate()
        .map(|(i, c)| {
            let (reference, name) = (format!("BO-{:02}", i + 1), format!("Borne {:02} {}", i + 1, bare(first(c))));
            let mut attributes = json!({"phone": phone(plan.seed, "bollards")});
            reliable(&mut attributes, i == 0);
            plan.equipment(EquipmentKind::Bollard, reference, name, c.at.by(3.0, 3.0), (&c.insee, first(c)), attributes)
        })
        .collect()
}

/// Message signs beside the motorways and the main ways into the town.
pub(crate) fn signs(plan: &Plan, count: usize) -> Vec<Equipment> {
    let mut dice = Dice::new(plan.seed, "signs");
    let roads: Vec<_> = plan.features.iter().filter(|f| f.kind == "motorway").collect();
    let total: f64 = roads.iter().map(|r| length(&r.points)).sum();
    let mut signs = Vec::with_capacity(count);
    for i in 0..count {
        let mut metres = total * (i as f64 + dice.between(0.3, 0.7)) / count.max(1) as f64;
        for road in &roads {
            let own = length(&road.points);
            if metres > own {
                metres -= own;
                continue;
            }
            if let Some((on, angle)) = walk(&road.points, metres) {
                let at = on.towards(angle + std::f64::consts::FRAC_PI_2, 12.0);
                let insee = plan.commune_at(at).map_or("", |c| c.insee.as_str());
                let reference = format!("PMV-{:02}", i + 1);
                let name = format!("Panneau {:02} {}", i + 1, road.name);
                let mut attributes = json!({"lines": 2, "characters": 30});
                reliable(&mut attributes, i == 0);
                signs.push(plan.equipment(
                    EquipmentKind::MessageSign,
                    reference,
                    name,
                    at,
                    (insee, &road.name),
                    attributes,
                ));
            }
            break;
        }
    }
    signs
}

/// Waste containers, beside lights, by population.
pub(crate) fn containers(plan: &Plan, count: usize) -> Vec<Equipment> {
    let mut dice = Dice::new(plan.seed, "containers");
    let step = plan.lights.len() as f64 / count.max(1) as f64;
    (0..count)
        .filter_map(|i| {
            // The lights are in the order of communes and streets: an even step is a share by population.
            let place = ((i as f64 + dice.unit()) * step) as usize;
            let (light, _) = plan.lights.get(place.min(plan.lights.len().saturating_sub(1)))?;
            let street = plan.streets.get(light.street)?;
            let waste = ["residual", "packaging", "glass", "glass"].get(dice.below(4)).copied().unwrap_or("glass");
            let (reference, name) = (format!("CV-{:04}", i + 1), format!("Conteneur {:04} {}", i + 1, street.name));
            let attributes = json!({"waste": waste, "volume_l": if waste == "glass" { 4_000 } else { 5_000 }});
            let at = light.at.towards(dice.between(0.0, std::f64::consts::TAU), 9.0);
            Some(plan.equipment(
                EquipmentKind::Container,
                reference,
                name,
                at,
                (&street.insee, &street.name),
                attributes,
            ))
        })
        .collect()
}

/// Storm-water pumps: at the crossings nearest to the rivers.
pub(crate) fn pumps(plan: &Plan, count: usize) -> Vec<Equipment> {
    let rivers: Vec<_> = plan.features.iter().filter(|f| f.kind == "river").collect();
    let wet = |p: P| rivers.iter().map(|r| distance_to_line(p, &r.points)).fold(f64::INFINITY, f64::min);
    let mut near: Vec<(f64, &Crossing)> = plan.crossings.iter().map(|c| (wet(c.at), c)).collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut chosen: Vec<&Crossing> = Vec::new();
    for gap in [700.0, 150.0, 0.0] {
        for (_, crossing) in &near {
            if chosen.len() < count && chosen.iter().all(|c| c.at.to(crossing.at) > gap) {
                chosen.push(crossing);
            }
        }
    }
    chosen
        .into_iter()
        .enumerate()
        .map(|(i, c)| {
            let (reference, name) = (format!("PR-{:02}", i + 1), format!("Poste de relevage {}", bare(first(c))));
            let attributes = json!({"phone": phone(plan.seed, "pumps"), "flow_l_s": 60 + 20 * (i % 4)});
            plan.equipment(EquipmentKind::Pump, reference, name, c.at.by(14.0, -8.0), (&c.insee, first(c)), attributes)
        })
        .collect()
}

/// Marks an object on which a command always succeeds, for checks that must not depend on luck.
pub(crate) fn reliable(attributes: &mut serde_json::Value, is: bool) {
    if let (true, Some(map)) = (is, attributes.as_object_mut()) {
        map.insert("training_reliable".into(), true.into());
    }
}

fn first(crossing: &Crossing) -> &str {
    crossing.streets.first().map_or("", String::as_str)
}

fn meeting(crossing: &Crossing) -> String {
    let [one, two] = &crossing.streets;
    format!("{} – {}", bare(one), bare(two))
}
