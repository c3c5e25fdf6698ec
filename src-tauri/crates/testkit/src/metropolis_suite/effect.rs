//! The effect of a command has its own life (R3).

use std::time::Duration;

use vigie_core::command::{CommandOrder, EffectState};
use vigie_core::equipment::Mode;
use vigie_core::ids::CommandId;
use vigie_core::submission::StateReport;

use super::room::Room;

/// A light dimmed for ten minutes, confirmed a second after the device did it.
async fn in_force(room: &mut Room<'_>) -> (CommandId, CommandOrder) {
    let light = room.light();
    let mut order = room.dim(light).await;
    order.effect_until = Some(order.issued_at.plus(Duration::from_secs(600)));
    let id = room.execute(&order).await;
    room.wait(Duration::from_secs(1)).await;
    let shown = room.overridden(&order).await;
    room.report(vec![shown]).await;
    assert_eq!(room.command(id).await.effect, Some(EffectState::InForce));
    (id, order)
}

/// The light back in its programme, seen now.
async fn back(room: &mut Room<'_>, order: &CommandOrder) -> StateReport {
    let mut report = room.seen(order.equipment_id).await;
    report.reading = order.seen.reading.clone();
    report.mode = Mode::Programme;
    report.target = None;
    report.effect_until = None;
    report
}

/// The device's clock may be two seconds ahead.
pub async fn r3_an_effect_seen_ending_has_ended(room: &mut Room<'_>) {
    let (id, order) = in_force(room).await;
    room.wait(Duration::from_secs(597)).await;
    let ended = back(room, &order).await;
    assert_eq!(Some(ended.observed_at.plus(Duration::from_secs(2))), order.effect_until);
    room.report(vec![ended]).await;
    assert_eq!(room.command(id).await.effect, Some(EffectState::Ended));
    room.wait(Duration::from_secs(300)).await;
    assert_eq!(room.fixture.mark_overdue_effects().await, 0);
}

/// Someone at the cabinet, or another system.
pub async fn r3_an_object_seen_out_of_its_override_too_early_is_a_contradiction(room: &mut Room<'_>) {
    let (id, order) = in_force(room).await;
    room.wait(Duration::from_secs(60)).await;
    let mut manual = back(room, &order).await;
    manual.mode = Mode::Manual;
    room.report(vec![manual]).await;
    assert_eq!(room.command(id).await.effect, Some(EffectState::Contradicted));
}

/// A minute after its end the house says so; seen later, it has ended.
pub async fn r3_an_effect_that_nobody_saw_ending_is_overdue_until_someone_does(room: &mut Room<'_>) {
    let (id, order) = in_force(room).await;
    room.wait(Duration::from_secs(659)).await;
    assert_eq!(room.fixture.mark_overdue_effects().await, 0);
    room.wait(Duration::from_millis(1)).await;
    assert_eq!(room.fixture.mark_overdue_effects().await, 1);
    assert_eq!(room.command(id).await.effect, Some(EffectState::Overdue));
    assert_eq!(room.fixture.mark_overdue_effects().await, 0);
    let ended = back(room, &order).await;
    room.report(vec![ended]).await;
    assert_eq!(room.command(id).await.effect, Some(EffectState::Ended));
}

/// A periodic report that was under way when the device obeyed says nothing about it.
pub async fn an_observation_from_before_the_execution_ends_no_effect(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let on_its_way = back(room, &order).await;
    room.wait(Duration::from_secs(1)).await;
    let id = room.execute(&order).await;
    room.report(vec![on_its_way]).await;
    assert_eq!(room.command(id).await.effect, Some(EffectState::InForce));
}
