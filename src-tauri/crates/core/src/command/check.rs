//! The look around before the click (R6): what a command would do, and what stands near it. Shown to who asks and to who is
//! asked, and compared when the command is operated: what changed in between voids the approval.
//!
//! What no source tells is a finding of its own, *not known*: silence is not a clear road.

use serde::{Deserialize, Serialize};

use crate::equipment::EquipmentKind;
use crate::geo::Position;

/// How far around an object is looked, m.
pub const AROUND_M: f64 = 60.0;

crate::table::codes! {
    /// What was looked for.
    FindingCode {
        /// People at work on the object or beside it.
        Crew = "crew",
        /// Works in the street.
        Works = "works",
        /// A bus line.
        BusLine = "bus_line",
        /// A tram line.
        TramLine = "tram_line",
        /// An event, a march, a market.
        Event = "event",
        /// An area that a flood reaches.
        FloodZone = "flood_zone",
        /// A zone of vidéoprotection.
        CctvZone = "cctv_zone",
        /// A camera that sees the place.
        Camera = "camera",
        /// Another desk pilots it.
        OtherDesk = "other_desk",
        /// Another command is under way on it.
        UnderWay = "under_way",
    }
}

crate::table::codes! {
    /// What a finding means for who decides.
    Level {
        /// It speaks against it.
        Against = "against",
        /// To be borne in mind.
        Mind = "mind",
        /// It helps.
        Helps = "helps",
        /// No source tells.
        NotKnown = "not_known",
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Finding {
    /// What was looked for.
    pub code: FindingCode,
    /// What it means.
    pub level: Level,
    /// Which ones, by name or reference; empty when not known.
    pub what: Vec<String>,
}

/// An answer of a source: what it has, or that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// No source tells.
    NotKnown,
    /// These, perhaps none.
    Told(Vec<String>),
}

/// Who knows of crews, works, buses and events near a place. An answer is a statement: who does not know says so.
pub trait CheckSources {
    /// People at work.
    fn crews(&self, at: Position) -> Known;
    /// Works in the street.
    fn works(&self, at: Position) -> Known;
    /// Bus lines.
    fn bus_lines(&self, at: Position) -> Known;
    /// Events.
    fn events(&self, at: Position) -> Known;
}

/// No such source is connected.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKnown;

impl CheckSources for NothingKnown {
    fn crews(&self, _: Position) -> Known {
        Known::NotKnown
    }
    fn works(&self, _: Position) -> Known {
        Known::NotKnown
    }
    fn bus_lines(&self, _: Position) -> Known {
        Known::NotKnown
    }
    fn events(&self, _: Position) -> Known {
        Known::NotKnown
    }
}

/// One object that a command is for, and what the desk's own copy shows near it.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// Where it stands.
    pub at: Position,
    /// What it is.
    pub kind: EquipmentKind,
    /// Commune and street, when it stands in one.
    pub street: Option<(String, String)>,
    /// Tram lines within [`AROUND_M`].
    pub trams: Vec<String>,
    /// Areas that a flood reaches, that hold it.
    pub floods: Vec<String>,
    /// Zones of vidéoprotection that hold it.
    pub cctv: Vec<String>,
    /// Cameras whose reach holds it.
    pub cameras: Vec<String>,
    /// The other desk that pilots it.
    pub other_desk: Option<String>,
    /// Other commands under way on it, by action.
    pub under_way: Vec<String>,
}

/// What a command would do, in numbers: the sentence "12 streets, 340 lights, 2 crews on site".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Consequence {
    /// Objects.
    pub objects: u32,
    /// Streets that they stand in.
    pub streets: u32,
    /// Lights among them.
    pub lights: u32,
    /// Signal junctions among them.
    pub junctions: u32,
    /// Buildings among them.
    pub buildings: u32,
    /// Crews on site; none when no source tells.
    pub crews: Option<u32>,
}

/// The look around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Check {
    /// What it would do.
    pub consequence: Consequence,
    /// What stands near, what speaks against it first.
    pub findings: Vec<Finding>,
}

