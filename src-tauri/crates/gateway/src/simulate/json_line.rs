//! What the devices of lines that speak JSON, one object a message, have in common.

use serde_json::{Value, json};

use crate::field::profile::Publication;
use crate::simulate::side::Order;

/// A line by its prefix.
pub(super) struct JsonLine {
    pub(super) prefix: String,
}

impl JsonLine {
    /// Something that a device says.
    pub(super) fn say(&self, reference: &str, leaf: &str, what: &Value) -> Publication {
        Publication::now(format!("{}/{reference}/{leaf}", self.prefix), what.to_string())
    }

    /// Whether the system is there: what the broker keeps of it.
    pub(super) fn there(&self, there: bool) -> Publication {
        online(format!("{}/online", self.prefix), there)
    }

    /// A device's answer.
    pub(super) fn answer(&self, order: &Order, done: Result<(), &str>) -> Publication {
        let said = json!({"command_id": order.command_id, "done": done.is_ok(), "reason": done.err()});
        self.say(&order.reference, "answer", &said)
    }
}

/// What the broker keeps of a system or a device: that it is there, or not.
pub(super) fn online(topic: String, there: bool) -> Publication {
    Publication { topic, payload: there.to_string().into_bytes(), kept: true }
}
