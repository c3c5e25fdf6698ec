//! Zones at this desk: as the local copy has them, and what a person who draws one does with them.

use std::collections::HashMap;

use serde_json::Value;
use vigie_core::command::Refusal;
use vigie_core::geo::{Outline, Position};
use vigie_core::ids::{PersonId, ZoneId};
use vigie_core::port::TableChanges;
use vigie_core::submission::{Body, OutcomeStatus};
use vigie_core::table::{BadRow, TableRow, Zone};
use vigie_core::time::Timestamp;
use vigie_core::zone::shape::oriented;
use vigie_core::zone::{ZoneFault, ZoneSaid, validate};

use crate::engine::Engine;
use crate::error::EngineError;

/// A step of a drawing, degrees: about a centimetre, finer than any pointer.
const STEP: f64 = 1e7;

/// Zones of the local copy.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    rows: HashMap<ZoneId, Zone>,
}

impl Zones {
    pub(crate) fn load(&mut self, rows: Vec<Zone>) {
        self.rows = rows.into_iter().map(|row| (row.zone_id, row)).collect();
    }

    /// Takes rows in; whether they were zones.
    pub(crate) fn take(&mut self, table: &TableChanges) -> Result<bool, BadRow> {
        if table.table.name != Zone::SPEC.name {
            return Ok(false);
        }
        for key in &table.deleted {
            self.rows.remove(&ZoneId(*key));
        }
        for row in &table.rows {
            let row = Zone::from_row(row)?;
            self.rows.insert(row.zone_id, row);
        }
        Ok(true)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Zone> {
        self.rows.values()
    }
}

/// A zone as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnZone {
    /// Which; none for a new one.
    pub zone_id: Option<ZoneId>,
    /// The revision that is changed: 0 as it was loaded; none for a new one.
    pub after: Option<i64>,
    /// Short reference.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Code of a kind.
    pub kind: String,
    /// GeoJSON polygon, whichever way it was drawn.
    pub outline: Value,
}

/// What a drawing is: what is wrong in it, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneLook {
    /// What is wrong; it cannot be saved while something is.
    pub faults: Vec<ZoneFault>,
    /// Objects that stand in it.
    pub holds: usize,
    /// Of these, those that do not stand in the zone as it is.
    pub enters: usize,
    /// Objects of the zone as it is that would stand in it no more.
    pub leaves: usize,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneSaved {
    /// The metropolis has it.
    Done(ZoneId),
    /// It has not: somebody else changed the zone since.
    Changed {
        /// Who; none where a file did.
        by: Option<PersonId>,
        /// When.
        at: Option<Timestamp>,
    },
}

impl Engine {
    /// Every zone, in no order.
    pub fn zones(&self) -> Vec<Zone> {
        self.lock().zones.all().cloned().collect()
    }

    /// What a drawing is; nothing is written.
    pub fn look_at_zone(&self, drawn: &DrawnZone) -> ZoneLook {
        let outline = tidy(&drawn.outline);
        let said = ZoneSaid { reference: &drawn.reference, name: &drawn.name, kind: &drawn.kind, outline: &outline };
        let faults = validate(&said);
        let before = {
            let state = self.lock();
            drawn.zone_id.and_then(|id| state.zones.rows.get(&id)).and_then(|zone| Ground::read(&zone.outline))
        };
        let after = Ground::read(&outline);
        // Places are copied out: what has two thousand corners takes its time, and the picture is everybody's.
        let places = self.picture(|picture| {
            let places = picture.objects().iter().map(|o| Position { lon: o.equipment.lon, lat: o.equipment.lat });
            let near = |p: &Position| [&before, &after].into_iter().flatten().any(|ground| ground.is_near(*p));
            places.filter(near).collect::<Vec<_>>()
        });
        let mut look = ZoneLook { faults, holds: 0, enters: 0, leaves: 0 };
        let holds = |ground: &Option<Ground>, p: Position| ground.as_ref().is_some_and(|ground| ground.holds(p));
        for place in places {
            let (was, is) = (holds(&before, place), holds(&after, place));
            look.holds += usize::from(is);
            look.enters += usize::from(is && !was);
            look.leaves += usize::from(was && !is);
        }
        look
    }

