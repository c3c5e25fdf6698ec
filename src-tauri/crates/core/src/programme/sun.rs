//! Civil dusk and dawn: the sun six degrees under the horizon. Computed by `solar-positioning` (NREL's Solar Position
//! Algorithm, Reda and Andreas 2003), to the second where the sky is clear and the horizon flat.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use solar_positioning::{Horizon, Location, SolarEvents};

use crate::time::Timestamp;

/// A place, degrees WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// East is positive.
    pub lon: f64,
    /// North is positive.
    pub lat: f64,
}

const DAY_MS: f64 = 86_400_000.0;
/// 1970-01-01T00:00Z as a Julian date.
const EPOCH: f64 = 2_440_587.5;
/// Terrestrial time less universal time, s: 69 in the 2020s; a second more moves dusk by less than a millisecond.
const DELTA_T: f64 = 69.2;

fn julian(at: Timestamp) -> f64 {
    EPOCH + at.0 as f64 / DAY_MS
}

fn instant(julian: f64) -> Timestamp {
    // Whole seconds: finer means nothing.
    Timestamp(((julian - EPOCH) * 86_400.0).round() as i64 * 1_000)
}

impl Site {
    /// Solar noon of a date, to some minutes: where its longitude stands against Greenwich.
    fn noon(self, date: Date) -> Timestamp {
        let days = date.since(Date::constant(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()));
        let noon = 12.0 - self.lon / 15.0;
        Timestamp(days.saturating_mul(86_400_000).saturating_add((noon * 3_600_000.0) as i64))
    }

    fn location(self) -> Location {
        Location { latitude: self.lat, longitude: self.lon }
    }

    /// Civil dusk of a date; none where the sun does not go so low.
    pub fn dusk(self, date: Date) -> Option<Timestamp> {
        let from = julian(self.noon(date));
        let found =
            SolarEvents::new().next_set_from_julian(from, from + 0.5, self.location(), DELTA_T, Horizon::CivilTwilight);
        found.ok().flatten().map(instant)
    }

    /// Civil dawn of a date; none where the sun does not come so high.
    pub fn dawn(self, date: Date) -> Option<Timestamp> {
        let to = julian(self.noon(date));
        let found =
            SolarEvents::new().next_rise_from_julian(to - 0.5, to, self.location(), DELTA_T, Horizon::CivilTwilight);
        found.ok().flatten().map(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::{DIJON, date};

    fn utc(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn civil_dusk_and_dawn_at_dijon_are_those_of_the_almanac() {
        // By hand: declination 23.44 degrees, equation of time under two minutes. To one minute.
        for (day, dusk, dawn) in [
            ("2026-06-21", "2026-06-21T20:20:20Z", "2026-06-21T03:03:00Z"),
            ("2026-12-21", "2026-12-21T16:27:40Z", "2026-12-21T06:48:20Z"),
        ] {
            let (found, morning) = (DIJON.dusk(date(day)).unwrap(), DIJON.dawn(date(day)).unwrap());
            assert!((found.0 - utc(dusk)).abs() < 60_000, "dusk {found}");
            assert!((morning.0 - utc(dawn)).abs() < 60_000, "dawn {morning}");
        }
    }

    #[test]
    fn where_the_sun_does_not_set_there_is_no_dusk() {
        let tromso = Site { lon: 18.95, lat: 69.65 };
        assert_eq!(tromso.dusk(date("2026-06-21")), None);
        assert_eq!(tromso.dawn(date("2026-06-21")), None);
        assert!(tromso.dusk(date("2026-03-21")).is_some());
    }
}
