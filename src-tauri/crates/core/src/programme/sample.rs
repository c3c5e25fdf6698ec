//! Programmes for tests: a street's nights, a junction's days.

use jiff::civil::Date;

use crate::programme::{Anchor, Content, ControlProgramme, Day, NamedPlan, Rule, Site, Step};

/// Dijon.
pub(crate) const DIJON: Site = Site { lon: 5.041, lat: 47.322 };

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn step(from: Anchor, minutes: i64, level: i64) -> Step {
    Step { from, minutes, level: Some(level), plan: None }
}

fn control(name: &str, steps: Vec<Step>) -> ControlProgramme {
    ControlProgramme { name: name.into(), steps }
}

/// On at dusk, half from 23:30 to 5:00 (from 1:00 on Fridays and Saturdays), off at dawn; whole nights at the end of the year.
pub(crate) fn lighting() -> Content {
    let night = |lowered: i64| {
        vec![
            step(Anchor::Dusk, 0, 100),
            step(Anchor::Clock, lowered, 50),
            step(Anchor::Clock, 5 * 60, 100),
            step(Anchor::Dawn, 0, 0),
        ]
    };
    Content {
        name: "Centre, réduit la nuit".into(),
        valid_from: date("2026-11-01"),
        valid_until: None,
        plans: Vec::new(),
        programmes: vec![
            control("semaine", night(23 * 60 + 30)),
            control("week-end", night(60)),
            control("fêtes", vec![step(Anchor::Dusk, -10, 100), step(Anchor::Dawn, 10, 0)]),
        ],
        rules: vec![
            Rule {
                programme: "fêtes".into(),
                days: Vec::new(),
                from: Some(date("2026-12-24")),
                until: Some(date("2027-01-01")),
            },
            Rule { programme: "week-end".into(), days: vec![Day::Friday, Day::Saturday], from: None, until: None },
        ],
        default: "semaine".into(),
    }
}

/// A plan for the night, one for the morning, one for the day.
pub(crate) fn signals() -> Content {
    let at = |minutes: i64, plan: &str| Step { from: Anchor::Clock, minutes, level: None, plan: Some(plan.into()) };
    let plan = |name: &str, number| NamedPlan { name: name.into(), number };
    Content {
        name: "Place Wilson".into(),
        valid_from: date("2026-11-01"),
        valid_until: None,
        plans: vec![plan("nuit", 3), plan("pointe", 2), plan("jour", 1)],
        programmes: vec![
            control(
                "ouvré",
                vec![at(6 * 60, "jour"), at(7 * 60, "pointe"), at(9 * 60 + 30, "jour"), at(21 * 60, "nuit")],
            ),
            control("chômé", vec![at(8 * 60, "jour"), at(22 * 60, "nuit")]),
        ],
        rules: vec![Rule { programme: "chômé".into(), days: vec![Day::Sunday], from: None, until: None }],
        default: "ouvré".into(),
    }
}
