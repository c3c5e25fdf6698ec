//! Zones at a desk: what somebody draws is checked against at once, and nothing of it without a link.

use serde_json::{Value, json};
use vigie_core::command::{ClassCode, FindingCode, Params};
use vigie_core::ids::{EquipmentId, ZoneId};
use vigie_core::submission::Body;
use vigie_core::zone::ZoneFault;
use vigie_engine::{DrawnZone, Engine, ZoneSaved};

use crate::room::Room;

/// A square of a hundred metres or so around an object, drawn clockwise.
fn around(room: &Room, object: EquipmentId) -> Value {
    let (lon, lat) = room.engine.picture(|p| p.object(object).map(|o| (o.equipment.lon, o.equipment.lat)).unwrap());
    let (west, south, east, north) = (lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001);
    json!({"type": "Polygon", "coordinates": [[[west, south], [west, north], [east, north], [east, south], [west, south]]]})
}

fn drawn(outline: Value) -> DrawnZone {
    let (reference, name, kind) = ("ZI-99".to_owned(), " Quai essayé ".to_owned(), "flood".to_owned());
    DrawnZone { zone_id: None, after: None, reference, name, kind, outline }
}

fn floods(engine: &Engine, object: EquipmentId) -> Vec<String> {
    let needs = engine.needs(object, "signal_junction.flash", &Params::default(), ClassCode::D).unwrap();
    let found = needs.check.findings.into_iter().find(|finding| finding.code == FindingCode::FloodZone);
    found.map(|finding| finding.what).unwrap_or_default()
}

fn of_name(engine: &Engine, name: &str) -> Option<ZoneId> {
    engine.zones().into_iter().find(|zone| zone.name == name).map(|zone| zone.zone_id)
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_somebody_draws_is_checked_against_at_once_and_no_more_once_it_is_gone() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    assert!(!floods(&room.engine, junction).iter().any(|name| name == "Quai"));
    let outline = json!({"type": "Polygon", "coordinates": [
        around(&room, junction)["coordinates"][0].as_array().unwrap().iter().rev().collect::<Vec<_>>()
    ]});
    let zone_id = ZoneId(uuid::Uuid::from_u128(77));
    let (reference, name, zone_kind) = ("ZI-99".to_owned(), "Quai".to_owned(), "flood".to_owned());
    room.write("s.bernard", Body::ZonePut { zone_id, after: None, reference, name, zone_kind, outline }).await;
    room.until("the zone is known here", |e| of_name(e, "Quai") == Some(zone_id)).await;
    assert!(floods(&room.engine, junction).iter().any(|name| name == "Quai"), "asked before the next click");
    room.write("s.bernard", Body::ZoneDrop { zone_id, after: 1 }).await;
    room.until("it is gone", |e| of_name(e, "Quai").is_none()).await;
    assert!(!floods(&room.engine, junction).iter().any(|name| name == "Quai"));
}

#[tokio::test(start_paused = true)]
async fn a_drawing_is_looked_at_here_whichever_way_it_runs_and_says_what_stands_in_it() {
    let room = Room::open().await;
    let junction = room.object("TL-001");
    let outline = around(&room, junction);
    let look = room.engine.look_at_zone(&drawn(outline.clone()));
    assert_eq!((look.faults.as_slice(), look.enters, look.leaves), (&[][..], look.holds, 0));
    assert!(look.holds >= 1);
    let mut bow = outline;
    bow["coordinates"][0].as_array_mut().unwrap().swap(1, 2);
    assert_eq!(room.engine.look_at_zone(&drawn(bow)).faults, [ZoneFault::Crosses]);
    let known = room.engine.zones().into_iter().find(|zone| zone.kind == "flood").unwrap();
    let moved = DrawnZone { zone_id: Some(known.zone_id), after: Some(0), ..drawn(around(&room, junction)) };
    let before = DrawnZone { outline: known.outline, ..moved.clone() };
    let (as_it_is, moved) = (room.engine.look_at_zone(&before), room.engine.look_at_zone(&moved));
    assert_eq!((as_it_is.enters, as_it_is.leaves), (0, 0));
    assert_eq!(moved.leaves + moved.holds, as_it_is.holds + moved.enters);
}

#[tokio::test(start_paused = true)]
async fn a_zone_is_neither_written_by_who_may_not_nor_without_a_link() {
    let room = Room::open().await;
    let outline = around(&room, room.object("TL-001"));
    let refused = room.engine.save_zone(drawn(outline.clone())).await.unwrap_err();
    assert_eq!(refused.code(), "not_allowed", "an operator draws no zones");
    let supervisor = room.seat("s.bernard").await;
    let saved = supervisor.save_zone(drawn(outline.clone())).await.unwrap();
    let ZoneSaved::Done(id) = saved else { panic!("{saved:?}") };
    room.until("the other desk knows it, its name without blanks", |e| of_name(e, "Quai essayé") == Some(id)).await;
    room.until_of(&supervisor, "its own desk too", |e| of_name(e, "Quai essayé") == Some(id)).await;
    let late = DrawnZone { zone_id: Some(id), after: Some(0), ..drawn(outline.clone()) };
    let ZoneSaved::Changed { by, at } = supervisor.save_zone(late).await.unwrap() else { panic!("written over") };
    assert!(by.is_some() && at.is_some());
    room.training.set_plugged(false);
    room.until_lost().await;
    let change = DrawnZone { zone_id: Some(id), after: Some(1), ..drawn(outline) };
    assert!(supervisor.save_zone(change).await.is_err());
    assert!(supervisor.drop_zone(id, 1).await.is_err());
    room.training.set_plugged(true);
    room.until_of(&supervisor, "live again", |e| e.status().link.state == vigie_core::link::LinkState::Live).await;
    assert_eq!(of_name(&supervisor, "Quai essayé"), Some(id), "nothing was queued");
    supervisor.shutdown().await;
}
