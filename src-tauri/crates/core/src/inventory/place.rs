//! Two numbers of a file as a position, whatever the file counts in.

use crate::geo::{Lambert93, Position};
use crate::inventory::Refusal;

/// What the coordinates of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crs {
    /// Degrees, longitude first (EPSG:4326 as GeoJSON has it).
    Wgs84,
    /// Metres, easting first (EPSG:2154).
    Lambert93,
}

/// A tenth of a millimetre: what two machines may compute differently is below it, so that no row seems changed.
const GRAIN: f64 = 1e9;

impl Crs {
    /// The position of two coordinates; says what is wrong with them.
    pub fn position(self, first: f64, second: f64) -> Result<Position, Refusal> {
        match self {
            Self::Wgs84 => degrees(first, second),
            Self::Lambert93 => metres(first, second),
        }
    }
}

fn degrees(lon: f64, lat: f64) -> Result<Position, Refusal> {
    let position = Position { lon, lat };
    if (Lambert93 { x: lon, y: lat }).is_around_france() {
        Err(Refusal::Metric(lon, lat))
    } else if !position.is_around_france() && position.swapped().is_around_france() {
        Err(Refusal::Swapped(lon, lat))
    } else if position.is_on_globe() {
        Ok(position)
    } else {
        Err(Refusal::OutOfRange(lon, lat))
    }
}

fn metres(x: f64, y: f64) -> Result<Position, Refusal> {
    let place = Lambert93 { x, y };
    if place.is_around_france() {
        let exact = Position::from(place);
        let grain = |degrees: f64| (degrees * GRAIN).round() / GRAIN;
        Ok(Position { lon: grain(exact.lon), lat: grain(exact.lat) })
    } else if (Lambert93 { x: y, y: x }).is_around_france() {
        Err(Refusal::Swapped(x, y))
    } else {
        Err(Refusal::OutOfRange(x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_cannot_be_says_why() {
        assert_eq!(Crs::Wgs84.position(47.32, 5.04), Err(Refusal::Swapped(47.32, 5.04)));
        assert_eq!(Crs::Wgs84.position(854_184.0, 6_693_290.0), Err(Refusal::Metric(854_184.0, 6_693_290.0)));
        assert_eq!(Crs::Wgs84.position(181.0, 47.0), Err(Refusal::OutOfRange(181.0, 47.0)));
        assert_eq!(Crs::Lambert93.position(6_693_290.0, 854_184.0), Err(Refusal::Swapped(6_693_290.0, 854_184.0)));
        assert_eq!(Crs::Lambert93.position(5.04, 47.32), Err(Refusal::OutOfRange(5.04, 47.32)));
        assert!(matches!(Crs::Wgs84.position(f64::NAN, 47.0), Err(Refusal::OutOfRange(..))));
    }
}
