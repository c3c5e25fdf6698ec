//! The device's side of the profiles: reads an order, writes an answer and a state.

use serde_json::{Value, json};
use vigie_core::command::Params;
use vigie_core::ids::CommandId;
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;

use crate::field::config::Spoken;
use crate::field::plain::instant;

/// An order as a device reads it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub id: CommandId,
    pub action: String,
    pub params: Params,
    /// None where the protocol has no life: the gateway alone keeps it.
    pub expires_at: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

fn at(value: &Value) -> Option<Timestamp> {
    instant(value.as_str()).ok().flatten()
}

/// Reads an order; none when it is no order of this profile.
pub(super) fn order(spoken: Spoken, payload: &[u8], now: Timestamp) -> Option<Told> {
    let told: Value = serde_json::from_slice(payload).ok()?;
    match spoken {
        Spoken::Plain => Some(Told {
            id: serde_json::from_value(told.get("command_id")?.clone()).ok()?,
            action: told.get("action")?.as_str()?.to_owned(),
            params: Params::from(told.get("params")?.clone()),
            expires_at: at(told.get("expires_at")?),
            until: told.get("effect_until").and_then(at),
        }),
        Spoken::Talq => {
            let id = serde_json::from_value(told.get("command_id")?.clone()).ok()?;
            let expires_at = at(told.get("expires_at")?);
            let (action, params, until) = match (told.get("read"), told.get("override")) {
                (Some(_), _) => ("read", Params::default(), None),
                (_, Some(Value::Null)) => ("to_programme", Params::default(), None),
                (_, Some(lasting)) => {
                    ("set_level", Params::from(json!({"level": lasting.get("level")?})), at(lasting.get("expiration")?))
                }
                _ => return None,
            };
            Some(Told { id, action: format!("street_light.{action}"), params, expires_at, until })
        }
        Spoken::Rsmp => rsmp(&told, now),
        Spoken::Sparkplug => None,
    }
}

fn rsmp(told: &Value, now: Timestamp) -> Option<Told> {
    let id = serde_json::from_value(told.get("mId")?.clone()).ok()?;
    let expires_at = told.get("expires").and_then(at);
    let order = |action: &str, params: Value, until: Option<Timestamp>| {
        Some(Told { id, action: format!("signal_junction.{action}"), params: Params::from(params), expires_at, until })
    };
    if told.get("type")?.as_str()? == "StatusRequest" {
        return order("read", json!({}), None);
    }
    let arg = told.get("arg")?.as_array()?;
    let value = |name: &str| arg.iter().find(|a| a.get("n").and_then(Value::as_str) == Some(name))?.get("v")?.as_str();
    let minutes = value("timeout").and_then(|m| m.parse::<u64>().ok()).unwrap_or(0);
    let until = (minutes > 0).then(|| now.plus(std::time::Duration::from_secs(minutes * 60)));
    match (arg.first()?.get("cCI")?.as_str()?, value("status")?) {
        ("M0001", "YellowFlash") => order("flash", json!({}), until),
        ("M0001", "Dark") => order("dark", json!({}), until),
        ("M0001", "NormalControl") | ("M0002", "False") => order("to_programme", json!({}), None),
        ("M0002", "True") => order("set_plan", json!({"plan": value("timeplan")?.parse::<i64>().ok()?}), None),
        _ => None,
    }
}

/// A device's answer.
pub(super) fn answer(spoken: Spoken, reference: &str, told: &Told, done: Result<(), &'static str>) -> Value {
    match spoken {
        Spoken::Rsmp if told.action == "signal_junction.read" => {
            json!({"mType": "rSMsg", "type": "StatusResponse", "mId": told.id, "cId": reference})
        }
        Spoken::Rsmp => {
            let age = if done.is_ok() { "recent" } else { "undefined" };
            let values = json!([{"cCI": "M0001", "n": "status", "v": "", "age": age}]);
            json!({"mType": "rSMsg", "type": "CommandResponse", "mId": told.id, "cId": reference, "rvs": values})
        }
        Spoken::Plain | Spoken::Talq | Spoken::Sparkplug => match done {
            Ok(()) => json!({"command_id": told.id, "done": true}),
            Err(reason) => json!({"command_id": told.id, "done": false, "reason": reason}),
        },
    }
}

/// What a device shows.
pub(super) fn state(spoken: Spoken, reference: &str, shown: &StateReport) -> Value {
    let until = shown.effect_until.map(|until| until.to_string());
    match spoken {
        Spoken::Talq => {
            let level = shown.reading.0.get("level").cloned().unwrap_or(json!(0));
            let told = shown.target.as_ref().and_then(|target| target.0.get("level"));
            let fails = |fault: &str| shown.reading.text("fault") == Some(fault);
            json!({
                "observed_at": shown.observed_at.to_string(), "mode": shown.mode,
                "target": told.map(|level| json!({"level": level, "expiration": until})),
                "feedback": told.map(|level| json!({"level": level})),
                "actual": {"level": level, "power": shown.reading.0.get("power_w")},
                "lampFailure": fails("lamp"), "driverFailure": fails("driver"), "supplyLoss": fails("supply"),
            })
        }
        Spoken::Rsmp => {
            let aspect = shown.reading.text("aspect").unwrap_or("normal");
            let plan = shown.reading.number("plan").unwrap_or(1.0);
            let fault = shown.reading.text("fault").is_some();
            let status = |code: &str, value: String| json!({"sCI": code, "n": "status", "s": value, "q": "recent"});
            let yes = |on: bool| if on { "True" } else { "False" }.to_owned();
            json!({
                "mType": "rSMsg", "type": "StatusUpdate", "cId": reference, "sTs": shown.observed_at.to_string(),
                "target": shown.target, "effect_until": until,
                "sS": [
                    status("S0007", yes(aspect != "dark")), status("S0011", yes(aspect == "flashing")),
                    status("S0012", yes(aspect == "all_red")), status("S0014", format!("{plan:.0}")),
                    status("S0005", yes(fault)), status("S0008", yes(false)),
                ],
            })
        }
        Spoken::Plain | Spoken::Sparkplug => json!({
            "observed_at": shown.observed_at.to_string(), "reading": shown.reading, "quality": shown.quality,
            "mode": shown.mode, "target": shown.target, "effect_until": until,
        }),
    }
}
