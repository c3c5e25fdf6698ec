//! Devices that speak plain JSON: the other side of [`crate::field::plain`].

use serde::Deserialize;
use serde_json::json;
use vigie_core::command::Params;
use vigie_core::ids::CommandId;
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;
use vigie_metropolis::TakenProgramme;

use crate::field::heard::Nonsense;
use crate::field::plain::instant;
use crate::field::profile::{Publication, parts};
use crate::simulate::side::{Order, Reached, Side};

/// See the module.
pub(super) struct Plain {
    prefix: String,
}

impl Plain {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    fn say(&self, reference: &str, leaf: &str, what: &serde_json::Value) -> Publication {
        Publication::now(format!("{}/{reference}/{leaf}", self.prefix), what.to_string())
    }
}

/// What the broker keeps of a system: that it is there, or not.
pub(super) fn online(topic: String, there: bool) -> Publication {
    Publication { topic, payload: there.to_string().into_bytes(), kept: true }
}

#[derive(Deserialize)]
struct Told {
    command_id: CommandId,
    action: String,
    params: Params,
    expires_at: String,
    effect_until: Option<String>,
    #[serde(default)]
    programme: Option<TakenProgramme>,
}

impl Side for Plain {
    fn topics(&self) -> Vec<String> {
        vec![format!("{}/+/command", self.prefix)]
    }

    fn will(&mut self) -> Option<Publication> {
        Some(online(format!("{}/online", self.prefix), false))
    }

    fn greeting(&mut self, _: &[&str], _: Timestamp) -> Vec<Publication> {
        vec![online(format!("{}/online", self.prefix), true)]
    }

    fn hear(&mut self, topic: &str, payload: &[u8], _: bool, _: Timestamp) -> Result<Option<Reached>, Nonsense> {
        let Some((reference, "command")) = parts(&self.prefix, topic) else { return Ok(None) };
        let told: Told = serde_json::from_slice(payload)?;
        Ok(Some(Reached::Order(Box::new(Order {
            command_id: told.command_id,
            reference: reference.to_owned(),
            action: told.action,
            params: told.params,
            until: instant(told.effect_until.as_deref())?,
            expires_at: instant(Some(&told.expires_at))?,
            refused: None,
            programme: told.programme,
        }))))
    }

    fn answer(&mut self, order: &Order, done: Result<(), &str>, _: Timestamp) -> Publication {
        let said = json!({"command_id": order.command_id, "done": done.is_ok(), "reason": done.err()});
        self.say(&order.reference, "answer", &said)
    }

    fn state(&mut self, reference: &str, shown: &StateReport) -> Publication {
        let said = json!({
            "observed_at": shown.observed_at.to_string(), "reading": shown.reading, "quality": shown.quality,
            "mode": shown.mode, "target": shown.target, "effect_until": shown.effect_until.map(|t| t.to_string()),
        });
        self.say(reference, "state", &said)
    }

    fn reach(&mut self, reference: &str, there: bool, _: &StateReport) -> Publication {
        online(format!("{}/{reference}/online", self.prefix), there)
    }
}
