//! The devices on the other side of a line, without a gateway of theirs: told orders as messages bring them, they answer and
//! show themselves. `vigie-gateway simulate` plays it behind a broker.
//!
//! Guarantee: a device carries orders out in the order in which they reached it.

use std::collections::VecDeque;

use vigie_core::command::{Action, Motion, Params};
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::submission::StateReport;
use vigie_core::table::{Equipment, EquipmentState};
use vigie_core::time::Timestamp;

use super::devices::Devices;
use super::follow::Says;
use super::task::{Asked, Task};

/// An order as it reaches its device.
#[derive(Debug, Clone)]
pub struct Told {
    /// Which.
    pub command_id: CommandId,
    /// To which device.
    pub equipment_id: EquipmentId,
    /// What to do.
    pub action: &'static Action,
    /// With what.
    pub params: Params,
    /// When the device goes back by itself; none where its protocol knows no end, or nothing lasts.
    pub until: Option<Timestamp>,
    /// What the programme that it names says.
    pub says: Option<Says>,
}

/// What a device says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// It did what an order told it, or why not.
    Answer {
        /// Which order.
        command_id: CommandId,
        /// Which device.
        equipment_id: EquipmentId,
        /// Done, or its reason as a code.
        done: Result<(), &'static str>,
    },
    /// It shows itself.
    State(Box<StateReport>),
}

/// See the module.
pub struct Lineside {
    devices: Devices,
    tasks: VecDeque<(CommandId, EquipmentId, Asked, Task)>,
}

impl Lineside {
    /// Devices that go on from the states they left.
    pub fn resume(seed: u64, equipment: &[Equipment], states: &[EquipmentState], now: Timestamp) -> Self {
        Self { devices: Devices::resume(seed, equipment, states, now), tasks: VecDeque::new() }
    }

    /// Tells devices that were given a programme of that name what it says: they go on with what they held.
    pub fn learn(&mut self, name: &str, says: &Says) {
        self.devices.learn(name, says);
    }

    /// An order reached its device. Nothing happens where there is no such device.
    pub fn take(&mut self, told: Told, now: Timestamp) {
        let Told { command_id, equipment_id, action, params, until, says } = told;
        let Some(device) = self.devices.get(equipment_id) else { return };
        let mut task = Task::new(self.devices.seed, command_id.0.as_u128() as u64, device, now);
        // Behind whatever it still has to do.
        let before = self.tasks.iter().rev().find(|(_, id, ..)| *id == equipment_id).map(|(.., task)| task.answers_at);
        task.answers_at = task.answers_at.max(before.unwrap_or(now));
        self.tasks.push_back((command_id, equipment_id, Asked { action, params, until, says }, task));
    }

    /// A held key moves a device until then at the latest (class L); without a motion it stands still at once.
    pub fn drive(&mut self, id: EquipmentId, motion: Motion, until: Timestamp, now: Timestamp) {
        self.devices.drive(id, motion, 1.0, until, now);
    }

    /// A device goes back to its programme: told so, or restarted. It forgets what it still had to do.
    pub fn go_back(&mut self, id: EquipmentId, now: Timestamp) -> Option<StateReport> {
        self.tasks.retain(|(_, equipment_id, ..)| *equipment_id != id);
        self.devices.change(id, now, super::Device::go_back).map(|((), report)| report)
    }

    /// Another device is put in the place of one: it follows the programme built into it, and says so where the former said
    /// which it followed.
    pub fn replace(&mut self, id: EquipmentId, now: Timestamp) -> Option<StateReport> {
        self.tasks.retain(|(_, equipment_id, ..)| *equipment_id != id);
        self.devices.change(id, now, super::Device::replace).map(|((), report)| report)
    }

    /// What a device shows at `now`.
    pub fn report(&self, id: EquipmentId, now: Timestamp) -> Option<StateReport> {
        self.devices.get(id).map(|device| device.report(self.devices.seed, now))
    }

