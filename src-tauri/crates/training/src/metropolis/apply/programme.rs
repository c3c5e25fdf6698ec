//! Kinds `programme_put` and `programme_drop`: programmes as drafts; and which programme each object has.

use vigie_core::command::{Action, Params, Refusal, VoidReason};
use vigie_core::equipment::Reading;
use vigie_core::ids::{EquipmentId, ProgrammeId};
use vigie_core::programme::{
    Content, ProgrammeKind, ProgrammeRef, assigned, compared, lowest_named, may_apply, named, today, validate, written,
};
use vigie_core::table::{Command, Programme};
use vigie_core::time::Timestamp;

use super::{Act, Verdict};
use crate::metropolis::table::{Fed as _, Xid};
use crate::metropolis::world::World;

impl World {
    pub(super) fn apply_programme_put(
        &mut self,
        act: Act<'_>,
        which: (ProgrammeId, i64),
        says: (ProgrammeKind, &Content),
    ) -> Verdict {
        if !validate(says.0, says.1).is_empty() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let known = self.programmes.get(which.0.0).map(AsRef::as_ref);
        match written(known, which, says, (person_id, act.now)) {
            Ok(row) => {
                self.programmes.put(act.xid, row);
                self.void_programme(act.xid, which.0);
                Verdict::applied(None)
            }
            Err(refusal) => Verdict::refused(refusal, None),
        }
    }

    pub(super) fn apply_programme_drop(&mut self, act: Act<'_>, id: ProgrammeId) -> Verdict {
        let Some(known) = self.programmes.get(id.0) else {
            return Verdict::refused(Refusal::NoSuchProgramme, None);
        };
        if known.frozen_at.is_some() {
            return Verdict::refused(Refusal::ProgrammeInUse, None);
        }
        self.programmes.delete(act.xid, id.0);
        self.void_programme(act.xid, id);
        Verdict::applied(None)
    }

    /// What was asked or approved of a programme is not what it says now (R19).
    fn void_programme(&mut self, xid: Xid, id: ProgrammeId) {
        self.void_requests(
            xid,
            VoidReason::ProgrammeChanged,
            |request| matches!(ProgrammeRef::of(&request.params), Some(ProgrammeRef::Of(of, _)) if of == id),
        );
    }

    fn find_programme(&self, id: ProgrammeId) -> Option<&Programme> {
        self.programmes.get(id.0).map(AsRef::as_ref)
    }

    /// The lowest level by night of the programme that parameters name.
    pub(super) fn lowest_of(&self, params: &Params) -> Option<i64> {
        lowest_named(params, |id| self.find_programme(id))
    }

    /// The lowest level by night of the programme that an object has.
    pub(super) fn lowest_on(&self, object: EquipmentId) -> Option<i64> {
        let has = self.assignments.get(object.0)?.programme.parse().ok()?;
        named(has, |id| self.find_programme(id))?.lowest
    }

    /// Whether the programme that a command names may be applied to an object, or gone back to.
    pub(super) fn programme_refusal(
        &self,
        action: Option<&Action>,
        object: EquipmentId,
        params: &Params,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(action) = action else { return Ok(()) };
        let row = ProgrammeRef::of(params).and_then(|name| named(name, |id| self.find_programme(id)));
        may_apply(action, params, row, self.assignments.get(object.0).map(AsRef::as_ref), today(now))
    }

    /// A command for another programme was taken: what it names changes no more.
    pub(super) fn freeze_programme(&mut self, act: Act<'_>, action: Option<&Action>, params: &Params) {
        let Some(ProgrammeRef::Of(id, _)) = action.filter(|a| a.two_people).and_then(|_| ProgrammeRef::of(params))
        else {
            return;
        };
        if let Some(row) = self.programmes.get(id.0).filter(|row| row.frozen_at.is_none()).cloned() {
            self.programmes.put(act.xid, Programme { frozen_at: Some(act.now), ..row.as_ref().clone() });
        }
    }

    /// An object showed that it took a programme, or its device says so late.
    pub(crate) fn assign_programme(&mut self, xid: Xid, command: &Command, now: Timestamp) {
        let held = self.assignments.get(command.equipment_id.0).map(AsRef::as_ref);
        let newer = held
            .and_then(|row| self.commands.get(row.command_id.0))
            .is_some_and(|other| other.issued_at > command.issued_at);
        let approver = command.approval_id.and_then(|id| self.requests.get(id.0)).and_then(|r| r.approver_id);
        if let Some(row) = assigned(held, command, approver, newer, now) {
            self.assignments.put(xid, row);
        }
    }

    /// What an object reports against what was applied to it.
    pub(super) fn compare_programme(&mut self, act: Act<'_>, object: EquipmentId, reading: &Reading) {
        let held = self.assignments.get(object.0).map(AsRef::as_ref);
        if let Some(row) = held.and_then(|held| compared(held, reading.text("programme"), act.now)) {
            self.assignments.put(act.xid, row);
        }
    }
}
