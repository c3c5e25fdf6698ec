//! Kinds `shift_open` and `shift_close`: who holds which desk.

use vigie_core::command::Refusal;
use vigie_core::ids::{DeskId, ShiftId};
use vigie_core::rights::Role;
use vigie_core::table::Shift;
use vigie_core::time::Timestamp;

use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    /// Someone takes a desk, in the role of his account.
    pub(super) fn apply_shift_open(
        &mut self,
        act: Act<'_>,
        shift_id: ShiftId,
        desk_id: DeskId,
        ends_at: Timestamp,
    ) -> Verdict {
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        if self.desks.get(desk_id.0).is_none() {
            return Verdict::refused(Refusal::NoSuchObject, None);
        }
        if ends_at <= act.now {
            return Verdict::refused(Refusal::ShiftOver, None);
        }
        if self.shifts.get(shift_id.0).is_some() {
            return Verdict::refused(Refusal::IllegalEvent, None);
        }
        let role = act.account.role;
        let shift = Shift { shift_id, desk_id, person_id, role, opened_at: act.now, ends_at, closed_at: None };
        self.shifts.put(act.xid, shift);
        Verdict::applied(None)
    }

    /// Someone leaves his desk, or a supervisor closes a shift that was left open.
    pub(super) fn apply_shift_close(&mut self, act: Act<'_>, shift_id: ShiftId) -> Verdict {
        let Some(shift) = self.shifts.get(shift_id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        if act.account.role != Role::Supervisor && Some(shift.person_id) != act.account.person_id {
            return Verdict::refused(Refusal::NotAllowed, None);
        }
        if shift.closed_at.is_some() {
            return Verdict::refused(Refusal::ShiftOver, None);
        }
        self.shifts.put(act.xid, Shift { closed_at: Some(act.now), ..shift.as_ref().clone() });
        self.end_procedures_of(act.xid, shift_id);
        Verdict::applied(None)
    }
}
