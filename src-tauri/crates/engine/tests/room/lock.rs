//! Crew locks at the desk (R10), what is in force (R3), and the safe direction's own lane (R17).

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{Admission, CommandState as S, Params, Refused};
use vigie_core::ids::{EquipmentId, RecordId};
use vigie_core::lock::{HolderSaid, LockCall, LockState};
use vigie_core::port::Deposit as _;
use vigie_core::record::{Authenticity, RecordState};
use vigie_engine::{AskLock, EngineError, ShownLock, Standing};
use vigie_training::DeskFault;

use crate::room::Room;

impl Room {
    fn wanted(&self, object: EquipmentId, by_holder: bool) -> AskLock {
        AskLock {
            equipment_id: object,
            holder: " Karim Saïdi ".into(),
            phone: "06 12 34 56 78".into(),
            place: "Armoire".into(),
            reason: "Contrôleur".into(),
            by_holder,
            expected_end: self.engine.now().plus(Duration::from_hours(2)),
            draft: None,
        }
    }

    pub(crate) async fn lock(&self, object: EquipmentId, by_holder: bool) -> RecordId {
        self.engine.ask_lock(self.wanted(object, by_holder)).await.unwrap()
    }

    /// The lock as shown; it is shown exactly once.
    fn shown_lock(&self, id: RecordId) -> ShownLock {
        let mut found: Vec<_> = self.engine.locks().into_iter().filter(|l| l.lock.lock_id == id).collect();
        assert_eq!(found.len(), 1, "{id} is shown once");
        found.remove(0)
    }

    async fn until_lock(&self, id: RecordId, state: LockState) {
        self.until(&format!("{id} {state}"), |_| {
            let shown = self.shown_lock(id);
            shown.waiting.is_none() && shown.lock.state == state
        })
        .await;
    }

    fn admission(&self, object: EquipmentId, code: &str, params: serde_json::Value) -> Admission {
        self.engine.prepare(object, code, &Params::from(params)).unwrap().admission
    }
}

#[tokio::test(start_paused = true)]
async fn r10_a_lock_known_here_is_shown_before_the_click_and_refuses_it() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let id = room.lock(light, true).await;
    room.until_lock(id, LockState::InForce).await;
    assert_eq!(room.shown_lock(id).authenticity, Authenticity::Signed);
    assert_eq!(room.engine.picture(|p| p.lock(light)), Some(LockState::InForce));
    let prepared = room.engine.prepare(light, "street_light.set_level", &Params::from(json!({"level": 40}))).unwrap();
    assert_eq!(prepared.admission, Admission::Refuse(Refused::CrewLock));
    assert_eq!(prepared.lock.unwrap().lock.phone, "06 12 34 56 78");
    let refused = room.operate(light, "street_light.to_programme", json!({})).await.unwrap_err();
    assert_eq!(refused, EngineError::Refused(Refused::CrewLock));
    assert_eq!(room.admission(light, "street_light.read", json!({})), Admission::Send);
    room.engine.lift_lock(id).await.unwrap();
    room.until_lock(id, LockState::Lifted).await;
    assert_eq!(room.engine.picture(|p| p.lock(light)), None);
    assert_eq!(room.admission(light, "street_light.set_level", json!({"level": 40})), Admission::Send);
}

#[tokio::test(start_paused = true)]
async fn r10_asked_without_a_link_it_is_not_in_force_until_the_metropolis_says_so() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    room.training.set_plugged(false);
    room.until_lost().await;
    let id = room.lock(light, false).await;
    let shown = room.shown_lock(id);
    assert_eq!((shown.lock.state, shown.waiting), (LockState::Asked, Some(RecordState::Queued)));
    assert_eq!(shown.lock.holder, "Karim Saïdi");
    assert_eq!(room.engine.picture(|p| p.lock(light)), Some(LockState::Asked));
    // This desk starts nothing on it meanwhile; without a link the safe direction waits like anything else.
    assert_eq!(
        room.admission(light, "street_light.set_level", json!({"level": 40})),
        Admission::Refuse(Refused::CrewLock)
    );
    assert!(matches!(room.engine.lift_lock(id).await, Err(EngineError::Metropolis(_))), "a lifting never waits");
    room.training.set_plugged(true);
    room.until_lock(id, LockState::InForce).await;
}

