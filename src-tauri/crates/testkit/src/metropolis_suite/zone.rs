//! Zones drawn and changed on the map, by logins that go round the application.

use serde_json::{Value, json};
use vigie_core::ids::ZoneId;
use vigie_core::submission::{Body, Outcome};
use vigie_core::table::Zone;
use vigie_core::zone::{ZoneSaid, validate};

use super::room::{OPERATOR, Room, SUPERVISOR, applied, refused};

const IT: &str = "t.colas";

/// A square west of Dijon's middle, so many hundredths of a degree wide.
fn square(hundredths: i32) -> Value {
    let (west, south, side) = (5.0, 47.3, f64::from(hundredths) / 100.0);
    let (east, north) = (west + side, south + side);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

fn put(zone_id: ZoneId, after: Option<i64>, (reference, kind): (&str, &str), outline: Value) -> Body {
    let (reference, name, zone_kind) = (reference.to_owned(), format!("Zone {reference}"), kind.to_owned());
    Body::ZonePut { zone_id, after, reference, name, zone_kind, outline }
}

async fn drawn(room: &mut Room<'_>, reference: &str) -> ZoneId {
    let id = ZoneId(room.fresh());
    applied(&room.write(SUPERVISOR, put(id, None, (reference, "cctv"), square(1))).await);
    id
}

async fn row(room: &mut Room<'_>, id: ZoneId) -> Option<Zone> {
    room.rows::<Zone>(|z| z.zone_id == id).await.pop()
}

fn seen_since(outcome: &Outcome, zone: &Zone) {
    refused(outcome, "zone_changed");
    let person_id = serde_json::to_value(zone.person_id).expect("an identifier");
    let told = json!({"revision": zone.revision, "person_id": person_id, "changed_at": zone.changed_at});
    assert_eq!(outcome.detail, told, "who changed it, and when");
}

/// Drawn, changed, thrown away; each change counts, and says by whom and when.
pub async fn a_zone_is_drawn_changed_and_thrown_away(room: &mut Room<'_>) {
    let id = drawn(room, "T-1").await;
    let first = row(room, id).await.expect("the room reads it");
    let (now, author) = (room.now().await, person(room, SUPERVISOR));
    assert_eq!((first.revision, first.person_id, first.changed_at), (Some(1), author, Some(now)));
    assert_eq!((first.reference.as_str(), first.kind.as_str(), &first.outline), ("T-1", "cctv", &square(1)));
    room.wait(std::time::Duration::from_secs(60)).await;
    applied(&room.write(IT, put(id, Some(1), ("T-1", "flood"), square(2))).await);
    let second = row(room, id).await.expect("the room reads it");
    let now = room.now().await;
    assert_eq!((second.revision, second.person_id, second.changed_at), (Some(2), person(room, IT), Some(now)));
    assert_eq!((second.kind.as_str(), &second.outline), ("flood", &square(2)));
    applied(&room.write(SUPERVISOR, Body::ZoneDrop { zone_id: id, after: 2 }).await);
    assert_eq!(row(room, id).await, None);
    refused(&room.write(SUPERVISOR, Body::ZoneDrop { zone_id: id, after: 2 }).await, "no_such_zone");
    refused(&room.write(SUPERVISOR, put(id, Some(2), ("T-1", "flood"), square(3))).await, "no_such_zone");
}

/// Of two who change one zone the second is told who was faster, and writes over nothing.
pub async fn two_who_change_one_zone_are_told_of_each_other(room: &mut Room<'_>) {
    let id = drawn(room, "T-1").await;
    applied(&room.write(IT, put(id, Some(1), ("T-1", "cctv"), square(2))).await);
    let held = row(room, id).await.expect("the room reads it");
    seen_since(&room.write(SUPERVISOR, put(id, Some(1), ("T-1", "cctv"), square(3))).await, &held);
    seen_since(&room.write(SUPERVISOR, put(id, None, ("T-1", "cctv"), square(3))).await, &held);
    seen_since(&room.write(SUPERVISOR, Body::ZoneDrop { zone_id: id, after: 1 }).await, &held);
    assert_eq!(row(room, id).await, Some(held));
}

/// A zone that came with the city was never changed: it is written over as such, and once.
pub async fn a_zone_that_was_loaded_is_changed_like_any_other(room: &mut Room<'_>) {
    let loaded = room.rows::<Zone>(|z| z.kind == "cctv").await.pop().expect("the city has zones");
    assert_eq!((loaded.revision, loaded.person_id, loaded.changed_at), (None, None, None));
    let body = || put(loaded.zone_id, Some(0), (&loaded.reference, "cctv"), square(1));
    applied(&room.write(SUPERVISOR, body()).await);
    let changed = row(room, loaded.zone_id).await.expect("the room reads it");
    assert_eq!((changed.revision, &changed.outline), (Some(1), &square(1)));
    seen_since(&room.write(SUPERVISOR, body()).await, &changed);
}

/// Files know a zone by its reference: one zone has it, and keeps it.
pub async fn a_reference_belongs_to_one_zone(room: &mut Room<'_>) {
    let id = drawn(room, "T-1").await;
    let other = ZoneId(room.fresh());
    refused(&room.write(SUPERVISOR, put(other, None, ("T-1", "flood"), square(2))).await, "reference_taken");
    refused(&room.write(SUPERVISOR, put(id, Some(1), ("T-2", "cctv"), square(2))).await, "malformed");
    assert_eq!(row(room, other).await, None);
}

/// Who answers for the room, and IT; and nobody writes what he does not see.
pub async fn zones_are_changed_by_those_who_answer_for_them(room: &mut Room<'_>) {
    let id = drawn(room, "T-1").await;
    for login in [OPERATOR, "n.petit", "r.roy", "p.lambert", "m.garnier", "v.renaud", "gateway", "house"] {
        refused(&room.write(login, put(id, Some(1), ("T-1", "cctv"), square(2))).await, "not_allowed");
        refused(&room.write(login, Body::ZoneDrop { zone_id: id, after: 1 }).await, "not_allowed");
    }
    let closed = ZoneId(room.fresh());
    refused(&room.write(IT, put(closed, None, ("T-2", "closed_building"), square(1))).await, "not_allowed");
    applied(&room.write(SUPERVISOR, put(closed, None, ("T-2", "closed_building"), square(1))).await);
    refused(&room.write(IT, put(closed, Some(1), ("T-2", "district"), square(1))).await, "not_allowed");
    refused(&room.write(IT, Body::ZoneDrop { zone_id: closed, after: 1 }).await, "not_allowed");
    assert_eq!(row(room, closed).await.and_then(|z| z.revision), Some(1));
}

/// As the core's `validate` has it: one change at a time from what is right.
pub async fn what_has_not_the_form_of_a_zone_is_refused(room: &mut Room<'_>) {
    let id = ZoneId(room.fresh());
    let right = || json!({"reference": "T-1", "name": "Gare", "zone_kind": "cctv", "outline": square(1)});
    let ring = |corners: Value| json!({"type": "Polygon", "coordinates": [corners]});
    let wrong = [
        ("/reference", json!("  ")),
        ("/reference", json!("x".repeat(41))),
        ("/name", json!("")),
        ("/name", json!("x".repeat(81))),
        ("/zone_kind", json!("park")),
        ("/outline", json!({"type": "Point", "coordinates": [5.0, 47.3]})),
        ("/outline", json!({"type": "Polygon", "coordinates": []})),
        ("/outline", json!({"type": "MultiPolygon", "coordinates": []})),
        (
            "/outline",
            json!({"type": "Polygon", "coordinates": square(1)["coordinates"], "bbox": [5.0, 47.3, 5.1, 47.4]}),
        ),
        ("/outline", ring(json!([[5.0, 47.3], [5.1, 47.3], [5.0, 47.3]]))),
        ("/outline", ring(json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4]]))),
        ("/outline", ring(json!([[5.0, 47.3, 1.0], [5.1, 47.3, 1.0], [5.1, 47.4, 1.0], [5.0, 47.3, 1.0]]))),
        ("/outline", ring(json!([["5", 47.3], [5.1, 47.3], [5.1, 47.4], ["5", 47.3]]))),
        ("/outline", ring(json!([[5.0, 47.3], 7, [5.1, 47.4], [5.0, 47.3]]))),
        ("/outline", ring(json!([[5.0, 47.3], [5.0, 47.4], [5.1, 47.4], [5.1, 47.3], [5.0, 47.3]]))),
        ("/outline", ring(json!([[47.3, 5.0], [47.4, 5.0], [47.4, 5.1], [47.3, 5.0]]))),
        ("/outline", ring(json!([[5.0, 47.3], [6.5, 47.3], [6.5, 47.4], [5.0, 47.3]]))),
    ];
    for (place, value) in wrong {
        let mut said = right();
        *said.pointer_mut(place).expect("a place") = value.clone();
        let text = |key: &str| said[key].as_str().expect("a text").to_owned();
        let body = Body::ZonePut {
            zone_id: id,
            after: None,
            reference: text("reference"),
            name: text("name"),
            zone_kind: text("zone_kind"),
            outline: said["outline"].clone(),
        };
        let outcome = room.write(SUPERVISOR, body).await;
        assert_eq!(outcome.code.as_deref(), Some("malformed"), "{place} {value}");
    }
    assert_eq!(row(room, id).await, None);
}

