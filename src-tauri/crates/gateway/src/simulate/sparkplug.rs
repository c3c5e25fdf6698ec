//! An edge node of Sparkplug B and its devices: the other side of [`crate::field::sparkplug`].
//!
//! Each connection is a birth with the next `bdSeq`, whose `NDEATH` the broker holds as the will. The host application that is
//! told online after a birth, or asks for it, gets another.

use std::collections::{HashMap, HashSet};

use rumqttc::QoS;
use serde_json::Value;
use srad_types::constants::{BDSEQ, DBIRTH, DDATA, DDEATH, NBIRTH, NDEATH, NODE_CONTROL_REBIRTH, SPBV01, STATE};
use srad_types::payload::{DataType, Message as _, Metric, Payload, metric};
use vigie_core::command::Params;
use vigie_core::ids::CommandId;
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;

use crate::field::heard::Nonsense;
use crate::field::profile::Publication;
use crate::field::sparkplug::{json, named, text, time, value};
use crate::simulate::side::{Order, Reached, Side};

/// See the module.
pub(super) struct Sparkplug {
    group: String,
    node: String,
    host: String,
    bdseq: u64,
    seq: u8,
    /// Devices since the birth, with the keys of what each was told.
    born: HashMap<String, HashSet<String>>,
}

impl Sparkplug {
    pub(super) fn new(group: String, node: String, host: String) -> Self {
        Self { group, node, host, bdseq: 0, seq: 0, born: HashMap::new() }
    }

    fn topic(&self, kind: &str, device: Option<&str>) -> String {
        let node = format!("{SPBV01}/{}/{kind}/{}", self.group, self.node);
        device.map_or(node.clone(), |device| format!("{node}/{device}"))
    }

    fn bdseq(&self) -> Metric {
        named(BDSEQ, DataType::UInt64, metric::Value::LongValue(self.bdseq))
    }

    /// The node's next message.
    fn next(&mut self, kind: &str, device: Option<&str>, metrics: Vec<Metric>, at: Timestamp) -> Publication {
        self.seq = if kind == NBIRTH { 0 } else { self.seq.wrapping_add(1) };
        let (timestamp, seq) = (Some(at.0.unsigned_abs()), Some(u64::from(self.seq)));
        let payload = Payload { timestamp, metrics, seq, uuid: None, body: None };
        Publication::now(self.topic(kind, device), payload.encode_to_vec())
    }
}

impl Side for Sparkplug {
    fn topics(&self) -> Vec<String> {
        vec![
            format!("{}/+", self.topic("DCMD", None)),
            self.topic("NCMD", None),
            format!("{SPBV01}/{STATE}/{}", self.host),
        ]
    }

    fn will(&mut self) -> Option<Publication> {
        self.bdseq = (self.bdseq + 1) % 256;
        let payload = Payload { timestamp: None, metrics: vec![self.bdseq()], seq: None, uuid: None, body: None };
        Some(Publication::now(self.topic(NDEATH, None), payload.encode_to_vec()))
    }

    fn is_born(&self) -> bool {
        true
    }

    fn greeting(&mut self, _: &[&str], now: Timestamp) -> Vec<Publication> {
        self.born.clear();
        let control = named(NODE_CONTROL_REBIRTH, DataType::Boolean, metric::Value::BooleanValue(false));
        let metrics = vec![self.bdseq(), control];
        vec![self.next(NBIRTH, None, metrics, now)]
    }

    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool, _: Timestamp) -> Result<Option<Reached>, Nonsense> {
        if topic == format!("{SPBV01}/{STATE}/{}", self.host) {
            // The broker's word is as old as the birth that is under way.
            let said: Value = serde_json::from_slice(payload)?;
            return Ok((!kept && said.get("online") == Some(&true.into())).then_some(Reached::Rebirth));
        }
        let payload = Payload::decode(payload).map_err(|_| Nonsense("not a Sparkplug payload".into()))?;
        let of = |name: &str| payload.metrics.iter().find(|m| m.name.as_deref() == Some(name)).and_then(value);
        if topic == self.topic("NCMD", None) {
            return Ok((of(NODE_CONTROL_REBIRTH) == Some(true.into())).then_some(Reached::Rebirth));
        }
        let Some(reference) = topic.strip_prefix(&format!("{}/", self.topic("DCMD", None))) else { return Ok(None) };
        let word = |name: &str| of(name).and_then(|v| v.as_str().map(str::to_owned));
        let at = |name: &str| of(name).and_then(|v| v.as_i64()).map(Timestamp);
        let id = word("Vigie/command_id").and_then(|id| id.parse().ok());
        let (Some(id), Some(action)) = (id, word("Vigie/action")) else {
            return Err(Nonsense("a command has an identifier and an action".into()));
        };
        let target = |m: &Metric| Some((m.name.as_deref()?.strip_prefix("target/")?.to_owned(), value(m)?));
        Ok(Some(Reached::Order(Box::new(Order {
            command_id: CommandId(id),
            reference: reference.to_owned(),
            action,
            params: Params(payload.metrics.iter().filter_map(target).collect()),
            until: at("Vigie/effect_until"),
            expires_at: at("Vigie/expires_at"),
            refused: None,
            programme: of("Vigie/programme").map(serde_json::from_value).transpose()?,
        }))))
    }

    fn answer(&mut self, order: &Order, done: Result<(), &str>, now: Timestamp) -> Publication {
        let metrics = vec![
            text("Vigie/answered", order.command_id.to_string()),
            text("Vigie/result", done.err().unwrap_or("done").to_owned()),
        ];
        self.next(DDATA, Some(&order.reference), metrics, now)
    }

    fn state(&mut self, reference: &str, shown: &StateReport) -> Publication {
        let mut metrics = vec![text("mode", shown.mode.code().to_owned())];
        metrics.extend(shown.reading.0.iter().map(|(key, value)| json(&format!("reading/{key}"), value)));
        let target = shown.target.iter().flat_map(|target| &target.0);
        metrics.extend(target.clone().map(|(key, value)| json(&format!("target/{key}"), value)));
        let told: HashSet<String> = target.map(|(key, _)| key.clone()).collect();
        let before = self.born.insert(reference.to_owned(), told.clone());
        // What it was told and is told no more is null from now on.
        let gone = before.iter().flatten().filter(|key| !told.contains(*key));
        metrics.extend(gone.map(|key| json(&format!("target/{key}"), &Value::Null)));
        metrics.push(match shown.effect_until {
            Some(until) => time("effect_until", until),
            None => json("effect_until", &Value::Null),
        });
        let kind = if before.is_some() { DDATA } else { DBIRTH };
        self.next(kind, Some(reference), metrics, shown.observed_at)
    }

    fn reach(&mut self, reference: &str, there: bool, shown: &StateReport) -> Publication {
        if there {
            return self.state(reference, shown);
        }
        self.born.remove(reference);
        self.next(DDEATH, Some(reference), Vec::new(), shown.observed_at)
    }

    fn quality(&self) -> QoS {
        QoS::AtMostOnce
    }
}
