//! Rivers: reaches and their vigilance, forecasts, and what each level puts under water.

use crate::flood::{Call, ForecastPoint, Quantity, Vigilance};
use crate::ids::{EquipmentId, ZoneId};
use crate::time::Timestamp;

rows! {
    /// A line of river under vigilance, as the last bulletin that speaks of it has it.
    RiverReach = "river_reach", indexed [], window None, {
        /// Identifier, made of the source and its code.
        reach_id: uuid::Uuid,
        /// The source's own code, such as `CO1`.
        code: String,
        /// Name.
        name: String,
        /// The service that watches it, by its code.
        territory: String,
        /// Code of the source.
        source: String,
        /// Its line: a GeoJSON geometry, null where none was told.
        geometry: serde_json::Value,
        /// Its colour; none when the last bulletin does not say: unknown, never green.
        vigilance: Option<Vigilance>,
        /// Since which bulletin it has this colour, or none.
        since: Timestamp,
        /// The hour of the last bulletin.
        bulletin_at: Timestamp,
        /// Its reference, may be empty.
        bulletin: String,
    }

    /// What a gauge is forecast, of one quantity: the last forecast whole, so that nothing grows.
    GaugeForecast = "gauge_forecast", indexed [], window None, {
        /// Identifier, made of gauge and quantity.
        forecast_id: uuid::Uuid,
        /// At which gauge.
        equipment_id: EquipmentId,
        /// Of what.
        quantity: Quantity,
        /// When it was made.
        issued_at: Timestamp,
        /// Code of the source.
        source: String,
        /// Its instants, in order: least, mean and most, mm or l/s.
        points: Vec<ForecastPoint>,
    }

    /// What one level of a gauge puts under water, and what is then done: from the metropolis's own studies and plans.
    Inundation = "inundation", indexed [], window None, {
        /// Identifier, made of the reference.
        inundation_id: uuid::Uuid,
        /// Short reference, unique.
        reference: String,
        /// Of which gauge.
        equipment_id: EquipmentId,
        /// From this height on, mm over the gauge's own zero.
        height_mm: i64,
        /// What it is called.
        name: String,
        /// Zones under water. Those of lower levels need not be said again.
        zones: Vec<ZoneId>,
        /// What to do, in words; may be empty.
        procedure: String,
        /// Whom to call.
        calls: Vec<Call>,
        /// References of equipment that may be switched off before the water comes.
        switch_off: Vec<String>,
    }
}
