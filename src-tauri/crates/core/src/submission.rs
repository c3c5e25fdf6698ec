//! Everything that a workstation, a gateway or the house may ask the metropolis to write.
//!
//! One shape for all kinds: a submission is applied at most once, and answering it again gives the first outcome (R16).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::alarm::{AlarmChange, Handling, HandlingKind};
use crate::command::{
    Answer, Ask, CommandEventCode, CommandOrder, CommandState, GroupOrder, LiveBegin, Params, VoidReason,
};
use crate::equipment::{Mode, Quality, Reach, Reading};
use crate::flood::{Bulletin, ForecastSaid};
use crate::ids::{
    CommandId, DeskId, EquipmentId, GroupId, KeyId, LiveId, ProgrammeId, RecordId, RequestId, SavedGroupId, ShiftId,
    SubmissionId, ZoneId,
};
use crate::lock::{LockAsk, LockCall};
use crate::programme::{Content, ProgrammeKind};
use crate::record::{LogLine, Signed};
use crate::source::SourceContact;
use crate::time::Timestamp;

/// Something to write, with who may be asked again about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// UUIDv7; a command's is its `command_id`.
    pub submission_id: SubmissionId,
    /// What it is, and its content.
    #[serde(flatten)]
    pub body: Body,
    /// Version of the kind's form.
    #[serde(default = "first_version")]
    pub kind_version: u32,
    /// The submission that must have been applied before: else this one waits (`behind`), and no outcome is kept of it. So a
    /// batch carries a whole lane, and nothing overtakes a head that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<SubmissionId>,
}

fn first_version() -> u32 {
    1
}

impl Submission {
    /// A submission of the present version.
    pub fn new(submission_id: SubmissionId, body: Body) -> Self {
        Self { submission_id, body, kind_version: first_version(), after: None }
    }

    /// The submission that carries a command on many objects.
    pub fn group(order: GroupOrder) -> Self {
        Self::new(order.group_id.into(), Body::CommandGroup(order))
    }

    /// The submission that carries a command.
    pub fn command(order: CommandOrder) -> Self {
        Self::new(order.command_id.into(), Body::Command(order))
    }
}