/// Looks around the objects of one command.
pub fn check(objects: &[Near], sources: &dyn CheckSources) -> Check {
    let of = |kind: EquipmentKind| count(objects.iter().filter(|near| near.kind == kind));
    let mut streets: Vec<&(String, String)> = objects.iter().filter_map(|near| near.street.as_ref()).collect();
    streets.sort_unstable();
    streets.dedup();
    let crews = told(objects, |at| sources.crews(at));
    let consequence = Consequence {
        objects: count(objects.iter()),
        streets: count(streets.iter()),
        lights: of(EquipmentKind::StreetLight),
        junctions: of(EquipmentKind::SignalJunction),
        buildings: of(EquipmentKind::Building),
        crews: match &crews {
            Known::NotKnown => None,
            Known::Told(found) => Some(count(found.iter())),
        },
    };
    let here = |of: fn(&Near) -> Vec<String>| Known::Told(gathered(objects.iter().flat_map(of)));
    let looked = [
        (FindingCode::OtherDesk, Level::Against, here(|near| near.other_desk.iter().cloned().collect())),
        (FindingCode::UnderWay, Level::Against, here(|near| near.under_way.clone())),
        (FindingCode::Crew, Level::Against, crews),
        (FindingCode::Works, Level::Mind, told(objects, |at| sources.works(at))),
        (FindingCode::TramLine, Level::Mind, here(|near| near.trams.clone())),
        (FindingCode::BusLine, Level::Mind, told(objects, |at| sources.bus_lines(at))),
        (FindingCode::Event, Level::Mind, told(objects, |at| sources.events(at))),
        (FindingCode::FloodZone, Level::Mind, here(|near| near.floods.clone())),
        (FindingCode::CctvZone, Level::Helps, here(|near| near.cctv.clone())),
        (FindingCode::Camera, Level::Helps, here(|near| near.cameras.clone())),
    ];
    let mut findings: Vec<Finding> = looked
        .into_iter()
        .filter_map(|(code, level, found)| match found {
            Known::NotKnown => Some(Finding { code, level: Level::NotKnown, what: Vec::new() }),
            Known::Told(what) if what.is_empty() => None,
            Known::Told(what) => Some(Finding { code, level, what }),
        })
        .collect();
    findings.sort_by_key(|finding| finding.level);
    Check { consequence, findings }
}

/// Whether what a command would do, or what speaks against it, is no longer what was approved.
pub fn moved(then: &Check, now: &Check) -> bool {
    let against = |check: &Check| -> Vec<Finding> {
        check.findings.iter().filter(|f| f.level == Level::Against).cloned().collect()
    };
    then.consequence != now.consequence || against(then) != against(now)
}

/// What a source tells of all the places; one that it does not know makes it not known.
fn told(objects: &[Near], ask: impl Fn(Position) -> Known) -> Known {
    let mut all = Vec::new();
    for near in objects {
        match ask(near.at) {
            Known::NotKnown => return Known::NotKnown,
            Known::Told(found) => all.extend(found),
        }
    }
    Known::Told(gathered(all.into_iter()))
}

fn gathered(found: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = found.collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use FindingCode as F;

    fn near(kind: EquipmentKind, street: &str) -> Near {
        Near {
            at: Position { lon: 5.04, lat: 47.32 },
            kind,
            street: Some(("21231".into(), street.into())),
            trams: Vec::new(),
            floods: Vec::new(),
            cctv: Vec::new(),
            cameras: Vec::new(),
            other_desk: None,
            under_way: Vec::new(),
        }
    }

    struct Crews(Known);
    impl CheckSources for Crews {
        fn crews(&self, _: Position) -> Known {
            self.0.clone()
        }
        fn works(&self, _: Position) -> Known {
            Known::Told(Vec::new())
        }
        fn bus_lines(&self, _: Position) -> Known {
            Known::Told(vec!["L5".into()])
        }
        fn events(&self, _: Position) -> Known {
            Known::NotKnown
        }
    }

    #[test]
    fn r6_the_consequence_counts_objects_streets_and_crews_once() {
        let objects = [
            near(EquipmentKind::StreetLight, "Rue Monge"),
            near(EquipmentKind::StreetLight, "Rue Monge"),
            near(EquipmentKind::SignalJunction, "Rue Berbisey"),
        ];
        let found = check(&objects, &Crews(Known::Told(vec!["Équipe 2".into()])));
        let Consequence { objects, streets, lights, junctions, crews, .. } = found.consequence;
        assert_eq!((objects, streets, lights, junctions, crews), (3, 2, 2, 1, Some(1)));
        assert_eq!(found.findings.first().map(|f| (f.code, f.level)), Some((FindingCode::Crew, Level::Against)));
    }

    #[test]
    fn r6_what_no_source_tells_is_said_to_be_not_known_and_never_clear() {
        let found = check(&[near(EquipmentKind::SignalJunction, "Rue Monge")], &NothingKnown);
        let unknown: Vec<_> = found.findings.iter().filter(|f| f.level == Level::NotKnown).map(|f| f.code).collect();
        assert_eq!(unknown, [F::Crew, F::Works, F::BusLine, F::Event]);
        assert_eq!(found.consequence.crews, None);
    }

    #[test]
    fn r6_a_crew_or_another_desk_that_came_in_between_voids_what_was_approved_and_a_camera_does_not() {
        let one = [near(EquipmentKind::SignalJunction, "Rue Monge")];
        let then = check(&one, &Crews(Known::Told(Vec::new())));
        assert!(!moved(&then, &check(&one, &Crews(Known::Told(Vec::new())))));
        assert!(moved(&then, &check(&one, &Crews(Known::Told(vec!["Équipe 2".into()])))));
        let held = [Near { other_desk: Some("Poste 1".into()), ..one[0].clone() }];
        assert!(moved(&then, &check(&held, &Crews(Known::Told(Vec::new())))));
        let seen = [Near { cameras: vec!["CAM-12".into()], ..one[0].clone() }];
        assert!(!moved(&then, &check(&seen, &Crews(Known::Told(Vec::new())))));
    }
}
