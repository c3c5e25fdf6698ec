use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::alarm::{AlarmChange as C, NotKnown, NoticeReason, WatchRows, default_rules};
use crate::command::{CommandState, EffectState, Params};
use crate::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use crate::ids::{DeskId, PersonId, ShiftId};
use crate::port::TableChanges;
use crate::rights::Role;
use crate::table::{Command, Equipment, EquipmentState, TableRow, table};

const T0: i64 = 1_795_000_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp(T0 + seconds * 1_000)
}

fn id(n: u128) -> EquipmentId {
    EquipmentId(Uuid::from_u128(n))
}

fn object(n: u128, kind: EquipmentKind, attributes: Value) -> Equipment {
    Equipment {
        equipment_id: id(n),
        reference: format!("R-{n}"),
        name: String::new(),
        kind,
        insee_code: String::new(),
        street: String::new(),
        lon: 5.0,
        lat: 47.0,
        attributes,
    }
}

fn state(n: u128, seconds: i64, reading: Value) -> EquipmentState {
    EquipmentState {
        equipment_id: id(n),
        reading: Reading::from(reading),
        quality: Quality::Good,
        observed_at: Some(at(seconds)),
        received_at: at(seconds),
        source: "gateway".into(),
        reach: Reach::Reachable,
        mode: Mode::Programme,
        target: None,
        effect_until: None,
        version: 1,
        control_version: 1,
    }
}

fn watch(equipment: Vec<Equipment>) -> Watch {
    let rows = WatchRows { rules: default_rules(), equipment, ..WatchRows::default() };
    Watch::over(Box::new(NotKnown), rows, at(0))
}

/// The rules raised, cleared and so on, in words.
fn words(said: &[C]) -> Vec<String> {
    said.iter()
        .map(|change| match change {
            C::Raise(raised) => format!("raise {}", raised.rule),
            C::Clear { .. } => "clear".to_owned(),
            C::Explain { cause_id, .. } => if cause_id.is_some() { "under" } else { "alone" }.to_owned(),
            C::Upgrade { priority, .. } => format!("upgrade {priority}"),
            C::Escalate { level, .. } => format!("escalate {level}"),
            C::Unshelve { .. } => "unshelve".to_owned(),
            C::Notify { reason, .. } => format!("notify {reason}"),
            C::CallOff { .. } => "call off".to_owned(),
            C::Sent { .. } => "sent".to_owned(),
        })
        .collect()
}

fn raised(said: &[C]) -> Vec<&crate::alarm::RaisedAlarm> {
    said.iter().filter_map(|change| if let C::Raise(raised) = change { Some(raised) } else { None }).collect()
}

/// The rows that the metropolis holds of what a watch holds.
fn held(watch: &Watch) -> Vec<Alarm> {
    watch.held.values().cloned().collect()
}

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

fn command(n: u128, class: ClassCode, state: CommandState, effect: Option<EffectState>) -> Command {
    Command {
        command_id: CommandId(Uuid::from_u128(n)),
        equipment_id: id(1),
        action: "street_light.set_level".into(),
        class,
        params: Params::default(),
        person_id: PersonId(Uuid::nil()),
        role: Role::RemoteOperator,
        shift_id: ShiftId(Uuid::nil()),
        reason: String::new(),
        issued_at: at(0),
        expires_at: at(60),
        effect_until: Some(at(600)),
        seen_control_version: 1,
        without_visibility: false,
        state,
        state_since: at(30),
        detail: None,
        effect,
        group_id: None,
        approval_id: None,
        sole: None,
    }
}

#[test]
fn r3_an_effect_that_nobody_saw_ending_is_a_priority_1() {
    let mut watch = watch(vec![object(1, EquipmentKind::StreetLight, json!({}))]);
    watch.command(&command(5, ClassCode::B, CommandState::Confirmed, Some(EffectState::InForce)));
    assert!(watch.due(at(700)).is_empty());
    watch.command(&command(5, ClassCode::B, CommandState::Confirmed, Some(EffectState::Overdue)));
    let said = watch.due(at(701));
    assert_eq!(words(&said), ["raise command.effect_overdue"]);
    assert_eq!((raised(&said)[0].priority, raised(&said)[0].raised_at), (1, at(660)));
    watch.command(&command(5, ClassCode::B, CommandState::Confirmed, Some(EffectState::Ended)));
    assert_eq!(words(&watch.due(at(702))), ["clear"]);
}

