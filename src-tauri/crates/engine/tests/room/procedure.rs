//! The procedure of dangerous commands at a desk: by two, alone, given up, and from one desk at a time.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{CommandState as S, Params, Procedure, RequestState, Sole, SoleReason, Stage, VoidReason};
use vigie_core::ids::{CommandId, EquipmentId, RequestId};
use vigie_core::rights::Role;
use vigie_core::submission::Body;
use vigie_engine::{AskSecond, EngineError, Operate};

use crate::room::Room;

const FLASH: &str = "signal_junction.flash";

async fn ask(room: &Room, object: EquipmentId) -> RequestId {
    let prepared = room.engine.prepare(object, FLASH, &Params::default()).unwrap();
    let asked = AskSecond {
        equipment_id: object,
        action: FLASH.into(),
        params: Params::default(),
        effect_minutes: Some(10),
        reason: "feux contradictoires".into(),
        seen: prepared.seen,
    };
    room.engine.ask_second(asked).await.unwrap()
}

async fn operate(room: &Room, object: EquipmentId, procedure: Procedure) -> Result<CommandId, EngineError> {
    let prepared = room.engine.prepare(object, FLASH, &Params::default()).unwrap();
    let asked = Operate {
        equipment_id: object,
        action: FLASH.into(),
        params: Params::default(),
        effect_minutes: Some(10),
        reason: String::new(),
        without_visibility: false,
        seen: prepared.seen,
        replaces: None,
        procedure,
        promised: None,
    };
    Ok(room.engine.operate(asked).await?.order.command_id)
}

fn stage(room: &Room, id: RequestId) -> Option<Stage> {
    room.engine.requests().into_iter().find(|r| r.request.request_id == id).map(|r| r.stage)
}

async fn until_stage(room: &Room, id: RequestId, wanted: Stage) {
    room.until(&format!("{wanted}"), |_| stage(room, id) == Some(wanted)).await;
}

fn named(id: RequestId) -> Procedure {
    Procedure { approval_id: Some(id), sole: None }
}

#[tokio::test(start_paused = true)]
async fn r7_a_dangerous_command_approved_by_a_colleague_is_done_once() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    let needs = room.engine.needs(junction, FLASH, &Params::default(), vigie_core::command::ClassCode::D).unwrap();
    assert!(needs.second && needs.alone && !needs.present.is_empty(), "{needs:?}");
    let id = ask(&room, junction).await;
    until_stage(&room, id, Stage::Waiting).await;
    until_stage(&room, id, Stage::Select).await;
    room.engine.take_object(junction, true).await.unwrap();
    until_stage(&room, id, Stage::Operate).await;
    let flash = operate(&room, junction, named(id)).await.unwrap();
    room.until("taken", |_| room.state(flash).is_some_and(|s| !matches!(s, S::Submitted | S::Rejected))).await;
    until_stage(&room, id, Stage::Over).await;
    let again = operate(&room, junction, named(id)).await.unwrap();
    room.until_state(again, S::Rejected).await;
}

#[tokio::test(start_paused = true)]
async fn r8_when_nobody_answers_the_author_goes_on_alone_and_is_told_of() {
    let room = Room::open().await;
    room.training.set_second(false);
    let junction = room.object("TL-001");
    let id = ask(&room, junction).await;
    tokio::time::sleep(Duration::from_secs(31)).await;
    room.engine.take_object(junction, true).await.unwrap();
    let sole = Sole { reason: SoleReason::EquipmentDanger, caller: "Police".into(), phone: "17".into() };
    let flash = operate(&room, junction, Procedure { approval_id: Some(id), sole: Some(sole) }).await.unwrap();
    room.until("taken", |_| room.state(flash).is_some_and(|s| !matches!(s, S::Submitted | S::Rejected))).await;
    assert_eq!(room.received_rows("sole_review").await.len(), 1);
    room.until("the bar says it", |e| !e.alarm_bar().notices.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn r12_a_suspension_gives_up_what_was_approved_and_it_carries_nothing_afterwards() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    let id = ask(&room, junction).await;
    until_stage(&room, id, Stage::Select).await;
    room.engine.set_suspended(true).await.unwrap();
    room.engine.set_suspended(false).await.unwrap();
    room.engine.take_object(junction, true).await.unwrap();
    let refused = operate(&room, junction, named(id)).await.unwrap_err();
    assert_eq!(refused.code(), "approval_over");
    assert!(room.entries().is_empty());
    let void = |e: &vigie_engine::Engine| {
        e.requests().iter().any(|r| {
            r.request.state == RequestState::Void && r.request.void_reason == Some(VoidReason::SessionSuspended)
        })
    };
    room.until("the metropolis heard of it", void).await;
}

#[tokio::test(start_paused = true)]
async fn r9_what_another_desk_pilots_is_seen_before_the_click_and_refused_after_it() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let own = room.engine.status().shift.unwrap().shift_id;
    let theirs = room.engine.held_desks(room.engine.now()).into_iter();
    let shift_id = theirs.filter(|s| s.role == Role::RemoteOperator).find(|s| s.shift_id != own).unwrap().shift_id;
    room.write("a.dubois", Body::ObjectTake { equipment_id: light, shift_id, select: false }).await;
    room.until("the hold is seen", |e| e.hold(light).is_some()).await;
    let needs = room
        .engine
        .needs(light, "street_light.set_level", &Params::default(), vigie_core::command::ClassCode::B)
        .unwrap();
    assert!(needs.held_by_other);
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    room.until_state(dim.order.command_id, S::Rejected).await;
    assert_eq!(room.detail(dim.order.command_id).as_deref(), Some("held_by_other_desk"));
    let back = room.operate(light, "street_light.to_programme", json!({})).await.unwrap();
    room.until("the safe direction passes", |_| {
        room.state(back.order.command_id).is_some_and(|s| !matches!(s, S::Submitted | S::Rejected))
    })
    .await;
}
