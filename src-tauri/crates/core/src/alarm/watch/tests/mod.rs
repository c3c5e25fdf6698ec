//! What the alarm rules say of a small city: the city, and the words its alarms are told in.

mod causes;
mod commands;
mod conditions;
mod house;
mod people;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::alarm::{AlarmChange as C, NotKnown, WatchRows, default_rules};
use crate::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use crate::port::TableChanges;
use crate::table::{Equipment, EquipmentState, TableRow, table};

const T0: i64 = 1_795_000_000_000;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp(T0 + seconds * 1_000)
}

pub(super) fn id(n: u128) -> EquipmentId {
    EquipmentId(Uuid::from_u128(n))
}

pub(super) fn object(n: u128, kind: EquipmentKind, attributes: Value) -> Equipment {
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
        service_id: None,
    }
}

pub(super) fn state(n: u128, seconds: i64, reading: Value) -> EquipmentState {
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

pub(super) fn watch(equipment: Vec<Equipment>) -> Watch {
    let rows = WatchRows { rules: default_rules(), equipment, ..WatchRows::default() };
    Watch::over(Box::new(NotKnown), rows, at(0))
}

/// The rules raised, cleared and so on, in words.
pub(super) fn words(said: &[C]) -> Vec<String> {
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

/// What a watch has to say at an instant, of alarms that come, with their priority, and go.
pub(super) fn raised_by(watch: &mut Watch, at: Timestamp) -> Vec<String> {
    let said = watch.due(at).into_iter();
    said.filter_map(|change| match change {
        C::Raise(raised) => Some(format!("raise {} {}", raised.rule, raised.priority)),
        C::Clear { .. } => Some("clear".to_owned()),
        _ => None,
    })
    .collect()
}

pub(super) fn raised(said: &[C]) -> Vec<&crate::alarm::RaisedAlarm> {
    said.iter().filter_map(|change| if let C::Raise(raised) = change { Some(raised) } else { None }).collect()
}

/// The rows that the metropolis holds of what a watch holds.
pub(super) fn held(watch: &Watch) -> Vec<Alarm> {
    watch.held.values().cloned().collect()
}

/// A substation over two cabinets over three lights each.
pub(super) fn grid() -> Vec<Equipment> {
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

pub(super) fn supply(n: u128, seconds: i64, there: bool) -> EquipmentState {
    let reading = if n > 100 {
        json!({"level": 0, "fault": if there { Value::Null } else { "supply".into() }})
    } else {
        json!({ "supply": there })
    };
    state(n, seconds, reading)
}

pub(super) fn changes<T: TableRow>(row: &T) -> TableChanges {
    TableChanges { table: table(T::SPEC.name).unwrap(), deleted: Vec::new(), rows: vec![row.to_row()] }
}
