//! Live, held control (class L), by logins that go round the application.

use std::time::Duration;

use vigie_core::command::{LIVE_LIFE, LIVE_LONGEST, LiveAnswer, LiveBegin, LiveNow, LiveOver, LiveSign, Motion};
use vigie_core::equipment::{EquipmentKind, Reach};
use vigie_core::ids::{EquipmentId, LiveId};
use vigie_core::lock::LockState;
use vigie_core::port::MetropolisError;
use vigie_core::submission::{Body, Outcome, Submission};
use vigie_core::table::{CrewLock, DeskHold};

use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

const LEFT: Motion = Motion { pan: -1, tilt: 0, zoom: 0 };

fn camera(room: &Room<'_>) -> EquipmentId {
    room.object(EquipmentKind::Camera, 0)
}

async fn pressed(room: &mut Room<'_>, login: &str, object: EquipmentId) -> LiveBegin {
    let (issued_at, (shift_id, desk_id)) = (room.now().await, room.shift(login));
    LiveBegin { live_id: LiveId(room.fresh()), equipment_id: object, motion: LEFT, issued_at, shift_id, desk_id }
}

async fn press(room: &Room<'_>, login: &str, begin: &LiveBegin) -> Outcome {
    room.submit(login, Submission::new(begin.live_id.into(), Body::LiveBegin(begin.clone()))).await
}

async fn held(room: &mut Room<'_>, login: &str) -> LiveId {
    let object = camera(room);
    let begin = pressed(room, login, object).await;
    applied(&press(room, login, &begin).await);
    begin.live_id
}

async fn sign(room: &Room<'_>, login: &str, live_id: LiveId, seq: i64) -> LiveAnswer {
    let motion = Motion { zoom: 1, ..Motion::default() };
    room.session(login).await.keep_live(&LiveSign { live_id, seq, motion }).await.expect("an answer")
}

async fn in_the_field(room: &Room<'_>) -> Vec<LiveNow> {
    room.session("gateway").await.live().await.expect("an answer")
}

async fn hold(room: &mut Room<'_>) -> Option<DeskHold> {
    let object = camera(room);
    room.rows::<DeskHold>(|hold| hold.equipment_id == object).await.pop()
}

/// Begin and end are submissions; what is between them leaves no trace but what the field hears.
pub async fn l_a_camera_is_held_kept_alive_told_to_the_field_and_let_go(room: &mut Room<'_>) {
    let object = camera(room);
    let id = held(room, OPERATOR).await;
    let shown = hold(room).await.expect("the room sees who holds it");
    assert_eq!((shown.live_id, shown.shift_id), (Some(id), room.shift(OPERATOR).0));
    let before = room.pull().await.plain();
    room.wait(Duration::from_millis(500)).await;
    assert_eq!(sign(room, OPERATOR, id, 1).await, None);
    assert_eq!(room.pull().await.plain(), before, "a sign of life is no row");
    let told = in_the_field(room).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].live_id, told[0].equipment_id, told[0].seq, told[0].motion.zoom), (id, object, 1, 1));
    assert_eq!(told[0].for_ms, i64::try_from(LIVE_LIFE.as_millis()).expect("short"));
    assert_eq!(told[0].until, room.now().await.plus(LIVE_LIFE));
    refused(&room.write(COLLEAGUE, Body::LiveEnd { live_id: id }).await, "not_allowed");
    applied(&room.write(OPERATOR, Body::LiveEnd { live_id: id }).await);
    assert_eq!((in_the_field(room).await, hold(room).await), (Vec::new(), None));
    refused(&room.write(OPERATOR, Body::LiveEnd { live_id: id }).await, "illegal_event");
    assert_eq!(sign(room, OPERATOR, id, 2).await, Some(LiveOver::Released));
    // Nobody but the field hears what is held.
    let told = room.session(OPERATOR).await.live().await;
    assert!(matches!(told, Err(MetropolisError::Denied(_))), "{told:?}");
}

