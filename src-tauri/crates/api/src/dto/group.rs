//! Commands on many objects: chosen, prepared, operated, followed, stopped; and the lists that are kept for them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::command::{Admission, Check, ChosenBy, ClassCode, CommandState, Excluded, Params, Word};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId, GroupId, SavedGroupId};
use vigie_core::time::Timestamp;

use crate::dto::ActionView;

/// By what the objects of a group are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum GroupChoice {
    /// One by one, in this order.
    Hand {
        /// The objects.
        objects: Vec<EquipmentId>,
    },
    /// The street of an object.
    Street {
        /// An object on it.
        equipment_id: EquipmentId,
    },
    /// A cabinet and what it feeds.
    Cabinet {
        /// The cabinet, or an object that it feeds.
        equipment_id: EquipmentId,
    },
    /// A commune.
    Commune {
        /// Its INSEE code.
        insee_code: String,
    },
    /// An area that was drawn.
    Area {
        /// Its corners, longitude and latitude in degrees WGS 84; closed or not.
        ring: Vec<(f64, f64)>,
    },
    /// A list that is kept.
    Saved {
        /// Which.
        saved_group_id: SavedGroupId,
    },
}

/// Asks what a choice holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupLookArgs {
    /// The choice.
    pub choice: GroupChoice,
}

/// What a choice holds, and what may be asked of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupLook {
    /// By what.
    pub chosen: ChosenBy,
    /// The name of that; empty for an area and for objects chosen one by one.
    pub name: String,
    /// By kind, the most numerous first; only kinds that this role commands.
    pub kinds: Vec<GroupKind>,
}

/// The objects of one kind in a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupKind {
    /// Which kind.
    pub kind: EquipmentKind,
    /// How many.
    pub count: u32,
    /// What may be asked of them.
    pub actions: Vec<ActionView>,
}

/// Asks what a command on these objects would be. It freezes them, each as it is seen now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupPrepareArgs {
    /// The choice.
    pub choice: GroupChoice,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect in minutes; required where the action has a lasting effect.
    #[ts(as = "Option<f64>")]
    pub effect_minutes: Option<u64>,
    /// Objects left out by their author.
    pub left_out: Vec<EquipmentId>,
    /// The group of intents that it takes the place of, from the review.
    pub replaces: Option<GroupId>,
}

/// A group as it was frozen: the consequence before the confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupPreparation {
    /// It is operated by this, once.
    pub group_id: GroupId,
    /// Class of the whole.
    pub class: ClassCode,
    /// What operating it now would do.
    pub admission: Admission,
    /// One person alone may not: it is dangerous, or a service on too many objects (R7).
    pub needs_second_person: bool,
    /// Life of the command in ms once operated.
    pub life_ms: f64,
    /// In how many streets.
    pub streets: u32,
    /// Its objects, in the order in which they go.
    pub members: Vec<GroupObject>,
    /// What was chosen and is left out.
    pub excluded: Vec<GroupExcluded>,
    /// Those of its objects that make it dangerous.
    pub dangerous: Vec<EquipmentId>,
    /// Who may be asked to approve it and holds a desk, in order.
    pub present: Vec<String>,
    /// What it would do, and what stands around, from class C on.
    pub check: Option<Check>,
}

/// An object of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupObject {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// Its reference.
    pub reference: String,
    /// Its name.
    pub name: String,
}

/// An object left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupExcluded {
    /// Which.
    pub object: GroupObject,
    /// Why.
    pub reason: Excluded,
}

/// Operates a prepared group, or asks a second person to approve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupOperateArgs {
    /// Which group.
    pub group_id: GroupId,
    /// Why; may be empty.
    pub reason: String,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupArgs {
    /// Which group.
    pub group_id: GroupId,
    /// Why, where a reason is asked for.
    #[serde(default)]
    pub reason: String,
}

/// A group as shown: the replica overlaid with the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupView {
    /// Identifier.
    pub group_id: GroupId,
    /// Action code.
    pub action: String,
    /// On which kind.
    pub kind: EquipmentKind,
    /// Class of the whole.
    pub class: ClassCode,
    /// Absolute target.
    pub params: Params,
    /// Author's display name.
    pub author: String,
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
    /// By what its objects were chosen.
    pub chosen: ChosenBy,
    /// The name of that.
    pub chosen_name: String,
    /// How many objects.
    pub total: u32,
    /// Of them: to be sent.
    pub to_send: u32,
    /// Under way.
    pub under_way: u32,
    /// Done: a state shows it.
    pub done: u32,
    /// Refused.
    pub refused: u32,
    /// Without report.
    pub unknown: u32,
    /// What was chosen and left out.
    pub excluded: u32,
    /// When the rest of it was stopped.
    pub stopped_at: Option<Timestamp>,
    /// Why it does not go although it could, as a code.
    pub stuck: Option<String>,
    /// There is a rest that can be stopped from here now.
    pub can_stop: bool,
    /// It waits for this desk's key (class B after a cut).
    pub can_press: bool,
    /// It is an intent to decide on.
    pub can_decide: bool,
}

/// A group with each of its objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupSheet {
    /// The group.
    pub group: GroupView,
    /// Its objects: what needs a look first, then in their order.
    pub members: Vec<GroupMemberView>,
    /// What was chosen and left out.
    pub excluded: Vec<GroupExcluded>,
}

/// What became of one object of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroupMemberView {
    /// Its command.
    pub command_id: CommandId,
    /// The object.
    pub object: GroupObject,
    /// Where the command stands.
    pub state: CommandState,
    /// The one word for it.
    pub word: Word,
    /// Why, as a code.
    pub detail: Option<String>,
}

/// A list that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SavedGroupView {
    /// Identifier.
    pub saved_group_id: SavedGroupId,
    /// What it is called.
    pub name: String,
    /// Its objects.
    pub objects: Vec<EquipmentId>,
    /// Who wrote it last.
    pub author: String,
    /// When.
    pub changed_at: Timestamp,
}

/// Keeps a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveGroupArgs {
    /// The one that is written again; none for a new one.
    pub saved_group_id: Option<SavedGroupId>,
    /// What it is called: 1 to 80 characters.
    pub name: String,
    /// Its objects, each once.
    pub objects: Vec<EquipmentId>,
}

/// A list that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedGroupArgs {
    /// Which.
    pub saved_group_id: SavedGroupId,
}

/// A group of intents, or of comfort that waits for its key, against what is true now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewGroup {
    /// The group.
    pub group: GroupView,
    /// Its objects, to be asked for again.
    pub objects: Vec<EquipmentId>,
    /// How many of them nothing moved under since.
    pub still_valid: u32,
    /// How many moved since.
    pub contradicted: u32,
    /// How many show already what was asked.
    pub already_so: u32,
    /// How many are older than their life.
    pub expired: u32,
}
