//! Orders for the tests of the profiles.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vigie_core::command::{Params, action};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::programme::{Content, ProgrammeKind};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Taken, TakenProgramme};

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
        programme: None,
    }
}

/// The name of a programme.
pub(crate) const NAME: &str = "00000000-0000-0000-0000-000000000007/2";

/// Half from 23:30 on, from 1:00 on Fridays and Saturdays.
pub(crate) fn lighting() -> Content {
    serde_json::from_value(json!({
        "name": "Centre", "valid_from": "2023-11-01", "valid_until": null, "plans": [], "default": "semaine",
        "rules": [{"programme": "week-end", "days": ["fri", "sat"], "from": null, "until": null}],
        "programmes": [
            {"name": "semaine", "steps": [
                {"from": "dusk", "minutes": 0, "level": 100, "plan": null},
                {"from": "clock", "minutes": 1_410, "level": 50, "plan": null},
                {"from": "dawn", "minutes": 0, "level": 0, "plan": null},
            ]},
            {"name": "week-end", "steps": [
                {"from": "dusk", "minutes": 0, "level": 100, "plan": null},
                {"from": "clock", "minutes": 60, "level": 50, "plan": null},
                {"from": "dawn", "minutes": 0, "level": 0, "plan": null},
            ]},
        ],
    }))
    .unwrap()
}

/// Three plans on a weekday, the night's from 22:00 on Sundays.
pub(crate) fn signals() -> Content {
    serde_json::from_value(json!({
        "name": "Wilson", "valid_from": "2023-11-01", "valid_until": null, "default": "ouvré",
        "plans": [{"name": "jour", "number": 1}, {"name": "pointe", "number": 2}, {"name": "nuit", "number": 3}],
        "rules": [{"programme": "dimanche", "days": ["sun"], "from": null, "until": null}],
        "programmes": [
            {"name": "ouvré", "steps": [
                {"from": "clock", "minutes": 360, "level": null, "plan": "jour"},
                {"from": "clock", "minutes": 450, "level": null, "plan": "pointe"},
                {"from": "clock", "minutes": 1_260, "level": null, "plan": "nuit"},
            ]},
            {"name": "dimanche", "steps": [{"from": "clock", "minutes": 1_320, "level": null, "plan": "nuit"}]},
        ],
    }))
    .unwrap()
}

/// An order for a programme, as the metropolis hands it out.
pub(crate) fn programme(reference: &str, kind: ProgrammeKind, content: Content) -> Taken {
    let told = order(reference, kind.equipment(), kind.apply_action(), json!({ "programme": NAME }));
    Taken { programme: Some(TakenProgramme { kind, content }), ..told }
}