/// Numbers that look like chance and are always the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Rings of a coarse raster, on which corners, sides and collinear sides meet all the time: the metropolis judges each of them as
/// the core does, whether the drawing is right or wrong.
pub async fn any_drawing_is_judged_as_the_core_judges_it(room: &mut Room<'_>) {
    let mut draw = Draw(11);
    let (mut right, mut wrong) = (0, 0);
    for nth in 0..400 {
        let mut ring = |corners: u64, side: u64| {
            let mut at = |_| [5.0 + draw.below(side) as f64 / 100.0, 47.3 + draw.below(side) as f64 / 100.0];
            let mut ring: Vec<_> = (0..corners).map(&mut at).collect();
            ring.extend(ring.first().copied());
            ring
        };
        let corners = 3 + nth % 4;
        let outline = match nth % 5 {
            0 => json!({"type": "Polygon", "coordinates": [ring(3, 4), ring(3, 4)]}),
            1 => json!({"type": "MultiPolygon", "coordinates": [[ring(3, 4)], [ring(3, 4)]]}),
            _ => json!({"type": "Polygon", "coordinates": [ring(corners, 5)]}),
        };
        let (id, reference) = (ZoneId(room.fresh()), format!("T-{nth}"));
        let said = ZoneSaid { reference: &reference, name: "Zone", kind: "district", outline: &outline };
        let faults = validate(&said);
        let outcome = room.write(SUPERVISOR, put(id, None, (&reference, "district"), outline.clone())).await;
        let expected = (!faults.is_empty()).then_some("malformed");
        assert_eq!(outcome.code.as_deref(), expected, "{outline} {faults:?}");
        if faults.is_empty() { right += 1 } else { wrong += 1 }
    }
    assert!(right > 30 && wrong > 100, "{right} right, {wrong} wrong: the drawings try nothing");
    // As many corners as a zone may have, and one more.
    for (corners, expected) in [(2_000, None), (2_001, Some("malformed"))] {
        let at = |n: u32| {
            let angle = f64::from(n) / f64::from(corners) * std::f64::consts::TAU;
            [5.0 + 0.1 * angle.cos(), 47.3 + 0.1 * angle.sin()]
        };
        let outline = json!({"type": "Polygon", "coordinates": [(0..corners).chain([0]).map(at).collect::<Vec<_>>()]});
        let id = ZoneId(room.fresh());
        let outcome = room.write(SUPERVISOR, put(id, None, (&format!("L-{corners}"), "flood"), outline)).await;
        assert_eq!(outcome.code.as_deref(), expected, "{corners} corners");
    }
}

fn person(room: &Room<'_>, login: &str) -> Option<vigie_core::ids::PersonId> {
    room.city.accounts.iter().find(|a| a.login == login).and_then(|a| a.person_id)
}
