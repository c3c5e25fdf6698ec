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
//! A system that has no programme of ours is told, and reports, `{"id": "own"}`. Days run from noon to noon.
//!
//! Source: TALQ Smart City Protocol 2.7 (`Calendar`, `ControlProgram`, `calendarID`); switch points are ours, since TALQ's
//! programs with an astronomical clock have one period a night.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vigie_core::programme::{Anchor, Content, ControlProgramme, Day, OWN, Rule, Step};

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

const ASTRO: &str = "AstroClockFixedTimeControlProgram";

impl Calendar {
    /// The one built into the system.
    pub(crate) fn own() -> Self {
        Self { id: OWN.to_owned(), said: None }
    }

    /// A programme under the name that its devices will report; what sets no level is left out.
    pub(crate) fn of(id: &str, content: &Content) -> Self {
        let point =
            |step: &Step| step.level.map(|level| SwitchPoint { reference: step.from, offset: step.minutes, level });
        let said = Said {
            display_name: content.name.clone(),
            start_date: content.valid_from,
            end_date: content.valid_until,
            rules: content
                .rules
                .iter()
                .map(|rule| CalendarRule {
                    start_date: rule.from,
                    end_date: rule.until,
                    condition: rule.days.clone(),
                    program: rule.programme.clone(),
                })
                .collect(),
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
        Self { id: id.to_owned(), said: Some(said) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::{NAME, lighting};

    #[test]
    fn r19_a_calendar_carries_the_whole_programme_there_and_back() {
        let calendar = Calendar::of(NAME, &lighting());
        let wire = serde_json::to_value(&calendar).unwrap();
        assert_eq!(wire["controlPrograms"][0]["switchPoints"][0]["reference"], "dusk");
        assert_eq!(wire["rules"][0]["condition"], serde_json::json!(["fri", "sat"]));
        let read: Calendar = serde_json::from_value(wire).unwrap();
        assert_eq!((read.id.clone(), read.content()), (NAME.to_owned(), Some(lighting())));
        let own: Calendar = serde_json::from_value(serde_json::to_value(Calendar::own()).unwrap()).unwrap();
        assert_eq!((own.id.clone(), own.content()), (OWN.to_owned(), None));
    }
}
