//! Kinds `approval_request`, `approval_answer`, `approval_extend`, `approval_withdraw`, `request_select`: a second person
//! approves one command, on one object or on a group (R6, R7). And `sole_review`: somebody looks at what one person did alone (R8).

use vigie_core::command::{
    APPROVAL_LIFE, ASK_LIFE, Answer, Answering, Ask, AskFacts, Refusal, RequestState, SELECT_LIFE, UsedObjects,
    VoidReason, action, answer, class_of_group, extended, held_by_other, is_well_formed, may_ask, may_select,
    void_request,
};
use vigie_core::ids::{CommandId, EquipmentId, PersonId, RequestId, ShiftId};
use vigie_core::rights::rights;
use vigie_core::table::{ApprovalRequest, Notice, SoleReview};
use vigie_core::time::Timestamp;

use super::procedure::asks_about;
use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    pub(super) fn apply_approval_request(&mut self, act: Act<'_>, ask: &Ask) -> Verdict {
        if !is_well_formed(ask) {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let shift_open = self.is_on_shift(Some(ask.shift_id), person_id, act.now);
        let known = action(&ask.action);
        let objects: Vec<EquipmentId> = ask.objects.0.iter().map(|asked| asked.equipment_id).collect();
        let around = self.around_each(&objects, &ask.params);
        let class = class_of_group(known, &ask.params, around.into_iter(), objects.len());
        for asked in &ask.objects.0 {
            let Some(object) = self.equipment.get(asked.equipment_id.0) else {
                return Verdict::refused(Refusal::NoSuchObject, None);
            };
            let facts = AskFacts {
                may_pilot: rights().may_pilot(act.account.role, object.kind),
                action: known.filter(|a| a.kind == object.kind),
                programme: self.programme_refusal(known, object.equipment_id, &ask.params, act.now),
                class,
                control_version: self.states.get(asked.equipment_id.0).map(|s| s.control_version),
                seen: asked.control_version,
            };
            if let Err(refusal) = may_ask(ask, shift_open, &facts) {
                return Verdict::refused(refusal, None);
            }
        }
        if self.requests.get(ask.request_id.0).is_some() {
            return Verdict::refused(Refusal::IllegalEvent, None);
        }
        // One request of an author for an object at a time: the newest.
        self.void_requests(act.xid, VoidReason::Replaced, |r| {
            r.person_id == person_id && objects.iter().any(|object| asks_about(r, *object))
        });
        let request = ApprovalRequest {
            request_id: ask.request_id,
            objects: ask.objects.clone(),
            used: UsedObjects::default(),
            action: ask.action.clone(),
            params: ask.params.clone(),
            effect_s: ask.effect_s,
            class,
            consequence: ask.consequence.clone(),
            person_id,
            role: act.account.role,
            desk_id: ask.desk_id,
            shift_id: ask.shift_id,
            reason: ask.reason.clone(),
            asked_at: act.now,
            expires_at: act.now.plus(ASK_LIFE),
            state: RequestState::Asked,
            approver_id: None,
            approver_role: None,
            approved_at: None,
            approval_until: None,
            void_reason: None,
            about: ask.about.clone(),
        };
        self.requests.put(act.xid, request);
        Verdict::applied(None)
    }

    pub(super) fn apply_approval_answer(&mut self, act: Act<'_>, given: &Answer) -> Verdict {
        let (now, person_id, role) = (act.now, act.account.person_id, act.account.role);
        let request = self.requests.get(given.request_id.0).cloned();
        let unmoved = request.as_ref().is_some_and(|request| {
            request.objects.0.iter().all(|asked| {
                self.states
                    .get(asked.equipment_id.0)
                    .is_some_and(|state| state.control_version == asked.control_version)
            })
        });
        let shift_open = person_id.is_some_and(|person| self.is_on_shift(given.shift_id, person, now));
        let who = Answering { person_id, role, shift_open, unmoved };
        let judged = answer(request.as_deref(), who, given.approves, now);
        let Some(request) = request else { return Verdict::refused(Refusal::NoSuchObject, None) };
        match judged {
            Ok(state) => {
                let approved = state == RequestState::Approved;
                let request = ApprovalRequest {
                    state,
                    approver_id: person_id,
                    approver_role: Some(role),
                    approved_at: approved.then_some(now),
                    approval_until: approved.then(|| now.plus(APPROVAL_LIFE)),
                    ..request.as_ref().clone()
                };
                self.requests.put(act.xid, request);
                Verdict::applied(None)
            }
            Err(refusal) => {
                if refusal == Refusal::ControlChanged
                    && let Some(over) = void_request(request.as_ref().clone(), VoidReason::ControlChanged)
                {
                    self.requests.put(act.xid, over);
                }
                Verdict::refused(refusal, None)
            }
        }
    }

    pub(super) fn apply_approval_extend(&mut self, act: Act<'_>, id: RequestId) -> Verdict {
        let Some(request) = self.requests.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        let me = act.account.person_id;
        if me.is_none() || (me != Some(request.person_id) && me != request.approver_id) {
            return Verdict::refused(Refusal::NotAllowed, None);
        }
        let Some(until) = extended(&request, act.now) else {
            return Verdict::refused(Refusal::ApprovalOver, None);
        };
        self.requests.put(act.xid, ApprovalRequest { approval_until: Some(until), ..request.as_ref().clone() });
        Verdict::applied(None)
    }

    pub(super) fn apply_approval_withdraw(&mut self, act: Act<'_>, id: RequestId, why: VoidReason) -> Verdict {
        if !why.is_of_the_desk() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let Some(request) = self.requests.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        if act.account.person_id != Some(request.person_id) {
            return Verdict::refused(Refusal::NotAllowed, None);
        }
        match void_request(request.as_ref().clone(), why) {
            Some(over) => {
                self.requests.put(act.xid, over);
                Verdict::applied(None)
            }
            None => Verdict::refused(Refusal::IllegalEvent, None),
        }
    }

    /// All of its objects, or none.
    pub(super) fn apply_request_select(&mut self, act: Act<'_>, id: RequestId, shift_id: ShiftId) -> Verdict {
        let (me, now) = (act.account.person_id, act.now);
        let request = self.requests.get(id.0).cloned();
        let asked = request.iter().flat_map(|r| &r.objects.0).map(|asked| asked.equipment_id);
        let objects: Vec<_> = asked.filter(|id| self.equipment.get(id.0).is_some()).collect();
        let held = objects.iter().any(|object| held_by_other(self.living_hold(*object, now).as_ref(), me));
        let shift_open = me.is_some_and(|me| self.is_on_shift(Some(shift_id), me, now));
        if let Err(refusal) = may_select(request.as_deref(), me, shift_open, held, now) {
            return Verdict::refused(refusal, None);
        }
        for object in objects {
            self.put_hold(act, object, shift_id, Some(now.plus(SELECT_LIFE)), true);
        }
        Verdict::applied(None)
    }

    pub(super) fn apply_sole_review(&mut self, act: Act<'_>, id: CommandId, finding: &str) -> Verdict {
        let Some(review) = self.reviews.get(id.0).cloned() else {
            return Verdict::refused(Refusal::NoSuchObject, None);
        };
        let Some(me) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        if me == review.person_id {
            return Verdict::refused(Refusal::SamePerson, None);
        }
        if finding.trim().is_empty() {
            return Verdict::refused(Refusal::ReasonNeeded, None);
        }
        if review.reviewed_at.is_some() {
            return Verdict::refused(Refusal::IllegalEvent, None);
        }
        let reviewed = SoleReview {
            reviewed_at: Some(act.now),
            reviewed_by: Some(me),
            finding: finding.to_owned(),
            ..review.as_ref().clone()
        };
        self.reviews.put(act.xid, reviewed);
        if let Some(notice) = self.notices.get(id.0).filter(|n| n.over_at.is_none()).cloned() {
            self.notices.put(act.xid, Notice { over_at: Some(act.now), ..notice.as_ref().clone() });
        }
        Verdict::applied(None)
    }

    /// Whether a shift is this person's and open.
    pub(super) fn is_on_shift(&self, shift: Option<ShiftId>, person: PersonId, now: Timestamp) -> bool {
        shift
            .and_then(|id| self.shifts.get(id.0))
            .is_some_and(|s| s.person_id == person && s.closed_at.is_none() && s.ends_at > now)
    }
}
