//! Kinds `lock_ask`, `lock_lift` and `lock_force_lift`: crews that lock what they work at (R10). The transitions are the core's.

use serde_json::{Value, json};
use vigie_core::command::{Action, ClassCode, CommandState, Params, Refusal, action};
use vigie_core::ids::{EquipmentId, PersonId, RecordId};
use vigie_core::lock::{
    LockAsk, LockCall, LockState, asked, coming, confirm_lift, extend, force_lift, grant, in_flight, lift, stopping,
};
use vigie_core::record::Signed;
use vigie_core::table::{Command, CrewLock, EquipmentState};
use vigie_core::time::Timestamp;

use super::{Act, Verdict};
use crate::metropolis::table::Xid;
use crate::metropolis::world::World;

impl World {
    /// A lock, written once under its own identifier. What has not left and is not in the safe direction is rejected; what is
    /// in flight ends first.
    pub(super) fn apply_lock_ask(&mut self, act: Act<'_>, signed: &Signed<LockAsk>) -> Verdict {
        let ask = &signed.written;
        if !ask.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let deposited_by = match self.depositor(act, ask.person_id, ask.desk_id, signed.seal.as_ref()) {
            Ok(deposited_by) => deposited_by,
            Err(refusal) => return Verdict::refused(refusal, None),
        };
        if self.equipment.get(ask.equipment_id.0).is_none() {
            return Verdict::refused(Refusal::NoSuchObject, None);
        }
        if let Some(known) = self.locks.get(ask.lock_id.0) {
            let same = known.person_id == ask.person_id
                && known.equipment_id == ask.equipment_id
                && known.written_at == ask.written_at;
            if !same {
                return Verdict::refused(Refusal::IllegalEvent, None);
            }
        } else {
            for command in self.live_on(ask.equipment_id) {
                if command.state == CommandState::Accepted && !reads_or_goes_safe(&command) {
                    let why = Some(Refusal::CrewLock.code().to_owned());
                    self.move_command(act.xid, &command, CommandState::Rejected, act.now, "metropolis", why);
                }
            }
            self.locks.put(act.xid, asked(signed, deposited_by, act.now));
            self.grant_locks(act.xid, ask.equipment_id, act.now);
        }
        self.stands(ask.lock_id)
    }

    pub(super) fn apply_lock_lift(&mut self, act: Act<'_>, id: RecordId) -> Verdict {
        self.move_lock(act, id, |lock, me| lift(lock, me, act.now))
    }

    pub(super) fn apply_lock_extend(&mut self, act: Act<'_>, id: RecordId, to: Timestamp) -> Verdict {
        self.move_lock(act, id, |lock, me| extend(lock, to, me, act.now))
    }

    pub(super) fn apply_lock_force_lift(&mut self, act: Act<'_>, id: RecordId, call: Option<&LockCall>) -> Verdict {
        match call {
            Some(call) if !call.is_well_formed() => Verdict::refused(Refusal::Malformed, None),
            Some(call) => self.move_lock(act, id, |lock, me| force_lift(lock, call, me, act.now)),
            None => self.move_lock(act, id, |lock, me| confirm_lift(lock, me, act.now)),
        }
    }

    fn move_lock(
        &mut self,
        act: Act<'_>,
        id: RecordId,
        change: impl FnOnce(&CrewLock, PersonId) -> Result<CrewLock, Refusal>,
    ) -> Verdict {
        let Some(me) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let Some(lock) = self.locks.get(id.0).cloned() else { return Verdict::refused(Refusal::NoSuchObject, None) };
        match change(&lock, me) {
            Ok(next) => {
                if next.state == LockState::Lifted {
                    self.move_control(act.xid, next.equipment_id);
                }
                self.locks.put(act.xid, next);
                self.stands(id)
            }
            Err(refusal) => Verdict::refused(refusal, None),
        }
    }

    fn stands(&self, id: RecordId) -> Verdict {
        let state = self.locks.get(id.0).map(|lock| lock.state);
        Verdict { detail: json!({ "state": state }), ..Verdict::applied(None) }
    }

    /// Grants what is asked on an object, once nothing is in flight on it.
    pub(crate) fn grant_locks(&mut self, xid: Xid, object: EquipmentId, now: Timestamp) {
        let waiting: Vec<_> =
            self.locks_on(object).filter(|lock| lock.state == LockState::Asked).map(|lock| lock.lock_id).collect();
        if waiting.is_empty() {
            return;
        }
        let live = self.live_on(object);
        // What a key moved a moment ago may still move.
        if live.iter().any(|command| in_flight(command)) || self.may_move(object) {
            return;
        }
        let changes = coming(live.iter().map(AsRef::as_ref));
        for id in waiting {
            if let Some(granted) = self.locks.get(id.0).and_then(|lock| grant(lock, changes.clone(), now)) {
                self.locks.put(xid, granted);
                self.move_control(xid, object);
            }
        }
    }

    /// What waited for something that ended without being told to it, as the house looks each second.
    pub(crate) fn grant_waiting_locks(&mut self, now: Timestamp) {
        let waiting = self.locks.iter().filter(|lock| lock.state == LockState::Asked && lock.over_at.is_none());
        let still =
            |id: &EquipmentId| !self.may_move(*id) && !self.live_on(*id).iter().any(|command| in_flight(command));
        let objects: Vec<_> = waiting.map(|lock| lock.equipment_id).filter(still).collect();
        for object in objects {
            let xid = self.begin();
            self.grant_locks(xid, object, now);
        }
    }

    fn locks_on(&self, object: EquipmentId) -> impl Iterator<Item = &CrewLock> {
        self.locks.iter().map(AsRef::as_ref).filter(move |lock| lock.equipment_id == object)
    }

    /// The lock that stands against an order on an object.
    pub(super) fn stopping(&self, object: EquipmentId, action: Option<&Action>, params: &Params) -> Option<&CrewLock> {
        let reads = action.is_some_and(|a| a.class == ClassCode::A);
        let safe = action.is_some_and(|a| a.goes_safe(params));
        stopping(self.locks_on(object), reads, safe)
    }

    /// A lock that comes or goes is a change of the object's control (R4).
    fn move_control(&mut self, xid: Xid, object: EquipmentId) {
        if let Some(state) = self.states.get(object.0).map(|state| state.as_ref().clone()) {
            let (version, control_version) = (state.version + 1, state.control_version + 1);
            self.states.put(xid, EquipmentState { version, control_version, ..state });
            self.void_what_moved(xid, object);
        }
    }
}

/// What whoever is refused needs to know.
pub(super) fn in_short(lock: &CrewLock) -> Value {
    json!({"lock": {
        "lock_id": lock.lock_id, "state": lock.state, "holder": lock.holder, "phone": lock.phone, "place": lock.place,
        "expected_end": lock.ends_at(),
    }})
}

fn reads_or_goes_safe(command: &Command) -> bool {
    action(&command.action).is_some_and(|a| a.class == ClassCode::A || a.goes_safe(&command.params))
}
