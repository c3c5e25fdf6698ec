//! What must hold of a zone before anybody may save it.

use serde_json::Value;

use crate::geo::{Outline, OutlineFault, Position};
use crate::zone::ZoneKind;
use crate::zone::shape::{crosses_itself, is_oriented, signed_area};

/// Most corners of a zone, all its rings together.
pub const MOST_CORNERS: usize = 2_000;
/// Longest name, in characters.
const NAME_MOST: usize = 80;
/// Longest reference, in characters.
const REFERENCE_MOST: usize = 40;
/// Farthest from one end to the other, degrees: more than any metropolis.
const WIDEST: f64 = 1.0;

/// A zone as it is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneSaid<'a> {
    /// Short reference.
    pub reference: &'a str,
    /// Name.
    pub name: &'a str,
    /// Code of a [`ZoneKind`].
    pub kind: &'a str,
    /// GeoJSON Polygon or `MultiPolygon`: positions of two numbers, rings closed, the outer ones counterclockwise.
    pub outline: &'a Value,
}

crate::table::codes! {
    /// What is wrong in a zone.
    ZoneFault {
        /// The reference is empty or too long.
        Reference = "reference",
        /// The name is empty or too long.
        Name = "name",
        /// No zone is of this kind.
        Kind = "kind",
        /// It is no polygon of closed rings.
        NotAPolygon = "not_a_polygon",
        /// A ring has fewer than three corners.
        TooFew = "too_few",
        /// It has more corners than [`MOST_CORNERS`].
        TooMany = "too_many",
        /// It lies outside of metropolitan France, or is wider than any metropolis.
        OutOfBounds = "out_of_bounds",
        /// Sides cross, touch, or run back over each other.
        Crosses = "crosses",
        /// A ring encloses nothing, or runs the other way round than RFC 7946 has it.
        Orientation = "orientation",
        /// A hole does not lie in its polygon.
        HoleOutside = "hole_outside",
    }
}

/// What is wrong in a zone; nothing when it may be saved. A drawing that is no polygon is not looked at any further.
pub fn validate(said: &ZoneSaid<'_>) -> Vec<ZoneFault> {
    let mut faults = Vec::new();
    let named = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
    if !named(said.reference, REFERENCE_MOST) {
        faults.push(ZoneFault::Reference);
    }
    if !named(said.name, NAME_MOST) {
        faults.push(ZoneFault::Name);
    }
    if ZoneKind::from_code(said.kind).is_none() {
        faults.push(ZoneFault::Kind);
    }
    faults.extend(drawn(said.outline));
    faults
}

fn drawn(outline: &Value) -> Vec<ZoneFault> {
    if !is_plain(outline) {
        return vec![ZoneFault::NotAPolygon];
    }
    let outline = match Outline::read(outline) {
        Ok(outline) => outline,
        Err(OutlineFault::TooShort) => return vec![ZoneFault::TooFew],
        Err(_) => return vec![ZoneFault::NotAPolygon],
    };
    let rings = || outline.polygons().iter().flatten();
    let corners: usize = rings().map(|ring| ring.len() - 1).sum();
    if corners > MOST_CORNERS {
        return vec![ZoneFault::TooMany];
    }
    let mut faults = Vec::new();
    if !is_plausible(&outline) {
        faults.push(ZoneFault::OutOfBounds);
    }
    let all: Vec<_> = rings().cloned().collect();
    if crosses_itself(&all) {
        faults.push(ZoneFault::Crosses);
    } else if all.iter().any(|ring| signed_area(ring) == 0.0) || !outline.polygons().iter().all(|p| is_oriented(p)) {
        faults.push(ZoneFault::Orientation);
    } else if outline.polygons().iter().any(|polygon| !holds_its_holes(polygon)) {
        faults.push(ZoneFault::HoleOutside);
    }
    faults
}

/// Whether a geometry has its type, its coordinates, and nothing else: what is stored is what was judged.
fn is_plain(outline: &Value) -> bool {
    let Some(fields) = outline.as_object().filter(|fields| fields.len() == 2) else { return false };
    let depth = match fields.get("type").and_then(Value::as_str) {
        Some("Polygon") => 2,
        Some("MultiPolygon") => 3,
        _ => return false,
    };
    fields.get("coordinates").is_some_and(|coordinates| are_positions(coordinates, depth))
}

/// Whether a value is positions in lists that deep.
fn are_positions(value: &Value, depth: usize) -> bool {
    let Some(items) = value.as_array() else { return false };
    if depth == 0 {
        return items.len() == 2 && items.iter().all(Value::is_number);
    }
    items.iter().all(|item| are_positions(item, depth - 1))
}

fn is_plausible(outline: &Outline) -> bool {
    let span = |of: fn(&Position) -> f64| {
        let values = outline.positions().map(|p| of(&p));
        let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), v| (l.min(v), m.max(v)));
        most - least
    };
    outline.positions().all(Position::is_around_france) && span(|p| p.lon) <= WIDEST && span(|p| p.lat) <= WIDEST
}