/// Whether a text anywhere in it holds the character NUL, which PostgreSQL keeps in no text: such a submission is malformed,
/// and must not take the others of its batch with it.
pub fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The kinds of submission. On the wire: `{"kind": "...", "payload": {...}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Body {
    /// A command.
    Command(CommandOrder),
    /// Its cancellation by a person.
    CommandCancel {
        /// Which command.
        command_id: CommandId,
        /// Why.
        reason: String,
    },
    /// An unknown command closed by a person.
    CommandClose {
        /// Which command.
        command_id: CommandId,
        /// Why; required.
        reason: String,
    },
    /// A command on many objects.
    CommandGroup(GroupOrder),
    /// The rest of it stopped by a person: every member that has not left.
    CommandGroupStop {
        /// Which group.
        group_id: GroupId,
        /// Why.
        reason: String,
    },
    /// A list of objects kept under a name, or another content for one that is kept.
    SavedGroupPut {
        /// Which list.
        saved_group_id: SavedGroupId,
        /// What it is called.
        name: String,
        /// Its objects.
        members: Vec<EquipmentId>,
    },
    /// A list that is kept no more.
    SavedGroupDrop {
        /// Which list.
        saved_group_id: SavedGroupId,
    },
    /// A programme is written, or written anew while nobody applied it.
    ProgrammePut {
        /// Which programme.
        programme_id: ProgrammeId,
        /// The revision that was being changed; 0 for a new programme.
        after: i64,
        /// What it is for.
        programme_kind: ProgrammeKind,
        /// What it says.
        content: Content,
    },
    /// A draft that nobody applied is thrown away.
    ProgrammeDrop {
        /// Which programme.
        programme_id: ProgrammeId,
    },
    /// A zone is drawn, or changed.
    ZonePut {
        /// Which zone.
        zone_id: ZoneId,
        /// The revision that was changed; 0 for a zone as it was loaded, none for a new one.
        after: Option<i64>,
        /// Short reference; a zone keeps the one it has.
        reference: String,
        /// Name.
        name: String,
        /// Code of a [`crate::zone::ZoneKind`].
        zone_kind: String,
        /// GeoJSON geometry ([`crate::zone::validate`]).
        outline: Value,
    },
    /// A zone is thrown away.
    ZoneDrop {
        /// Which zone.
        zone_id: ZoneId,
        /// The revision that was seen.
        after: i64,
    },
    /// Someone takes a desk.
    ShiftOpen {
        /// Identifier of the new shift.
        shift_id: ShiftId,
        /// The desk.
        desk_id: DeskId,
        /// Planned end.
        ends_at: Timestamp,
    },
    /// Someone leaves a desk.
    ShiftClose {
        /// Which shift.
        shift_id: ShiftId,
    },
    /// A line of the log, by its author or deposited for him (R20).
    LogEntry(Signed<LogLine>),
    /// A person's public key, which his records are verified with.
    KeyRegister {
        /// Identifier, made of the key.
        key_id: KeyId,
        /// Ed25519, 32 bytes in base64.
        public_key: String,
    },
    /// A crew lock, by its author or deposited for him (R10, R20).
    LockAsk(Signed<LockAsk>),
    /// Its lifting by its holder; taken back, while it is not in force.
    LockLift {
        /// Which lock.
        lock_id: RecordId,
    },
    /// Its work takes longer, as whoever asked for it says (R10).
    LockExtend {
        /// Which lock.
        lock_id: RecordId,
        /// When the work should be over.
        to: Timestamp,
    },
    /// Its lifting by others: the first person tells of the call to the holder, the second confirms without one.
    LockForceLift {
        /// Which lock.
        lock_id: RecordId,
        /// The call to the holder.
        call: Option<LockCall>,
    },
    /// A person takes an alarm on.
    AlarmAcknowledge(Handling),
    /// A person puts an alarm out of sight until an end.
    AlarmShelve(Handling),
    /// A person brings it back into sight before that end.
    AlarmUnshelve(Handling),
    /// A person gives an alarm to a desk.
    AlarmAssign(Handling),
    /// What the house says of alarms: one submission, many alarms.
    AlarmReport {
        /// What it says, in order.
        changes: Vec<AlarmChange>,
    },
    /// A second person is asked to approve one command (R6, R7).
    ApprovalRequest(Ask),
    /// A second person answers.
    ApprovalAnswer(Answer),
    /// An approval is given more time, by either of the two.
    ApprovalExtend {
        /// Which request.
        request_id: RequestId,
    },
    /// Its author gives a request up.
    ApprovalWithdraw {
        /// Which request.
        request_id: RequestId,
        /// Why.
        reason: VoidReason,
    },
    /// Its author selects every object of an approved request at once: all of them or none (R6).
    RequestSelect {
        /// Which request.
        request_id: RequestId,
        /// In which shift.
        shift_id: ShiftId,
    },
    /// A key was pressed that moves something while it is held (class L).
    LiveBegin(LiveBegin),
    /// It was let go.
    LiveEnd {
        /// Which hold.
        live_id: LiveId,
    },
    /// A desk takes an object, for its shift, or selects it (R6, R9).
    ObjectTake {
        /// Which object.
        equipment_id: EquipmentId,
        /// In which shift.
        shift_id: ShiftId,
        /// It is selected: for [`crate::command::SELECT_LIFE`].
        select: bool,
    },
    /// A desk hands an object over to another that is held.
    ObjectGive {
        /// Which object.
        equipment_id: EquipmentId,
        /// To which desk.
        to_desk: DeskId,
    },
    /// A desk releases an object; a supervisor releases any.
    ObjectRelease {
        /// Which object.
        equipment_id: EquipmentId,
    },
    /// Somebody looks at what another did alone (R8).
    SoleReview {
        /// Which review: the command's identifier.
        review_id: CommandId,
        /// What he found; required.
        finding: String,
    },
    /// States seen by a gateway: one submission, many objects.
    Report {
        /// The states.
        states: Vec<StateReport>,
    },
    /// A source was in contact, or why it was not.
    SourceContact(SourceContact),
    /// A bulletin of river reaches: all of those that its source has here.
    FloodBulletin(Bulletin),
    /// What a gauge is forecast.
    FloodForecast(ForecastSaid),
    /// What became of a command, by a gateway or the house.
    Progress {
        /// Which command.
        command_id: CommandId,
        /// What happened.
        event: CommandEventCode,
        /// Why, as a code: the device's reason.
        detail: Option<String>,
    },
}

impl Body {
    /// The kind's code, as in `rights.toml` and in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::CommandCancel { .. } => "command_cancel",
            Self::CommandClose { .. } => "command_close",
            Self::CommandGroup(_) => "command_group",
            Self::CommandGroupStop { .. } => "command_group_stop",
            Self::SavedGroupPut { .. } => "saved_group_put",
            Self::SavedGroupDrop { .. } => "saved_group_drop",
            Self::ProgrammePut { .. } => "programme_put",
            Self::ProgrammeDrop { .. } => "programme_drop",
            Self::ZonePut { .. } => "zone_put",
            Self::ZoneDrop { .. } => "zone_drop",
            Self::ShiftOpen { .. } => "shift_open",
            Self::ShiftClose { .. } => "shift_close",
            Self::LogEntry(_) => "log_entry",
            Self::KeyRegister { .. } => "key_register",
            Self::LockAsk(_) => "lock_ask",
            Self::LockLift { .. } => "lock_lift",
            Self::LockExtend { .. } => "lock_extend",
            Self::LockForceLift { .. } => "lock_force_lift",
            Self::AlarmAcknowledge(_) => "alarm_acknowledge",
            Self::AlarmShelve(_) => "alarm_shelve",
            Self::AlarmUnshelve(_) => "alarm_unshelve",
            Self::AlarmAssign(_) => "alarm_assign",
            Self::AlarmReport { .. } => "alarm_report",
            Self::ApprovalRequest(_) => "approval_request",
            Self::ApprovalAnswer(_) => "approval_answer",
            Self::ApprovalExtend { .. } => "approval_extend",
            Self::ApprovalWithdraw { .. } => "approval_withdraw",
            Self::RequestSelect { .. } => "request_select",
            Self::LiveBegin(_) => "live_begin",
            Self::LiveEnd { .. } => "live_end",
            Self::ObjectTake { .. } => "object_take",
            Self::ObjectGive { .. } => "object_give",
            Self::ObjectRelease { .. } => "object_release",
            Self::SoleReview { .. } => "sole_review",
            Self::Report { .. } => "report",
            Self::SourceContact(_) => "source_contact",
            Self::FloodBulletin(_) => "flood_bulletin",
            Self::FloodForecast(_) => "flood_forecast",
            Self::Progress { .. } => "progress",
        }
    }
}

impl Body {
    /// What a person did with an alarm, when it is that.
    pub const fn handling(&self) -> Option<(HandlingKind, &Handling)> {
        match self {
            Self::AlarmAcknowledge(act) => Some((HandlingKind::Acknowledge, act)),
            Self::AlarmShelve(act) => Some((HandlingKind::Shelve, act)),
            Self::AlarmUnshelve(act) => Some((HandlingKind::Unshelve, act)),
            Self::AlarmAssign(act) => Some((HandlingKind::Assign, act)),
            _ => None,
        }
    }

    /// What a person did with an alarm, as a submission's body.
    pub const fn handled(kind: HandlingKind, act: Handling) -> Self {
        match kind {
            HandlingKind::Acknowledge => Self::AlarmAcknowledge(act),
            HandlingKind::Shelve => Self::AlarmShelve(act),
            HandlingKind::Unshelve => Self::AlarmUnshelve(act),
            HandlingKind::Assign => Self::AlarmAssign(act),
        }
    }
}

/// One object's state as a gateway reports it.
///
/// The metropolis adds `received_at`, `version` (+1 at each report) and `control_version` (+1 when mode, target or
/// `effect_until` differ from before). A report observed before the state already held only enters the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateReport {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// What it reports.
    pub reading: Reading,
    /// How far it can be trusted.
    pub quality: Quality,
    /// When the device measured it.
    pub observed_at: Timestamp,
    /// Where it comes from.
    pub source: String,
    /// Which part of the chain answers.
    pub reach: Reach,
    /// Who decides what the object does.
    pub mode: Mode,
    /// What was asked of it and is in force.
    pub target: Option<Params>,
    /// End of the override in force.
    pub effect_until: Option<Timestamp>,
}

crate::table::codes! {
    /// What the metropolis did with a submission.
    OutcomeStatus {
        /// Written, with its effect.
        Applied = "applied",
        /// Refused, with a code; nothing was written but the journal.
        Refused = "refused",
        /// `settle`: never received, and refused from now on.
        NeverReceived = "never_received",
    }
}

/// The metropolis's answer, the same however often it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Of which submission.
    pub submission_id: SubmissionId,
    /// What was done.
    pub status: OutcomeStatus,
    /// Why it was refused: a [`crate::command::Refusal`] code, as text so that a newer metropolis may say more.
    pub code: Option<String>,
    /// For a command: where it stood when the outcome was written.
    pub command_state: Option<CommandState>,
    /// More, such as `{"control_version": 8, "reading": {...}}` when the precondition failed; for a group the refusal of each
    /// command that was not taken: `{"refused": {"<command_id>": "control_changed"}}`.
    #[serde(default)]
    pub detail: Value,
    /// When, in the metropolis's time.
    pub at: Timestamp,
}

impl Outcome {
    /// What a group's answer says of one of its commands; an answer to a single command is its own.
    #[must_use]
    pub fn of(&self, member: CommandId) -> Self {
        let why = self.detail.get("refused").and_then(|refused| refused.get(member.to_string()));
        let why = why.and_then(Value::as_str).map(str::to_owned);
        match (self.status, why) {
            (OutcomeStatus::Applied, Some(code)) => {
                Self { status: OutcomeStatus::Refused, code: Some(code), ..self.clone() }
            }
            (OutcomeStatus::Refused, Some(code)) => Self { code: Some(code), ..self.clone() },
            _ => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn r18_a_group_that_was_taken_in_part_is_answered_command_by_command() {
        let (taken, moved) = (CommandId(Uuid::from_u128(1)), CommandId(Uuid::from_u128(2)));
        let answer = Outcome {
            submission_id: SubmissionId(Uuid::nil()),
            status: OutcomeStatus::Applied,
            code: None,
            command_state: None,
            detail: json!({"refused": {moved.to_string(): "control_changed"}}),
            at: Timestamp(1),
        };
        let told = |id| (answer.of(id).status, answer.of(id).code);
        assert_eq!(told(taken), (OutcomeStatus::Applied, None));
        assert_eq!(told(moved), (OutcomeStatus::Refused, Some("control_changed".to_owned())));
        let whole = Outcome { status: OutcomeStatus::Refused, code: Some("malformed".into()), ..answer.clone() };
        assert_eq!(whole.of(taken).code.as_deref(), Some("malformed"));
        assert_eq!(whole.of(moved).code.as_deref(), Some("control_changed"));
    }
}
