//! The return after a cut: each intent against what is true now.

use vigie_core::command::{CommandOrder, action};
use vigie_core::equipment::Reading;
use vigie_core::table::EquipmentState;
use vigie_core::time::Timestamp;

/// How an intent stands against what is true now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Older than its class's life: a label, since an intent is never sent.
    Expired,
    /// The object's control moved since it was seen.
    Contradicted,
    /// The state already shows what was asked.
    AlreadySo,
    /// Nothing moved since.
    StillValid,
}

/// Labels an order. *Already so* and *contradicted* tell more than an age, so they come first.
pub fn label(order: &CommandOrder, state: Option<&EquipmentState>, now: Timestamp) -> Label {
    if let (Some(state), Some(action)) = (state, action(&order.action)) {
        if shown(state).contains(&action.expectation(&order.params)) {
            return Label::AlreadySo;
        }
        if state.control_version != order.seen.control_version {
            return Label::Contradicted;
        }
    }
    if now > order.expires_at { Label::Expired } else { Label::StillValid }
}

/// A state's reading with its mode: what a command's expectation is compared with.
pub fn shown(state: &EquipmentState) -> Reading {
    let mut reading = state.reading.clone();
    reading.0.insert("mode".to_owned(), state.mode.code().into());
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;
    use vigie_core::command::{Params, Seen};
    use vigie_core::equipment::{Mode, Quality, Reach};
    use vigie_core::ids::{CommandId, DeskId, EquipmentId, ShiftId};

    fn order() -> CommandOrder {
        CommandOrder {
            command_id: CommandId(Uuid::nil()),
            equipment_id: EquipmentId(Uuid::nil()),
            action: "signal_junction.set_plan".into(),
            params: Params::from(json!({"plan": 3})),
            issued_at: Timestamp(0),
            expires_at: Timestamp(300_000),
            effect_until: None,
            shift_id: ShiftId(Uuid::nil()),
            desk_id: DeskId(Uuid::nil()),
            reason: String::new(),
            seen: Seen { reading: Reading::default(), observed_at: None, version: 1, control_version: 4 },
            without_visibility: false,
            procedure: vigie_core::command::Procedure::default(),
        }
    }

    fn state(plan: i64, mode: Mode, control_version: i64) -> EquipmentState {
        EquipmentState {
            equipment_id: EquipmentId(Uuid::nil()),
            reading: Reading::from(json!({"aspect": "normal", "plan": plan})),
            quality: Quality::Good,
            observed_at: Some(Timestamp(0)),
            received_at: Timestamp(0),
            source: "controller".into(),
            reach: Reach::Reachable,
            mode,
            target: None,
            effect_until: None,
            version: 1,
            control_version,
        }
    }

    #[test]
    fn an_intent_is_told_apart_from_what_is_true_now() {
        let (in_time, late) = (Timestamp(1_000), Timestamp(4 * 3_600_000));
        assert_eq!(label(&order(), Some(&state(2, Mode::Programme, 4)), in_time), Label::StillValid);
        assert_eq!(label(&order(), Some(&state(2, Mode::Programme, 4)), late), Label::Expired);
        assert_eq!(label(&order(), Some(&state(2, Mode::Override, 5)), late), Label::Contradicted);
        assert_eq!(label(&order(), Some(&state(3, Mode::Override, 5)), late), Label::AlreadySo);
    }

    #[test]
    fn the_same_plan_by_the_programme_is_not_what_was_asked() {
        assert_eq!(label(&order(), Some(&state(3, Mode::Programme, 4)), Timestamp(1)), Label::StillValid);
    }
}
