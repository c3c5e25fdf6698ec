//! A camera held by a key at this desk (class L): it moves while somebody says so, and stops with whatever takes the hand away.

use std::time::Duration;

use vigie_core::command::{LIVE_EVERY, LIVE_STOP, LiveBegin, Motion};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{EquipmentId, LiveId};
use vigie_core::submission::Body;

use crate::room::Room;

const RIGHT: Motion = Motion { pan: 1, tilt: 0, zoom: 0 };

fn camera(room: &Room) -> EquipmentId {
    room.engine.picture(|picture| {
        let found = picture.objects().iter().find(|object| {
            let well = object.state.as_ref().is_some_and(|s| s.reading.text("picture") == Some("live"));
            object.equipment.kind == EquipmentKind::Camera
                && well
                && object.state.as_ref().is_some_and(|s| s.reach == vigie_core::equipment::Reach::Reachable)
        });
        found.unwrap().equipment.equipment_id
    })
}

fn pan(room: &Room, id: EquipmentId) -> f64 {
    room.engine.picture(|p| p.object(id).and_then(|o| o.state.as_ref()?.reading.number("pan")).unwrap_or(0.0))
}

async fn hold_for(room: &Room, id: EquipmentId, signs: u32) {
    for _ in 0..signs {
        room.engine.hold_live(id, RIGHT).await.unwrap();
        tokio::time::sleep(LIVE_EVERY).await;
    }
}

fn moving(room: &Room, id: EquipmentId) -> bool {
    room.engine.hold(id).is_some_and(|hold| hold.live_id.is_some())
}

#[tokio::test(start_paused = true)]
async fn l_a_camera_moves_while_its_key_is_held_and_stops_within_a_second_when_the_desk_says_nothing_more() {
    let room = Room::open().await;
    let camera = camera(&room);
    hold_for(&room, camera, 10).await;
    assert!(moving(&room, camera), "the room sees who moves it");
    // The page died: the last sign was said a fifth of a second ago.
    tokio::time::sleep(LIVE_STOP).await;
    room.until("its desk holds it no more", |_| !moving(&room, camera)).await;
    room.until("it shows where it looks", |_| pan(&room, camera) > 0.0).await;
    let stopped = pan(&room, camera);
    // Two seconds of signs and the last one's moment, at thirty degrees a second.
    assert!(stopped <= 30.0 * 3.0, "{stopped}");
    tokio::time::sleep(Duration::from_mins(3)).await;
    assert!((pan(&room, camera) - stopped).abs() < f64::EPSILON, "it moved no further");
    let lapsed = room.engine.hold_live(camera, RIGHT).await.unwrap_err();
    assert_eq!(lapsed.code(), "live_lapsed", "a hold that lapsed is not taken up again");
    room.engine.hold_live(camera, RIGHT).await.unwrap();
    room.engine.let_go().await.unwrap();
    room.until("let go", |_| !moving(&room, camera)).await;
    assert!(room.entries().is_empty(), "nothing of it was written down");
}

#[tokio::test(start_paused = true)]
async fn l_a_key_is_held_by_the_rooms_time_however_fast_the_city_runs() {
    let room = Room::open().await;
    let camera = camera(&room);
    for rate in [60.0, 600.0] {
        room.clock.set_rate(rate);
        let before = pan(&room, camera);
        hold_for(&room, camera, 5).await;
        assert!(moving(&room, camera), "held for a second at {rate}: hours of the city are no lapse");
        tokio::time::sleep(LIVE_STOP).await;
        room.until("it lapsed a second after the last sign", |_| !moving(&room, camera)).await;
        room.until("it shows where it looks", |_| pan(&room, camera) > before).await;
        let turned = pan(&room, camera) - before;
        assert!(turned <= 30.0 * 2.0, "{turned}: it turns as fast as the hand sees it");
        let lapsed = room.engine.hold_live(camera, RIGHT).await.unwrap_err();
        assert_eq!(lapsed.code(), "live_lapsed");
    }
}

#[tokio::test(start_paused = true)]
async fn r9_what_another_desk_moves_is_refused_here_until_it_lets_go() {
    let room = Room::open().await;
    let camera = camera(&room);
    let theirs = room.engine.held_desks(room.engine.now()).into_iter();
    let own = room.engine.status().shift.unwrap().shift_id;
    let theirs =
        theirs.filter(|s| s.role == vigie_core::rights::Role::RemoteOperator).find(|s| s.shift_id != own).unwrap();
    room.begin_live("a.dubois", |live_id, issued_at| LiveBegin {
        live_id,
        equipment_id: camera,
        motion: RIGHT,
        issued_at,
        shift_id: theirs.shift_id,
        desk_id: theirs.desk_id,
    })
    .await;
    let refused = room.engine.hold_live(camera, RIGHT).await.unwrap_err();
    assert_eq!(refused.code(), "held_by_other_desk");
    // Nobody keeps theirs alive.
    room.until("lapsed", |e| e.hold(camera).is_none()).await;
    tokio::time::sleep(LIVE_STOP).await;
    room.engine.hold_live(camera, RIGHT).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn l_a_suspension_a_lock_and_a_lost_link_stop_it_and_nothing_is_queued() {
    let room = Room::open().await;
    let camera = camera(&room);
    hold_for(&room, camera, 3).await;
    room.engine.set_suspended(true).await.unwrap();
    room.until("let go", |_| !moving(&room, camera)).await;
    assert_eq!(room.engine.hold_live(camera, RIGHT).await.unwrap_err().code(), "session_suspended");
    room.engine.set_suspended(false).await.unwrap();

    hold_for(&room, camera, 3).await;
    room.training.set_plugged(false);
    assert!(room.engine.hold_live(camera, RIGHT).await.is_err());
    room.until_lost().await;
    assert_eq!(room.engine.hold_live(camera, RIGHT).await.unwrap_err().code(), "live_needs_reach");
    room.training.set_plugged(true);
    room.until_live().await;
    room.until("it lapsed there", |_| !moving(&room, camera)).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(!moving(&room, camera) && room.entries().is_empty(), "nothing is played again");

    hold_for(&room, camera, 3).await;
    room.lock(camera, false).await;
    // The lock is on its way to the metropolis.
    let stopped = loop {
        match room.engine.hold_live(camera, RIGHT).await {
            Ok(()) => tokio::time::sleep(LIVE_EVERY).await,
            Err(error) => break error,
        }
    };
    assert_eq!(stopped.code(), "live_crew_lock");
    room.until("the crew is safe", |e| {
        e.locks().iter().any(|l| l.lock.equipment_id == camera && l.lock.state == vigie_core::lock::LockState::InForce)
    })
    .await;
    assert_eq!(room.engine.hold_live(camera, RIGHT).await.unwrap_err().code(), "crew_lock");
}

impl Room {
    async fn begin_live(&self, login: &str, begin: impl FnOnce(LiveId, vigie_core::time::Timestamp) -> LiveBegin) {
        use vigie_core::port::Metropolis as _;
        let live_id = LiveId(uuid::Uuid::from_u128(77));
        let begin = begin(live_id, self.engine.now());
        let camera = begin.equipment_id;
        let submission = vigie_core::submission::Submission::new(live_id.into(), Body::LiveBegin(begin));
        let outcomes = self.training.session(login).submit(&[submission]).await.unwrap();
        assert_eq!(outcomes[0].code, None);
        self.until("the hold is seen", |e| e.hold(camera).is_some()).await;
    }
}
