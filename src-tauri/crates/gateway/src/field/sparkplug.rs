//! Sparkplug B 3.0: we are a host application, edge nodes are the sources, a device's name is its object's reference.
//!
//! Devices report by exception, so that what a device is said to show is all that it ever said since its birth. A command is
//! a `DCMD` with the metrics `Vigie/command_id`, `Vigie/action`, `Vigie/issued_at`, `Vigie/expires_at`, `Vigie/effect_until`
//! and `target/KEY` for each parameter; a device answers in its `DDATA` with `Vigie/answered` (the identifier) and
//! `Vigie/result` (`done`, or a reason), and shows itself by `reading/KEY`, `mode`, `target/KEY` and `effect_until`.
//!
//! Guarantees (specification 3.0, 5.4 and 5.8): an `NDEATH` whose `bdSeq` is that of the node's birth, or a `DDEATH`, takes
//! every metric out of reach; data without a birth, an unknown alias or a gap in `seq` asks for a rebirth, and nothing is
//! concluded from it.

use std::collections::HashMap;

use serde_json::{Map, Value};
use srad_types::constants::{BDSEQ, DBIRTH, DDATA, DDEATH, NBIRTH, NDATA, NDEATH, NODE_CONTROL_REBIRTH, SPBV01, STATE};
use srad_types::payload::{DataType, Message as _, Metric, Payload, metric};
use vigie_core::command::{Params, actions};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::CommandId;
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::heard::{Heard, Nonsense, Shown};
use crate::field::plain::code;
use crate::field::profile::{Profile, Publication, Unsayable};

/// See the module.
pub(crate) struct Sparkplug {
    group: String,
    host: String,
    kinds: Vec<EquipmentKind>,
    nodes: HashMap<String, Node>,
    replies: Vec<Publication>,
}

/// An edge node since its birth.
#[derive(Default)]
struct Node {
    born: bool,
    bdseq: Option<u64>,
    seq: u8,
    devices: HashMap<String, Device>,
}

/// A device since its birth.
#[derive(Default)]
struct Device {
    aliases: HashMap<u64, String>,
    reading: Map<String, Value>,
    target: Map<String, Value>,
    mode: Option<Mode>,
    effect_until: Option<Timestamp>,
}

impl Sparkplug {
    pub(crate) fn new(group: String, host: String, kinds: Vec<EquipmentKind>) -> Self {
        Self { group, host, kinds, nodes: HashMap::new(), replies: Vec::new() }
    }

    fn state(&self, online: bool, now: Timestamp) -> Publication {
        let payload = serde_json::json!({ "online": online, "timestamp": now.0 }).to_string().into_bytes();
        Publication { topic: format!("{SPBV01}/{STATE}/{}", self.host), payload, kept: true }
    }

    /// Asks a node to say everything again, once until it does.
    fn ask_rebirth(&mut self, node: &str) {
        let topic = format!("{SPBV01}/{}/NCMD/{node}", self.group);
        if self.replies.iter().all(|reply| reply.topic != topic) {
            let metric = named(NODE_CONTROL_REBIRTH, DataType::Boolean, metric::Value::BooleanValue(true));
            self.replies.push(Publication::now(topic, payload(vec![metric], None)));
        }
    }
}

pub(crate) fn named(name: &str, datatype: DataType, value: metric::Value) -> Metric {
    let mut metric = Metric::new();
    metric.set_name(name.to_owned()).set_datatype(datatype).set_value(value);
    metric
}

pub(crate) fn text(name: &str, value: String) -> Metric {
    named(name, DataType::String, metric::Value::StringValue(value))
}

pub(crate) fn time(name: &str, at: Timestamp) -> Metric {
    named(name, DataType::DateTime, metric::Value::LongValue(at.0.unsigned_abs()))
}

pub(crate) fn json(name: &str, value: &Value) -> Metric {
    match value {
        Value::Bool(on) => named(name, DataType::Boolean, metric::Value::BooleanValue(*on)),
        Value::Number(number) => {
            named(name, DataType::Double, metric::Value::DoubleValue(number.as_f64().unwrap_or_default()))
        }
        Value::String(words) => text(name, words.clone()),
        Value::Null => {
            let mut metric = text(name, String::new());
            metric.set_null();
            metric
        }
        other => text(name, other.to_string()),
    }
}

