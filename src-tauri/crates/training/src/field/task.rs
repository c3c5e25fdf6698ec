//! A device and one command that reached it: when it answers, and what it then does.
//!
//! About six commands in a hundred fail with the device's reason, two stay unanswered, as do all on what is out of reach.

use std::time::Duration;

use vigie_core::command::{Action, Params};
use vigie_core::equipment::EquipmentKind;
use vigie_core::time::Timestamp;

use super::device::Device;
use super::follow::Says;
use crate::chance::luck;

/// The device did not do it.
pub const DEVICE_FAULT: &str = "device_fault";
/// The lamp is broken.
pub const LAMP_BROKEN: &str = "lamp_broken";
/// The device is doing something else.
pub const BUSY: &str = "busy";

/// What a command asks of a device.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) action: &'static Action,
    pub(super) params: Params,
    pub(super) until: Option<Timestamp>,
    /// What the programme that it names says.
    pub(super) says: Option<Says>,
}

impl Asked {
    fn lasting(&self) -> bool {
        self.action.max_effect.is_some()
    }
}

/// What the device will do with a command, and when it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) answers_at: Timestamp,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Executes,
    Fails(&'static str),
    Silent,
}

impl Task {
    /// A command that reached its device at `now`; its luck depends on its `number` alone.
    pub(super) fn new(seed: u64, number: u64, device: &Device, now: Timestamp) -> Self {
        let luck = |salt| luck(seed, number, salt);
        let after = Duration::from_millis(500 + (luck(1) * 2_500.0) as u64);
        Self { answers_at: now.plus(after), fate: fate(device, luck(2), luck(3)) }
    }

    /// Lets the device do it: done, or its reason; none when it says nothing.
    pub(super) fn carry_out(
        self,
        asked: &Asked,
        device: &mut Device,
        now: Timestamp,
    ) -> Option<Result<(), &'static str>> {
        let broken = device.fault.is_some() && device.kind == EquipmentKind::StreetLight;
        match self.fate {
            Fate::Silent => None,
            Fate::Fails(why) => Some(Err(why)),
            Fate::Executes if broken && asked.lasting() => Some(Err(LAMP_BROKEN)),
            Fate::Executes if device.stuck && asked.lasting() => Some(Err(DEVICE_FAULT)),
            Fate::Executes => {
                device.obey(asked.action, &asked.params, asked.until);
                if let (Some(name), Some(says)) = (asked.params.text("programme"), &asked.says) {
                    device.learn(name, says);
                }
                // An end that passed on the way ends at once.
                device.revert(now);
                Some(Ok(()))
            }
        }
    }
}

fn fate(device: &Device, draw: f64, reason: f64) -> Fate {
    match draw {
        _ if device.silent => Fate::Silent,
        _ if device.reliable => Fate::Executes,
        draw if draw < 0.02 => Fate::Silent,
        draw if draw < 0.08 => Fate::Fails(if reason < 0.7 { DEVICE_FAULT } else { BUSY }),
        _ => Fate::Executes,
    }
}