fn holds_its_holes(polygon: &[Vec<Position>]) -> bool {
    let Some((outer, holes)) = polygon.split_first() else { return false };
    let outer = Outline::of(vec![outer.clone()]);
    holes.iter().all(|hole| hole.first().is_some_and(|corner| outer.contains(*corner)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SQUARE: [[f64; 2]; 5] = [[5.0, 47.3], [5.01, 47.3], [5.01, 47.31], [5.0, 47.31], [5.0, 47.3]];

    fn faults(outline: &Value) -> Vec<ZoneFault> {
        validate(&ZoneSaid { reference: "Z-1", name: "Gare", kind: "cctv", outline })
    }

    fn polygon(rings: &Value) -> Value {
        json!({"type": "Polygon", "coordinates": rings})
    }

    #[test]
    fn a_square_of_three_known_things_is_a_zone() {
        assert_eq!(faults(&polygon(&json!([SQUARE]))), []);
        let square = polygon(&json!([SQUARE]));
        let said = ZoneSaid { reference: " ", name: "", kind: "park", outline: &square };
        assert_eq!(validate(&said), [ZoneFault::Reference, ZoneFault::Name, ZoneFault::Kind]);
        let long = "é".repeat(81);
        let said = ZoneSaid { reference: "Z-1", name: &long, kind: "flood", outline: &square };
        assert_eq!(validate(&said), [ZoneFault::Name]);
    }

    #[test]
    fn each_fault_of_a_drawing_is_told() {
        let open = json!([[5.0, 47.3], [5.01, 47.3], [5.01, 47.31], [5.0, 47.31]]);
        let two = json!([[5.0, 47.3], [5.01, 47.3], [5.0, 47.3]]);
        let bow = json!([[5.0, 47.3], [5.01, 47.31], [5.01, 47.3], [5.0, 47.31], [5.0, 47.3]]);
        let clockwise: Vec<_> = SQUARE.iter().rev().collect();
        let swapped: Vec<_> = SQUARE.iter().map(|[lon, lat]| [lat, lon]).collect();
        let wide = json!([[5.0, 47.3], [6.5, 47.3], [6.5, 47.4], [5.0, 47.3]]);
        for (ring, expected) in [
            (open, ZoneFault::NotAPolygon),
            (two, ZoneFault::TooFew),
            (bow, ZoneFault::Crosses),
            (json!(clockwise), ZoneFault::Orientation),
            (wide, ZoneFault::OutOfBounds),
        ] {
            assert_eq!(faults(&polygon(&json!([ring]))), [expected]);
        }
        assert!(faults(&polygon(&json!([swapped]))).contains(&ZoneFault::OutOfBounds));
        assert_eq!(faults(&json!({"type": "Point", "coordinates": [5.0, 47.3]})), [ZoneFault::NotAPolygon]);
    }

    #[test]
    fn what_is_stored_is_what_was_judged() {
        let high: Vec<_> = SQUARE.iter().map(|[lon, lat]| [*lon, *lat, 250.0]).collect();
        assert_eq!(faults(&polygon(&json!([high]))), [ZoneFault::NotAPolygon], "altitudes");
        let boxed = json!({"type": "Polygon", "coordinates": [SQUARE], "bbox": [5.0, 47.3, 5.01, 47.31]});
        assert_eq!(faults(&boxed), [ZoneFault::NotAPolygon], "other members");
    }

    #[test]
    fn a_hole_lies_in_its_polygon() {
        let hole = |from: f64| {
            json!([[from, 47.302], [from, 47.304], [from + 0.002, 47.304], [from + 0.002, 47.302], [from, 47.302]])
        };
        assert_eq!(faults(&polygon(&json!([SQUARE, hole(5.002)]))), []);
        assert_eq!(faults(&polygon(&json!([SQUARE, hole(5.02)]))), [ZoneFault::HoleOutside]);
        let two = json!({"type": "MultiPolygon", "coordinates": [[SQUARE, hole(5.002)], [[[5.02, 47.3], [5.03, 47.3], [5.03, 47.31], [5.02, 47.3]]]]});
        assert_eq!(faults(&two), []);
    }

    #[test]
    fn a_zone_has_two_thousand_corners_at_most() {
        let circle = |corners: usize| {
            let at = |n: usize| {
                let angle = n as f64 / corners as f64 * std::f64::consts::TAU;
                [5.0 + 0.1 * angle.cos(), 47.3 + 0.1 * angle.sin()]
            };
            let ring: Vec<_> = (0..corners).chain([0]).map(at).collect();
            polygon(&json!([ring]))
        };
        assert_eq!(faults(&circle(MOST_CORNERS)), []);
        assert_eq!(faults(&circle(MOST_CORNERS + 1)), [ZoneFault::TooMany]);
    }
}
