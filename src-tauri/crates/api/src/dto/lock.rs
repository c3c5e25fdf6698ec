//! Crew locks, and what is in force now.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::command::{CommandState, Params};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId, RecordId};
use vigie_core::lock::{HolderSaid, LiftWay, LockState};
use vigie_core::record::{Authenticity, RecordState};
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

/// Asks for a lock. It may be written without a link; it is not in force before the metropolis says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LockAskArgs {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Who answers for the crew, by name; 200 characters at most, as the texts that follow.
    pub holder: String,
    /// The number at which he is called.
    pub phone: String,
    /// Where the crew works.
    pub place: String,
    /// What for.
    pub reason: String,
    /// Who asks is the holder himself: he alone will lift it.
    pub by_holder: bool,
    /// When the work should be over, within thirty days.
    pub expected_end: Timestamp,
    /// The draft it was typed in: erased as it is filed.
    pub draft: Option<String>,
}

/// A lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LockArgs {
    /// Which.
    pub lock_id: RecordId,
}

/// The first of two persons asks that a lock be lifted by others than its holder, and tells of the call to him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LockForceArgs {
    /// Which lock.
    pub lock_id: RecordId,
    /// When he called, within the last half hour.
    pub called_at: Timestamp,
    /// Which number.
    pub number: String,
    /// What came of it.
    pub said: HolderSaid,
    /// Who answered, and how it was made sure that nobody is at work there.
    pub words: String,
}

/// A change of the object that comes by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChangeView {
    /// The command whose effect ends.
    pub command_id: CommandId,
    /// Its action.
    pub action: String,
    /// When. Vigie and the gateway hold it; the device may do it by itself.
    pub at: Timestamp,
}

/// A command whose outcome a lock waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WaitedFor {
    /// Which.
    pub command_id: CommandId,
    /// Its action.
    pub action: String,
    /// Where it stands: one that is unknown waits for a person to close it.
    pub state: CommandState,
    /// Since when.
    pub since: Timestamp,
}

/// A lock as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LockView {
    /// Identifier.
    pub lock_id: RecordId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Its reference.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: EquipmentKind,
    /// Where it stands. `asked` is NOT in force.
    pub state: LockState,
    /// Where its asking stands here, while the metropolis does not have it.
    pub waiting: Option<RecordState>,
    /// Who answers for the crew.
    pub holder: String,
    /// The number at which he is called; empty where it is hidden from the reader.
    pub phone: String,
    /// Where the crew works.
    pub place: String,
    /// What for.
    pub reason: String,
    /// Its author is the holder himself.
    pub by_holder: bool,
    /// When the work should be over.
    pub expected_end: Timestamp,
    /// That was said since it was asked.
    pub extended: bool,
    /// This person may say a later one.
    pub can_extend: bool,
    /// That has passed, and it is not lifted.
    pub past_end: bool,
    /// When it was asked.
    pub written_at: Timestamp,
    /// By whom.
    pub author: String,
    /// In which role.
    pub role: Role,
    /// By whoever is signed in here.
    pub mine: bool,
    /// Who deposited it, when it was not its author.
    pub deposited_by: Option<String>,
    /// Whether it bears its author's signature.
    pub authenticity: Authenticity,
    /// Since when it is in force.
    pub granted_at: Option<Timestamp>,
    /// The automatic changes that were to come then: they are read to the crew.
    pub coming: Vec<ChangeView>,
    /// What it waits for, while it is asked.
    pub waits_for: Vec<WaitedFor>,
    /// Who asked that it be lifted by others.
    pub lift_asked_by: Option<String>,
    /// When.
    pub lift_asked_at: Option<Timestamp>,
    /// Until when a second person may confirm that.
    pub confirm_until: Option<Timestamp>,
    /// When the holder was called.
    pub called_at: Option<Timestamp>,
    /// At which number.
    pub call_number: String,
    /// What came of it.
    pub call_said: Option<HolderSaid>,
    /// In words.
    pub call_words: String,
    /// Who lifted it, or confirmed that it be.
    pub lifted_by: Option<String>,
    /// How.
    pub how: Option<LiftWay>,
    /// Since when it is over.
    pub over_at: Option<Timestamp>,
    /// Whoever is signed in here may lift it, or take it back.
    pub can_lift: bool,
    /// He may ask that it be lifted after a call to the holder.
    pub can_force: bool,
    /// He may confirm it, as the second person.
    pub can_confirm: bool,
}

/// How an override stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EffectStanding {
    /// Its end passed and nobody saw it.
    Overdue,
    /// The object left it before its end, which is still to come.
    Contradicted,
    /// In force, to its end.
    InForce,
    /// Over.
    Ended,
}

/// One override.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EffectView {
    /// The command that brought it about.
    pub command_id: CommandId,
    /// How it stands.
    pub standing: EffectStanding,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Its reference.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: EquipmentKind,
    /// Its commune.
    pub commune: String,
    /// What was asked.
    pub action: String,
    /// The target.
    pub params: Params,
    /// By whom.
    pub author: String,
    /// When.
    pub issued_at: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// A crew lock stands on the object.
    pub lock: Option<LockState>,
    /// The action in the safe direction that this account may ask there (R17).
    pub safe_action: Option<String>,
}

/// Says that the work takes longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LockExtendArgs {
    /// Which lock.
    pub lock_id: RecordId,
    /// When the work should be over.
    pub to: Timestamp,
}
