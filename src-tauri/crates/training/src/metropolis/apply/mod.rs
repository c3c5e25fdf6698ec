//! What may be written: one file per kind of submission, as in the database.
//!
//! A submission is applied at most once; asked again it gets its first outcome (R16). The answers equal those of the
//! PostgreSQL metropolis: the contract suite of the test kit drives both.

mod alarm;
mod approval;
mod command;
mod flood;
mod group;
mod live;
mod lock;
mod log;
mod object;
mod person;
mod procedure;
mod programme;
mod progress;
mod report;
mod shift;
mod source;
mod zone;

use serde_json::Value;
use vigie_core::alarm::HandlingKind;
use vigie_core::command::{CommandState, Refusal};
use vigie_core::rights::{Role, rights};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission, holds_nul};
use vigie_core::time::Timestamp;
use vigie_core::zone::ZoneSaid;

use super::table::Xid;
use super::world::World;
use crate::city::Account;

/// What was decided of one submission.
pub(crate) struct Verdict {
    code: Option<Refusal>,
    command_state: Option<CommandState>,
    detail: Value,
}

impl Verdict {
    fn applied(command_state: Option<CommandState>) -> Self {
        Self { code: None, command_state, detail: Value::Null }
    }

    fn refused(code: Refusal, command_state: Option<CommandState>) -> Self {
        Self { code: Some(code), command_state, detail: Value::Null }
    }
}

/// Who submits, when, in which transaction.
#[derive(Clone, Copy)]
pub(crate) struct Act<'a> {
    pub(crate) account: &'a Account,
    pub(crate) now: Timestamp,
    pub(crate) xid: Xid,
}

impl World {
    /// Applies a batch in one transaction; one outcome each, in order.
    pub(crate) fn submit(&mut self, account: &Account, batch: &[Submission], now: Timestamp) -> Vec<Outcome> {
        let act = Act { account, now, xid: self.begin() };
        batch.iter().map(|submission| self.submit_one(act, submission)).collect()
    }

    fn submit_one(&mut self, act: Act<'_>, submission: &Submission) -> Outcome {
        let id = submission.submission_id;
        let verdict = match self.outcomes.get(id.0) {
            Some(first) if first.status == OutcomeStatus::NeverReceived => {
                return outcome(submission, Verdict::refused(Refusal::AfterSettle, None), act.now);
            }
            Some(first) => return first.clone(),
            None if submission.kind_version != 1 => {
                // No outcome is final for what an upgrade would change: it waits, in words.
                return outcome(submission, Verdict::refused(Refusal::UnknownKind, None), act.now);
            }
            None if submission.after.is_some_and(|id| !self.was_applied(id)) => {
                // Nothing overtakes a head that was refused or has not arrived.
                return outcome(submission, Verdict::refused(Refusal::Behind, None), act.now);
            }
            None if serde_json::to_value(submission).is_ok_and(|value| holds_nul(&value)) => {
                Verdict::refused(Refusal::Malformed, None)
            }
            None if !rights().may_submit(act.account.role, submission.body.kind()) => {
                Verdict::refused(Refusal::NotAllowed, None)
            }
            None => self.apply(act, submission),
        };
        let answer = outcome(submission, verdict, act.now);
        self.outcomes.keep(answer.clone(), matches!(act.account.role, Role::Gateway | Role::House));
        answer
    }

    fn was_applied(&self, id: vigie_core::ids::SubmissionId) -> bool {
        self.outcomes.get(id.0).is_some_and(|outcome| outcome.status == OutcomeStatus::Applied)
    }

