//! Vigicrues: the national bulletin of the reaches, and what its stations observe and are forecast.
//!
//! What the service does and no specification says: keys changed their case between 2023 and now; `cdint` may be null; a reach
//! may be missing from one bulletin to the next, which says nothing of its water; an error comes under status 200. Here heights
//! are metres and flows m³/s, unlike at Hub'Eau.
//!
//! The envelope of the forecasts was not recorded by anyone we could read: what is looked for is the list whose records have a
//! `DtPrev`, wherever it is. Licence Etalab 2.0: the name and the hour of the bulletin are shown, the logo is not ours to show.

use serde_json::Value;

use crate::flood::payload::{BadPayload, Fault, Fields, json};
use crate::flood::{ForecastPoint, Vigilance};
use crate::time::Timestamp;

/// What must be shown wherever its colours are, with the hour of the bulletin.
pub const ATTRIBUTION: &str = "© VIGICRUES";
/// Type of an entity that is a reach; 5 is a territory, 7 a station.
const REACH: &str = "8";

/// The national bulletin.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its reference, such as `26082026_10`; empty where it has none.
    pub reference: String,
    /// Its hour.
    pub issued_at: Timestamp,
    /// Its reaches.
    pub reaches: Vec<ReachSeen>,
    /// Features that were left out, or whose level was, because they have not their form.
    pub faults: Vec<Fault>,
}

/// A reach of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachSeen {
    /// Code of the entity, such as `CO1`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the territory that watches it; empty where it has none.
    pub territory: String,
    /// Its line, a GeoJSON geometry.
    pub geometry: Option<Value>,
    /// Its colour; none where there is no level from 1 to 4.
    pub vigilance: Option<Vigilance>,
}

/// Reads `InfoVigiCru.geojson`. A feature that has not its form is left out and told of, and its reach is unknown.
///
/// # Errors
/// When nothing can be taken: it is not JSON, has no list of features, or does not say its hour, without which no colour is
/// worth anything.
pub fn bulletin(text: &str) -> Result<Seen, BadPayload> {
    let value = json(text)?;
    let collection = Fields::of(&value, None).map_err(BadPayload::Form)?;
    refuse_error(collection)?;
    let features = collection.list("features").map_err(BadPayload::Form)?;
    let issued_at = collection.instant("DtHrInfoVigiCru").map_err(BadPayload::Form)?;
    let reference = collection.text("RefInfoVigiCru").map_err(BadPayload::Form)?.unwrap_or_default();
    let mut seen = Seen { reference, issued_at, reaches: Vec::new(), faults: Vec::new() };
    for (place, feature) in features.iter().enumerate() {
        match reach(feature, place + 1, &mut seen.faults) {
            Ok(Some(reach)) => take(&mut seen.reaches, reach),
            Ok(None) => {}
            Err(fault) => seen.faults.push(fault),
        }
    }
    Ok(seen)
}

/// A reach in several pieces is one reach, and as dangerous as its worst.
fn take(reaches: &mut Vec<ReachSeen>, reach: ReachSeen) {
    match reaches.iter_mut().find(|known| known.code == reach.code) {
        Some(known) => known.vigilance = known.vigilance.max(reach.vigilance),
        None => reaches.push(reach),
    }
}

fn reach(feature: &Value, number: usize, faults: &mut Vec<Fault>) -> Result<Option<ReachSeen>, Fault> {
    let outer = Fields::of(feature, Some(number))?;
    let properties = outer.get("properties").ok_or_else(|| outer.fault("properties", "it is missing"))?;
    let fields = Fields::of(properties, Some(number))?;
    if fields.text("typentcru")?.is_some_and(|of| of != REACH) {
        return Ok(None);
    }
    let (code, name) = (fields.needed("CdEntCru")?, fields.needed("lbentcru")?);
    let level = fields.whole("NivInfViCr").unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let vigilance = level.and_then(Vigilance::of_level);
    if level.is_some() && vigilance.is_none() {
        faults.push(fields.fault("NivInfViCr", "it is not a level from 1 to 4"));
    }
    Ok(Some(ReachSeen {
        code,
        name,
        territory: fields.text("cdensup_1")?.unwrap_or_default(),
        geometry: outer.get("geometry").cloned(),
        vigilance,
    }))
}

/// What one station is forecast, of one quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// When it was made; none where it does not say.
    pub issued_at: Option<Timestamp>,
    /// Its instants, in order, in mm or l/s.
    pub points: Vec<ForecastPoint>,
    /// Records that were left out because they have not their form.
    pub faults: Vec<Fault>,
}

