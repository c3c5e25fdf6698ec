//! The procedure of commands (R6 to R9): what is known of an order's, what a taken order leaves of it, what ends by itself.

use std::collections::HashSet;
use std::sync::Arc;

use vigie_core::alarm::NoticeReason;
use vigie_core::command::{
    ALONE_WITHIN, ClassCode, CommandOrder, Proceeding, REVIEW_WITHIN, RequestEvent, RequestState, Taking, VoidReason,
    action, counts, holds, is_of, is_over, operated_until, request_step, spent, taken, used, validator, void_request,
};
use vigie_core::ids::{EquipmentId, PersonId, ShiftId};
use vigie_core::table::{ApprovalRequest, Command, DeskHold, Notice, Shift, SoleReview};
use vigie_core::time::Timestamp;

use super::Act;
use crate::metropolis::table::{Fed, Xid};
use crate::metropolis::world::World;

/// What the metropolis knows of an order's procedure.
pub(super) struct Known {
    request: Option<Arc<ApprovalRequest>>,
    hold: Option<DeskHold>,
    present: bool,
    declined: bool,
    spent: bool,
}

impl Known {
    pub(super) fn facts(&self, author: Option<PersonId>) -> Proceeding<'_> {
        Proceeding {
            author,
            request: self.request.as_deref(),
            hold: self.hold.as_ref(),
            present: self.present,
            declined: self.declined,
            spent: self.spent,
            whole: None,
        }
    }
}

fn is_open(shift: &Shift, now: Timestamp) -> bool {
    shift.closed_at.is_none() && shift.ends_at > now
}

impl World {
    pub(super) fn known_of(&self, act: Act<'_>, order: &CommandOrder) -> Known {
        let (me, now) = (act.account.person_id, act.now);
        let alone = self
            .commands
            .iter()
            .filter(|c| c.equipment_id == order.equipment_id && c.sole.is_some() && counts(c.state))
            .map(AsRef::as_ref);
        let alone: Vec<&Command> = if order.procedure.sole.is_some() { alone.collect() } else { Vec::new() };
        Known {
            request: order.procedure.approval_id.and_then(|id| self.requests.get(id.0)).cloned(),
            hold: self.living_hold(order.equipment_id, now),
            present: self
                .shifts
                .iter()
                .any(|s| Some(s.person_id) != me && is_open(s, now) && validator(s.role).is_some()),
            declined: self.requests.iter().any(|r| {
                r.state == RequestState::Declined
                    && Some(r.person_id) == me
                    && r.action == order.action
                    && r.asked_at >= now.minus(ALONE_WITHIN)
                    && asks_about(r, order.equipment_id)
            }),
            spent: spent(order.issued_at, &alone),
        }
    }

    /// The hold on an object, if it lives.
    pub(super) fn living_hold(&self, object: EquipmentId, now: Timestamp) -> Option<DeskHold> {
        let hold = self.holds.get(object.0)?;
        let shift = self.shifts.get(hold.shift_id.0).map(AsRef::as_ref);
        holds(hold, shift, now).then(|| hold.as_ref().clone())
    }

    /// Takes an object for a shift, or until an end. The caller knows that nobody else holds it.
    pub(super) fn put_hold(
        &mut self,
        act: Act<'_>,
        object: EquipmentId,
        shift_id: ShiftId,
        until: Option<Timestamp>,
        select: bool,
    ) {
        let Some(shift) = self.shifts.get(shift_id.0).cloned() else { return };
        let who = Taking {
            equipment_id: object,
            desk_id: shift.desk_id,
            shift_id,
            person_id: shift.person_id,
            ends_at: shift.ends_at,
        };
        let living = self.living_hold(object, act.now);
        if let Ok(hold) = taken(living.as_ref(), who, until, select, act.now) {
            self.holds.put(act.xid, hold);
        }
    }

