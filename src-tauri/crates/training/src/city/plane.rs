//! Plane geometry in metres around Dijon, and the way back to degrees.

use serde_json::{Value, json};

const ORIGIN: (f64, f64) = (5.04, 47.32);
/// Metres per degree of latitude, and of longitude at the origin's latitude.
const PER_LAT: f64 = 111_195.0;
const PER_LON: f64 = 75_375.0;

/// A point, metres east and north of the origin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct P {
    /// East.
    pub x: f64,
    /// North.
    pub y: f64,
}

impl P {
    /// From its coordinates in metres.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// From degrees WGS 84.
    pub fn from_degrees(lon: f64, lat: f64) -> Self {
        Self::new((lon - ORIGIN.0) * PER_LON, (lat - ORIGIN.1) * PER_LAT)
    }

    /// Longitude, degrees, to the sixth decimal (a tenth of a metre).
    pub fn lon(self) -> f64 {
        sixth(ORIGIN.0 + self.x / PER_LON)
    }

    /// Latitude, degrees, to the sixth decimal.
    pub fn lat(self) -> f64 {
        sixth(ORIGIN.1 + self.y / PER_LAT)
    }

    /// As a GeoJSON position.
    pub fn position(self) -> Value {
        json!([self.lon(), self.lat()])
    }

    /// This point moved by `(dx, dy)`.
    #[must_use]
    pub fn by(self, dx: f64, dy: f64) -> Self {
        Self::new(self.x + dx, self.y + dy)
    }

    /// This point moved `metres` in a direction (radians, from east, counter-clockwise).
    #[must_use]
    pub fn towards(self, angle: f64, metres: f64) -> Self {
        self.by(angle.cos() * metres, angle.sin() * metres)
    }

    /// Squared distance.
    pub fn square_to(self, other: Self) -> f64 {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        dx * dx + dy * dy
    }

    /// Distance.
    pub fn to(self, other: Self) -> f64 {
        self.square_to(other).sqrt()
    }

    /// The point at share `t` of the way to another.
    #[must_use]
    pub fn along(self, other: Self, t: f64) -> Self {
        self.by((other.x - self.x) * t, (other.y - self.y) * t)
    }

    /// Direction to another point, radians.
    pub fn angle_to(self, other: Self) -> f64 {
        (other.y - self.y).atan2(other.x - self.x)
    }
}

fn sixth(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

/// The sides of a ring, closing one included.
pub fn sides(ring: &[P]) -> impl Iterator<Item = (P, P)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Area of a ring, positive when it turns counter-clockwise, m².
pub fn area(ring: &[P]) -> f64 {
    sides(ring).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() / 2.0
}

/// The part of a ring where `a·x + b·y <= c`.
pub fn clip(ring: &[P], a: f64, b: f64, c: f64) -> Vec<P> {
    let side = |p: P| a * p.x + b * p.y - c;
    let mut kept = Vec::with_capacity(ring.len() + 2);
    for (from, to) in sides(ring) {
        let (f, t) = (side(from), side(to));
        if f <= 0.0 {
            kept.push(from);
        }
        if (f < 0.0 && t > 0.0) || (f > 0.0 && t < 0.0) {
            kept.push(from.along(to, f / (f - t)));
        }
    }
    kept
}

/// Whether a point is inside a ring.
pub fn inside(ring: &[P], p: P) -> bool {
    sides(ring)
        .filter(|(a, b)| (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
        .count()
        % 2
        == 1
}

/// The nearest point of a segment, and the distance to it.
pub fn nearest(p: P, (a, b): (P, P)) -> (P, f64) {
    let length = a.square_to(b);
    let t = if length > 0.0 { ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length } else { 0.0 };
    let near = a.along(b, t.clamp(0.0, 1.0));
    (near, p.to(near))
}

/// Distance from a point to a line of points.
pub fn distance_to_line(p: P, line: &[P]) -> f64 {
    line.iter().zip(line.iter().skip(1)).map(|(a, b)| nearest(p, (*a, *b)).1).fold(f64::INFINITY, f64::min)
}

/// Length of a line of points.
pub fn length(line: &[P]) -> f64 {
    line.iter().zip(line.iter().skip(1)).map(|(a, b)| a.to(*b)).sum()
}

/// The point `metres` along a line and the line's direction there; its end when it is shorter.
pub fn walk(line: &[P], metres: f64) -> Option<(P, f64)> {
    let mut left = metres;
    let mut last = None;
    for (a, b) in line.iter().zip(line.iter().skip(1)) {
        let side = a.to(*b);
        if left <= side && side > 0.0 {
            return Some((a.along(*b, left / side), a.angle_to(*b)));
        }
        left -= side;
        last = Some((*b, a.angle_to(*b)));
    }
    last
}

/// A ring as a GeoJSON polygon, counter-clockwise and closed (RFC 7946).
pub fn polygon(ring: &[P]) -> Value {
    let mut positions: Vec<Value> = ring.iter().map(|p| p.position()).collect();
    if area(ring) < 0.0 {
        positions.reverse();
    }
    positions.extend(positions.first().cloned());
    json!({"type": "Polygon", "coordinates": [positions]})
}

/// A convex hull, counter-clockwise.
pub fn hull(points: &[P]) -> Vec<P> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let half = |points: &mut dyn Iterator<Item = &P>| {
        let mut chain: Vec<P> = Vec::new();
        for p in points {
            while let [.., a, b] = chain.as_slice() {
                if (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(*p);
        }
        chain.pop();
        chain
    };
    let mut ring = half(&mut sorted.iter());
    ring.extend(half(&mut sorted.iter().rev()));
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [P; 4] = [P::new(0.0, 0.0), P::new(10.0, 0.0), P::new(10.0, 10.0), P::new(0.0, 10.0)];

    #[test]
    fn degrees_survive_the_way_there_and_back() {
        let p = P::from_degrees(4.980_948, 47.332_536);
        assert!((p.lon() - 4.980_948).abs() < 1e-6 && (p.lat() - 47.332_536).abs() < 1e-6);
    }

    #[test]
    fn a_clipped_square_keeps_the_half_asked_for() {
        let left = clip(&SQUARE, 1.0, 0.0, 4.0);
        assert!((area(&left) - 40.0).abs() < 1e-9);
        assert!(inside(&left, P::new(2.0, 5.0)) && !inside(&left, P::new(6.0, 5.0)));
    }

    #[test]
    fn walking_a_line_turns_with_it() {
        let line = [P::new(0.0, 0.0), P::new(10.0, 0.0), P::new(10.0, 10.0)];
        let (p, angle) = walk(&line, 15.0).unwrap();
        assert!((p.x - 10.0).abs() < 1e-9 && (p.y - 5.0).abs() < 1e-9);
        assert!((angle - std::f64::consts::FRAC_PI_2).abs() < 1e-9);
        assert!((length(&line) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_hull_leaves_out_what_is_inside() {
        let mut points = SQUARE.to_vec();
        points.push(P::new(5.0, 5.0));
        assert_eq!(hull(&points).len(), 4);
        assert!((area(&hull(&points)) - 100.0).abs() < 1e-9);
    }
}
