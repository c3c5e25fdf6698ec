//! What an object reports, and how far that can be trusted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an object reports: a flat JSON object whose keys depend on the kind.
///
/// | kind | keys (units) |
/// |---|---|
/// | `street_light` | `level` (%), `power_w`, `fault` (null, `lamp`, `driver`, `supply`) |
/// | `signal_junction` | `aspect` (`normal`, `flashing`, `all_red`, `dark`), `plan` (number), `fault` (null, `lamp`, `controller`) |
/// | `camera` | `picture` (`live`, `frozen`, `none`), `fault` |
/// | `gauge` | `height_mm`, `flow_l_s` (null when not measured), `trend_mm_h` |
/// | `container` | `fill` (%), `temperature_c`, `fault` (null, `sensor`, `fire`) |
/// | `bollard` | `position` (`up`, `down`, `moving`), `fault` |
/// | `building` | `heating_c`, `fire`, `intrusion`, `lift` (booleans: alarm present), `fault` |
/// | `message_sign` | `text` (null when blank), `fault` |
/// | `pump` | `running`, `fault` |
/// | `cabinet` | `supply` (false: without supply), `door` (`closed`, `open`), `fault` (null, `breaker`) |
/// | `substation` | `supply` |
///
/// A light or a junction that was given a programme says which under `programme`: a name as [`crate::programme::ProgrammeRef`]
/// spells it, `own` for the one built into it.
///
/// Any device that raises alarms itself lists them under `alarms`: `[{"code": "A0010", "priority": 2}]`.
///
/// Keys that a command sets are named like the command's parameters, so that "confirmed by the state" is containment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "std::collections::HashMap<String, serde_json::Value>"))]
pub struct Reading(pub Map<String, Value>);

impl Reading {
    /// A number by key.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key).and_then(Value::as_f64)
    }

    /// A text by key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// A flag by key, false when absent.
    pub fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether every key of `expected` is here with the same value (`jsonb @>` on a flat object).
    pub fn contains(&self, expected: &Map<String, Value>) -> bool {
        expected.iter().all(|(key, value)| match (self.0.get(key), value) {
            (Some(Value::Number(a)), Value::Number(b)) => a.as_f64() == b.as_f64(),
            (found, value) => found == Some(value),
        })
    }
}

impl From<Value> for Reading {
    /// An object as it is; anything else is an empty reading.
    fn from(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }
}

crate::table::codes! {
    /// How far a reading can be trusted.
    Quality {
        /// Measured and plausible.
        Good = "good",
        /// Measured, doubtful.
        Uncertain = "uncertain",
        /// The device says it cannot be trusted.
        Bad = "bad",
        /// Never seen.
        Never = "never",
    }
}

crate::table::codes! {
    /// Which part of the chain metropolis – gateway – device answers.
    Reach {
        /// The device answers.
        Reachable = "reachable",
        /// Its gateway is silent.
        GatewayLost = "gateway_lost",
        /// The gateway answers, the device does not.
        DeviceLost = "device_lost",
    }
}

crate::table::codes! {
    /// Who decides what the object does.
    Mode {
        /// Its programme or plan.
        Programme = "programme",
        /// A bounded override from a desk.
        Override = "override",
        /// Someone at the cabinet.
        Manual = "manual",
        /// Taken out of service.
        OutOfService = "out_of_service",
    }
}
