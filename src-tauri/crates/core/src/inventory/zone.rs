//! A record as a zone.

use serde_json::Value;

use crate::geo::Outline;
use crate::ids::ZoneId;
use crate::inventory::{Crs, Record, Refusal, Refused, identifier};
use crate::table::Zone;
use crate::zone::ZoneKind;

/// The zone of a record, or why it is none. A zone has no attributes: other fields are not kept.
pub fn zone(record: &Record, crs: Crs) -> Result<Zone, Refused> {
    row(record, crs).map_err(|why| Refused { reference: record.text("reference"), why })
}

fn row(record: &Record, crs: Crs) -> Result<Zone, Refusal> {
    if record.holds_nul() {
        return Err(Refusal::Nul);
    }
    let reference = record.needed("reference")?;
    let kind = record.needed("kind")?;
    if ZoneKind::from_code(&kind).is_none() {
        return Err(Refusal::UnknownZoneKind(kind));
    }
    let name = record.text("name").unwrap_or_default();
    // In a table the outline is a column that holds a GeoJSON geometry.
    let geometry = record.geometry.as_ref().or_else(|| record.fields.get("outline"));
    let outline = Outline::read(geometry.unwrap_or(&Value::Null))?.map(|p| crs.position(p.lon, p.lat))?;
    Ok(Zone {
        zone_id: ZoneId(identifier("zone", &reference)),
        reference,
        name,
        kind,
        outline: outline.to_geojson(),
        revision: None,
        person_id: None,
        changed_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::OutlineFault;
    use serde_json::json;

    fn zone_of(ring: &Value) -> Result<Zone, Refused> {
        let fields = json!({"reference": "Z-1", "name": "Ouche", "kind": "flood"});
        let geometry = Some(json!({"type": "Polygon", "coordinates": [ring]}));
        zone(&Record { fields: fields.as_object().cloned().unwrap_or_default(), geometry }, Crs::Wgs84)
    }

    #[test]
    fn a_zone_is_a_closed_polygon_where_it_can_be() {
        assert!(zone_of(&json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.3]])).is_ok());
        let open = zone_of(&json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4]])).unwrap_err();
        assert_eq!(open, Refused { reference: Some("Z-1".into()), why: OutlineFault::NotClosed.into() });
        let swapped = zone_of(&json!([[47.3, 5.0], [47.3, 5.1], [47.4, 5.1], [47.3, 5.0]])).unwrap_err();
        assert_eq!(swapped.why, Refusal::Swapped(47.3, 5.0));
    }
}
