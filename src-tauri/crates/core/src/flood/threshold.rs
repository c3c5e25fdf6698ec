//! The heights at a gauge that mean something there. They are data of the gauge (its attributes), where the rules of alarms read
//! them as well: one truth, loaded with the equipment, and on every desk that is cut off.
//!
//! | attribute | what it is |
//! |---|---|
//! | `watch_mm`, `alert_mm`, `danger_mm` | heights, mm over the gauge's own zero |
//! | `watch_words`, `alert_words`, `danger_words` | what they mean here, in the metropolis's own words |
//! | `past_floods` | `[{"name": "mai 2013", "height_mm": 2410}]` |

use std::time::Duration;

use serde_json::Value;

use crate::flood::{Course, Trend};

crate::table::codes! {
    /// What a threshold asks for. The order is that of growing danger.
    ThresholdKind {
        /// To be looked at.
        Watch = "watch",
        /// Something is under water soon, or is.
        Alert = "alert",
        /// People are in danger.
        Danger = "danger",
    }
}

/// A height that means something at one gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// What it asks for.
    pub kind: ThresholdKind,
    /// From this height on, mm.
    pub height_mm: f64,
    /// What it means here; empty where nobody wrote it down.
    pub words: String,
}

/// How high a flood of the past stood.
#[derive(Debug, Clone, PartialEq)]
pub struct PastFlood {
    /// When, in words.
    pub name: String,
    /// Its highest, mm.
    pub height_mm: f64,
}

/// The thresholds of a gauge with these attributes, lowest first. What is no number is none.
pub fn thresholds(attributes: &Value) -> Vec<Threshold> {
    let mut found: Vec<_> = ThresholdKind::ALL
        .iter()
        .filter_map(|kind| {
            let height_mm = attributes.get(format!("{kind}_mm")).and_then(Value::as_f64)?;
            let words = attributes.get(format!("{kind}_words")).and_then(Value::as_str).unwrap_or_default();
            Some(Threshold { kind: *kind, height_mm, words: words.to_owned() })
        })
        .collect();
    found.sort_by(|a, b| a.height_mm.total_cmp(&b.height_mm));
    found
}

/// Floods of the past at a gauge with these attributes, lowest first.
pub fn past_floods(attributes: &Value) -> Vec<PastFlood> {
    let listed = attributes.get("past_floods").and_then(Value::as_array).into_iter().flatten();
    let mut found: Vec<_> = listed
        .filter_map(|flood| {
            let name = flood.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty())?;
            let height_mm = flood.get("height_mm").and_then(Value::as_f64)?;
            Some(PastFlood { name: name.to_owned(), height_mm })
        })
        .collect();
    found.sort_by(|a, b| a.height_mm.total_cmp(&b.height_mm));
    found
}

/// The highest threshold that a height has come to.
pub fn reached(thresholds: &[Threshold], height_mm: f64) -> Option<&Threshold> {
    thresholds
        .iter()
        .filter(|threshold| height_mm >= threshold.height_mm)
        .max_by(|a, b| a.height_mm.total_cmp(&b.height_mm))
}

/// How long until water at `from_mm` that goes on rising as it does comes to `to_mm`. None when it does not rise, is there
/// already, or would take more than a day: a straight line says nothing about tomorrow.
pub fn time_to(to_mm: f64, from_mm: f64, trend: &Trend) -> Option<Duration> {
    if trend.course != Course::Rising || from_mm >= to_mm {
        return None;
    }
    let hours = (to_mm - from_mm) / (trend.cm_per_hour * 10.0);
    (hours <= 24.0).then(|| Duration::from_secs((hours * 3_600.0).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attributes() -> Value {
        json!({
            "danger_mm": 2_300, "alert_mm": 1_700, "alert_words": "Le quai est sous l'eau", "watch_mm": "1200",
            "past_floods": [{"name": "mai 2013", "height_mm": 2_410}, {"name": "", "height_mm": 9}, {"name": "1965"}]
        })
    }

    #[test]
    fn thresholds_are_read_from_the_gauge_itself_and_what_is_no_number_is_none() {
        let found = thresholds(&attributes());
        let said: Vec<_> = found.iter().map(|t| (t.kind, t.height_mm, t.words.as_str())).collect();
        assert_eq!(
            said,
            [(ThresholdKind::Alert, 1_700.0, "Le quai est sous l'eau"), (ThresholdKind::Danger, 2_300.0, "")]
        );
        assert_eq!(past_floods(&attributes()), [PastFlood { name: "mai 2013".into(), height_mm: 2_410.0 }]);
        assert!(thresholds(&Value::Null).is_empty() && past_floods(&json!({"past_floods": 3})).is_empty());
    }

    #[test]
    fn the_highest_threshold_reached_is_the_one_that_is_said() {
        let found = thresholds(&attributes());
        let kind = |mm| reached(&found, mm).map(|t| t.kind);
        assert_eq!(
            [kind(1_699.0), kind(1_700.0), kind(9_000.0)],
            [None, Some(ThresholdKind::Alert), Some(ThresholdKind::Danger)]
        );
    }

    #[test]
    fn water_that_rises_has_an_hour_for_the_next_threshold_and_other_water_has_none() {
        let rising = Trend { course: Course::Rising, cm_per_hour: 20.0, over: Duration::from_hours(2) };
        assert_eq!(time_to(1_700.0, 1_400.0, &rising), Some(Duration::from_mins(90)));
        assert_eq!(time_to(1_700.0, 1_700.0, &rising), None);
        assert_eq!(time_to(9_000.0, 1_400.0, &rising), None, "beyond a day");
        let steady = Trend { course: Course::Steady, cm_per_hour: 0.4, ..rising };
        assert_eq!(time_to(1_700.0, 1_400.0, &steady), None);
    }
}
