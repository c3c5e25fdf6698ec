//! Rivers: reaches, gauges, and what a height takes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::equipment::{Freshness, Quality};
use vigie_core::flood::{Call, Course, Quantity, ThresholdKind, Vigilance};
use vigie_core::ids::EquipmentId;
use vigie_core::time::Timestamp;

use crate::dto::ObjectLine;

/// The rivers as this desk knows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FloodView {
    /// Reaches under vigilance, the most dangerous first, unknown ones between yellow and green.
    pub reaches: Vec<ReachView>,
    /// Gauges: lost ones first, then those over a threshold, the highest first, then by river and place.
    pub gauges: Vec<GaugeView>,
    /// The hour of the newest bulletin; none where there never was one.
    pub bulletin_at: Option<Timestamp>,
    /// What its source asks to be shown.
    pub attributions: Vec<String>,
}

/// A reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReachView {
    /// Identifier.
    pub reach_id: String,
    /// The source's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its colour; none is unknown, never green.
    pub vigilance: Option<Vigilance>,
    /// Since which bulletin.
    pub since: Timestamp,
    /// The hour of the last bulletin that speaks of it.
    pub bulletin_at: Timestamp,
    /// A newer bulletin must have been written by now.
    pub outdated: bool,
    /// Its line, a GeoJSON geometry; null where none was told.
    pub geometry: serde_json::Value,
}

/// How a gauge was lost in the flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LostHow {
    /// Nothing is heard from it.
    Silent,
    /// It says the same while the water rises around it.
    Flat,
}

/// A gauge as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GaugeView {
    /// Which.
    pub equipment_id: EquipmentId,
    /// Its point on the map.
    pub point: u32,
    /// Short reference.
    pub reference: String,
    /// Name.
    pub name: String,
    /// On which river, may be empty.
    pub river: String,
    /// Height over its own zero, mm; none where it was never told, or is lost.
    pub height_mm: Option<f64>,
    /// Flow, l/s; the same.
    pub flow_l_s: Option<f64>,
    /// When it was measured last.
    pub observed_at: Option<Timestamp>,
    /// Where it comes from.
    pub source: String,
    /// How far it can be trusted.
    pub quality: Quality,
    /// What its age makes of it.
    pub freshness: Freshness,
    /// Which way the water goes; none where too little was observed to say so.
    pub course: Option<Course>,
    /// Centimetres an hour, with it.
    pub cm_per_hour: Option<f64>,
    /// How it is lost in the flood, if it is.
    pub lost: Option<LostHow>,
    /// Since when.
    pub lost_since: Option<Timestamp>,
    /// The highest threshold that it has come to.
    pub reached: Option<ThresholdKind>,
    /// Its thresholds, the lowest first.
    pub thresholds: Vec<ThresholdView>,
    /// The next threshold that water which goes on rising so comes to.
    pub next: Option<ThresholdKind>,
    /// In how long, ms.
    pub next_in_ms: Option<f64>,
}

/// A threshold of a gauge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ThresholdView {
    /// What it asks for.
    pub kind: ThresholdKind,
    /// From this height on, mm.
    pub height_mm: f64,
    /// What it means there; empty where nobody wrote it down.
    pub words: String,
}

/// A flood of the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PastFloodView {
    /// When, in words.
    pub name: String,
    /// Its highest, mm.
    pub height_mm: f64,
}

/// One gauge with its past, what it is forecast, and its levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GaugeSheet {
    /// As it stands.
    pub gauge: GaugeView,
    /// What it measured, the oldest first: instant and mm.
    pub heights: Vec<HeightView>,
    /// Floods of the past there, the lowest first.
    pub past_floods: Vec<PastFloodView>,
    /// Forecasts that were given, by quantity.
    pub forecasts: Vec<ForecastView>,
    /// Heights from which something is under water, the lowest first.
    pub levels: Vec<LevelView>,
}

/// One observation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct HeightView {
    /// When.
    pub at: Timestamp,
    /// Height over the gauge's own zero, mm.
    pub mm: f64,
}

/// A forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ForecastView {
    /// Of what.
    pub quantity: Quantity,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Where it comes from.
    pub source: String,
    /// Its instants, in order.
    pub points: Vec<ForecastPointView>,
}

/// One instant of a forecast, mm or l/s.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct ForecastPointView {
    /// For when.
    pub at: Timestamp,
    /// Nine chances in ten that it is more.
    pub low: f64,
    /// The middle.
    pub mean: f64,
    /// One chance in ten that it is more.
    pub high: f64,
}

/// A height from which something is under water.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LevelView {
    /// From this height on, mm.
    #[ts(as = "f64")]
    pub height_mm: i64,
    /// What it is called.
    pub name: String,
    /// What to do; may be empty.
    pub procedure: String,
}

/// At which height of which gauge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UnderWaterArgs {
    /// Which gauge.
    pub equipment_id: EquipmentId,
    /// At which height, mm: a level may be looked at before the water is there.
    pub height_mm: f64,
}

/// What is under water then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UnderWater {
    /// The levels that the height comes to, the highest first.
    pub levels: Vec<LevelView>,
    /// Names of the zones under water.
    pub zones: Vec<String>,
    /// Zones that a level names and that are not there: the list is not whole.
    pub zones_missing: u32,
    /// Public buildings in them.
    pub buildings: Vec<ObjectLine>,
    /// Equipment in them by kind: how many of each.
    pub equipment: Vec<WetKind>,
    /// Named roads and streets through them.
    pub roads: Vec<String>,
    /// Whom to call.
    pub calls: Vec<Call>,
    /// What may be switched off before the water comes.
    pub switch_off: Vec<ObjectLine>,
    /// References under that heading that no object has.
    pub switch_off_unknown: Vec<String>,
}

/// Equipment of one kind under water.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WetKind {
    /// Which kind.
    pub kind: vigie_core::equipment::EquipmentKind,
    /// How many.
    pub objects: u32,
    /// The first of them, by reference.
    pub first: Vec<ObjectLine>,
}
