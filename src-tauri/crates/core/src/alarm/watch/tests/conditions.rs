//! Conditions on one object: states, thresholds, rates, silence, codes of devices.

use serde_json::json;

use super::super::*;
use super::*;
use crate::alarm::{AlarmChange as C, NotKnown, WatchRows, default_rules};
use crate::command::Params;
use crate::equipment::{EquipmentKind, Mode, Reach};
use crate::table::EquipmentState;

#[test]
fn a_state_raises_at_its_own_instant_and_clears_when_it_is_gone() {
    let mut watch = watch(vec![object(1, EquipmentKind::SignalJunction, json!({}))]);
    watch.state(&state(1, 0, json!({"aspect": "normal", "fault": null})));
    assert_eq!(words(&watch.due(at(1))), Vec::<String>::new());
    watch.state(&state(1, 60, json!({"aspect": "dark", "fault": null})));
    let said = watch.due(at(61));
    assert_eq!(words(&said), ["raise signal_junction.dark"]);
    let dark = raised(&said)[0];
    assert_eq!((dark.priority, dark.raised_at, dark.details.clone()), (1, at(60), json!({"aspect": "dark"})));
    watch.state(&state(1, 120, json!({"aspect": "dark", "fault": null})));
    assert!(watch.due(at(121)).is_empty(), "still the same episode");
    watch.state(&state(1, 170, json!({"aspect": "normal", "fault": null})));
    assert_eq!(words(&watch.due(at(171))), ["clear"]);
}

#[test]
fn what_a_desk_asked_for_and_what_is_out_of_service_are_no_alarms() {
    let mut watch = watch(vec![object(1, EquipmentKind::SignalJunction, json!({}))]);
    let asked = EquipmentState {
        mode: Mode::Override,
        target: Some(Params::from(json!({"aspect": "flashing"}))),
        ..state(1, 0, json!({"aspect": "flashing"}))
    };
    watch.state(&asked);
    assert!(watch.due(at(3_00)).is_empty());
    watch.state(&EquipmentState { mode: Mode::OutOfService, ..state(1, 301, json!({"aspect": "dark"})) });
    assert!(watch.due(at(302)).is_empty());
    watch.state(&state(1, 303, json!({"aspect": "flashing"})));
    assert!(watch.due(at(304)).is_empty());
    assert_eq!(words(&watch.due(at(303 + 60))), ["raise signal_junction.degraded"]);
}

#[test]
fn a_condition_must_hold_for_its_delay_without_a_break() {
    let mut watch = watch(vec![object(1, EquipmentKind::StreetLight, json!({}))]);
    let faulty = |seconds| state(1, seconds, json!({"level": 0, "fault": "supply"}));
    watch.state(&faulty(0));
    assert!(watch.due(at(29)).is_empty());
    watch.state(&state(1, 29, json!({"level": 70, "fault": null})));
    watch.state(&faulty(31));
    assert!(watch.due(at(35)).is_empty());
    let said = watch.due(at(61));
    assert_eq!(raised(&said)[0].raised_at, at(61));
}

#[test]
fn a_lamp_away_from_a_crossing_is_work_and_one_at_a_crossing_is_an_alarm() {
    let mut watch = watch(vec![
        object(1, EquipmentKind::StreetLight, json!({"crossing": false})),
        object(2, EquipmentKind::StreetLight, json!({"crossing": true})),
    ]);
    for n in [1, 2] {
        watch.state(&state(n, 0, json!({"level": 0, "fault": "lamp"})));
    }
    let said = watch.due(at(300));
    assert_eq!(raised(&said).iter().map(|r| r.equipment_id).collect::<Vec<_>>(), [Some(id(2))]);
}

