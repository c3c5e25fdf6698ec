//! Keys that are held (class L), on their way to the field. Pure: told what the metropolis says is held, it says what to tell
//! devices.
//!
//! A motion is told for a moment only, and again with each sign of life. What is no longer held is told to stop; what was last
//! held is told to stop as well when its moment is over and the metropolis says nothing: nobody's silence moves a camera.

use std::collections::BTreeMap;
use std::time::Duration;

use vigie_core::command::{LiveNow, Motion};
use vigie_core::ids::LiveId;
use vigie_core::time::{Moment, Timestamp};

/// What a device is told: to move for a moment, or to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drive {
    /// By which hold.
    pub live_id: LiveId,
    /// The object's reference.
    pub reference: String,
    /// Grows with each word of one hold: an old word is not followed.
    pub seq: i64,
    /// Which way; none: stop.
    pub motion: Option<Motion>,
    /// Not followed after this, in the metropolis's time.
    pub until: Timestamp,
    /// For how long, ms.
    pub for_ms: i64,
}

struct Held {
    reference: String,
    seq: i64,
    until: Timestamp,
    /// When its moment is over, on this machine's clock.
    over: Duration,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Keys {
    held: BTreeMap<LiveId, Held>,
}

impl Keys {
    /// The metropolis says what is held; it was asked at `asked`. What to tell devices.
    pub(crate) fn take(&mut self, told: Vec<LiveNow>, asked: Moment) -> Vec<Drive> {
        let mut drives = Vec::new();
        let gone: Vec<LiveId> =
            self.held.keys().filter(|id| told.iter().all(|live| live.live_id != **id)).copied().collect();
        drives.extend(gone.into_iter().filter_map(|id| self.stop(id)));
        for live in told.into_iter().filter(|live| live.for_ms > 0) {
            if self.held.get(&live.live_id).is_some_and(|known| live.seq <= known.seq) {
                continue;
            }
            // Counted from the asking: what the answer took is not given to the device.
            let moment = Duration::from_millis(live.for_ms.unsigned_abs());
            let held =
                Held { reference: live.reference.clone(), seq: live.seq, until: live.until, over: asked.boot + moment };
            self.held.insert(live.live_id, held);
            drives.push(Drive {
                live_id: live.live_id,
                reference: live.reference,
                seq: live.seq,
                motion: Some(live.motion),
                until: live.until,
                for_ms: live.for_ms,
            });
        }
        drives
    }

    /// Nothing is held.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What is told to stop because nothing was heard of it in time.
    pub(crate) fn lapse(&mut self, now: Moment) -> Vec<Drive> {
        let over: Vec<LiveId> = self.held.iter().filter(|(_, held)| held.over <= now.boot).map(|(id, _)| *id).collect();
        over.into_iter().filter_map(|id| self.stop(id)).collect()
    }

    /// Everything is told to stop: another program works the line, or the line goes.
    pub(crate) fn drop_all(&mut self) -> Vec<Drive> {
        let all: Vec<LiveId> = self.held.keys().copied().collect();
        all.into_iter().filter_map(|id| self.stop(id)).collect()
    }

    fn stop(&mut self, id: LiveId) -> Option<Drive> {
        let held = self.held.remove(&id)?;
        let seq = held.seq.saturating_add(1);
        Some(Drive { live_id: id, reference: held.reference, seq, motion: None, until: held.until, for_ms: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vigie_core::command::{LIVE_LIFE, LIVE_STOP};
    use vigie_core::ids::EquipmentId;

    const KEY: LiveId = LiveId(Uuid::from_u128(5));

    fn at(ms: u64) -> Moment {
        Moment { wall: Timestamp(1_000_000), boot: Duration::from_millis(10_000 + ms) }
    }

    fn told(seq: i64, for_ms: i64) -> LiveNow {
        LiveNow {
            live_id: KEY,
            equipment_id: EquipmentId(Uuid::nil()),
            reference: "CAM-1".into(),
            seq,
            motion: Motion { pan: 1, ..Motion::default() },
            until: Timestamp(1_000_000 + for_ms),
            for_ms,
        }
    }

    fn life() -> i64 {
        i64::try_from(LIVE_LIFE.as_millis()).unwrap()
    }

    #[test]
    fn l_each_sign_moves_the_device_for_a_moment_and_is_told_once() {
        let mut keys = Keys::default();
        let first = keys.take(vec![told(1, life())], at(0));
        assert_eq!(
            first.iter().map(|d| (d.seq, d.motion.is_some(), d.for_ms)).collect::<Vec<_>>(),
            [(1, true, life())]
        );
        assert!(keys.take(vec![told(1, 700)], at(100)).is_empty(), "nothing new was said");
        assert_eq!(keys.take(vec![told(2, life())], at(200)).len(), 1);
        assert!(keys.take(vec![told(1, life())], at(300)).is_empty(), "an old word");
    }

    #[test]
    fn l_what_is_let_go_is_told_to_stop_at_once() {
        let mut keys = Keys::default();
        keys.take(vec![told(4, life())], at(0));
        let stopped = keys.take(Vec::new(), at(100));
        assert_eq!((stopped[0].seq, stopped[0].motion, stopped[0].for_ms), (5, None, 0));
        assert!(keys.take(Vec::new(), at(200)).is_empty() && keys.lapse(at(5_000)).is_empty(), "once");
    }

    #[test]
    fn l_a_metropolis_that_is_silent_stops_the_device_within_a_second() {
        let mut keys = Keys::default();
        keys.take(vec![told(4, life())], at(0));
        assert!(keys.lapse(at(799)).is_empty());
        let stopped = keys.lapse(at(800));
        assert_eq!(stopped.len(), 1);
        assert!(LIVE_LIFE < LIVE_STOP && stopped[0].motion.is_none());
    }

    #[test]
    fn l_what_has_no_moment_left_is_not_told() {
        let mut keys = Keys::default();
        assert!(keys.take(vec![told(1, 0), told(1, -30)], at(0)).is_empty());
        keys.take(vec![told(1, life())], at(0));
        assert_eq!(keys.drop_all().len(), 1, "whoever leaves the line stops what he moved");
    }
}