    fn apply(&mut self, act: Act<'_>, submission: &Submission) -> Verdict {
        match &submission.body {
            Body::Command(order) if order.command_id.0 != submission.submission_id.0 => {
                Verdict::refused(Refusal::Malformed, None)
            }
            Body::Command(order) => self.apply_command(act, order),
            Body::CommandGroup(order) if order.group_id.0 != submission.submission_id.0 => {
                Verdict::refused(Refusal::Malformed, None)
            }
            Body::CommandGroup(order) => self.apply_group(act, order),
            Body::CommandGroupStop { group_id, .. } => self.apply_group_stop(act, *group_id),
            Body::SavedGroupPut { saved_group_id, name, members } => {
                self.apply_saved_group_put(act, *saved_group_id, name, members)
            }
            Body::SavedGroupDrop { saved_group_id } => self.apply_saved_group_drop(act, *saved_group_id),
            Body::ProgrammePut { programme_id, after, programme_kind, content } => {
                self.apply_programme_put(act, (*programme_id, *after), (*programme_kind, content))
            }
            Body::ProgrammeDrop { programme_id } => self.apply_programme_drop(act, *programme_id),
            Body::ZonePut { zone_id, after, reference, name, zone_kind, outline } => {
                let said = ZoneSaid { reference, name, kind: zone_kind, outline };
                self.apply_zone_put(act, (*zone_id, *after), &said)
            }
            Body::ZoneDrop { zone_id, after } => self.apply_zone_drop(act, *zone_id, *after),
            Body::CommandCancel { command_id, .. } => self.apply_cancel(act, *command_id),
            Body::CommandClose { command_id, reason } => self.apply_close(act, *command_id, reason),
            Body::ShiftOpen { shift_id, desk_id, ends_at } => self.apply_shift_open(act, *shift_id, *desk_id, *ends_at),
            Body::ShiftClose { shift_id } => self.apply_shift_close(act, *shift_id),
            Body::LogEntry(signed) => self.apply_log_entry(act, signed),
            Body::KeyRegister { key_id, public_key } => self.apply_key_register(act, *key_id, public_key),
            Body::LockAsk(signed) => self.apply_lock_ask(act, signed),
            Body::LockLift { lock_id } => self.apply_lock_lift(act, *lock_id),
            Body::LockExtend { lock_id, to } => self.apply_lock_extend(act, *lock_id, *to),
            Body::LockForceLift { lock_id, call } => self.apply_lock_force_lift(act, *lock_id, call.as_ref()),
            Body::AlarmAcknowledge(done) => self.apply_handling(act, HandlingKind::Acknowledge, done),
            Body::AlarmShelve(done) => self.apply_handling(act, HandlingKind::Shelve, done),
            Body::AlarmUnshelve(done) => self.apply_handling(act, HandlingKind::Unshelve, done),
            Body::AlarmAssign(done) => self.apply_handling(act, HandlingKind::Assign, done),
            Body::AlarmReport { changes } => self.apply_alarm_report(act, changes),
            Body::ApprovalRequest(ask) => self.apply_approval_request(act, ask),
            Body::ApprovalAnswer(answer) => self.apply_approval_answer(act, answer),
            Body::ApprovalExtend { request_id } => self.apply_approval_extend(act, *request_id),
            Body::ApprovalWithdraw { request_id, reason } => self.apply_approval_withdraw(act, *request_id, *reason),
            Body::RequestSelect { request_id, shift_id } => self.apply_request_select(act, *request_id, *shift_id),
            Body::LiveBegin(begin) if begin.live_id.0 != submission.submission_id.0 => {
                Verdict::refused(Refusal::Malformed, None)
            }
            Body::LiveBegin(begin) => self.apply_live_begin(act, begin),
            Body::LiveEnd { live_id } => self.apply_live_end(act, *live_id),
            Body::ObjectTake { equipment_id, shift_id, select } => {
                self.apply_object_take(act, *equipment_id, *shift_id, *select)
            }
            Body::ObjectGive { equipment_id, to_desk } => self.apply_object_give(act, *equipment_id, *to_desk),
            Body::ObjectRelease { equipment_id } => self.apply_object_release(act, *equipment_id),
            Body::SoleReview { review_id, finding } => self.apply_sole_review(act, *review_id, finding),
            Body::Report { states } => self.apply_report(act, states),
            Body::SourceContact(contact) => self.apply_source_contact(act, contact),
            Body::FloodBulletin(bulletin) => self.apply_flood_bulletin(act, bulletin),
            Body::FloodForecast(forecast) => self.apply_flood_forecast(act, forecast),
            Body::Progress { command_id, event, detail } => {
                self.apply_progress(act, *command_id, *event, detail.clone())
            }
        }
    }

    /// First outcomes; what was never received is recorded so, and refused from now on (R14).
    pub(crate) fn settle(&mut self, ids: &[vigie_core::ids::SubmissionId], now: Timestamp) -> Vec<Outcome> {
        ids.iter()
            .map(|id| {
                self.outcomes.get(id.0).cloned().unwrap_or_else(|| {
                    let never = Outcome {
                        submission_id: *id,
                        status: OutcomeStatus::NeverReceived,
                        code: None,
                        command_state: None,
                        detail: Value::Null,
                        at: now,
                    };
                    self.outcomes.keep(never.clone(), false);
                    never
                })
            })
            .collect()
    }
}

fn outcome(submission: &Submission, verdict: Verdict, at: Timestamp) -> Outcome {
    Outcome {
        submission_id: submission.submission_id,
        status: if verdict.code.is_some() { OutcomeStatus::Refused } else { OutcomeStatus::Applied },
        code: verdict.code.map(|code| code.code().to_owned()),
        command_state: verdict.command_state,
        detail: verdict.detail,
        at,
    }
}
