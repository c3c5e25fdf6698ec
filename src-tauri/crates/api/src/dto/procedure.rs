//! The procedure of dangerous commands: the second person, the desk that pilots, what was done alone.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::command::{
    Check, ChosenBy, ClassCode, Excluded, Motion, Params, RequestState, Seen, SoleReason, Stage, VoidReason,
};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, DeskId, EquipmentId, RequestId};
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

/// What a prepared command needs besides its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct NeedsView {
    /// A second person.
    pub second: bool,
    /// One person may operate it when nobody answers, as agreed beforehand (R8).
    pub alone: bool,
    /// Who may be asked and holds a desk, in order.
    pub present: Vec<String>,
    /// What it would do, and what stands around.
    pub check: Check,
    /// The desk that pilots the object now.
    pub hold: Option<HoldView>,
}

/// Which desk pilots an object (R9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HoldView {
    /// The desk.
    pub desk: String,
    /// Who.
    pub person: String,
    /// It is whoever is signed in here.
    pub mine: bool,
    /// Since when.
    pub since: Timestamp,
    /// Until when, the end of the shift at the latest.
    pub until: Timestamp,
    /// Until when it is selected.
    pub selected_until: Option<Timestamp>,
    /// It is moved by a held key at this moment.
    pub live: bool,
}

/// Which desk pilots an object, and what may be done about it from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PilotView {
    /// The hold, if it lives.
    pub hold: Option<HoldView>,
    /// This desk may take it.
    pub can_take: bool,
    /// This desk may hand it over or release it.
    pub can_give: bool,
    /// Other desks that are held, to hand it over to.
    pub desks: Vec<DeskChoice>,
}

/// A desk to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeskChoice {
    /// Which.
    pub desk_id: DeskId,
    /// Its name.
    pub desk: String,
    /// Who holds it.
    pub person: String,
}

/// Hands an object over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GiveObjectArgs {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// To which desk.
    pub desk_id: DeskId,
}

/// Asks a second person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AskSecondArgs {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect in minutes.
    #[ts(as = "Option<f64>")]
    pub effect_minutes: Option<u64>,
    /// Why.
    pub reason: String,
    /// As returned by `prepare`.
    pub seen: Seen,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestArgs {
    /// Which.
    pub request_id: RequestId,
}

/// A key is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HoldLiveArgs {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// Which way it moves.
    pub motion: Motion,
}

/// Until when what was asked is selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SelectionView {
    /// Until when all of its objects are; none while this desk's copy does not show it.
    pub selected_until: Option<Timestamp>,
}

/// How a group that somebody is asked to approve was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestGroupView {
    /// By what its objects were chosen.
    pub chosen: ChosenBy,
    /// The name of that.
    pub chosen_name: String,
    /// What was left out: how many, by reason, the most numerous first.
    pub excluded: Vec<ExcludedCount>,
}

/// How many objects were left out for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExcludedCount {
    /// Why.
    pub reason: Excluded,
    /// How many.
    pub count: u32,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnswerArgs {
    /// Which request.
    pub request_id: RequestId,
    /// Yes or no.
    pub approves: bool,
}

/// A second person asked to approve one command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RequestView {
    /// Identifier.
    pub request_id: RequestId,
    /// Asked from here.
    pub mine: bool,
    /// Where it stands for its author.
    pub stage: Stage,
    /// Where the metropolis says that it stands.
    pub state: RequestState,
    /// Why it is void (text `void.<code>`).
    pub void_reason: Option<VoidReason>,
    /// It rings here now.
    pub rings: bool,
    /// Somebody here may answer.
    pub may_answer: bool,
    /// What it would do, or what speaks against it, is no longer what was asked.
    pub moved: bool,
    /// The first of its objects.
    pub equipment_id: EquipmentId,
    /// How many.
    pub objects: u32,
    /// Its reference.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: EquipmentKind,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of its effect in minutes.
    #[ts(as = "Option<f64>")]
    pub effect_minutes: Option<i64>,
    /// Class.
    pub class: ClassCode,
    /// Its author.
    pub author: String,
    /// His role.
    pub role: Role,
    /// His desk.
    pub desk: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Until when it may be answered.
    pub expires_at: Timestamp,
    /// From when on its author may operate alone, where that was agreed beforehand.
    pub alone_from: Option<Timestamp>,
    /// Who answered.
    pub approver: Option<String>,
    /// In which role.
    pub approver_role: Option<Role>,
    /// The answer came from the simulated colleague of a training room.
    pub simulated: bool,
    /// Until when the approval holds.
    pub approval_until: Option<Timestamp>,
    /// What this desk sees around it now.
    pub check: Check,
    /// Of a group: how it was made.
    pub group: Option<RequestGroupView>,
}

/// The words of one who operates alone, and his password again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SoleArgs {
    /// Why.
    pub reason: SoleReason,
    /// Who called for it.
    pub caller: String,
    /// His number.
    pub phone: String,
    /// Typed again; in training any will do, but for none.
    pub password: String,
}

impl std::fmt::Debug for SoleArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoleArgs").field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// What one person did alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SoleReviewView {
    /// Identifier: the command's.
    pub review_id: CommandId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Its reference.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Action code.
    pub action: String,
    /// Who did it.
    pub author: String,
    /// It was whoever is signed in here.
    pub mine: bool,
    /// Why (text `sole_reason.<code>`).
    pub reason: SoleReason,
    /// Who had called; empty for whom it is hidden from.
    pub caller: String,
    /// His number.
    pub phone: String,
    /// When.
    pub operated_at: Timestamp,
    /// Until when it is to be reviewed.
    pub due_at: Timestamp,
    /// When it was.
    pub reviewed_at: Option<Timestamp>,
    /// By whom.
    pub reviewed_by: Option<String>,
    /// What was found.
    pub finding: String,
    /// Somebody here may review it.
    pub can_review: bool,
}

/// Says what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewSoleArgs {
    /// Which review.
    pub review_id: CommandId,
    /// What was found; required.
    pub finding: String,
}
