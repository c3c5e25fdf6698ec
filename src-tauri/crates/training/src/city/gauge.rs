//! River gauges. Two stand for real Hub'Eau stations and carry their codes; the others are local and say so.

use serde_json::json;
use vigie_core::equipment::EquipmentKind;
use vigie_core::table::Equipment;

use super::equipment::reliable;
use super::plan::Plan;
use super::plane::{P, length, nearest, walk};
use super::river::heights;

/// Degrees, where they are known.
type Place = Option<(f64, f64)>;
/// The Ouche at Plombières and the Tille at Arceau: reference, name, river, place.
const REAL: &[(&str, &str, &str, Place)] = &[
    ("H-U132401001", "Ouche à Plombières", "L'Ouche", Some((4.980_948, 47.332_536))),
    ("H-U122401001", "Tille à Arceau", "La Tille", None),
];
/// Where the local ones stand: how many on which line.
const LOCAL: &[(&str, &str, usize)] =
    &[("L'Ouche", "Ouche", 10), ("Le Suzon", "Suzon", 5), ("La Tille", "Tille", 4), ("Canal de Bourgogne", "Canal", 3)];

/// The gauges.
pub(crate) fn gauges(plan: &Plan) -> Vec<Equipment> {
    let line =
        |name: &str| plan.features.iter().find(|f| f.name == name).map(|f| f.points.as_slice()).unwrap_or_default();
    let mut rows = Vec::new();
    for (reference, name, river, place) in REAL {
        // The second one is upstream of the metropolis: it stands where the drawn river enters the picture.
        let drawn = place.map_or_else(|| line(river).first().copied(), |(lon, lat)| Some(P::from_degrees(lon, lat)));
        let Some(at) = drawn else { continue };
        let share = share_along(line(river), at);
        rows.push(gauge(plan, (*reference).to_owned(), (*name).to_owned(), at, (river, share), "hubeau"));
    }
    let mut number = 0;
    for (river, short, count) in LOCAL {
        let points = line(river);
        for i in 0..*count {
            number += 1;
            let share = (i as f64 + 0.6) / *count as f64;
            let Some((at, _)) = walk(points, length(points) * share) else { continue };
            let commune = plan.commune_at(at).map_or("", |c| c.name.as_str());
            let name = format!("{short} à {commune}, point {}", i + 1);
            rows.push(gauge(plan, format!("J-{number:02}"), name, at, (river, share), "local"));
        }
    }
    rows
}

fn gauge(plan: &Plan, reference: String, name: String, at: P, (river, share): (&str, f64), network: &str) -> Equipment {
    let insee = plan.commune_at(at).map_or("", |c| c.insee.as_str());
    let share = (share * 1_000.0).round() / 1_000.0;
    let mut attributes = json!({"river": river, "share": share, "network": network});
    if let (Some([watch, alert, danger]), Some(map)) = (heights(river), attributes.as_object_mut()) {
        map.extend(
            [("watch_mm", watch), ("alert_mm", alert), ("danger_mm", danger)].map(|(k, mm)| (k.to_owned(), mm.into())),
        );
    }
    reliable(&mut attributes, network == "hubeau");
    plan.equipment(EquipmentKind::Gauge, reference, name, at, (insee, ""), attributes)
}

/// How far down its river a point is: 0 at the top of the drawn line, 1 at its end.
fn share_along(line: &[P], at: P) -> f64 {
    let total = length(line);
    let mut before = 0.0;
    let mut best = (f64::INFINITY, 0.0);
    for (a, b) in line.iter().zip(line.iter().skip(1)) {
        let (on, distance) = nearest(at, (*a, *b));
        if distance < best.0 {
            best = (distance, before + a.to(on));
        }
        before += a.to(*b);
    }
    if total > 0.0 { best.1 / total } else { 0.0 }
}