/// Reads `previsions.json`. Without an event there is none: that is no error, and no point.
///
/// # Errors
/// When it is not JSON, or the service's own error.
pub fn forecast(text: &str) -> Result<Forecast, BadPayload> {
    let value = json(text)?;
    let outer = Fields::of(&value, None).map_err(BadPayload::Form)?;
    refuse_error(outer)?;
    let mut found =
        Forecast { issued_at: field_anywhere(&value, "DtProdSimul"), points: Vec::new(), faults: Vec::new() };
    for (place, record) in records_with(&value, "DtPrev").into_iter().flatten().enumerate() {
        match point(record, place + 1) {
            Ok(point) => found.points.push(point),
            Err(fault) => found.faults.push(fault),
        }
    }
    found.points.sort_by_key(|point| point.at);
    found.points.dedup_by_key(|point| point.at);
    Ok(found)
}

fn point(record: &Value, number: usize) -> Result<ForecastPoint, Fault> {
    let fields = Fields::of(record, Some(number))?;
    let at = fields.instant("DtPrev")?;
    let thousand = |name: &'static str| {
        let value = fields.number(name)?.ok_or_else(|| fields.fault(name, "it is missing"))?;
        // Millimetres and litres, whole ones: the service gives no more.
        Ok::<_, Fault>((value * 1_000.0).round())
    };
    let point = ForecastPoint {
        at,
        low: thousand("ResMinPrev")?,
        mean: thousand("ResMoyPrev")?,
        high: thousand("ResMaxPrev")?,
    };
    if point.low <= point.mean && point.mean <= point.high {
        Ok(point)
    } else {
        Err(fields.fault("ResMoyPrev", "it is not between the least and the most"))
    }
}

/// An error of the service under status 200.
fn refuse_error(outer: Fields<'_>) -> Result<(), BadPayload> {
    if outer.get("error_msg").is_some() { Err(BadPayload::Refused) } else { Ok(()) }
}

/// The first list whose records have a field, wherever it is.
fn records_with<'a>(value: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    match value {
        Value::Array(items) => {
            let has = |item: &Value| Fields::of(item, None).is_ok_and(|fields| fields.get(name).is_some());
            if items.iter().any(has) { Some(items) } else { items.iter().find_map(|item| records_with(item, name)) }
        }
        Value::Object(map) => map.values().find_map(|item| records_with(item, name)),
        _ => None,
    }
}

