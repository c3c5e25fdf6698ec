//! A programme of lighting in the shape of TALQ's calendars: a calendar chooses a control program for each day, by rules of
//! which the first that fits holds, or its default; a control program is a list of switch points.
//!
//! ```json
//! {"id": "…/1", "displayName": "Centre", "startDate": "2026-11-01", "endDate": null,
//!  "rules": [{"startDate": "2026-12-24", "endDate": "2027-01-01", "condition": [], "program": "fêtes"}],
//!  "defaultProgram": "semaine",
//!  "controlPrograms": [{"id": "semaine", "type": "AstroClockFixedTimeControlProgram",
//!                       "switchPoints": [{"reference": "dusk", "offset": 0, "level": 100}]}]}
//! ```
//!
//! Public holidays are sent as the dates that they are, so that no system has to know them: a programme that means them has an
//! end, or it cannot be said.
//!
//! A system that has no programme of ours is told, and reports, `{"id": "own"}`. Days run from noon to noon.
//!
//! Source: TALQ Smart City Protocol 2.7 (`Calendar`, `ControlProgram`, `calendarID`); switch points are ours, since TALQ's
//! programs with an astronomical clock have one period a night.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vigie_core::programme::{Anchor, Content, ControlProgramme, Day, OWN, Rule, Step, is_holiday};

use crate::field::profile::Unsayable;

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Calendar {
    pub(crate) id: String,
    #[serde(flatten)]
    said: Option<Said>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    display_name: String,
    start_date: Date,
    end_date: Option<Date>,
    rules: Vec<CalendarRule>,
    default_program: String,
    control_programs: Vec<ControlProgram>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CalendarRule {
    start_date: Option<Date>,
    end_date: Option<Date>,
    condition: Vec<Day>,
    program: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ControlProgram {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    switch_points: Vec<SwitchPoint>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SwitchPoint {
    reference: Anchor,
    offset: i64,
    level: i64,
}

/// Most rules of a calendar: some ten years of holidays.
const HOLIDAYS_MOST: usize = 128;
const ASTRO: &str = "AstroClockFixedTimeControlProgram";

impl Calendar {
    /// The one built into the system.
    pub(crate) fn own() -> Self {
        Self { id: OWN.to_owned(), said: None }
    }

    /// A programme under the name that its devices will report; what sets no level is left out.
    pub(crate) fn of(id: &str, content: &Content) -> Result<Self, Unsayable> {
        let point =
            |step: &Step| step.level.map(|level| SwitchPoint { reference: step.from, offset: step.minutes, level });
        let said = Said {
            display_name: content.name.clone(),
            start_date: content.valid_from,
            end_date: content.valid_until,
            rules: dated(content)?,
            default_program: content.default.clone(),
            control_programs: content
                .programmes
                .iter()
                .map(|programme| ControlProgram {
                    id: programme.name.clone(),
                    kind: ASTRO.to_owned(),
                    switch_points: programme.steps.iter().filter_map(point).collect(),
                })
                .collect(),
        };
        Ok(Self { id: id.to_owned(), said: Some(said) })
    }

    /// The programme that it is, for the devices' side; none for the system's own.
    pub(crate) fn content(self) -> Option<Content> {
        let said = self.said?;
        let step = |point: SwitchPoint| Step {
            from: point.reference,
            minutes: point.offset,
            level: Some(point.level),
            plan: None,
        };
        Some(Content {
            name: said.display_name,
            valid_from: said.start_date,
            valid_until: said.end_date,
            plans: Vec::new(),
            programmes: said
                .control_programs
                .into_iter()
                .map(|program| ControlProgramme {
                    name: program.id,
                    steps: program.switch_points.into_iter().map(step).collect(),
                })
                .collect(),
            rules: said
                .rules
                .into_iter()
                .map(|rule| Rule {
                    programme: rule.program,
                    days: rule.condition,
                    from: rule.start_date,
                    until: rule.end_date,
                })
                .collect(),
            default: said.default_program,
        })
    }
}

/// The rules with each public holiday that they mean as a date of its own, before the days of the week of the same rule.
fn dated(content: &Content) -> Result<Vec<CalendarRule>, Unsayable> {
    let mut rules = Vec::new();
    for rule in &content.rules {
        let say = |from: Option<Date>, until: Option<Date>, condition: Vec<Day>| CalendarRule {
            start_date: from,
            end_date: until,
            condition,
            program: rule.programme.clone(),
        };
        if !rule.names_holidays() {
            rules.push(say(rule.from, rule.until, rule.days.clone()));
            continue;
        }
        let last = [content.valid_until, rule.until].into_iter().flatten().min();
        let last = last.ok_or(Unsayable("a calendar has no public holidays but by their dates: give it an end"))?;
        let first = rule.from.map_or(content.valid_from, |from| from.max(content.valid_from));
        let holidays = first.series(1.day()).take_while(|day| *day <= last).filter(|day| is_holiday(*day));
        for day in holidays.take(HOLIDAYS_MOST + 1) {
            rules.push(say(Some(day), Some(day), Vec::new()));
        }
        let week: Vec<Day> = rule.days.iter().copied().filter(|day| *day != Day::Holiday).collect();
        if !week.is_empty() {
            rules.push(say(rule.from, rule.until, week));
        }
    }
    if rules.len() > HOLIDAYS_MOST {
        return Err(Unsayable("a calendar has too many public holidays: give it an earlier end"));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::{NAME, lighting};

    #[test]
    fn r19_a_calendar_carries_the_whole_programme_there_and_back() {
        let calendar = Calendar::of(NAME, &lighting()).unwrap();
        let wire = serde_json::to_value(&calendar).unwrap();
        assert_eq!(wire["controlPrograms"][0]["switchPoints"][0]["reference"], "dusk");
        assert_eq!(wire["rules"][0]["condition"], serde_json::json!(["fri", "sat"]));
        let read: Calendar = serde_json::from_value(wire).unwrap();
        assert_eq!((read.id.clone(), read.content()), (NAME.to_owned(), Some(lighting())));
        let own: Calendar = serde_json::from_value(serde_json::to_value(Calendar::own()).unwrap()).unwrap();
        assert_eq!((own.id.clone(), own.content()), (OWN.to_owned(), None));
    }

    #[test]
    fn public_holidays_are_sent_as_their_dates_and_only_where_they_have_an_end() {
        let mut content = lighting();
        content.rules.insert(
            0,
            Rule { programme: content.default.clone(), days: vec![Day::Sunday, Day::Holiday], from: None, until: None },
        );
        content.valid_until = None;
        assert!(Calendar::of(NAME, &content).is_err(), "of every year to come");
        content.valid_from = Date::constant(2026, 11, 1);
        content.valid_until = Some(Date::constant(2027, 1, 31));
        let sent = Calendar::of(NAME, &content).unwrap().content().unwrap();
        let dates: Vec<_> = sent.rules.iter().map(|rule| rule.from.map(|day| day.to_string())).collect();
        let holidays = ["2026-11-01", "2026-11-11", "2026-12-25", "2027-01-01"].map(|day| Some(day.to_owned()));
        assert_eq!(dates[..4], holidays);
        assert_eq!((sent.rules[4].days.as_slice(), sent.rules.len()), (&[Day::Sunday][..], content.rules.len() + 4));
        // Whoever follows what was sent does each day what the programme says.
        let all = content.valid_from.series(1.day()).take_while(|day| Some(*day) <= content.valid_until);
        for day in all {
            assert_eq!(sent.programme_of(day), content.programme_of(day), "{day}");
        }
    }
}
