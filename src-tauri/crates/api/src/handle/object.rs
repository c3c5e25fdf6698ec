//! Lists, search, sheets, history.

use std::collections::BTreeSet;

use vigie_core::equipment::{Look, look};
use vigie_core::ids::EquipmentId;
use vigie_core::link::LinkState;
use vigie_core::table::{Cell, StateHistory, TableRow};
use vigie_core::time::Timestamp;
use vigie_engine::{Engine, EngineError};

use crate::dto::{
    HistoryArgs, HistoryLine, NoArgs, ObjectArgs, ObjectFilter, ObjectPage, ObjectProgramme, ObjectSheet, ObjectsFound,
    PlacesFound, PointArgs, PointRuns, Push, SearchArgs, Selection, Tally,
};
use crate::error::ApiError;
use crate::sieve::{Sieve, severity};
use crate::view;
use crate::{Api, Frame};

/// Longest page of a list.
const PAGE: u32 = 500;
/// Past states on a sheet.
const HISTORY: u32 = 50;

impl Api {
    pub(crate) async fn search(&self, args: SearchArgs) -> Result<ObjectsFound, ApiError> {
        let engine = self.engine().await?;
        let found = engine.replica().search(&args.text, args.limit.min(PAGE)).await.map_err(EngineError::from)?;
        let as_of = view::as_of(&engine);
        Ok(engine.picture(|picture| {
            let objects = found.hits.iter().filter_map(|id| picture.at_point(*id));
            let lines = objects.map(|o| view::object_line(picture, o, as_of)).collect();
            ObjectsFound { near: found.near, lines }
        }))
    }

    pub(crate) async fn places(&self, args: SearchArgs) -> Result<PlacesFound, ApiError> {
        let engine = self.engine().await?;
        let found = engine.replica().places(&args.text, args.limit.min(PAGE)).await.map_err(EngineError::from)?;
        Ok(PlacesFound { near: found.near, places: found.hits.into_iter().map(view::place).collect() })
    }

    pub(crate) async fn objects(&self, filter: ObjectFilter) -> Result<ObjectPage, ApiError> {
        let engine = self.engine().await?;
        let (sieve, as_of) = sieve(&engine, &filter);
        Ok(engine.picture(|picture| {
            let mut kept = sieve.candidates(picture);
            let hidden = kept.iter().filter(|o| sieve.hides(o)).count();
            kept.retain(|o| sieve.keeps(o));
            let mut by_look = vec![0; Look::ALL.len()];
            for object in &kept {
                if let Some(count) = by_look.get_mut(usize::from(object.look.index())) {
                    *count += 1;
                }
            }
            // Worst first; a value that was never seen ranks with faults, not above dangers.
            kept.sort_by(|a, b| {
                severity(b).cmp(&severity(a)).then_with(|| a.equipment.reference.cmp(&b.equipment.reference))
            });
            let page = kept.iter().skip(filter.offset as usize).take(filter.limit.min(PAGE) as usize);
            ObjectPage {
                total: number(kept.len()),
                hidden: number(hidden),
                by_look,
                lines: page.map(|o| view::object_line(picture, o, as_of)).collect(),
            }
        }))
    }

    /// Runs of points: identifiers that follow each other in the city and are both kept, or both not, are one run.
    pub(crate) async fn kept(&self, filter: ObjectFilter) -> Result<PointRuns, ApiError> {
        let engine = self.engine().await?;
        let (sieve, _) = sieve(&engine, &filter);
        Ok(engine.picture(|picture| {
            let mut runs: Vec<[u32; 2]> = Vec::new();
            let points: BTreeSet<u32> = filter.points.iter().copied().collect();
            let mut open = false;
            for object in picture.objects() {
                let named = points.is_empty() || points.contains(&object.point);
                let kept = named && sieve.keeps(object);
                match runs.last_mut() {
                    Some([_, last]) if kept && open => *last = object.point,
                    _ if kept => runs.push([object.point, object.point]),
                    _ => {}
                }
                open = kept;
            }
            let urgent = picture.objects().iter().filter(|o| sieve.is_urgent(o)).map(|o| o.point).collect();
            PointRuns { generation: picture.generation, runs, urgent }
        }))
    }