/// Eight tenths of a second after the last sign, and after a minute whatever is said.
pub async fn l_a_hold_that_nobody_keeps_alive_lapses_and_is_not_taken_up_again(room: &mut Room<'_>) {
    let id = held(room, OPERATOR).await;
    for seq in 1..=3 {
        room.wait(LIVE_LIFE).await;
        assert_eq!(sign(room, OPERATOR, id, seq).await, None);
    }
    room.wait(LIVE_LIFE + Duration::from_millis(1)).await;
    assert_eq!(in_the_field(room).await, Vec::new());
    assert_eq!(sign(room, OPERATOR, id, 4).await, Some(LiveOver::Lapsed));
    assert_eq!(hold(room).await, None);
    let long = held(room, OPERATOR).await;
    let begun = room.now().await;
    let mut seq = 0;
    while room.now().await.since(begun) < LIVE_LONGEST {
        seq += 1;
        assert_eq!(sign(room, OPERATOR, long, seq).await, None);
        room.wait(Duration::from_millis(750)).await;
    }
    room.wait(Duration::from_millis(1)).await;
    assert_eq!(sign(room, OPERATOR, long, seq + 1).await, Some(LiveOver::TooLong));
    assert_eq!(in_the_field(room).await, Vec::new());
}

/// The other desk waits until it is let go, or lapses; and who takes an object by hand keeps it.
pub async fn r9_one_desk_holds_a_camera_at_a_time(room: &mut Room<'_>) {
    let object = camera(room);
    let id = held(room, OPERATOR).await;
    let theirs = pressed(room, COLLEAGUE, object).await;
    refused(&press(room, COLLEAGUE, &theirs).await, "held_by_other_desk");
    assert_eq!(sign(room, COLLEAGUE, id, 1).await, Some(LiveOver::Lapsed), "another's hold is not theirs to keep");
    room.wait(LIVE_LIFE + Duration::from_millis(1)).await;
    assert_eq!(in_the_field(room).await, Vec::new());
    let next = held(room, COLLEAGUE).await;
    assert_eq!(hold(room).await.and_then(|hold| hold.live_id), Some(next));
    applied(&room.write(COLLEAGUE, Body::LiveEnd { live_id: next }).await);
    // Taken by hand for the shift, it stays taken when the key is let go.
    let (shift_id, _) = room.shift(OPERATOR);
    applied(&room.write(OPERATOR, Body::ObjectTake { equipment_id: object, shift_id, select: false }).await);
    let own = held(room, OPERATOR).await;
    applied(&room.write(OPERATOR, Body::LiveEnd { live_id: own }).await);
    assert_eq!(hold(room).await.map(|hold| hold.live_id), Some(None));
    let again = pressed(room, COLLEAGUE, object).await;
    refused(&press(room, COLLEAGUE, &again).await, "held_by_other_desk");
}

/// The crew is told *in force* once nothing moves any more.
pub async fn r10_a_lock_that_is_asked_stops_a_held_camera_and_waits_until_it_stands_still(room: &mut Room<'_>) {
    let object = camera(room);
    let id = held(room, OPERATOR).await;
    let (lock_id, _) = super::lock::locked(room, COLLEAGUE, object, false).await;
    let lock = room.rows::<CrewLock>(|lock| lock.lock_id == lock_id).await.pop().expect("a lock");
    assert_eq!(lock.state, LockState::Asked, "it may still move");
    assert_eq!(in_the_field(room).await, Vec::new());
    assert_eq!(sign(room, OPERATOR, id, 1).await, Some(LiveOver::CrewLock));
    let again = pressed(room, OPERATOR, object).await;
    refused(&press(room, OPERATOR, &again).await, "crew_lock");
}

