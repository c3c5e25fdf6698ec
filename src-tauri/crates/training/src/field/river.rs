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
    let height = height(seed, river, share, at);
    let before = self::height(seed, river, share, Timestamp(at.0 - 3_600_000));
    let (_, width) = bed(river);
    // Flow over a wide bed grows with the power 5/3 of the height (Manning).
    let flow = width * (height / 1_000.0).max(0.02).powf(5.0 / 3.0) * 1_000.0;
    Water { height_mm: height.round(), flow_l_s: flow.round(), trend_mm_h: (height - before).round() }
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
    fn an_ordinary_night_has_no_flood() {
        for hour in 0..2_000_i64 {
            let w = water(3, "Le Suzon", 0.4, Timestamp(1_790_000_000_000 + hour * 3_600_000));
            assert!(w.height_mm > 50.0 && w.height_mm < 600.0 && w.trend_mm_h.abs() < 50.0, "{w:?}");
        }
    }
}
