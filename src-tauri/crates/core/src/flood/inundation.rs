//! What the water takes at each height of a gauge: data of the metropolis (its PCS knows it from studies and from floods of the
//! past), looked up here from what the desk has, so that it is there when nothing else is.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::equipment::EquipmentKind;
use crate::geo::{Outline, Position};
use crate::ids::{EquipmentId, ZoneId};
use crate::table::{Equipment, Ground, Inundation, Zone};

/// Somebody to call: a service, a duty officer, a site. Never an inhabitant: those are the CCAS's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Call {
    /// Who.
    pub who: String,
    /// Number.
    pub phone: String,
}

/// What a height puts under water.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Consequences {
    /// Zones, by their names.
    pub zones: Vec<ZoneId>,
    /// Zones that a level names and that are not there: the list is not whole, and is said not to be.
    pub zones_missing: usize,
    /// Equipment in them, buildings apart.
    pub equipment: Vec<EquipmentId>,
    /// Public buildings in them.
    pub buildings: Vec<EquipmentId>,
    /// Named roads and streets that lead through them, once each, in order.
    pub roads: Vec<String>,
    /// Whom to call, the highest level's first, once each.
    pub calls: Vec<Call>,
    /// What the metropolis says may be switched off before the water comes. Each is a command of its own, with its class and its
    /// confirmation: nothing here sends one.
    pub switch_off: Vec<EquipmentId>,
    /// References under that heading that no object has.
    pub switch_off_unknown: Vec<String>,
}

/// The levels of a gauge that a height has come to, the highest first.
pub fn levels_reached<'a>(
    rows: impl IntoIterator<Item = &'a Inundation>,
    gauge: EquipmentId,
    height_mm: f64,
) -> Vec<&'a Inundation> {
    let mut reached: Vec<_> =
        rows.into_iter().filter(|row| row.equipment_id == gauge && row.height_mm as f64 <= height_mm).collect();
    reached.sort_by(|a, b| b.height_mm.cmp(&a.height_mm).then_with(|| a.inundation_id.cmp(&b.inundation_id)));
    reached
}

/// What is under water at these levels, from what the desk knows.
pub fn consequences<'a>(
    levels: &[&Inundation],
    zones: impl IntoIterator<Item = &'a Zone>,
    equipment: impl IntoIterator<Item = &'a Equipment>,
    ground: impl IntoIterator<Item = &'a Ground>,
) -> Consequences {
    let wanted: BTreeSet<ZoneId> = levels.iter().flat_map(|level| level.zones.iter().copied()).collect();
    let mut wet: Vec<(&Zone, Outline)> = zones
        .into_iter()
        .filter(|zone| wanted.contains(&zone.zone_id))
        .filter_map(|zone| Some((zone, Outline::read(&zone.outline).ok()?)))
        .collect();
    wet.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name).then_with(|| a.zone_id.cmp(&b.zone_id)));
    let boxes: Vec<_> = wet.iter().map(|(_, outline)| (outline.bounds(), outline)).collect();
    let holds = |at: Position| {
        boxes.iter().any(|((west, south, east, north), outline)| {
            (*west..=*east).contains(&at.lon) && (*south..=*north).contains(&at.lat) && outline.contains(at)
        })
    };
    let mut found = Consequences {
        zones: wet.iter().map(|(zone, _)| zone.zone_id).collect(),
        zones_missing: wanted.len() - wet.len(),
        ..Consequences::default()
    };
    let mut off: HashMap<&str, Option<EquipmentId>> =
        levels.iter().flat_map(|level| level.switch_off.iter()).map(|reference| (reference.as_str(), None)).collect();
    for object in equipment {
        if let Some(known) = off.get_mut(object.reference.as_str()) {
            *known = Some(object.equipment_id);
        }
        if holds(Position { lon: object.lon, lat: object.lat }) {
            match object.kind {
                EquipmentKind::Building => found.buildings.push(object.equipment_id),
                _ => found.equipment.push(object.equipment_id),
            }
        }
    }
    let mut listed = BTreeSet::new();
    for reference in levels.iter().flat_map(|level| level.switch_off.iter()) {
        if listed.insert(reference) {
            match off.get(reference.as_str()).copied().flatten() {
                Some(id) => found.switch_off.push(id),
                None => found.switch_off_unknown.push(reference.clone()),
            }
        }
    }
    let roads: BTreeSet<&str> = ground
        .into_iter()
        .filter(|line| !line.name.is_empty() && ROADS.contains(&line.kind.as_str()))
        .filter(|line| boxes.iter().any(|(_, outline)| lines(&line.geometry).iter().any(|line| outline.meets(line))))
        .map(|line| line.name.as_str())
        .collect();
    found.roads = roads.into_iter().map(str::to_owned).collect();
    for call in levels.iter().flat_map(|level| level.calls.iter()) {
        if !found.calls.contains(call) {
            found.calls.push(call.clone());
        }
    }
    found
}

/// Kinds of ground that people drive on.
const ROADS: &[&str] = &["motorway", "road", "street", "tram", "rail"];

