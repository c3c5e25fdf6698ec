//! The ground: rivers, lake, roads, rails drawn by hand, and the streets of each commune.

use serde_json::{Value, json};
use vigie_core::table::Ground;

use super::plane::P;
use super::street::Street;
use crate::chance::uuid_of;

const LINES: &str = include_str!("../../data/dijon-schematic-lines.geojson");

/// A drawn line or ring.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    /// `river`, `canal`, `lake`, `motorway`, `rail`, `tram`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Its points; a lake's ring.
    pub points: Vec<P>,
    geometry: Value,
}

/// The drawn lines.
pub(crate) fn features() -> Vec<Feature> {
    let drawn: Value = serde_json::from_str(LINES).unwrap_or_default();
    let list = drawn.get("features").and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(feature).collect()
}

fn feature(drawn: &Value) -> Option<Feature> {
    let text = |key: &str| drawn.pointer(&format!("/properties/{key}")).and_then(Value::as_str).map(str::to_owned);
    let geometry = drawn.get("geometry")?.clone();
    let coordinates = geometry.get("coordinates")?;
    let ring = if geometry.get("type")? == "Polygon" { coordinates.get(0)? } else { coordinates };
    let points =
        ring.as_array()?.iter().filter_map(|c| Some(P::from_degrees(c.get(0)?.as_f64()?, c.get(1)?.as_f64()?)));
    Some(Feature { kind: text("kind")?, name: text("name")?, points: points.collect(), geometry })
}

/// Drawn lines and streets as rows; the streets of a commune are one row.
pub(crate) fn rows(seed: u64, features: &[Feature], streets: &[Street], communes: &[(String, String)]) -> Vec<Ground> {
    let drawn = features.iter().map(|f| Ground {
        ground_id: uuid_of(seed, &format!("ground/{}/{}", f.kind, f.name)),
        kind: f.kind.clone(),
        name: f.name.clone(),
        schematic: true,
        geometry: f.geometry.clone(),
    });
    let paved = communes.iter().map(|(insee, name)| {
        let lines: Vec<Value> = streets
            .iter()
            .filter(|s| s.insee == *insee)
            .map(|s| Value::Array(thinned(&s.points).into_iter().map(P::position).collect()))
            .collect();
        Ground {
            ground_id: uuid_of(seed, &format!("ground/street/{insee}")),
            kind: "street".into(),
            name: name.clone(),
            schematic: true,
            geometry: json!({"type": "MultiLineString", "coordinates": lines}),
        }
    });
    drawn.chain(paved).collect()
}

/// Every third point and both ends: a curve of a street is wide against 60 m.
fn thinned(points: &[P]) -> Vec<P> {
    let last = points.len().saturating_sub(1);
    points.iter().enumerate().filter(|(i, _)| i % 3 == 0 || *i == last).map(|(_, p)| *p).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawn_lines_are_all_read() {
        let features = features();
        assert_eq!(features.len(), 16);
        assert!(features.iter().all(|f| f.points.len() >= 3));
        assert!(features.iter().any(|f| f.kind == "lake"));
    }
}
