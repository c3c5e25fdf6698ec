//! Water levels: a small hydrograph that goes down the river, the same for the same seed and hour.

use std::f64::consts::TAU;

use vigie_core::time::Timestamp;

use crate::chance::{hash, luck};

/// What a gauge measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Water {
    /// Height over the station's own zero, mm.
    pub height_mm: f64,
    /// Flow, l/s.
    pub flow_l_s: f64,
    /// Rise over the last hour, mm/h.
    pub trend_mm_h: f64,
}

/// The water at a gauge: `share` is how far down its river it stands (0 to 1).
pub fn water(seed: u64, river: &str, share: f64, at: Timestamp) -> Water {
    flooded(seed, river, share, at, None)
}

/// The same, where the Ouche began to rise at an instant.
pub(super) fn flooded(seed: u64, river: &str, share: f64, at: Timestamp, began: Option<Timestamp>) -> Water {
    let height =
        |at: Timestamp| height(seed, river, share, at) + began.map_or(0.0, |began| wave(river, share, began, at));
    let before = height(Timestamp(at.0 - 3_600_000));
    let height = height(at);
    let (_, width) = bed(river);
    // Flow over a wide bed grows with the power 5/3 of the height (Manning).
    let flow = width * (height / 1_000.0).max(0.02).powf(5.0 / 3.0) * 1_000.0;
    Water { height_mm: height.round(), flow_l_s: flow.round(), trend_mm_h: (height - before).round() }
}

/// The river that floods.
pub(super) const RISING: &str = "L'Ouche";
/// How high its wave stands over what was there, mm.
const WAVE_MM: f64 = 1_900.0;

/// What a flood that began at an instant adds to the height, mm: seven hours up, three at the top, a day down; four hours from one
/// end of the river to the other.
fn wave(river: &str, share: f64, began: Timestamp, at: Timestamp) -> f64 {
    if river != RISING {
        return 0.0;
    }
    let hours = at.offset_from(began) as f64 / 3_600_000.0 - share * 4.0;
    let smooth = |u: f64| u * u * (3.0 - 2.0 * u);
    WAVE_MM
        * match hours {
            h if h <= 0.0 => 0.0,
            h if h < 7.0 => smooth(h / 7.0),
            h if h < 10.0 => 1.0,
            h if h < 34.0 => 1.0 - smooth((h - 10.0) / 24.0),
            _ => 0.0,
        }
}

/// Mean height in mm, and width of the bed as a factor.
fn bed(river: &str) -> (f64, f64) {
    match river {
        "L'Ouche" => (620.0, 9.0),
        "La Tille" => (480.0, 7.0),
        "Le Suzon" => (260.0, 2.5),
        _ => (1_450.0, 0.4),
    }
}

fn height(seed: u64, river: &str, share: f64, at: Timestamp) -> f64 {
    let (mean, _) = bed(river);
    let of = hash(river.as_bytes());
    // A wave takes about nine hours from one end of the drawn river to the other.
    let hours = at.0 as f64 / 3_600_000.0 - share * 9.0;
    let swing = |period: f64, salt: u64| (TAU * (hours / period + luck(seed, of, salt))).sin();
    let slow = swing(217.0, 1) * 0.10 + swing(61.0, 2) * 0.05;
    let showers = (swing(29.0, 3) - 0.72).max(0.0) * 0.55;
    let ripple = swing(3.7, 4) * 0.004;
    let canal = if mean > 1_000.0 { 0.06 } else { 1.0 };
    mean * (1.0 + (slow + showers + ripple) * canal) * (0.85 + 0.3 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_seen_upstream_is_seen_downstream_hours_later() {
        let up = water(1, "L'Ouche", 0.0, Timestamp(1_790_000_000_000));
        let down = water(1, "L'Ouche", 1.0, Timestamp(1_790_000_000_000 + 9 * 3_600_000));
        assert!((down.height_mm / up.height_mm - 1.15 / 0.85).abs() < 0.01);
    }

    #[test]
    fn the_ouche_rises_over_a_night_and_the_others_do_not() {
        let began = Timestamp(1_790_000_000_000);
        let at = |hours: i64| Timestamp(began.0 + hours * 3_600_000);
        let of = |river: &str, hours: i64| flooded(5, river, 0.25, at(hours), Some(began)).height_mm;
        assert!(of(RISING, 8) - of(RISING, 0) > 1_700.0 && of(RISING, 40) < 1_000.0);
        assert!((of("La Tille", 8) - water(5, "La Tille", 0.25, at(8)).height_mm).abs() < f64::EPSILON);
        let below = flooded(5, RISING, 1.0, at(4), Some(began)).height_mm - water(5, RISING, 1.0, at(4)).height_mm;
        assert!(below < 1.0, "the wave has not come down yet: {below}");
    }

    #[test]
    fn an_ordinary_night_has_no_flood() {
        for hour in 0..2_000_i64 {
            let w = water(3, "Le Suzon", 0.4, Timestamp(1_790_000_000_000 + hour * 3_600_000));
            assert!(w.height_mm > 50.0 && w.height_mm < 600.0 && w.trend_mm_h.abs() < 50.0, "{w:?}");
        }
    }
}
