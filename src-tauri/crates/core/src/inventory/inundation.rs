//! A record as a level of a gauge: what it puts under water, and what is then done.

use crate::flood::Call;
use crate::ids::{EquipmentId, ZoneId};
use crate::inventory::{Record, Refusal, Refused, identifier};
use crate::table::Inundation;

/// Longest name, and longest procedure, in characters.
const NAME_MOST: usize = 200;
const PROCEDURE_MOST: usize = 4_000;
/// Between two entries of a list: a semicolon divides the columns of half the world's tables.
const BETWEEN: char = '|';

/// The gauges, zones and their references, by which levels name them.
#[derive(Debug, Clone, Default)]
pub struct Waters {
    gauges: Vec<(String, EquipmentId)>,
    zones: Vec<(String, ZoneId)>,
}

impl Waters {
    /// Of these gauges and zones, by reference.
    pub fn new(gauges: Vec<(String, EquipmentId)>, zones: Vec<(String, ZoneId)>) -> Self {
        Self { gauges, zones }
    }

    /// The reference of a gauge.
    pub fn gauge(&self, id: EquipmentId) -> Option<&str> {
        self.gauges.iter().find(|(_, known)| *known == id).map(|(reference, _)| reference.as_str())
    }

    /// The references of zones, as a file lists them; a zone that is gone is left out.
    pub fn zones(&self, ids: &[ZoneId]) -> String {
        let reference = |id: &ZoneId| self.zones.iter().find(|(_, known)| known == id).map(|(r, _)| r.as_str());
        ids.iter().filter_map(reference).collect::<Vec<_>>().join(" | ")
    }
}

/// The level of a record, or why it is none. Lists (`zones`, `calls`, `switch_off`) are divided by `|`; a call is `who: number`.
pub fn inundation(record: &Record, waters: &Waters) -> Result<Inundation, Refused> {
    row(record, waters).map_err(|why| Refused { reference: record.text("reference"), why })
}

fn row(record: &Record, waters: &Waters) -> Result<Inundation, Refusal> {
    if record.holds_nul() {
        return Err(Refusal::Nul);
    }
    let reference = record.needed("reference")?;
    let gauge = record.needed("gauge")?;
    let Some((_, equipment_id)) = waters.gauges.iter().find(|(known, _)| *known == gauge) else {
        return Err(Refusal::UnknownGauge(gauge));
    };
    let height_mm = record.number("height_mm")?;
    let name = short(record.needed("name")?, "name", NAME_MOST)?;
    let procedure = short(record.text("procedure").unwrap_or_default(), "procedure", PROCEDURE_MOST)?;
    let zone = |reference: String| {
        let known = waters.zones.iter().find(|(known, _)| *known == reference).map(|(_, id)| *id);
        known.ok_or(Refusal::UnknownZone(reference))
    };
    Ok(Inundation {
        inundation_id: identifier("inundation", &reference),
        reference,
        equipment_id: *equipment_id,
        height_mm: height_mm.round() as i64,
        name,
        zones: listed(record, "zones").map(zone).collect::<Result<_, _>>()?,
        procedure,
        calls: listed(record, "calls").map(call).collect::<Result<_, _>>()?,
        switch_off: listed(record, "switch_off").collect(),
    })
}

fn short(text: String, name: &'static str, most: usize) -> Result<String, Refusal> {
    if text.chars().count() > most { Err(Refusal::TooLong(name, most)) } else { Ok(text) }
}

fn listed(record: &Record, name: &'static str) -> impl Iterator<Item = String> {
    let text = record.text(name).unwrap_or_default();
    let entries: Vec<_> = text.split(BETWEEN).map(|entry| entry.trim().to_owned()).collect();
    entries.into_iter().filter(|entry| !entry.is_empty())
}

fn call(text: String) -> Result<Call, Refusal> {
    let parts = text.rsplit_once(':').map(|(who, phone)| (who.trim().to_owned(), phone.trim().to_owned()));
    let (who, phone) =
        parts.filter(|(who, phone)| !who.is_empty() && !phone.is_empty()).ok_or(Refusal::BadCall(text))?;
    Ok(Call { who, phone })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    const GAUGE: EquipmentId = EquipmentId(Uuid::from_u128(1));
    const ZONE: ZoneId = ZoneId(Uuid::from_u128(2));

    fn waters() -> Waters {
        Waters::new(vec![("H-1".into(), GAUGE)], vec![("ZI-01".into(), ZONE)])
    }

    fn of(change: &[(&str, Value)]) -> Result<Inundation, Refusal> {
        let mut fields = json!({
            "reference": "OUCHE-1700", "gauge": "H-1", "height_mm": "1700", "name": "Quai bas", "zones": "ZI-01",
            "calls": "Astreinte voirie: 03 80 00 00 00 | SDIS : 18", "switch_off": "AR-001|AR-002"
        });
        for (name, value) in change {
            fields[*name] = value.clone();
        }
        let record = Record { fields: fields.as_object().cloned().unwrap_or_default(), geometry: None };
        inundation(&record, &waters()).map_err(|refused| refused.why)
    }

    #[test]
    fn a_level_names_its_gauge_its_zones_and_whom_to_call() {
        let level = of(&[]).unwrap();
        assert_eq!((level.equipment_id, level.height_mm, level.zones.as_slice()), (GAUGE, 1_700, &[ZONE][..]));
        let calls: Vec<_> = level.calls.iter().map(|call| (call.who.as_str(), call.phone.as_str())).collect();
        assert_eq!(calls, [("Astreinte voirie", "03 80 00 00 00"), ("SDIS", "18")]);
        assert_eq!(level.switch_off, ["AR-001", "AR-002"]);
        assert_eq!((waters().gauge(GAUGE), waters().zones(&level.zones).as_str()), (Some("H-1"), "ZI-01"));
    }

    #[test]
    fn what_names_nothing_that_is_there_is_refused_with_what_it_names() {
        assert_eq!(of(&[("gauge", json!("H-2"))]), Err(Refusal::UnknownGauge("H-2".into())));
        assert_eq!(of(&[("zones", json!("ZI-01 | ZI-77"))]), Err(Refusal::UnknownZone("ZI-77".into())));
        assert_eq!(of(&[("calls", json!("Astreinte"))]), Err(Refusal::BadCall("Astreinte".into())));
        assert_eq!(of(&[("height_mm", json!("haut"))]), Err(Refusal::NotANumber("height_mm", "haut".into())));
        assert_eq!(of(&[("name", json!(""))]), Err(Refusal::Missing("name")));
        let bare = of(&[("zones", Value::Null), ("calls", Value::Null), ("switch_off", Value::Null)]).unwrap();
        assert!(bare.zones.is_empty() && bare.calls.is_empty() && bare.switch_off.is_empty());
    }
}
