//! Who may hold a key, what keeps it alive, and what ends it.

use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp(10_000_000);
const ME: PersonId = PersonId(Uuid::from_u128(1));
const OTHER: PersonId = PersonId(Uuid::from_u128(2));
const CAMERA: EquipmentId = EquipmentId(Uuid::from_u128(7));
const LEFT: Motion = Motion { pan: -1, tilt: 0, zoom: 0 };

fn begin() -> LiveBegin {
    LiveBegin {
        live_id: LiveId(Uuid::from_u128(5)),
        equipment_id: CAMERA,
        motion: LEFT,
        issued_at: NOW,
        shift_id: ShiftId(Uuid::nil()),
        desk_id: DeskId(Uuid::nil()),
    }
}

const FACTS: LiveFacts<'static> = LiveFacts {
    now: NOW,
    epoch_began: Timestamp(0),
    author: Some(ME),
    may_pilot: true,
    shift_open: true,
    kind: Some(EquipmentKind::Camera),
    locked: false,
    hold: None,
    reach: Some(Reach::Reachable),
};

fn held(person_id: PersonId) -> DeskHold {
    DeskHold {
        equipment_id: CAMERA,
        desk_id: DeskId(Uuid::nil()),
        shift_id: ShiftId(Uuid::nil()),
        person_id,
        since: NOW,
        until: NOW.plus(Duration::from_secs(60)),
        selected_until: None,
        live_id: None,
    }
}

fn live() -> Live {
    Live {
        live_id: LiveId(Uuid::from_u128(5)),
        equipment_id: CAMERA,
        person_id: ME,
        shift_id: ShiftId(Uuid::nil()),
        seq: 3,
        motion: LEFT,
        began_at: NOW,
        heard_at: NOW,
    }
}

fn sign(seq: i64) -> LiveSign {
    LiveSign { live_id: LiveId(Uuid::from_u128(5)), seq, motion: Motion { zoom: 1, ..Motion::default() } }
}

#[test]
fn l_a_camera_is_moved_by_an_empowered_person_on_shift_within_reach_and_at_once() {
    assert_eq!(may_hold(&begin(), &FACTS), Ok(ME));
    let late = NOW.plus(crate::command::ClassCode::L.life() + Duration::from_millis(1));
    let cases = [
        (LiveFacts { kind: None, ..FACTS }, Refusal::NoSuchObject),
        (LiveFacts { may_pilot: false, ..FACTS }, Refusal::NotAllowed),
        (LiveFacts { author: None, ..FACTS }, Refusal::NotAllowed),
        (LiveFacts { shift_open: false, ..FACTS }, Refusal::ShiftOver),
        (LiveFacts { kind: Some(EquipmentKind::Bollard), ..FACTS }, Refusal::NoSuchAction),
        (LiveFacts { locked: true, ..FACTS }, Refusal::CrewLock),
        (LiveFacts { epoch_began: NOW.plus(Duration::from_millis(1)), ..FACTS }, Refusal::BeforeEpoch),
        (LiveFacts { now: NOW.minus(MAX_SKEW + Duration::from_millis(1)), ..FACTS }, Refusal::ClockSkew),
        (LiveFacts { now: late, ..FACTS }, Refusal::Expired),
        (LiveFacts { reach: Some(Reach::DeviceLost), ..FACTS }, Refusal::NoVisibility),
        (LiveFacts { reach: None, ..FACTS }, Refusal::NoVisibility),
    ];
    for (facts, refusal) in cases {
        assert_eq!(may_hold(&begin(), &facts), Err(refusal));
    }
}

#[test]
fn r9_one_person_holds_a_camera_at_a_time() {
    let (mine, theirs) = (held(ME), held(OTHER));
    assert_eq!(may_hold(&begin(), &LiveFacts { hold: Some(&mine), ..FACTS }), Ok(ME));
    assert_eq!(may_hold(&begin(), &LiveFacts { hold: Some(&theirs), ..FACTS }), Err(Refusal::HeldByOtherDesk));
}

#[test]
fn l_a_sign_of_life_counts_for_less_than_a_second_and_a_lapsed_hold_is_never_taken_up_again() {
    assert!(LIVE_LIFE < LIVE_STOP && LIVE_EVERY * 3 < LIVE_LIFE, "two signs may be lost");
    let kept = keep(&live(), &sign(4), true, true, false, live().until()).unwrap();
    assert_eq!((kept.seq, kept.motion.zoom, kept.until()), (4, 1, live().until().plus(LIVE_LIFE)));
    let after = live().until().plus(Duration::from_millis(1));
    assert_eq!(keep(&live(), &sign(4), true, true, false, after), Err(LiveOver::Lapsed));
}

#[test]
fn l_a_doubled_or_disordered_sign_keeps_nothing_alive() {
    let at = NOW.plus(Duration::from_millis(500));
    for seq in [3, 2, -1] {
        assert_eq!(keep(&live(), &sign(seq), true, true, false, at), Ok(live()), "{seq}");
    }
    let still = LiveSign { motion: Motion::default(), ..sign(4) };
    assert_eq!(keep(&live(), &still, true, true, false, at), Ok(live()), "no motion is no sign of one");
}

#[test]
fn l_a_lock_the_end_of_the_shift_and_a_minute_end_it_whatever_is_held() {
    assert_eq!(keep(&live(), &sign(4), true, true, true, NOW), Err(LiveOver::CrewLock));
    assert_eq!(keep(&live(), &sign(4), true, false, false, NOW), Err(LiveOver::ShiftOver));
    assert_eq!(keep(&live(), &sign(4), false, true, false, NOW), Err(LiveOver::Released), "handed over");
    let minute = NOW.plus(LIVE_LONGEST);
    let long = Live { heard_at: minute, ..live() };
    assert_eq!(long.until(), minute, "its last sign lengthens nothing");
    assert!(keep(&long, &sign(4), true, true, false, minute).is_ok());
    assert_eq!(keep(&long, &sign(4), true, true, false, minute.plus(Duration::from_millis(1))), Err(LiveOver::TooLong));
}

#[test]
fn a_motion_has_axes_that_go_one_way_and_one_of_them_moves() {
    for good in [LEFT, Motion { pan: 1, tilt: -1, zoom: 1 }] {
        assert!(good.is_well_formed());
    }
    for bad in [Motion::default(), Motion { pan: 2, ..LEFT }, Motion { zoom: -2, ..LEFT }] {
        assert!(!bad.is_well_formed());
    }
}
