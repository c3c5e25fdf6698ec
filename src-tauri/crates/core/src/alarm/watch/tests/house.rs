//! Who watches: a house that begins anew, two of them, what they never say.

use serde_json::json;

use super::super::*;
use super::*;
use crate::alarm::{AlarmChange as C, NotKnown, WatchRows, default_rules};
use crate::equipment::EquipmentKind;

#[test]
fn a_house_that_begins_anew_says_nothing_that_was_said() {
    let mut first = watch(grid());
    for n in [1, 10] {
        first.state(&supply(n, 0, false));
    }
    for light in 101..=110 {
        first.state(&supply(light, 1, false));
    }
    first.due(at(2));
    first.due(at(60));
    let mut states = vec![supply(1, 10, false), supply(10, 11, false)];
    states.extend((101..=110).map(|light| supply(light, 12, false)));
    let rows = || WatchRows {
        rules: default_rules(),
        equipment: grid(),
        alarms: held(&first),
        states: states.clone(),
        ..WatchRows::default()
    };
    let mut next = Watch::over(Box::new(NotKnown), rows(), at(61));
    assert_eq!(words(&next.due(at(62))), Vec::<String>::new());
    // Not even when it has heard nothing of the objects yet.
    let mut deaf = Watch::over(Box::new(NotKnown), WatchRows { states: Vec::new(), ..rows() }, at(61));
    assert!(deaf.due(at(62)).iter().all(|change| !matches!(change, C::Clear { .. } | C::Raise(_))));
}

#[test]
fn a_house_that_begins_within_a_delay_does_not_clear_what_was_raised() {
    let light = || vec![object(1, EquipmentKind::StreetLight, json!({}))];
    let mut first = watch(light());
    first.state(&state(1, 0, json!({"level": 0, "fault": "supply"})));
    assert_eq!(raised(&first.due(at(30))).len(), 1);
    let rows = WatchRows {
        rules: default_rules(),
        equipment: light(),
        alarms: held(&first),
        states: vec![state(1, 100, json!({"level": 0, "fault": "supply"}))],
        ..WatchRows::default()
    };
    let mut next = Watch::over(Box::new(NotKnown), rows, at(101));
    assert_eq!(words(&next.due(at(102))), Vec::<String>::new());
}

#[test]
fn two_houses_told_the_same_say_the_same() {
    let told = || {
        let mut watch = watch(grid());
        watch.state(&supply(10, 5, false));
        watch.due(at(6))
    };
    assert_eq!(told(), told());
}

#[test]
fn another_rule_or_object_asks_for_a_new_beginning() {
    let mut watch = watch(grid());
    assert_eq!(watch.take(&changes(&default_rules()[0])), Ok(Told::Anew));
    assert_eq!(watch.take(&changes(&grid()[0])), Ok(Told::Anew));
    assert_eq!(watch.take(&changes(&supply(10, 5, true))), Ok(Told::On));
}

#[test]
fn no_free_text_and_nobody_is_named_in_what_is_raised() {
    let mut watch = watch(grid());
    watch.state(&supply(1, 0, false));
    for raised in raised(&watch.due(at(1))) {
        assert_eq!(raised.site, crate::alarm::SiteWork::NotKnown);
        assert_eq!(raised.message, raised.rule);
    }
}
