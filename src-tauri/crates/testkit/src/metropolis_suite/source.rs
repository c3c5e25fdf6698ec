//! Sources: their contacts as the programs that speak for them tell them.

use std::time::Duration;

use uuid::Uuid;
use vigie_core::equipment::EquipmentKind;
use vigie_core::source::SourceContact;
use vigie_core::submission::Body;
use vigie_core::table::Source;
use vigie_core::time::Timestamp;

use super::room::{Room, applied, refused};

/// The account that speaks for sources.
const GATEWAY: &str = "gateway";

pub(super) fn contact(source_id: Uuid, at: Timestamp, error: Option<&str>) -> SourceContact {
    SourceContact {
        source_id,
        code: "hubeau".into(),
        name: "Hub'Eau hydrométrie".into(),
        covers: vec![EquipmentKind::Gauge, EquipmentKind::Pump],
        period_s: 900,
        at,
        delay_ms: Some(1_620_000),
        error: error.map(str::to_owned),
    }
}

async fn row(room: &mut Room<'_>, id: Uuid) -> Source {
    room.rows::<Source>(|source| source.source_id == id).await.into_iter().next().expect("the room sees the source")
}

/// With what depends on it, in the order in which it was told.
pub async fn the_first_contact_declares_a_source_and_the_room_sees_it(room: &mut Room<'_>) {
    let (id, now) = (room.fresh(), room.now().await);
    applied(&room.write(GATEWAY, Body::SourceContact(contact(id, now, None))).await);
    let seen = row(room, id).await;
    assert_eq!((seen.code.as_str(), seen.period_s), ("hubeau", 900));
    assert_eq!(seen.covers, serde_json::json!(["gauge", "pump"]));
    assert_eq!((seen.contact_at, seen.tried_at, seen.delay_ms), (Some(now), now, Some(1_620_000)));
    assert_eq!((seen.error, seen.error_since), (None, None));
}

/// Until it is in contact again.
pub async fn a_source_that_fails_keeps_its_last_contact_and_says_since_when(room: &mut Room<'_>) {
    let (id, first) = (room.fresh(), room.now().await);
    applied(&room.write(GATEWAY, Body::SourceContact(contact(id, first, None))).await);
    let mut failed = Vec::new();
    for error in ["timeout", "sign_in_refused"] {
        room.wait(Duration::from_secs(60)).await;
        let at = room.now().await;
        failed.push(at);
        let told = SourceContact { delay_ms: None, ..contact(id, at, Some(error)) };
        applied(&room.write(GATEWAY, Body::SourceContact(told)).await);
    }
    let seen = row(room, id).await;
    assert_eq!((seen.contact_at, seen.tried_at, seen.delay_ms), (Some(first), failed[1], Some(1_620_000)));
    assert_eq!((seen.error.as_deref(), seen.error_since), (Some("sign_in_refused"), Some(failed[0])));
    room.wait(Duration::from_secs(60)).await;
    let back = room.now().await;
    applied(&room.write(GATEWAY, Body::SourceContact(contact(id, back, None))).await);
    let seen = row(room, id).await;
    assert_eq!((seen.contact_at, seen.error, seen.error_since), (Some(back), None, None));
}

/// And is no error of who sends it.
pub async fn a_contact_that_arrives_late_changes_nothing(room: &mut Room<'_>) {
    let (id, before) = (room.fresh(), room.now().await);
    room.wait(Duration::from_secs(60)).await;
    let now = room.now().await;
    applied(&room.write(GATEWAY, Body::SourceContact(contact(id, now, None))).await);
    applied(&room.write(GATEWAY, Body::SourceContact(contact(id, before, Some("timeout")))).await);
    let seen = row(room, id).await;
    assert_eq!((seen.tried_at, seen.error), (now, None));
}

/// An error is a code: an address with a password in it does not get to the screens.
pub async fn a_contact_without_its_form_is_refused(room: &mut Room<'_>) {
    let (id, now) = (room.fresh(), room.now().await);
    let good = contact(id, now, None);
    for bad in [
        contact(id, now, Some("https://user:secret@host")),
        contact(id, now, Some("")),
        SourceContact { code: "Hub Eau".into(), ..good.clone() },
        SourceContact { name: " ".into(), ..good.clone() },
        SourceContact { name: "x".repeat(201), ..good.clone() },
        SourceContact { period_s: 0, ..good.clone() },
        SourceContact { delay_ms: Some(-1), ..good.clone() },
    ] {
        let outcome = room.write(GATEWAY, Body::SourceContact(bad)).await;
        refused(&outcome, "malformed");
    }
    assert!(room.rows::<Source>(|source| source.source_id == id).await.is_empty());
}
