//! Rivers: bulletins and forecasts as a gateway tells them, and observations that a service gives again and again.

use std::time::Duration;

use serde_json::json;
use vigie_core::equipment::{EquipmentKind, Reading};
use vigie_core::flood::{Bulletin, ForecastPoint, ForecastSaid, Quantity, ReachSaid, Vigilance, forecast_id, reach_id};
use vigie_core::submission::{Body, StateReport};
use vigie_core::table::{GaugeForecast, RiverReach, StateHistory};
use vigie_core::time::Timestamp;

use super::room::{Room, applied, refused};

/// The account that asks the public services.
const GATEWAY: &str = "gateway";
/// A source that the suite's city has no reach of.
const SOURCE: &str = "suite";

fn reach(code: &str, vigilance: Option<Vigilance>) -> ReachSaid {
    ReachSaid {
        reach_id: reach_id(SOURCE, code),
        code: code.into(),
        name: format!("Tronçon {code}"),
        territory: "18".into(),
        geometry: Some(json!({"type": "LineString", "coordinates": [[5.0, 47.3], [5.1, 47.3]]})),
        vigilance,
    }
}

fn bulletin(issued_at: Timestamp, reaches: Vec<ReachSaid>) -> Bulletin {
    Bulletin { source: SOURCE.into(), reference: format!("b{}", issued_at.0), issued_at, reaches }
}

async fn rows(room: &mut Room<'_>) -> Vec<RiverReach> {
    let mut rows = room.rows::<RiverReach>(|row| row.source == SOURCE).await;
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    rows
}

/// Unknown, never green; its line is still drawn.
pub async fn a_bulletin_colours_the_reaches_and_one_that_it_does_not_have_is_unknown(room: &mut Room<'_>) {
    let first = room.now().await;
    let said = vec![reach("a", Some(Vigilance::Yellow)), reach("b", Some(Vigilance::Orange))];
    applied(&room.write(GATEWAY, Body::FloodBulletin(bulletin(first, said))).await);
    let seen = rows(room).await;
    let colours: Vec<_> = seen.iter().map(|row| row.vigilance).collect();
    assert_eq!(colours, [Some(Vigilance::Yellow), Some(Vigilance::Orange)]);
    assert!(seen.iter().all(|row| row.since == first && row.bulletin_at == first && row.territory == "18"));

    let second = first.plus(Duration::from_secs(6 * 3_600));
    let bare = ReachSaid { geometry: None, ..reach("a", None) };
    applied(&room.write(GATEWAY, Body::FloodBulletin(bulletin(second, vec![bare]))).await);
    let seen = rows(room).await;
    assert!(seen.iter().all(|row| row.vigilance.is_none() && row.since == second && row.bulletin_at == second));
    assert!(seen.iter().all(|row| row.geometry["type"] == "LineString"), "{seen:?}");
    let others = room.rows::<RiverReach>(|row| row.source != SOURCE).await;
    assert!(others.iter().all(|row| row.vigilance.is_some()), "of other sources it says nothing");
}

/// The same bulletin told again is no change.
pub async fn a_colour_that_stays_keeps_its_beginning_and_a_late_bulletin_changes_nothing(room: &mut Room<'_>) {
    let first = room.now().await;
    let hours = |n: u64| first.plus(Duration::from_secs(n * 3_600));
    for (at, vigilance) in [
        (first, Vigilance::Green),
        (hours(6), Vigilance::Green),
        (hours(6), Vigilance::Green),
        (hours(3), Vigilance::Red),
    ] {
        let said = bulletin(at, vec![reach("c", Some(vigilance))]);
        applied(&room.write(GATEWAY, Body::FloodBulletin(said)).await);
    }
    applied(&room.write(GATEWAY, Body::FloodBulletin(bulletin(hours(2), Vec::new()))).await);
    let seen = rows(room).await;
    assert_eq!((seen[0].vigilance, seen[0].since, seen[0].bulletin_at), (Some(Vigilance::Green), first, hours(6)));
    applied(
        &room.write(GATEWAY, Body::FloodBulletin(bulletin(hours(7), vec![reach("c", Some(Vigilance::Red))]))).await,
    );
    let seen = rows(room).await;
    assert_eq!((seen[0].vigilance, seen[0].since), (Some(Vigilance::Red), hours(7)));
}

