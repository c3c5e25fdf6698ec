//! A record as a piece of equipment.

use serde_json::{Map, Value};

use crate::equipment::EquipmentKind;
use crate::geo::Position;
use crate::ids::EquipmentId;
use crate::inventory::{Crs, Record, Refusal, Refused, Services, Territory, identifier};
use crate::table::Equipment;

/// Attributes by which the rules of safety judge a command (`docs/safety.md`): one that is not a number would silently
/// count for nothing.
const NUMBERS: &[&str] = &["rank", "safety_level", "heading", "fov", "range_m"];
const FLAGS: &[&str] = &["crossing"];

/// The piece of equipment of a record, or why it is none.
pub fn equipment(record: &Record, crs: Crs, territory: &Territory, services: &Services) -> Result<Equipment, Refused> {
    row(record, crs, territory, services).map_err(|why| Refused { reference: record.text("reference"), why })
}

fn row(record: &Record, crs: Crs, territory: &Territory, services: &Services) -> Result<Equipment, Refusal> {
    if record.holds_nul() {
        return Err(Refusal::Nul);
    }
    let reference = record.needed("reference")?;
    let code = record.needed("kind")?;
    let kind = EquipmentKind::from_code(&code).ok_or(Refusal::UnknownKind(code))?;
    let name = record.text("name").unwrap_or_default();
    let at = position(record, crs)?;
    let insee_code = territory.insee_code(record.text("insee_code"), at)?;
    Ok(Equipment {
        equipment_id: EquipmentId(identifier("equipment", &reference)),
        reference,
        name,
        kind,
        insee_code,
        street: record.text("street").unwrap_or_default(),
        lon: at.lon,
        lat: at.lat,
        attributes: Value::Object(checked(record.attributes())?),
        service_id: services.named(record.text("service"))?,
    })
}

fn position(record: &Record, crs: Crs) -> Result<Position, Refusal> {
    let Some(geometry) = &record.geometry else {
        let (first, second) = match crs {
            Crs::Lambert93 if record.fields.contains_key("x") => ("x", "y"),
            _ => ("lon", "lat"),
        };
        return crs.position(record.number(first)?, record.number(second)?);
    };
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or("missing");
    if kind != "Point" {
        return Err(Refusal::NotAPoint(kind.to_owned()));
    }
    let number = |index: usize| geometry.get("coordinates").and_then(|c| c.get(index)).unwrap_or(&Value::Null);
    let coordinate =
        |index| number(index).as_f64().ok_or_else(|| Refusal::NotANumber("coordinates", number(index).to_string()));
    crs.position(coordinate(0)?, coordinate(1)?)
}

fn checked(attributes: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    for (name, value) in &attributes {
        if let Some(name) = NUMBERS.iter().find(|n| *n == name).filter(|_| !value.is_number() && !value.is_null()) {
            return Err(Refusal::NotANumber(name, value.to_string()));
        }
        if let Some(name) = FLAGS.iter().find(|n| *n == name).filter(|_| !value.is_boolean() && !value.is_null()) {
            return Err(Refusal::NotAFlag(name, value.to_string()));
        }
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Commune;
    use serde_json::json;

    fn territory() -> Territory {
        let ring = json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4], [5.0, 47.3]]);
        Territory::new(&[Commune {
            commune_id: uuid::Uuid::nil(),
            insee_code: "21231".into(),
            name: "Dijon".into(),
            lon: 5.05,
            lat: 47.35,
            population: 1,
            outline: json!({"type": "Polygon", "coordinates": [ring]}),
        }])
    }

    fn services() -> Services {
        let service_id = crate::ids::ServiceId(uuid::Uuid::from_u128(1));
        Services::new(&[crate::table::Service {
            service_id,
            code: "EP".into(),
            name: "Éclairage".into(),
            phone: String::new(),
        }])
    }

    fn record(changes: Value) -> Record {
        let mut fields =
            json!({"reference": "L-1", "name": "Lamp", "kind": "street_light", "lon": "5,05", "lat": "47.35"});
        if let (Some(fields), Value::Object(changes)) = (fields.as_object_mut(), changes) {
            fields.extend(changes);
        }
        Record { fields: fields.as_object().cloned().unwrap_or_default(), geometry: None }
    }

    fn refused(changes: Value) -> Refusal {
        equipment(&record(changes), Crs::Wgs84, &territory(), &services()).unwrap_err().why
    }

    #[test]
    fn a_record_is_a_row_with_its_commune_and_every_other_field_is_an_attribute() {
        let row = equipment(&record(json!({"safety_level": 40, "pole": "A12"})), Crs::Wgs84, &territory(), &services())
            .unwrap();
        assert_eq!((row.insee_code.as_str(), row.lon, row.street.as_str()), ("21231", 5.05, ""));
        assert_eq!(row.attributes, json!({"safety_level": 40, "pole": "A12"}));
        assert_eq!(row.service_id, None);
        let kept = equipment(&record(json!({"service": " EP "})), Crs::Wgs84, &territory(), &services()).unwrap();
        assert_eq!(kept.service_id, Some(crate::ids::ServiceId(uuid::Uuid::from_u128(1))));
        assert_eq!(kept.attributes, json!({}));
        let again = equipment(&record(json!({"name": "Other"})), Crs::Wgs84, &territory(), &services()).unwrap();
        assert_eq!(row.equipment_id, again.equipment_id);
    }

    #[test]
    fn each_fault_has_its_reason() {
        assert_eq!(refused(json!({"reference": " "})), Refusal::Missing("reference"));
        assert_eq!(refused(json!({"kind": "lamp"})), Refusal::UnknownKind("lamp".into()));
        assert_eq!(refused(json!({"lon": "east"})), Refusal::NotANumber("lon", "east".into()));
        assert_eq!(refused(json!({"lon": "47.35", "lat": "5.05"})), Refusal::Swapped(47.35, 5.05));
        assert_eq!(refused(json!({"lat": 48.5})), Refusal::OutsideCommunes(5.05, 48.5));
        assert_eq!(refused(json!({"insee_code": "21231", "lat": 48.5})), Refusal::OutsideCommunes(5.05, 48.5));
        assert_eq!(refused(json!({"insee_code": "75056"})), Refusal::UnknownCommune("75056".into()));
        assert_eq!(refused(json!({"safety_level": "forty"})), Refusal::NotANumber("safety_level", "\"forty\"".into()));
        assert_eq!(refused(json!({"service": "EAU"})), Refusal::UnknownService("EAU".into()));
        assert_eq!(refused(json!({"maker": ["a\0"]})), Refusal::Nul);
        assert_eq!(refused(json!({"crossing": "oui"})), Refusal::NotAFlag("crossing", "\"oui\"".into()));
    }

    #[test]
    fn a_feature_that_is_no_point_is_refused() {
        let line = Record { geometry: Some(json!({"type": "LineString"})), ..record(json!({})) };
        let why = equipment(&line, Crs::Wgs84, &territory(), &services()).unwrap_err().why;
        assert_eq!(why, Refusal::NotAPoint("LineString".into()));
    }
}
