//! The rivers as the local copy has them: reaches, gauges with their trend and what they are lost to, and what a height takes.
//! Read when it is asked for: works without a link, on the last bulletin, and says its hour.

use std::collections::BTreeMap;

use serde_json::Value;
use vigie_core::equipment::{EquipmentKind, Quality};
use vigie_core::flood::{Consequences, Lost, Station, Trend, consequences, levels_reached, lost_in_flood, trend};
use vigie_core::ids::EquipmentId;
use vigie_core::table::{
    Cell, GaugeForecast, Ground, Inundation, RiverReach, Row, StateHistory, TableRow, TableSpec, Zone,
};
use vigie_core::time::Timestamp;

use crate::engine::Engine;
use crate::error::EngineError;

/// Past states of one gauge that are read: 48 hours by the quarter, with those that were told again.
const HISTORY: u32 = 1_000;

/// A gauge as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct GaugeNow {
    /// Which.
    pub equipment_id: EquipmentId,
    /// What it measured, oldest first: instant and height in mm. What is doubtful is among it, what the device disowns is not.
    pub heights: Vec<(Timestamp, f64)>,
    /// Where the water goes; none without enough observations, or where it is lost.
    pub trend: Option<Trend>,
    /// It is lost in the flood: its last height is not its height.
    pub lost: Option<Lost>,
}

/// What a height of a gauge takes, and what is written down for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The levels that it has come to, the highest first.
    pub levels: Vec<Inundation>,
    /// What they put under water.
    pub consequences: Consequences,
    /// Every level of the gauge, the lowest first: what is still to come.
    pub all: Vec<Inundation>,
}

/// A gauge as the picture has it.
struct Known {
    id: EquipmentId,
    last: Option<(Timestamp, f64)>,
    river: String,
    share: Option<f64>,
}

impl Engine {
    /// The reaches under vigilance, the most dangerous first; those that are unknown stand before those that are green.
    pub async fn reaches(&self) -> Result<Vec<RiverReach>, EngineError> {
        let mut reaches: Vec<RiverReach> = self.read(&RiverReach::SPEC).await?;
        reaches.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then_with(|| a.name.cmp(&b.name)));
        Ok(reaches)
    }

    /// Every gauge as it stands.
    pub async fn gauges(&self) -> Result<Vec<GaugeNow>, EngineError> {
        let known: Vec<Known> = self.picture(|picture| {
            let gauges = picture.objects().iter().filter(|object| object.equipment.kind == EquipmentKind::Gauge);
            gauges
                .map(|object| {
                    let text = |key: &str| object.equipment.attributes.get(key).and_then(Value::as_str);
                    let last = object
                        .state
                        .as_ref()
                        .filter(|state| is_told(state.quality))
                        .and_then(|state| Some((state.observed_at?, state.reading.number("height_mm")?)));
                    let share = object.equipment.attributes.get("share").and_then(Value::as_f64);
                    // A gauge whose river nobody wrote down has no neighbours.
                    let river = text("river").unwrap_or(&object.equipment.reference).to_owned();
                    Known { id: object.equipment.equipment_id, last, river, share }
                })
                .collect()
        });
        let now = self.status().now;
        let mut heights = BTreeMap::new();
        for gauge in &known {
            heights.insert(gauge.id, self.heights(gauge.id, gauge.last).await?);
        }
        let of = |id: EquipmentId| heights.get(&id).map(Vec::as_slice).unwrap_or_default();
        let stations: Vec<_> = known
            .iter()
            .map(|gauge| Station { gauge: gauge.id, river: &gauge.river, share: gauge.share, heights: of(gauge.id) })
            .collect();
        let lost = lost_in_flood(&stations, now);
        Ok(known
            .iter()
            .map(|&Known { id, .. }| {
                let lost = lost.get(&id).copied();
                let trend = if lost.is_some() { None } else { trend(of(id)) };
                GaugeNow { equipment_id: id, heights: of(id).to_vec(), trend, lost }
            })
            .collect())
    }

    /// What a gauge is forecast.
    pub async fn forecasts(&self, gauge: EquipmentId) -> Result<Vec<GaugeForecast>, EngineError> {
        let all: Vec<GaugeForecast> = self.read(&GaugeForecast::SPEC).await?;
        Ok(all.into_iter().filter(|row| row.equipment_id == gauge && !row.points.is_empty()).collect())
    }

    /// What a height of a gauge takes. None of it is sent or switched: it is read.
    pub async fn taken_by_water(&self, gauge: EquipmentId, height_mm: f64) -> Result<Taken, EngineError> {
        let mut all: Vec<Inundation> = self.read(&Inundation::SPEC).await?;
        all.retain(|row| row.equipment_id == gauge);
        all.sort_by_key(|row| row.height_mm);
        let zones: Vec<Zone> = self.read(&Zone::SPEC).await?;
        let ground: Vec<Ground> = self.read(&Ground::SPEC).await?;
        // Rows are copied out: what looks at every object takes its time, and the picture is everybody's.
        let equipment =
            self.picture(|picture| picture.objects().iter().map(|object| object.equipment.clone()).collect::<Vec<_>>());
        let levels = levels_reached(&all, gauge, height_mm);
        let found = consequences(&levels, &zones, &equipment, &ground);
        Ok(Taken { levels: levels.into_iter().cloned().collect(), consequences: found, all })
    }

    /// What a gauge measured, oldest first, each instant once: as it was told last.
    async fn heights(
        &self,
        gauge: EquipmentId,
        last: Option<(Timestamp, f64)>,
    ) -> Result<Vec<(Timestamp, f64)>, EngineError> {
        let rows = self.replica().find(&StateHistory::SPEC, "equipment_id", &Cell::Uuid(gauge.0), HISTORY).await?;
        let mut by_instant = BTreeMap::new();
        for row in &rows {
            let past = StateHistory::from_row(row)?;
            if let Some(mm) = past.reading.number("height_mm").filter(|_| is_told(past.quality)) {
                by_instant.insert(past.observed_at, mm);
            }
        }
        by_instant.extend(last);
        Ok(by_instant.into_iter().collect())
    }

    async fn read<T: TableRow>(&self, table: &'static TableSpec) -> Result<Vec<T>, EngineError> {
        let rows: Vec<(u32, Row)> = self.replica().scan(table).await?;
        rows.iter().map(|(_, row)| T::from_row(row).map_err(EngineError::from)).collect()
    }
}

/// Whether a value is worth drawing.
fn is_told(quality: Quality) -> bool {
    matches!(quality, Quality::Good | Quality::Uncertain)
}

/// Unknown ranks between green and yellow: it may be either.
fn urgency(reach: &RiverReach) -> i64 {
    reach.vigilance.map_or(15, |vigilance| vigilance.level() * 10)
}
