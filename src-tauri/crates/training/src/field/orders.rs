//! The gateway's part in the life of a command: start, publish, hear the device, say what it did.

use std::collections::BTreeMap;

use vigie_core::command::{CommandEventCode, CommandState, action};
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::submission::{Body, Outcome, OutcomeStatus};
use vigie_core::table::Command;
use vigie_core::time::Timestamp;

use super::device::Device;
use super::follow::Says;
use super::task::{Asked, Task};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Taken by the metropolis.
    Accepted,
    /// Told the metropolis that it will be published, and waiting to hear that it may.
    Starting,
    /// Stored as dispatching: may be published, once.
    Started,
    /// Published, and telling so.
    Publishing,
    /// The device has it.
    Published(Task),
    /// The device did it, and the metropolis is being told.
    Telling,
    /// The metropolis knows, since this instant of its own: only a state seen from then on shows it.
    Told(Timestamp),
    /// Found dispatching by a gateway that does not remember it: never published again (R14).
    Orphan,
}

/// An order on its way.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) equipment_id: EquipmentId,
    asked: Asked,
    expires_at: Timestamp,
    stage: Stage,
}

/// One move of an order.
#[derive(Default)]
pub(super) struct Step {
    /// What to submit.
    pub(super) body: Option<Body>,
    /// The device's state is to be reported, as seen then.
    pub(super) shows: Option<Timestamp>,
    /// The device did it: what it does next must be planned anew.
    pub(super) done: bool,
    /// The field has nothing more to do with it.
    pub(super) over: bool,
}

/// Takes note of a command as the metropolis shows it.
pub(super) fn observe(orders: &mut BTreeMap<CommandId, Order>, command: &Command, says: Option<&Says>) {
    let known = orders.contains_key(&command.command_id);
    match command.state {
        CommandState::Accepted | CommandState::Dispatching if !known => {
            if let Some(action) = action(&command.action) {
                let stage = if command.state == CommandState::Accepted { Stage::Accepted } else { Stage::Orphan };
                let order = Order {
                    equipment_id: command.equipment_id,
                    asked: Asked {
                        action,
                        params: command.params.clone(),
                        until: command.effect_until,
                        says: says.cloned(),
                    },
                    expires_at: command.expires_at,
                    stage,
                };
                orders.insert(command.command_id, order);
            }
        }
        // Cancelled, superseded or expired before it left.
        state if state.is_final() && orders.get(&command.command_id).is_some_and(|o| o.stage == Stage::Accepted) => {
            orders.remove(&command.command_id);
        }
        _ => {}
    }
}

impl Order {
    /// What happens next, if its time has come.
    pub(super) fn step(&mut self, id: CommandId, device: &mut Device, now: Timestamp) -> Step {
        let say = |event, detail: Option<&str>| {
            Some(Body::Progress { command_id: id, event, detail: detail.map(str::to_owned) })
        };
        match self.stage {
            Stage::Accepted => {
                self.stage = Stage::Starting;
                Step { body: say(CommandEventCode::StartDispatch, None), ..Step::default() }
            }
            // The gateway too refuses what is over (R2).
            Stage::Started if now > self.expires_at => {
                Step { body: say(CommandEventCode::GatewayRestart, Some("expired")), over: true, ..Step::default() }
            }
            Stage::Started => {
                self.stage = Stage::Publishing;
                Step { body: say(CommandEventCode::Publish, None), ..Step::default() }
            }
            Stage::Published(task) if task.answers_at <= now => match task.carry_out(&self.asked, device, now) {
                None => Step { over: true, ..Step::default() },
                Some(Err(why)) => Step { body: say(CommandEventCode::Fail, Some(why)), over: true, ..Step::default() },
                Some(Ok(())) => {
                    self.stage = Stage::Telling;
                    Step { body: say(CommandEventCode::Execute, None), done: true, ..Step::default() }
                }
            },
            Stage::Told(at) => Step { shows: Some(at.max(now)), over: true, ..Step::default() },
            Stage::Orphan => Step {
                body: say(CommandEventCode::GatewayRestart, Some("gateway_restarted")),
                over: true,
                ..Step::default()
            },
            Stage::Starting | Stage::Publishing | Stage::Published(_) | Stage::Telling => Step::default(),
        }
    }

    /// Taken by the metropolis, and not yet on its way.
    pub(super) fn waits(&self) -> bool {
        self.stage == Stage::Accepted
    }

    /// Goes on from the metropolis's answer; says whether there is something to go on with.
    pub(super) fn heard(
        &mut self,
        event: CommandEventCode,
        outcome: &Outcome,
        now: Timestamp,
        seed: u64,
        device: &Device,
    ) -> bool {
        let applied = outcome.status == OutcomeStatus::Applied;
        match (self.stage, event) {
            (Stage::Starting, CommandEventCode::StartDispatch) => {
                self.stage = Stage::Started;
                applied && outcome.command_state == Some(CommandState::Dispatching)
            }
            (Stage::Publishing, CommandEventCode::Publish) => {
                self.stage = Stage::Published(Task::new(seed, outcome.submission_id.0.as_u128() as u64, device, now));
                applied
            }
            (Stage::Telling, CommandEventCode::Execute) => {
                self.stage = Stage::Told(outcome.at);
                applied
            }
            _ => true,
        }
    }
}
