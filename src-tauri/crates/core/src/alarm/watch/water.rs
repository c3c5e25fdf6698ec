//! Rivers: gauges lost while their neighbours rise, and reaches under vigilance.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Wanted, Watch};
use crate::alarm::{AlarmKey, Condition};
use crate::equipment::{EquipmentKind, Quality};
use crate::flood::{LOST_OVER, Station, Vigilance, lost_in_flood};
use crate::table::{Equipment, EquipmentState, RiverReach};
use crate::time::Timestamp;

/// Heights of a gauge that are kept: what it takes to say that it is lost.
const KEPT: Duration = Duration::from_hours(10);

/// A gauge among its neighbours.
#[derive(Debug, Clone)]
pub(super) struct Gauge {
    river: String,
    share: Option<f64>,
    heights: VecDeque<(Timestamp, f64)>,
}

impl Watch {
    /// A gauge whose river is known has neighbours.
    pub(super) fn add_gauge(&mut self, place: usize, row: &Equipment) {
        if row.kind != EquipmentKind::Gauge {
            return;
        }
        if let Some(river) = row.attributes.get("river").and_then(Value::as_str) {
            let share = row.attributes.get("share").and_then(Value::as_f64);
            self.gauges.insert(place, Gauge { river: river.to_owned(), share, heights: VecDeque::new() });
        }
    }

    /// A gauge told its height: it may be lost, or show that another one is.
    pub(super) fn water(&mut self, place: usize, state: &EquipmentState) {
        let Some(gauge) = self.gauges.get_mut(&place) else { return };
        let told = state.reading.number("height_mm").filter(|_| state.quality != Quality::Bad);
        let (Some(mm), Some(at)) = (told, state.observed_at) else { return };
        if gauge.heights.back().is_some_and(|(last, _)| *last >= at) {
            return;
        }
        gauge.heights.push_back((at, mm));
        while gauge.heights.front().is_some_and(|(first, _)| at.since(*first) > KEPT) {
            gauge.heights.pop_front();
        }
        let river = gauge.river.clone();
        self.look_at_river(&river);
    }

    fn look_at_river(&mut self, river: &str) {
        let Some(rule) = self.rules.iter().position(|rule| rule.condition == Condition::Lost) else { return };
        let Some((priority, delay_s)) = self.rule_at(rule).map(|rule| (rule.priority, rule.delay_s)) else { return };
        let now = self.now;
        let of_river: Vec<(usize, Vec<(Timestamp, f64)>)> = self
            .gauges
            .iter()
            .filter(|(_, gauge)| gauge.river == river)
            .map(|(place, gauge)| (*place, gauge.heights.iter().copied().collect()))
            .collect();
        let stations: Vec<Station<'_>> = of_river
            .iter()
            .filter_map(|(place, heights)| {
                let (thing, gauge) = (self.things.get(*place)?, self.gauges.get(place)?);
                Some(Station { gauge: thing.id, river: &gauge.river, share: gauge.share, heights })
            })
            .collect();
        let lost = lost_in_flood(&stations, now);
        let ids: Vec<_> = stations.iter().map(|station| station.gauge).collect();
        for id in ids {
            let Some(key) = self.key_of(rule, id) else { continue };
            let wanted = lost.get(&id).map(|lost| {
                let since = self.wanted.get(&key).map_or(now, |before| before.since);
                let from = since.plus(Duration::from_secs(delay_s.unsigned_abs()));
                Wanted { since, from, priority, details: json!({ "last_at": lost.since() }) }
            });
            self.want(key, wanted);
        }
    }

    /// Whether enough was heard of a gauge's river to say that nothing of it is lost: a house that begins anew has only the last
    /// heights, and keeps what is held until it has more.
    pub(super) fn knows_river(&self, place: usize) -> bool {
        let Some(own) = self.gauges.get(&place) else { return true };
        let span = |gauge: &Gauge| {
            let ends = gauge.heights.front().zip(gauge.heights.back());
            ends.map_or(Duration::ZERO, |((first, _), (last, _))| last.since(*first))
        };
        self.gauges.values().any(|gauge| gauge.river == own.river && span(gauge) >= LOST_OVER)
    }

