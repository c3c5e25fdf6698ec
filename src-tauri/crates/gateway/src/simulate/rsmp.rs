//! Signal controllers in the shape of RSMP: the other side of [`crate::field::rsmp`].
//!
//! A position (M0001) ends by its `timeout`; a plan (M0002) holds until it is told otherwise.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_core::command::Params;
use vigie_core::equipment::Mode;
use vigie_core::ids::CommandId;
use vigie_core::programme::ProgrammeKind;
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;
use vigie_metropolis::TakenProgramme;

use crate::field::heard::Nonsense;
use crate::field::plain::instant;
use crate::field::profile::{Publication, parts};
use crate::field::tables::Tables;
use crate::simulate::json_line::online;
use crate::simulate::side::{Order, Reached, Side};

/// See the module.
pub(super) struct Rsmp {
    prefix: String,
    security_code: String,
}

impl Rsmp {
    pub(super) fn new(prefix: String, security_code: String) -> Self {
        Self { prefix, security_code }
    }

    fn online(&self, reference: &str, there: bool) -> Publication {
        online(format!("{}/{reference}/online", self.prefix), there)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "type")]
    kind: String,
    m_id: CommandId,
    c_id: String,
    expires: Option<String>,
    #[serde(default)]
    arg: Vec<Argument>,
    programme: Option<String>,
}

#[derive(Deserialize)]
struct Argument {
    #[serde(rename = "cCI")]
    code: String,
    n: String,
    v: String,
}

impl Request {
    fn value(&self, name: &str) -> Option<&str> {
        self.arg.iter().find(|arg| arg.n == name).map(|arg| arg.v.as_str())
    }

    /// The programme that its tables are.
    fn brings(&self) -> Option<TakenProgramme> {
        let table =
            |code: &str| self.arg.iter().find(|arg| arg.code == code && arg.n == "status").map(|arg| arg.v.clone());
        let tables = Tables { week: table("M0016")?, times: table("M0017")? };
        Some(TakenProgramme { kind: ProgrammeKind::Signals, content: tables.content()? })
    }

    /// What a request for a command comes to: the action, its parameters, its end; none ends a plan.
    fn asks(&self, now: Timestamp) -> Option<(&'static str, Value, Option<Timestamp>)> {
        let minutes: u64 = self.value("timeout").and_then(|minutes| minutes.parse().ok()).unwrap_or(0);
        let until = (minutes > 0).then(|| now.plus(Duration::from_secs(minutes * 60)));
        match (self.arg.first()?.code.as_str(), self.value("status")?) {
            ("M0001", "YellowFlash") => Some(("signal_junction.flash", json!({}), until)),
            ("M0001", "Dark") => Some(("signal_junction.dark", json!({}), until)),
            ("M0001", "NormalControl") => Some(("signal_junction.to_programme", json!({}), None)),
            ("M0002", "True") => {
                let plan: i64 = self.value("timeplan")?.parse().ok()?;
                Some(("signal_junction.set_plan", json!({ "plan": plan }), None))
            }
            ("M0016", _) => {
                Some(("signal_junction.set_programme", json!({"programme": self.programme.as_ref()?}), None))
            }
            _ => None,
        }
    }
}

impl Side for Rsmp {
    fn topics(&self) -> Vec<String> {
        vec![format!("{}/+/command", self.prefix)]
    }

    fn greeting(&mut self, references: &[&str], _: Timestamp) -> Vec<Publication> {
        references.iter().map(|reference| self.online(reference, true)).collect()
    }

    fn hear(&mut self, topic: &str, payload: &[u8], _: bool, now: Timestamp) -> Result<Option<Reached>, Nonsense> {
        let Some((reference, "command")) = parts(&self.prefix, topic) else { return Ok(None) };
        let request: Request = serde_json::from_slice(payload)?;
        if request.c_id != reference {
            return Err(Nonsense("not a request to this controller".into()));
        }
        let reference = reference.to_owned();
        let code = |name: &str| request.arg.first().is_some_and(|arg| arg.code == name);
        if code("M0002") && request.value("status") == Some("False") {
            return Ok(Some(Reached::End { command_id: request.m_id, reference }));
        }
        let asked = match request.kind.as_str() {
            "StatusRequest" => Some(("signal_junction.read", json!({}), None)),
            "CommandRequest" => request.asks(now),
            _ => None,
        };
        let (action, params, until) =
            asked.ok_or_else(|| Nonsense("neither M0001, M0002 nor a request for status".into()))?;
        let wrong_code = request.kind == "CommandRequest" && request.value("securityCode") != Some(&self.security_code);
        Ok(Some(Reached::Order(Box::new(Order {
            command_id: request.m_id,
            reference,
            action: action.to_owned(),
            params: Params::from(params),
            until,
            expires_at: instant(request.expires.as_deref())?,
            refused: wrong_code.then_some("not_taken"),
            programme: request.brings(),
        }))))
    }

    fn answer(&mut self, order: &Order, done: Result<(), &str>, now: Timestamp) -> Publication {
        let asks = order.action == "signal_junction.read" && done.is_ok();
        let code = match order.action.as_str() {
            "signal_junction.set_plan" => "M0002",
            "signal_junction.set_programme" => "M0016",
            _ => "M0001",
        };
        let age = if done.is_ok() { "recent" } else { "undefined" };
        let said = json!({
            "mType": "rSMsg", "type": if asks { "StatusResponse" } else { "CommandResponse" },
            "mId": order.command_id, "cId": order.reference, "cTS": now.to_string(),
            "rvs": if asks { json!([]) } else { json!([{"cCI": code, "n": "status", "v": "", "age": age}]) },
        });
        Publication::now(format!("{}/{}/answer", self.prefix, order.reference), said.to_string())
    }

    fn state(&mut self, reference: &str, shown: &StateReport) -> Publication {
        let aspect = shown.reading.text("aspect").unwrap_or("normal");
        let truth = |is: bool| if is { "True" } else { "False" }.to_owned();
        let plan = shown.reading.number("plan").unwrap_or(1.0) as i64;
        let values = [
            ("S0007", truth(aspect != "dark")),
            ("S0011", truth(aspect == "flashing")),
            ("S0012", truth(aspect == "all_red")),
            ("S0014", plan.to_string()),
            ("S0005", truth(shown.reading.text("fault").is_some())),
            ("S0008", truth(shown.mode == Mode::Manual)),
        ];
        let status = |(code, s): &(&str, String)| json!({"sCI": code, "n": "status", "s": s, "q": "recent"});
        let said = json!({
            "mType": "rSMsg", "type": "StatusUpdate", "cId": reference, "sTs": shown.observed_at.to_string(),
            "sS": values.iter().map(status).collect::<Vec<_>>(),
            "target": shown.target, "effectUntil": shown.effect_until.map(|t| t.to_string()),
            "programme": shown.reading.text("programme"),
        });
        Publication::now(format!("{}/{reference}/state", self.prefix), said.to_string())
    }

    fn reach(&mut self, reference: &str, there: bool, _: &StateReport) -> Publication {
        self.online(reference, there)
    }
}
