//! Maps: a GeoJSON `FeatureCollection` (RFC 7946), whose features are read one after the other.

use std::cell::Cell;
use std::fmt;
use std::io::{Read, Write};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};
use vigie_core::inventory::{Crs, Record, Refusal};

use crate::format::{Broken, Found};

/// Reads a collection.
pub(super) fn read(bytes: impl Read, crs: Option<Crs>, each: impl FnMut(Found) -> bool) -> Result<(), Broken> {
    let line = Cell::new(1);
    let bytes = Counted { bytes, line: &line };
    let mut json = serde_json::Deserializer::from_reader(bytes);
    let mut collection = Collection { line: &line, said: crs, crs: crs.unwrap_or(Crs::Wgs84), each, going: true };
    let met = json.deserialize_map(&mut collection);
    match met {
        Err(_) if !collection.going => Ok(()),
        Err(error) => Err(Broken { line: line.get(), why: error.to_string() }),
        Ok(false) => {
            Err(Broken { line: line.get(), why: "there is no list of features: a FeatureCollection is needed".into() })
        }
        Ok(true) => json.end().map_err(|error| Broken { line: line.get(), why: error.to_string() }),
    }
}

/// Bytes whose ends of lines are counted as they are read; the reader of JSON takes them one by one.
struct Counted<'a, R> {
    bytes: R,
    line: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        let ends = into.iter().take(read).filter(|b| **b == b'\n').count();
        self.line.set(self.line.get().saturating_add(u64::try_from(ends).unwrap_or(u64::MAX)));
        Ok(read)
    }
}

struct Collection<'a, F> {
    line: &'a Cell<u64>,
    /// What the caller said: stronger than the file.
    said: Option<Crs>,
    crs: Crs,
    each: F,
    going: bool,
}

impl<'de, F: FnMut(Found) -> bool> Visitor<'de> for &mut Collection<'_, F> {
    /// Whether there were features.
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let mut met = false;
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "features" => {
                    members.next_value_seed(Features(&mut *self))?;
                    met = true;
                }
                "crs" => {
                    let crs = crs_of(&members.next_value::<Value>()?).map_err(serde::de::Error::custom)?;
                    if met && self.said.is_none() && crs != self.crs {
                        return Err(serde::de::Error::custom("crs stands after the features: say --crs instead"));
                    }
                    self.crs = self.said.unwrap_or(crs);
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(met)
    }
}

/// The list of features.
struct Features<'c, 'a, F>(&'c mut Collection<'a, F>);

impl<'de, F: FnMut(Found) -> bool> DeserializeSeed<'de> for Features<'_, '_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Found) -> bool> Visitor<'de> for Features<'_, '_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<(), A::Error> {
        while let Some((line, feature)) = features.next_element_seed(Feature(self.0.line))? {
            self.0.going = (self.0.each)(Found { line, crs: self.0.crs, record: record(feature) });
            if !self.0.going {
                return Err(serde::de::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }
}

/// A feature with the line on which it begins: its first byte was just read.
struct Feature<'a>(&'a Cell<u64>);

impl<'de> DeserializeSeed<'de> for Feature<'_> {
    type Value = (u64, Value);

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let line = self.0.get();
        serde::Deserialize::deserialize(json).map(|value| (line, value))
    }
}

/// The reference system that a member `crs` names (of the 2008 format; still written by desktop GIS).
fn crs_of(member: &Value) -> Result<Crs, String> {
    let Some(name) = member.pointer("/properties/name").and_then(Value::as_str) else { return Ok(Crs::Wgs84) };
    match name.rsplit(':').next() {
        Some("2154") => Ok(Crs::Lambert93),
        Some("4326" | "CRS84") => Ok(Crs::Wgs84),
        _ => Err(format!("the file is in {name}: export it in WGS 84 or Lambert-93")),
    }
}

fn record(feature: Value) -> Result<Record, Refusal> {
    let Value::Object(mut feature) = feature else { return Err(Refusal::Malformed("a feature")) };
    match feature.remove("properties") {
        Some(Value::Object(fields)) => {
            Ok(Record { fields, geometry: Some(feature.remove("geometry").unwrap_or(Value::Null)) })
        }
        _ => Err(Refusal::Malformed("a feature with properties")),
    }
}

/// Writes a collection, a feature a line.
pub(crate) struct GeoJsonWriter<W: Write> {
    to: W,
    first: bool,
}

impl<W: Write> GeoJsonWriter<W> {
    /// Begins the collection.
    pub(crate) fn new(mut to: W) -> std::io::Result<Self> {
        to.write_all(b"{\"type\": \"FeatureCollection\", \"features\": [")?;
        Ok(Self { to, first: true })
    }

    /// Adds a feature.
    pub(crate) fn add(&mut self, geometry: &Value, properties: &Map<String, Value>) -> std::io::Result<()> {
        self.to.write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        let feature = json!({"type": "Feature", "geometry": geometry, "properties": properties});
        Ok(serde_json::to_writer(&mut self.to, &feature)?)
    }

    /// Ends the collection.
    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        self.to.write_all(b"\n]}\n")?;
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(u64, Crs, bool)>, Broken> {
        let mut found = Vec::new();
        read(text.as_bytes(), None, |f| {
            found.push((f.line, f.crs, f.record.is_ok()));
            true
        })?;
        Ok(found)
    }

    #[test]
    fn each_feature_has_the_line_on_which_it_begins() {
        let text = "{\"type\": \"FeatureCollection\",\n\"features\": [\n\n  {\"properties\":\n {}},{\"properties\": {}},\n 7 ]\n}\n";
        assert_eq!(all(text), Ok(vec![(4, Crs::Wgs84, true), (5, Crs::Wgs84, true), (6, Crs::Wgs84, false)]));
    }

    #[test]
    fn a_file_says_itself_that_it_is_in_lambert_93() {
        let crs = r#""crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}"#;
        let features = r#""features": [{"properties": {}}]"#;
        assert_eq!(all(&format!("{{{crs}, {features}}}")), Ok(vec![(1, Crs::Lambert93, true)]));
        assert!(all(&format!("{{{features}, {crs}}}")).unwrap_err().why.contains("--crs"));
        let other = crs.replace("2154", "3945");
        assert!(all(&format!("{{{other}, {features}}}")).unwrap_err().why.contains("WGS 84 or Lambert-93"));
    }

    #[test]
    fn what_is_no_collection_is_broken_at_its_line() {
        assert_eq!(all("{\n\"features\": [\n{]").unwrap_err().line, 3);
        assert!(all("{\"type\": \"Feature\"}").unwrap_err().why.contains("FeatureCollection"));
        assert!(all("[]").is_err() && all("").is_err());
    }
}
