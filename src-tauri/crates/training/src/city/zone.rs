//! Zones: vidéoprotection, flood areas, closed buildings, districts.

use std::f64::consts::TAU;

use vigie_core::ids::ZoneId;
use vigie_core::table::{Equipment, Zone};

use super::names::bare;
use super::plan::Plan;
use super::plane::{P, clip, length, polygon, walk};
use crate::chance::{Dice, uuid_of};

const DISTRICTS: &[(&str, f64, f64)] = &[
    ("Centre-ville", 5.0405, 47.3225),
    ("Montchapet", 5.0270, 47.3345),
    ("Toison d'Or", 5.0560, 47.3540),
    ("Maladière – Drapeau", 5.0530, 47.3370),
    ("Varennes – Joffre", 5.0690, 47.3420),
    ("Grésilles", 5.0660, 47.3290),
    ("Université", 5.0720, 47.3130),
    ("Chevreul – Parc", 5.0460, 47.3080),
    ("Bourroches", 5.0280, 47.3090),
    ("Fontaine d'Ouche", 5.0060, 47.3200),
];
/// Stretches of river that flood: river, name, from and to as shares of the drawn line, mean half-width in metres.
const FLOODED: &[(&str, &str, f64, f64, f64)] = &[
    ("L'Ouche", "Ouche, Plombières", 0.04, 0.20, 170.0),
    ("L'Ouche", "Ouche, lac Kir", 0.22, 0.36, 150.0),
    ("L'Ouche", "Ouche, Dijon sud", 0.37, 0.50, 120.0),
    ("L'Ouche", "Ouche, Longvic", 0.51, 0.64, 190.0),
    ("L'Ouche", "Ouche, Neuilly-Crimolois", 0.65, 0.84, 260.0),
    ("La Tille", "Tille, Bressey", 0.42, 0.66, 300.0),
    ("La Tille", "Tille, Magny", 0.67, 0.92, 340.0),
];

/// Centres and radii of the vidéoprotection zones: cameras are placed inside them.
pub(crate) fn watched(plan: &Plan, count: usize) -> Vec<(P, f64)> {
    let mut dice = Dice::new(plan.seed, "watched");
    let weight = |population: u32| if population < 7_000 { 0.0 } else { f64::from(population).powf(0.75) };
    plan.spread(&mut dice, count, 620.0, |c| weight(c.population))
        .into_iter()
        .map(|c| (c.at, dice.between(190.0, 380.0)))
        .collect()
}

/// All zones.
pub(crate) fn zones(plan: &Plan, watched: &[(P, f64)], buildings: &[Equipment]) -> Vec<Zone> {
    let mut dice = Dice::new(plan.seed, "zones");
    let mut zones = Vec::new();
    let mut add = |reference: String, name: String, kind: &str, ring: &[P]| {
        let zone_id = ZoneId(uuid_of(plan.seed, &format!("zone/{reference}")));
        zones.push(Zone {
            zone_id,
            reference,
            name,
            kind: kind.to_owned(),
            outline: polygon(ring),
            revision: None,
            person_id: None,
            changed_at: None,
        });
    };
    for (i, (centre, radius)) in watched.iter().enumerate() {
        let name = plan
            .crossings
            .iter()
            .find(|c| c.at == *centre)
            .and_then(|c| c.streets.first())
            .map_or_else(String::new, |s| bare(s).to_owned());
        let ring: Vec<P> = (0..9)
            .map(|k| {
                centre.towards((f64::from(k) + dice.between(-0.3, 0.3)) * TAU / 9.0, radius * dice.between(0.8, 1.15))
            })
            .collect();
        add(format!("ZV-{:02}", i + 1), format!("Zone vidéo {name}"), "cctv", &ring);
    }
    for (i, (river, name, from, to, width)) in FLOODED.iter().enumerate() {
        if let Some(line) = plan.features.iter().find(|f| f.name == *river) {
            add(
                format!("ZI-{:02}", i + 1),
                (*name).to_owned(),
                "flood",
                &banks(&line.points, *from, *to, *width, &mut dice),
            );
        }
    }
    let closed = buildings.iter().filter(|b| b.attributes.get("use").is_some_and(|u| u == "school" || u == "gym"));
    for (i, building) in closed.step_by(4).take(12).enumerate() {
        let (centre, turn) = (P::from_degrees(building.lon, building.lat), dice.between(0.0, TAU));
        let (long, wide) = (dice.between(38.0, 60.0), dice.between(22.0, 34.0));
        let corner = |a: f64, b: f64| centre.by(a * turn.cos() - b * turn.sin(), a * turn.sin() + b * turn.cos());
        let ring = [corner(long, wide), corner(-long, wide), corner(-long, -wide), corner(long, -wide)];
        add(format!("BF-{:02}", i + 1), building.name.clone(), "closed_building", &ring);
    }
    for (i, (name, ring)) in districts(plan).into_iter().enumerate() {
        add(format!("Q-{:02}", i + 1), name, "district", &ring);
    }
    zones
}

/// A stretch of river with both its banks, wider here and narrower there.
fn banks(line: &[P], from: f64, to: f64, width: f64, dice: &mut Dice) -> Vec<P> {
    let (total, steps) = (length(line), 18);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for step in 0..=steps {
        let t = f64::from(step) / f64::from(steps);
        let Some((p, angle)) = walk(line, total * (from + (to - from) * t)) else { continue };
        let taper = (t * (1.0 - t) * 4.0).sqrt().max(0.25);
        let across = angle + std::f64::consts::FRAC_PI_2;
        left.push(p.towards(across, width * taper * dice.between(0.7, 1.2)));
        right.push(p.towards(across, -width * taper * dice.between(0.7, 1.2)));
    }
    right.reverse();
    right.extend(left);
    right
}

fn districts(plan: &Plan) -> Vec<(String, Vec<P>)> {
    let Some(town) = plan.cells.first() else { return Vec::new() };
    let centres: Vec<P> = DISTRICTS.iter().map(|(_, lon, lat)| P::from_degrees(*lon, *lat)).collect();
    DISTRICTS
        .iter()
        .zip(&centres)
        .filter_map(|((name, ..), own)| {
            let mut ring = town.ring.clone();
            for other in centres.iter().filter(|c| *c != own) {
                let c = other.x * other.x + other.y * other.y - own.x * own.x - own.y * own.y;
                ring = clip(&ring, 2.0 * (other.x - own.x), 2.0 * (other.y - own.y), c);
            }
            (ring.len() > 2).then(|| ((*name).to_owned(), ring))
        })
        .collect()
}
