//! What any format gives of one record.

use serde_json::{Map, Value};

use crate::inventory::Refusal;

/// Names that say what an object is and where. Every other name is an attribute.
pub const RESERVED: &[&str] =
    &["reference", "name", "kind", "insee_code", "service", "street", "lon", "lat", "x", "y", "outline"];

/// A line of a table or a feature of a map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// Columns or properties by name.
    pub fields: Map<String, Value>,
    /// The feature's geometry; none in a table, where columns say it.
    pub geometry: Option<Value>,
}

impl Record {
    /// A field as text without the blanks around it; a number is taken as written. None when absent or empty.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.fields.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A field that must be there.
    pub(super) fn needed(&self, name: &'static str) -> Result<String, Refusal> {
        self.text(name).ok_or(Refusal::Missing(name))
    }

    /// A number that must be there; a decimal comma is taken.
    pub(super) fn number(&self, name: &'static str) -> Result<f64, Refusal> {
        if let Some(Value::Number(number)) = self.fields.get(name) {
            return number.as_f64().ok_or_else(|| Refusal::NotANumber(name, number.to_string()));
        }
        let text = self.needed(name)?;
        number_of(&text).ok_or(Refusal::NotANumber(name, text))
    }

    /// Whether a text somewhere holds the character NUL, which the metropolis cannot store.
    pub(super) fn holds_nul(&self) -> bool {
        self.fields.iter().any(|(name, value)| name.contains('\0') || nul_in(value))
    }

    /// Everything that is not a reserved name.
    pub(super) fn attributes(&self) -> Map<String, Value> {
        let own = |name: &str| !RESERVED.contains(&name);
        self.fields.iter().filter(|(name, _)| own(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn nul_in(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(nul_in),
        Value::Object(map) => map.iter().any(|(name, value)| name.contains('\0') || nul_in(value)),
        _ => false,
    }
}

/// A finite number, with a decimal point or a decimal comma.
pub(super) fn number_of(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite())
}
