//! What the metropolis refuses, with which code, and what the room sees of it.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{ClassCode, CommandState};
use vigie_core::equipment::{EquipmentKind, Quality, Reach};
use vigie_core::ids::EquipmentId;

use super::room::{OPERATOR, Room, applied, refused};

/// Refused by the metropolis's own time; the room sees that it expired.
pub async fn r2_a_command_after_its_life_is_refused_and_shown_as_expired(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    room.wait(ClassCode::B.life() + Duration::from_millis(1)).await;
    let outcome = room.operate(OPERATOR, &order).await;
    refused(&outcome, "expired");
    assert_eq!(outcome.command_state, Some(CommandState::Expired));
    let row = room.command(order.command_id).await;
    assert_eq!((row.state, row.detail.as_deref()), (CommandState::Expired, Some("expired")));
    let event =
        (Some(CommandState::Submitted), CommandState::Expired, "metropolis".to_owned(), Some("expired".to_owned()));
    assert_eq!(room.events(order.command_id).await, [event]);
}

/// Lives may be shortened, never lengthened.
pub async fn r2_a_life_longer_than_its_class_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    let mut order = room.dim(light).await;
    order.expires_at = order.expires_at.plus(Duration::from_millis(1));
    let outcome = room.operate(OPERATOR, &order).await;
    refused(&outcome, "life_too_long");
    assert_eq!(outcome.command_state, Some(CommandState::Rejected));
    assert_eq!(room.command(order.command_id).await.detail.as_deref(), Some("life_too_long"));
}

/// "No end" does not exist; and what has no lasting effect has none.
pub async fn r3_an_effect_without_an_end_or_beyond_the_longest_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    let now = room.now().await;
    for until in [None, Some(now), Some(now.plus(Duration::from_secs(12 * 3_600 + 1)))] {
        let mut order = room.dim(light).await;
        order.effect_until = until;
        refused(&room.operate(OPERATOR, &order).await, "effect_unbounded");
    }
    let mut read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    read.effect_until = Some(now.plus(Duration::from_secs(60)));
    refused(&room.operate(OPERATOR, &read).await, "effect_unbounded");
    let mut longest = room.dim(light).await;
    longest.effect_until = Some(now.plus(Duration::from_secs(12 * 3_600)));
    applied(&room.operate(OPERATOR, &longest).await);
}

/// The answer carries the version and the reading that are true now.
pub async fn r4_a_moved_control_version_is_refused_with_what_is_true_now(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let seen_again = room.seen(light).await;
    room.report(vec![seen_again]).await;
    let mut same = room.dim(light).await;
    same.seen = order.seen.clone();
    applied(&room.operate(OPERATOR, &same).await);

    let overridden = room.overridden(&order).await;
    room.report(vec![overridden]).await;
    let outcome = room.operate(OPERATOR, &order).await;
    refused(&outcome, "control_changed");
    let state = room.state(light).await.expect("a state");
    assert_eq!(outcome.detail["control_version"], json!(state.control_version));
    assert_eq!(outcome.detail["reading"]["level"].as_f64(), Some(40.0));

    // The safe direction asks for no precondition (R17).
    let mut back = room.order(OPERATOR, light, "street_light.to_programme", json!({})).await;
    back.seen = order.seen.clone();
    applied(&room.operate(OPERATOR, &back).await);
}

/// "Without visibility" must be said, with a reason.
pub async fn r4_what_is_stale_is_no_precondition_without_saying_so_and_why(room: &mut Room<'_>) {
    let light = room.light();
    room.wait(EquipmentKind::StreetLight.fresh_for() * 2).await;
    let order = room.dim(light).await;
    refused(&room.operate(OPERATOR, &order).await, "no_visibility");
    let mut said = room.dim(light).await;
    said.without_visibility = true;
    said.reason = " \u{a0}\t".into();
    refused(&room.operate(OPERATOR, &said).await, "reason_needed");
    let mut why = room.dim(light).await;
    why.without_visibility = true;
    why.reason = "appel d'un riverain".into();
    let id = room.taken(&why).await;
    let row = room.command(id).await;
    assert!(row.without_visibility);
    assert_eq!(row.reason, "appel d'un riverain");
}

