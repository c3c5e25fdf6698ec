//! One rule on one object: whether its condition holds, told each new state.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use crate::alarm::Condition;
use crate::alarm::rule::{Limit, Side};
use crate::equipment::{Mode, Quality, Reach};
use crate::table::{AlarmRule, EquipmentState};
use crate::time::Timestamp;

/// Samples kept of a number whose rate is looked at.
const SAMPLES: usize = 64;

/// What a state says of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// It holds; with the values to show, and whether it is the worse of two limits.
    Holds { details: Value, worse: bool },
    /// It does not.
    Over,
    /// The state says nothing of it: it stays as it is.
    Nothing,
}

/// One rule on one object.
#[derive(Debug, Clone)]
pub(super) struct Sense {
    /// Place of the rule.
    pub rule: usize,
    /// Whether the condition held when last told.
    pub holds: bool,
    /// Whether any state said something of it.
    pub told: bool,
    /// Whether it was the worse of two limits when last told.
    pub worse: bool,
    limit: Option<f64>,
    worse_limit: Option<f64>,
    samples: VecDeque<(Timestamp, f64)>,
}

impl Sense {
    /// A rule on an object with these attributes; none where the rule has no limit for it.
    pub(super) fn new(place: usize, rule: &AlarmRule, attributes: &Value) -> Option<Self> {
        let (limit, worse_limit) = match &rule.condition {
            Condition::Threshold { limit, worse, .. } => {
                (Some(limit.of(attributes)?), worse.as_ref().and_then(|w| Limit::of(w, attributes)))
            }
            _ => (None, None),
        };
        Some(Self {
            rule: place,
            holds: false,
            told: false,
            worse: false,
            limit,
            worse_limit,
            samples: VecDeque::new(),
        })
    }

    /// Goes on from an alarm that is active (and the worse of two), or from none.
    pub(super) fn begin(&mut self, active: Option<bool>) {
        self.holds = active.is_some();
        self.worse = active.unwrap_or(false);
    }

    /// Takes in a state.
    pub(super) fn tell(&mut self, condition: &Condition, state: &EquipmentState) -> Said {
        if state.mode == Mode::OutOfService {
            return Said::Over;
        }
        if *condition == Condition::Reach {
            return match state.reach {
                Reach::Reachable => Said::Over,
                lost => Said::Holds { details: json!({ "reach": lost }), worse: false },
            };
        }
        if matches!(state.quality, Quality::Bad | Quality::Never) {
            return Said::Nothing;
        }
        match condition {
            Condition::State { key, one_of } => {
                let value = state.reading.0.get(key);
                // What a desk asked for is no news to it.
                let asked = state.target.as_ref().and_then(|t| t.0.get(key)).is_some_and(|asked| Some(asked) == value);
                match value.filter(|value| !asked && one_of.contains(value)) {
                    Some(value) => Said::Holds { details: json!({ key: value }), worse: false },
                    None => Said::Over,
                }
            }
            Condition::Threshold { key, side, deadband, .. } => match state.reading.number(key) {
                Some(value) => self.against_limit(key, value, *side, *deadband),
                None => Said::Nothing,
            },
            Condition::Rate { key, per_hour, over_s } => match (state.reading.number(key), state.observed_at) {
                (Some(value), Some(at)) => self.against_rate(key, value, at, *per_hour, *over_s),
                _ => Said::Nothing,
            },
            _ => Said::Nothing,
        }
    }

    fn against_limit(&mut self, key: &str, value: f64, side: Side, deadband: f64) -> Said {
        let Some(limit) = self.limit else { return Said::Nothing };
        let past = |limit: f64, was: bool| {
            let back = if was { deadband } else { 0.0 };
            match side {
                Side::Over => value >= limit - back,
                Side::Under => value <= limit + back,
            }
        };
        if !past(limit, self.holds) {
            self.worse = false;
            return Said::Over;
        }
        self.worse = self.worse_limit.is_some_and(|worse| past(worse, self.worse));
        let limit = self.worse_limit.filter(|_| self.worse).unwrap_or(limit);
        Said::Holds { details: json!({ key: value, "limit": limit }), worse: self.worse }
    }

    fn against_rate(&mut self, key: &str, value: f64, at: Timestamp, per_hour: f64, over_s: i64) -> Said {
        if self.samples.back().is_some_and(|(last, _)| *last >= at) {
            return Said::Nothing;
        }
        self.samples.push_back((at, value));
        let over = Duration::from_secs(over_s.unsigned_abs());
        // The first sample kept is the last one that is old enough, so that the measure spans the whole time asked for.
        while self.samples.len() > SAMPLES || self.samples.get(1).is_some_and(|(next, _)| at.since(*next) >= over) {
            self.samples.pop_front();
        }
        let Some((from, before)) = self.samples.front().copied().filter(|(from, _)| at.since(*from) >= over) else {
            return Said::Nothing;
        };
        let rate = (value - before) / (at.since(from).as_secs_f64() / 3_600.0);
        let fast = if per_hour < 0.0 { rate <= per_hour } else { rate >= per_hour };
        if fast {
            Said::Holds { details: json!({ key: value, "per_hour": rate.round() }), worse: false }
        } else {
            Said::Over
        }
    }
}
