//! What a bulletin makes of the reaches: whatever it does not say is unknown from its hour on, never green.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::flood::Vigilance;
use crate::table::RiverReach;
use crate::time::Timestamp;

/// Vigicrues writes two bulletins a day, at 10:00 and 16:00, and more when something moves: what is older than the night between
/// them, with an hour for delay, is not the last one.
pub const BULLETIN_LIFE: Duration = Duration::from_hours(19);
/// Most reaches of one bulletin: the whole of France has 337.
const REACHES_MOST: usize = 500;
/// Longest name, characters.
const NAME_MOST: usize = 200;

/// A reach as a bulletin has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReachSaid {
    /// Made of the source and its code ([`crate::flood::reach_id`]).
    pub reach_id: Uuid,
    /// The source's own code, such as `CO1`.
    pub code: String,
    /// Name, such as `Ouche aval`.
    pub name: String,
    /// The service that watches it, by its code.
    pub territory: String,
    /// Its line, a GeoJSON geometry; none keeps the one that is known.
    pub geometry: Option<Value>,
    /// Its colour; none where the bulletin has no level that can be read.
    pub vigilance: Option<Vigilance>,
}

/// A bulletin: every reach that its source has for this metropolis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bulletin {
    /// Code of the source.
    pub source: String,
    /// Its reference, such as `26082026_10`; empty where it has none.
    pub reference: String,
    /// Its hour.
    pub issued_at: Timestamp,
    /// The reaches. One that is known of this source and is not among them is unknown from now on.
    pub reaches: Vec<ReachSaid>,
}

impl Bulletin {
    /// Whether it has its form: the same answer as the database's.
    pub fn is_well_formed(&self) -> bool {
        let line = |geometry: &Value| {
            matches!(geometry.get("type").and_then(Value::as_str), Some("LineString" | "MultiLineString"))
                && geometry.get("coordinates").is_some_and(Value::is_array)
        };
        let reach = |reach: &ReachSaid| {
            !reach.code.trim().is_empty()
                && reach.code.chars().count() <= 40
                && !reach.name.trim().is_empty()
                && reach.name.chars().count() <= NAME_MOST
                && reach.territory.chars().count() <= 40
                && reach.geometry.as_ref().is_none_or(line)
        };
        let ids: std::collections::BTreeSet<Uuid> = self.reaches.iter().map(|reach| reach.reach_id).collect();
        crate::source::is_code(&self.source)
            && ids.len() == self.reaches.len()
            && self.reference.chars().count() <= 60
            && self.reaches.len() <= REACHES_MOST
            && self.reaches.iter().all(reach)
    }
}

/// The rows of reaches that a bulletin changes. `known`: those of its source. One that is older than what is known of a reach
/// changes nothing of it.
pub fn after_bulletin<'a>(known: impl IntoIterator<Item = &'a RiverReach>, bulletin: &Bulletin) -> Vec<RiverReach> {
    let known: Vec<&RiverReach> = known.into_iter().filter(|row| row.source == bulletin.source).collect();
    let mut changed = Vec::new();
    for said in &bulletin.reaches {
        let before = known.iter().find(|row| row.reach_id == said.reach_id);
        if before.is_some_and(|row| row.bulletin_at > bulletin.issued_at) {
            continue;
        }
        let held = before.filter(|row| row.vigilance == said.vigilance);
        let row = RiverReach {
            reach_id: said.reach_id,
            code: said.code.clone(),
            name: said.name.clone(),
            territory: said.territory.clone(),
            source: bulletin.source.clone(),
            geometry: said.geometry.clone().or_else(|| before.map(|row| row.geometry.clone())).unwrap_or_default(),
            vigilance: said.vigilance,
            since: held.map_or(bulletin.issued_at, |row| row.since),
            bulletin_at: bulletin.issued_at,
            bulletin: bulletin.reference.clone(),
        };
        if before.is_none_or(|before| **before != row) {
            changed.push(row);
        }
    }
    let missing = known.iter().filter(|row| {
        let said = bulletin.reaches.iter().any(|said| said.reach_id == row.reach_id);
        !said && row.vigilance.is_some() && row.bulletin_at <= bulletin.issued_at
    });
    changed.extend(missing.map(|row| RiverReach {
        vigilance: None,
        since: bulletin.issued_at,
        bulletin_at: bulletin.issued_at,
        bulletin: bulletin.reference.clone(),
        ..(*row).clone()
    }));
    changed
}