    /// What a taken order leaves: its approval is used, its desk pilots the object, what was done alone is told.
    pub(super) fn proceed(&mut self, act: Act<'_>, order: &CommandOrder, row: &Command) {
        let safe = action(&order.action).is_none_or(|a| a.goes_safe(&order.params));
        if row.class == ClassCode::A || safe {
            return;
        }
        self.put_hold(act, order.equipment_id, order.shift_id, Some(operated_until(order)), false);
        let request = order.procedure.approval_id.and_then(|id| self.requests.get(id.0)).cloned();
        let Some(sole) = &order.procedure.sole else {
            // That of a group is used by the whole.
            let its = |r: &Arc<ApprovalRequest>| r.person_id == row.person_id && is_of(r, order);
            if let Some(request) = request.filter(|r| row.group_id.is_none() && its(r)) {
                self.requests.put(act.xid, used(request.as_ref().clone()));
            }
            return;
        };
        if let Some(over) = request.and_then(|r| void_request(r.as_ref().clone(), VoidReason::OperatedAlone)) {
            self.requests.put(act.xid, over);
        }
        let review = SoleReview {
            review_id: order.command_id.0,
            equipment_id: order.equipment_id,
            action: order.action.clone(),
            person_id: row.person_id,
            reason: sole.reason,
            caller: sole.caller.clone(),
            phone: sole.phone.clone(),
            operated_at: act.now,
            due_at: act.now.plus(REVIEW_WITHIN),
            reviewed_at: None,
            reviewed_by: None,
            finding: String::new(),
        };
        self.reviews.put(act.xid, review);
        // The person on call is told at once.
        let notice = Notice {
            notice_id: order.command_id.0,
            reason: NoticeReason::OperatedAlone,
            alarm_id: None,
            raised_at: act.now,
            sent_at: None,
            over_at: None,
            command_id: Some(order.command_id),
        };
        self.notices.put(act.xid, notice);
    }

    fn open_requests(&self, wanted: impl Fn(&ApprovalRequest) -> bool) -> Vec<ApprovalRequest> {
        let open = self.requests.iter().filter(|r| r.state.is_open() && wanted(r));
        open.map(|r| r.as_ref().clone()).collect()
    }

    /// Open requests that satisfy a condition become void.
    pub(super) fn void_requests(&mut self, xid: Xid, why: VoidReason, wanted: impl Fn(&ApprovalRequest) -> bool) {
        for request in self.open_requests(wanted) {
            if let Some(over) = void_request(request, why) {
                self.requests.put(xid, over);
            }
        }
    }

    /// Whatever moves an object's control voids what was approved on the state before (R6).
    pub(crate) fn void_what_moved(&mut self, xid: Xid, object: EquipmentId) {
        self.void_requests(xid, VoidReason::ControlChanged, |r| asks_about(r, object) && !r.used.0.contains(&object));
    }

    /// Holds and requests of a shift end with it.
    pub(super) fn end_procedures_of(&mut self, xid: Xid, shift: ShiftId) {
        let held: Vec<_> = self.holds.iter().filter(|h| h.shift_id == shift).map(|h| h.equipment_id.0).collect();
        for key in held {
            self.holds.delete(xid, key);
        }
        self.void_requests(xid, VoidReason::ShiftOver, |r| r.shift_id == shift);
    }

    /// What is past its time, as the house says each second.
    pub(crate) fn end_procedures(&mut self, now: Timestamp) {
        let over = self.open_requests(|r| is_over(r, now));
        let open = |id: ShiftId| self.shifts.get(id.0).is_some_and(|s| is_open(s, now));
        let left: HashSet<ShiftId> =
            self.requests.iter().filter(|r| r.state.is_open() && !open(r.shift_id)).map(|r| r.shift_id).collect();
        let gone: Vec<_> = self
            .holds
            .iter()
            .filter(|h| !holds(h, self.shifts.get(h.shift_id.0).map(AsRef::as_ref), now))
            .map(|h| h.equipment_id.0)
            .collect();
        if over.is_empty() && left.is_empty() && gone.is_empty() {
            return;
        }
        let xid = self.begin();
        for mut request in over {
            if let Some(next) = request_step(request.state, RequestEvent::Expire) {
                request.state = next;
                self.requests.put(xid, request);
            }
        }
        self.void_requests(xid, VoidReason::ShiftOver, |r| left.contains(&r.shift_id));
        for key in gone {
            self.holds.delete(xid, key);
        }
    }
}

/// Whether a request is about an object.
pub(super) fn asks_about(request: &ApprovalRequest, object: EquipmentId) -> bool {
    request.objects.0.iter().any(|asked| asked.equipment_id == object)
}
