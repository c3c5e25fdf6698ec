//! Commands: preparing, operating, what becomes of them, the review after a cut.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::command::{
    Admission, ClassCode, CommandEventCode, CommandState, EffectState, Params, Seen, SoleReason, Word,
};
use vigie_core::equipment::{EquipmentKind, Mode, Reading};
use vigie_core::ids::{CommandId, EquipmentId, GroupId, RequestId};
use vigie_core::port::OutboxState;
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

use crate::dto::{LockView, NeedsView, ReviewGroup, SoleArgs};

/// Asks what a command would be, before operating it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PrepareArgs {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
}

/// What a command would be: the consequence before the confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Preparation {
    /// Class, surroundings included.
    pub class: ClassCode,
    /// What operating it now would do, "without visibility" and a reason being given.
    pub admission: Admission,
    /// The value is stale, unreachable or never seen: "without visibility" and a reason are required.
    pub needs_without_visibility: bool,
    /// What is seen: goes back with `operate` unchanged.
    pub seen: Seen,
    /// Who decides what the object does now.
    pub mode: Mode,
    /// Life of the command in ms once operated.
    pub life_ms: f64,
    /// Phone to call when it is refused out of reach.
    pub phone: Option<String>,
    /// The crew lock that stands against it: nothing is sent (R10).
    pub lock: Option<LockView>,
    /// It goes in the safe direction: ahead of whatever is pending, by one confirmation (R17).
    pub safe: bool,
    /// Own and others' commands pending on the same object.
    pub pending: Vec<CommandView>,
    /// What it needs besides its key.
    pub needs: NeedsView,
}

/// Operates a command: this is the instant `issued_at` is stamped with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OperateArgs {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect in minutes; required where the action has a lasting effect.
    #[ts(as = "Option<f64>")]
    pub effect_minutes: Option<u64>,
    /// Why; may be empty unless without visibility.
    pub reason: String,
    /// Said knowing that the value is stale, unreachable or never seen.
    pub without_visibility: bool,
    /// As returned by `prepare`.
    pub seen: Seen,
    /// The intent this new command takes the place of, from the review.
    pub replaces: Option<CommandId>,
    /// The request that a second person approved, or that nobody answered.
    #[serde(default)]
    pub approval_id: Option<RequestId>,
    /// Operated alone.
    #[serde(default)]
    pub sole: Option<SoleArgs>,
    /// What its author read that it would do, as returned by `prepare`: refused with `link_turned` when it no longer would.
    #[serde(default)]
    pub promised: Option<Admission>,
}

/// A command and, where one is asked for, a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReasonArgs {
    /// Which command.
    pub command_id: CommandId,
    /// Why; required by `close_command`.
    #[serde(default)]
    pub reason: String,
}

/// A command as shown: the replica overlaid with the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CommandView {
    /// Identifier.
    pub command_id: CommandId,
    /// The group that it is a member of.
    pub group_id: Option<GroupId>,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Its reference.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: EquipmentKind,
    /// Action code.
    pub action: String,
    /// Class.
    pub class: ClassCode,
    /// Absolute target.
    pub params: Params,
    /// Author's display name.
    pub author: String,
    /// Author's role.
    pub role: Role,
    /// The second person who approved it.
    pub approver: Option<String>,
    /// Why it was operated alone, when it was.
    pub alone: Option<SoleReason>,
    /// Made at this desk.
    pub mine: bool,
    /// Why, as given.
    pub reason: String,
    /// When operated.
    pub issued_at: Timestamp,
    /// End of its life.
    pub expires_at: Timestamp,
    /// End of its effect.
    pub effect_until: Option<Timestamp>,
    /// Where it stands.
    pub state: CommandState,
    /// The one word for it.
    pub word: Word,
    /// Since when.
    pub state_since: Timestamp,
    /// Why, as a code (text `reason.<code>` in the catalogues).
    pub detail: Option<String>,
    /// Its effect.
    pub effect: Option<EffectState>,
    /// Where its outbox entry stands; none when it was made elsewhere.
    pub outbox: Option<OutboxState>,
    /// Why it does not go although it could, as a code: something is in the way of its object's lane.
    pub stuck: Option<String>,
    /// What its author saw.
    pub seen: Option<Seen>,
    /// It can be cancelled from here now.
    pub can_cancel: bool,
    /// It waits for this desk's key (class B after a cut).
    pub can_press: bool,
    /// It is unknown and can be closed with a reason.
    pub can_close: bool,
    /// It is an intent to decide on.
    pub can_decide: bool,
    /// Its transitions, oldest first.
    pub events: Vec<EventView>,
}

/// One transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EventView {
    /// When.
    pub at: Timestamp,
    /// What happened, when known here.
    pub event: Option<CommandEventCode>,
    /// To which state.
    pub to: CommandState,
    /// `desk`, `metropolis`, `gateway`, `house`.
    pub actor: String,
    /// Why, as a code.
    pub detail: Option<String>,
}

/// The return after a cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Review {
    /// Metropolis time at which the states below were read; none while not live.
    pub read_at: Option<Timestamp>,
    /// Intents to decide on, and class B commands that wait for a key, oldest first.
    pub cards: Vec<ReviewCard>,
    /// Groups of them, each decided as a whole, oldest first.
    pub groups: Vec<ReviewGroup>,
    /// What became of the rest without a decision: expired or void during the cut.
    pub ended: Vec<CommandView>,
}

/// One card: seen then, asked, true now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewCard {
    /// The command: what was asked, what was seen.
    pub command: CommandView,
    /// What is true now.
    pub now_reading: Reading,
    /// Measured when.
    pub now_observed_at: Option<Timestamp>,
    /// Who decides what it does now.
    pub now_mode: Mode,
    /// The present value is stale or out of reach.
    pub now_blind: bool,
    /// How it stands.
    pub label: ReviewLabel,
    /// Others' commands on the object since.
    pub others: Vec<CommandView>,
}

/// How an intent stands against what is true now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReviewLabel {
    /// Older than its class's life.
    Expired,
    /// The object's control moved since it was seen.
    Contradicted,
    /// The state already shows what was asked.
    AlreadySo,
    /// Nothing moved since.
    StillValid,
}
