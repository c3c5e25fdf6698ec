//! One cause for many objects, and what comes and goes.

use serde_json::json;

use super::super::*;
use super::*;
use crate::alarm::AlarmChange as C;
use crate::equipment::EquipmentKind;
use crate::table::EquipmentState;

fn alarms_of(watch: &Watch, n: u128) -> Vec<&Alarm> {
    watch.held.values().filter(|alarm| alarm.equipment_id == Some(id(n)) && alarm.open).collect()
}

#[test]
fn a_failed_cabinet_is_one_alarm_with_its_lights_under_it_whatever_came_first() {
    let mut watch = watch(grid());
    for light in 101..=106 {
        watch.state(&supply(light, 0, false));
    }
    assert_eq!(raised(&watch.due(at(31))).len(), 6);
    watch.state(&supply(10, 40, false));
    let said = watch.due(at(41));
    assert_eq!(raised(&said).len(), 1);
    assert_eq!(said.iter().filter(|c| matches!(c, C::Explain { cause_id: Some(_), .. })).count(), 6);
    watch.state(&supply(107, 50, false));
    let said = watch.due(at(81));
    let cause = alarms_of(&watch, 10)[0].alarm_id;
    assert_eq!(raised(&said)[0].cause_id, Some(cause), "a latecomer comes under it at once");
    let asks = watch.held.values().filter(|alarm| crate::alarm::untaken(alarm)).count();
    assert_eq!(asks, 1);
}

#[test]
fn the_highest_failure_explains_the_others_and_what_stays_broken_asks_for_itself_later() {
    let mut watch = watch(grid());
    for n in [10, 20, 1] {
        watch.state(&supply(n, 0, false));
    }
    for light in (101..=110).chain(201..=210) {
        watch.state(&supply(light, 1, false));
    }
    watch.due(at(2));
    watch.due(at(40));
    let roots: Vec<_> =
        watch.held.values().filter(|a| a.open && a.cause_id.is_none()).map(|a| a.rule.clone()).collect();
    assert_eq!(roots, ["substation.supply"]);
    // The substation is back; one cabinet and its lights with it, the other not.
    watch.state(&supply(1, 100, true));
    watch.state(&supply(10, 130, true));
    for light in 101..=110 {
        watch.state(&supply(light, 140, true));
    }
    let under = watch.due(at(150)).iter().filter(|c| matches!(c, C::Explain { cause_id: Some(_), .. })).count();
    assert_eq!(under, 10, "the other lights under their own cabinet");
    let open: Vec<_> = watch.held.values().filter(|a| a.open).collect();
    assert_eq!(open.iter().filter(|a| a.cause_id.is_none()).count(), 1, "the substation's own, to be taken");
    assert!(open.iter().all(|a| a.equipment_id.is_none_or(|e| !(101..=110).contains(&e.0.as_u128()))));
    let said = watch.due(at(100 + 31 * 60));
    assert!(words(&said).contains(&"alone".to_owned()));
    let cabinet = alarms_of(&watch, 20)[0];
    assert!(crate::alarm::untaken(cabinet), "it asks for itself now");
}

#[test]
fn many_lights_without_supply_are_their_cabinets_alarm_even_if_it_says_nothing() {
    let mut watch = watch(grid());
    for light in 101..=107 {
        watch.state(&supply(light, 0, false));
    }
    assert!(!words(&watch.due(at(31))).contains(&"raise cabinet.many".to_owned()));
    watch.state(&supply(108, 32, false));
    let said = watch.due(at(70));
    assert!(words(&said).contains(&"raise cabinet.many".to_owned()), "{:?}", words(&said));
    assert_eq!(watch.held.values().filter(|alarm| crate::alarm::untaken(alarm)).count(), 1);
    // It says so itself in the end: one alarm of the cabinet, not two.
    watch.state(&supply(10, 80, false));
    watch.due(at(81));
    let asks: Vec<_> = watch.held.values().filter(|a| crate::alarm::untaken(a) && a.active).map(|a| &a.rule).collect();
    assert_eq!(asks, ["cabinet.supply"]);
}

#[test]
fn a_source_that_falls_silent_is_one_alarm() {
    let gauges: Vec<_> = (1..=30).map(|n| object(n, EquipmentKind::Gauge, json!({}))).collect();
    let mut watch = watch(gauges);
    for n in 1..=30 {
        watch.state(&EquipmentState { source: "hubeau".into(), ..state(n, 0, json!({"height_mm": 500})) });
    }
    let said = watch.due(at(8_000));
    assert!(words(&said).contains(&"raise source.silent".to_owned()));
    let asks: Vec<_> = watch.held.values().filter(|a| crate::alarm::untaken(a)).collect();
    assert_eq!((asks.len(), asks[0].source.as_deref()), (1, Some("hubeau")));
}

#[test]
fn what_comes_and_goes_is_marked_as_chattering() {
    let mut watch = watch(vec![object(1, EquipmentKind::Building, json!({}))]);
    let mut marks = Vec::new();
    for turn in 0..4 {
        watch.state(&state(1, turn * 60, json!({"intrusion": true})));
        marks.extend(raised(&watch.due(at(turn * 60 + 1))).iter().map(|r| r.chattering));
        watch.state(&state(1, turn * 60 + 30, json!({"intrusion": false})));
        watch.due(at(turn * 60 + 31));
    }
    assert_eq!(marks, [false, false, true, true]);
}
