//! Signal junctions in the shape of RSMP 3 with the signal exchange list for traffic light controllers: command requests
//! M0001 (functional position), M0002 (time plan), M0016 and M0017 (week and time tables: a programme), status S0011, S0007,
//! S0012 and S0014.
//!
//! | topic | who | what |
//! |---|---|---|
//! | `prefix/REFERENCE/command` | gateway | `CommandRequest`, `StatusRequest` |
//! | `prefix/REFERENCE/answer` | controller | `CommandResponse`, `StatusResponse` |
//! | `prefix/REFERENCE/state` | controller, may be kept | `StatusUpdate` |
//! | `prefix/REFERENCE/online` | controller, kept, last will | `true` or `false` |
//!
//! All values are JSON strings, as RSMP has it. M0001 carries a `timeout` in minutes, after which the controller goes back
//! by itself (`0` would mean never: it is never sent); M0002 has none, so the gateway ends a plan itself (R3). RSMP's own
//! responses carry no identifier of the request: our messages keep its `mId`. Its tables have no name: a request for a
//! programme and a status carry one beside (`programme`); empty tables give the controller back to its own.
//!
//! Source: RSMP specification 3.2 and RSMP SXL for traffic light controllers 1.2; the transport is ours.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vigie_core::command::Params;
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::CommandId;
use vigie_core::programme::{OWN, today};
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::heard::{Heard, Nonsense, Shown};
use crate::field::plain::{instant, online};
use crate::field::profile::{Profile, Publication, Unsayable, parts};
use crate::field::tables::Tables;

/// See the module.
pub(crate) struct Rsmp {
    prefix: String,
    security_code: String,
}

impl Rsmp {
    pub(crate) fn new(prefix: String, security_code: String) -> Self {
        Self { prefix, security_code }
    }

    fn request(&self, order: &Taken, code: &str, values: &[(&str, String)], expires: Option<Timestamp>) -> Publication {
        let arg = |(name, value): &(&str, String)| json!({"cCI": code, "n": name, "cO": "setValue", "v": value});
        let told = json!({
            "mType": "rSMsg", "type": "CommandRequest", "mId": order.command_id, "ntsOId": order.reference, "xNId": "",
            "cId": order.reference, "cTS": order.issued_at.to_string(), "expires": expires.map(|t| t.to_string()),
            "arg": values.iter().map(arg).collect::<Vec<_>>(),
        });
        Publication::now(format!("{}/{}/command", self.prefix, order.reference), told.to_string())
    }

    fn position(&self, order: &Taken, status: &str, minutes: i64) -> Publication {
        let values = [
            ("status", status.to_owned()),
            ("securityCode", self.security_code.clone()),
            ("timeout", minutes.to_string()),
            ("intersection", "0".to_owned()),
        ];
        self.request(order, "M0001", &values, Some(order.expires_at))
    }

    fn programme(&self, order: &Taken) -> Result<Publication, Unsayable> {
        let tables = match (order.params.text("programme"), &order.programme) {
            (_, Some(told)) => Tables::of(&told.content, today(order.issued_at))?,
            (Some(OWN), None) => Tables { week: String::new(), times: String::new() },
            _ => return Err(Unsayable("a programme that is not there")),
        };
        let arg = |code: &str, name: &str, value: &str| json!({"cCI": code, "n": name, "cO": "setValue", "v": value});
        let told = json!({
            "mType": "rSMsg", "type": "CommandRequest", "mId": order.command_id, "ntsOId": order.reference, "xNId": "",
            "cId": order.reference, "cTS": order.issued_at.to_string(), "expires": order.expires_at.to_string(),
            "arg": [
                arg("M0016", "status", &tables.week), arg("M0016", "securityCode", &self.security_code),
                arg("M0017", "status", &tables.times), arg("M0017", "securityCode", &self.security_code),
            ],
            "programme": order.params.text("programme"),
        });
        Ok(Publication::now(format!("{}/{}/command", self.prefix, order.reference), told.to_string()))
    }