fn payload(metrics: Vec<Metric>, at: Option<Timestamp>) -> Vec<u8> {
    let timestamp = at.map(|at| at.0.unsigned_abs());
    Payload { timestamp, metrics, seq: None, uuid: None, body: None }.encode_to_vec()
}

/// A metric's value as JSON; whole numbers stay whole.
pub(crate) fn value(metric: &Metric) -> Option<Value> {
    if metric.is_null == Some(true) {
        return Some(Value::Null);
    }
    let real = |number: f64| {
        if number.fract() == 0.0 && number.abs() < 1e15 {
            Some(Value::from(number as i64))
        } else {
            Some(Value::from(number))
        }
    };
    // Signed types travel in the unsigned field, as two's complement.
    let datatype = metric.datatype.and_then(|code| DataType::try_from(code as i32).ok());
    match metric.value.as_ref()? {
        metric::Value::IntValue(number) => Some(match datatype {
            Some(DataType::Int8 | DataType::Int16 | DataType::Int32) => Value::from(*number as i32),
            _ => Value::from(*number),
        }),
        metric::Value::LongValue(number) => Some(match datatype {
            Some(DataType::Int64) => Value::from(*number as i64),
            _ => Value::from(*number),
        }),
        metric::Value::FloatValue(number) => real(f64::from(*number)),
        metric::Value::DoubleValue(number) => real(*number),
        metric::Value::BooleanValue(on) => Some(Value::from(*on)),
        metric::Value::StringValue(words) => Some(Value::from(words.clone())),
        _ => None,
    }
}

impl Device {
    /// Takes metrics in. Says whether they showed a state, and the answer they hold.
    fn take(&mut self, reference: &str, metrics: &[Metric]) -> Result<(bool, Option<Heard>), Unknown> {
        let (mut showed, mut answered, mut result) = (false, None, None);
        for metric in metrics {
            if let (Some(name), Some(alias)) = (&metric.name, metric.alias) {
                self.aliases.insert(alias, name.clone());
            }
            let name = match (&metric.name, metric.alias) {
                (Some(name), _) => name.as_str(),
                (None, Some(alias)) => self.aliases.get(&alias).ok_or(Unknown)?,
                (None, None) => continue,
            };
            // What a node sends late after a cut is its history, not its present.
            let Some(value) = value(metric).filter(|_| metric.is_historical != Some(true)) else { continue };
            match (name, name.split_once('/')) {
                ("Vigie/answered", _) => answered = value.as_str().and_then(|id| id.parse().ok()),
                ("Vigie/result", _) => result = value.as_str().map(str::to_owned),
                ("mode", _) => self.mode = value.as_str().and_then(Mode::from_code),
                ("effect_until", _) => self.effect_until = value.as_i64().map(Timestamp),
                (_, Some(("reading", key))) => {
                    self.reading.insert(key.to_owned(), value);
                }
                (_, Some(("target", key))) if value.is_null() => {
                    self.target.remove(key);
                }
                (_, Some(("target", key))) => {
                    self.target.insert(key.to_owned(), value);
                }
                _ => continue,
            }
            showed |= !name.starts_with("Vigie/");
        }
        let answer = answered.zip(result).map(|(id, result): (uuid::Uuid, String)| Heard::Answer {
            command_id: CommandId(id),
            reference: reference.to_owned(),
            done: if result == "done" { Ok(()) } else { Err(code(Some(&result))) },
        });
        Ok((showed, answer))
    }

    fn shown(&self, reference: &str, at: Option<Timestamp>) -> Heard {
        Heard::State(Box::new(Shown {
            reference: reference.to_owned(),
            reading: Reading(self.reading.clone()),
            quality: Quality::Good,
            observed_at: at,
            mode: self.mode.unwrap_or(Mode::Programme),
            target: (!self.target.is_empty()).then(|| Params(self.target.clone())),
            effect_until: self.effect_until,
            kept: false,
        }))
    }
}

