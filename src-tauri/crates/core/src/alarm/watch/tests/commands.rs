//! What becomes of commands.

use serde_json::json;
use uuid::Uuid;

use super::super::*;
use super::*;
use crate::command::{CommandState, EffectState, Params};
use crate::equipment::EquipmentKind;
use crate::ids::{PersonId, ShiftId};
use crate::rights::Role;
use crate::table::Command;

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
