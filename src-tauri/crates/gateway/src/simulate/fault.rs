//! Faults of devices on demand, and by chance.
//!
//! | line on the standard input | what it does |
//! |---|---|
//! | `delay DEVICE SECONDS` | it answers so much later |
//! | `mute DEVICE` | it does what it is told, shows it, and does not answer |
//! | `double DEVICE` | it answers twice |
//! | `late DEVICE` | it answers when nobody awaits it any more |
//! | `well DEVICE` | none of these any more |
//! | `off DEVICE`, `on DEVICE` | it has no power: it hears nothing, says nothing; then it begins again in its programme |
//! | `replace DEVICE` | another is put in its place, which follows the programme built into it |
//! | `death LINE`, `birth LINE` | the line's connection is lost without a farewell; then it comes back |
//!
//! `DEVICE` is a reference, or `*` for all.

use std::collections::HashMap;
use std::time::Duration;

use vigie_core::house::ANSWER_WITHIN;
use vigie_core::ids::CommandId;
use vigie_training::chance::luck;

/// A late answer comes so long after the house gave it up.
const LATE_BY: Duration = Duration::from_secs(5);
/// Longest delay by chance.
const DELAY: Duration = Duration::from_secs(10);

/// How a device answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    Delay(Duration),
    Mute,
    Double,
    Late,
}

impl Habit {
    /// After how long each of its answers leaves.
    pub(super) fn answers(self) -> Vec<Duration> {
        match self {
            Self::Delay(by) => vec![by],
            Self::Mute => Vec::new(),
            Self::Double => vec![Duration::ZERO, Duration::ZERO],
            Self::Late => vec![ANSWER_WITHIN + LATE_BY],
        }
    }
}

/// What is demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Demand {
    /// Of a device, or of all: a habit, or none any more.
    Habit(Option<String>, Option<Habit>),
    /// Of a device, or of all: power.
    Power(Option<String>, bool),
    /// Of a device, or of all: another in its place.
    Replace(Option<String>),
    /// Of a line: a connection.
    Line(String, bool),
}

impl Demand {
    /// From a line of the standard input.
    pub(super) fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let of = |device: &str| (device != "*").then(|| device.to_owned());
        Some(match *words.as_slice() {
            ["delay", device, seconds] => {
                let by = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
                Self::Habit(of(device), Some(Habit::Delay(by)))
            }
            ["mute", device] => Self::Habit(of(device), Some(Habit::Mute)),
            ["double", device] => Self::Habit(of(device), Some(Habit::Double)),
            ["late", device] => Self::Habit(of(device), Some(Habit::Late)),
            ["well", device] => Self::Habit(of(device), None),
            ["off", device] => Self::Power(of(device), false),
            ["on", device] => Self::Power(of(device), true),
            ["replace", device] => Self::Replace(of(device)),
            ["death", line] => Self::Line(line.to_owned(), false),
            ["birth", line] => Self::Line(line.to_owned(), true),
            _ => return None,
        })
    }
}

/// The habits of devices.
pub(super) struct Habits {
    seed: u64,
    /// Share of commands that meet one by chance.
    share: f64,
    all: Option<Habit>,
    own: HashMap<String, Option<Habit>>,
}

impl Habits {
    pub(super) fn new(seed: u64, share: f64) -> Self {
        Self { seed, share, all: None, own: HashMap::new() }
    }

    pub(super) fn demand(&mut self, device: Option<String>, habit: Option<Habit>) {
        if let Some(device) = device {
            self.own.insert(device, habit);
        } else {
            self.own.clear();
            self.all = habit;
        }
    }

    /// After how long each answer of a device to a command leaves.
    pub(super) fn answers(&self, reference: &str, command_id: CommandId) -> Vec<Duration> {
        let demanded = self.own.get(reference).copied().unwrap_or(self.all);
        let habit = demanded.or_else(|| self.by_chance(command_id));
        habit.map_or_else(|| vec![Duration::ZERO], Habit::answers)
    }

    fn by_chance(&self, command_id: CommandId) -> Option<Habit> {
        let luck = |salt| luck(self.seed, command_id.0.as_u128() as u64, salt);
        let habit = match (luck(72) * 4.0) as u8 {
            0 => Habit::Delay(DELAY.mul_f64(luck(73))),
            1 => Habit::Mute,
            2 => Habit::Double,
            _ => Habit::Late,
        };
        (luck(71) < self.share).then_some(habit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_demand_is_read_and_anything_else_is_not() {
        assert_eq!(Demand::read(" off  EC-1 "), Some(Demand::Power(Some("EC-1".into()), false)));
        assert_eq!(Demand::read("late *"), Some(Demand::Habit(None, Some(Habit::Late))));
        let delay = Demand::Habit(Some("EC-1".into()), Some(Habit::Delay(Duration::from_millis(1_500))));
        assert_eq!(Demand::read("delay EC-1 1.5"), Some(delay));
        assert_eq!(Demand::read("death lights"), Some(Demand::Line("lights".into(), false)));
        for other in ["", "delay EC-1", "delay EC-1 -3", "explode EC-1", "mute"] {
            assert_eq!(Demand::read(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_demanded_of_one_device_holds_for_it_and_what_is_demanded_of_all_for_every_other() {
        let mut habits = Habits::new(1, 0.0);
        let id = CommandId(Uuid::from_u128(7));
        assert_eq!(habits.answers("A", id), [Duration::ZERO]);
        habits.demand(None, Some(Habit::Mute));
        habits.demand(Some("A".into()), None);
        assert_eq!((habits.answers("A", id).len(), habits.answers("B", id).len()), (1, 0));
        habits.demand(None, None);
        assert_eq!(habits.answers("B", id), [Duration::ZERO]);
    }

    #[test]
    fn by_chance_a_share_of_commands_meets_each_fault() {
        let habits = Habits::new(1, 0.5);
        let answers: Vec<_> = (0..400).map(|n| habits.answers("A", CommandId(Uuid::from_u128(n)))).collect();
        let mute = answers.iter().filter(|a| a.is_empty()).count();
        let double = answers.iter().filter(|a| a.len() == 2).count();
        let late = answers.iter().filter(|a| a.iter().any(|by| *by > ANSWER_WITHIN)).count();
        assert!([mute, double, late].iter().all(|n| (25..80).contains(n)), "{mute} {double} {late}");
    }
}
