//! The city's clock: starts when it is told to, and may run up to 3,600 times faster than the room's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vigie_core::time::{Clock, Moment, Timestamp};

/// Fastest rate: an hour a second.
pub const MAX_RATE: f64 = 3_600.0;

/// A clock that runs at its own rate; both its wall time and its boot time do.
pub struct SimClock {
    real: Arc<dyn Clock>,
    start: Timestamp,
    pace: Mutex<Pace>,
}

/// How much simulated time has passed: `before` up to `since`, and from there `rate` times real time.
struct Pace {
    since: Moment,
    before: Duration,
    /// Real time up to `since`.
    real: Duration,
    rate: f64,
    /// The latest time told, so that a real clock set back does not turn the city's back.
    told: Duration,
    /// The same of real time.
    real_told: Duration,
}

/// The room's own time beside the city's: what hands do is counted by it, however fast the city runs (class L).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoomTime {
    /// The city's beginning, and what passed in the room since.
    pub at: Timestamp,
    /// How many times faster the city runs.
    pub rate: f64,
}

impl RoomTime {
    /// How long the city takes for so long in the room.
    pub fn in_the_city(self, length: Duration) -> Duration {
        length.mul_f64(bounded(self.rate))
    }

    /// `now` for what counts by the room's time from an instant of the city: as far from it as the room's time is.
    pub fn felt(self, from: Timestamp, now: Timestamp) -> Timestamp {
        let gone = now.offset_from(from);
        if self.rate > 0.0 { Timestamp(from.0.saturating_add((gone as f64 / self.rate).round() as i64)) } else { now }
    }
}

impl Pace {
    fn elapsed(&mut self, now: Moment) -> Duration {
        let elapsed = self.before.saturating_add(now.since(self.since).mul_f64(self.rate));
        self.told = self.told.max(elapsed);
        self.told
    }

    fn real(&mut self, now: Moment) -> Duration {
        self.real_told = self.real_told.max(self.real.saturating_add(now.since(self.since)));
        self.real_told
    }
}

impl SimClock {
    /// A clock that says `start` now and runs at `rate` (0 to [`MAX_RATE`]).
    pub fn new(real: Arc<dyn Clock>, start: Timestamp, rate: f64) -> Self {
        let since = real.now();
        let zero = Duration::ZERO;
        let pace = Pace { since, before: zero, real: zero, rate: bounded(rate), told: zero, real_told: zero };
        Self { real, start, pace: Mutex::new(pace) }
    }

    /// Changes the rate from now on; 0 stops the city.
    pub fn set_rate(&self, rate: f64) {
        let now = self.real.now();
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.before = pace.elapsed(now);
        pace.real = pace.real(now);
        pace.since = now;
        pace.rate = bounded(rate);
    }

    /// The room's own time.
    pub fn room(&self) -> RoomTime {
        let now = self.real.now();
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        RoomTime { at: self.start.plus(pace.real(now)), rate: pace.rate }
    }

    /// How many times faster than real time it runs.
    pub fn rate(&self) -> f64 {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).rate
    }
}

fn bounded(rate: f64) -> f64 {
    if rate.is_finite() { rate.clamp(0.0, MAX_RATE) } else { 1.0 }
}

impl Clock for SimClock {
    fn now(&self) -> Moment {
        let now = self.real.now();
        let elapsed = self.pace.lock().unwrap_or_else(PoisonError::into_inner).elapsed(now);
        Moment { wall: self.start.plus(elapsed), boot: elapsed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Hand {
        fn turn(&self, ms: i64) {
            self.0.fetch_add(ms, Ordering::SeqCst);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Moment {
            let ms = self.0.load(Ordering::SeqCst);
            Moment { wall: Timestamp(ms), boot: Duration::from_millis(ms.max(0).unsigned_abs()) }
        }
    }

    #[test]
    fn both_hands_advance_at_the_rate_and_keep_their_place_when_it_changes() {
        let hand = Arc::new(Hand::default());
        let clock = SimClock::new(hand.clone(), Timestamp(1_000), 60.0);
        hand.turn(1_000);
        assert_eq!(clock.now(), Moment { wall: Timestamp(61_000), boot: Duration::from_mins(1) });
        clock.set_rate(1.0);
        hand.turn(1_000);
        assert_eq!(clock.now().wall, Timestamp(62_000));
        clock.set_rate(0.0);
        hand.turn(9_000);
        assert_eq!(clock.now().wall, Timestamp(62_000));
    }

    #[test]
    fn the_room_has_its_own_time_however_fast_the_city_runs() {
        let hand = Arc::new(Hand::default());
        let clock = SimClock::new(hand.clone(), Timestamp(0), 1.0);
        hand.turn(1_000);
        assert_eq!((clock.room().at, clock.now().wall), (Timestamp(1_000), Timestamp(1_000)));
        clock.set_rate(60.0);
        hand.turn(500);
        let room = clock.room();
        assert_eq!((room.at, clock.now().wall), (Timestamp(1_500), Timestamp(31_000)));
        assert_eq!(room.in_the_city(Duration::from_millis(800)), Duration::from_secs(48));
        assert_eq!(room.felt(Timestamp(1_000), Timestamp(31_000)), Timestamp(1_500), "half a second ago");
        assert_eq!(room.felt(Timestamp(61_000), Timestamp(31_000)), Timestamp(60_500), "and half a second ahead");
        clock.set_rate(0.0);
        hand.turn(500);
        assert_eq!(clock.room().at, Timestamp(2_000));
        assert_eq!(clock.room().felt(Timestamp(31_000), clock.now().wall), Timestamp(31_000));
    }

    #[test]
    fn a_rate_out_of_bounds_is_brought_back() {
        let clock = SimClock::new(Arc::new(Hand::default()), Timestamp(0), 1e9);
        assert!((clock.rate() - MAX_RATE).abs() < f64::EPSILON);
        clock.set_rate(-3.0);
        assert!(clock.rate().abs() < f64::EPSILON);
        clock.set_rate(f64::NAN);
        assert!((clock.rate() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_real_clock_set_back_does_not_turn_the_city_back() {
        let hand = Arc::new(Hand::default());
        let clock = SimClock::new(hand.clone(), Timestamp(0), 1.0);
        hand.turn(5_000);
        assert_eq!(clock.now().wall, Timestamp(5_000));
        hand.turn(-4_000);
        assert_eq!(clock.now().wall, Timestamp(5_000));
    }
}
