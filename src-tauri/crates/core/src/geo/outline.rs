//! Outlines of communes and zones: polygons read strictly from GeoJSON (RFC 7946), and what they hold.

use serde_json::{Value, json};

use crate::geo::Position;

/// Polygons, each a ring and its holes. Rings are closed: their last position is their first.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    polygons: Vec<Vec<Vec<Position>>>,
    several: bool,
}

/// Why a geometry is no outline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlineFault {
    /// Not a polygon.
    #[error("the geometry is {0}, not a Polygon or a MultiPolygon")]
    NotAPolygon(String),
    /// Not positions where positions belong.
    #[error("the coordinates of the polygon are not lists of [longitude, latitude]")]
    Malformed,
    /// A ring has fewer than four positions.
    #[error("a ring of the polygon has fewer than 4 points")]
    TooShort,
    /// A ring does not end where it begins.
    #[error("a ring of the polygon is not closed: its last point is not its first")]
    NotClosed,
}

impl Outline {
    /// Reads a GeoJSON Polygon or `MultiPolygon`. Altitudes are dropped; the numbers are taken as they are.
    pub fn read(geometry: &Value) -> Result<Self, OutlineFault> {
        let kind = geometry.get("type").and_then(Value::as_str).unwrap_or("missing");
        let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
        let (polygons, several) = match kind {
            "Polygon" => (vec![rings(coordinates)?], false),
            "MultiPolygon" => (list(coordinates)?.iter().map(rings).collect::<Result<_, _>>()?, true),
            other => return Err(OutlineFault::NotAPolygon(other.to_owned())),
        };
        if polygons.is_empty() { Err(OutlineFault::TooShort) } else { Ok(Self { polygons, several }) }
    }

    /// One polygon: a closed ring and its holes.
    pub fn of(rings: Vec<Vec<Position>>) -> Self {
        Self { polygons: vec![rings], several: false }
    }

    /// Its polygons, each a ring and its holes.
    pub fn polygons(&self) -> &[Vec<Vec<Position>>] {
        &self.polygons
    }

    /// The same outline with the rings of each polygon changed.
    #[must_use]
    pub fn with_rings(&self, mut change: impl FnMut(&[Vec<Position>]) -> Vec<Vec<Position>>) -> Self {
        Self { polygons: self.polygons.iter().map(|rings| change(rings)).collect(), several: self.several }
    }

    /// The upright rectangle around it, degrees: west, south, east, north.
    pub fn bounds(&self) -> (f64, f64, f64, f64) {
        let around = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        self.positions().fold(around, |(west, south, east, north), p| {
            (west.min(p.lon), south.min(p.lat), east.max(p.lon), north.max(p.lat))
        })
    }

    /// The same outline with each position moved, by a change of projection.
    pub fn map<E>(&self, mut to: impl FnMut(Position) -> Result<Position, E>) -> Result<Self, E> {
        let mut moved = self.clone();
        for position in moved.polygons.iter_mut().flatten().flatten() {
            *position = to(*position)?;
        }
        Ok(moved)
    }

    /// As a GeoJSON geometry.
    pub fn to_geojson(&self) -> Value {
        let rings = |rings: &Vec<Vec<Position>>| -> Value {
            rings.iter().map(|ring| ring.iter().map(|p| json!([p.lon, p.lat])).collect::<Value>()).collect()
        };
        let polygons = self.polygons.iter().map(rings);
        if self.several {
            json!({"type": "MultiPolygon", "coordinates": polygons.collect::<Value>()})
        } else {
            json!({"type": "Polygon", "coordinates": polygons.collect::<Vec<_>>().first()})
        }
    }

    /// Every position of every ring.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        self.polygons.iter().flatten().flatten().copied()
    }

    /// Whether a position lies inside: an odd number of edges to its east, which counts holes as outside.
    pub fn contains(&self, at: Position) -> bool {
        self.polygons.iter().any(|rings| {
            let crossed = |ring: &Vec<Position>| {
                ring.iter().zip(ring.iter().skip(1)).filter(|(a, b)| east_of(at, **a, **b)).count()
            };
            rings.iter().map(crossed).sum::<usize>() % 2 == 1
        })
    }

    /// Whether a line leads through it, or touches it: one of its points is inside, or it crosses an edge.
    pub fn meets(&self, line: &[Position]) -> bool {
        let edges = || {
            let rings = self.polygons.iter().flatten();
            rings.flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().skip(1)))
        };
        line.iter().any(|at| self.contains(*at))
            || line.iter().zip(line.iter().skip(1)).any(|(a, b)| edges().any(|(c, d)| cross(*a, *b, c, d)))
    }
}