/// An alias that no birth gave.
struct Unknown;

impl Profile for Sparkplug {
    fn kinds(&self) -> Vec<EquipmentKind> {
        self.kinds.clone()
    }

    fn actions(&self) -> Vec<&'static str> {
        actions().iter().filter(|action| self.kinds.contains(&action.kind)).map(|action| action.code).collect()
    }

    fn topics(&self) -> Vec<String> {
        vec![format!("{SPBV01}/{}/#", self.group)]
    }

    fn will(&self) -> Option<Publication> {
        Some(self.state(false, Timestamp(0)))
    }

    fn greeting(&mut self, now: Timestamp) -> Vec<Publication> {
        // What was known of aliases before the connection was lost is not trusted.
        let nodes: Vec<String> = self.nodes.drain().map(|(node, _)| node).collect();
        for node in &nodes {
            self.ask_rebirth(node);
        }
        vec![self.state(true, now)]
    }

    fn order(&mut self, order: &Taken) -> Result<Publication, Unsayable> {
        let node = self.nodes.iter().find(|(_, node)| node.born && node.devices.contains_key(&order.reference));
        let Some((node, _)) = node else { return Err(Unsayable("no node was born with this device")) };
        let mut metrics = vec![
            text("Vigie/command_id", order.command_id.to_string()),
            text("Vigie/action", order.action.clone()),
            time("Vigie/issued_at", order.issued_at),
            time("Vigie/expires_at", order.expires_at),
        ];
        metrics.extend(order.effect_until.map(|until| time("Vigie/effect_until", until)));
        if let Some(programme) = &order.programme {
            let told = serde_json::to_value(programme).map_err(|_| Unsayable("a programme that is not JSON"))?;
            metrics.push(json("Vigie/programme", &told));
        }
        metrics.extend(order.params.0.iter().map(|(key, value)| json(&format!("target/{key}"), value)));
        let topic = format!("{SPBV01}/{}/DCMD/{node}/{}", self.group, order.reference);
        Ok(Publication::now(topic, payload(metrics, Some(order.issued_at))))
    }

    fn hear(&mut self, topic: &str, bytes: &[u8], kept: bool) -> Result<Vec<Heard>, Nonsense> {
        let mut levels = topic.split('/');
        if levels.next() != Some(SPBV01) || levels.next() != Some(self.group.as_str()) {
            return Ok(Vec::new());
        }
        let (Some(kind), Some(node), device) = (levels.next(), levels.next(), levels.next()) else {
            return Ok(Vec::new());
        };
        // Sparkplug keeps nothing but STATE: what the broker kept is not of the specification.
        if kept || !matches!(kind, NBIRTH | NDEATH | NDATA | DBIRTH | DDEATH | DDATA) {
            return Ok(Vec::new());
        }
        let payload = Payload::decode(bytes).map_err(|_| Nonsense("not a Sparkplug payload".into()))?;
        let at = payload.timestamp.map(|at| Timestamp(at as i64));
        let bdseq =
            payload.metrics.iter().find(|m| m.name.as_deref() == Some(BDSEQ)).and_then(value).and_then(|v| v.as_u64());
        let seq = payload.seq.map(|seq| seq as u8);
        let heard = self.nodes.get(node).is_some_and(|node| node.born);
        match (kind, device) {
            (NBIRTH, None) => {
                self.nodes.insert(
                    node.to_owned(),
                    Node { born: true, bdseq, seq: seq.unwrap_or_default(), devices: HashMap::new() },
                );
                return Ok(Vec::new());
            }
            (NDEATH, None) => {
                // The will of a connection that a newer birth has already replaced says nothing.
                let Some(state) = self.nodes.get_mut(node).filter(|state| state.born && state.bdseq == bdseq) else {
                    return Ok(Vec::new());
                };
                state.born = false;
                let references = state.devices.keys().cloned().collect();
                return Ok(vec![Heard::Reach { references: Some(references), reach: Reach::GatewayLost }]);
            }
            _ => {}
        }
        // From here on all messages of the node count.
        let follows = self.nodes.get_mut(node).is_some_and(|state| {
            let follows = seq.is_none_or(|seq| seq == state.seq.wrapping_add(1));
            state.seq = seq.unwrap_or(state.seq);
            follows
        });
        if !heard || !follows {
            self.ask_rebirth(node);
        }
        let Some(reference) = device else { return Ok(Vec::new()) };
        let Some(state) = self.nodes.get_mut(node).filter(|state| state.born) else { return Ok(Vec::new()) };
        match kind {
            DBIRTH => {
                let mut born = Device::default();
                let (_, answer) =
                    born.take(reference, &payload.metrics).map_err(|_| Nonsense("an alias before its name".into()))?;
                let shown = born.shown(reference, at);
                state.devices.insert(reference.to_owned(), born);
                let back = Heard::Reach { references: Some(vec![reference.to_owned()]), reach: Reach::Reachable };
                Ok([Some(back), Some(shown), answer].into_iter().flatten().collect())
            }
            DDEATH => {
                state.devices.remove(reference);
                Ok(vec![Heard::Reach { references: Some(vec![reference.to_owned()]), reach: Reach::DeviceLost }])
            }
            DDATA => {
                if let Some(Ok((showed, answer))) =
                    state.devices.get_mut(reference).map(|device| device.take(reference, &payload.metrics))
                {
                    let shown =
                        state.devices.get(reference).filter(|_| showed).map(|device| device.shown(reference, at));
                    Ok([shown, answer].into_iter().flatten().collect())
                } else {
                    self.ask_rebirth(node);
                    Ok(Vec::new())
                }
            }
            _ => Ok(Vec::new()),
        }
    }

    fn replies(&mut self) -> Vec<Publication> {
        std::mem::take(&mut self.replies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::sample::{AT, order};

    struct Talk {
        host: Sparkplug,
        seq: u64,
    }

    impl Talk {
        fn new() -> Self {
            let kinds = vec![EquipmentKind::Pump];
            Self { host: Sparkplug::new("dijon".into(), "vigie".into(), kinds), seq: 0 }
        }

        fn say(&mut self, kind: &str, device: Option<&str>, metrics: Vec<Metric>) -> Vec<Heard> {
            let topic = device.map_or(format!("spBv1.0/dijon/{kind}/N1"), |d| format!("spBv1.0/dijon/{kind}/N1/{d}"));
            let seq = (kind != "NDEATH").then_some(self.seq);
            let payload = Payload { timestamp: Some(AT.0 as u64), metrics, seq, uuid: None, body: None };
            self.seq = (self.seq + 1) % 256;
            self.host.hear(&topic, &payload.encode_to_vec(), false).unwrap()
        }

        fn birth(&mut self) -> Vec<Heard> {
            self.seq = 0;
            self.say("NBIRTH", None, vec![named(BDSEQ, DataType::UInt64, metric::Value::LongValue(4))]);
            let mut running = named("reading/running", DataType::Boolean, metric::Value::BooleanValue(false));
            running.set_alias(9);
            self.say("DBIRTH", Some("PO-01"), vec![running, text("mode", "programme".into())])
        }
    }

    fn running(heard: &[Heard]) -> Option<bool> {
        heard.iter().find_map(|h| match h {
            Heard::State(shown) => Some(shown.reading.flag("running")),
            _ => None,
        })
    }

    #[test]
    fn a_device_is_what_it_said_since_its_birth_and_aliases_stand_for_names() {
        let mut talk = Talk::new();
        assert_eq!(running(&talk.birth()), Some(false));
        let mut changed = Metric::new();
        changed.set_alias(9).set_value(metric::Value::BooleanValue(true));
        let heard = talk.say("DDATA", Some("PO-01"), vec![changed]);
        assert_eq!(running(&heard), Some(true));
        let Some(Heard::State(shown)) = heard.first() else { panic!("{heard:?}") };
        assert_eq!((shown.mode, shown.observed_at), (Mode::Programme, Some(AT)));
        assert!(talk.host.replies().is_empty());
    }

    #[test]
    fn the_death_of_a_node_takes_its_devices_out_of_reach_and_an_older_will_does_not() {
        let mut talk = Talk::new();
        talk.birth();
        let will = |bdseq| vec![named(BDSEQ, DataType::UInt64, metric::Value::LongValue(bdseq))];
        assert_eq!(talk.say("NDEATH", None, will(3)), []);
        let lost = talk.say("NDEATH", None, will(4));
        assert_eq!(lost, [Heard::Reach { references: Some(vec!["PO-01".into()]), reach: Reach::GatewayLost }]);
        assert!(
            talk.host.order(&order("PO-01", EquipmentKind::Pump, "pump.stop", Value::Null)).is_err(),
            "nobody is there"
        );
        assert_eq!(running(&talk.birth()), Some(false), "reborn");
    }

    #[test]
    fn nothing_is_concluded_from_data_without_a_birth_or_after_a_gap_but_a_rebirth_is_asked_for_once() {
        let mut talk = Talk::new();
        let data = || vec![named("reading/running", DataType::Boolean, metric::Value::BooleanValue(true))];
        assert_eq!(talk.say("DDATA", Some("PO-01"), data()), []);
        assert_eq!(talk.say("DDATA", Some("PO-01"), data()), []);
        let asked: Vec<_> = talk.host.replies().into_iter().map(|p| p.topic).collect();
        assert_eq!(asked, ["spBv1.0/dijon/NCMD/N1"]);
        talk.birth();
        talk.seq += 3;
        talk.say("DDATA", Some("PO-01"), data());
        assert_eq!(talk.host.replies().len(), 1, "a gap in seq");
        let mut nameless = Metric::new();
        nameless.set_alias(77).set_value(metric::Value::BooleanValue(true));
        assert_eq!(talk.say("DDATA", Some("PO-01"), vec![nameless]), []);
        assert_eq!(talk.host.replies().len(), 1, "an alias that no birth gave");
    }

    #[test]
    fn a_command_names_its_life_and_its_end_and_the_answer_names_the_command() {
        let mut talk = Talk::new();
        talk.birth();
        let order = order("PO-01", EquipmentKind::Pump, "pump.stop", Value::Null);
        let told = talk.host.order(&order).unwrap();
        assert_eq!((told.topic.as_str(), told.kept), ("spBv1.0/dijon/DCMD/N1/PO-01", false));
        let said = Payload::decode(told.payload.as_slice()).unwrap();
        let of = |name: &str| said.metrics.iter().find(|m| m.name.as_deref() == Some(name)).and_then(value).unwrap();
        assert_eq!(of("Vigie/expires_at"), Value::from(order.expires_at.0));
        assert_eq!(of("Vigie/effect_until"), Value::from(order.effect_until.unwrap().0));
        let answer = vec![text("Vigie/answered", order.command_id.to_string()), text("Vigie/result", "done".into())];
        let heard = talk.say("DDATA", Some("PO-01"), answer);
        assert_eq!(heard, [Heard::Answer { command_id: order.command_id, reference: "PO-01".into(), done: Ok(()) }]);
    }

    #[test]
    fn history_sent_after_a_cut_is_not_the_present() {
        let mut talk = Talk::new();
        talk.birth();
        let mut late = named("reading/running", DataType::Boolean, metric::Value::BooleanValue(true));
        late.is_historical = Some(true);
        assert_eq!(talk.say("DDATA", Some("PO-01"), vec![late]), []);
    }

    #[test]
    fn bytes_that_are_no_payload_are_nonsense() {
        let mut host = Talk::new().host;
        for bytes in [&[0xff_u8][..], b"{}", &[8, 255, 255]] {
            assert!(host.hear("spBv1.0/dijon/DDATA/N1/PO-01", bytes, false).is_err());
        }
    }

    #[test]
    fn whole_and_signed_numbers_stay_what_they_are() {
        let of = |datatype, v| value(&named("x", datatype, v));
        assert_eq!(of(DataType::Int32, metric::Value::IntValue(u32::MAX)), Some(Value::from(-1)));
        assert_eq!(of(DataType::Double, metric::Value::DoubleValue(40.0)), Some(Value::from(40)));
        assert_eq!(of(DataType::Float, metric::Value::FloatValue(0.5)), Some(Value::from(0.5)));
    }
}
