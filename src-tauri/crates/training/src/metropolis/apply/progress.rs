//! Kind `progress`: what became of a command, by the gateway or by the house, through the table of transitions.

use vigie_core::command::{
    CommandEventCode, CommandState, EffectEvent, Refusal, action, effect_transition, may_report, step,
};
use vigie_core::house::overdue;
use vigie_core::ids::CommandId;
use vigie_core::time::Timestamp;

use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    pub(super) fn apply_progress(
        &mut self,
        act: Act<'_>,
        id: CommandId,
        event: CommandEventCode,
        detail: Option<String>,
    ) -> Verdict {
        if !may_report(act.account.role, event) {
            return Verdict::refused(Refusal::NotAllowed, None);
        }
        let Some(command) = self.commands.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        match step(command.state, event, act.now, command.expires_at) {
            // The gateway reads locks again before it publishes (R10).
            Ok(CommandState::Dispatching)
                if self.stopping(command.equipment_id, action(&command.action), &command.params).is_some() =>
            {
                let (to, why) = (CommandState::Rejected, Refusal::CrewLock.code().to_owned());
                self.move_command(act.xid, &command, to, act.now, act.account.role.code(), Some(why));
                Verdict::applied(Some(to))
            }
            Ok(to) => {
                self.move_command(act.xid, &command, to, act.now, act.account.role.code(), detail);
                // The device's state may have come before its answer.
                if to == CommandState::Executed
                    && let Some(state) = self.states.get(command.equipment_id.0).cloned()
                {
                    self.confirm_by(act, &state);
                }
                Verdict::applied(Some(to))
            }
            Err(_) => Verdict::refused(Refusal::IllegalEvent, Some(command.state)),
        }
    }

    /// Effects whose end passed and that nobody saw ending (R3); how many.
    pub(crate) fn mark_overdue_effects(&mut self, now: Timestamp) -> usize {
        let late: Vec<_> = self
            .live
            .values()
            .flatten()
            .filter_map(|id| self.commands.get(id.0))
            .filter(|command| overdue(command, now))
            .cloned()
            .collect();
        if late.is_empty() {
            return 0;
        }
        let xid = self.begin();
        for command in &late {
            let effect = command.effect.and_then(|e| effect_transition(e, EffectEvent::NotSeenEnding));
            self.put_command(xid, vigie_core::table::Command { effect, ..command.as_ref().clone() });
        }
        late.len()
    }
}