fn field_anywhere(value: &Value, name: &'static str) -> Option<Timestamp> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| field_anywhere(item, name)),
        Value::Object(map) => {
            let own = Fields::of(value, None).ok().and_then(|fields| fields.instant(name).ok());
            own.or_else(|| map.values().find_map(|item| field_anywhere(item, name)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Properties that were recorded by others from the live service (Golo aval, verbatim).
    const RECORDED: &str = r#"{"CdTCC":"TCC22","id":"764","CdEntCru":"CO1","typentcru":"8","lbentcru":"Golo aval","acroentcru":"CO1","cddient_1":"FRL","dhcentcru":"2020/09/15 09:00:00.000","dhmentcru":"2020/09/15 09:00:00.000","stentcru":"Validé","cdensup_1":"26","typensup_1":"5","cdint":"1522","NivInfViCr":1}"#;

    fn collection(features: &[Value]) -> String {
        json!({
            "type": "FeatureCollection", "name": "template-vigicrues-v1.1-WGS84.geojson", "features": features,
            "RefInfoVigiCru": "26082026_10", "DtHrInfoVigiCru": "2026-08-26T10:00:00+02:00"
        })
        .to_string()
    }

    /// Shaped after the recorded properties.
    fn feature(change: &[(&str, Value)]) -> Value {
        let mut properties: Value = serde_json::from_str(RECORDED).unwrap();
        for (name, value) in change {
            properties[*name] = value.clone();
        }
        json!({"type": "Feature", "properties": properties,
               "geometry": {"type": "MultiLineString", "coordinates": [[[9.4, 42.5], [9.5, 42.5]]]}})
    }

    #[test]
    fn a_recorded_reach_is_read_with_its_colour_and_the_hour_of_its_bulletin() {
        let seen = bulletin(&collection(&[feature(&[])])).unwrap();
        assert_eq!((seen.reference.as_str(), seen.issued_at), ("26082026_10", Timestamp(1_787_731_200_000)));
        let reach = &seen.reaches[0];
        assert_eq!((reach.code.as_str(), reach.name.as_str(), reach.territory.as_str()), ("CO1", "Golo aval", "26"));
        assert_eq!((reach.vigilance, reach.geometry.is_some()), (Some(Vigilance::Green), true));
        assert!(seen.faults.is_empty());
    }

    #[test]
    fn keys_are_read_whatever_their_case_as_they_were_in_2023_and_are_now() {
        let mut old = feature(&[("NivInfViCr", json!("3")), ("cdint", Value::Null)]);
        let properties = old["properties"].as_object_mut().unwrap();
        for (now, then) in [("lbentcru", "LbEntCru"), ("typentcru", "TypEntCru"), ("cdensup_1", "CdEnSup_1")] {
            let value = properties.remove(now).unwrap();
            properties.insert(then.to_owned(), value);
        }
        let seen = bulletin(&collection(&[old])).unwrap();
        assert_eq!((seen.reaches[0].name.as_str(), seen.reaches[0].territory.as_str()), ("Golo aval", "26"));
        assert_eq!(seen.reaches[0].vigilance, Some(Vigilance::Orange));
    }

    #[test]
    fn a_level_that_cannot_be_read_is_unknown_and_told_and_never_green() {
        let seen = bulletin(&collection(&[
            feature(&[("NivInfViCr", json!(0))]),
            feature(&[("CdEntCru", json!("CO2")), ("NivInfViCr", Value::Null)]),
            feature(&[("CdEntCru", json!("CO3")), ("NivInfViCr", json!("vert"))]),
        ]))
        .unwrap();
        assert!(seen.reaches.iter().all(|reach| reach.vigilance.is_none()) && seen.reaches.len() == 3);
        let told: Vec<_> = seen.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "record 1, field NivInfViCr: it is not a level from 1 to 4",
                "record 3, field NivInfViCr: this is not a number"
            ]
        );
    }

    #[test]
    fn stations_and_territories_are_no_reaches_and_a_feature_without_its_code_is_told() {
        let seen = bulletin(&collection(&[
            feature(&[("typentcru", json!("7"))]),
            feature(&[("typentcru", json!(5))]),
            feature(&[("CdEntCru", Value::Null)]),
            json!({"type": "Feature"}),
            feature(&[("CdEntCru", json!("OK"))]),
        ]))
        .unwrap();
        assert_eq!(seen.reaches.iter().map(|reach| reach.code.as_str()).collect::<Vec<_>>(), ["OK"]);
        let told: Vec<_> = seen.faults.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["record 3, field CdEntCru: it is missing", "record 4, field properties: it is missing"]);
    }

    #[test]
    fn a_reach_in_two_pieces_is_as_dangerous_as_its_worst() {
        let seen = bulletin(&collection(&[feature(&[]), feature(&[("NivInfViCr", json!(4))]), feature(&[])])).unwrap();
        assert_eq!((seen.reaches.len(), seen.reaches[0].vigilance), (1, Some(Vigilance::Red)));
    }

    #[test]
    fn a_bulletin_without_its_hour_is_none() {
        let mut value: Value = serde_json::from_str(&collection(&[feature(&[])])).unwrap();
        value.as_object_mut().unwrap().remove("DtHrInfoVigiCru");
        assert_eq!(bulletin(&value.to_string()).unwrap_err().to_string(), "field DtHrInfoVigiCru: it is missing");
        assert!(matches!(bulletin("{\"features\": ["), Err(BadPayload::NotJson { .. })));
    }

    #[test]
    fn an_error_under_a_status_that_says_all_is_well_is_an_error() {
        let error = json!({"error_msg": "Code station inconnu", "code": 404}).to_string();
        assert_eq!(bulletin(&error), Err(BadPayload::Refused));
        assert_eq!(forecast(&error), Err(BadPayload::Refused));
    }

    #[test]
    fn a_forecast_shaped_after_the_specification_is_read_in_millimetres() {
        let text =
            json!({"Simul": {"CdStationHydro": "U132401001", "GrdSimul": "H", "DtProdSimul": "2026-11-23T18:00:00Z",
            "Prevs": [
                {"DtPrev": "2026-11-23T22:00:00Z", "ResMinPrev": 1.4, "ResMoyPrev": 1.7, "ResMaxPrev": 2.1},
                {"DtPrev": "2026-11-23T20:00:00Z", "ResMinPrev": 1.2, "ResMoyPrev": 1.5, "ResMaxPrev": 1.75},
                {"DtPrev": "2026-11-24T00:00:00Z", "ResMinPrev": 2.2, "ResMoyPrev": 1.7, "ResMaxPrev": 2.1},
                {"DtPrev": "2026-11-24T02:00:00Z", "ResMinPrev": 2.2, "ResMoyPrev": null, "ResMaxPrev": 2.1},
            ]}})
            .to_string();
        let found = forecast(&text).unwrap();
        assert_eq!(found.issued_at, Some(Timestamp(1_795_456_800_000)));
        let said: Vec<_> = found.points.iter().map(|p| (p.low, p.mean, p.high)).collect();
        assert_eq!(said, [(1_200.0, 1_500.0, 1_750.0), (1_400.0, 1_700.0, 2_100.0)]);
        let told: Vec<_> = found.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "record 3, field ResMoyPrev: it is not between the least and the most",
                "record 4, field ResMoyPrev: it is missing"
            ]
        );
    }

    #[test]
    fn without_an_event_there_is_no_forecast_and_no_error() {
        assert!(forecast(&json!({"Simul": null}).to_string()).unwrap().points.is_empty());
        assert!(forecast(&json!({"Simul": {"Prevs": []}}).to_string()).unwrap().points.is_empty());
    }
}
