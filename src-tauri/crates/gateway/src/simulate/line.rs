//! The devices of one line: what arrives, what they do after a moment, what they show.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, Incoming, QoS};
use serde_json::Value;
use tokio::sync::mpsc;
use vigie_core::command::action;
use vigie_core::ids::CommandId;
use vigie_core::table::{Equipment, EquipmentState};
use vigie_core::time::Timestamp;
use vigie_training::chance::luck;
use vigie_training::field::{BUSY, DEVICE_FAULT, Device, LAMP_BROKEN};

use super::spoken::{self, Told};
use crate::field::config::{BadConfig, Config, LineFile, Spoken};
use crate::field::profile::Publication;

/// Reports in one turn: what a broker takes without waiting.
const REPORTS: usize = 200;
/// Orders that a line remembers having done.
const REMEMBERED: usize = 10_000;

/// See the module.
pub(super) struct Line {
    name: String,
    spoken: Spoken,
    prefix: String,
    seed: u64,
    client: AsyncClient,
    told: mpsc::UnboundedReceiver<(String, Vec<u8>)>,
    devices: HashMap<String, Device>,
    /// When each device next reports by itself.
    rounds: BTreeSet<(Timestamp, String)>,
    planned: HashMap<String, Timestamp>,
    /// Orders that will be done, by their moment.
    under_way: BTreeMap<(Timestamp, CommandId), (String, Told)>,
    done: VecDeque<CommandId>,
}

impl Line {
    pub(super) fn new(
        config: &Config,
        line: &LineFile,
        equipment: &[Equipment],
        states: &[EquipmentState],
        seed: u64,
        now: Timestamp,
    ) -> Result<Self, BadConfig> {
        let kinds = config.kinds(line)?;
        let known: HashMap<_, _> = states.iter().map(|state| (state.equipment_id, state)).collect();
        let devices: HashMap<_, _> = equipment
            .iter()
            .filter(|object| kinds.contains(&object.kind))
            .map(|object| {
                let state = known.get(&object.equipment_id);
                let device =
                    state.map_or_else(|| Device::new(object, now), |state| Device::resumed(object, state, now));
                (object.reference.clone(), device)
            })
            .collect();
        let online = format!("{}/online", line.prefix);
        let will = Publication { topic: online.clone(), payload: b"false".to_vec(), kept: true };
        let options = config.broker(line, &format!("devices-{}", line.name))?.options(Some(will));
        let (client, mut events) = AsyncClient::new(options, 2 * REPORTS);
        let (tell, told) = mpsc::unbounded_channel();
        let (again, orders) = (client.clone(), format!("{}/+/command", line.prefix));
        tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                        let _ = again.try_subscribe(&orders, QoS::AtLeastOnce);
                        let _ = again.try_publish(&online, QoS::AtLeastOnce, true, "true");
                    }
                    // What a broker kept is no order.
                    Ok(Event::Incoming(Incoming::Publish(message))) if !message.retain => {
                        if tell.send((message.topic, message.payload.to_vec())).is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
                }
            }
        });
        // Spread over each kind's period: a city does not report in one second.
        let first = |device: &Device| now.plus(device.period().mul_f64(luck(device.number, seed, 20)));
        let planned: HashMap<_, _> =
            devices.iter().map(|(reference, device)| (reference.clone(), first(device))).collect();
        let rounds = planned.iter().map(|(reference, at)| (*at, reference.clone())).collect();
        Ok(Self {
            name: line.name.clone(),
            spoken: line.profile,
            prefix: line.prefix.clone(),
            seed,
            client,
            told,
            devices,
            rounds,
            planned,
            under_way: BTreeMap::new(),
            done: VecDeque::new(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn devices(&self) -> usize {
        self.devices.len()
    }

    /// Everything that is due at `now`, in the metropolis's time.
    pub(super) fn turn(&mut self, now: Timestamp) {
        while let Ok((topic, payload)) = self.told.try_recv() {
            self.hear(&topic, &payload, now);
        }
        while let Some(((at, id), (reference, told))) = self.under_way.pop_first() {
            if at > now {
                self.under_way.insert((at, id), (reference, told));
                break;
            }
            self.carry_out(&reference, &told, now);
        }
        for _ in 0..REPORTS {
            let Some((at, reference)) = self.rounds.pop_first() else { break };
            if at > now {
                self.rounds.insert((at, reference));
                break;
            }
            if let Some(device) = self.devices.get_mut(&reference) {
                device.revert(now);
                device.age(now);
            }
            self.show(&reference, now);
        }
    }

    fn hear(&mut self, topic: &str, payload: &[u8], now: Timestamp) {
        let Some(reference) =
            topic.strip_prefix(&self.prefix).and_then(|rest| rest.strip_prefix('/')?.strip_suffix("/command"))
        else {
            return;
        };
        let Some(told) = spoken::order(self.spoken, payload, now) else { return };
        let Some(device) = self.devices.get(reference) else { return };
        // Once, however often it comes; a device that is lost says nothing.
        if device.silent || self.done.contains(&told.id) {
            return;
        }
        if self.done.len() == REMEMBERED {
            self.done.pop_front();
        }
        self.done.push_back(told.id);
        let wait = Duration::from_millis(300 + (luck(self.seed, told.id.0.as_u128() as u64, 21) * 1_500.0) as u64);
        self.under_way.insert((now.plus(wait), told.id), (reference.to_owned(), told));
    }

    fn carry_out(&mut self, reference: &str, told: &Told, now: Timestamp) {
        let Some(device) = self.devices.get_mut(reference) else { return };
        let Some(known) = action(&told.action) else { return };
        let draw = luck(self.seed, told.id.0.as_u128() as u64, 22);
        let lasting = known.max_effect.is_some();
        let done = if told.expires_at.is_some_and(|end| now > end) {
            Err("expired")
        } else if lasting && device.stuck {
            Err(DEVICE_FAULT)
        } else if lasting && device.fault.is_some() {
            Err(LAMP_BROKEN)
        } else if lasting && !device.reliable && draw < 0.03 {
            Err(BUSY)
        } else {
            device.obey(known, &told.params, told.until);
            Ok(())
        };
        let answer = spoken::answer(self.spoken, reference, told, done);
        self.say(reference, "answer", false, &answer);
        self.show(reference, now);
    }

    /// Shows a device, and plans when it shows itself next.
    fn show(&mut self, reference: &str, now: Timestamp) {
        let Some(device) = self.devices.get(reference).filter(|device| !device.silent) else { return };
        let shown = spoken::state(self.spoken, reference, &device.report(self.seed, now));
        let regular = now.plus(device.period());
        let next = device.next_change(now).map_or(regular, |change| change.min(regular));
        if let Some(before) = self.planned.insert(reference.to_owned(), next) {
            self.rounds.remove(&(before, reference.to_owned()));
        }
        self.rounds.insert((next, reference.to_owned()));
        self.say(reference, "state", true, &shown);
    }

    fn say(&self, reference: &str, leaf: &str, kept: bool, what: &Value) {
        let topic = format!("{}/{reference}/{leaf}", self.prefix);
        if self.client.try_publish(topic, QoS::AtMostOnce, kept, what.to_string()).is_err() {
            tracing::debug!(line = self.name, "the broker does not keep up: a message of a device was lost");
        }
    }
}
