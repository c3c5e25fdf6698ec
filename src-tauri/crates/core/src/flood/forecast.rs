//! Forecasts as the public services give them: during events only, and as a range.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::EquipmentId;
use crate::table::GaugeForecast;
use crate::time::Timestamp;

/// Most instants of a forecast: two days by the quarter of an hour.
pub const POINTS_MOST: usize = 200;

crate::table::codes! {
    /// What is measured at a gauge.
    Quantity {
        /// Height over the gauge's own zero, mm.
        Height = "height",
        /// Flow, l/s.
        Flow = "flow",
    }
}

/// One instant of a forecast: nine chances in ten that it is more than `low`, one that it is more than `high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastPoint {
    /// For when.
    pub at: Timestamp,
    /// mm or l/s, by quantity.
    pub low: f64,
    /// The same.
    pub mean: f64,
    /// The same.
    pub high: f64,
}

/// A program tells the forecast of one quantity at one gauge; it replaces the one before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastSaid {
    /// Made of gauge and quantity ([`crate::flood::forecast_id`]).
    pub forecast_id: Uuid,
    /// At which gauge.
    pub equipment_id: EquipmentId,
    /// Of what.
    pub quantity: Quantity,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Code of the source.
    pub source: String,
    /// Its instants, in order; none when there is no forecast any more.
    pub points: Vec<ForecastPoint>,
}

impl ForecastSaid {
    /// Whether it has its form: the same answer as the database's.
    pub fn is_well_formed(&self) -> bool {
        let orderly = |p: &ForecastPoint| p.low <= p.mean && p.mean <= p.high;
        let grows = self.points.iter().zip(self.points.iter().skip(1)).all(|(a, b)| a.at < b.at);
        crate::source::is_code(&self.source)
            && self.points.len() <= POINTS_MOST
            && self.points.iter().all(orderly)
            && grows
    }
}

/// The row of a forecast once it is told; none when it is older than what is known, or says the same.
pub fn after_forecast(known: Option<&GaugeForecast>, said: &ForecastSaid) -> Option<GaugeForecast> {
    let row = GaugeForecast {
        forecast_id: said.forecast_id,
        equipment_id: said.equipment_id,
        quantity: said.quantity,
        issued_at: said.issued_at,
        source: said.source.clone(),
        points: said.points.clone(),
    };
    known.is_none_or(|known| known.issued_at <= said.issued_at && *known != row).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(issued_at: i64) -> ForecastSaid {
        let gauge = EquipmentId(Uuid::from_u128(5));
        ForecastSaid {
            forecast_id: crate::flood::forecast_id(gauge, Quantity::Height),
            equipment_id: gauge,
            quantity: Quantity::Height,
            issued_at: Timestamp(issued_at),
            source: "vigicrues".into(),
            points: vec![
                ForecastPoint { at: Timestamp(10), low: 900.0, mean: 1_000.0, high: 1_200.0 },
                ForecastPoint { at: Timestamp(20), low: 950.0, mean: 1_100.0, high: 1_400.0 },
            ],
        }
    }

    #[test]
    fn a_forecast_replaces_an_older_one_and_an_older_one_replaces_nothing() {
        let first = after_forecast(None, &said(5)).unwrap();
        assert_eq!(after_forecast(Some(&first), &said(5)), None, "told again");
        assert_eq!(after_forecast(Some(&first), &said(4)), None);
        let over = ForecastSaid { points: Vec::new(), ..said(6) };
        assert!(after_forecast(Some(&first), &over).unwrap().points.is_empty(), "there is none any more");
    }

    #[test]
    fn a_forecast_whose_range_is_upside_down_or_whose_hours_go_back_has_not_its_form() {
        assert!(said(5).is_well_formed());
        let with = |change: fn(&mut ForecastSaid)| {
            let mut bad = said(5);
            change(&mut bad);
            bad.is_well_formed()
        };
        assert!(!with(|bad| bad.points[0].low = 1_100.0));
        assert!(!with(|bad| bad.points.reverse()));
        assert!(!with(|bad| bad.source = "https://x".into()));
    }
}
