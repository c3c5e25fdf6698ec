//! Gauges lost in the flood: silent, or flat, while their neighbours on the same river rise. Water that takes a sensor away, or
//! mud that stops it, leaves its last value on the screen: that value is the one thing that must not be shown.
//!
//! A gauge far down the river is flat for hours before the wave comes, and that is no fault. So a flat gauge is lost only once
//! the wave is seen below it, or passed the gauge above it long enough ago to have come. A whole river that falls silent has no
//! neighbour that rises: that is the source, and said of the source.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ids::EquipmentId;
use crate::time::Timestamp;

/// What must be known of a river to say that nothing of it is lost.
pub const LOST_OVER: Duration = Duration::from_hours(3);
/// A rise that is a flood's and not a shower's, mm.
const RISE_MM: f64 = 100.0;
/// Over how much time.
const RISE_OVER: Duration = LOST_OVER;
/// What a neighbour said longer ago proves nothing about now. National stations come up to an hour and a quarter late.
const HEARD_WITHIN: Duration = Duration::from_hours(2);
/// A gauge that was not heard for so long after its neighbour is silent.
const SILENT_AFTER: Duration = Duration::from_mins(90);
/// A height that moves by no more than this in all that time stands still, mm.
const FLAT_MM: f64 = 10.0;
/// The wave has come to a gauge so long after it passed the one above.
const WAVE: Duration = Duration::from_hours(4);

/// A gauge among others.
#[derive(Debug, Clone, Copy)]
pub struct Station<'a> {
    /// Which.
    pub gauge: EquipmentId,
    /// On which river or reach; gauges of different ones are no neighbours.
    pub river: &'a str,
    /// How far down it: 0 at its top, 1 at its end; none where nobody knows.
    pub share: Option<f64>,
    /// What it observed, oldest first: instant and height in mm.
    pub heights: &'a [(Timestamp, f64)],
}

/// How a gauge was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Nothing was heard since then.
    Silent(Timestamp),
    /// It has said the same since then.
    Flat(Timestamp),
}

impl Lost {
    /// Since when its value says nothing.
    pub const fn since(self) -> Timestamp {
        match self {
            Self::Silent(since) | Self::Flat(since) => since,
        }
    }
}

/// The gauges that are lost at `now`, and how.
pub fn lost_in_flood(stations: &[Station<'_>], now: Timestamp) -> BTreeMap<EquipmentId, Lost> {
    stations.iter().filter_map(|station| Some((station.gauge, lost(station, stations, now)?))).collect()
}

fn lost(station: &Station<'_>, all: &[Station<'_>], now: Timestamp) -> Option<Lost> {
    let (last, _) = *station.heights.last()?;
    let neighbours = || all.iter().filter(|other| other.gauge != station.gauge && other.river == station.river);
    let heard_later = neighbours().filter(|other| rises(other, now)).filter_map(|other| other.heights.last());
    if heard_later.map(|(at, _)| *at).max().is_some_and(|at| at.since(last) > SILENT_AFTER) {
        return Some(Lost::Silent(last));
    }
    let since = flat_since(station.heights, now)?;
    let passed = neighbours().any(|other| match (station.share, other.share) {
        // Above: the wave was there long enough ago to be here now.
        (Some(own), Some(theirs)) if theirs < own => rises(other, now.minus(WAVE)),
        _ => rises(other, now),
    });
    passed.then_some(Lost::Flat(since))
}

/// Whether a gauge that is heard has risen by a flood's measure, seen from an instant.
fn rises(station: &Station<'_>, at: Timestamp) -> bool {
    let known = || station.heights.iter().filter(|(seen, _)| *seen <= at);
    let Some((last, height)) = known().next_back() else { return false };
    let before = known().filter(|(seen, _)| last.since(*seen) <= RISE_OVER).map(|(_, mm)| *mm);
    at.since(*last) <= HEARD_WITHIN && height - before.fold(f64::INFINITY, f64::min) >= RISE_MM
}

