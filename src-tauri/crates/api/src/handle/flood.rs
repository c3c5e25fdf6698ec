//! Rivers, read from the local copy: during a cut it is the last bulletin and the last heights, with their hours.

use std::collections::BTreeMap;

use serde_json::Value;
use vigie_core::equipment::{EquipmentKind, Quality};
use vigie_core::flood::{
    Lost, ThresholdKind, hubeau, is_outdated, past_floods, reached, thresholds, time_to, vigicrues,
};
use vigie_core::ids::EquipmentId;
use vigie_core::link::LinkState;
use vigie_core::table::{Inundation, RiverReach, Zone};
use vigie_core::time::{Timestamp, millis};
use vigie_engine::picture::{Object, Picture};
use vigie_engine::{EngineError, GaugeNow};

use crate::Api;
use crate::dto::{
    FloodView, ForecastPointView, ForecastView, GaugeSheet, GaugeView, HeightView, LevelView, LostHow, NoArgs,
    ObjectArgs, PastFloodView, ReachView, ThresholdView, UnderWater, UnderWaterArgs, WetKind,
};
use crate::error::ApiError;
use crate::view;

/// Objects of a kind that are named; the others are counted.
const FIRST: usize = 20;

impl Api {
    pub(crate) async fn flood(&self, _: NoArgs) -> Result<FloodView, ApiError> {
        let engine = self.engine().await?;
        let as_of = view::as_of(&engine);
        let reaches = engine.reaches().await?;
        let standing = engine.gauges().await?;
        let mut gauges: Vec<_> = engine.picture(|picture| {
            let known = standing.iter().filter_map(|now| Some((picture.object(now.equipment_id)?, now)));
            known.map(|(object, now)| gauge(object, now, as_of)).collect()
        });
        gauges.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then_with(|| (&a.river, &a.name).cmp(&(&b.river, &b.name))));
        let mut attributions = Vec::new();
        if !reaches.is_empty() {
            attributions.push(vigicrues::ATTRIBUTION.to_owned());
        }
        if gauges.iter().any(|gauge| gauge.source == "hubeau") {
            attributions.push(hubeau::ATTRIBUTION.to_owned());
        }
        Ok(FloodView {
            bulletin_at: reaches.iter().map(|reach| reach.bulletin_at).max(),
            reaches: reaches.into_iter().map(|row| reach(row, as_of.1)).collect(),
            gauges,
            attributions,
        })
    }

    pub(crate) async fn gauge(&self, args: ObjectArgs) -> Result<GaugeSheet, ApiError> {
        let engine = self.engine().await?;
        let as_of = view::as_of(&engine);
        let id = args.equipment_id;
        let standing = engine.gauges().await?;
        let now = standing.into_iter().find(|now| now.equipment_id == id).ok_or(EngineError::NotFound)?;
        let (gauge, past_floods) = engine
            .picture(|picture| {
                let object = picture.object(id)?;
                Some((gauge(object, &now, as_of), past_floods(&object.equipment.attributes)))
            })
            .ok_or(EngineError::NotFound)?;
        let forecasts = engine.forecasts(id).await?;
        let taken = engine.taken_by_water(id, f64::NEG_INFINITY).await?;
        Ok(GaugeSheet {
            gauge,
            heights: now.heights.iter().map(|&(at, mm)| HeightView { at, mm }).collect(),
            past_floods: past_floods
                .into_iter()
                .map(|flood| PastFloodView { name: flood.name, height_mm: flood.height_mm })
                .collect(),
            forecasts: forecasts
                .into_iter()
                .map(|row| ForecastView {
                    quantity: row.quantity,
                    issued_at: row.issued_at,
                    source: row.source,
                    points: row
                        .points
                        .into_iter()
                        .map(|p| ForecastPointView { at: p.at, low: p.low, mean: p.mean, high: p.high })
                        .collect(),
                })
                .collect(),
            levels: taken.all.into_iter().map(level).collect(),
        })
    }

    pub(crate) async fn under_water(&self, args: UnderWaterArgs) -> Result<UnderWater, ApiError> {
        let engine = self.engine().await?;
        let as_of = view::as_of(&engine);
        let taken = engine.taken_by_water(args.equipment_id, args.height_mm).await?;
        let zones: Vec<Zone> = engine.zones();
        let found = taken.consequences;
        let name = |id| zones.iter().find(|zone| zone.zone_id == id).map(|zone| zone.name.clone());
        Ok(engine.picture(|picture| {
            let lines = |ids: &[EquipmentId]| lines(picture, ids, as_of);
            UnderWater {
                levels: taken.levels.into_iter().map(level).collect(),
                zones: found.zones.iter().filter_map(|id| name(*id)).collect(),
                zones_missing: view::count(found.zones_missing),
                buildings: lines(&found.buildings),
                equipment: by_kind(picture, &found.equipment, as_of),
                roads: found.roads,
                calls: found.calls,
                switch_off: lines(&found.switch_off),
                switch_off_unknown: found.switch_off_unknown,
            }
        }))
    }
}

