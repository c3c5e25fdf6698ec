//! The lowest level that a programme may leave in force by night: what its class is made of, wherever and whenever it runs.

use crate::programme::{Anchor, Content, Step};

/// Whether a step is of the day for certain: at dawn or after it.
const fn is_of_the_day(step: &Step) -> bool {
    matches!(step.from, Anchor::Dawn) && step.minutes >= 0
}

/// Whether the night begins with a step of this programme for certain: at dusk or before it.
const fn opens_the_night(step: &Step) -> bool {
    matches!(step.from, Anchor::Dusk) && step.minutes <= 0
}

/// The lowest level of lighting that may be in force by night, %; none for signals, or where no step sets a level.
///
/// It depends on nothing but what is written: a step by the clock may be by night on some day of some year, and counts.
/// What is set at dawn or later counts only where a control programme does not open its night at dusk or before: it would
/// stay in force. The metropolis computes the same (`vigie.programme_lowest`).
pub fn lowest_by_night(content: &Content) -> Option<i64> {
    let opened = content.programmes.iter().all(|programme| programme.steps.iter().any(opens_the_night));
    let steps = content.programmes.iter().flat_map(|programme| &programme.steps);
    steps.filter(|step| !opened || !is_of_the_day(step)).filter_map(|step| step.level).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::{lighting, signals, step};
    use crate::programme::{ControlProgramme, Rule};

    #[test]
    fn r19_off_at_dawn_is_of_the_day_while_each_night_is_opened_at_dusk() {
        assert_eq!(lowest_by_night(&lighting()), Some(50));
        assert_eq!(lowest_by_night(&signals()), None);
    }

    #[test]
    fn r19_a_night_that_one_control_programme_does_not_open_keeps_what_the_morning_before_left() {
        let mut content = lighting();
        let late = ControlProgramme { name: "tard".into(), steps: vec![step(Anchor::Dusk, 20, 100)] };
        content.programmes.push(late);
        content.rules.push(Rule { programme: "tard".into(), days: Vec::new(), from: None, until: None });
        assert_eq!(lowest_by_night(&content), Some(0));
    }

    #[test]
    fn r19_off_by_the_clock_or_before_dawn_is_off_by_night() {
        for dark in [step(Anchor::Clock, 7 * 60, 0), step(Anchor::Dawn, -1, 0), step(Anchor::Dusk, 0, 0)] {
            let mut content = lighting();
            content.programmes[0].steps.push(dark);
            assert_eq!(lowest_by_night(&content), Some(0));
        }
    }
}