/// Another kind, another role, late, early, of nobody's shift, out of reach, without a motion.
pub async fn l_a_key_that_cannot_move_the_object_is_refused(room: &mut Room<'_>) {
    let (object, light) = (camera(room), room.light());
    let elsewhere = pressed(room, OPERATOR, light).await;
    refused(&press(room, OPERATOR, &elsewhere).await, "no_such_action");
    let nowhere = EquipmentId(room.fresh());
    let nothing = pressed(room, OPERATOR, nowhere).await;
    refused(&press(room, OPERATOR, &nothing).await, "no_such_object");
    for login in ["m.garnier", "gateway", "house"] {
        let foreign = pressed(room, login, object).await;
        refused(&press(room, login, &foreign).await, "not_allowed");
    }
    // Longer than the epoch is old, or that is what is said of the late one.
    room.wait(Duration::from_secs(2)).await;
    let mut cases = Vec::new();
    for code in ["expired", "clock_skew", "shift_over", "malformed", "malformed"] {
        cases.push((pressed(room, OPERATOR, object).await, code));
    }
    cases[0].0.issued_at = cases[0].0.issued_at.minus(Duration::from_millis(1_001));
    cases[1].0.issued_at = cases[1].0.issued_at.plus(Duration::from_millis(30_001));
    cases[2].0.shift_id = room.shift(COLLEAGUE).0;
    cases[3].0.motion = Motion::default();
    cases[4].0.motion = Motion { pan: 2, ..LEFT };
    for (begin, code) in cases {
        refused(&press(room, OPERATOR, &begin).await, code);
    }
    let mut lost = room.seen(object).await;
    lost.reach = Reach::DeviceLost;
    room.report(vec![lost]).await;
    let blind = pressed(room, OPERATOR, object).await;
    refused(&press(room, OPERATOR, &blind).await, "no_visibility");
    assert_eq!(in_the_field(room).await, Vec::new());
}

/// A second key of one person takes the place of the first.
pub async fn r16_a_key_pressed_twice_is_one_and_a_doubled_sign_keeps_nothing_alive(room: &mut Room<'_>) {
    let object = camera(room);
    let begin = pressed(room, OPERATOR, object).await;
    let first = press(room, OPERATOR, &begin).await;
    applied(&first);
    assert_eq!(sign(room, OPERATOR, begin.live_id, 2).await, None);
    room.wait(Duration::from_millis(500)).await;
    for old in [2, 1] {
        assert_eq!(sign(room, OPERATOR, begin.live_id, old).await, None);
    }
    assert_eq!(press(room, OPERATOR, &begin).await, first, "the same answer, and nothing else");
    room.wait(Duration::from_millis(301)).await;
    assert_eq!(in_the_field(room).await, Vec::new(), "none of that kept it alive");
    let other = room.object(EquipmentKind::Camera, 1);
    let one = pressed(room, OPERATOR, object).await;
    applied(&press(room, OPERATOR, &one).await);
    let two = pressed(room, OPERATOR, other).await;
    applied(&press(room, OPERATOR, &two).await);
    assert_eq!(in_the_field(room).await.iter().map(|live| live.live_id).collect::<Vec<_>>(), [two.live_id]);
    assert_eq!(sign(room, OPERATOR, one.live_id, 1).await, Some(LiveOver::Replaced));
}

/// By its desk, by a supervisor, by the end of the shift.
pub async fn l_what_is_released_handed_over_or_out_of_its_shift_stops(room: &mut Room<'_>) {
    let object = camera(room);
    let id = held(room, OPERATOR).await;
    applied(&room.write(SUPERVISOR, Body::ObjectRelease { equipment_id: object }).await);
    assert_eq!(in_the_field(room).await, Vec::new());
    assert_eq!(sign(room, OPERATOR, id, 1).await, Some(LiveOver::Released));
    let given = held(room, OPERATOR).await;
    let to_desk = room.shift(COLLEAGUE).1;
    applied(&room.write(OPERATOR, Body::ObjectGive { equipment_id: object, to_desk }).await);
    assert_eq!(sign(room, OPERATOR, given, 1).await, Some(LiveOver::Released));
    applied(&room.write(COLLEAGUE, Body::ObjectRelease { equipment_id: object }).await);
    let last = held(room, OPERATOR).await;
    let shift_id = room.shift(OPERATOR).0;
    applied(&room.write(OPERATOR, Body::ShiftClose { shift_id }).await);
    assert_eq!(sign(room, OPERATOR, last, 1).await, Some(LiveOver::ShiftOver));
    assert_eq!(in_the_field(room).await, Vec::new());
}