#[tokio::test(start_paused = true)]
async fn r10_a_lock_that_a_crew_holds_is_lifted_by_two_people_after_a_call() {
    let room = Room::open().await;
    let id = room.lock(room.object("L-00001"), false).await;
    room.until_lock(id, LockState::InForce).await;
    assert_eq!(room.engine.lift_lock(id).await, Err(EngineError::RefusedThere("not_allowed".into())));
    let call = LockCall {
        called_at: room.engine.now(),
        number: "06".into(),
        said: HolderSaid::NoAnswer,
        words: "vu par le gardien".into(),
    };
    room.engine.force_lift(id, Some(call)).await.unwrap();
    assert_eq!(room.engine.force_lift(id, None).await, Err(EngineError::RefusedThere("same_person".into())));
    room.write("a.dubois", vigie_core::submission::Body::LockForceLift { lock_id: id, call: None }).await;
    room.until_lock(id, LockState::Lifted).await;
}

#[tokio::test(start_paused = true)]
async fn r20_a_lock_left_at_a_desk_is_deposited_by_its_next_holder() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    // The key must be known before somebody else can deposit.
    room.until("the key is registered", |e| e.open_records().is_empty()).await;
    room.training.set_plugged(false);
    room.until_lost().await;
    let id = room.lock(light, false).await;
    room.until_left(1).await;
    room.engine.shutdown().await;
    room.training.set_plugged(true);
    let next = room.next_holder().await;
    let there = |e: &vigie_engine::Engine| {
        e.locks().iter().any(|l| l.lock.lock_id == id && l.waiting.is_none() && l.lock.state == LockState::InForce)
    };
    room.until_of(&next, "the lock is in force", there).await;
    let shown = next.locks().into_iter().find(|l| l.lock.lock_id == id).unwrap();
    assert_eq!(shown.authenticity, Authenticity::Signed);
    assert!(shown.lock.deposited_by.is_some() && shown.lock.deposited_by != Some(shown.lock.person_id));
    room.until_left(0).await;
    assert!(room.deposit.left().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn r17_the_safe_direction_waits_for_nothing_that_was_asked_before_it() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    // The order before it never gets an answer: it hangs until its deadline, and is then settled.
    room.training.set_fault(Some(DeskFault::Hang));
    let first = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    room.training.set_fault(None);
    let back = room.operate(light, "street_light.to_programme", json!({})).await.unwrap();
    room.until("it is handed over", |_| room.state(back.order.command_id).is_some_and(|s| s != S::Submitted)).await;
    assert_eq!(room.state(first.order.command_id), Some(S::Submitted), "it waited for the order before it");
    assert!(back.order.issued_at > first.order.issued_at);
    room.until_state(back.order.command_id, S::Confirmed).await;
    room.until("the first is settled", |_| {
        room.state(first.order.command_id).is_some_and(|s| s.is_final() || s == S::AwaitingKey)
    })
    .await;
    assert!(room.received().await.iter().all(|(id, _)| *id != first.order.command_id), "it never arrived");
}

#[tokio::test(start_paused = true)]
async fn r3_what_is_in_force_is_listed_until_its_end_is_seen() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let dim = room.operate(light, "street_light.set_level", json!({"level": 40})).await.unwrap();
    room.until_state(dim.order.command_id, S::Confirmed).await;
    let standing = |room: &Room| {
        room.engine.effects().into_iter().find(|(_, row)| row.command_id == dim.order.command_id).map(|(s, _)| s)
    };
    assert_eq!(standing(&room), Some(Standing::InForce));
    let back = room.operate(light, "street_light.to_programme", json!({})).await.unwrap();
    room.until_state(back.order.command_id, S::Confirmed).await;
    assert_eq!(standing(&room), Some(Standing::Ended));
}
