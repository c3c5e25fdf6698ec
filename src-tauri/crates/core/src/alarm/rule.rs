//! Rules as data: what raises an alarm on what. A metropolis starts with [`default_rules`] and may adapt them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::command::ClassCode;
use crate::equipment::EquipmentKind as K;
use crate::flood::Vigilance;
use crate::house::NAMES;
use crate::table::AlarmRule;

/// What raises an alarm. Keys are those of [`crate::equipment::Reading`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Condition {
    /// A key has one of these values. What a desk asked for is none.
    State {
        /// The key.
        key: String,
        /// The values.
        one_of: Vec<Value>,
    },
    /// A number is over or under a limit. It is back once it is past the limit by the deadband.
    Threshold {
        /// The key.
        key: String,
        /// Over or under.
        side: Side,
        /// The limit.
        limit: Limit,
        /// From here it is more urgent by one.
        worse: Option<Limit>,
        /// How far back past the limit it must come.
        deadband: f64,
    },
    /// A number moves faster than this.
    Rate {
        /// The key.
        key: String,
        /// By so much in an hour, up (positive) or down (negative).
        per_hour: f64,
        /// Measured over so many seconds.
        over_s: i64,
    },
    /// Nothing was heard from the object for so long, and nothing says why.
    Silence {
        /// Seconds.
        after_s: i64,
    },
    /// Its gateway says that it does not answer, or is silent itself.
    Reach,
    /// The device raises alarms itself: `alarms` of its reading, a list of `{"code", "priority"}`.
    Device,
    /// A command's outcome was not heard, or the end of its effect was not seen (R3, R18).
    Command {
        /// Which of the two.
        missing: Missing,
        /// Of commands of these classes.
        classes: Vec<ClassCode>,
    },
    /// A crew lock did not come where it should: it waits to be in force, or its end has passed (R10).
    Lock {
        /// Which of the two.
        past: LockPast,
    },
    /// The object reports another programme than the one that was applied to it (R19).
    Programme,
    /// A gauge is silent or stands still while its neighbours on the same river rise (attributes `river` and `share`).
    Lost,
    /// A reach of a river is under vigilance: from this colour on, each step of the scale more urgent by one.
    Vigilance {
        /// The first colour that is an alarm.
        least: Vigilance,
    },
    /// Many of what the object feeds, or of what a source gives, has an alarm that yields.
    Many {
        /// Counted how.
        of: Many,
        /// So many at least.
        least: u32,
        /// And such a share of all, in per cent.
        share: u32,
    },
    /// No desk of the room is held.
    RoomEmpty,
}

/// On which side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// At the limit or over it.
    Over,
    /// At the limit or under it.
    Under,
}

/// A limit: a number, or the name of the object's attribute that holds it. Without that attribute there is no limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    /// The same for all.
    Number(f64),
    /// The object's own.
    Attribute(String),
}

impl Limit {
    /// The limit of an object with these attributes.
    pub fn of(&self, attributes: &Value) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Attribute(name) => attributes.get(name).and_then(Value::as_f64),
        }
    }
}

/// What was not heard of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Its outcome: it is unknown.
    Outcome,
    /// The end of its effect: it is overdue.
    End,
}

/// What of a crew lock is overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockPast {
    /// It was asked, and is not in force.
    Grant,
    /// Its expected end has passed, and nobody lifted it.
    End,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Many {
    /// What the object feeds (attribute `fed_by`).
    Fed,
    /// What a source gives.
    Source,
}

/// Code of the rule of alarms that devices raise themselves.
pub const DEVICE_RULE: &str = "device";

/// Code of the rule of gauges lost in the flood: while it holds, the last value of its gauge is not shown.
pub const LOST_RULE: &str = "gauge.lost";

/// A rule as it is written below: what it does not say is the usual.
struct Draft(AlarmRule);

