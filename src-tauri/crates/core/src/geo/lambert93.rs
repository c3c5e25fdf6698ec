//! Lambert-93 (EPSG:2154), the projection of French public files, to degrees and back.
//!
//! Formulas and constants: IGN, *Projection cartographique conique conforme de Lambert*, note technique `NTG_71`
//! (algorithms ALG0001 to ALG0004); ellipsoid IAG GRS 1980, central meridian 3° E, parallels 44° and 49°.

use crate::geo::Position;

/// First eccentricity of GRS 1980.
const E: f64 = 0.081_819_191_042_815_8;
/// Exponent of the projection.
const N: f64 = 0.725_607_765_053_267;
/// Constant of the projection, metres.
const C: f64 = 11_754_255.426_096;
/// The pole on the plane, metres.
const XS: f64 = 700_000.0;
const YS: f64 = 12_655_612.049_876;
/// Central meridian, degrees.
const MERIDIAN: f64 = 3.0;
/// Where the latitude no longer moves, radians: a thousandth of a millimetre on the ground.
const STILL: f64 = 1e-13;
/// The latitude gains more than two digits a turn: ten turns are never needed.
const TURNS: usize = 30;

/// A place in metres of Lambert-93.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lambert93 {
    /// Easting, metres.
    pub x: f64,
    /// Northing, metres.
    pub y: f64,
}

impl Lambert93 {
    /// Whether it lies where the projection serves: metropolitan France and its sea.
    pub fn is_around_france(self) -> bool {
        (0.0..=1_350_000.0).contains(&self.x) && (6_000_000.0..=7_250_000.0).contains(&self.y)
    }
}

impl From<Lambert93> for Position {
    /// ALG0004. A place outside the projection's domain gives a position outside France, never a failure.
    fn from(place: Lambert93) -> Self {
        let (east, south) = (place.x - XS, YS - place.y);
        let isometric = -(east.hypot(south) / C).ln() / N;
        let lon = MERIDIAN + (east.atan2(south) / N).to_degrees();
        Self { lon, lat: latitude(isometric, E).to_degrees() }
    }
}

impl From<Position> for Lambert93 {
    /// ALG0003.
    fn from(position: Position) -> Self {
        let radius = C * (-N * isometric_latitude(position.lat.to_radians(), E)).exp();
        let angle = N * (position.lon - MERIDIAN).to_radians();
        Self { x: XS + radius * angle.sin(), y: YS - radius * angle.cos() }
    }
}

/// ALG0001: isometric latitude of a latitude, radians, on an ellipsoid of first eccentricity `e`.
fn isometric_latitude(latitude: f64, e: f64) -> f64 {
    latitude.sin().atanh() - e * (e * latitude.sin()).atanh()
}

/// ALG0002: latitude, radians, of an isometric latitude, by successive approximation.
fn latitude(isometric: f64, e: f64) -> f64 {
    let mut latitude = isometric.tanh().asin();
    for _ in 0..TURNS {
        let next = (isometric + e * (e * latitude.sin()).atanh()).tanh().asin();
        if (next - latitude).abs() < STILL {
            return next;
        }
        latitude = next;
    }
    latitude
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eccentricity of the IGN's own examples.
    const CLARKE: f64 = 0.081_991_889_98;

    #[test]
    fn the_examples_of_the_ign_give_their_isometric_latitudes_and_back() {
        for (degrees, isometric) in [(0.872_664_626_00, 1.005_526_536_48), (-0.3, -0.302_616_900_63)] {
            assert!((isometric_latitude(degrees, CLARKE) - isometric).abs() < 1e-10);
            assert!((latitude(isometric, CLARKE) - degrees).abs() < 1e-10);
        }
    }

    #[test]
    fn the_origin_of_the_projection_is_where_its_definition_puts_it() {
        let origin = Lambert93::from(Position { lon: 3.0, lat: 46.5 });
        assert!((origin.x - 700_000.0).abs() < 1e-3 && (origin.y - 6_600_000.0).abs() < 1e-3, "{origin:?}");
    }

    /// Computed apart from the defining parameters (EPSG method 9802, two parallels), not from IGN's constants.
    const PLACES: &[(Position, Lambert93)] = &[
        (Position { lon: 5.041_5, lat: 47.322 }, Lambert93 { x: 854_184.547_602_229_6, y: 6_693_290.461_508_677 }),
        (Position { lon: -4.486_1, lat: 48.390_4 }, Lambert93 { x: 146_632.978_527_516, y: 6_836_262.326_655_938 }),
        (Position { lon: 9.450_6, lat: 42.702_8 }, Lambert93 { x: 1_228_569.690_610_176_4, y: 6_199_735.043_423_199 }),
    ];

    #[test]
    fn places_from_dijon_to_brest_and_bastia_agree_with_the_defining_parameters() {
        for (position, place) in PLACES {
            let made = Lambert93::from(*position);
            assert!((made.x - place.x).abs() < 1e-3 && (made.y - place.y).abs() < 1e-3, "{made:?} for {place:?}");
            let back = Position::from(*place);
            let near = |a: f64, b: f64| (a - b).to_radians().abs() < 1e-9;
            assert!(near(back.lon, position.lon) && near(back.lat, position.lat), "{back:?} for {position:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn there_and_back_is_the_same_place_all_over_france(lon in -6.0..10.0_f64, lat in 41.0..52.0_f64) {
            let back = Position::from(Lambert93::from(Position { lon, lat }));
            proptest::prop_assert!((back.lon - lon).abs() < 1e-10 && (back.lat - lat).abs() < 1e-10);
        }

        #[test]
        fn no_number_makes_it_fail(x: f64, y: f64) {
            let _ = Position::from(Lambert93 { x, y });
        }
    }
}
