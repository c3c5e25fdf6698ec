//! What the local copy shows around an object: zones, tram lines, cameras, other desks, commands under way. Read once with the
//! copy, asked before each dangerous click (R6).

use serde_json::Value;
use vigie_core::command::AROUND_M;
use vigie_core::equipment::EquipmentKind;
use vigie_core::geo::{Outline, Position};
use vigie_core::ids::EquipmentId;
use vigie_core::table::{Equipment, Ground, Zone};

/// How far one place is from another, m.
pub(crate) fn apart(from: Position, to: Position) -> f64 {
    let (east, north) = metres(from, to);
    east.hypot(north)
}

/// A degree of latitude, m.
const DEGREE_M: f64 = 111_195.0;

/// Zones, lines and cameras of the local copy.
#[derive(Debug, Default)]
pub(crate) struct Around {
    floods: Vec<(String, Outline)>,
    cctv: Vec<(String, Outline)>,
    trams: Vec<(String, Vec<Position>)>,
    cameras: Vec<Camera>,
}

#[derive(Debug)]
struct Camera {
    id: EquipmentId,
    reference: String,
    at: Position,
    heading: f64,
    fov: f64,
    range_m: f64,
}

impl Around {
    pub(crate) fn new<'a>(
        zones: impl Iterator<Item = &'a Zone>,
        ground: &[Ground],
        equipment: impl Iterator<Item = &'a Equipment>,
    ) -> Self {
        let trams = ground.iter().filter(|line| line.kind == "tram");
        let cameras = equipment.filter(|e| e.kind == EquipmentKind::Camera).filter_map(|e| {
            let number = |key: &str| e.attributes.get(key).and_then(Value::as_f64);
            Some(Camera {
                id: e.equipment_id,
                reference: e.reference.clone(),
                at: Position { lon: e.lon, lat: e.lat },
                heading: number("heading")?,
                fov: number("fov")?,
                range_m: number("range_m")?,
            })
        });
        let mut around = Self {
            trams: trams.flat_map(|line| lines(&line.geometry).map(|points| (line.name.clone(), points))).collect(),
            cameras: cameras.collect(),
            ..Self::default()
        };
        around.set_zones(zones);
        around
    }

    /// Takes the zones as they are now.
    pub(crate) fn set_zones<'a>(&mut self, zones: impl Iterator<Item = &'a Zone>) {
        let (mut floods, mut cctv) = (Vec::new(), Vec::new());
        for zone in zones {
            let kept = match zone.kind.as_str() {
                "flood" => &mut floods,
                "cctv" => &mut cctv,
                _ => continue,
            };
            kept.extend(Outline::read(&zone.outline).ok().map(|outline| (zone.name.clone(), outline)));
        }
        // By name: what is said of an object does not depend on the order in which zones came.
        for zones in [&mut floods, &mut cctv] {
            zones.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        (self.floods, self.cctv) = (floods, cctv);
    }

    /// Areas that a flood reaches, that hold a place.
    pub(crate) fn floods(&self, at: Position) -> Vec<String> {
        holding(&self.floods, at)
    }

    /// Zones of vidéoprotection that hold it.
    pub(crate) fn cctv(&self, at: Position) -> Vec<String> {
        holding(&self.cctv, at)
    }

    /// Tram lines beside it.
    pub(crate) fn trams(&self, at: Position) -> Vec<String> {
        let near = |points: &Vec<Position>| points.windows(2).any(|pair| distance_to(pair, at) <= AROUND_M);
        self.trams.iter().filter(|(_, points)| near(points)).map(|(name, _)| name.clone()).collect()
    }

    /// Cameras that see it, but for itself.
    pub(crate) fn cameras(&self, at: Position, but: EquipmentId) -> Vec<String> {
        let sees = |camera: &&Camera| camera.id != but && camera.sees(at);
        self.cameras.iter().filter(sees).map(|camera| camera.reference.clone()).collect()
    }
}

impl Camera {
    fn sees(&self, at: Position) -> bool {
        let (east, north) = metres(self.at, at);
        let away = east.hypot(north);
        let bearing = east.atan2(north).to_degrees();
        let off = (bearing - self.heading + 540.0).rem_euclid(360.0) - 180.0;
        away <= self.range_m && (self.fov >= 360.0 || off.abs() <= self.fov / 2.0)
    }
}

fn holding(zones: &[(String, Outline)], at: Position) -> Vec<String> {
    zones.iter().filter(|(_, outline)| outline.contains(at)).map(|(name, _)| name.clone()).collect()
}

/// East and north of one place from another, m: flat, which a street is.
fn metres(from: Position, to: Position) -> (f64, f64) {
    let east = (to.lon - from.lon) * DEGREE_M * from.lat.to_radians().cos();
    (east, (to.lat - from.lat) * DEGREE_M)
}

/// Distance of a place to the line between two others, m.
fn distance_to(pair: &[Position], at: Position) -> f64 {
    let [from, to] = pair else { return f64::INFINITY };
    let ((ax, ay), (bx, by)) = (metres(at, *from), metres(at, *to));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (ax + along * dx).hypot(ay + along * dy)
}

/// The lines of a `LineString` or `MultiLineString`.
fn lines(geometry: &Value) -> impl Iterator<Item = Vec<Position>> {
    let coordinates = geometry.get("coordinates").and_then(Value::as_array).cloned().unwrap_or_default();
    let several = geometry.get("type").and_then(Value::as_str) == Some("MultiLineString");
    let lines = if several { coordinates } else { vec![Value::Array(coordinates)] };
    lines.into_iter().map(|line| {
        let points = line.as_array().cloned().unwrap_or_default();
        let position = |point: &Value| Some(Position { lon: point.get(0)?.as_f64()?, lat: point.get(1)?.as_f64()? });
        points.iter().filter_map(position).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Position = Position { lon: 5.04, lat: 47.32 };

    fn north(m: f64) -> Position {
        Position { lat: HERE.lat + m / DEGREE_M, ..HERE }
    }

    #[test]
    fn a_camera_sees_what_is_within_its_reach_and_its_angle() {
        let camera = |heading, fov| Camera {
            id: EquipmentId(uuid::Uuid::nil()),
            reference: String::new(),
            at: HERE,
            heading,
            fov,
            range_m: 100.0,
        };
        assert!(camera(0.0, 60.0).sees(north(80.0)) && camera(350.0, 60.0).sees(north(80.0)));
        assert!(!camera(0.0, 60.0).sees(north(120.0)), "too far");
        assert!(!camera(180.0, 60.0).sees(north(80.0)), "behind it");
        assert!(camera(180.0, 360.0).sees(north(80.0)), "a dome sees all around");
    }

    #[test]
    fn a_line_is_beside_a_place_where_it_passes_and_not_where_it_ends() {
        let line = [Position { lon: 5.03, lat: 47.32 }, Position { lon: 5.05, lat: 47.32 }];
        assert!(distance_to(&line, north(40.0)) < 41.0);
        assert!(distance_to(&line, Position { lon: 5.06, lat: 47.32 }) > 700.0);
    }
}
