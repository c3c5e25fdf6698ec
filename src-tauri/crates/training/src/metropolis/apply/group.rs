//! Kinds `command_group` and `command_group_stop`: many objects in one submission, each judged as a member of the whole; and
//! the lists of objects that are kept for groups to come.

use std::collections::HashMap;

use serde_json::json;
use vigie_core::command::{
    CommandEventCode, GroupOrder, Params, Refusal, Surroundings, action, class_of_group, group_approved, may_be_kept,
    step, used,
};
use vigie_core::ids::{EquipmentId, GroupId, SavedGroupId};
use vigie_core::rights::Role;
use vigie_core::table::{CommandGroup, SavedGroup};

use super::command::{Together, Whole};
use super::{Act, Verdict};
use crate::metropolis::table::Fed as _;
use crate::metropolis::world::World;

impl World {
    /// Applied when one member was taken; which were not, and why, is in the detail.
    pub(super) fn apply_group(&mut self, act: Act<'_>, order: &GroupOrder) -> Verdict {
        if !order.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        if self.groups.get(order.group_id.0).is_some() {
            return Verdict::refused(Refusal::IllegalEvent, None);
        }
        let objects: Vec<_> = order.members.iter().map(|m| m.equipment_id).collect();
        let around = self.around_each(&objects, &order.params);
        let class = class_of_group(action(&order.action), &order.params, around.into_iter(), objects.len());
        if let Some(person_id) = act.account.person_id {
            let row = CommandGroup {
                group_id: order.group_id,
                action: order.action.clone(),
                class,
                params: order.params.clone(),
                person_id,
                role: act.account.role,
                shift_id: order.shift_id,
                desk_id: order.desk_id,
                reason: order.reason.clone(),
                chosen: order.chosen,
                chosen_name: order.chosen_name.clone(),
                issued_at: order.issued_at,
                expires_at: order.expires_at,
                effect_until: order.effect_until,
                members: i64::try_from(objects.len()).unwrap_or(i64::MAX),
                excluded: order.excluded.clone(),
                stopped_at: None,
                stopped_by: None,
            };
            self.groups.put(act.xid, row);
        }
        let request = order.approval_id.and_then(|id| self.requests.get(id.0)).cloned();
        let approved = match order.approval_id {
            Some(_) => group_approved(request.as_deref(), order, act.account.person_id, act.now),
            None => Err(Refusal::NeedsSecondPerson),
        };
        let whole = Whole { group_id: order.group_id, class, approved };
        let together = Together { group: Some(whole), objects: &objects };
        let mut refused = Vec::new();
        for member in &order.members {
            if let Some(code) = self.take_command(act, &order.order_of(member), together).code {
                refused.push((member.command_id, code));
            }
        }
        let none_taken = refused.len() == order.members.len();
        // Operated once, whatever became of each member.
        if let Some(request) = request.filter(|_| approved.is_ok() && !none_taken) {
            self.requests.put(act.xid, used(request.as_ref().clone()));
        }
        let code = refused.first().map(|(_, code)| *code).filter(|_| none_taken);
        let refused: HashMap<_, _> = refused.iter().map(|(id, code)| (id.to_string(), code.code())).collect();
        Verdict { code, command_state: None, detail: json!({ "refused": refused }) }
    }

    /// What stands around each of these objects, as far as they exist.
    pub(super) fn around_each(&self, objects: &[EquipmentId], params: &Params) -> Vec<Surroundings> {
        let known = objects.iter().filter_map(|id| self.equipment.get(id.0));
        known.map(|object| self.surroundings(object, params, objects)).collect()
    }

    /// Every member that has not left is cancelled.
    pub(super) fn apply_group_stop(&mut self, act: Act<'_>, id: GroupId) -> Verdict {
        let Some(group) = self.groups.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        if act.account.role != Role::Supervisor && Some(group.person_id) != act.account.person_id {
            return Verdict::refused(Refusal::NotAllowed, None);
        }
        let mut members: Vec<_> = self.commands.iter().filter(|c| c.group_id == Some(id)).cloned().collect();
        members.sort_by_key(|c| c.command_id);
        let mut stopped = 0;
        for command in members {
            if let Ok(to) = step(command.state, CommandEventCode::Cancel, act.now, command.expires_at) {
                let why = Some("group_stopped".to_owned());
                self.move_command(act.xid, &command, to, act.now, "desk", why);
                stopped += 1;
            }
        }
        if group.stopped_at.is_none() {
            let (stopped_at, stopped_by) = (Some(act.now), act.account.person_id);
            self.groups.put(act.xid, CommandGroup { stopped_at, stopped_by, ..group.as_ref().clone() });
        }
        Verdict { code: None, command_state: None, detail: json!({ "stopped": stopped }) }
    }

    pub(super) fn apply_saved_group_put(
        &mut self,
        act: Act<'_>,
        saved_group_id: SavedGroupId,
        name: &str,
        members: &[EquipmentId],
    ) -> Verdict {
        if !may_be_kept(name, members) {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let (name, members) = (name.to_owned(), members.to_vec());
        self.saved_groups.put(act.xid, SavedGroup { saved_group_id, name, members, person_id, changed_at: act.now });
        Verdict::applied(None)
    }

    pub(super) fn apply_saved_group_drop(&mut self, act: Act<'_>, id: SavedGroupId) -> Verdict {
        if self.saved_groups.get(id.0).is_none() {
            return Verdict::refused(Refusal::NoSuchObject, None);
        }
        self.saved_groups.delete(act.xid, id.0);
        Verdict::applied(None)
    }
}
