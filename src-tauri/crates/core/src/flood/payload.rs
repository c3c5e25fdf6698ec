//! Reading what public services send: where something is wrong is said by line or by record and field, never by its content,
//! which may be anything.

use serde_json::{Map, Value};

use crate::time::Timestamp;

/// A payload of which nothing can be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadPayload {
    /// It is not JSON, or ends in the middle.
    #[error("line {line}, column {column}: this is not JSON")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// What everything depends on is missing or has not its form.
    #[error("{0}")]
    Form(Fault),
    /// The service answers with an error of its own, under a status that says all is well.
    #[error("the service answers with an error of its own")]
    Refused,
}

/// Something in a payload that has not its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which record, from 1; none for what surrounds them.
    pub record: Option<usize>,
    /// Which field; empty where the record itself is meant.
    pub field: &'static str,
    /// What is wrong.
    pub why: &'static str,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.record, self.field) {
            (Some(record), "") => write!(f, "record {record}: {}", self.why),
            (Some(record), field) => write!(f, "record {record}, field {field}: {}", self.why),
            (None, "") => f.write_str(self.why),
            (None, field) => write!(f, "field {field}: {}", self.why),
        }
    }
}

/// A text as JSON, with the byte order mark that some servers send before it left out.
pub(super) fn json(text: &str) -> Result<Value, BadPayload> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| BadPayload::NotJson { line: error.line(), column: error.column() })
}

/// The fields of one record. Names are looked up whatever their case: the services changed it without a word.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    record: Option<usize>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value, record: Option<usize>) -> Result<Self, Fault> {
        let map = value.as_object().ok_or(Fault { record, field: "", why: "this is not an object" })?;
        Ok(Self { map, record })
    }

    pub(super) fn fault(self, field: &'static str, why: &'static str) -> Fault {
        Fault { record: self.record, field, why }
    }

    /// A field that is there and not null.
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        let exact = self.map.get(name);
        let any_case = || self.map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        exact.or_else(any_case).filter(|value| !value.is_null())
    }

    /// A text; a number is taken as written. None when absent, null or blank.
    pub(super) fn text(self, name: &'static str) -> Result<Option<String>, Fault> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(self.fault(name, "this is not a text")),
        };
        Ok((!text.is_empty()).then_some(text))
    }

    pub(super) fn needed(self, name: &'static str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| self.fault(name, "it is missing"))
    }

    /// A finite number, also where it is written as a text. None when absent or null.
    pub(super) fn number(self, name: &'static str) -> Result<Option<f64>, Fault> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        number.filter(|number| number.is_finite()).map(Some).ok_or_else(|| self.fault(name, "this is not a number"))
    }

    /// A whole number, or none.
    pub(super) fn whole(self, name: &'static str) -> Result<Option<i64>, Fault> {
        let number = self.number(name)?;
        match number {
            Some(n) if n.fract() != 0.0 || n.abs() > 9e15 => Err(self.fault(name, "this is not a whole number")),
            number => Ok(number.map(|n| n as i64)),
        }
    }

    /// An instant that must be there: with its offset, or in UTC where it has none; milliseconds are taken as well.
    pub(super) fn instant(self, name: &'static str) -> Result<Timestamp, Fault> {
        match self.get(name) {
            None => Err(self.fault(name, "it is missing")),
            Some(Value::Number(ms)) => {
                ms.as_i64().map(Timestamp).ok_or_else(|| self.fault(name, "this is not an instant"))
            }
            Some(Value::String(text)) => instant(text).ok_or_else(|| self.fault(name, "this is not an instant")),
            Some(_) => Err(self.fault(name, "this is not an instant")),
        }
    }

    pub(super) fn list(self, name: &'static str) -> Result<&'a Vec<Value>, Fault> {
        let value = self.get(name).ok_or_else(|| self.fault(name, "it is missing"))?;
        value.as_array().ok_or_else(|| self.fault(name, "this is not a list"))
    }
}

/// An instant as ISO 8601 has it; UTC where it has no offset.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp(at.as_millisecond()));
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Some(Timestamp(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}