fn rule(code: &str, kind: impl Into<Option<K>>, priority: i64, condition: Condition) -> Draft {
    Draft(AlarmRule {
        rule_id: Uuid::new_v5(&NAMES, format!("rule/{code}").as_bytes()),
        code: code.to_owned(),
        kind: kind.into(),
        priority,
        delay_s: 0,
        condition,
        scope: json!({}),
        yields: false,
        explains: false,
        enabled: true,
        adapted: false,
    })
}

impl Draft {
    fn after(mut self, delay_s: i64) -> Self {
        self.0.delay_s = delay_s;
        self
    }

    fn only(mut self, scope: Value) -> Self {
        self.0.scope = scope;
        self
    }

    fn yields(mut self) -> Self {
        self.0.yields = true;
        self
    }

    fn explains(mut self) -> Self {
        self.0.explains = true;
        self
    }
}

fn state(key: &str, one_of: Value) -> Condition {
    let one_of = if let Value::Array(values) = one_of { values } else { vec![one_of] };
    Condition::State { key: key.to_owned(), one_of }
}

fn over(key: &str, limit: Limit, worse: Option<Limit>, deadband: f64) -> Condition {
    Condition::Threshold { key: key.to_owned(), side: Side::Over, limit, worse, deadband }
}

fn attribute(name: &str) -> Limit {
    Limit::Attribute(name.to_owned())
}

fn silence(after_s: i64) -> Condition {
    Condition::Silence { after_s }
}

fn many(of: Many, least: u32, share: u32) -> Condition {
    Condition::Many { of, least, share }
}

fn missing(missing: Missing, classes: &[ClassCode]) -> Condition {
    Condition::Command { missing, classes: classes.to_vec() }
}