/// Since when a gauge that is heard says the same, where that is long enough to be no accident.
fn flat_since(heights: &[(Timestamp, f64)], now: Timestamp) -> Option<Timestamp> {
    let (last, height) = *heights.last()?;
    let same = heights.iter().rev().take_while(|(_, mm)| (mm - height).abs() <= FLAT_MM);
    let (count, since) = same.fold((0, last), |(count, _), (at, _)| (count + 1, *at));
    (count >= 3 && last.since(since) >= RISE_OVER && now.since(last) <= HEARD_WITHIN).then_some(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const T: i64 = 1_795_467_600_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp(T + minutes * 60_000)
    }

    fn gauge(n: u128) -> EquipmentId {
        EquipmentId(Uuid::from_u128(n))
    }

    /// One value each quarter of an hour over ten hours.
    fn heights(mm: impl Fn(i64) -> Option<f64>) -> Vec<(Timestamp, f64)> {
        (0..=40).filter_map(|n| Some((at(n * 15), mm(n * 15)?))).collect()
    }

    /// Steady, then twenty centimetres an hour from a minute on.
    fn wave(from: i64) -> Vec<(Timestamp, f64)> {
        heights(|minute| Some(600.0 + (minute - from).max(0) as f64 * 200.0 / 60.0))
    }

    fn station(n: u128, share: f64, heights: &[(Timestamp, f64)]) -> Station<'_> {
        Station { gauge: gauge(n), river: "L'Ouche", share: Some(share), heights }
    }

    const NOW: i64 = 600;

    #[test]
    fn a_gauge_that_falls_silent_while_its_neighbour_rises_is_lost_since_its_last_word() {
        let (rising, silent) = (wave(300), heights(|minute| (minute <= 420).then_some(900.0)));
        let found = lost_in_flood(&[station(1, 0.3, &rising), station(2, 0.5, &silent)], at(NOW));
        assert_eq!(found, BTreeMap::from([(gauge(2), Lost::Silent(at(420)))]));
    }

    #[test]
    fn a_gauge_that_stands_still_while_the_wave_is_below_it_is_lost() {
        let (above, stuck, below) = (wave(120), heights(|_| Some(700.0)), wave(360));
        let found =
            lost_in_flood(&[station(1, 0.1, &above), station(2, 0.5, &stuck), station(3, 0.9, &below)], at(NOW));
        assert_eq!(found, BTreeMap::from([(gauge(2), Lost::Flat(at(0)))]));
    }

    #[test]
    fn a_gauge_down_the_river_that_the_wave_has_not_reached_is_not_lost() {
        let (above, below) = (wave(450), heights(|_| Some(700.0)));
        assert!(lost_in_flood(&[station(1, 0.1, &above), station(2, 0.9, &below)], at(NOW)).is_empty());
        let long_ago = wave(60);
        let found = lost_in_flood(&[station(1, 0.1, &long_ago), station(2, 0.9, &below)], at(NOW));
        assert_eq!(found.get(&gauge(2)), Some(&Lost::Flat(at(0))), "the wave should be here");
    }

    #[test]
    fn where_nothing_rises_silence_and_stillness_are_no_flood() {
        let (calm, silent) = (heights(|_| Some(600.0)), heights(|minute| (minute < 200).then_some(600.0)));
        assert!(lost_in_flood(&[station(1, 0.3, &calm), station(2, 0.5, &silent)], at(NOW)).is_empty());
    }

    #[test]
    fn a_whole_river_that_falls_silent_is_its_source_and_not_the_flood() {
        let cut = |from: i64| heights(move |minute| (minute <= 300).then(|| 600.0 + (minute - from).max(0) as f64));
        let (one, other) = (cut(60), cut(90));
        assert!(lost_in_flood(&[station(1, 0.3, &one), station(2, 0.5, &other)], at(NOW)).is_empty());
    }

    #[test]
    fn another_rivers_flood_loses_no_gauge_here() {
        let (rising, silent) = (wave(120), heights(|minute| (minute <= 300).then_some(900.0)));
        let elsewhere = Station { river: "La Tille", ..station(1, 0.3, &rising) };
        assert!(lost_in_flood(&[elsewhere, station(2, 0.5, &silent)], at(NOW)).is_empty());
    }

    #[test]
    fn a_national_station_an_hour_behind_its_neighbour_is_late_and_not_lost() {
        let (rising, late) = (wave(120), heights(|minute| (minute <= 540).then_some(600.0 + minute as f64)));
        assert!(lost_in_flood(&[station(1, 0.3, &rising), station(2, 0.5, &late)], at(NOW)).is_empty());
    }
}