    pub(crate) async fn tally(&self, filter: ObjectFilter) -> Result<Tally, ApiError> {
        let engine = self.engine().await?;
        let (sieve, _) = sieve(&engine, &filter);
        Ok(engine.picture(|picture| sieve.tally(picture)))
    }

    pub(crate) async fn object(&self, args: ObjectArgs) -> Result<ObjectSheet, ApiError> {
        self.sheet(args.equipment_id).await
    }

    pub(crate) async fn object_at(&self, args: PointArgs) -> Result<ObjectSheet, ApiError> {
        let engine = self.engine().await?;
        let id = engine.picture(|p| p.at_point(args.point).map(|o| o.equipment.equipment_id));
        self.sheet(id.ok_or(EngineError::NotFound)?).await
    }

    async fn sheet(&self, id: EquipmentId) -> Result<ObjectSheet, ApiError> {
        let engine = self.engine().await?;
        let history = engine
            .replica()
            .find(&StateHistory::SPEC, "equipment_id", &Cell::Uuid(id.0), HISTORY)
            .await
            .map_err(EngineError::from)?;
        let mut past = history
            .iter()
            .map(|row| StateHistory::from_row(row).map_err(EngineError::from))
            .collect::<Result<Vec<_>, _>>()?;
        past.sort_by_key(|h| std::cmp::Reverse(h.observed_at));
        let commands = view::commands_on(&engine, id).await?;
        let sheet = view::object_sheet(&engine, id, past, commands).ok_or(EngineError::NotFound)?;
        // A suspended session shows what the street does, and neither who commanded it nor how.
        let open = self.inner.session.suspended().is_none();
        Ok(if open {
            sheet
        } else {
            let programme =
                sheet.programme.map(|programme| ObjectProgramme { author: None, approved_by: None, ..programme });
            let (actions, locks, commands) = (Vec::new(), Vec::new(), Vec::new());
            ObjectSheet { actions, live: false, locks, commands, programme, ..sheet }
        })
    }

    pub(crate) async fn select(&self, selection: Selection) -> Result<NoArgs, ApiError> {
        *self.inner.selected.lock().await = selection.equipment_id;
        self.tell(Frame::Push(Push::Selection { selection }));
        Ok(NoArgs {})
    }

    pub(crate) async fn selection(&self, _: NoArgs) -> Result<Selection, ApiError> {
        Ok(Selection { equipment_id: *self.inner.selected.lock().await, window: String::new() })
    }

    pub(crate) async fn history(&self, args: HistoryArgs) -> Result<Vec<HistoryLine>, ApiError> {
        let engine = self.engine().await?;
        let kind = engine.picture(|p| p.object(args.equipment_id).map(|o| o.equipment.kind));
        let kind = kind.ok_or(EngineError::NotFound)?;
        let asked = serde_json::json!({"equipment_id": args.equipment_id, "before": args.before, "limit": 200});
        let answer = engine.fetch("history", asked, "object sheet").await?;
        let lines: Vec<PastState> =
            serde_json::from_value(answer).map_err(|e| ApiError::new("unexpected", format!("history: {e}")))?;
        Ok(lines
            .into_iter()
            .map(|h| HistoryLine {
                look: look(kind, &h.reading, h.quality, h.mode),
                observed_at: h.observed_at,
                reading: h.reading,
                quality: h.quality,
                mode: h.mode,
                source: h.source,
            })
            .collect())
    }
}

/// A past state as `fetch history` returns it.
#[derive(serde::Deserialize)]
struct PastState {
    observed_at: vigie_core::time::Timestamp,
    reading: vigie_core::equipment::Reading,
    quality: vigie_core::equipment::Quality,
    mode: vigie_core::equipment::Mode,
    source: String,
}

/// How the desk stands: its link, and the metropolis's time.
type AsOf = (LinkState, Timestamp);

/// A filter as the desk stands.
fn sieve<'a>(engine: &Engine, filter: &'a ObjectFilter) -> (Sieve<'a>, AsOf) {
    let as_of = view::as_of(engine);
    let alarms = engine.alarms().into_iter().map(|shown| (shown.alarm.equipment_id, shown.alarm.priority));
    (engine.picture(|picture| Sieve::new(filter, picture, as_of, alarms)), as_of)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
