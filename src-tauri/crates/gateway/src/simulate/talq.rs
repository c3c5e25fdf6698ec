//! A lighting system in the shape of TALQ: the other side of [`crate::field::talq`].

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_core::command::Params;
use vigie_core::ids::CommandId;
use vigie_core::programme::{OWN, ProgrammeKind};
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;
use vigie_metropolis::TakenProgramme;

use crate::field::calendar::Calendar;
use crate::field::heard::Nonsense;
use crate::field::plain::instant;
use crate::field::profile::{Publication, parts};
use crate::simulate::json_line::JsonLine;
use crate::simulate::side::{Order, Reached, Side};

/// See the module.
pub(super) struct Talq {
    line: JsonLine,
}

impl Talq {
    pub(super) fn new(prefix: String) -> Self {
        Self { line: JsonLine { prefix } }
    }

    fn shown(&self, reference: &str, shown: &StateReport, lost: bool) -> Publication {
        let target = shown.target.as_ref().and_then(|target| target.0.get("level"));
        let until = shown.effect_until.map(|t| t.to_string());
        let fault = shown.reading.text("fault");
        let mut said = json!({
            "observed_at": shown.observed_at.to_string(), "mode": shown.mode,
            "target": target.map(|level| json!({"level": level, "expiration": until})),
            "feedback": {"level": target},
            "actual": {"level": shown.reading.0.get("level"), "power": shown.reading.0.get("power_w")},
            "lampFailure": fault == Some("lamp"), "driverFailure": fault == Some("driver"),
            "supplyLoss": fault == Some("supply"), "communicationFailure": lost,
        });
        if let (Some(name), Some(said)) = (shown.reading.text("programme"), said.as_object_mut()) {
            said.insert("calendarID".into(), if name == OWN { Value::Null } else { name.into() });
        }
        self.line.say(reference, "state", &said)
    }
}

#[derive(Deserialize)]
struct Told {
    command_id: CommandId,
    expires_at: String,
    #[serde(default)]
    read: bool,
    #[serde(rename = "override")]
    over: Option<Override>,
    calendar: Option<Calendar>,
}

#[derive(Deserialize)]
struct Override {
    level: Value,
    expiration: String,
}

impl Side for Talq {
    fn topics(&self) -> Vec<String> {
        vec![format!("{}/+/command", self.line.prefix)]
    }

    fn will(&mut self) -> Option<Publication> {
        Some(self.line.there(false))
    }

    fn greeting(&mut self, _: &[&str], _: Timestamp) -> Vec<Publication> {
        vec![self.line.there(true)]
    }

    fn hear(&mut self, topic: &str, payload: &[u8], _: bool, _: Timestamp) -> Result<Option<Reached>, Nonsense> {
        let Some((reference, "command")) = parts(&self.line.prefix, topic) else { return Ok(None) };
        let told: Told = serde_json::from_slice(payload)?;
        let (action, params, until) = match (&told.over, &told.calendar) {
            _ if told.read => ("street_light.read", json!({}), None),
            // What it is given is a programme, whether it had it before or not.
            (None, Some(calendar)) => ("street_light.set_programme", json!({"programme": calendar.id}), None),
            (None, None) => ("street_light.to_programme", json!({}), None),
            (Some(over), _) => {
                ("street_light.set_level", json!({"level": over.level}), instant(Some(&over.expiration))?)
            }
        };
        Ok(Some(Reached::Order(Box::new(Order {
            command_id: told.command_id,
            reference: reference.to_owned(),
            action: action.to_owned(),
            params: Params::from(params),
            until,
            expires_at: instant(Some(&told.expires_at))?,
            refused: None,
            programme: told
                .calendar
                .and_then(Calendar::content)
                .map(|content| TakenProgramme { kind: ProgrammeKind::Lighting, content }),
        }))))
    }

    fn answer(&mut self, order: &Order, done: Result<(), &str>, _: Timestamp) -> Publication {
        self.line.answer(order, done)
    }

    fn state(&mut self, reference: &str, shown: &StateReport) -> Publication {
        self.shown(reference, shown, false)
    }

    fn reach(&mut self, reference: &str, there: bool, shown: &StateReport) -> Publication {
        self.shown(reference, shown, !there)
    }
}
