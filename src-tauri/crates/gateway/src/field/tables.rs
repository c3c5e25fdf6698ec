//! A programme of signals as the tables of a traffic light controller: a week table (`M0016`, `S0026`) says which time table
//! each day has, time tables (`M0017`, `S0027`) which plan begins when.
//!
//! A week table is `d-t,d-t,…`: day (0 for Monday) and time table. Time tables are `t-o-h-m,…`: time table, plan, hour,
//! minute. Neither has dates or public holidays: a programme that has some cannot be said.
//!
//! Source: RSMP SXL for traffic light controllers 1.2.

use jiff::civil::Date;
use vigie_core::programme::{Anchor, Content, ControlProgramme, Day, NamedPlan, Rule, Step};

use crate::field::profile::Unsayable;

/// Both tables, as their texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(crate) week: String,
    pub(crate) times: String,
}

impl Tables {
    /// The tables of a programme that has begun on the day `today`.
    pub(crate) fn of(content: &Content, today: Date) -> Result<Self, Unsayable> {
        let dated = content.rules.iter().any(|rule| rule.from.is_some() || rule.until.is_some());
        if dated || content.valid_until.is_some() || content.valid_from > today {
            return Err(Unsayable("a week table has no dates: it begins at once and holds until it is told another"));
        }
        if content.rules.iter().any(Rule::names_holidays) {
            return Err(Unsayable("a week table has no public holidays"));
        }
        let number = |name: &String| content.programmes.iter().position(|programme| programme.name == *name);
        let mut week = Vec::new();
        for (place, day) in Day::WEEK.iter().enumerate() {
            let rule = content.rules.iter().find(|rule| rule.days.is_empty() || rule.days.contains(day));
            let chosen = rule.map_or(&content.default, |rule| &rule.programme);
            let table = number(chosen).ok_or(Unsayable("a day has no control programme"))?;
            week.push(format!("{place}-{}", table + 1));
        }
        let mut times = Vec::new();
        for (table, programme) in content.programmes.iter().enumerate() {
            for step in &programme.steps {
                let plan = content.plans.iter().find(|plan| Some(&plan.name) == step.plan.as_ref());
                let plan = plan.ok_or(Unsayable("a step has no plan"))?.number;
                times.push(format!("{}-{plan}-{}-{}", table + 1, step.minutes / 60, step.minutes % 60));
            }
        }
        Ok(Self { week: week.join(","), times: times.join(",") })
    }

    /// What a controller makes of them; none where they are not tables. Names and dates are lost on the way: it does as if it
    /// had always had them, so that the last step of yesterday holds at once.
    pub(crate) fn content(&self) -> Option<Content> {
        let table = |number: &str| format!("table {number}");
        let mut rules = Vec::new();
        for entry in self.week.split(',') {
            let (day, number) = entry.split_once('-')?;
            let day = *Day::WEEK.get(day.parse::<usize>().ok()?)?;
            rules.push(Rule { programme: table(number), days: vec![day], from: None, until: None });
        }
        let mut programmes: Vec<ControlProgramme> = Vec::new();
        let mut plans: Vec<NamedPlan> = Vec::new();
        for entry in self.times.split(',') {
            let mut parts = entry.split('-');
            let (of, plan, hour, minute) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let number: i64 = plan.parse().ok()?;
            let minutes = hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?;
            let name = format!("plan {number}");
            if !plans.iter().any(|known| known.number == number) {
                plans.push(NamedPlan { name: name.clone(), number });
            }
            let step = Step { from: Anchor::Clock, minutes, level: None, plan: Some(name) };
            match programmes.iter_mut().find(|programme| programme.name == table(of)) {
                Some(programme) => programme.steps.push(step),
                None => programmes.push(ControlProgramme { name: table(of), steps: vec![step] }),
            }
        }
        let default = programmes.first()?.name.clone();
        Some(Content {
            name: "week table".to_owned(),
            valid_from: Date::constant(2000, 1, 1),
            valid_until: None,
            plans,
            programmes,
            rules,
            default,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::signals;

    const TODAY: Date = Date::constant(2026, 11, 26);

    #[test]
    fn r19_a_week_of_plans_is_two_tables() {
        let tables = Tables::of(&signals(), TODAY).unwrap();
        assert_eq!(tables.week, "0-1,1-1,2-1,3-1,4-1,5-1,6-2");
        assert_eq!(tables.times, "1-1-6-0,1-2-7-30,1-3-21-0,2-3-22-0");
        let read = tables.content().unwrap();
        assert_eq!(Tables::of(&read, TODAY), Ok(tables));
        assert_eq!(read.rules.len(), 7);
    }

    #[test]
    fn r19_a_controller_whose_tables_have_no_dates_is_given_no_programme_that_has_some() {
        let ends = Content { valid_until: Some(Date::constant(2027, 1, 1)), ..signals() };
        let begins = Content { valid_from: Date::constant(2026, 11, 27), ..signals() };
        let mut feast = signals();
        feast.rules[0].from = Some(Date::constant(2026, 12, 24));
        let mut holidays = signals();
        holidays.rules[0].days.push(Day::Holiday);
        for dated in [ends, begins, feast, holidays] {
            assert!(Tables::of(&dated, TODAY).is_err());
        }
    }

    #[test]
    fn what_is_no_table_is_none() {
        for (week, times) in [("", "1-1-6-0"), ("7-1", "1-1-6-0"), ("0-1", "1-1"), ("0-1", "1-x-6-0")] {
            let tables = Tables { week: week.into(), times: times.into() };
            assert_eq!(tables.content(), None, "{tables:?}");
        }
    }
}