    /// Writes a zone in the metropolis. Refused without a link: what is typed stays in its form.
    pub async fn save_zone(&self, drawn: DrawnZone) -> Result<ZoneSaved, EngineError> {
        self.may_act()?;
        let zone_id = drawn.zone_id.unwrap_or_else(|| ZoneId(self.inner.ids.next()));
        let body = Body::ZonePut {
            zone_id,
            after: drawn.after,
            reference: drawn.reference.trim().to_owned(),
            name: drawn.name.trim().to_owned(),
            zone_kind: drawn.kind,
            outline: tidy(&drawn.outline),
        };
        self.change_zone(zone_id, body).await
    }

    /// Throws a zone away, as it was seen.
    pub async fn drop_zone(&self, zone_id: ZoneId, after: i64) -> Result<ZoneSaved, EngineError> {
        self.may_act()?;
        self.change_zone(zone_id, Body::ZoneDrop { zone_id, after }).await
    }

    async fn change_zone(&self, zone_id: ZoneId, body: Body) -> Result<ZoneSaved, EngineError> {
        let outcome = self.ask_outcome(body).await?;
        if outcome.status == OutcomeStatus::Applied {
            return Ok(ZoneSaved::Done(zone_id));
        }
        if outcome.code.as_deref() != Some(Refusal::ZoneChanged.code()) {
            return Err(EngineError::RefusedThere(outcome.code.unwrap_or_default()));
        }
        let told = |key: &str| outcome.detail.get(key).cloned().unwrap_or(Value::Null);
        Ok(ZoneSaved::Changed {
            by: serde_json::from_value(told("person_id")).unwrap_or_default(),
            at: serde_json::from_value(told("changed_at")).unwrap_or_default(),
        })
    }
}

/// What an outline holds: looked at closely only within the upright rectangle around it.
struct Ground {
    outline: Outline,
    bounds: (f64, f64, f64, f64),
}

impl Ground {
    fn read(outline: &Value) -> Option<Self> {
        let outline = Outline::read(outline).ok()?;
        Some(Self { bounds: outline.bounds(), outline })
    }

    fn is_near(&self, at: Position) -> bool {
        let (west, south, east, north) = self.bounds;
        (west..=east).contains(&at.lon) && (south..=north).contains(&at.lat)
    }

    fn holds(&self, at: Position) -> bool {
        self.is_near(at) && self.outline.contains(at)
    }
}

/// A drawing as it is sent: steps of a centimetre, no corner twice in a row, rings as RFC 7946 has them. What is no polygon goes
/// as it is, to be refused in words.
fn tidy(outline: &Value) -> Value {
    let Ok(read) = Outline::read(outline) else { return outline.clone() };
    let step = |degrees: f64| (degrees * STEP).round() / STEP;
    let ring = |ring: &Vec<Position>| {
        let mut ring: Vec<_> = ring.iter().map(|p| Position { lon: step(p.lon), lat: step(p.lat) }).collect();
        ring.dedup();
        ring
    };
    read.with_rings(|rings| oriented(&rings.iter().map(ring).collect::<Vec<_>>())).to_geojson()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_drawing_is_sent_counterclockwise_in_centimetres_and_without_corners_said_twice() {
        let drawn = json!({"type": "Polygon", "coordinates": [
            [[5.0, 47.3], [5.0, 47.310_000_000_4], [5.0, 47.31], [5.01, 47.31], [5.01, 47.3], [5.0, 47.3]]
        ]});
        let sent = json!({"type": "Polygon", "coordinates": [
            [[5.0, 47.3], [5.01, 47.3], [5.01, 47.31], [5.0, 47.31], [5.0, 47.3]]
        ]});
        assert_eq!(tidy(&drawn), sent);
        assert_eq!(tidy(&sent), sent);
        let open = json!({"type": "Polygon", "coordinates": [[[5.0, 47.3], [5.0, 47.4]]]});
        assert_eq!(tidy(&open), open);
    }
}