/// Whether two segments cross, each ending on another side of the other.
fn cross(a: Position, b: Position, c: Position, d: Position) -> bool {
    let turn =
        |p: Position, q: Position, r: Position| (q.lon - p.lon) * (r.lat - p.lat) - (q.lat - p.lat) * (r.lon - p.lon);
    turn(a, b, c) * turn(a, b, d) < 0.0 && turn(c, d, a) * turn(c, d, b) < 0.0
}

/// Whether the half-line from `at` to the east crosses the edge.
fn east_of(at: Position, a: Position, b: Position) -> bool {
    (a.lat > at.lat) != (b.lat > at.lat) && at.lon < a.lon + (at.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)
}

fn list(value: &Value) -> Result<&Vec<Value>, OutlineFault> {
    value.as_array().ok_or(OutlineFault::Malformed)
}

fn rings(value: &Value) -> Result<Vec<Vec<Position>>, OutlineFault> {
    let rings = list(value)?.iter().map(ring).collect::<Result<Vec<_>, _>>()?;
    if rings.is_empty() { Err(OutlineFault::TooShort) } else { Ok(rings) }
}

fn ring(value: &Value) -> Result<Vec<Position>, OutlineFault> {
    let ring = list(value)?.iter().map(position).collect::<Option<Vec<_>>>().ok_or(OutlineFault::Malformed)?;
    if ring.len() < 4 {
        Err(OutlineFault::TooShort)
    } else if ring.first() == ring.last() {
        Ok(ring)
    } else {
        Err(OutlineFault::NotClosed)
    }
}

fn position(value: &Value) -> Option<Position> {
    Some(Position { lon: value.get(0)?.as_f64()?, lat: value.get(1)?.as_f64()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f64, to: f64) -> Value {
        json!([[from, from], [to, from], [to, to], [from, to], [from, from]])
    }

    #[test]
    fn a_hole_is_outside_and_each_part_of_several_is_inside() {
        let holed = json!([square(0.0, 10.0), square(4.0, 6.0)]);
        let outline =
            Outline::read(&json!({"type": "MultiPolygon", "coordinates": [holed, [square(20.0, 21.0)]]})).unwrap();
        let inside = |lon, lat| outline.contains(Position { lon, lat });
        assert!(inside(1.0, 5.0) && inside(20.5, 20.5));
        assert!(!inside(5.0, 5.0) && !inside(11.0, 5.0) && !inside(-1.0, 5.0));
    }

    #[test]
    fn a_line_that_crosses_without_a_point_inside_meets_and_one_that_passes_by_does_not() {
        let outline = Outline::read(&json!({"type": "Polygon", "coordinates": [square(0.0, 10.0)]})).unwrap();
        let line = |points: &[(f64, f64)]| {
            outline.meets(&points.iter().map(|&(lon, lat)| Position { lon, lat }).collect::<Vec<_>>())
        };
        assert!(line(&[(-5.0, 5.0), (15.0, 5.0)]) && line(&[(5.0, 5.0)]));
        assert!(!line(&[(-5.0, 11.0), (15.0, 11.0)]) && !line(&[(-5.0, 5.0), (-1.0, 5.0)]) && !line(&[]));
    }

    #[test]
    fn what_is_read_is_written_back_without_its_altitudes() {
        let ring = json!([[[0.0, 0.0, 250.0], [1.5, 0.0, 250.0], [1.5, 1.0, 250.0], [0.0, 0.0, 250.0]]]);
        let outline = Outline::read(&json!({"type": "Polygon", "coordinates": ring})).unwrap();
        let flat = json!({"type": "Polygon", "coordinates": [[[0.0, 0.0], [1.5, 0.0], [1.5, 1.0], [0.0, 0.0]]]});
        assert_eq!(outline.to_geojson(), flat);
    }

    #[test]
    fn a_geometry_that_is_no_outline_says_why() {
        let polygon = |ring: Value| Outline::read(&json!({"type": "Polygon", "coordinates": [ring]})).unwrap_err();
        assert_eq!(polygon(json!([[0, 0], [1, 0], [0, 0]])), OutlineFault::TooShort);
        assert_eq!(polygon(json!([[0, 0], [1, 0], [1, 1], [0, 1]])), OutlineFault::NotClosed);
        assert_eq!(polygon(json!([[0, 0], [1, 0], ["a", 1], [0, 0]])), OutlineFault::Malformed);
        let point = json!({"type": "Point", "coordinates": [0, 0]});
        assert_eq!(Outline::read(&point), Err(OutlineFault::NotAPolygon("Point".into())));
        assert_eq!(Outline::read(&Value::Null), Err(OutlineFault::NotAPolygon("missing".into())));
    }
}
