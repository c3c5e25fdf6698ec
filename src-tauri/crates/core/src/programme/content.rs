//! A programme as it is written. What two people approve is this, whole: its name and its dates are part of it.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::equipment::EquipmentKind;
use crate::programme::is_holiday;

crate::table::codes! {
    /// What a programme is for.
    ProgrammeKind {
        /// Levels of street lights.
        Lighting = "lighting",
        /// Plans of signal junctions.
        Signals = "signals",
    }
}

impl ProgrammeKind {
    /// The equipment that follows it.
    pub const fn equipment(self) -> EquipmentKind {
        match self {
            Self::Lighting => EquipmentKind::StreetLight,
            Self::Signals => EquipmentKind::SignalJunction,
        }
    }

    /// The kind of programme that equipment follows; none for what follows none of ours.
    pub const fn of(kind: EquipmentKind) -> Option<Self> {
        match kind {
            EquipmentKind::StreetLight => Some(Self::Lighting),
            EquipmentKind::SignalJunction => Some(Self::Signals),
            _ => None,
        }
    }

    /// The action that applies it.
    pub const fn apply_action(self) -> &'static str {
        match self {
            Self::Lighting => "street_light.set_programme",
            Self::Signals => "signal_junction.set_programme",
        }
    }

    /// The action that goes back to the former one (R17).
    pub const fn return_action(self) -> &'static str {
        match self {
            Self::Lighting => "street_light.former_programme",
            Self::Signals => "signal_junction.former_programme",
        }
    }

    /// Minutes after midnight at which its day begins: noon for nights, midnight for plans.
    pub const fn begins_at(self) -> i64 {
        match self {
            Self::Lighting => 12 * 60,
            Self::Signals => 0,
        }
    }
}

crate::table::codes! {
    /// What the time of a step is counted from.
    Anchor {
        /// Local time: minutes after midnight.
        Clock = "clock",
        /// Civil dusk of the evening: minutes after it, or before it where negative.
        Dusk = "dusk",
        /// Civil dawn of the morning that follows: likewise.
        Dawn = "dawn",
    }
}

crate::table::codes! {
    /// What a day is: one of the week, and besides it may be a public holiday.
    Day {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
        /// A public holiday, whatever day of the week it is.
        Holiday = "holiday",
    }
}

impl Day {
    /// The days of the week.
    pub const WEEK: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// The day of the week of a date.
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// A plan by its name, as the junction's controller numbers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct NamedPlan {
    /// Its name.
    pub name: String,
    /// Its number, 1 to 8.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub number: i64,
}

/// From an instant of the day on, what holds until the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What its time is counted from.
    pub from: Anchor,
    /// Minutes: after midnight (0 to 1439), or from dusk or dawn (-180 to 180).
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub minutes: i64,
    /// Of lighting: the level, %.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub level: Option<i64>,
    /// Of signals: the name of the plan.
    pub plan: Option<String>,
}

/// What a step sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// A level, %.
    Level(#[cfg_attr(feature = "ts", ts(as = "f64"))] i64),
    /// A plan: its name and its number.
    Plan(String, #[cfg_attr(feature = "ts", ts(as = "f64"))] i64),
}

/// A list of steps for one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ControlProgramme {
    /// What the calendar calls it.
    pub name: String,
    /// Its steps, in the order in which they are meant.
    pub steps: Vec<Step>,
}

/// On which days a control programme is chosen. All that it says must fit; one that says nothing fits always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The control programme.
    pub programme: String,
    /// Days of the week, and public holidays; empty for all. A holiday is a day of the week as well: the rule that means it
    /// stands before those of the week.
    pub days: Vec<Day>,
    /// From this date on.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub from: Option<Date>,
    /// Up to and with this date.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub until: Option<Date>,
}

impl Rule {
    /// Whether public holidays are among its days.
    pub fn names_holidays(&self) -> bool {
        self.days.contains(&Day::Holiday)
    }

