//! Rings of corners: whether they turn as RFC 7946 wants, and whether their sides meet.
//!
//! The metropolis's database has the same expressions in the same order (`zone.sql`), so that both give one answer for one
//! drawing. A degree is taken for a degree: whether sides cross does not depend on the projection within a city.

use std::cmp::Ordering;

use crate::geo::Position;

/// Twice the area that three corners enclose, in square degrees: above zero when they turn to the left.
pub fn turn(a: Position, b: Position, c: Position) -> f64 {
    (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon)
}

/// Twice the area of a closed ring, square degrees: above zero when it runs counterclockwise.
pub fn signed_area(ring: &[Position]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    let sides = ring.iter().zip(ring.iter().skip(1));
    sides.fold(0.0, |sum, (a, b)| sum + turn(*first, *a, *b))
}

/// The same rings as RFC 7946 wants them: the outer one counterclockwise, holes clockwise.
#[must_use]
pub fn oriented(rings: &[Vec<Position>]) -> Vec<Vec<Position>> {
    let turned = |(at, ring): (usize, &Vec<Position>)| {
        let mut ring = ring.clone();
        if (at == 0) != (signed_area(&ring) > 0.0) {
            ring.reverse();
        }
        ring
    };
    rings.iter().enumerate().map(turned).collect()
}

/// Whether closed rings run as RFC 7946 wants them. A ring without an area runs no way at all.
pub fn is_oriented(rings: &[Vec<Position>]) -> bool {
    rings.iter().enumerate().all(|(at, ring)| {
        let area = signed_area(ring);
        if at == 0 { area > 0.0 } else { area < 0.0 }
    })
}

/// A side of a ring.
#[derive(Debug, Clone, Copy)]
struct Side {
    ring: usize,
    at: usize,
    /// How many sides its ring has.
    of: usize,
    a: Position,
    b: Position,
}

impl Side {
    fn spans(self, of: impl Fn(Position) -> f64) -> (f64, f64) {
        let (a, b) = (of(self.a), of(self.b));
        if a <= b { (a, b) } else { (b, a) }
    }

    /// Whether the upright rectangles around both touch: what is far apart is soon decided.
    fn is_near(self, other: Self) -> bool {
        let overlap = |(from, to): (f64, f64), (other_from, other_to): (f64, f64)| from <= other_to && other_from <= to;
        overlap(self.spans(|p| p.lon), other.spans(|p| p.lon)) && overlap(self.spans(|p| p.lat), other.spans(|p| p.lat))
    }

    /// Whether they meet where they may not: `self` comes before `other`. Neighbours share their corner and nothing else; sides
    /// of one ring do not even touch; those of two rings may touch, as a hole may at the edge, and do not cross.
    fn spoils(self, other: Self) -> bool {
        if self.ring != other.ring {
            return self.sides_of(other) == Some(Ordering::Greater);
        }
        if other.at == self.at + 1 {
            return folds(self.a, self.b, other.b);
        }
        if self.at == 0 && other.at + 1 == self.of {
            return folds(other.a, other.b, self.b);
        }
        self.sides_of(other).is_some()
    }

    /// How two near sides meet: not at all, touching, or crossing (`Greater`).
    fn sides_of(self, other: Self) -> Option<Ordering> {
        let here = sign(turn(self.a, self.b, other.a)) * sign(turn(self.a, self.b, other.b));
        let there = sign(turn(other.a, other.b, self.a)) * sign(turn(other.a, other.b, self.b));
        match (here, there) {
            (-1, -1) => Some(Ordering::Greater),
            (1, _) | (_, 1) => None,
            _ => Some(Ordering::Equal),
        }
    }
}

/// Whether the side from `b` to `c` runs back over the one from `a` to `b`.
fn folds(a: Position, b: Position, c: Position) -> bool {
    sign(turn(a, b, c)) == 0 && (a.lon - b.lon) * (c.lon - b.lon) + (a.lat - b.lat) * (c.lat - b.lat) > 0.0
}

fn sign(value: f64) -> i8 {
    i8::from(value > 0.0) - i8::from(value < 0.0)
}

