//! Programmes: written, previewed, applied by a group of two people, gone back from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::ids::{GroupId, ProgrammeId, RequestId};
use vigie_core::programme::{Content, Invalid, Preview, ProgrammeKind, Standing};
use vigie_core::time::Timestamp;

use crate::dto::GroupObject;

/// Where a programme stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProgrammeStage {
    /// Objects report another than it, which was applied to them.
    Differs,
    /// Commands for it stay without a report, and no object has it.
    Unanswered,
    /// Commands for it are under way.
    UnderWay,
    /// A second person is asked, or approved it.
    Asked,
    /// Objects have it.
    Applied,
    /// Nobody applied it yet.
    Draft,
    /// It was applied, and no object has it any more.
    Left,
}

/// A programme as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProgrammeView {
    /// Identifier.
    pub programme_id: ProgrammeId,
    /// Which of its contents.
    #[ts(as = "f64")]
    pub revision: i64,
    /// As a command and a device name it.
    pub reference: String,
    /// What for.
    pub kind: ProgrammeKind,
    /// What it says.
    pub content: Content,
    /// The lowest level that it may leave in force by night, %; none for signals.
    #[ts(as = "Option<f64>")]
    pub lowest: Option<i64>,
    /// Where it stands.
    pub stage: ProgrammeStage,
    /// Since when.
    pub since: Timestamp,
    /// Who wrote it last.
    pub author: String,
    /// When.
    pub changed_at: Timestamp,
    /// It was applied: it changes no more.
    pub frozen: bool,
    /// How many objects have it.
    pub objects: u32,
    /// Those of them that report another, a hundred at most.
    pub differing: Vec<GroupObject>,
    /// How many do.
    pub differs: u32,
    /// How many do not say which they follow.
    pub silent: u32,
    /// How many commands for it are under way.
    pub under_way: u32,
    /// How many stay without a report, on objects that do not have it.
    pub unanswered: u32,
    /// Its open request.
    pub request_id: Option<RequestId>,
    /// What its objects may go back to (R17).
    pub former: Vec<FormerView>,
    /// Somebody here may write it, apply it, go back from it.
    pub may_write: bool,
}

/// The programme that was applied to an object, beside the one that it reports (R19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ObjectProgramme {
    /// What was applied, as a device names it; `own` for the one built into it.
    pub applied: String,
    /// When the object showed it.
    pub applied_at: Timestamp,
    /// Who applied it; none in a suspended session.
    pub author: Option<String>,
    /// Who approved it; none for a way back, and in a suspended session.
    pub approved_by: Option<String>,
    /// What the object reports, likewise; none where it does not say.
    pub reported: Option<String>,
    /// The one against the other.
    pub standing: Standing,
    /// Since when the object reports another.
    pub differs_since: Option<Timestamp>,
}

/// A programme that objects had before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormerView {
    /// As a device names it; `own` for the one built into it.
    pub reference: String,
    /// Its name; empty for the device's own.
    pub name: String,
    /// How many objects.
    pub objects: u32,
}

/// Asks what a programme would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProgrammePreviewArgs {
    /// What for.
    pub kind: ProgrammeKind,
    /// What it says.
    pub content: Content,
}

/// What it would do, or what is wrong in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProgrammePreview {
    /// What is wrong (text `invalid.<code>`); it cannot be saved while something is.
    pub invalid: Vec<Invalid>,
    /// Seven nights and both changes of the clock; none while something is wrong.
    pub preview: Option<Preview>,
}

/// Writes a programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SaveProgrammeArgs {
    /// Which; none for a new one.
    pub programme_id: Option<ProgrammeId>,
    /// The revision that was changed; 0 for a new one.
    #[ts(as = "f64")]
    pub after: i64,
    /// What for.
    pub kind: ProgrammeKind,
    /// What it says.
    pub content: Content,
}

/// A programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProgrammeArgs {
    /// Which.
    pub programme_id: ProgrammeId,
}

/// Takes a programme's objects back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReturnProgrammeArgs {
    /// Which programme they have.
    pub programme_id: ProgrammeId,
    /// Not to the former one: those that report another are given it again.
    pub again: bool,
    /// Why; may be empty.
    pub reason: String,
}

/// What was commanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReturnedProgramme {
    /// One group for each programme that was gone back to.
    pub groups: Vec<GroupId>,
}
