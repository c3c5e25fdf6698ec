//! How much an alarm system asks of a room: floods, load, alarms that chatter or stand, and who rings when nobody comes.
//!
//! Figures are those of ISA-18.2 and EEMUA 191, for one operator and ten minutes.

use std::time::Duration;

use crate::table::Alarm;
use crate::time::Timestamp;

/// The ten minutes of every figure here.
pub const LOAD_WINDOW: Duration = Duration::from_mins(10);
/// Alarms that one operator takes without strain in that time.
pub const LOAD_RECOMMENDED: u32 = 1;
/// More than this many are a flood.
pub const LOAD_WORST: u32 = 10;
/// Below this many a flood is over.
const FLOOD_ENDS: u32 = 5;
/// An alarm raised so many times within [`CHATTER_WINDOW`] comes and goes. ISA-18.2 counts three a minute in a process; devices
/// that report once a minute cannot, and are no less of a nuisance.
pub const CHATTER_RAISES: usize = 3;
/// See [`CHATTER_RAISES`].
pub const CHATTER_WINDOW: Duration = Duration::from_mins(10);
/// An alarm that is active for longer stands: it is no news to anybody, and belongs on a work order.
pub const STANDING_AFTER: Duration = Duration::from_hours(24);
/// A priority 1 that nobody takes rings every desk after this, and is told to the person on call after the next.
const EVERY_DESK_AFTER: Duration = Duration::from_mins(2);
const ON_CALL_AFTER: Duration = Duration::from_mins(5);

crate::table::codes! {
    /// What a number of alarms in ten minutes asks of one operator (EEMUA 191).
    LoadWord {
        /// One at most.
        Acceptable = "acceptable",
        /// Two.
        Manageable = "manageable",
        /// Up to ten: others must come and help.
        Demanding = "demanding",
        /// More: some will be missed.
        TooMuch = "too_much",
    }
}

/// What so many alarms in [`LOAD_WINDOW`] ask of one operator.
pub const fn load_word(raised: u32) -> LoadWord {
    match raised {
        0..=1 => LoadWord::Acceptable,
        2 => LoadWord::Manageable,
        3..=LOAD_WORST => LoadWord::Demanding,
        _ => LoadWord::TooMuch,
    }
}

/// Whether it is a flood, given whether it was one and how many alarms were raised in the last [`LOAD_WINDOW`] for so many
/// operators: begun over ten each, over below five each.
pub fn flood(on: bool, raised: usize, operators: usize) -> bool {
    let operators = operators.max(1);
    if on { raised >= FLOOD_ENDS as usize * operators } else { raised > LOAD_WORST as usize * operators }
}

/// Whether an alarm with these raises (in any order) comes and goes at `now`.
pub fn chatters(raises: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> bool {
    raises.into_iter().filter(|at| now.since(*at) <= CHATTER_WINDOW).count() >= CHATTER_RAISES
}

/// Whether an alarm stands at `now`.
pub fn stands(alarm: &Alarm, now: Timestamp) -> bool {
    alarm.active && now.since(alarm.raised_at) > STANDING_AFTER
}

/// Whether nobody has taken an alarm that asks to be: it is announced until then. One under its cause asks for nothing.
pub fn untaken(alarm: &Alarm) -> bool {
    alarm.open && !alarm.acknowledged && !alarm.suspended && alarm.cause_id.is_none()
}

/// How far an alarm must have been carried at `now`: 1 to every desk, 2 to the person on call.
pub fn escalation_due(alarm: &Alarm, now: Timestamp) -> i64 {
    if alarm.priority != 1 || !untaken(alarm) {
        return 0;
    }
    match now.since(alarm.asked_at) {
        waited if waited >= ON_CALL_AFTER => 2,
        waited if waited >= EVERY_DESK_AFTER => 1,
        _ => 0,
    }
}

/// The instant of the next step of [`escalation_due`] after `level`, of an alarm that asks to be taken since `asked_at`.
pub fn escalates_at(asked_at: Timestamp, level: i64) -> Option<Timestamp> {
    match level {
        0 => Some(asked_at.plus(EVERY_DESK_AFTER)),
        1 => Some(asked_at.plus(ON_CALL_AFTER)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::life::tests::alarm;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn a_flood_begins_over_ten_each_and_ends_below_five_each() {
        for operators in [1, 2, 4] {
            let mut on = false;
            for raised in 0..=10 * operators {
                on = flood(on, raised, operators);
                assert!(!on, "{raised} for {operators}");
            }
            assert!(flood(false, 10 * operators + 1, operators));
            assert!(flood(true, 5 * operators, operators), "it does not end where it might begin again at once");
            assert!(!flood(true, 5 * operators - 1, operators));
        }
        assert!(flood(false, 11, 0), "a room without anybody is flooded as soon as one with somebody");
    }

    #[test]
    fn the_load_has_a_word_for_every_number() {
        use LoadWord::{Acceptable, Demanding, Manageable, TooMuch};
        let words: Vec<_> = [0, 1, 2, 3, 10, 11].into_iter().map(load_word).collect();
        assert_eq!(words, [Acceptable, Acceptable, Manageable, Demanding, Demanding, TooMuch]);
    }

    #[test]
    fn three_raises_in_ten_minutes_chatter_and_older_ones_do_not_count() {
        let ago = |minutes: u64| NOW.minus(Duration::from_mins(minutes));
        assert!(!chatters([ago(0), ago(5)], NOW));
        assert!(chatters([ago(0), ago(5), ago(10)], NOW));
        assert!(!chatters([ago(0), ago(5), ago(11), ago(12)], NOW));
    }

    #[test]
    fn an_alarm_stands_after_a_day_and_not_once_it_cleared() {
        let mut old = alarm(2, NOW.minus(STANDING_AFTER));
        assert!(!stands(&old, NOW));
        assert!(stands(&old, NOW.plus(Duration::from_millis(1))));
        old.active = false;
        assert!(!stands(&old, NOW.plus(Duration::from_millis(1))));
    }

    #[test]
    fn a_priority_1_that_nobody_takes_rings_every_desk_after_two_minutes_and_the_person_on_call_after_five() {
        let at = |seconds: u64| NOW.plus(Duration::from_secs(seconds));
        let raised = alarm(1, NOW);
        let due: Vec<_> = [0, 119, 120, 299, 300, 9_999].into_iter().map(|s| escalation_due(&raised, at(s))).collect();
        assert_eq!(due, [0, 0, 1, 1, 2, 2]);
        let (mut first, mut next) = (Vec::new(), 0);
        while let Some(step) = escalates_at(NOW, next) {
            first.push(step);
            next = escalation_due(&raised, step);
        }
        assert_eq!(first, [at(120), at(300)]);
        let taken = crate::table::Alarm { acknowledged: true, ..raised.clone() };
        let shelved = crate::table::Alarm { suspended: true, ..raised.clone() };
        let under = crate::table::Alarm { cause_id: Some(raised.alarm_id), ..raised.clone() };
        let lesser = crate::table::Alarm { priority: 2, ..raised.clone() };
        for quiet in [taken, shelved, under, lesser] {
            assert_eq!(escalation_due(&quiet, at(9_999)), 0);
        }
        let cleared = crate::table::Alarm { active: false, ..raised };
        assert_eq!(escalation_due(&cleared, at(300)), 2, "what came and went is still to be taken by somebody");
    }
}