#[test]
fn a_threshold_has_a_deadband_and_a_worse_limit_asks_anew() {
    let gauge = object(1, EquipmentKind::Gauge, json!({"alert_mm": 1000, "danger_mm": 1500}));
    let mut watch = watch(vec![gauge.clone()]);
    let mut seconds = 0;
    let mut tell = |watch: &mut Watch, height: i64| {
        // Slow enough not to be fast.
        seconds += 36_000;
        watch.state(&state(1, seconds, json!({"height_mm": height})));
        words(&watch.due(at(seconds + 1)))
    };
    assert!(tell(&mut watch, 999).is_empty());
    assert_eq!(tell(&mut watch, 1_000), ["raise gauge.high"]);
    assert!(tell(&mut watch, 975).is_empty(), "within the deadband");
    assert_eq!(tell(&mut watch, 1_500), ["upgrade 1"]);
    assert_eq!(
        tell(&mut watch, 1_200),
        ["escalate 2", "notify untaken"],
        "an alarm is not made less urgent under the eyes of who reads it"
    );
    // Another house goes on in the middle of the deadband.
    let rows = WatchRows {
        rules: default_rules(),
        equipment: vec![gauge],
        alarms: held(&watch),
        states: vec![state(1, 400_000, json!({"height_mm": 975}))],
        ..WatchRows::default()
    };
    let mut next = Watch::over(Box::new(NotKnown), rows, at(400_001));
    assert!(next.due(at(400_002)).iter().all(|change| !matches!(change, C::Clear { .. } | C::Raise(_))));
    next.state(&state(1, 400_900, json!({"height_mm": 969})));
    assert!(words(&next.due(at(400_901))).contains(&"clear".to_owned()));
}

#[test]
fn a_number_that_moves_too_fast_is_seen_over_the_time_asked_for() {
    let mut watch = watch(vec![object(1, EquipmentKind::Gauge, json!({}))]);
    let mut said = Vec::new();
    for quarter in 0..8 {
        watch.state(&state(1, quarter * 900, json!({"height_mm": 500 + quarter * 40})));
        said.extend(
            watch.due(at(quarter * 900 + 1)).iter().map(|change| (quarter, words(std::slice::from_ref(change)))),
        );
    }
    assert_eq!(said, [(4, vec!["raise gauge.rising".to_owned()])], "160 mm/h, known after an hour");
}

#[test]
fn silence_is_seen_by_time_alone_and_heard_again_clears_it() {
    let mut watch = watch(vec![object(1, EquipmentKind::Building, json!({}))]);
    watch.state(&state(1, 0, json!({})));
    watch.state(&state(1, 1_000, json!({})));
    assert!(watch.due(at(5_400)).is_empty(), "heard again meanwhile");
    assert!(watch.due(at(6_399)).is_empty());
    let said = watch.due(at(7_000));
    assert_eq!(words(&said), ["raise building.silence"]);
    assert_eq!(raised(&said)[0].raised_at, at(6_400), "its episode began when the promise was broken");
    watch.state(&state(1, 7_100, json!({})));
    assert_eq!(words(&watch.due(at(7_101))), ["clear"]);
    assert_eq!(words(&watch.due(at(7_100 + 5_400))), ["raise building.silence"]);
}

#[test]
fn what_never_reported_is_not_silent() {
    let mut watch = watch(vec![object(1, EquipmentKind::Building, json!({}))]);
    assert!(watch.due(at(1_000_000)).is_empty());
}

#[test]
fn an_object_whose_gateway_says_why_is_out_of_reach_and_not_silent_besides() {
    let mut watch = watch(vec![object(1, EquipmentKind::StreetLight, json!({}))]);
    watch.state(&EquipmentState { reach: Reach::GatewayLost, ..state(1, 0, json!({"level": 70, "fault": null})) });
    assert_eq!(words(&watch.due(at(100_000))), ["raise street_light.reach"]);
}

#[test]
fn devices_raise_and_clear_their_own_alarms_by_code() {
    let mut watch = watch(vec![object(1, EquipmentKind::SignalJunction, json!({}))]);
    let door = json!({"code": "A0010", "priority": 3});
    watch.state(&state(1, 0, json!({"alarms": [door, {"code": "A0201"}]})));
    let said = watch.due(at(1));
    let mut seen: Vec<_> = raised(&said).iter().map(|r| (r.rule.clone(), r.code.clone(), r.priority)).collect();
    seen.sort();
    assert_eq!(seen, [("device".into(), "A0010".into(), 3), ("device".into(), "A0201".into(), 2)]);
    watch.state(&state(1, 10, json!({"alarms": [{"code": "A0201"}]})));
    assert_eq!(words(&watch.due(at(11))), ["clear"]);
    watch.state(&state(1, 20, json!({})));
    assert_eq!(words(&watch.due(at(21))), ["clear"]);
}