    fn statuses(&self, order: &Taken) -> Publication {
        let ask = |code: &&str| json!({"sCI": code, "n": "status"});
        let told = json!({
            "mType": "rSMsg", "type": "StatusRequest", "mId": order.command_id, "ntsOId": order.reference, "xNId": "",
            "cId": order.reference, "sS": STATUSES.iter().map(ask).collect::<Vec<_>>(),
        });
        Publication::now(format!("{}/{}/command", self.prefix, order.reference), told.to_string())
    }

    fn plan(&self, order: &Taken, plan: Option<i64>) -> Publication {
        let values = [
            // False: the controller's own programme decides again.
            ("status", if plan.is_some() { "True" } else { "False" }.to_owned()),
            ("securityCode", self.security_code.clone()),
            ("timeplan", plan.unwrap_or(1).to_string()),
        ];
        // The life of the order is long over when its effect ends: an end has none.
        self.request(order, "M0002", &values, plan.map(|_| order.expires_at))
    }
}

/// The longest name of a programme that is taken, in bytes.
const NAME_MOST: usize = 80;

/// Switched on, flashing, all red, plan, start-up, manual at the cabinet.
const STATUSES: &[&str] = &["S0007", "S0011", "S0012", "S0014", "S0005", "S0008"];

/// Whole minutes until the end, one at least: never `0`, which would last for ever.
fn minutes(order: &Taken) -> Result<i64, Unsayable> {
    let until = order.effect_until.ok_or(Unsayable("an override has an end"))?;
    Ok((until.since(order.issued_at).as_secs() / 60).max(1) as i64)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    m_type: String,
    #[serde(rename = "type")]
    kind: String,
    m_id: CommandId,
    c_id: String,
    #[serde(default)]
    rvs: Vec<Returned>,
}

#[derive(Deserialize)]
struct Returned {
    /// `recent`, or why there is no value: `undefined`, `unknown`.
    age: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    m_type: String,
    #[serde(rename = "type")]
    kind: String,
    c_id: String,
    #[serde(rename = "sTs")]
    at: String,
    #[serde(rename = "sS")]
    values: Vec<Status>,
    /// What it was told, where a command decides: our addition.
    target: Option<Params>,
    effect_until: Option<String>,
    /// The name of its tables: our addition.
    programme: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "sCI")]
    code: String,
    n: String,
    s: String,
    q: String,
}

fn update(reference: &str, update: &Update, kept: bool) -> Result<Vec<Heard>, Nonsense> {
    let value = |code: &str| update.values.iter().find(|v| v.code == code && v.n == "status");
    let is = |code: &str| value(code).is_some_and(|v| v.s == "True");
    let plan = match value("S0014") {
        Some(plan) => plan.s.parse::<i64>().map_err(|_| Nonsense("a plan is not a number".into()))?.into(),
        None => Value::Null,
    };
    let aspect = match () {
        () if value("S0007").is_some_and(|v| v.s == "False") => "dark",
        () if is("S0011") => "flashing",
        () if is("S0012") => "all_red",
        () => "normal",
    };
    let mut reading = Map::new();
    reading.insert("aspect".into(), aspect.into());
    reading.insert("plan".into(), plan);
    if let Some(name) = &update.programme {
        if name.len() > NAME_MOST {
            return Err(Nonsense("the name of a programme is too long".into()));
        }
        reading.insert("programme".into(), name.as_str().into());
    }
    reading.insert("fault".into(), if is("S0005") { "controller".into() } else { Value::Null });
    let quality = if update.values.iter().all(|v| v.q == "recent") { Quality::Good } else { Quality::Uncertain };
    let mode = match () {
        // Someone at the cabinet.
        () if is("S0008") => Mode::Manual,
        () if update.target.is_some() => Mode::Override,
        () => Mode::Programme,
    };
    Ok(vec![Heard::State(Box::new(Shown {
        reference: reference.to_owned(),
        reading: Reading(reading),
        quality,
        observed_at: instant(Some(&update.at))?,
        mode,
        target: update.target.clone(),
        effect_until: instant(update.effect_until.as_deref())?,
        kept,
    }))])
}

impl Profile for Rsmp {
    fn kinds(&self) -> Vec<EquipmentKind> {
        vec![EquipmentKind::SignalJunction]
    }

