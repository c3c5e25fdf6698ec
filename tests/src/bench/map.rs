//! `map`: a city on the screen, beside what else draws many points on Leaflet, in Chromium and in WebKitGTK. The browsers are
//! driven by `ui/tests/bench/map.mjs`; here is what its figures mean.

use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::measure::Order;
use super::spread::{quantile, told};
use crate::result::{Found, root};

/// Points, and what is asked of a city of as many: first paint (ms), frames a second, script of a move (ms).
const ASKED: [(u64, f64, f64, f64); 3] =
    [(35_000, 250.0, 55.0, 16.0), (100_000, 300.0, 55.0, 33.0), (1_000_000, 500.0, 45.0, 50.0)];
/// Longest frame in a hundred, ms.
const LONGEST: f64 = 100.0;
/// Share of what as many changes cost circles.
const CHANGES: f64 = 0.1;
/// Times the processor time of a frame of an empty map that pans, in Chromium: without overlays, and with them.
const TIMES: (f64, f64) = (4.0, 7.0);
/// Ms of processor time of a frame that pans, in WebKitGTK: without overlays, and with them.
const MOST: (f64, f64) = (25.0, 30.0);

/// One map in one browser.
#[derive(Debug, Deserialize)]
struct Seen {
    engine: String,
    what: String,
    points: u64,
    overlays: bool,
    /// From packed points to the map on the screen, ms, each in a page of its own.
    opened: Vec<f64>,
    #[serde(default)]
    views: Views,
    /// Inside of the window, pixels, where it is not as asked.
    size: Option<[u32; 2]>,
    failed: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Views {
    whole: Option<View>,
    near: Option<View>,
}

#[derive(Debug, Deserialize)]
struct View {
    pan: Pan,
    /// Script of each move, ms.
    #[serde(rename = "move", default)]
    moves: Vec<f64>,
    /// Frames under 10,000 changes a second, ms.
    #[serde(default)]
    live: Vec<f64>,
    /// Processor time of 1,000 changes beyond that of none, ms.
    change: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Pan {
    /// Processor time of a frame, ms.
    ms: f64,
    /// Frames a second.
    frames: f64,
}

impl View {
    fn frames(&self) -> f64 {
        let whole: f64 = self.live.iter().sum();
        1_000.0 * self.live.len() as f64 / whole
    }
}

impl Views {
    fn each(&self) -> impl Iterator<Item = (&'static str, &View)> {
        let named = [("the whole city", &self.whole), ("from near", &self.near)];
        named.into_iter().filter_map(|(name, view)| Some((name, view.as_ref()?)))
    }
}

/// Measures it.
pub fn run(order: &Order) -> anyhow::Result<Found> {
    let seen = measure(order.quick)?;
    let mut found = Found::new(
        "bench-map",
        "A city of streets, 2 % of it at fault, on a page of 1920×1080: `CityMap` fed with packed points and changes as the core \
         packs them, without and with 60 zones and 500 cones of cameras; the whole city (density and signs) and from near (each \
         object). First paint: from packed points in memory to the screen, each in a new page. Live: 10,000 changes a second. \
         Costs are the processor time of all processes of the browser, of which each map has the same in the same run.",
        11,
    );
    found.met = true;
    for ours in seen.iter().filter(|one| one.what == "ours") {
        figures(&mut found, ours, &seen);
    }
    for peer in seen.iter().filter(|one| one.what != "ours") {
        figures_of_peer(&mut found, peer);
    }
    ensure!(seen.iter().any(|one| one.what == "ours"), "no map was measured");
    for engine in ["Chromium", "WebKitGTK"] {
        if !seen.iter().any(|one| one.engine == engine) {
            found.met = false;
            found.notes.push(format!("{engine} is not installed here, or has no display: not measured."));
        }
    }
    if let Some([width, height]) = seen.iter().find_map(|one| one.size) {
        found.notes.push(format!(
            "The inside of WebKitGTK's own small browser, which has a bar of its own, is {width}×{height}."
        ));
    }
    found.notes.push(
        "No GPU: both browsers draw by the processor, which the machine's other work shares. Circles and leaflet.markercluster are \
         asked for 100,000 points at most; supercluster's index cannot be changed, so that it is made anew for each batch."
            .to_owned(),
    );
    Ok(found)
}

fn figures(found: &mut Found, ours: &Seen, all: &[Seen]) {
    let with = if ours.overlays { " with overlays" } else { "" };
    let of = format!("{}, {}{with}", ours.engine, ours.points);
    if let Some(why) = &ours.failed {
        found.met = false;
        found.notes.push(format!("{of}: failed: {why}"));
        return;
    }
    let peer = |what: &str, points: u64| {
        all.iter().find(|one| one.engine == ours.engine && one.what == what && one.points == points)
    };
    let (paint, frames, script) =
        ASKED.iter().find(|(points, ..)| *points == ours.points).map_or((0.0, 0.0, 0.0), |(_, a, b, c)| (*a, *b, *c));
    found.figure(&format!("{of}: first paint, ms (≤ {paint})"), told(&ours.opened, 0));
    for (name, view) in ours.views.each() {
        let (seen, longest) = (view.frames(), quantile(&view.live, 0.99));
        found.met &= seen >= frames && longest <= LONGEST;
        found.figure(&format!("{of}, {name}: • frames/s under 10,000 changes/s (≥ {frames})"), format!("{seen:.1}"));
        found.figure(&format!("{of}, {name}: • longest frame in a hundred, ms (≤ {LONGEST})"), format!("{longest:.0}"));
        found.figure(&format!("{of}, {name}: script of a move, ms (≤ {script})"), told(&view.moves, 1));
        let empty = peer("empty", 0).and_then(|one| one.views.whole.as_ref()).map_or(f64::NAN, |view| view.pan.ms);
        let pan = format!("{:.1}", view.pan.ms);
        if ours.engine == "Chromium" {
            let (times, most) = (view.pan.ms / empty, if ours.overlays { TIMES.1 } else { TIMES.0 });
            found.met &= times <= most;
            found.figure(
                &format!("{of}, {name}: • processor time of a frame that pans, × an empty map (≤ {most})"),
                format!("{times:.1} ({pan} ms)"),
            );
        } else {
            let most = if ours.overlays { MOST.1 } else { MOST.0 };
            found.met &= view.pan.ms <= most;
            found.figure(&format!("{of}, {name}: • processor time of a frame that pans, ms (≤ {most})"), pan);
        }
        let Some(change) = view.change else { continue };
        let circles = peer("circles", ours.points)
            .and_then(|one| if name == "from near" { one.views.near.as_ref() } else { one.views.whole.as_ref() })
            .and_then(|view| view.change);
        let share = circles.map(|theirs| change / theirs);
        found.met &= share.is_none_or(|share| share <= CHANGES);
        let beside = share.map_or_else(|| "not measured beside it".to_owned(), |share| format!("{share:.3}"));
        found.figure(
            &format!("{of}, {name}: • processor time of 1,000 changes, × circles on canvas (≤ {CHANGES})"),
            format!("{beside} ({change:.1} ms)"),
        );
    }
}

fn figures_of_peer(found: &mut Found, peer: &Seen) {
    let of = match peer.what.as_str() {
        "empty" => format!("{}, an empty map", peer.engine),
        "circles" => format!("{}, circleMarker on canvas, {}", peer.engine, peer.points),
        "clusters" => format!("{}, leaflet.markercluster, {}", peer.engine, peer.points),
        _ => format!("{}, supercluster, {}", peer.engine, peer.points),
    };
    let mut add = |name: &str, value: String| found.peers.insert(format!("{of}: {name}"), value.into());
    if let Some(why) = &peer.failed {
        add("failed", why.clone());
        return;
    }
    if peer.what != "empty" {
        add("first paint, ms", told(&peer.opened, 0));
    }
    for (name, view) in peer.views.each() {
        add(&format!("{name}: processor time of a frame that pans, ms"), format!("{:.1}", view.pan.ms));
        add(&format!("{name}: frames/s that pan"), format!("{:.0}", view.pan.frames));
        if view.live.is_empty() {
            continue;
        }
        add(&format!("{name}: frames/s under 10,000 changes/s"), format!("{:.1}", view.frames()));
        add(&format!("{name}: longest frame in a hundred, ms"), format!("{:.0}", quantile(&view.live, 0.99)));
        add(&format!("{name}: script of a move, ms"), told(&view.moves, 1));
        if let Some(change) = view.change {
            add(&format!("{name}: processor time of 1,000 changes, ms"), format!("{change:.1}"));
        }
    }
}

fn measure(quick: bool) -> anyhow::Result<Vec<Seen>> {
    let mut command = Command::new("node");
    command.arg("tests/bench/map.mjs").current_dir(root().join("ui")).stderr(Stdio::inherit());
    if quick {
        command.arg("--quick");
    }
    let output = command.output().context("Node.js cannot be started")?;
    ensure!(output.status.success(), "the map's measure failed");
    let said = String::from_utf8(output.stdout)?;
    serde_json::from_str(said.lines().last().unwrap_or_default()).context("the map's measure cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(what: &str, points: u64, pan: f64, live: &[f64], change: f64) -> Seen {
        let view =
            || View { pan: Pan { ms: pan, frames: 60.0 }, moves: vec![5.0], live: live.to_vec(), change: Some(change) };
        Seen {
            engine: "Chromium".into(),
            what: what.into(),
            points,
            overlays: false,
            opened: vec![100.0],
            views: Views { whole: Some(view()), near: Some(view()) },
            size: None,
            failed: None,
        }
    }

    fn met(ours: Seen) -> bool {
        let all = [seen("empty", 0, 2.0, &[], 0.0), seen("circles", 35_000, 9.0, &[50.0], 100.0), ours];
        let mut found = Found::new("bench-map", "", 0);
        found.met = true;
        figures(&mut found, &all[2], &all);
        found.met
    }

    #[test]
    fn it_is_met_only_when_every_binding_figure_is() {
        let smooth = [16.7; 100];
        assert!(met(seen("ours", 35_000, 8.0, &smooth, 10.0)));
        assert!(!met(seen("ours", 35_000, 8.1, &smooth, 10.0)), "pans more dearly than four empty maps");
        assert!(!met(seen("ours", 35_000, 8.0, &smooth, 10.1)), "changes cost more than a tenth of circles'");
        assert!(!met(seen("ours", 35_000, 8.0, &[19.0; 100], 10.0)), "53 frames a second");
        let mut stalls = smooth;
        stalls[..2].fill(101.0);
        assert!(!met(seen("ours", 35_000, 8.0, &stalls, 10.0)), "two frames in a hundred stall");
        assert!(!met(Seen { failed: Some("gone".into()), ..seen("ours", 35_000, 8.0, &smooth, 10.0) }));
    }
}
