//! The status of sources, read from the local copy: during a cut it says what was last known.

use vigie_core::equipment::EquipmentKind;
use vigie_core::link::LinkState;
use vigie_core::source::{SourceState, standing};
use vigie_core::table::{Source, TableRow as _};
use vigie_core::time::Timestamp;
use vigie_engine::EngineError;

use crate::Api;
use crate::dto::{NoArgs, SourceView};
use crate::error::ApiError;

impl Api {
    pub(crate) async fn sources(&self, _: NoArgs) -> Result<Vec<SourceView>, ApiError> {
        let engine = self.engine().await?;
        // During a cut nobody knows how they stand now: they are shown as they were when they were last heard of.
        let status = engine.status();
        let live = status.link.state == LinkState::Live;
        let now = if live { status.now } else { status.link.heard_at.unwrap_or(status.now) };
        let rows = engine.replica().scan(&Source::SPEC).await.map_err(EngineError::from)?;
        let rows = rows.iter().map(|(_, row)| Source::from_row(row)).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(EngineError::from)?;
        let mut counts = vec![0; EquipmentKind::ALL.len()];
        engine.picture(|picture| {
            for object in picture.objects() {
                if let Some(count) = counts.get_mut(usize::from(object.equipment.kind.index())) {
                    *count += 1;
                }
            }
        });
        let mut views: Vec<_> = rows.into_iter().map(|row| view(row, now, &counts)).collect();
        // What someone must look at comes first.
        views.sort_by(|a, b| rank(a.state).cmp(&rank(b.state)).then_with(|| a.name.cmp(&b.name)));
        Ok(views)
    }
}

fn rank(state: SourceState) -> u8 {
    match state {
        SourceState::Stale => 0,
        SourceState::Failing => 1,
        SourceState::NeverHeard => 2,
        SourceState::Live => 3,
    }
}

fn view(row: Source, now: Timestamp, counts: &[u32]) -> SourceView {
    let state = standing(&row, now);
    // A kind that a newer metropolis knows and this program does not is left out.
    let codes = row.covers.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    let covers: Vec<_> = codes.filter_map(EquipmentKind::from_code).collect();
    let count = |kind: &EquipmentKind| counts.get(usize::from(kind.index())).copied().unwrap_or(0);
    SourceView {
        state,
        objects: covers.iter().map(count).sum(),
        covers,
        code: row.code,
        name: row.name,
        contact_at: row.contact_at,
        tried_at: row.tried_at,
        period_ms: row.period_s as f64 * 1_000.0,
        delay_ms: row.delay_ms.map(|delay| delay as f64),
        error: row.error,
        error_since: row.error_since,
    }
}
