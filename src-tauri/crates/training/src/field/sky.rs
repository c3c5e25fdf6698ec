//! Dusk and dawn at Dijon: when the lights are on.

use vigie_core::time::Timestamp;

const DAY: i64 = 86_400_000;
const LAT: f64 = 47.322;
const LON: f64 = 5.041;
/// Lights come on when the sun is this far below the horizon, degrees (half of civil twilight).
const LIGHTING_DEPTH: f64 = 3.0;

/// The night around an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// Lights come on.
    pub dusk: Timestamp,
    /// Lights go off, the next morning.
    pub dawn: Timestamp,
}

/// The night in progress at `at`, or else the next one.
pub fn night(at: Timestamp) -> Night {
    let day = at.0.div_euclid(DAY);
    let (dawn, dusk) = edges(day);
    if at < dawn {
        return Night { dusk: edges(day - 1).1, dawn };
    }
    Night { dusk, dawn: edges(day + 1).0 }
}

/// Dawn and dusk of a day counted from 1970 in UTC, to a few minutes (declination and equation of time by their first
/// terms, as in any almanac).
fn edges(day: i64) -> (Timestamp, Timestamp) {
    // 1970-01-01 was day 0; the year's phase is enough, leap years move it by less than a day.
    let year_day = (day as f64).rem_euclid(365.2422);
    let phase = std::f64::consts::TAU * (year_day - 80.0) / 365.2422;
    let declination = 23.44_f64.to_radians() * phase.sin();
    let time_equation = 9.87 * (2.0 * phase).sin() - 7.53 * phase.cos() - 1.5 * phase.sin();
    let lat = LAT.to_radians();
    let altitude = (-LIGHTING_DEPTH).to_radians();
    let cosine = (altitude.sin() - lat.sin() * declination.sin()) / (lat.cos() * declination.cos());
    let half_day = cosine.clamp(-1.0, 1.0).acos().to_degrees() / 15.0;
    let noon = 12.0 - LON / 15.0 - time_equation / 60.0;
    let at = |hours: f64| Timestamp(day * DAY + (hours * 3_600_000.0) as i64);
    (at(noon - half_day), at(noon + half_day))
}

/// The hour of the day at Dijon, with minutes as a fraction: winter and summer time as in France.
pub fn local_hour(at: Timestamp) -> f64 {
    jiff::Timestamp::from_millisecond(at.0)
        .ok()
        .and_then(|t| Some(t.to_zoned(jiff::tz::TimeZone::get("Europe/Paris").ok()?)))
        .map_or_else(
            || at.0.rem_euclid(DAY) as f64 / 3_600_000.0 + 1.0,
            |z| f64::from(z.hour()) + f64::from(z.minute()) / 60.0,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn minutes_apart(a: Timestamp, b: Timestamp) -> i64 {
        (a.0 - b.0).abs() / 60_000
    }

    #[test]
    fn lights_come_on_about_twenty_minutes_after_sunset_and_go_off_before_sunrise() {
        // Sun at Dijon on 23 November 2026: sets about 15:51 UTC, rises next day about 06:57 UTC.
        let november = night(utc("2026-11-23T12:00:00Z"));
        assert!(minutes_apart(november.dusk, utc("2026-11-23T16:08:00Z")) < 12, "{}", november.dusk);
        assert!(minutes_apart(november.dawn, utc("2026-11-24T06:41:00Z")) < 12, "{}", november.dawn);
        // On 21 June: sets about 19:33 UTC, rises next day about 03:43 UTC.
        let june = night(utc("2026-06-21T12:00:00Z"));
        assert!(minutes_apart(june.dusk, utc("2026-06-21T19:54:00Z")) < 12, "{}", june.dusk);
        assert!(minutes_apart(june.dawn, utc("2026-06-22T03:22:00Z")) < 12, "{}", june.dawn);
    }

    #[test]
    fn an_instant_of_the_small_hours_belongs_to_the_night_that_began_the_evening_before() {
        let at = utc("2026-11-24T02:00:00Z");
        let now = night(at);
        assert!(now.dusk < at && at < now.dawn);
        assert_eq!(now, night(utc("2026-11-23T20:00:00Z")));
    }
}