/// A reading that is not one, or a device that does not answer.
pub async fn r4_what_was_never_seen_or_is_out_of_reach_is_no_precondition(room: &mut Room<'_>) {
    let light = room.light();
    let mut lost = room.seen(light).await;
    lost.reach = Reach::DeviceLost;
    room.report(vec![lost]).await;
    let order = room.dim(light).await;
    refused(&room.operate(OPERATOR, &order).await, "no_visibility");
    let mut never = room.seen(light).await;
    never.reach = Reach::Reachable;
    never.quality = Quality::Never;
    room.report(vec![never]).await;
    let order = room.dim(light).await;
    refused(&room.operate(OPERATOR, &order).await, "no_visibility");
    let read = room.order(OPERATOR, light, "street_light.read", json!({})).await;
    applied(&room.operate(OPERATOR, &read).await);
}

/// Within thirty seconds a desk's clock is believed.
pub async fn r12_a_command_from_the_future_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    for (ahead, code) in [(30_000, None), (30_001, Some("clock_skew"))] {
        let mut order = room.dim(light).await;
        let ahead = Duration::from_millis(ahead);
        order.issued_at = order.issued_at.plus(ahead);
        order.expires_at = order.expires_at.plus(ahead);
        order.effect_until = order.effect_until.map(|until| until.plus(ahead));
        let outcome = room.operate(OPERATOR, &order).await;
        assert_eq!(outcome.code.as_deref(), code);
    }
}

/// Class D waits for its second person, class L is not offered; both are seen by the room as rejected.
pub async fn danger_and_live_control_are_refused_with_the_reason(room: &mut Room<'_>) {
    let (junction, camera) = (room.object(EquipmentKind::SignalJunction, 0), room.object(EquipmentKind::Camera, 0));
    let crossing = crossing_light(room);
    let cases = [
        (junction, "signal_junction.dark", json!({}), "needs_second_person", ClassCode::D),
        (camera, "camera.move", json!({}), "not_offered", ClassCode::L),
        (crossing, "street_light.set_level", json!({"level": 29}), "needs_second_person", ClassCode::D),
    ];
    for (object, code, params, refusal, class) in cases {
        let order = room.order(OPERATOR, object, code, params).await;
        refused(&room.operate(OPERATOR, &order).await, refusal);
        let row = room.command(order.command_id).await;
        assert_eq!((row.class, row.state, row.detail.as_deref()), (class, CommandState::Rejected, Some(refusal)));
    }
    // At its safety level, a crossing is a light like another.
    let order = room.order(OPERATOR, crossing, "street_light.set_level", json!({"level": 30})).await;
    applied(&room.operate(OPERATOR, &order).await);
}

/// Counted over what is in force and over what is asked; other streets and farther ranks do not count.
pub async fn a_third_neighbour_under_its_safety_level_is_dangerous(room: &mut Room<'_>) {
    let lights = five_in_a_row(room);
    // Two ranks away from the middle one, on both sides.
    let one = room.order(OPERATOR, lights[0], "street_light.set_level", json!({"level": 10})).await;
    room.taken(&one).await;
    let two = room.order(OPERATOR, lights[4], "street_light.set_level", json!({"level": 10})).await;
    let done = room.overridden(&two).await;
    room.report(vec![done]).await;

    let third = room.order(OPERATOR, lights[2], "street_light.set_level", json!({"level": 10})).await;
    refused(&room.operate(OPERATOR, &third).await, "needs_second_person");
    assert_eq!(room.command(third.command_id).await.class, ClassCode::D);
    // The next one has only one of the two within two ranks.
    let next = room.order(OPERATOR, lights[1], "street_light.set_level", json!({"level": 10})).await;
    applied(&room.operate(OPERATOR, &next).await);
    // Not under its safety level, the third may be dimmed.
    let mild = room.order(OPERATOR, lights[2], "street_light.set_level", json!({"level": 35})).await;
    applied(&room.operate(OPERATOR, &mild).await);
}

