//! What must hold of a programme before anybody may save it: names that lead somewhere, times that exist, values that can be.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::programme::{Anchor, Content, ProgrammeKind, Step};

/// Longest name, in characters.
pub const NAME_MOST: usize = 80;
/// Most control programmes of a programme, rules of its calendar, plans, and steps of a control programme.
pub const LIST_MOST: usize = 24;
/// Farthest from dusk or dawn, minutes.
pub const OFFSET_MOST: i64 = 180;
/// Highest number of a plan.
pub const PLAN_MOST: i64 = 8;
const DAY_MINUTES: i64 = 24 * 60;

crate::table::codes! {
    /// What is wrong in a programme.
    InvalidCode {
        /// A name is empty or too long.
        Name = "name",
        /// Two bear one name.
        SameName = "same_name",
        /// There is none, or there are too many.
        HowMany = "how_many",
        /// A time of day that does not exist, or is too far from dusk or dawn.
        Time = "time",
        /// Dusk and dawn are of lighting.
        NoSun = "no_sun",
        /// A level is not from 0 to 100.
        Level = "level",
        /// A plan's number is not from 1 to 8.
        PlanNumber = "plan_number",
        /// A step names a plan that does not exist, or sets what the other kind sets.
        Sets = "sets",
        /// The calendar names a control programme that does not exist.
        NoSuchProgramme = "no_such_programme",
        /// An end lies before its beginning.
        Dates = "dates",
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Invalid {
    /// What.
    pub code: InvalidCode,
    /// In which control programme, plan or rule, by its name; empty for the whole.
    pub within: String,
    /// At which of its steps, from 1.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub step: Option<usize>,
}

fn named(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= NAME_MOST
}

fn some(count: usize) -> bool {
    (1..=LIST_MOST).contains(&count)
}

/// Everything that is wrong in a programme; empty when it may be saved.
pub fn validate(kind: ProgrammeKind, content: &Content) -> Vec<Invalid> {
    let mut wrong = Vec::new();
    let mut say = |code, within: &str, step| wrong.push(Invalid { code, within: within.to_owned(), step });
    if !named(&content.name) {
        say(InvalidCode::Name, "", None);
    }
    if content.valid_until.is_some_and(|until| until < content.valid_from) {
        say(InvalidCode::Dates, "", None);
    }
    if !some(content.programmes.len()) || content.rules.len() > LIST_MOST || content.plans.len() > LIST_MOST {
        say(InvalidCode::HowMany, "", None);
    }
    let mut names = HashSet::new();
    for plan in &content.plans {
        if !named(&plan.name) {
            say(InvalidCode::Name, &plan.name, None);
        }
        if !names.insert(plan.name.as_str()) {
            say(InvalidCode::SameName, &plan.name, None);
        }
        if !(1..=PLAN_MOST).contains(&plan.number) {
            say(InvalidCode::PlanNumber, &plan.name, None);
        }
    }
    let mut names = HashSet::new();
    for programme in &content.programmes {
        if !named(&programme.name) {
            say(InvalidCode::Name, &programme.name, None);
        }
        if !names.insert(programme.name.as_str()) {
            say(InvalidCode::SameName, &programme.name, None);
        }
        if !some(programme.steps.len()) {
            say(InvalidCode::HowMany, &programme.name, None);
        }
        for (at, step) in programme.steps.iter().enumerate() {
            if let Some(code) = wrong_step(kind, content, step) {
                say(code, &programme.name, Some(at + 1));
            }
        }
    }
    for rule in &content.rules {
        if !names.contains(rule.programme.as_str()) {
            say(InvalidCode::NoSuchProgramme, &rule.programme, None);
        }
        if matches!((rule.from, rule.until), (Some(from), Some(until)) if until < from) {
            say(InvalidCode::Dates, &rule.programme, None);
        }
    }
    if !names.contains(content.default.as_str()) {
        say(InvalidCode::NoSuchProgramme, &content.default, None);
    }
    wrong
}

fn wrong_step(kind: ProgrammeKind, content: &Content, step: &Step) -> Option<InvalidCode> {
    let timed = match step.from {
        Anchor::Clock => (0..DAY_MINUTES).contains(&step.minutes),
        Anchor::Dusk | Anchor::Dawn => step.minutes.abs() <= OFFSET_MOST,
    };
    if !timed {
        return Some(InvalidCode::Time);
    }
    match kind {
        ProgrammeKind::Lighting => match (step.level, &step.plan) {
            (Some(level), None) if (0..=100).contains(&level) => None,
            (Some(_), None) => Some(InvalidCode::Level),
            _ => Some(InvalidCode::Sets),
        },
        ProgrammeKind::Signals if step.from != Anchor::Clock => Some(InvalidCode::NoSun),
        ProgrammeKind::Signals => {
            let known = step.plan.as_ref().is_some_and(|name| content.plans.iter().any(|plan| plan.name == *name));
            (step.level.is_some() || !known).then_some(InvalidCode::Sets)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::{date, lighting, signals, step};
    use crate::programme::{NamedPlan, Rule};

    fn codes(kind: ProgrammeKind, content: &Content) -> Vec<InvalidCode> {
        validate(kind, content).into_iter().map(|wrong| wrong.code).collect()
    }

    #[test]
    fn what_is_complete_may_be_saved() {
        assert_eq!(validate(ProgrammeKind::Lighting, &lighting()), []);
        assert_eq!(validate(ProgrammeKind::Signals, &signals()), []);
    }

    #[test]
    fn what_leads_nowhere_or_cannot_be_is_named_with_its_place() {
        use InvalidCode as I;
        let with = |change: &dyn Fn(&mut Content)| {
            let mut content = lighting();
            change(&mut content);
            codes(ProgrammeKind::Lighting, &content)
        };
        assert_eq!(with(&|c| c.name = "  ".into()), [I::Name]);
        assert_eq!(with(&|c| c.valid_until = Some(date("2026-10-31"))), [I::Dates]);
        assert_eq!(with(&|c| c.default = "nulle part".into()), [I::NoSuchProgramme]);
        assert_eq!(with(&|c| c.programmes[0].steps = Vec::new()), [I::HowMany]);
        assert_eq!(with(&|c| c.programmes[1].name = "semaine".into()), [I::SameName, I::NoSuchProgramme]);
        assert_eq!(with(&|c| c.programmes[0].steps[0] = step(Anchor::Dusk, 181, 100)), [I::Time]);
        assert_eq!(with(&|c| c.programmes[0].steps[0] = step(Anchor::Clock, 1_440, 100)), [I::Time]);
        assert_eq!(with(&|c| c.programmes[0].steps[0] = step(Anchor::Clock, 0, 101)), [I::Level]);
        assert_eq!(with(&|c| c.programmes[0].steps[0].level = None), [I::Sets]);
        let backwards = Rule {
            programme: "semaine".into(),
            days: Vec::new(),
            from: Some(date("2027-01-02")),
            until: Some(date("2027-01-01")),
        };
        assert_eq!(with(&|c| c.rules.push(backwards.clone())), [I::Dates]);
        let placed = {
            let mut content = lighting();
            content.programmes[1].steps[1].level = Some(-1);
            validate(ProgrammeKind::Lighting, &content)
        };
        assert_eq!(placed, [Invalid { code: I::Level, within: "week-end".into(), step: Some(2) }]);
    }

    #[test]
    fn signals_follow_the_clock_and_plans_that_have_a_number() {
        use InvalidCode as I;
        let with = |change: &dyn Fn(&mut Content)| {
            let mut content = signals();
            change(&mut content);
            codes(ProgrammeKind::Signals, &content)
        };
        let at_dusk = |c: &mut Content| {
            (c.programmes[0].steps[0].from, c.programmes[0].steps[0].minutes) = (Anchor::Dusk, 0);
        };
        assert_eq!(with(&at_dusk), [I::NoSun]);
        assert_eq!(with(&|c| c.programmes[0].steps[0].plan = Some("marée".into())), [I::Sets]);
        assert_eq!(with(&|c| c.plans[0] = NamedPlan { number: 9, ..c.plans[0].clone() }), [I::PlanNumber]);
    }
}
