//! Command classes, as data: how long a command lives and what an interrupted link does to it.

use std::time::Duration;

use crate::command::{Action, Params};

crate::table::codes! {
    /// Class of a command. It belongs to the action, and rises with what surrounds the object ([`classify`]).
    ClassCode {
        /// Reads only.
        A = "A",
        /// Comfort, bounded.
        B = "B",
        /// Service.
        C = "C",
        /// Danger to people.
        D = "D",
        /// Live, held.
        L = "L",
    }
}

impl ClassCode {
    /// Longest life, from operating to acceptance. A metropolis may shorten it, never lengthen it.
    pub const fn life(self) -> Duration {
        Duration::from_secs(match self {
            Self::A => 24 * 3600,
            Self::B => 15 * 60,
            Self::C => 5 * 60,
            Self::D => 30,
            Self::L => 1,
        })
    }

    /// Whether it may wait in the outbox without a link (R1).
    pub const fn may_queue(self) -> bool {
        matches!(self, Self::A | Self::B)
    }
}

/// What stands around an object that can make an action on it dangerous.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// It lights a crossing.
    pub crossing: bool,
    /// Level under which its street is no longer safe, %.
    pub safety_level: i64,
    /// Other lights within two ranks on the same street that are, or are asked to be, under their safety level, by a level or
    /// by a programme.
    pub neighbours_below: u32,
    /// The lowest level by night of the programme that is asked for, %.
    pub lowest: Option<i64>,
}

/// Class of an action with these parameters on an object in these surroundings.
///
/// An unknown action is D. Lighting under its safety level at a crossing, or on a third neighbouring light, is D at any hour:
/// an effect asked by day may last into the night. A programme counts by its lowest level by night (R19).
pub fn classify(action: Option<&Action>, params: &Params, around: Surroundings) -> ClassCode {
    let Some(action) = action else { return ClassCode::D };
    let level = params.number("level").or(around.lowest.map(|level| level as f64));
    let dims = level.is_some_and(|level| level < around.safety_level as f64);
    if action.dims && dims && (around.crossing || around.neighbours_below >= 2) {
        return ClassCode::D;
    }
    action.class
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::action;
    use serde_json::json;

    fn level(level: i64) -> Params {
        Params::from(json!({ "level": level }))
    }

    #[test]
    fn an_unknown_action_is_dangerous() {
        assert_eq!(classify(None, &level(50), Surroundings::default()), ClassCode::D);
    }

    #[test]
    fn dimming_one_light_is_comfort_until_it_darkens_a_crossing_or_a_third_neighbour() {
        let dim = action("street_light.set_level");
        let plain = Surroundings { safety_level: 30, neighbours_below: 1, ..Surroundings::default() };
        assert_eq!(classify(dim, &level(0), plain), ClassCode::B);
        assert_eq!(classify(dim, &level(0), Surroundings { neighbours_below: 2, ..plain }), ClassCode::D);
        assert_eq!(classify(dim, &level(0), Surroundings { crossing: true, ..plain }), ClassCode::D);
        assert_eq!(classify(dim, &level(30), Surroundings { crossing: true, ..plain }), ClassCode::B);
    }

    #[test]
    fn r19_a_programme_has_the_class_of_its_worst_step_and_is_a_service_at_least() {
        let apply = action("street_light.set_programme");
        let on = |lowest, crossing, neighbours_below| {
            let around = Surroundings { crossing, safety_level: 30, neighbours_below, lowest: Some(lowest) };
            classify(apply, &Params::default(), around)
        };
        assert_eq!(on(50, true, 2), ClassCode::C);
        assert_eq!(on(0, false, 1), ClassCode::C);
        assert_eq!(on(0, true, 0), ClassCode::D);
        assert_eq!(on(20, false, 2), ClassCode::D);
    }

    #[test]
    fn only_reads_and_comfort_may_wait_for_a_link() {
        let queued: Vec<_> = ClassCode::ALL.iter().filter(|c| c.may_queue()).collect();
        assert_eq!(queued, [&ClassCode::A, &ClassCode::B]);
    }
}