/// The rules that a metropolis starts with. Every code has its text in both catalogues (`alarm.<code>`).
///
/// One lamp in a hundred is always out: only those of a crossing are alarms, the others are work for a round.
pub fn default_rules() -> Vec<AlarmRule> {
    use ClassCode::{B, C, D};
    let rules = [
        // What feeds others.
        rule("substation.supply", K::Substation, 1, state("supply", json!(false))).explains(),
        rule("cabinet.supply", K::Cabinet, 2, state("supply", json!(false))).yields().explains(),
        rule("cabinet.many", K::Cabinet, 2, many(Many::Fed, 8, 25)).yields().explains(),
        rule("cabinet.door", K::Cabinet, 3, state("door", json!("open"))).after(300),
        rule("source.silent", None, 2, many(Many::Source, 20, 50)).explains(),
        // Streets.
        rule("street_light.supply", K::StreetLight, 2, state("fault", json!("supply"))).after(30).yields(),
        rule("street_light.lamp", K::StreetLight, 3, state("fault", json!(["lamp", "driver"])))
            .after(300)
            .only(json!({"crossing": true})),
        rule("street_light.reach", K::StreetLight, 3, Condition::Reach).after(600).yields(),
        rule("street_light.silence", K::StreetLight, 3, silence(7_200)).yields(),
        rule("signal_junction.dark", K::SignalJunction, 1, state("aspect", json!("dark"))),
        rule("signal_junction.degraded", K::SignalJunction, 2, state("aspect", json!(["flashing", "all_red"])))
            .after(60),
        rule("signal_junction.fault", K::SignalJunction, 3, state("fault", json!(["lamp", "controller"]))).after(60),
        rule("signal_junction.reach", K::SignalJunction, 2, Condition::Reach).after(120).yields(),
        rule("signal_junction.silence", K::SignalJunction, 2, silence(600)).yields(),
        rule("bollard.fault", K::Bollard, 3, state("fault", json!(["motor", "sensor", "controller"]))).after(60),
        rule("bollard.silence", K::Bollard, 3, silence(1_800)).yields(),
        rule("message_sign.silence", K::MessageSign, 3, silence(3_600)).yields(),
        rule("camera.picture", K::Camera, 3, state("picture", json!(["frozen", "none"]))).after(240).yields(),
        rule("camera.reach", K::Camera, 3, Condition::Reach).after(600).yields(),
        rule("container.fire", K::Container, 1, state("fault", json!("fire"))),
        rule("container.hot", K::Container, 1, over("temperature_c", Limit::Number(70.0), None, 15.0)),
        rule("container.silence", K::Container, 3, silence(48 * 3_600)).yields(),
        // Buildings.
        rule("building.fire", K::Building, 1, state("fire", json!(true))),
        rule("building.intrusion", K::Building, 1, state("intrusion", json!(true))),
        rule("building.lift", K::Building, 2, state("lift", json!(true))),
        rule("building.silence", K::Building, 2, silence(5_400)).yields(),
        // Water.
        rule("gauge.high", K::Gauge, 2, over("height_mm", attribute("alert_mm"), Some(attribute("danger_mm")), 30.0)),
        rule(
            "gauge.rising",
            K::Gauge,
            2,
            Condition::Rate { key: "height_mm".to_owned(), per_hour: 150.0, over_s: 3_600 },
        ),
        rule("gauge.reach", K::Gauge, 2, Condition::Reach).after(1_800).yields(),
        rule("gauge.silence", K::Gauge, 2, silence(7_500)).yields(),
        rule(LOST_RULE, K::Gauge, 2, Condition::Lost),
        rule("river_reach.vigilance", None, 3, Condition::Vigilance { least: Vigilance::Yellow }),
        rule("pump.fault", K::Pump, 2, state("fault", json!(["motor", "sensor", "controller"]))),
        rule("pump.silence", K::Pump, 2, silence(1_800)).yields(),
        // What was asked and not heard of.
        rule("command.unknown", None, 2, missing(Missing::Outcome, &[B])),
        rule("command.unknown_service", None, 1, missing(Missing::Outcome, &[C, D])),
        rule("command.effect_overdue", None, 1, missing(Missing::End, &[B, C, D])),
        // Crews on site: who believes himself protected and is not comes first.
        rule("crew_lock.not_in_force", None, 1, Condition::Lock { past: LockPast::Grant }).after(60),
        rule("crew_lock.past_end", None, 2, Condition::Lock { past: LockPast::End }),
        // Somebody at the cabinet, a device replaced, an order whose outcome nobody heard: the nights are not those that two
        // people approved. A junction's plan is for its drivers at once; a light has until the evening.
        rule("programme.differs", None, 2, Condition::Programme).after(300),
        // What devices say, and the room.
        rule(DEVICE_RULE, None, 2, Condition::Device),
        rule("room.empty", None, 1, Condition::RoomEmpty),
    ];
    rules.into_iter().map(|draft| draft.0).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_its_own_code_a_priority_and_a_kind_where_it_looks_at_equipment() {
        let rules = default_rules();
        let codes: HashSet<_> = rules.iter().map(|rule| &rule.code).collect();
        assert_eq!(codes.len(), rules.len());
        for rule in &rules {
            assert!((1..=3).contains(&rule.priority) && rule.delay_s >= 0, "{}", rule.code);
            let of_equipment = !matches!(
                rule.condition,
                Condition::Command { .. }
                    | Condition::Lock { .. }
                    | Condition::Programme
                    | Condition::Device
                    | Condition::RoomEmpty
                    | Condition::Vigilance { .. }
                    | Condition::Many { of: Many::Source, .. }
            );
            assert_eq!(rule.kind.is_some(), of_equipment, "{}", rule.code);
            assert!(rule.kind.is_none_or(|kind| rule.code.starts_with(kind.code())), "{}", rule.code);
        }
    }

    #[test]
    fn nothing_that_endangers_people_yields_to_the_failure_of_what_feeds_it() {
        for rule in default_rules() {
            assert!(rule.priority != 1 || !rule.yields, "{}: a failed cabinet must not hide it", rule.code);
        }
    }

    #[test]
    fn conditions_come_back_from_the_form_in_which_they_are_kept() {
        for rule in default_rules() {
            let text = serde_json::to_string(&rule.condition).unwrap();
            assert_eq!(serde_json::from_str::<Condition>(&text).unwrap(), rule.condition, "{text}");
        }
        insta::assert_json_snapshot!(default_rules().iter().map(|r| (&r.code, &r.condition)).collect::<Vec<_>>());
    }
}
