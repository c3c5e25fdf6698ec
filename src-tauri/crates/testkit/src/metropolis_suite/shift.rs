//! Shifts: who holds which desk.

use std::time::Duration;

use vigie_core::ids::{DeskId, ShiftId};
use vigie_core::rights::Role;
use vigie_core::submission::Body;
use vigie_core::table::Shift;

use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

async fn open(room: &mut Room<'_>, login: &str) -> ShiftId {
    let (shift_id, ends_at) = (ShiftId(room.fresh()), room.now().await.plus(Duration::from_secs(8 * 3_600)));
    let (_, desk_id) = room.shift(OPERATOR);
    applied(&room.write(login, Body::ShiftOpen { shift_id, desk_id, ends_at }).await);
    shift_id
}

async fn row(room: &mut Room<'_>, id: ShiftId) -> Shift {
    room.rows::<Shift>(|s| s.shift_id == id).await.into_iter().next().expect("the room sees the shift")
}

/// In the role of the account.
pub async fn a_shift_is_opened_seen_and_closed(room: &mut Room<'_>) {
    let id = open(room, "l.moreau").await;
    let shift = row(room, id).await;
    let person = room.city.accounts.iter().find(|a| a.login == "l.moreau").and_then(|a| a.person_id);
    assert_eq!((Some(shift.person_id), shift.role), (person, Role::RemoteOperator));
    assert_eq!((shift.opened_at, shift.closed_at), (room.now().await, None));
    room.wait(Duration::from_secs(60)).await;
    applied(&room.write("l.moreau", Body::ShiftClose { shift_id: id }).await);
    assert_eq!(row(room, id).await.closed_at, Some(room.now().await));
    refused(&room.write("l.moreau", Body::ShiftClose { shift_id: id }).await, "shift_over");
}

/// And an identifier that is not taken.
pub async fn a_shift_needs_a_desk_and_an_end_that_lies_ahead(room: &mut Room<'_>) {
    let now = room.now().await;
    let (taken, desk_id) = room.shift(OPERATOR);
    let (shift_id, nowhere) = (ShiftId(room.fresh()), DeskId(room.fresh()));
    let later = now.plus(Duration::from_secs(60));
    refused(
        &room.write(OPERATOR, Body::ShiftOpen { shift_id, desk_id: nowhere, ends_at: later }).await,
        "no_such_object",
    );
    refused(&room.write(OPERATOR, Body::ShiftOpen { shift_id, desk_id, ends_at: now }).await, "shift_over");
    refused(&room.write(OPERATOR, Body::ShiftOpen { shift_id: taken, desk_id, ends_at: later }).await, "illegal_event");
    assert!(room.rows::<Shift>(|s| s.shift_id == shift_id).await.is_empty());
}

/// Not by anyone else.
pub async fn a_shift_is_closed_by_its_holder_or_a_supervisor(room: &mut Room<'_>) {
    let (theirs, _) = room.shift(COLLEAGUE);
    refused(&room.write(OPERATOR, Body::ShiftClose { shift_id: theirs }).await, "not_allowed");
    applied(&room.write(SUPERVISOR, Body::ShiftClose { shift_id: theirs }).await);
    let nowhere = ShiftId(room.fresh());
    refused(&room.write(SUPERVISOR, Body::ShiftClose { shift_id: nowhere }).await, "no_such_object");
}

/// Somebody else's shift, a closed one, one whose end has passed, none at all.
pub async fn r13_a_command_without_an_open_shift_of_its_author_is_refused(room: &mut Room<'_>) {
    let light = room.light();
    let mut theirs = room.dim(light).await;
    theirs.shift_id = room.shift(COLLEAGUE).0;
    refused(&room.operate(OPERATOR, &theirs).await, "shift_over");
    let mut none = room.dim(light).await;
    none.shift_id = ShiftId(room.fresh());
    refused(&room.operate(OPERATOR, &none).await, "shift_over");

    let closed = open(room, OPERATOR).await;
    let mut order = room.dim(light).await;
    order.shift_id = closed;
    applied(&room.operate(OPERATOR, &order).await);
    applied(&room.write(OPERATOR, Body::ShiftClose { shift_id: closed }).await);
    let mut after = room.dim(light).await;
    after.shift_id = closed;
    refused(&room.operate(OPERATOR, &after).await, "shift_over");

    let over = open(room, OPERATOR).await;
    room.wait(Duration::from_secs(8 * 3_600)).await;
    let mut late = room.order(OPERATOR, light, "street_light.read", serde_json::json!({})).await;
    late.shift_id = over;
    refused(&room.operate(OPERATOR, &late).await, "shift_over");
}
