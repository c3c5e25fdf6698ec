//! People: who is called, who sleeps, who left.

use serde_json::json;
use uuid::Uuid;

use super::super::*;
use super::*;
use crate::alarm::{AlarmChange as C, NoticeReason};
use crate::equipment::EquipmentKind;
use crate::ids::{DeskId, PersonId, ShiftId};
use crate::rights::Role;

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
