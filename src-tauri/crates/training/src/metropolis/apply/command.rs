//! One order on one object, by itself or as a member of a group: judged, written whatever the answer so that the room sees it,
//! and it supersedes what it replaces.

use serde_json::{Value, json};
use vigie_core::command::{
    ClassCode, CommandOrder, CommandState, Facts, Params, Proceeding, Refusal, Surroundings, action, classify, counted,
    judge, within_count,
};
use vigie_core::ids::{EquipmentId, GroupId};
use vigie_core::rights::rights;
use vigie_core::table::{Command, Equipment};

use super::lock::in_short;
use super::{Act, Verdict};
use crate::metropolis::world::World;

/// What an order is given together with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Together<'a> {
    /// The group that it is a member of.
    pub(super) group: Option<Whole>,
    /// The objects that are asked for at once, its own included.
    pub(super) objects: &'a [EquipmentId],
}

/// What is known of a group as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub(super) group_id: GroupId,
    pub(super) class: ClassCode,
    /// Whether a second person approved it.
    pub(super) approved: Result<(), Refusal>,
}

impl World {
    pub(super) fn apply_command(&mut self, act: Act<'_>, order: &CommandOrder) -> Verdict {
        self.take_command(act, order, Together { group: None, objects: &[order.equipment_id] })
    }

    pub(super) fn take_command(&mut self, act: Act<'_>, order: &CommandOrder, together: Together<'_>) -> Verdict {
        let Some(object) = self.equipment.get(order.equipment_id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        if self.commands.get(order.command_id.0).is_some() {
            return Verdict::refused(Refusal::IllegalEvent, None);
        }
        let (account, now) = (act.account, act.now);
        let (action, state) = (action(&order.action), self.states.get(order.equipment_id.0).cloned());
        let shift_open = self.shifts.get(order.shift_id.0).is_some_and(|shift| {
            Some(shift.person_id) == account.person_id && shift.closed_at.is_none() && shift.ends_at > now
        });
        let lock = self.stopping(order.equipment_id, action, &order.params).cloned();
        let around = self.surroundings(&object, &order.params, together.objects);
        let proceeding = self.known_of(act, order);
        let proceeding =
            Proceeding { whole: together.group.map(|whole| whole.approved), ..proceeding.facts(account.person_id) };
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
            programme: self.programme_refusal(action, order.equipment_id, &order.params, now),
            group: together.group.map(|whole| whole.class),
            proceeding,
        };
        let judged = judge(order, &facts).and_then(|class| {
            self.within_count(act, class, order, together.objects)
                .or_else(|_| proceeding.second(order, now).map(|()| class))
        });
        let to = match judged {
            Ok(_) => CommandState::Accepted,
            Err(Refusal::Expired) => CommandState::Expired,
            Err(_) => CommandState::Rejected,
        };
        // An account without a person (a program's) cannot be the author of a row.
        if let Some(person_id) = account.person_id {
            if judged.is_ok() && action.is_some_and(|a| a.class != ClassCode::A) {
                self.supersede(act, order);
            }
            let row = Command {
                command_id: order.command_id,
                equipment_id: order.equipment_id,
                action: order.action.clone(),
                class: facts.group.unwrap_or_else(|| classify(action, &order.params, around)),
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
                group_id: together.group.map(|whole| whole.group_id),
                approval_id: order.procedure.approval_id,
                sole: order.procedure.sole.as_ref().map(|sole| sole.reason),
            };
            let taken = judged.is_ok().then(|| row.clone());
            self.write_command(act.xid, row, CommandState::Submitted, "metropolis");
            if let Some(taken) = taken {
                self.freeze_programme(act, action, &order.params);
                self.proceed(act, order, &taken);
            }
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

    /// R7: whether one person alone may ask for so much.
    fn within_count(
        &self,
        act: Act<'_>,
        class: ClassCode,
        order: &CommandOrder,
        together: &[EquipmentId],
    ) -> Result<ClassCode, Refusal> {
        let Some(action) = action(&order.action).filter(|_| class == ClassCode::C) else { return Ok(class) };
        let reached = match act.account.person_id {
            Some(author) => counted(self.commands.iter().map(AsRef::as_ref), author, action.kind, act.now, together),
            None => together.len(),
        };
        within_count(class, action, &order.params, reached)
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

    /// What stands around an object, where a level is asked of others at the same time.
    pub(super) fn surroundings(&self, object: &Equipment, params: &Params, together: &[EquipmentId]) -> Surroundings {
        let safety = |e: &Equipment| e.attributes.get("safety_level").and_then(Value::as_f64);
        let mut around = Surroundings {
            crossing: object.attributes.get("crossing") == Some(&Value::Bool(true)),
            safety_level: safety(object).unwrap_or(0.0) as i64,
            neighbours_below: 0,
            lowest: self.lowest_of(params),
        };
        let level = params.number("level").or(around.lowest.map(|level| level as f64));
        let Some(rank) = object.attributes.get("rank").and_then(Value::as_f64) else { return around };
        let street = self.lights.get(&(object.insee_code.clone(), object.street.clone()));
        for (_, id) in
            street.into_iter().flatten().filter(|(r, id)| (r - rank).abs() <= 2.0 && *id != object.equipment_id)
        {
            let Some(floor) = self.equipment.get(id.0).and_then(|e| safety(e)) else { continue };
            let below = |level: Option<f64>| level.is_some_and(|level| level < floor);
            let dimmed = self.states.get(id.0).and_then(|s| s.target.as_ref()?.number("level"));
            let asked = self.live_on(*id).iter().any(|c| {
                let level = || c.params.number("level").or(self.lowest_of(&c.params).map(|level| level as f64));
                action(&c.action).is_some_and(|a| a.dims) && under_way(c.state) && below(level())
            });
            let by_night = below(self.lowest_on(*id).map(|level| level as f64));
            let with_it = together.contains(id) && below(level);
            around.neighbours_below += u32::from(below(dimmed) || asked || by_night || with_it);
        }
        around
    }
}

fn under_way(state: CommandState) -> bool {
    use CommandState as S;
    matches!(state, S::Accepted | S::Dispatching | S::Dispatched | S::Executed)
}
