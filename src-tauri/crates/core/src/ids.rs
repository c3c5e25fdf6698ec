//! Identifiers: one type for each thing, all UUIDs; commands and submissions are UUIDv7 made by whoever writes first.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A piece of equipment.
    EquipmentId
    /// A polygon: vidéoprotection, flood area, closed building, district.
    ZoneId
    /// A municipal service.
    ServiceId
    /// A command; also the identifier of the submission that carries it (R16).
    CommandId
    /// A command on many objects; also the identifier of the submission that carries it.
    GroupId
    /// A list of objects kept under a name.
    SavedGroupId
    /// Anything submitted to the metropolis.
    SubmissionId
    /// A natural person (not a login: R7).
    PersonId
    /// A desk of the control room.
    DeskId
    /// Someone's turn at a desk.
    ShiftId
    /// Something a person wrote: the key of its row, whoever deposits it.
    RecordId
    /// A public key of a person.
    KeyId
    /// One occurrence of an alarm.
    AlarmId
    /// A second person asked to approve one command.
    RequestId
    /// A programme of lights or signals, through its revisions.
    ProgrammeId
    /// A control that is held; also the identifier of the submission that begins it.
    LiveId
}

impl From<LiveId> for SubmissionId {
    fn from(id: LiveId) -> Self {
        Self(id.0)
    }
}

impl From<CommandId> for SubmissionId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

impl From<GroupId> for SubmissionId {
    fn from(id: GroupId) -> Self {
        Self(id.0)
    }
}

/// Makes identifiers. A port, so that a simulation repeats itself from a seed.
pub trait Ids: Send + Sync {
    /// A fresh UUIDv7.
    fn next(&self) -> Uuid;
}
