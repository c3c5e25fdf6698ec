//! The order itself: what a desk sends, complete enough to be refused by anyone on the way (R2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::command::Sole;
use crate::ids::{CommandId, DeskId, EquipmentId, RequestId, ShiftId};
use crate::time::Timestamp;

/// Absolute parameters of an action: a flat JSON object, keys as in the object's reading.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "std::collections::HashMap<String, serde_json::Value>"))]
pub struct Params(pub Map<String, Value>);

impl Params {
    /// A number by key.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key).and_then(Value::as_f64)
    }

    /// A text by key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }
}

impl From<Value> for Params {
    /// An object as it is; anything else is empty.
    fn from(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }
}

/// The state its author saw when he operated (R2, R4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Seen {
    /// The reading shown; empty when never seen.
    pub reading: crate::equipment::Reading,
    /// When it was measured.
    pub observed_at: Option<Timestamp>,
    /// Its version.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub version: i64,
    /// The precondition.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub control_version: i64,
}

/// A command as its author operated it: the payload of a `command` submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandOrder {
    /// UUIDv7 made by the desk.
    pub command_id: CommandId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Stamped when the operator operates, in the metropolis's time.
    pub issued_at: Timestamp,
    /// Refused by everyone after this.
    pub expires_at: Timestamp,
    /// End of the override; required where the action has a lasting effect.
    pub effect_until: Option<Timestamp>,
    /// The author's shift.
    pub shift_id: ShiftId,
    /// The desk he holds.
    pub desk_id: DeskId,
    /// Why; required without visibility.
    pub reason: String,
    /// What he saw.
    pub seen: Seen,
    /// Asked knowing that the value is stale, unreachable or was never seen.
    pub without_visibility: bool,
    /// With whom: the approval it names, or the words of one who operates alone.
    #[serde(default, skip_serializing_if = "Procedure::is_plain")]
    pub procedure: Procedure,
}

/// How an order stands towards a second person (R7, R8).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Procedure {
    /// The request that a second person approved; of one who operates alone, the request that nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<RequestId>,
    /// Operated alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sole: Option<Sole>,
}

impl Procedure {
    /// Nobody was asked and nobody need be.
    pub const fn is_plain(&self) -> bool {
        self.approval_id.is_none() && self.sole.is_none()
    }
}
