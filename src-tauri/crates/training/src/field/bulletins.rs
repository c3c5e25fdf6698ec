//! Bulletins of the reaches, as the training city's Vigicrues writes them: twice a day, each hour while the Ouche rises; with
//! forecasts of its national station while there is something to forecast.

use std::time::Duration;

use vigie_core::flood::{Bulletin, ForecastPoint, ForecastSaid, Quantity, ReachSaid, Vigilance, forecast_id, reach_id};
use vigie_core::ids::EquipmentId;
use vigie_core::submission::Body;
use vigie_core::time::Timestamp;

use super::river::{RISING, flooded};
use crate::city::river::{REACHES, SOURCE, Stretch, TERRITORY, heights};

const HOUR_MS: i64 = 3_600_000;
/// Hours of the day, UTC, at which bulletins are written: 10:00 and 16:00 in winter.
const HOURS: [i64; 2] = [9, 15];
/// How far a forecast goes.
const FORECAST_HOURS: u64 = 12;

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Bulletins {
    /// The hour of the last one, and when the Ouche began to rise as it was written.
    told: Option<(Timestamp, Option<Timestamp>)>,
}

impl Bulletins {
    /// What is to be told at `now`: the last bulletin, if it is not told yet, and the forecasts that go with it. `began`: when the
    /// Ouche began to rise; `stations`: gauges that forecasts are given for, with their place on the river.
    pub(super) fn due(
        &mut self,
        now: Timestamp,
        seed: u64,
        began: Option<Timestamp>,
        stations: impl FnOnce() -> Vec<(EquipmentId, f64)>,
    ) -> Vec<Body> {
        let issued_at = written_at(now, began);
        if self.told == Some((issued_at, began)) {
            return Vec::new();
        }
        let said = |reach: &Stretch| ReachSaid {
            reach_id: reach_id(SOURCE, reach.0),
            code: reach.0.to_owned(),
            name: reach.1.to_owned(),
            territory: TERRITORY.to_owned(),
            geometry: None,
            vigilance: Some(colour(seed, reach, issued_at, began)),
        };
        let mut bodies = vec![Body::FloodBulletin(Bulletin {
            source: SOURCE.to_owned(),
            reference: format!("formation-{}", issued_at.0 / HOUR_MS),
            issued_at,
            reaches: REACHES.iter().map(said).collect(),
        })];
        if let Some(began) = began {
            let forecast =
                |(id, share): &(EquipmentId, f64)| Body::FloodForecast(forecast(seed, *id, *share, issued_at, began));
            bodies.extend(stations().iter().map(forecast));
        }
        self.told = Some((issued_at, began));
        bodies
    }
}

/// The hour of the last bulletin before an instant.
fn written_at(now: Timestamp, began: Option<Timestamp>) -> Timestamp {
    let hour = now.0.div_euclid(HOUR_MS);
    let of_day = hour.rem_euclid(24);
    let back = HOURS.iter().map(|at| (of_day - at).rem_euclid(24)).min().unwrap_or(0);
    let regular = Timestamp((hour - back) * HOUR_MS);
    // What began within this hour is not in a bulletin that was written before it.
    let during = began.filter(|began| now >= *began).map(|_| Timestamp(hour * HOUR_MS));
    during.map_or(regular, |during| during.max(regular))
}

/// The colour of a reach: what its middle comes to within three hours.
fn colour(seed: u64, (_, _, river, from, to): &Stretch, at: Timestamp, began: Option<Timestamp>) -> Vigilance {
    let Some([watch, alert, danger]) = heights(river) else { return Vigilance::Green };
    let soon = |hours: u64| at.plus(Duration::from_secs(hours * 3_600));
    let highest = (0..=3)
        .map(|hours| flooded(seed, river, f64::midpoint(*from, *to), soon(hours), began).height_mm as i64)
        .max()
        .unwrap_or(0);
    match highest {
        mm if mm >= danger => Vigilance::Red,
        mm if mm >= alert => Vigilance::Orange,
        mm if mm >= watch => Vigilance::Yellow,
        _ => Vigilance::Green,
    }
}

/// What the water will be, with more doubt the further it is.
fn forecast(seed: u64, gauge: EquipmentId, share: f64, issued_at: Timestamp, began: Timestamp) -> ForecastSaid {
    let point = |hours: u64| {
        let at = issued_at.plus(Duration::from_secs(hours * 3_600));
        let mean = flooded(seed, RISING, share, at, Some(began)).height_mm;
        let doubt = 20.0 + 15.0 * hours as f64;
        ForecastPoint { at, low: mean - doubt, mean, high: mean + 1.5 * doubt }
    };
    ForecastSaid {
        forecast_id: forecast_id(gauge, Quantity::Height),
        equipment_id: gauge,
        quantity: Quantity::Height,
        issued_at,
        source: SOURCE.to_owned(),
        points: (1..=FORECAST_HOURS).map(point).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// 2026-11-23 21:00 UTC.
    const EVENING: Timestamp = Timestamp(1_795_467_600_000);
    const STATION: EquipmentId = EquipmentId(Uuid::from_u128(4));

    fn after(minutes: i64) -> Timestamp {
        Timestamp(EVENING.0 + minutes * 60_000)
    }

    fn bulletins(bodies: &[Body]) -> Vec<&Bulletin> {
        let mut found = Vec::new();
        for body in bodies {
            if let Body::FloodBulletin(said) = body {
                found.push(said);
            }
        }
        found
    }

    #[test]
    fn on_an_ordinary_day_two_bulletins_are_written_and_all_is_green() {
        let mut service = Bulletins::default();
        let mut hours = Vec::new();
        for minute in (0..24 * 60).step_by(5) {
            for bulletin in bulletins(&service.due(after(minute), 3, None, || vec![(STATION, 0.3)])) {
                assert!(bulletin.is_well_formed());
                assert!(bulletin.reaches.iter().all(|reach| reach.vigilance == Some(Vigilance::Green)));
                hours.push(bulletin.issued_at.0 / HOUR_MS % 24);
            }
        }
        assert_eq!(hours, [15, 9, 15]);
    }

    #[test]
    fn while_the_ouche_rises_each_hour_has_its_bulletin_and_the_colours_grow_to_red_in_their_order() {
        let mut service = Bulletins::default();
        let (mut colours, mut forecasts) = (Vec::new(), 0);
        for minute in (0..12 * 60).step_by(5) {
            let bodies = service.due(after(minute), 3, Some(EVENING), || vec![(STATION, 0.3)]);
            colours.extend(bulletins(&bodies).iter().filter_map(|bulletin| bulletin.reaches[0].vigilance));
            for body in &bodies {
                if let Body::FloodForecast(said) = body {
                    assert!(said.is_well_formed() && said.equipment_id == STATION);
                    forecasts += 1;
                }
            }
        }
        assert_eq!((colours.len(), forecasts), (12, 12));
        assert!(colours.is_sorted(), "{colours:?}");
        colours.dedup();
        assert_eq!(colours, Vigilance::ALL);
    }
}
