//! Rivers and floods: what gauges measure, what the public services say of the reaches, what each level puts under water.
//!
//! | module | what it holds |
//! |---|---|
//! | [`Vigilance`] | the four legal colours of Vigicrues; a reach of which nothing is said has none |
//! | [`Bulletin`], [`after_bulletin`] | what a bulletin makes of the reaches that are known |
//! | [`trend`] | rising, falling or steady, where enough was observed to say so |
//! | [`thresholds`] | the local heights that mean something, and floods of the past |
//! | [`lost_in_flood`] | gauges that are silent or flat while their neighbours rise |
//! | [`consequences`] | at this height: zones, equipment, buildings, roads, whom to call, what may be switched off |
//! | [`hubeau`], [`vigicrues`] | the two services' own forms, read strictly and tolerantly where they are known to vary |
//!
//! Heights are millimetres over the gauge's own zero: they are negative where the zero stands high, and say nothing about
//! another gauge. Flows are litres a second.

mod bulletin;
mod forecast;
pub mod hubeau;
mod inundation;
mod lost;
mod payload;
mod threshold;
mod trend;
pub mod vigicrues;
mod vigilance;

pub use bulletin::{BULLETIN_LIFE, Bulletin, ReachSaid, after_bulletin, is_outdated};
pub use forecast::{ForecastPoint, ForecastSaid, POINTS_MOST, Quantity, after_forecast};
pub use inundation::{Call, Consequences, consequences, levels_reached};
pub use lost::{LOST_OVER, Lost, Station, lost_in_flood};
pub use payload::{BadPayload, Fault};
pub use threshold::{PastFlood, Threshold, ThresholdKind, past_floods, reached, thresholds, time_to};
pub use trend::{Course, TREND_OVER, Trend, trend};
pub use vigilance::Vigilance;

/// Marks what leads a source to one identifier for one thing, whoever speaks for it next (RFC 9562, version 5).
const NAMES: uuid::Uuid = uuid::Uuid::from_u128(0x1f3c_90a4_52d7_5b0e_9c41_6ad2_8be7_3f05);

/// Identifier of a reach: always the same for a source's own code.
pub fn reach_id(source: &str, code: &str) -> uuid::Uuid {
    uuid::Uuid::new_v5(&NAMES, format!("reach/{source}/{code}").as_bytes())
}

/// Identifier of the forecast of one quantity at one gauge.
pub fn forecast_id(gauge: crate::ids::EquipmentId, quantity: Quantity) -> uuid::Uuid {
    uuid::Uuid::new_v5(&NAMES, format!("forecast/{gauge}/{quantity}").as_bytes())
}
