//! Reaches of the Ouche under vigilance, and what each level of the water takes. Their codes and limits are made up and say so:
//! those of Vigicrues are resolved where a real metropolis asks it.

use serde_json::Value;
use serde_json::json;
use vigie_core::equipment::EquipmentKind;
use vigie_core::flood::{Call, Vigilance, reach_id};
use vigie_core::geo::{Outline, Position};
use vigie_core::table::{Equipment, Inundation, RiverReach, Service, Zone};
use vigie_core::time::Timestamp;

use super::plan::Plan;
use super::plane::{length, walk};
use crate::chance::uuid_of;

/// Code of the source that speaks of reaches.
pub(crate) const SOURCE: &str = "vigicrues";
/// The service that watches them.
pub(crate) const TERRITORY: &str = "18";
/// Corners of a drawn reach.
const STEPS: u32 = 60;

/// A reach: code, name, river, from and to as shares of the drawn line.
pub(crate) type Stretch = (&'static str, &'static str, &'static str, f64, f64);
/// The reaches.
pub(crate) const REACHES: &[Stretch] = &[
    ("F-OUCHE-1", "Ouche amont (formation)", "L'Ouche", 0.0, 0.5),
    ("F-OUCHE-2", "Ouche aval (formation)", "L'Ouche", 0.5, 1.0),
];

/// A gauge's level, zones under water from it on, and what is done: gauge, height in mm, name, zones, procedure, services called.
type Level = (&'static str, i64, &'static str, &'static [&'static str], &'static str, &'static [&'static str]);
const LEVELS: &[Level] = &[
    (
        "H-U132401001",
        1_700,
        "Débordement à Plombières et au lac Kir",
        &["ZI-01", "ZI-02"],
        "Fermer les chemins de berge. Prévenir les bases de loisirs. Sortir les véhicules du parking bas.",
        &["VOI", "EAU"],
    ),
    (
        "H-U132401001",
        2_100,
        "Dijon sud et Longvic touchés",
        &["ZI-03", "ZI-04"],
        "Fermer les rues basses. Mettre hors tension les armoires de la zone avant l'eau. Ouvrir le gymnase d'accueil.",
        &["VOI", "EP", "PAT"],
    ),
    (
        "H-U132401001",
        2_500,
        "Neuilly-Crimolois touché",
        &["ZI-05"],
        "Proposer l'activation du PCS. Évacuer les bâtiments publics de la zone.",
        &["PAT", "VOI"],
    ),
    (
        "H-U122401001",
        1_300,
        "La Tille à Bressey",
        &["ZI-06"],
        "Fermer la route basse. Prévenir les exploitants.",
        &["VOI"],
    ),
    ("H-U122401001", 1_800, "La Tille à Magny", &["ZI-07"], "Fermer le pont bas. Poser la déviation.", &["VOI"]),
];

/// Heights that mean something at the gauges of a river, mm: to watch, alert, danger.
pub(crate) fn heights(river: &str) -> Option<[i64; 3]> {
    match river {
        "L'Ouche" => Some([1_200, 1_700, 2_300]),
        "La Tille" => Some([900, 1_300, 1_800]),
        "Le Suzon" => Some([500, 800, 1_200]),
        // Its locks keep it.
        _ => None,
    }
}

/// The reaches as they stand at the city's birth: nothing to watch.
pub(crate) fn reaches(plan: &Plan, at: Timestamp) -> Vec<RiverReach> {
    let row = |(code, name, river, from, to): &Stretch| RiverReach {
        reach_id: reach_id(SOURCE, code),
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        territory: TERRITORY.to_owned(),
        source: SOURCE.to_owned(),
        geometry: line(plan, river, *from, *to),
        vigilance: Some(Vigilance::Green),
        since: at,
        bulletin_at: at,
        bulletin: String::new(),
    };
    REACHES.iter().map(row).collect()
}

fn line(plan: &Plan, river: &str, from: f64, to: f64) -> Value {
    let Some(drawn) = plan.features.iter().find(|f| f.name == river) else { return Value::Null };
    let total = length(&drawn.points);
    let share = |step: u32| from + (to - from) * f64::from(step) / f64::from(STEPS);
    let at = |step: u32| walk(&drawn.points, total * share(step)).map(|(p, _)| p.position());
    json!({"type": "LineString", "coordinates": (0..=STEPS).filter_map(at).collect::<Vec<_>>()})
}

/// What each level takes.
pub(crate) fn inundations(seed: u64, equipment: &[Equipment], zones: &[Zone], services: &[Service]) -> Vec<Inundation> {
    let row = |(gauge, height_mm, name, wet, procedure, called): &Level| {
        let reference = format!("{gauge}-{height_mm}");
        let gauge = equipment.iter().find(|e| e.reference == *gauge)?.equipment_id;
        let wet: Vec<&Zone> = wet.iter().filter_map(|of| zones.iter().find(|zone| zone.reference == *of)).collect();
        let outlines: Vec<Outline> = wet.iter().filter_map(|zone| Outline::read(&zone.outline).ok()).collect();
        let holds = |e: &&Equipment| outlines.iter().any(|o| o.contains(Position { lon: e.lon, lat: e.lat }));
        let cabinets = equipment.iter().filter(|e| e.kind == EquipmentKind::Cabinet).filter(holds);
        Some(Inundation {
            inundation_id: uuid_of(seed, &format!("inundation/{reference}")),
            reference,
            equipment_id: gauge,
            height_mm: *height_mm,
            name: (*name).to_owned(),
            zones: wet.iter().map(|zone| zone.zone_id).collect(),
            procedure: (*procedure).to_owned(),
            calls: called
                .iter()
                .filter_map(|code| services.iter().find(|service| service.code == *code))
                .map(|service| Call { who: service.name.clone(), phone: service.phone.clone() })
                .collect(),
            switch_off: cabinets.map(|cabinet| cabinet.reference.clone()).collect(),
        })
    };
    LEVELS.iter().filter_map(row).collect()
}
