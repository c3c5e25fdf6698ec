//! The plain profile: JSON, one object a message, for whatever has no standard of its own.
//!
//! | topic | who | what |
//! |---|---|---|
//! | `prefix/REFERENCE/command` | gateway | `{command_id, action, params, issued_at, expires_at, effect_until, programme: {kind, content}}` |
//! | `prefix/REFERENCE/live` | gateway | `{live_id, seq, pan, tilt, zoom, until, for_ms}` while a key is held, `{live_id, seq, stop: true, until}` |
//! | `prefix/REFERENCE/answer` | device | `{command_id, done: true}` or `{command_id, done: false, reason}` |
//! | `prefix/REFERENCE/state` | device, may be kept | `{observed_at, reading, quality, mode, target, effect_until}` |
//! | `prefix/REFERENCE/online`, `prefix/online` | device or its system, kept, last will | `true` or `false` |
//!
//! A device that a key moves does so for `for_ms`, a second at most, unless it hears the next word of the same `live_id`; it follows
//! no word after its `until`, none whose `seq` does not grow, and none that the broker kept. Instants are RFC 3339. A device refuses a command after its `expires_at` and ends an effect at its `effect_until` by itself.

use serde::Deserialize;
use serde_json::json;
use vigie_core::command::{ClassCode, Motion, Params, actions, is_live};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::CommandId;
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::heard::{Heard, Nonsense, Shown};
use crate::field::live::Drive;
use crate::field::profile::{Profile, Publication, Unsayable, parts};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    prefix: String,
    kinds: Vec<EquipmentKind>,
}

impl Plain {
    pub(crate) fn new(prefix: String, kinds: Vec<EquipmentKind>) -> Self {
        Self { prefix, kinds }
    }
}

#[derive(Deserialize)]
struct Answer {
    command_id: CommandId,
    done: bool,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct State {
    observed_at: Option<String>,
    reading: Reading,
    #[serde(default = "good")]
    quality: Quality,
    #[serde(default = "programme")]
    mode: Mode,
    target: Option<Params>,
    effect_until: Option<String>,
}

fn good() -> Quality {
    Quality::Good
}

fn programme() -> Mode {
    Mode::Programme
}

/// An instant of RFC 3339.
pub(crate) fn instant(text: Option<&str>) -> Result<Option<Timestamp>, Nonsense> {
    let read = |text: &str| {
        let instant: jiff::Timestamp = text.parse().map_err(|_| Nonsense("an instant is not RFC 3339".into()))?;
        Ok(Timestamp(instant.as_millisecond()))
    };
    text.map(read).transpose()
}

/// `true` and `false`, as JSON has them.
pub(crate) fn online(payload: &[u8], lost: Reach) -> Result<Reach, Nonsense> {
    Ok(if serde_json::from_slice::<bool>(payload)? { Reach::Reachable } else { lost })
}

/// A reason that a device gave, kept as a code: a device's words never travel further.
pub(crate) fn code(reason: Option<&str>) -> String {
    let known = reason.filter(|reason| {
        (1..=40).contains(&reason.len())
            && reason.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    });
    known.unwrap_or("device_fault").to_owned()
}

impl Profile for Plain {
    fn kinds(&self) -> Vec<EquipmentKind> {
        self.kinds.clone()
    }

    fn actions(&self) -> Vec<&'static str> {
        let mine = actions().iter().filter(|action| self.kinds.contains(&action.kind) && action.class != ClassCode::L);
        mine.map(|action| action.code).collect()
    }

    fn topics(&self) -> Vec<String> {
        let leaf = |leaf| format!("{}/+/{leaf}", self.prefix);
        vec![leaf("answer"), leaf("state"), leaf("online"), format!("{}/online", self.prefix)]
    }

    fn order(&mut self, order: &Taken) -> Result<Publication, Unsayable> {
        let told = json!({
            "command_id": order.command_id, "action": order.action, "params": order.params,
            "issued_at": order.issued_at.to_string(), "expires_at": order.expires_at.to_string(),
            "effect_until": order.effect_until.map(|t| t.to_string()), "programme": order.programme,
        });
        Ok(Publication::now(format!("{}/{}/command", self.prefix, order.reference), told.to_string()))
    }

    fn live_kinds(&self) -> Vec<EquipmentKind> {
        self.kinds.iter().copied().filter(|kind| is_live(*kind)).collect()
    }

