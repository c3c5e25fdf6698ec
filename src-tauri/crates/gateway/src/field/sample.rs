//! Orders for the tests of the profiles.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;
use vigie_core::command::{Params, action};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

pub(crate) const AT: Timestamp = Timestamp(1_700_000_000_000);

/// An order on an object, for half an hour where it lasts.
pub(crate) fn order(reference: &str, kind: EquipmentKind, code: &str, params: Value) -> Taken {
    let action = action(code).unwrap();
    Taken {
        command_id: CommandId(Uuid::from_u128(0x51)),
        equipment_id: EquipmentId(Uuid::from_u128(0x100)),
        reference: reference.into(),
        kind,
        action: code.into(),
        class: action.class,
        params: Params::from(params),
        issued_at: AT,
        expires_at: AT.plus(action.class.life()),
        effect_until: action.max_effect.map(|_| AT.plus(Duration::from_secs(1_800))),
    }
}
