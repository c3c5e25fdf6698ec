//! Where a camera looks, and how a held key moves it. It stands still when its time is over, whoever hears or says what: the
//! dead man's part of class L in the device itself.

use serde_json::{Value, json};
use vigie_core::command::Motion;
use vigie_core::equipment::Reading;
use vigie_core::time::Timestamp;

/// Degrees a second.
const TURN: f64 = 30.0;
/// Times a second.
const NEAR: f64 = 2.0;

/// Pan and tilt in degrees from where it stands at rest, zoom in times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aim {
    pan: f64,
    tilt: f64,
    zoom: f64,
    motion: Motion,
    /// Seconds of its motors in each second of its city: less than one where the city runs faster than the room.
    pace: f64,
    /// When the position above was true.
    at: Timestamp,
    /// Until when it moves.
    until: Timestamp,
}

impl Aim {
    /// At rest.
    pub(super) fn new(at: Timestamp) -> Self {
        Self { pan: 0.0, tilt: 0.0, zoom: 1.0, motion: Motion::default(), pace: 1.0, at, until: at }
    }

    /// As it last showed itself.
    pub(super) fn resumed(reading: &Reading, at: Timestamp) -> Self {
        let read = |key, rest| reading.number(key).unwrap_or(rest);
        Self { pan: read("pan", 0.0), tilt: read("tilt", 0.0), zoom: read("zoom", 1.0), ..Self::new(at) }
    }

    /// Moves from now on, until then at the latest, at its motors' pace.
    pub(super) fn drive(&mut self, motion: Motion, pace: f64, until: Timestamp, now: Timestamp) {
        *self = Self { motion, pace, until: until.max(now), ..self.at(now) };
    }

    /// Whether it moves at an instant.
    pub(super) fn moves(&self, now: Timestamp) -> bool {
        self.motion.is_well_formed() && now < self.until
    }

    /// Where it looks at an instant.
    pub(super) fn at(&self, now: Timestamp) -> Self {
        let seconds = now.min(self.until).since(self.at).as_secs_f64() * self.pace;
        let gone = |way: i8, speed: f64| f64::from(way) * speed * seconds;
        Self {
            pan: (self.pan + gone(self.motion.pan, TURN)).clamp(-175.0, 175.0),
            tilt: (self.tilt + gone(self.motion.tilt, TURN)).clamp(-45.0, 45.0),
            zoom: (self.zoom + gone(self.motion.zoom, NEAR)).clamp(1.0, 20.0),
            at: now,
            ..*self
        }
    }

    /// What it shows of that.
    pub(super) fn shown(&self) -> [(&'static str, Value); 3] {
        let tenth = |value: f64| json!((value * 10.0).round() / 10.0);
        [("pan", tenth(self.pan)), ("tilt", tenth(self.tilt)), ("zoom", tenth(self.zoom))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vigie_core::command::{LIVE_LIFE, LIVE_STOP};

    const NOW: Timestamp = Timestamp(1_000_000);

    fn after(ms: u64) -> Timestamp {
        NOW.plus(Duration::from_millis(ms))
    }

    fn pan(aim: &Aim, at: Timestamp) -> Value {
        aim.at(at).shown()[0].1.clone()
    }

    #[test]
    fn l_a_camera_stands_still_within_a_second_after_the_last_sign_whoever_says_nothing() {
        let mut aim = Aim::new(NOW);
        let right = Motion { pan: 1, ..Motion::default() };
        for sign in 0..5 {
            let heard = after(sign * 200);
            aim.drive(right, 1.0, heard.plus(LIVE_LIFE), heard);
        }
        let last = after(800);
        assert!(aim.moves(last.plus(Duration::from_millis(799))) && !aim.moves(last.plus(LIVE_STOP)));
        assert_eq!(pan(&aim, last), json!(24.0), "eight tenths of a second at thirty degrees");
        assert_eq!(pan(&aim, last.plus(LIVE_STOP)), pan(&aim, after(60_000)), "it moves no further");
        assert_eq!(pan(&aim, after(60_000)), json!(48.0));
    }

    #[test]
    fn l_in_a_city_that_runs_faster_it_turns_as_fast_as_the_hand_sees_it() {
        let mut aim = Aim::new(NOW);
        // Sixty times faster: eight tenths of a second of the room are 48 of the city.
        aim.drive(Motion { pan: 1, ..Motion::default() }, 1.0 / 60.0, after(48_000), NOW);
        assert_eq!(pan(&aim, after(24_000)), json!(12.0));
        assert_eq!(pan(&aim, after(600_000)), json!(24.0));
    }

    #[test]
    fn l_letting_go_stops_it_at_once_and_turning_back_begins_where_it_is() {
        let mut aim = Aim::new(NOW);
        aim.drive(Motion { pan: 1, ..Motion::default() }, 1.0, after(800), NOW);
        aim.drive(Motion::default(), 1.0, after(500), after(500));
        assert_eq!((pan(&aim, after(800)), aim.moves(after(600))), (json!(15.0), false));
        aim.drive(Motion { pan: -1, ..Motion::default() }, 1.0, after(2_000), after(1_000));
        assert_eq!(pan(&aim, after(1_500)), json!(0.0));
        assert_eq!(Aim::resumed(&Reading::from(json!({"pan": 12.5})), NOW).shown()[0].1, json!(12.5));
    }
}
