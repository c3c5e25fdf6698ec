//! Kind `command`: judged, written whatever the answer so that the room sees it, and it supersedes what it replaces.

use serde_json::{Value, json};
use vigie_core::command::{
    ClassCode, CommandOrder, CommandState, Facts, Refusal, Surroundings, action, classify, judge,
};
use vigie_core::rights::rights;
use vigie_core::table::{Command, Equipment};

use super::lock::in_short;
use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    pub(super) fn apply_command(&mut self, act: Act<'_>, order: &CommandOrder) -> Verdict {
        let Some(object) = self.equipment.get(order.equipment_id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        let (account, now) = (act.account, act.now);
        let (action, state) = (action(&order.action), self.states.get(order.equipment_id.0).cloned());
        let shift_open = self.shifts.get(order.shift_id.0).is_some_and(|shift| {
            Some(shift.person_id) == account.person_id && shift.closed_at.is_none() && shift.ends_at > now
        });
        let around = self.surroundings(&object);
        let lock = self.stopping(order.equipment_id, action, &order.params).cloned();
        let facts = Facts {
            now,
            epoch_began: self.epoch_began,
            role: account.role,
            may_pilot: rights().may_pilot(account.role, object.kind),
            action,
            kind: Some(object.kind),
            state: state.as_deref(),
            around,
            shift_open,
            locked: lock.is_some(),
            overtaken: self.overtaken(act, order),
        };
        let judged = judge(order, &facts);
        let to = match judged {
            Ok(_) => CommandState::Accepted,
            Err(Refusal::Expired) => CommandState::Expired,
            Err(_) => CommandState::Rejected,
        };
        // An account without a person (a program's) cannot be the author of a row.
        if let Some(person_id) = account.person_id {
            if judged.is_ok_and(|class| class != ClassCode::A) {
                self.supersede(act, order);
            }
            let row = Command {
                command_id: order.command_id,
                equipment_id: order.equipment_id,
                action: order.action.clone(),
                class: judged.unwrap_or_else(|_| classify(action, &order.params, around)),
                params: order.params.clone(),
                person_id,
                role: account.role,
                shift_id: order.shift_id,
                reason: order.reason.clone(),
                issued_at: order.issued_at,
                expires_at: order.expires_at,
                effect_until: order.effect_until,
                seen_control_version: order.seen.control_version,
                without_visibility: order.without_visibility,
                state: to,
                state_since: now,
                detail: judged.err().map(|refusal| refusal.code().to_owned()),
                effect: None,
            };
            self.write_command(act.xid, row, CommandState::Submitted, "metropolis");
        }
        match judged {
            Ok(_) => Verdict::applied(Some(to)),
            Err(refusal) => {
                let mut verdict = Verdict::refused(refusal, Some(to));
                if let (Refusal::ControlChanged, Some(state)) = (refusal, state) {
                    verdict.detail = json!({"control_version": state.control_version, "reading": state.reading});
                }
                if let (Refusal::CrewLock, Some(lock)) = (refusal, lock) {
                    verdict.detail = in_short(&lock);
                }
                verdict
            }
        }
    }

    /// R11: what an accepted order replaces and has not left yet.
    fn supersede(&mut self, act: Act<'_>, order: &CommandOrder) {
        for older in self.live_on(order.equipment_id) {
            let orders = action(&older.action).is_some_and(|a| a.class != ClassCode::A);
            if orders && older.state == CommandState::Accepted {
                self.move_command(act.xid, &older, CommandState::Superseded, act.now, "metropolis", None);
            }
        }
    }

    /// R17: whether a newer order of its author in the safe direction was taken on the object: it went ahead.
    fn overtaken(&self, act: Act<'_>, order: &CommandOrder) -> bool {
        self.commands.iter().any(|c| {
            c.equipment_id == order.equipment_id
                && Some(c.person_id) == act.account.person_id
                && c.issued_at > order.issued_at
                && !matches!(c.state, CommandState::Rejected | CommandState::Expired)
                && action(&c.action).is_some_and(|a| a.goes_safe(&c.params))
        })
    }

    fn surroundings(&self, object: &Equipment) -> Surroundings {
        let safety = |e: &Equipment| e.attributes.get("safety_level").and_then(Value::as_f64);
        let mut around = Surroundings {
            crossing: object.attributes.get("crossing") == Some(&Value::Bool(true)),
            safety_level: safety(object).unwrap_or(0.0) as i64,
            neighbours_below: 0,
        };
        let Some(rank) = object.attributes.get("rank").and_then(Value::as_f64) else { return around };
        let street = self.lights.get(&(object.insee_code.clone(), object.street.clone()));
        for (_, id) in
            street.into_iter().flatten().filter(|(r, id)| (r - rank).abs() <= 2.0 && *id != object.equipment_id)
        {
            let Some(floor) = self.equipment.get(id.0).and_then(|e| safety(e)) else { continue };
            let below = |level: Option<f64>| level.is_some_and(|level| level < floor);
            let dimmed = self.states.get(id.0).and_then(|s| s.target.as_ref()?.number("level"));
            let asked = self
                .live_on(*id)
                .iter()
                .any(|c| c.action == "street_light.set_level" && under_way(c.state) && below(c.params.number("level")));
            around.neighbours_below += u32::from(below(dimmed) || asked);
        }
        around
    }
}

fn under_way(state: CommandState) -> bool {
    use CommandState as S;
    matches!(state, S::Accepted | S::Dispatching | S::Dispatched | S::Executed)
}