    /// What is said by `now`, in order: answers with the states that show them, then regular reports of at most so many
    /// devices.
    pub fn due(&mut self, now: Timestamp, most: usize) -> Vec<Said> {
        let mut said = Vec::new();
        let (due, later): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.tasks).into_iter().partition(|(.., task)| task.answers_at <= now);
        self.tasks = later;
        for (command_id, equipment_id, asked, task) in due {
            let did = self.devices.change(equipment_id, now, |device| task.carry_out(&asked, device, now));
            let Some((Some(done), report)) = did else { continue };
            said.push(Said::Answer { command_id, equipment_id, done });
            if done.is_ok() {
                said.push(Said::State(Box::new(report)));
            }
        }
        said.extend(self.devices.moved(now).into_iter().map(|report| Said::State(Box::new(report))));
        said.extend(self.devices.due(now, most).into_iter().map(|report| Said::State(Box::new(report))));
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;
    use uuid::Uuid;
    use vigie_core::command::action;
    use vigie_core::equipment::{EquipmentKind, Mode};

    const NOON: Timestamp = Timestamp(1_795_435_200_000);
    const JUNCTION: EquipmentId = EquipmentId(Uuid::from_u128(9));

    fn lineside() -> Lineside {
        let equipment = Equipment {
            equipment_id: JUNCTION,
            reference: "J".into(),
            name: "J".into(),
            kind: EquipmentKind::SignalJunction,
            insee_code: String::new(),
            street: String::new(),
            lon: 5.0,
            lat: 47.0,
            attributes: json!({"training_reliable": true}),
            service_id: None,
        };
        Lineside::resume(1, &[equipment], &[], NOON)
    }

    fn plan(number: u128, plan: i64, until: Option<Timestamp>) -> Told {
        Told {
            command_id: CommandId(Uuid::from_u128(number)),
            equipment_id: JUNCTION,
            action: action("signal_junction.set_plan").unwrap(),
            params: Params::from(json!({ "plan": plan })),
            until,
            says: None,
        }
    }

    fn after(seconds: u64) -> Timestamp {
        NOON.plus(Duration::from_secs(seconds))
    }

    fn shown(said: &[Said]) -> Vec<(Option<f64>, Mode)> {
        let states = said.iter().filter_map(|said| match said {
            Said::State(report) => Some((report.reading.number("plan"), report.mode)),
            Said::Answer { .. } => None,
        });
        states.collect()
    }

    #[test]
    fn orders_are_carried_out_in_the_order_in_which_they_came_and_each_is_answered_once() {
        let mut side = lineside();
        for number in 1..=20 {
            side.take(plan(number, 1 + (number % 8) as i64, None), NOON);
        }
        let mut answered = Vec::new();
        let mut last = None;
        for tenth in 0..50_u64 {
            let said = side.due(NOON.plus(Duration::from_millis(tenth * 100)), 10);
            last = shown(&said).last().copied().or(last);
            answered.extend(said.iter().filter_map(|said| match said {
                Said::Answer { command_id, done: Ok(()), .. } => Some(command_id.0.as_u128()),
                _ => None,
            }));
        }
        assert_eq!(answered, (1..=20).collect::<Vec<_>>());
        assert_eq!(last, Some((Some(5.0), Mode::Override)), "the last order stands");
    }

    #[test]
    fn r3_a_device_that_knows_its_end_reverts_by_itself_and_shows_it_and_another_waits_to_be_told() {
        let mut side = lineside();
        side.take(plan(1, 7, Some(after(30))), NOON);
        assert_eq!(shown(&side.due(after(5), 10)).last(), Some(&(Some(7.0), Mode::Override)));
        assert_eq!(shown(&side.due(after(30), 10)).last().map(|(_, mode)| *mode), Some(Mode::Programme));
        side.take(plan(2, 6, None), after(31));
        side.due(after(40), 10);
        let hours = side.due(after(8 * 3_600), 10);
        assert_eq!(shown(&hours).last(), Some(&(Some(6.0), Mode::Override)));
        let back = side.go_back(JUNCTION, after(8 * 3_600)).unwrap();
        assert_eq!((back.mode, back.target), (Mode::Programme, None));
    }
}
