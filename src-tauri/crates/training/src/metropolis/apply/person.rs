//! Kinds `command_cancel` and `command_close`: what a person may do with a command after it was asked.

use vigie_core::command::{CommandEventCode, Refusal, step};
use vigie_core::ids::CommandId;
use vigie_core::rights::Role;

use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    /// By its author or a supervisor, while it has not left for the field.
    pub(super) fn apply_cancel(&mut self, act: Act<'_>, id: CommandId) -> Verdict {
        let Some(command) = self.commands.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        if act.account.role != Role::Supervisor && Some(command.person_id) != act.account.person_id {
            return Verdict::refused(Refusal::NotAllowed, Some(command.state));
        }
        match step(command.state, CommandEventCode::Cancel, act.now, command.expires_at) {
            Ok(to) => {
                self.move_command(act.xid, &command, to, act.now, "desk", None);
                Verdict::applied(Some(to))
            }
            Err(_) => Verdict::refused(Refusal::IllegalEvent, Some(command.state)),
        }
    }

    /// An unknown, with a reason, by whoever may.
    pub(super) fn apply_close(&mut self, act: Act<'_>, id: CommandId, reason: &str) -> Verdict {
        let Some(command) = self.commands.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        if reason.trim().is_empty() {
            return Verdict::refused(Refusal::ReasonNeeded, Some(command.state));
        }
        match step(command.state, CommandEventCode::Close, act.now, command.expires_at) {
            Ok(to) => {
                self.move_command(act.xid, &command, to, act.now, "desk", Some(reason.to_owned()));
                Verdict::applied(Some(to))
            }
            Err(_) => Verdict::refused(Refusal::IllegalEvent, Some(command.state)),
        }
    }
}
