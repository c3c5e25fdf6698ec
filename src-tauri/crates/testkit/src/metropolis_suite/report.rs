//! Reports of the field: versions, history, and what is older than what is known.

use std::time::Duration;

use serde_json::json;
use vigie_core::equipment::{Mode, Quality, Reach};
use vigie_core::ids::EquipmentId;

use super::room::Room;

/// Observing the same again moves the version only; mode, target and end move both.
pub async fn a_report_moves_the_version_and_the_control_version_only_when_control_moves(room: &mut Room<'_>) {
    let light = room.light();
    let born = room.state(light).await.expect("a state");
    let order = room.dim(light).await;
    let mut expected = (born.version, born.control_version);
    let mut moves = Vec::new();
    let again = room.seen(light).await;
    moves.push((again.clone(), 0));
    let mut reading = again.clone();
    reading.reading.0.insert("power_w".into(), json!(3));
    reading.quality = Quality::Uncertain;
    reading.reach = Reach::DeviceLost;
    reading.source = "round".into();
    moves.push((reading, 0));
    let overridden = room.overridden(&order).await;
    moves.push((overridden.clone(), 1));
    moves.push((overridden.clone(), 0));
    let mut longer = overridden.clone();
    longer.effect_until = longer.effect_until.map(|until| until.plus(Duration::from_secs(1)));
    moves.push((longer.clone(), 1));
    let mut target = longer.clone();
    target.target = Some(json!({"level": 41}).into());
    moves.push((target, 1));
    let mut manual = again;
    manual.mode = Mode::Manual;
    moves.push((manual, 1));
    for (mut report, control) in moves {
        room.wait(Duration::from_secs(1)).await;
        report.observed_at = room.now().await;
        room.report(vec![report.clone()]).await;
        expected = (expected.0 + 1, expected.1 + control);
        let state = room.state(light).await.expect("a state");
        assert_eq!((state.version, state.control_version), expected);
        assert_eq!((state.reading, state.quality, state.reach), (report.reading, report.quality, report.reach));
        assert_eq!((state.mode, state.target, state.effect_until), (report.mode, report.target, report.effect_until));
        assert_eq!((state.observed_at, state.received_at), (Some(report.observed_at), report.observed_at));
        assert_eq!(state.source, report.source);
    }
}

/// Delivered late: the state held is not overwritten.
pub async fn an_older_observation_enters_the_history_only(room: &mut Room<'_>) {
    let light = room.light();
    room.wait(Duration::from_secs(60)).await;
    let now = room.seen(light).await;
    room.report(vec![now.clone()]).await;
    let (held, before) = (room.state(light).await, room.history(light).await.len());
    let mut older = now;
    older.observed_at = older.observed_at.minus(Duration::from_secs(30));
    older.reading.0.insert("level".into(), json!(12));
    older.mode = Mode::Manual;
    room.report(vec![older.clone()]).await;
    assert_eq!(room.state(light).await, held);
    let history = room.history(light).await;
    assert_eq!(history.len(), before + 1);
    assert!(
        history
            .iter()
            .any(|h| h.observed_at == older.observed_at && h.reading == older.reading && h.mode == Mode::Manual)
    );
}

/// Reading, quality or mode; not the instant alone.
pub async fn the_history_grows_only_when_something_differs(room: &mut Room<'_>) {
    let light = room.light();
    let mut report = room.seen(light).await;
    let mut rows = room.history(light).await.len();
    for (change, grows) in [(0, false), (1, true), (1, false), (2, true), (3, true), (3, false)] {
        room.wait(Duration::from_secs(10)).await;
        match change {
            1 => drop(report.reading.0.insert("power_w".into(), json!(7))),
            2 => report.quality = Quality::Uncertain,
            3 => report.mode = Mode::OutOfService,
            _ => {}
        }
        report.observed_at = room.now().await;
        room.report(vec![report.clone()]).await;
        rows += usize::from(grows);
        assert_eq!(room.history(light).await.len(), rows, "change {change}");
    }
}

/// In the order in which it was reported.
pub async fn an_object_reported_twice_at_once_keeps_the_last(room: &mut Room<'_>) {
    let light = room.light();
    let born = room.state(light).await.expect("a state");
    let first = room.seen(light).await;
    let mut second = first.clone();
    second.reading.0.insert("power_w".into(), json!(9));
    room.report(vec![first, second.clone()]).await;
    let state = room.state(light).await.expect("a state");
    assert_eq!((state.version, state.reading), (born.version + 2, second.reading));
}

/// One object that the metropolis does not know does not lose the others' states.
pub async fn strangers_are_named_and_the_rest_is_written(room: &mut Room<'_>) {
    let light = room.light();
    let version = room.state(light).await.map_or(0, |s| s.version);
    let report = room.seen(light).await;
    let stranger = EquipmentId(room.fresh());
    let mut strange = report.clone();
    strange.equipment_id = stranger;
    let outcome = room.report(vec![strange, report]).await;
    assert_eq!(outcome.detail, json!({"unknown": [stranger]}));
    assert_eq!(room.state(light).await.map_or(0, |s| s.version), version + 1);
    assert_eq!(room.state(stranger).await, None);
}
