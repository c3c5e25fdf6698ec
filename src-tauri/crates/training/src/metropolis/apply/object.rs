//! Kinds `object_take`, `object_give`, `object_release`: one desk pilots an object at a time (R9).

use vigie_core::command::{Refusal, SELECT_LIFE};
use vigie_core::ids::{DeskId, EquipmentId, ShiftId};
use vigie_core::rights::{Role, rights};
use vigie_core::table::DeskHold;

use super::{Act, Verdict};
use crate::metropolis::table::Fed;
use crate::metropolis::world::World;

impl World {
    pub(super) fn apply_object_take(
        &mut self,
        act: Act<'_>,
        id: EquipmentId,
        shift_id: ShiftId,
        select: bool,
    ) -> Verdict {
        let Some(object) = self.equipment.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        let person = act.account.person_id.filter(|_| rights().may_pilot(act.account.role, object.kind));
        let Some(person) = person else { return Verdict::refused(Refusal::NotAllowed, None) };
        if !self.is_on_shift(Some(shift_id), person, act.now) {
            return Verdict::refused(Refusal::ShiftOver, None);
        }
        if self.living_hold(id, act.now).is_some_and(|hold| hold.person_id != person) {
            return Verdict::refused(Refusal::HeldByOtherDesk, None);
        }
        self.put_hold(act, id, shift_id, select.then(|| act.now.plus(SELECT_LIFE)), select);
        Verdict::applied(None)
    }

    pub(super) fn apply_object_give(&mut self, act: Act<'_>, id: EquipmentId, to_desk: DeskId) -> Verdict {
        let held = match self.own_hold(act, id) {
            Ok(held) => held,
            Err(refusal) => return Verdict::refused(refusal, None),
        };
        let kind = self.equipment.get(id.0).map(|e| e.kind);
        // To a desk where somebody sits who may pilot it.
        let next = self
            .shifts
            .iter()
            .filter(|s| s.desk_id == to_desk && s.closed_at.is_none() && s.ends_at > act.now)
            .filter(|s| kind.is_some_and(|kind| rights().may_pilot(s.role, kind)))
            .max_by_key(|s| (s.opened_at, std::cmp::Reverse(s.shift_id)))
            .map(|s| s.shift_id);
        let Some(next) = next else { return Verdict::refused(Refusal::NoSuchObject, None) };
        self.holds.delete(act.xid, held.equipment_id.0);
        self.put_hold(act, id, next, None, false);
        Verdict::applied(None)
    }

    pub(super) fn apply_object_release(&mut self, act: Act<'_>, id: EquipmentId) -> Verdict {
        match self.own_hold(act, id) {
            Ok(held) => {
                self.holds.delete(act.xid, held.equipment_id.0);
                Verdict::applied(None)
            }
            Err(refusal) => Verdict::refused(refusal, None),
        }
    }

    /// A hold that lives and that this account may give or release.
    fn own_hold(&self, act: Act<'_>, id: EquipmentId) -> Result<DeskHold, Refusal> {
        let held = self.living_hold(id, act.now).ok_or(Refusal::IllegalEvent)?;
        let may = act.account.role == Role::Supervisor || act.account.person_id == Some(held.person_id);
        if may { Ok(held) } else { Err(Refusal::NotAllowed) }
    }
}