    fn drive(&mut self, drive: &Drive) -> Result<Publication, Unsayable> {
        let until = drive.until.to_string();
        let told = match drive.motion {
            Some(Motion { pan, tilt, zoom }) => json!({
                "live_id": drive.live_id, "seq": drive.seq, "pan": pan, "tilt": tilt, "zoom": zoom, "until": until,
                "for_ms": drive.for_ms,
            }),
            None => json!({"live_id": drive.live_id, "seq": drive.seq, "stop": true, "until": until}),
        };
        Ok(Publication::now(format!("{}/{}/live", self.prefix, drive.reference), told.to_string()))
    }

    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool) -> Result<Vec<Heard>, Nonsense> {
        if topic.strip_prefix(&self.prefix) == Some("/online") {
            return Ok(vec![Heard::Reach { references: None, reach: online(payload, Reach::GatewayLost)? }]);
        }
        let Some((reference, leaf)) = parts(&self.prefix, topic) else { return Ok(Vec::new()) };
        let reference = reference.to_owned();
        Ok(vec![match leaf {
            // An answer that the broker kept answers nothing.
            "answer" if kept => return Ok(Vec::new()),
            "answer" => {
                let answer: Answer = serde_json::from_slice(payload)?;
                let done = if answer.done { Ok(()) } else { Err(code(answer.reason.as_deref())) };
                Heard::Answer { command_id: answer.command_id, reference, done }
            }
            "state" => {
                let state: State = serde_json::from_slice(payload)?;
                Heard::State(Box::new(Shown {
                    reference,
                    reading: state.reading,
                    quality: state.quality,
                    observed_at: instant(state.observed_at.as_deref())?,
                    mode: state.mode,
                    target: state.target,
                    effect_until: instant(state.effect_until.as_deref())?,
                    kept,
                }))
            }
            "online" => Heard::Reach { references: Some(vec![reference]), reach: online(payload, Reach::DeviceLost)? },
            _ => return Ok(Vec::new()),
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::order;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn plain() -> Plain {
        Plain::new("city/access".into(), vec![EquipmentKind::Bollard])
    }

    fn hear(leaf: &str, payload: &str) -> Result<Vec<Heard>, Nonsense> {
        plain().hear(&format!("city/access/BO-07/{leaf}"), payload.as_bytes(), false)
    }

    #[test]
    fn an_order_says_until_when_it_may_be_carried_out_and_until_when_it_holds() {
        let order = order("BO-07", EquipmentKind::Bollard, "bollard.lower", json!({}));
        let told = plain().order(&order).unwrap();
        assert_eq!(told.topic, "city/access/BO-07/command");
        let said: serde_json::Value = serde_json::from_slice(&told.payload).unwrap();
        assert_eq!(said["expires_at"], order.expires_at.to_string());
        assert_eq!(said["effect_until"], order.effect_until.unwrap().to_string());
        assert_eq!(said["command_id"], order.command_id.to_string());
    }

    #[test]
    fn it_takes_the_actions_of_its_kinds_and_no_other() {
        let actions = plain().actions();
        assert!(actions.contains(&"bollard.lower") && !actions.iter().any(|a| a.starts_with("street_light")));
    }

    #[test]
    fn answers_and_states_are_read_and_what_the_broker_kept_answers_nothing() {
        let id = CommandId(uuid::Uuid::from_u128(7));
        let answer = format!(r#"{{"command_id":"{id}","done":false,"reason":"busy"}}"#);
        let heard = hear("answer", &answer).unwrap();
        let busy = Heard::Answer { command_id: id, reference: "BO-07".into(), done: Err("busy".into()) };
        assert_eq!(heard, [busy]);
        assert_eq!(plain().hear("city/access/BO-07/answer", answer.as_bytes(), true), Ok(vec![]));
        let state = r#"{"observed_at":"2023-11-14T22:13:20Z","reading":{"position":"down"},"mode":"override"}"#;
        let Some(Heard::State(shown)) = hear("state", state).unwrap().pop() else { panic!("no state") };
        assert_eq!((shown.observed_at, shown.mode, shown.quality), (Some(NOW), Mode::Override, Quality::Good));
        assert_eq!(shown.reading.text("position"), Some("down"));
    }

    #[test]
    fn what_has_not_its_form_is_nonsense_and_says_where_without_its_content() {
        for (leaf, payload) in [
            ("answer", "{}"),
            ("answer", r#"{"command_id":"Mme Dupont","done":true}"#),
            ("state", r#"{"reading":[]}"#),
            ("state", r#"{"reading":{},"observed_at":"hier"}"#),
            ("state", r#"{"reading":{},"mode":"magic"}"#),
            ("online", "maybe"),
            ("state", "\u{0}"),
        ] {
            let said = hear(leaf, payload).unwrap_err().to_string();
            assert!(!said.contains("Dupont"), "{said}");
        }
        assert_eq!(hear("elsewhere", "{}"), Ok(vec![]));
    }

    #[test]
    fn a_reason_is_kept_as_a_code_only() {
        assert_eq!(code(Some("lamp_broken")), "lamp_broken");
        for words in [None, Some(""), Some("Mme Dupont a appelé"), Some(&"x".repeat(41) as &str)] {
            assert_eq!(code(words), "device_fault");
        }
    }
}