    fn actions(&self) -> Vec<&'static str> {
        vec![
            "signal_junction.read",
            "signal_junction.set_plan",
            "signal_junction.to_programme",
            "signal_junction.set_programme",
            "signal_junction.former_programme",
            "signal_junction.flash",
            "signal_junction.dark",
        ]
    }

    fn ends_from_here(&self) -> Vec<&'static str> {
        vec!["signal_junction.set_plan"]
    }

    fn topics(&self) -> Vec<String> {
        ["answer", "state", "online"].map(|leaf| format!("{}/+/{leaf}", self.prefix)).into()
    }

    fn order(&mut self, order: &Taken) -> Result<Publication, Unsayable> {
        match order.action.as_str() {
            "signal_junction.flash" => Ok(self.position(order, "YellowFlash", minutes(order)?)),
            "signal_junction.dark" => Ok(self.position(order, "Dark", minutes(order)?)),
            "signal_junction.read" => Ok(self.statuses(order)),
            // Back to what the controller does by itself: the one position that has no end.
            "signal_junction.to_programme" => Ok(self.position(order, "NormalControl", 0)),
            "signal_junction.set_plan" => {
                let plan =
                    order.params.0.get("plan").and_then(Value::as_i64).ok_or(Unsayable("a plan has a number"))?;
                Ok(self.plan(order, Some(plan)))
            }
            "signal_junction.set_programme" | "signal_junction.former_programme" => self.programme(order),
            _ => Err(Unsayable("neither M0001, M0002 nor a table")),
        }
    }

    fn end(&mut self, order: &Taken) -> Result<Publication, Unsayable> {
        Ok(self.plan(order, None))
    }

    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool) -> Result<Vec<Heard>, Nonsense> {
        let Some((reference, leaf)) = parts(&self.prefix, topic) else { return Ok(Vec::new()) };
        match leaf {
            "online" => {
                let reach = online(payload, Reach::DeviceLost)?;
                Ok(vec![Heard::Reach { references: Some(vec![reference.to_owned()]), reach }])
            }
            "answer" if !kept => {
                let response: Response = serde_json::from_slice(payload)?;
                let took = match (response.m_type.as_str(), response.kind.as_str()) {
                    ("rSMsg", "CommandResponse") if response.c_id == reference => {
                        !response.rvs.is_empty() && response.rvs.iter().all(|v| v.age == "recent")
                    }
                    // The statuses themselves come as an update.
                    ("rSMsg", "StatusResponse") if response.c_id == reference => true,
                    _ => return Err(Nonsense("not a response of this controller".into())),
                };
                let done = if took { Ok(()) } else { Err("not_taken".to_owned()) };
                Ok(vec![Heard::Answer { command_id: response.m_id, reference: reference.to_owned(), done }])
            }
            "state" => {
                let said: Update = serde_json::from_slice(payload)?;
                if (said.m_type.as_str(), said.kind.as_str()) != ("rSMsg", "StatusUpdate") || said.c_id != reference {
                    return Err(Nonsense("not the StatusUpdate of this controller".into()));
                }
                update(reference, &said, kept)
            }
            _ => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::{AT, NAME, order, signals};
    use vigie_core::programme::ProgrammeKind;

    fn rsmp() -> Rsmp {
        Rsmp::new("dijon/feux".into(), "2023".into())
    }

    fn arg(publication: &Publication) -> Vec<(String, String, String)> {
        let told: Value = serde_json::from_slice(&publication.payload).unwrap();
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        told["arg"].as_array().unwrap().iter().map(|a| (text(&a["cCI"]), text(&a["n"]), text(&a["v"]))).collect()
    }

    fn junction(action: &str, params: Value) -> Taken {
        order("TL-042", EquipmentKind::SignalJunction, action, params)
    }

    #[test]
    fn r3_flashing_and_dark_come_back_by_themselves_and_never_have_the_endless_timeout() {
        for (action, status) in [("signal_junction.flash", "YellowFlash"), ("signal_junction.dark", "Dark")] {
            let said = arg(&rsmp().order(&junction(action, json!({}))).unwrap());
            assert!(said.contains(&("M0001".into(), "status".into(), status.into())));
            assert!(said.contains(&("M0001".into(), "timeout".into(), "30".into())));
            let mut short = junction(action, json!({}));
            short.effect_until = Some(AT.plus(std::time::Duration::from_secs(20)));
            let said = arg(&rsmp().order(&short).unwrap());
            assert!(said.contains(&("M0001".into(), "timeout".into(), "1".into())), "0 would mean never");
            short.effect_until = None;
            assert!(rsmp().order(&short).is_err());
        }
    }

    #[test]
    fn r3_a_plan_which_has_no_timeout_is_ended_from_here() {
        let order = junction("signal_junction.set_plan", json!({"plan": 3}));
        let said = arg(&rsmp().order(&order).unwrap());
        assert!(said.contains(&("M0002".into(), "timeplan".into(), "3".into())), "{said:?}");
        assert_eq!(rsmp().ends_from_here(), ["signal_junction.set_plan"]);
        let ended = arg(&rsmp().end(&order).unwrap());
        assert!(ended.contains(&("M0002".into(), "status".into(), "False".into())));
        let told: Value = serde_json::from_slice(&rsmp().end(&order).unwrap().payload).unwrap();
        assert_eq!(told["expires"], Value::Null, "a controller would refuse an end whose life was the order's");
    }

    #[test]
    fn r19_a_programme_is_a_week_table_and_time_tables_with_its_name_beside() {
        let order = crate::field::sample::programme("TL-042", ProgrammeKind::Signals, signals());
        let said = rsmp().order(&order).unwrap();
        assert!(arg(&said).contains(&("M0016".into(), "status".into(), "0-1,1-1,2-1,3-1,4-1,5-1,6-2".into())));
        assert!(arg(&said).iter().any(|(code, name, _)| code == "M0017" && name == "securityCode"));
        let told: Value = serde_json::from_slice(&said.payload).unwrap();
        assert_eq!(told["programme"], NAME);
        let own = rsmp().order(&junction("signal_junction.former_programme", json!({"programme": "own"}))).unwrap();
        assert!(arg(&own).contains(&("M0016".into(), "status".into(), String::new())));
        assert!(rsmp().order(&junction("signal_junction.set_programme", json!({"programme": NAME}))).is_err());
    }

    #[test]
    fn a_response_that_returns_no_recent_value_says_that_the_order_was_not_taken() {
        for (age, done) in [("recent", Ok(())), ("undefined", Err("not_taken".to_owned()))] {
            let id = CommandId(uuid::Uuid::from_u128(7));
            let payload = json!({
                "mType": "rSMsg", "type": "CommandResponse", "mId": id, "cId": "TL-042",
                "rvs": [{"cCI": "M0001", "n": "status", "v": "YellowFlash", "age": age}],
            });
            let heard = rsmp().hear("dijon/feux/TL-042/answer", payload.to_string().as_bytes(), false).unwrap();
            assert_eq!(heard, [Heard::Answer { command_id: id, reference: "TL-042".into(), done }]);
            let forged = rsmp().hear("dijon/feux/TL-043/answer", payload.to_string().as_bytes(), false);
            assert!(forged.is_err(), "another controller's answer");
        }
    }

    #[test]
    fn the_aspect_comes_from_the_statuses_and_the_cabinet_is_seen() {
        let say = |values: &[(&str, &str)]| {
            let status = |(code, s): &(&str, &str)| json!({"sCI": code, "n": "status", "s": s, "q": "recent"});
            let payload = json!({
                "mType": "rSMsg", "type": "StatusUpdate", "cId": "TL-042", "sTs": "2023-11-14T22:13:20Z",
                "sS": values.iter().map(status).collect::<Vec<_>>(),
            });
            let heard = rsmp().hear("dijon/feux/TL-042/state", payload.to_string().as_bytes(), false).unwrap();
            let [Heard::State(shown)] = heard.as_slice() else { panic!("{heard:?}") };
            (shown.reading.text("aspect").unwrap().to_owned(), shown.reading.number("plan"), shown.mode)
        };
        assert_eq!(say(&[("S0007", "True"), ("S0014", "2")]), ("normal".into(), Some(2.0), Mode::Programme));
        assert_eq!(say(&[("S0011", "True"), ("S0014", "2")]).0, "flashing");
        assert_eq!(say(&[("S0007", "False"), ("S0011", "True")]).0, "dark");
        assert_eq!(say(&[("S0008", "True")]).2, Mode::Manual);
    }
}