/// Nothing of it is taken.
pub async fn a_bulletin_without_its_form_is_refused(room: &mut Room<'_>) {
    let now = room.now().await;
    let good = reach("d", Some(Vigilance::Green));
    let point = Some(json!({"type": "Point", "coordinates": [5.0, 47.3]}));
    for bad in [
        bulletin(now, vec![ReachSaid { code: " ".into(), ..good.clone() }]),
        bulletin(now, vec![ReachSaid { name: String::new(), ..good.clone() }]),
        bulletin(now, vec![ReachSaid { name: "x".repeat(201), ..good.clone() }]),
        bulletin(now, vec![ReachSaid { geometry: point, ..good.clone() }]),
        bulletin(now, vec![good.clone(), good.clone()]),
        Bulletin { source: "https://x".into(), ..bulletin(now, vec![good.clone()]) },
        Bulletin { reference: "x".repeat(61), ..bulletin(now, vec![good.clone()]) },
    ] {
        assert!(!bad.is_well_formed());
        let outcome = room.write(GATEWAY, Body::FloodBulletin(bad)).await;
        refused(&outcome, "malformed");
    }
    let outcome = room.write("s.bernard", Body::FloodBulletin(bulletin(now, vec![good]))).await;
    refused(&outcome, "not_allowed");
    assert!(rows(room).await.iter().all(|row| row.code != "d"));
}

/// One row for each quantity of a gauge.
pub async fn a_forecast_replaces_the_one_before_it_and_an_older_one_nothing(room: &mut Room<'_>) {
    let (gauge, light, now) = (room.object(EquipmentKind::Gauge, 0), room.light(), room.now().await);
    let hours = |n: u64| now.plus(Duration::from_secs(n * 3_600));
    let said = |issued_at: Timestamp, mean: f64| ForecastSaid {
        forecast_id: forecast_id(gauge, Quantity::Height),
        equipment_id: gauge,
        quantity: Quantity::Height,
        issued_at,
        source: SOURCE.into(),
        points: vec![
            ForecastPoint { at: hours(8), low: mean - 200.5, mean, high: mean + 300.0 },
            ForecastPoint { at: hours(9), low: mean - 250.0, mean: mean + 40.0, high: mean + 400.0 },
        ],
    };
    for (at, mean) in [(now, 1_500.0), (hours(1), 1_800.0), (now, 900.0)] {
        applied(&room.write(GATEWAY, Body::FloodForecast(said(at, mean))).await);
    }
    let seen = room.rows::<GaugeForecast>(|row| row.equipment_id == gauge).await;
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].issued_at, seen[0].points.clone()), (hours(1), said(now, 1_800.0).points));
    let backwards = ForecastSaid { points: said(now, 1.0).points.into_iter().rev().collect(), ..said(hours(2), 1.0) };
    let upside_down = ForecastSaid {
        points: vec![ForecastPoint { at: hours(8), low: 3.0, mean: 2.0, high: 4.0 }],
        ..said(hours(2), 1.0)
    };
    for bad in [backwards, upside_down, ForecastSaid { source: String::new(), ..said(hours(2), 1.0) }] {
        assert!(!bad.is_well_formed());
        let outcome = room.write(GATEWAY, Body::FloodForecast(bad)).await;
        refused(&outcome, "malformed");
    }
    let of_a_light = ForecastSaid { equipment_id: light, ..said(hours(2), 1.0) };
    let outcome = room.write(GATEWAY, Body::FloodForecast(of_a_light)).await;
    refused(&outcome, "no_such_object");
}

/// A window of hours that is asked for each quarter of an hour brings mostly what is known; what came late enters.
pub async fn what_a_service_tells_again_enters_history_once(room: &mut Room<'_>) {
    let gauge = room.object(EquipmentKind::Gauge, 0);
    let present = room.seen(gauge).await;
    let now = room.now().await;
    let seen = |minutes: u64, mm: i64| StateReport {
        reading: Reading::from(json!({"height_mm": mm, "flow_l_s": null})),
        observed_at: now.minus(Duration::from_secs(minutes * 60)),
        source: "hubeau".into(),
        ..present.clone()
    };
    room.report(vec![seen(0, 900)]).await;
    for _ in 0..3 {
        room.report(vec![seen(30, 860), seen(15, 880), seen(0, 900)]).await;
    }
    room.report(vec![seen(45, 840), seen(30, 865)]).await;
    let mut past: Vec<_> = room
        .rows::<StateHistory>(|row| row.equipment_id == gauge && row.source == "hubeau")
        .await
        .iter()
        .map(|row| (now.since(row.observed_at).as_secs() / 60, row.reading.number("height_mm")))
        .collect();
    past.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.partial_cmp(&b.1).expect("numbers")));
    let expected =
        [(45, 840.0), (30, 860.0), (30, 865.0), (15, 880.0), (0, 900.0)].map(|(minutes, mm)| (minutes, Some(mm)));
    assert_eq!(past, expected, "a value that was corrected stands beside the one before");
}