    /// Whether a day is one of its days.
    pub fn fits(&self, date: Date) -> bool {
        (self.days.is_empty() || self.days.contains(&Day::of(date)) || (self.names_holidays() && is_holiday(date)))
            && self.from.is_none_or(|from| date >= from)
            && self.until.is_none_or(|until| date <= until)
    }
}

/// A programme, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// What it is called.
    pub name: String,
    /// Its first day (of lighting: the evening). Before it the device follows its own programme.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub valid_from: Date,
    /// Its last day; none while nobody knows. After it the device follows its own programme.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub valid_until: Option<Date>,
    /// Of signals: its plans by name.
    pub plans: Vec<NamedPlan>,
    /// Its control programmes.
    pub programmes: Vec<ControlProgramme>,
    /// Which is chosen when: the first rule that fits.
    pub rules: Vec<Rule>,
    /// Which is chosen when no rule fits.
    pub default: String,
}

impl Content {
    /// Whether a day is within its dates.
    pub fn covers(&self, date: Date) -> bool {
        date >= self.valid_from && self.valid_until.is_none_or(|until| date <= until)
    }

    /// The control programme of a day; none outside its dates, or where a name leads nowhere.
    pub fn programme_of(&self, date: Date) -> Option<&ControlProgramme> {
        if !self.covers(date) {
            return None;
        }
        let name = self.rules.iter().find(|rule| rule.fits(date)).map_or(&self.default, |rule| &rule.programme);
        self.programmes.iter().find(|programme| programme.name == *name)
    }

    /// What a step sets; none where its plan has no number.
    pub fn setting(&self, step: &Step) -> Option<Setting> {
        match (step.level, &step.plan) {
            (Some(level), _) => Some(Setting::Level(level)),
            (None, Some(name)) => {
                let plan = self.plans.iter().find(|plan| plan.name == *name)?;
                Some(Setting::Plan(plan.name.clone(), plan.number))
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::{date, lighting};

    #[test]
    fn the_first_rule_that_fits_chooses_and_the_default_where_none_does() {
        let content = lighting();
        let name = |at: &str| content.programme_of(date(at)).map(|p| p.name.as_str());
        assert_eq!(name("2026-11-26"), Some("semaine"), "a Thursday");
        assert_eq!(name("2026-11-27"), Some("week-end"), "a Friday");
        assert_eq!(name("2026-12-25"), Some("fêtes"), "a Friday, and the feast comes first");
    }

    #[test]
    fn a_public_holiday_is_a_day_of_its_own_where_its_rule_comes_first() {
        let mut content = lighting();
        let rule = |programme: &str, days: &[Day]| Rule {
            programme: programme.into(),
            days: days.to_vec(),
            from: None,
            until: None,
        };
        let week = rule("semaine", &Day::WEEK[..5]);
        content.rules = vec![rule("week-end", &[Day::Sunday, Day::Holiday]), week.clone()];
        let name = |content: &Content, at: &str| content.programme_of(date(at)).map(|p| p.name.clone());
        assert_eq!(name(&content, "2026-11-11").as_deref(), Some("week-end"), "a Wednesday, and the Armistice");
        assert_eq!(name(&content, "2026-11-12").as_deref(), Some("semaine"));
        assert_eq!(name(&content, "2027-05-06").as_deref(), Some("week-end"), "a Thursday, and the Ascension");
        content.rules.swap(0, 1);
        assert_eq!(name(&content, "2026-11-11").as_deref(), Some("semaine"), "the first rule that fits");
    }

    #[test]
    fn outside_its_dates_a_programme_says_nothing() {
        let content = Content { valid_until: Some(date("2026-12-31")), ..lighting() };
        assert!(content.programme_of(date("2026-10-31")).is_none());
        assert!(content.programme_of(date("2026-12-31")).is_some());
        assert!(content.programme_of(date("2027-01-01")).is_none());
    }
}