    /// A reach as the last bulletin has it. One that is unknown changes nothing: its water did not fall because nobody spoke of it.
    pub fn reach(&mut self, row: &RiverReach) {
        let Some(now_at) = row.vigilance else { return };
        let mut said = Vec::new();
        for rule in &self.rules {
            let Condition::Vigilance { least } = rule.condition else { continue };
            for colour in Vigilance::ALL.iter().copied().filter(|colour| *colour >= least) {
                let key = AlarmKey {
                    rule: rule.code.clone(),
                    equipment_id: None,
                    source: None,
                    code: format!("{}/{}", row.code, colour),
                };
                let wanted = (colour == now_at).then(|| {
                    let delay = Duration::from_secs(rule.delay_s.unsigned_abs());
                    let from = self.wanted.get(&key).map_or_else(|| self.now.plus(delay), |before| before.from);
                    let priority = (rule.priority - (colour.level() - least.level())).max(1);
                    let details = json!({ "reach": row.name, "vigilance": colour.word() });
                    Wanted { since: row.since, from, priority, details }
                });
                said.push((key, wanted));
            }
        }
        for (key, wanted) in said {
            self.want(key, wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::watch::tests::{at, object, raised, raised_by, state, watch};
    use crate::alarm::{NotKnown, WatchRows, default_rules};
    use crate::flood::reach_id;

    const QUARTER: i64 = 900;

    fn river() -> Vec<Equipment> {
        let gauge = |n, share: f64| object(n, EquipmentKind::Gauge, json!({"river": "L'Ouche", "share": share}));
        vec![gauge(1, 0.1), gauge(2, 0.5), gauge(3, 0.9)]
    }

    /// Lets a gauge say a height in the nth quarter of an hour; what is raised and cleared.
    fn says(watch: &mut Watch, n: u128, quarter: i64, mm: f64) -> Vec<String> {
        let now = at(quarter * QUARTER);
        let mut all = raised_by(watch, now);
        watch.state(&state(n, quarter * QUARTER, json!({"height_mm": mm, "flow_l_s": null})));
        all.extend(raised_by(watch, now));
        all.retain(|said| said != "raise gauge.rising 2");
        all
    }

    /// Three hours of rise at the first and the last, while the middle one is silent from the second quarter on.
    fn with_one_lost() -> (Watch, Vec<String>) {
        let mut watch = watch(river());
        let mut said = Vec::new();
        for quarter in 0..=12 {
            for n in [1, 3] {
                said.extend(says(&mut watch, n, quarter, 600.0 + 30.0 * quarter as f64));
            }
            if quarter < 2 {
                said.extend(says(&mut watch, 2, quarter, 620.0));
            }
        }
        (watch, said)
    }

    #[test]
    fn a_gauge_that_is_silent_while_its_neighbours_rise_is_alarmed_about_until_it_is_heard_again() {
        let (mut watch, said) = with_one_lost();
        assert_eq!(said, ["raise gauge.lost 2", "raise gauge.silence 2"]);
        assert_eq!(says(&mut watch, 2, 13, 900.0), ["clear", "clear"], "of both");
    }

    #[test]
    fn a_house_that_begins_anew_keeps_a_lost_gauge_until_it_knows_better() {
        let (before, _) = with_one_lost();
        let alarms = before.held.values().cloned().collect();
        let now = at(13 * QUARTER);
        let states =
            vec![state(1, 13 * QUARTER, json!({"height_mm": 950})), state(2, QUARTER, json!({"height_mm": 620}))];
        let rows = WatchRows { rules: default_rules(), equipment: river(), alarms, states, ..WatchRows::default() };
        let mut anew = Watch::over(Box::new(NotKnown), rows, now);
        assert!(raised_by(&mut anew, now).iter().all(|said| said != "clear"));
        let mut said = Vec::new();
        for quarter in 14..=26 {
            said.extend(says(&mut anew, 1, quarter, 950.0));
            said.extend(says(&mut anew, 2, quarter, 950.0));
        }
        assert_eq!(said, ["clear", "clear"], "of its silence at once, of its loss once three quiet hours were heard");
    }

    fn reach(quarter: i64, since: i64, vigilance: Option<Vigilance>) -> RiverReach {
        RiverReach {
            reach_id: reach_id("vigicrues", "OU1"),
            code: "OU1".into(),
            name: "Ouche amont".into(),
            territory: "18".into(),
            source: "vigicrues".into(),
            geometry: Value::Null,
            vigilance,
            since: at(since * QUARTER),
            bulletin_at: at(quarter * QUARTER),
            bulletin: String::new(),
        }
    }

    #[test]
    fn each_colour_from_yellow_on_is_an_alarm_of_its_own_and_red_is_at_once() {
        let mut watch = watch(Vec::new());
        let mut tell = |quarter: i64, since: i64, vigilance| {
            watch.reach(&reach(quarter, since, vigilance));
            raised_by(&mut watch, at(quarter * QUARTER))
        };
        assert!(tell(0, 0, Some(Vigilance::Green)).is_empty());
        assert_eq!(tell(4, 4, Some(Vigilance::Yellow)), ["raise river_reach.vigilance 3"]);
        assert!(tell(5, 4, Some(Vigilance::Yellow)).is_empty(), "told again");
        let orange = tell(8, 8, Some(Vigilance::Orange));
        assert!(orange.contains(&"raise river_reach.vigilance 2".to_owned()) && orange.contains(&"clear".to_owned()));
        assert!(tell(10, 10, None).is_empty(), "nobody spoke of it: its water did not fall");
        assert!(tell(12, 12, Some(Vigilance::Red)).contains(&"raise river_reach.vigilance 1".to_owned()));
        assert_eq!(tell(20, 20, Some(Vigilance::Green)), ["clear"]);
    }

    #[test]
    fn an_alarm_of_vigilance_says_which_reach_and_its_legal_word() {
        let mut watch = watch(Vec::new());
        watch.reach(&reach(0, 0, Some(Vigilance::Red)));
        let said = watch.due(at(1));
        let alarm = raised(&said)[0];
        assert_eq!(alarm.details, json!({"reach": "Ouche amont", "vigilance": "rouge"}));
        assert_eq!((alarm.equipment_id, alarm.code.as_str()), (None, "OU1/red"));
    }
}