/// Unknown is dangerous, and refused before anything of it is believed.
pub async fn an_unknown_action_or_one_of_another_kind_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    for code in ["street_light.explode", "message_sign.to_programme", ""] {
        let order = room.order(OPERATOR, light, code, json!({})).await;
        refused(&room.operate(OPERATOR, &order).await, "no_such_action");
        assert_eq!(room.command(order.command_id).await.state, CommandState::Rejected);
    }
}

/// Exactly what the action takes, and nothing else.
pub async fn parameters_out_of_bounds_are_refused(room: &mut Room<'_>) {
    let (light, sign) = (room.light(), room.object(EquipmentKind::MessageSign, 0));
    let level = "street_light.set_level";
    let text = "message_sign.show_text";
    let cases = [
        (light, level, json!({"level": 101})),
        (light, level, json!({"level": -1})),
        (light, level, json!({"level": 40.5})),
        (light, level, json!({"level": "40"})),
        (light, level, json!({"level": 40, "more": 1})),
        (light, level, json!({})),
        (light, "street_light.read", json!({"level": 40})),
        (sign, text, json!({"text": "   "})),
        (sign, text, json!({"text": "é".repeat(61)})),
        (sign, "message_sign.show_approved", json!({"text": "prudence"})),
    ];
    for (object, code, params) in cases {
        let order = room.order(OPERATOR, object, code, params.clone()).await;
        let outcome = room.operate(OPERATOR, &order).await;
        assert_eq!(outcome.code.as_deref(), Some("bad_parameters"), "{code} {params}");
    }
    let order = room.order(OPERATOR, sign, text, json!({"text": "é".repeat(60)})).await;
    applied(&room.operate(OPERATOR, &order).await);
}

/// There is nothing that the room could see a row of.
pub async fn what_does_not_exist_cannot_be_commanded(room: &mut Room<'_>) {
    let nowhere = EquipmentId(room.fresh());
    let order = room.order(OPERATOR, nowhere, "street_light.read", json!({})).await;
    let outcome = room.operate(OPERATOR, &order).await;
    refused(&outcome, "no_such_object");
    assert_eq!(outcome.command_state, None);
    assert!(!room.sees(order.command_id).await);
}

fn crossing_light(room: &Room<'_>) -> EquipmentId {
    let fresh = |id| room.city.states.iter().any(|s| s.equipment_id == id && s.reach == Reach::Reachable);
    let light = room
        .city
        .equipment
        .iter()
        .find(|e| e.attributes.get("crossing") == Some(&json!(true)) && fresh(e.equipment_id));
    light.map(|e| e.equipment_id).expect("a light at a crossing")
}

/// Five lights of consecutive ranks on a street, the first three away from crossings, which are dangerous by themselves.
pub(super) fn five_in_a_row(room: &Room<'_>) -> [EquipmentId; 5] {
    let at = |street: &str, insee: &str, rank: i64, plain: bool| {
        let fresh = |id| room.city.states.iter().any(|s| s.equipment_id == id && s.reach == Reach::Reachable);
        room.city
            .equipment
            .iter()
            .find(|e| e.street == street && e.insee_code == insee && e.attributes.get("rank") == Some(&json!(rank)))
            .filter(|e| fresh(e.equipment_id) && (!plain || e.attributes.get("crossing") == Some(&json!(false))))
            .map(|e| e.equipment_id)
    };
    room.city
        .equipment
        .iter()
        .find_map(|e| {
            let rank = e.attributes.get("rank")?.as_i64()?;
            let row = |i: i64| at(&e.street, &e.insee_code, rank + i, i < 3);
            Some([row(0)?, row(1)?, row(2)?, row(3)?, row(4)?])
        })
        .expect("five lights in a row")
}