#[test]
fn r18_a_command_without_an_account_is_alarmed_about_until_it_is_known_or_closed() {
    let mut watch = watch(vec![object(1, EquipmentKind::StreetLight, json!({}))]);
    watch.command(&command(5, ClassCode::A, CommandState::Unknown, None));
    assert!(watch.due(at(40)).is_empty(), "a reading that did not come harms nobody");
    watch.command(&command(6, ClassCode::B, CommandState::Unknown, None));
    watch.command(&command(7, ClassCode::C, CommandState::Unknown, None));
    assert_eq!(words(&watch.due(at(41))), ["raise command.unknown", "raise command.unknown_service"]);
    watch.command(&command(6, ClassCode::B, CommandState::LateDone, None));
    assert_eq!(words(&watch.due(at(42))), ["clear"]);
}

/// A substation over two cabinets over three lights each.
fn grid() -> Vec<Equipment> {
    let mut all = vec![object(1, EquipmentKind::Substation, json!({}))];
    for cabinet in [10, 20] {
        all.push(object(cabinet, EquipmentKind::Cabinet, json!({"fed_by": "R-1"})));
        for light in 1..=10 {
            all.push(object(
                cabinet * 10 + light,
                EquipmentKind::StreetLight,
                json!({"fed_by": format!("R-{cabinet}")}),
            ));
        }
    }
    all
}

fn supply(n: u128, seconds: i64, there: bool) -> EquipmentState {
    let reading = if n > 100 {
        json!({"level": 0, "fault": if there { Value::Null } else { "supply".into() }})
    } else {
        json!({ "supply": there })
    };
    state(n, seconds, reading)
}

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
fn a_priority_1_that_nobody_takes_is_carried_to_every_desk_then_to_the_person_on_call_and_called_off_once_taken() {
    let mut watch = watch(vec![object(1, EquipmentKind::Building, json!({}))]);
    watch.state(&state(1, 0, json!({"fire": true})));
    assert_eq!(words(&watch.due(at(1))), ["raise building.fire"]);
    assert!(watch.due(at(119)).is_empty());
    assert_eq!(words(&watch.due(at(120))), ["escalate 1"]);
    assert!(watch.due(at(299)).is_empty());
    assert_eq!(words(&watch.due(at(300))), ["escalate 2", "notify untaken"]);
    assert!(watch.due(at(900)).is_empty(), "he is told once");
    assert_eq!(watch.unsent().count(), 1);
    let taken = Alarm { acknowledged: true, ..held(&watch).remove(0) };
    watch.take(&changes(&taken)).unwrap();
    assert_eq!(words(&watch.due(at(901))), ["call off"]);
    assert_eq!(watch.unsent().count(), 0);
}

fn changes<T: TableRow>(row: &T) -> TableChanges {
    TableChanges { table: table(T::SPEC.name).unwrap(), deleted: Vec::new(), rows: vec![row.to_row()] }
}

#[test]
fn a_shelving_ends_by_itself() {
    let mut watch = watch(vec![object(1, EquipmentKind::Bollard, json!({}))]);
    watch.state(&state(1, 0, json!({"fault": "motor"})));
    watch.due(at(60));
    let shelved = Alarm { suspended: true, suspended_until: Some(at(1_000)), ..held(&watch).remove(0) };
    watch.take(&changes(&shelved)).unwrap();
    assert!(watch.due(at(999)).is_empty());
    assert_eq!(words(&watch.due(at(1_000))), ["unshelve"]);
}

fn shift(n: u128, role: Role, opened: i64, ends: i64, closed: Option<i64>) -> Shift {
    Shift {
        shift_id: ShiftId(Uuid::from_u128(n)),
        desk_id: DeskId(Uuid::nil()),
        person_id: PersonId(Uuid::nil()),
        role,
        opened_at: at(opened),
        ends_at: at(ends),
        closed_at: closed.map(at),
    }
}

#[test]
fn a_room_that_nobody_holds_any_more_rings_the_person_on_call_after_five_minutes() {
    let mut watch = watch(Vec::new());
    assert!(watch.due(at(10_000)).is_empty(), "a room that nobody ever held is not watched");
    watch.take(&changes(&shift(1, Role::RemoteOperator, 10_000, 20_000, None))).unwrap();
    watch.take(&changes(&shift(2, Role::CallAgent, 10_000, 90_000, None))).unwrap();
    assert!(watch.due(at(19_999)).is_empty());
    assert_eq!(words(&watch.due(at(20_000))), ["raise room.empty"]);
    assert_eq!(words(&watch.due(at(20_120))), ["escalate 1"]);
    let said = watch.due(at(20_300));
    assert!(matches!(&said[1], C::Notify { reason: NoticeReason::RoomEmpty, .. }), "{said:?}");
    watch.take(&changes(&shift(3, Role::Supervisor, 20_400, 50_000, None))).unwrap();
    let said = words(&watch.due(at(20_401)));
    assert!(said.contains(&"clear".to_owned()), "{said:?}");
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
