//! Street lighting in the shape of TALQ's lamp actuator: what was asked (`target`), what the luminaire understood
//! (`feedback`) and what it does (`actual`) are three values, and every override carries its `expiration`.
//!
//! | topic | who | what |
//! |---|---|---|
//! | `prefix/REFERENCE/command` | gateway | `{command_id, issued_at, expires_at, override: {level, expiration}}`, `override: null` to go back to the programme, `calendar: {…}` for another programme ([`crate::field::calendar`]), `read: true` |
//! | `prefix/REFERENCE/answer` | system | `{command_id, done, reason}` |
//! | `prefix/REFERENCE/state` | system, may be kept | `{observed_at, target: {level, expiration}, feedback: {level}, actual: {level, power}, mode, calendarID, lampFailure, driverFailure, supplyLoss, communicationFailure}` |
//! | `prefix/online` | system, kept, last will | `true` or `false` |
//!
//! Source: TALQ Smart City Protocol 2.5, lamp actuator function (field names); the messages are ours.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vigie_core::command::Params;
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::CommandId;
use vigie_core::programme::OWN;
use vigie_metropolis::Taken;

use crate::field::calendar::Calendar;
use crate::field::heard::{Heard, Nonsense, Shown};
use crate::field::plain::{code, instant, online};
use crate::field::profile::{Profile, Publication, Unsayable, parts};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Talq {
    prefix: String,
}

impl Talq {
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix }
    }
}

#[derive(Deserialize)]
struct Answer {
    command_id: CommandId,
    done: bool,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    level: i64,
    expiration: Option<String>,
}

#[derive(Deserialize)]
struct Actual {
    level: i64,
    power: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    #[serde(rename = "observed_at")]
    observed_at: String,
    target: Option<Target>,
    actual: Actual,
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default, rename = "calendarID")]
    calendar: Follows,
    #[serde(default)]
    lamp_failure: bool,
    #[serde(default)]
    driver_failure: bool,
    #[serde(default)]
    supply_loss: bool,
    #[serde(default)]
    communication_failure: bool,
}

/// The calendar that a luminaire follows, as its system says.
#[derive(Default)]
enum Follows {
    /// It does not say.
    #[default]
    Unsaid,
    /// The one built into it: null.
    Own,
    /// One of a name.
    Named(String),
}

impl<'de> Deserialize<'de> for Follows {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Own, Self::Named))
    }
}

/// The longest name of a calendar that is taken, in bytes.
const NAME_MOST: usize = 80;

impl State {
    /// The worst of its failures, as the code that the interface knows.
    fn fault(&self) -> Option<&'static str> {
        [(self.supply_loss, "supply"), (self.driver_failure, "driver"), (self.lamp_failure, "lamp")]
            .into_iter()
            .find_map(|(fails, code)| fails.then_some(code))
    }
}

fn shown(reference: String, state: &State, kept: bool) -> Result<Vec<Heard>, Nonsense> {
    if !(0..=100).contains(&state.actual.level) {
        return Err(Nonsense("a level is not from 0 to 100".into()));
    }
    let mut reading = Map::new();
    reading.insert("level".into(), state.actual.level.into());
    reading.insert("power_w".into(), state.actual.power.map_or(Value::Null, Into::into));
    reading.insert("fault".into(), state.fault().map_or(Value::Null, Into::into));
    match &state.calendar {
        Follows::Unsaid => {}
        Follows::Own => {
            reading.insert("programme".into(), OWN.into());
        }
        Follows::Named(name) if name.len() <= NAME_MOST => {
            reading.insert("programme".into(), name.as_str().into());
        }
        Follows::Named(_) => return Err(Nonsense("the name of a calendar is too long".into())),
    }
    let mode = state.mode.unwrap_or(if state.target.is_some() { Mode::Override } else { Mode::Programme });
    let until = instant(state.target.as_ref().and_then(|target| target.expiration.as_deref()))?;
    let seen = Heard::State(Box::new(Shown {
        reference: reference.clone(),
        reading: Reading(reading),
        quality: Quality::Good,
        observed_at: instant(Some(&state.observed_at))?,
        mode,
        target: state.target.as_ref().map(|target| Params::from(json!({ "level": target.level }))),
        effect_until: until,
        kept,
    }));
    // The system still says what the luminaire last showed, and that it no longer hears it.
    let lost = Heard::Reach { references: Some(vec![reference]), reach: Reach::DeviceLost };
    Ok(if state.communication_failure { vec![seen, lost] } else { vec![seen] })
}

