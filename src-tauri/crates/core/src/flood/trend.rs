//! Where the water goes: the slope of what was observed, and nothing where too little was.

use std::time::Duration;

use crate::time::Timestamp;

/// Over how much time before the newest observation a trend is measured.
pub const TREND_OVER: Duration = Duration::from_hours(2);
/// What is said of less than this would be said of a ripple.
const SPAN_LEAST: Duration = Duration::from_mins(30);
/// Two observations are a line through anything.
const COUNT_LEAST: usize = 3;
/// Slower than this, the water stands: gauges read in centimetres.
const STEADY_CM_H: f64 = 1.0;

crate::table::codes! {
    /// Which way the water goes.
    Course {
        /// It rises.
        Rising = "rising",
        /// It falls.
        Falling = "falling",
        /// Neither by a centimetre an hour.
        Steady = "steady",
    }
}

/// Which way the water goes, and how fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Which way.
    pub course: Course,
    /// Centimetres an hour, negative when it falls.
    pub cm_per_hour: f64,
    /// From the first to the last of the observations that say so.
    pub over: Duration,
}

/// The trend of heights (instant, mm), in any order. None without three observations over half an hour within the last two
/// hours before the newest: a trend is not told from less.
///
/// The slope is that of least squares, so that one doubtful value among eight does not turn it.
pub fn trend(heights: &[(Timestamp, f64)]) -> Option<Trend> {
    let last = heights.iter().map(|(at, _)| *at).max()?;
    let mut window: Vec<_> =
        heights.iter().copied().filter(|(at, mm)| last.since(*at) <= TREND_OVER && mm.is_finite()).collect();
    window.sort_by_key(|(at, _)| *at);
    // The same instant told again, corrected or not, is one observation: the last one told.
    window.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = later.1;
        }
        same
    });
    let over = last.since(window.first()?.0);
    if window.len() < COUNT_LEAST || over < SPAN_LEAST {
        return None;
    }
    let count = window.len() as f64;
    let hours = |at: Timestamp| at.offset_from(last) as f64 / 3_600_000.0;
    let mean_x = window.iter().map(|(at, _)| hours(*at)).sum::<f64>() / count;
    let mean_y = window.iter().map(|(_, mm)| mm).sum::<f64>() / count;
    let (mut both, mut square) = (0.0, 0.0);
    for (at, mm) in &window {
        let x = hours(*at) - mean_x;
        both += x * (mm - mean_y);
        square += x * x;
    }
    // Tenths of a centimetre: more would be a promise.
    let cm_per_hour = (both / square).round() / 10.0;
    let course = match cm_per_hour {
        rate if rate >= STEADY_CM_H => Course::Rising,
        rate if rate <= -STEADY_CM_H => Course::Falling,
        _ => Course::Steady,
    };
    Some(Trend { course, cm_per_hour, over })
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: i64 = 1_795_467_600_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp(T + minutes * 60_000)
    }

    #[test]
    fn water_that_rises_by_ten_centimetres_an_hour_is_said_to_and_one_wild_value_does_not_turn_it() {
        let mut heights: Vec<_> = (0..9).map(|n| (at(n * 15), 1_000.0 + 25.0 * n as f64)).collect();
        let said = trend(&heights).unwrap();
        assert_eq!((said.course, said.cm_per_hour, said.over), (Course::Rising, 10.0, Duration::from_hours(2)));
        heights[4].1 -= 60.0;
        assert_eq!(trend(&heights).unwrap().course, Course::Rising);
        heights.reverse();
        assert_eq!(trend(&heights).unwrap().course, Course::Rising, "in any order");
    }

    #[test]
    fn less_than_a_centimetre_an_hour_is_steady_and_a_fall_is_negative() {
        let slope = |mm_per_quarter: f64| {
            let heights: Vec<_> = (0..9).map(|n| (at(n * 15), -300.0 + mm_per_quarter * n as f64)).collect();
            trend(&heights).unwrap()
        };
        assert_eq!(slope(2.0).course, Course::Steady);
        assert_eq!((slope(-5.0).course, slope(-5.0).cm_per_hour), (Course::Falling, -2.0));
    }

    #[test]
    fn nothing_is_told_without_enough_observations() {
        assert_eq!(trend(&[]), None);
        assert_eq!(trend(&[(at(0), 900.0), (at(60), 990.0)]), None, "two");
        let close: Vec<_> = (0..6).map(|n| (at(n * 5), 900.0 + 10.0 * n as f64)).collect();
        assert_eq!(trend(&close), None, "within twenty-five minutes");
        let told_again = [(at(0), 900.0), (at(60), 990.0), (at(60), 991.0), (at(60), 992.0)];
        assert_eq!(trend(&told_again), None, "the same instant again is no other observation");
        let old = [(at(0), 100.0), (at(10), 100.0), (at(600), 900.0), (at(615), 900.0)];
        assert_eq!(trend(&old), None, "what was ten hours ago says nothing of now");
    }
}