/// The lines of a GeoJSON `LineString` or `MultiLineString`; none of anything else.
fn lines(geometry: &Value) -> Vec<Vec<Position>> {
    let line = |value: &Value| -> Option<Vec<Position>> {
        let position = |p: &Value| Some(Position { lon: p.get(0)?.as_f64()?, lat: p.get(1)?.as_f64()? });
        value.as_array()?.iter().map(position).collect()
    };
    let Some(coordinates) = geometry.get("coordinates") else { return Vec::new() };
    match geometry.get("type").and_then(Value::as_str) {
        Some("LineString") => line(coordinates).into_iter().collect(),
        Some("MultiLineString") => coordinates.as_array().into_iter().flatten().filter_map(line).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    const GAUGE: EquipmentId = EquipmentId(Uuid::from_u128(1));

    fn zone(n: u128, from: f64) -> Zone {
        let to = from + 1.0;
        Zone {
            zone_id: ZoneId(Uuid::from_u128(n)),
            reference: format!("ZI-{n}"),
            name: format!("Zone {n}"),
            kind: "flood".into(),
            outline: json!({"type": "Polygon", "coordinates": [[[from, 0.0], [to, 0.0], [to, 1.0], [from, 1.0], [from, 0.0]]]}),
            revision: None,
            person_id: None,
            changed_at: None,
        }
    }

    fn level(height_mm: i64, zones: &[u128], off: &[&str]) -> Inundation {
        Inundation {
            inundation_id: Uuid::from_u128(height_mm.unsigned_abs().into()),
            reference: format!("L-{height_mm}"),
            equipment_id: GAUGE,
            height_mm,
            name: format!("{height_mm} mm"),
            zones: zones.iter().map(|n| ZoneId(Uuid::from_u128(*n))).collect(),
            procedure: String::new(),
            calls: vec![Call { who: "Astreinte voirie".into(), phone: "03".into() }],
            switch_off: off.iter().map(|&reference| reference.to_owned()).collect(),
        }
    }

    fn object(n: u128, kind: EquipmentKind, lon: f64) -> Equipment {
        Equipment {
            equipment_id: EquipmentId(Uuid::from_u128(n)),
            reference: format!("E-{n}"),
            name: String::new(),
            kind,
            insee_code: String::new(),
            street: String::new(),
            lon,
            lat: 0.5,
            attributes: json!({}),
            service_id: None,
        }
    }

    fn street(name: &str, from: f64, to: f64) -> Ground {
        Ground {
            ground_id: Uuid::from_u128(9),
            kind: "street".into(),
            name: name.into(),
            schematic: true,
            geometry: json!({"type": "LineString", "coordinates": [[from, 0.5], [to, 0.5]]}),
        }
    }

    #[test]
    fn each_level_reached_adds_to_those_below_it_and_the_highest_is_first() {
        let rows = [level(1_200, &[11], &[]), level(2_000, &[12], &[]), level(2_600, &[13], &[])];
        let heights: Vec<_> = levels_reached(&rows, GAUGE, 2_000.0).iter().map(|level| level.height_mm).collect();
        assert_eq!(heights, [2_000, 1_200]);
        assert!(levels_reached(&rows, EquipmentId(Uuid::from_u128(2)), 9_000.0).is_empty(), "of another gauge");
        assert!(levels_reached(&rows, GAUGE, -100.0).is_empty());
    }

    #[test]
    fn what_stands_in_the_zones_of_a_level_is_found_and_what_stands_beside_them_is_not() {
        let rows = [level(1_200, &[11], &["E-3", "E-9"]), level(2_000, &[12], &["E-3"])];
        let levels = levels_reached(&rows, GAUGE, 2_000.0);
        let things = [
            object(2, EquipmentKind::Building, 0.5),
            object(3, EquipmentKind::Cabinet, 5.5),
            object(4, EquipmentKind::StreetLight, 2.5),
            object(5, EquipmentKind::StreetLight, 8.5),
        ];
        let ground = [street("Rue du Port", -1.0, 0.2), street("Quai", 5.4, 9.0), street("Rue Haute", 2.0, 3.0)];
        let found = consequences(&levels, &[zone(11, 0.0), zone(12, 5.0), zone(13, 8.0)], &things, &ground);
        assert_eq!(found.zones, [ZoneId(Uuid::from_u128(11)), ZoneId(Uuid::from_u128(12))]);
        assert_eq!((found.buildings, found.equipment), (vec![things[0].equipment_id], vec![things[1].equipment_id]));
        assert_eq!(found.roads, ["Quai", "Rue du Port"]);
        assert_eq!(
            (found.switch_off, found.switch_off_unknown),
            (vec![things[1].equipment_id], vec!["E-9".to_owned()])
        );
        assert_eq!((found.calls.len(), found.zones_missing), (1, 0));
    }

    #[test]
    fn a_road_that_only_crosses_a_zone_between_two_of_its_corners_is_under_water() {
        let rows = [level(1_200, &[11], &[])];
        let found = consequences(&[&rows[0]], &[zone(11, 0.0)], [], &[street("Pont", -3.0, 4.0)]);
        assert_eq!(found.roads, ["Pont"]);
    }

    #[test]
    fn a_zone_that_is_gone_is_counted_so_that_the_list_is_not_taken_for_whole() {
        let rows = [level(1_200, &[11, 77], &[])];
        assert_eq!(consequences(&[&rows[0]], &[zone(11, 0.0)], [], []).zones_missing, 1);
    }
}