impl Profile for Talq {
    fn kinds(&self) -> Vec<EquipmentKind> {
        vec![EquipmentKind::StreetLight]
    }

    fn actions(&self) -> Vec<&'static str> {
        vec![
            "street_light.read",
            "street_light.set_level",
            "street_light.to_programme",
            "street_light.set_programme",
            "street_light.former_programme",
        ]
    }

    fn topics(&self) -> Vec<String> {
        let prefix = &self.prefix;
        vec![format!("{prefix}/+/answer"), format!("{prefix}/+/state"), format!("{prefix}/online")]
    }

    fn order(&mut self, order: &Taken) -> Result<Publication, Unsayable> {
        let mut told = json!({
            "command_id": order.command_id, "issued_at": order.issued_at.to_string(),
            "expires_at": order.expires_at.to_string(),
        });
        let (key, value) = match order.action.as_str() {
            "street_light.read" => ("read", json!(true)),
            "street_light.to_programme" => ("override", Value::Null),
            "street_light.set_level" => {
                // Without an end there is no override (R3).
                let (Some(level), Some(until)) = (order.params.0.get("level"), order.effect_until) else {
                    return Err(Unsayable("an override has a level and an end"));
                };
                ("override", json!({ "level": level, "expiration": until.to_string() }))
            }
            "street_light.set_programme" | "street_light.former_programme" => {
                let calendar = match (order.params.text("programme"), &order.programme) {
                    (Some(name), Some(told)) => Calendar::of(name, &told.content)?,
                    (Some(OWN), None) => Calendar::own(),
                    _ => return Err(Unsayable("a programme that is not there")),
                };
                let calendar = serde_json::to_value(calendar).map_err(|_| Unsayable("a calendar that is not JSON"))?;
                ("calendar", calendar)
            }
            _ => return Err(Unsayable("a luminaire is read, overridden, or given back to a programme")),
        };
        if let Some(told) = told.as_object_mut() {
            told.insert(key.into(), value);
        }
        Ok(Publication::now(format!("{}/{}/command", self.prefix, order.reference), told.to_string()))
    }

    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool) -> Result<Vec<Heard>, Nonsense> {
        if topic.strip_prefix(&self.prefix) == Some("/online") {
            return Ok(vec![Heard::Reach { references: None, reach: online(payload, Reach::GatewayLost)? }]);
        }
        match parts(&self.prefix, topic) {
            Some((reference, "answer")) if !kept => {
                let answer: Answer = serde_json::from_slice(payload)?;
                let done = if answer.done { Ok(()) } else { Err(code(answer.reason.as_deref())) };
                Ok(vec![Heard::Answer { command_id: answer.command_id, reference: reference.to_owned(), done }])
            }
            Some((reference, "state")) => shown(reference.to_owned(), &serde_json::from_slice(payload)?, kept),
            _ => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::{AT, NAME, lighting, order};
    use vigie_core::programme::ProgrammeKind;

    fn talq() -> Talq {
        Talq::new("dijon/eclairage".into())
    }

    fn said(action: &str, params: Value) -> Value {
        let order = order("EC-0001", EquipmentKind::StreetLight, action, params);
        serde_json::from_slice(&talq().order(&order).unwrap().payload).unwrap()
    }

    #[test]
    fn r3_every_override_carries_its_expiration() {
        let told = said("street_light.set_level", json!({"level": 40}));
        assert_eq!(told["override"], json!({"level": 40, "expiration": "2023-11-14T22:43:20Z"}));
        let mut endless = order("EC-0001", EquipmentKind::StreetLight, "street_light.set_level", json!({"level": 40}));
        endless.effect_until = None;
        assert!(talq().order(&endless).is_err());
        assert_eq!(said("street_light.to_programme", json!({}))["override"], Value::Null);
        assert_eq!(said("street_light.read", json!({}))["read"], true);
    }

    #[test]
    fn r19_another_programme_is_a_calendar_and_the_devices_own_has_no_content() {
        let told: Value = {
            let order = crate::field::sample::programme("EC-0001", ProgrammeKind::Lighting, lighting());
            serde_json::from_slice(&talq().order(&order).unwrap().payload).unwrap()
        };
        assert_eq!((&told["calendar"]["id"], &told["calendar"]["displayName"]), (&json!(NAME), &json!("Centre")));
        let own = said("street_light.former_programme", json!({"programme": "own"}));
        assert_eq!(own["calendar"], json!({"id": "own"}));
        let lost =
            order("EC-0001", EquipmentKind::StreetLight, "street_light.set_programme", json!({"programme": NAME}));
        assert!(talq().order(&lost).is_err(), "a programme that the metropolis did not hand out");
    }

    #[test]
    fn r19_the_calendar_that_a_luminaire_reports_is_its_programme() {
        let heard = |calendar: &str| {
            let payload = format!(r#"{{"observed_at":"2023-11-14T22:13:20Z","actual":{{"level":0}}{calendar}}}"#);
            let heard = talq().hear("dijon/eclairage/EC-0001/state", payload.as_bytes(), false).unwrap();
            let [Heard::State(shown)] = heard.as_slice() else { panic!("{heard:?}") };
            shown.reading.text("programme").map(str::to_owned)
        };
        assert_eq!(heard(""), None, "a system that does not say");
        assert_eq!(heard(r#","calendarID":null"#).as_deref(), Some("own"));
        assert_eq!(heard(r#","calendarID":"x/1""#).as_deref(), Some("x/1"));
        let long = format!(
            r#"{{"observed_at":"2023-11-14T22:13:20Z","actual":{{"level":0}},"calendarID":"{}"}}"#,
            "x".repeat(81)
        );
        assert!(talq().hear("dijon/eclairage/EC-0001/state", long.as_bytes(), false).is_err());
    }

    #[test]
    fn what_the_luminaire_does_is_read_beside_what_it_was_told() {
        let payload = json!({
            "observed_at": "2023-11-14T22:13:20Z", "target": {"level": 40, "expiration": "2023-11-14T22:43:20Z"},
            "feedback": {"level": 40}, "actual": {"level": 70, "power": 62.5}, "lampFailure": false,
        });
        let heard = talq().hear("dijon/eclairage/EC-0001/state", payload.to_string().as_bytes(), false).unwrap();
        let [Heard::State(shown)] = heard.as_slice() else { panic!("{heard:?}") };
        assert_eq!((shown.reading.number("level"), shown.mode), (Some(70.0), Mode::Override));
        assert_eq!(shown.target, Some(Params::from(json!({"level": 40}))));
        assert_eq!(shown.effect_until, Some(AT.plus(std::time::Duration::from_secs(1_800))));
        assert_eq!(shown.reading.0.get("fault"), Some(&Value::Null));
    }

    #[test]
    fn a_luminaire_that_its_system_no_longer_hears_is_out_of_reach() {
        let payload = r#"{"observed_at":"2023-11-14T22:13:20Z","actual":{"level":0},"communicationFailure":true,"driverFailure":true}"#;
        let heard = talq().hear("dijon/eclairage/EC-0001/state", payload.as_bytes(), false).unwrap();
        let [Heard::State(shown), Heard::Reach { references, reach: Reach::DeviceLost }] = heard.as_slice() else {
            panic!("{heard:?}")
        };
        assert_eq!(shown.reading.text("fault"), Some("driver"));
        assert_eq!(references.as_deref(), Some(&["EC-0001".to_owned()][..]));
    }

    #[test]
    fn levels_that_cannot_be_are_nonsense() {
        for level in ["-1", "101", "40.5", "null"] {
            let payload = format!(r#"{{"observed_at":"2023-11-14T22:13:20Z","actual":{{"level":{level}}}}}"#);
            assert!(talq().hear("dijon/eclairage/EC-0001/state", payload.as_bytes(), false).is_err(), "{level}");
        }
    }
}
