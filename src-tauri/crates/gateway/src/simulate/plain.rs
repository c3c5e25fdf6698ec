//! Devices that speak plain JSON: the other side of [`crate::field::plain`].

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use vigie_core::command::{LIVE_STOP, Motion, Params};
use vigie_core::ids::{CommandId, LiveId};
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;
use vigie_metropolis::TakenProgramme;

use crate::field::heard::Nonsense;
use crate::field::plain::instant;
use crate::field::profile::{Publication, parts};
use crate::simulate::json_line::{JsonLine, online};
use crate::simulate::side::{Live, Order, Reached, Side};

/// See the module.
pub(super) struct Plain {
    line: JsonLine,
}

impl Plain {
    pub(super) fn new(prefix: String) -> Self {
        Self { line: JsonLine { prefix } }
    }
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

#[derive(Deserialize)]
struct Held {
    live_id: LiveId,
    seq: i64,
    #[serde(default)]
    pan: i8,
    #[serde(default)]
    tilt: i8,
    #[serde(default)]
    zoom: i8,
    #[serde(default)]
    stop: bool,
    until: String,
    #[serde(default)]
    for_ms: u64,
}

impl Side for Plain {
    fn topics(&self) -> Vec<String> {
        vec![format!("{}/+/command", self.line.prefix), format!("{}/+/live", self.line.prefix)]
    }

    fn will(&mut self) -> Option<Publication> {
        Some(self.line.there(false))
    }

    fn greeting(&mut self, _: &[&str], _: Timestamp) -> Vec<Publication> {
        vec![self.line.there(true)]
    }

    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool, _: Timestamp) -> Result<Option<Reached>, Nonsense> {
        let Some((reference, leaf @ ("command" | "live"))) = parts(&self.line.prefix, topic) else { return Ok(None) };
        if leaf == "live" {
            let held: Held = serde_json::from_slice(payload)?;
            let Some(until) = instant(Some(&held.until))?.filter(|_| !kept) else { return Ok(None) };
            let motion = Motion { pan: held.pan, tilt: held.tilt, zoom: held.zoom };
            return Ok(Some(Reached::Live(Live {
                live_id: held.live_id,
                reference: reference.to_owned(),
                seq: held.seq,
                motion: if held.stop { Motion::default() } else { motion },
                until,
                lasts: Duration::from_millis(held.for_ms).min(LIVE_STOP),
            })));
        }
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
        self.line.answer(order, done)
    }

    fn state(&mut self, reference: &str, shown: &StateReport) -> Publication {
        let said = json!({
            "observed_at": shown.observed_at.to_string(), "reading": shown.reading, "quality": shown.quality,
            "mode": shown.mode, "target": shown.target, "effect_until": shown.effect_until.map(|t| t.to_string()),
        });
        self.line.say(reference, "state", &said)
    }

    fn reach(&mut self, reference: &str, there: bool, _: &StateReport) -> Publication {
        online(format!("{}/{reference}/online", self.line.prefix), there)
    }
}