/// Whether closed rings cross or touch themselves, or cross each other. Of `n` sides, `n²/2` pairs are looked at.
pub fn crosses_itself(rings: &[Vec<Position>]) -> bool {
    let mut sides = Vec::new();
    for (number, ring) in rings.iter().enumerate() {
        let of = ring.len().saturating_sub(1);
        let pairs = ring.iter().zip(ring.iter().skip(1)).enumerate();
        sides.extend(pairs.map(|(at, (a, b))| Side { ring: number, at, of, a: *a, b: *b }));
    }
    let pair =
        |(at, side): (usize, &Side)| sides.iter().skip(at + 1).any(|other| side.is_near(*other) && side.spoils(*other));
    sides.iter().enumerate().any(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(corners: &[(f64, f64)]) -> Vec<Position> {
        corners.iter().chain(corners.first()).map(|(lon, lat)| Position { lon: *lon, lat: *lat }).collect()
    }

    #[test]
    fn a_bow_tie_crosses_itself_and_a_square_does_not() {
        assert!(crosses_itself(&[ring(&[(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])]));
        assert!(!crosses_itself(&[ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])]));
        // A hook that comes near itself.
        let hook = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 1.0), (1.0, 1.0), (1.0, 3.0), (3.0, 3.0)];
        assert!(crosses_itself(&[ring(&hook)]), "its last side runs through the fifth corner's");
    }

    #[test]
    fn a_ring_that_touches_itself_or_runs_back_over_its_way_is_none() {
        assert!(crosses_itself(&[ring(&[(0.0, 0.0), (2.0, 0.0), (1.0, 0.0), (1.0, 1.0)])]), "a spike");
        assert!(
            crosses_itself(&[ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 0.0), (0.0, 2.0)])]),
            "a corner on a side"
        );
        assert!(
            crosses_itself(&[ring(&[(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0)])]),
            "a waist"
        );
        assert!(crosses_itself(&[ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0)])]), "a corner said twice");
        assert!(
            !crosses_itself(&[ring(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 1.0)])]),
            "a corner on a straight line is one"
        );
    }

    #[test]
    fn a_hole_may_touch_the_edge_and_not_cross_it() {
        let outer = ring(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]);
        let hole = |east: f64| ring(&[(4.0, 4.0), (4.0, 6.0), (east, 6.0), (east, 4.0)]);
        assert!(!crosses_itself(&[outer.clone(), hole(6.0)]));
        assert!(!crosses_itself(&[outer.clone(), hole(10.0)]));
        assert!(crosses_itself(&[outer, hole(12.0)]));
    }

    #[test]
    fn rings_run_as_the_format_wants_whichever_way_they_were_drawn() {
        let (outer, hole) = (
            ring(&[(0.0, 0.0), (0.0, 9.0), (9.0, 9.0), (9.0, 0.0)]),
            ring(&[(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]),
        );
        assert!(!is_oriented(&[outer.clone(), hole.clone()]));
        assert!(is_oriented(&oriented(&[outer, hole])));
    }

    /// Corners around a middle, at angles that only grow: such a ring never crosses itself.
    fn star() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec(0.2_f64..1.0, 3..40).prop_map(|radii| {
            let count = radii.len() as f64;
            let at = |(n, r): (usize, &f64)| {
                let angle = (n as f64 / count) * std::f64::consts::TAU;
                (5.0 + r * angle.cos(), 47.0 + r * angle.sin())
            };
            radii.iter().enumerate().map(at).collect()
        })
    }

    proptest! {
        #[test]
        fn a_star_crosses_nothing_wherever_it_begins_and_whichever_way_it_runs(corners in star(), begin in 0_usize..40) {
            let mut corners = corners;
            let shift = begin % corners.len();
            corners.rotate_left(shift);
            prop_assert!(!crosses_itself(&[ring(&corners)]));
            prop_assert!(signed_area(&ring(&corners)) > 0.0);
            corners.reverse();
            prop_assert!(!crosses_itself(&[ring(&corners)]));
            prop_assert!(signed_area(&ring(&corners)) < 0.0);
        }

        #[test]
        fn a_star_of_which_two_corners_are_exchanged_crosses_itself(corners in star(), at in 0_usize..40) {
            prop_assume!(corners.len() >= 5);
            let mut corners = corners;
            let at = at % corners.len();
            let other = (at + 1) % corners.len();
            corners.swap(at, other);
            // Neighbours in angle are exchanged: the sides to the corners around them lie across each other, unless the ring
            // now passes the middle on its other side, which a star of five corners and more does not.
            let area = signed_area(&ring(&corners));
            prop_assume!(area > 0.0);
            let straight = crosses_itself(&[ring(&corners)]);
            let (a, b, c, d) = (
                corners[(at + corners.len() - 1) % corners.len()], corners[at], corners[other], corners[(other + 1) % corners.len()],
            );
            let p = |(lon, lat): (f64, f64)| Position { lon, lat };
            let crossing = turn(p(a), p(b), p(c)).signum() != turn(p(a), p(b), p(d)).signum()
                && turn(p(c), p(d), p(a)).signum() != turn(p(c), p(d), p(b)).signum();
            prop_assert!(straight || !crossing);
        }

        #[test]
        fn a_corner_more_in_the_middle_of_a_side_changes_nothing(corners in star(), at in 0_usize..40) {
            let mut more = corners.clone();
            let at = at % corners.len();
            let (a, b) = (corners[at], corners[(at + 1) % corners.len()]);
            more.insert(at + 1, (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1)));
            prop_assert!((signed_area(&ring(&more)) - signed_area(&ring(&corners))).abs() < 1e-9);
            prop_assert!(!crosses_itself(&[ring(&more)]));
        }
    }
}