/// Whether a newer bulletin than the one that speaks of a reach must have been written by now: its colour is shown with its
/// hour, and as outdated.
pub fn is_outdated(reach: &RiverReach, now: Timestamp) -> bool {
    now.since(reach.bulletin_at) > BULLETIN_LIFE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::reach_id;
    use serde_json::json;

    fn said(code: &str, vigilance: Option<Vigilance>) -> ReachSaid {
        ReachSaid {
            reach_id: reach_id("vigicrues", code),
            code: code.into(),
            name: format!("Tronçon {code}"),
            territory: "18".into(),
            geometry: Some(json!({"type": "LineString", "coordinates": [[5.0, 47.3], [5.1, 47.3]]})),
            vigilance,
        }
    }

    fn bulletin(at: i64, reaches: Vec<ReachSaid>) -> Bulletin {
        Bulletin { source: "vigicrues".into(), reference: format!("b{at}"), issued_at: Timestamp(at), reaches }
    }

    const YELLOW: Option<Vigilance> = Some(Vigilance::Yellow);

    #[test]
    fn a_colour_that_stays_keeps_its_beginning_and_one_that_turns_begins_at_its_bulletin() {
        let first = after_bulletin(&[], &bulletin(10, vec![said("a", Some(Vigilance::Green))]));
        let same = after_bulletin(&first, &bulletin(20, vec![said("a", Some(Vigilance::Green))]));
        assert_eq!((same[0].since, same[0].bulletin_at), (Timestamp(10), Timestamp(20)));
        let turned = after_bulletin(&same, &bulletin(30, vec![said("a", YELLOW)]));
        assert_eq!((turned[0].vigilance, turned[0].since), (YELLOW, Timestamp(30)));
        assert!(after_bulletin(&turned, &bulletin(30, vec![said("a", YELLOW)])).is_empty(), "told again");
    }

    #[test]
    fn a_reach_that_a_bulletin_does_not_have_is_unknown_and_never_green() {
        let known = after_bulletin(&[], &bulletin(10, vec![said("a", YELLOW), said("b", YELLOW)]));
        let gone = after_bulletin(&known, &bulletin(20, vec![said("a", YELLOW)]));
        let b = gone.iter().find(|row| row.code == "b").unwrap();
        assert_eq!((b.vigilance, b.since, b.bulletin_at), (None, Timestamp(20), Timestamp(20)));
        assert!(b.geometry.is_object(), "it is still drawn");
        let unread = after_bulletin(&known, &bulletin(20, vec![said("a", None), said("b", YELLOW)]));
        assert_eq!(unread.iter().find(|row| row.code == "a").unwrap().vigilance, None);
    }

    #[test]
    fn a_bulletin_that_arrives_late_changes_nothing_and_other_sources_are_left_alone() {
        let known = after_bulletin(&[], &bulletin(20, vec![said("a", YELLOW)]));
        assert!(after_bulletin(&known, &bulletin(10, vec![said("a", Some(Vigilance::Green))])).is_empty());
        assert!(after_bulletin(&known, &bulletin(10, Vec::new())).is_empty());
        let other = Bulletin { source: "other".into(), ..bulletin(30, Vec::new()) };
        assert!(after_bulletin(&known, &other).is_empty());
    }

    #[test]
    fn a_line_that_is_not_told_again_is_kept() {
        let known = after_bulletin(&[], &bulletin(10, vec![said("a", YELLOW)]));
        let bare = ReachSaid { geometry: None, ..said("a", Some(Vigilance::Red)) };
        assert_eq!(after_bulletin(&known, &bulletin(20, vec![bare]))[0].geometry, known[0].geometry);
    }

    #[test]
    fn a_bulletin_of_yesterday_morning_is_outdated_and_one_of_last_night_is_not() {
        let row = &after_bulletin(&[], &bulletin(0, vec![said("a", YELLOW)]))[0];
        let after = |hours: u64| is_outdated(row, Timestamp(0).plus(Duration::from_hours(hours)));
        assert_eq!([after(18), after(19), after(20)], [false, false, true]);
    }

    #[test]
    fn a_bulletin_without_its_form_is_known() {
        assert!(bulletin(10, vec![said("a", None)]).is_well_formed());
        let bad = |change: fn(&mut ReachSaid)| {
            let mut reach = said("a", None);
            change(&mut reach);
            !bulletin(10, vec![reach]).is_well_formed()
        };
        assert!(bad(|r| r.code = " ".into()) && bad(|r| r.name = String::new()));
        assert!(!bulletin(10, vec![said("a", None), said("a", YELLOW)]).is_well_formed(), "said twice");
        assert!(bad(|r| r.geometry = Some(json!({"type": "Point", "coordinates": [5, 47]}))));
    }
}
