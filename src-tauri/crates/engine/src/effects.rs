//! What is in force now: every override that a command brought about, and what became of it (R3).

use std::time::Duration;

use vigie_core::command::EffectState;
use vigie_core::table::Command;
use vigie_core::time::Timestamp;

use crate::engine::Engine;

/// What ended is shown for so long.
const ENDED_KEPT: Duration = Duration::from_hours(8);

/// What an effect asks of whoever looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its end passed and nobody saw it.
    Overdue,
    /// The object left it before its end, which is still to come: something else decides over it.
    Contradicted,
    /// In force, to its end.
    InForce,
    /// Over.
    Ended,
}

/// How an effect stands at `now`; none when there is none, or it is over for long.
pub(crate) fn standing(effect: Option<EffectState>, until: Option<Timestamp>, now: Timestamp) -> Option<Standing> {
    let until = until?;
    let recent = now.since(until) <= ENDED_KEPT;
    match effect? {
        EffectState::Overdue => Some(Standing::Overdue),
        EffectState::InForce => Some(Standing::InForce),
        EffectState::Contradicted if until > now => Some(Standing::Contradicted),
        EffectState::Contradicted | EffectState::Ended if recent => Some(Standing::Ended),
        EffectState::Contradicted | EffectState::Ended => None,
    }
}

impl Engine {
    /// The effects that are in force, that did not end, and that ended lately: what asks something first, then what ends first.
    pub fn effects(&self) -> Vec<(Standing, Command)> {
        let now = self.now();
        let found = self.commands(|c| c.row.as_ref().is_some_and(|row| row.effect.is_some()));
        let rows = found.into_iter().filter_map(|c| c.row);
        let mut effects: Vec<_> =
            rows.filter_map(|row| Some((standing(row.effect, row.effect_until, now)?, row))).collect();
        effects.sort_by_key(|(standing, row)| {
            let until = row.effect_until.unwrap_or_default();
            // What ended last is looked for first.
            let at = if *standing == Standing::Ended { -until.0 } else { until.0 };
            (*standing, at, row.command_id)
        });
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_500_000_000);

    fn at(effect: EffectState, seconds: i64) -> Option<Standing> {
        standing(Some(effect), Some(Timestamp(NOW.0 + seconds * 1_000)), NOW)
    }

    #[test]
    fn r3_what_did_not_end_stands_out_however_old_it_is() {
        assert_eq!(at(EffectState::Overdue, -500_000), Some(Standing::Overdue));
        assert!(Standing::Overdue < Standing::Contradicted && Standing::Contradicted < Standing::InForce);
    }

    #[test]
    fn r3_an_effect_that_was_contradicted_asks_something_until_its_end_would_have_come() {
        assert_eq!(at(EffectState::Contradicted, 60), Some(Standing::Contradicted));
        assert_eq!(at(EffectState::Contradicted, -60), Some(Standing::Ended));
    }

    #[test]
    fn r3_what_ended_is_shown_for_a_shift_and_what_never_lasted_is_not() {
        assert_eq!(at(EffectState::Ended, -60), Some(Standing::Ended));
        assert_eq!(at(EffectState::Ended, -8 * 3_600 - 1), None);
        assert_eq!(standing(None, Some(NOW), NOW), None);
        assert_eq!(standing(Some(EffectState::InForce), None, NOW), None);
    }
}