fn lines(picture: &Picture, ids: &[EquipmentId], as_of: (LinkState, Timestamp)) -> Vec<crate::dto::ObjectLine> {
    let mut objects: Vec<&Object> = ids.iter().filter_map(|id| picture.object(*id)).collect();
    objects.sort_by(|a, b| a.equipment.reference.cmp(&b.equipment.reference));
    objects.into_iter().map(|object| view::object_line(picture, object, as_of)).collect()
}

fn by_kind(picture: &Picture, ids: &[EquipmentId], as_of: (LinkState, Timestamp)) -> Vec<WetKind> {
    let mut kinds: BTreeMap<EquipmentKind, Vec<EquipmentId>> = BTreeMap::new();
    for object in ids.iter().filter_map(|id| picture.object(*id)) {
        kinds.entry(object.equipment.kind).or_default().push(object.equipment.equipment_id);
    }
    let wet = |(kind, ids): (EquipmentKind, Vec<EquipmentId>)| {
        let mut first = lines(picture, &ids, as_of);
        first.truncate(FIRST);
        WetKind { kind, objects: view::count(ids.len()), first }
    };
    kinds.into_iter().map(wet).collect()
}

fn level(row: Inundation) -> LevelView {
    LevelView { height_mm: row.height_mm, name: row.name, procedure: row.procedure }
}

fn reach(row: RiverReach, now: Timestamp) -> ReachView {
    ReachView {
        reach_id: row.reach_id.to_string(),
        outdated: is_outdated(&row, now),
        code: row.code,
        name: row.name,
        vigilance: row.vigilance,
        since: row.since,
        bulletin_at: row.bulletin_at,
        geometry: row.geometry,
    }
}

/// A gauge as it is shown. One that is lost in the flood has no height: its last one is not its height.
fn gauge(object: &Object, now: &GaugeNow, (link, at): (LinkState, Timestamp)) -> GaugeView {
    let (equipment, state) = (&object.equipment, object.state.as_ref());
    let known = thresholds(&equipment.attributes);
    let told = state.filter(|state| now.lost.is_none() && !matches!(state.quality, Quality::Bad | Quality::Never));
    let height_mm = told.and_then(|state| state.reading.number("height_mm"));
    let next = height_mm.zip(now.trend).and_then(|(height, trend)| {
        let above = known.iter().find(|threshold| threshold.height_mm > height)?;
        Some((above.kind, time_to(above.height_mm, height, &trend)?))
    });
    GaugeView {
        equipment_id: equipment.equipment_id,
        point: object.point,
        reference: equipment.reference.clone(),
        name: equipment.name.clone(),
        river: equipment.attributes.get("river").and_then(Value::as_str).unwrap_or_default().to_owned(),
        height_mm,
        flow_l_s: told.and_then(|state| state.reading.number("flow_l_s")),
        observed_at: state.and_then(|state| state.observed_at),
        source: state.map(|state| state.source.clone()).unwrap_or_default(),
        quality: state.map_or(Quality::Never, |state| state.quality),
        freshness: object.freshness(link, at),
        course: now.trend.map(|trend| trend.course),
        cm_per_hour: now.trend.map(|trend| trend.cm_per_hour),
        lost: now.lost.map(|lost| match lost {
            Lost::Silent(_) => LostHow::Silent,
            Lost::Flat(_) => LostHow::Flat,
        }),
        lost_since: now.lost.map(Lost::since),
        reached: height_mm.and_then(|height| reached(&known, height)).map(|threshold| threshold.kind),
        thresholds: known
            .into_iter()
            .map(|threshold| ThresholdView {
                kind: threshold.kind,
                height_mm: threshold.height_mm,
                words: threshold.words,
            })
            .collect(),
        next: next.map(|(kind, _)| kind),
        next_in_ms: next.map(|(_, wait)| millis(wait) as f64),
    }
}

/// What must be looked at first: nobody knows how high the water stands at a lost gauge.
fn urgency(gauge: &GaugeView) -> (bool, Option<ThresholdKind>) {
    (gauge.lost.is_some(), gauge.reached)
}
