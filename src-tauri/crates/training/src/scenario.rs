//! Scenarios: what happens to the room while the city lives.

use std::time::Duration;

use vigie_core::time::Timestamp;

use crate::field::Failure;

/// After this time the cut-link scenario pulls the plug.
const CUT_AFTER: Duration = Duration::from_mins(1);
/// And puts it back after this time.
const CUT_FOR: Duration = Duration::from_mins(10);

/// What fails in the flood of alarms, how long after its start, with about so many lights.
const FLOOD: &[(Duration, Failure)] = &[
    (Duration::from_secs(30), Failure::Substation(240)),
    (Duration::from_secs(120), Failure::Cabinet(100)),
    (Duration::from_secs(210), Failure::Cabinet(60)),
];

/// A scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing but what happens every night.
    OrdinaryNight,
    /// The link is cut a minute after the start, for ten minutes.
    CutLink,
    /// The lighting system falls silent a minute after the start, for ten minutes; the link lives.
    SilentSource,
    /// A substation fails, then two cabinets elsewhere: four hundred alarms in ten minutes, of three causes.
    AlarmFlood,
    /// The Ouche rises from green to red over a night; a gauge is lost on the way.
    RisingRiver,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: &'static [Self] =
        &[Self::OrdinaryNight, Self::CutLink, Self::SilentSource, Self::AlarmFlood, Self::RisingRiver];

    /// Its code, as on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OrdinaryNight => "ordinary-night",
            Self::CutLink => "cut-link",
            Self::SilentSource => "silent-source",
            Self::AlarmFlood => "alarm-flood",
            Self::RisingRiver => "rising-river",
        }
    }

    /// The scenario of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.code() == code)
    }
}

/// A scenario being played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Play {
    pub(crate) scenario: Scenario,
    began: Timestamp,
    /// How many of its moves are made: a plug that a person moves meanwhile stays where he put it.
    made: usize,
}

impl Play {
    /// Starts a scenario.
    pub(crate) fn new(scenario: Scenario, began: Timestamp) -> Self {
        Self { scenario, began, made: 0 }
    }

    /// Where the plug goes now, if the scenario moves it now.
    pub(crate) fn plug(&mut self, now: Timestamp) -> Option<bool> {
        let moves: &[(Duration, bool)] = match self.scenario {
            Scenario::OrdinaryNight | Scenario::SilentSource | Scenario::AlarmFlood | Scenario::RisingRiver => &[],
            Scenario::CutLink => {
                &[(CUT_AFTER, false), (Duration::from_secs(CUT_AFTER.as_secs() + CUT_FOR.as_secs()), true)]
            }
        };
        let mut plug = None;
        while let Some((after, plugged)) = moves.get(self.made).filter(|(after, _)| now.since(self.began) >= *after) {
            tracing::info!(
                scenario = self.scenario.code(),
                after_s = after.as_secs(),
                plugged,
                "the scenario moves the plug"
            );
            plug = Some(*plugged);
            self.made += 1;
        }
        plug
    }

    /// The system of the city that says nothing at `now`.
    pub(crate) fn silenced(&self, now: Timestamp) -> Option<&'static str> {
        let since = now.since(self.began);
        let silent = self.scenario == Scenario::SilentSource && since >= CUT_AFTER && since < CUT_AFTER + CUT_FOR;
        silent.then_some("lighting")
    }

    /// When the Ouche began to rise, if it does.
    pub(crate) fn flood(&self) -> Option<Timestamp> {
        (self.scenario == Scenario::RisingRiver).then_some(self.began)
    }

    /// What fails now.
    pub(crate) fn failures(&mut self, now: Timestamp) -> Vec<Failure> {
        let failures: &[(Duration, Failure)] = match self.scenario {
            Scenario::OrdinaryNight | Scenario::CutLink | Scenario::SilentSource | Scenario::RisingRiver => &[],
            Scenario::AlarmFlood => FLOOD,
        };
        let mut failing = Vec::new();
        while let Some((_, failure)) = failures.get(self.made).filter(|(after, _)| now.since(self.began) >= *after) {
            tracing::info!(scenario = self.scenario.code(), ?failure, "the scenario lets something fail");
            failing.push(*failure);
            self.made += 1;
        }
        failing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_lasts_ten_minutes_and_each_move_is_made_once() {
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        let mut play = Play::new(Scenario::CutLink, at(0));
        assert_eq!(play.plug(at(59)), None);
        assert_eq!(play.plug(at(60)), Some(false));
        assert_eq!(play.plug(at(61)), None);
        assert_eq!(play.plug(at(660)), Some(true));
        assert_eq!(play.plug(at(9_999)), None);
        let mut leapt = Play::new(Scenario::CutLink, at(0));
        assert_eq!(leapt.plug(at(5_000)), Some(true));
    }

    #[test]
    fn the_lighting_system_is_silent_for_ten_minutes_and_only_in_its_scenario() {
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        let play = Play::new(Scenario::SilentSource, at(0));
        let silent = [59, 60, 659, 660].map(|s| play.silenced(at(s)).is_some());
        assert_eq!(silent, [false, true, true, false]);
        assert_eq!(Play::new(Scenario::CutLink, at(0)).silenced(at(100)), None);
        let floods: Vec<_> = Scenario::ALL.iter().map(|of| Play::new(*of, at(9)).flood()).collect();
        assert_eq!(floods, [None, None, None, None, Some(at(9))], "and the river rises in its own only");
    }

    #[test]
    fn codes_lead_back_to_their_scenario() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::from_code(scenario.code()), Some(*scenario));
        }
        assert_eq!(Scenario::from_code("flood"), None);
    }

    #[test]
    fn the_flood_has_three_causes_that_fail_one_after_the_other() {
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        let mut play = Play::new(Scenario::AlarmFlood, at(0));
        let counts: Vec<usize> =
            [29, 30, 31, 120, 210, 9_999].into_iter().map(|s| play.failures(at(s)).len()).collect();
        assert_eq!(counts, [0, 1, 0, 1, 1, 0]);
        assert_eq!(play.plug(at(9_999)), None);
    }
}
