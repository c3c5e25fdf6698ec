//! The local files of a workstation: a replica that may be thrown away, an outbox that may not.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::command::{Admission, ChosenBy, ClassCode, CommandEventCode, CommandOrder, CommandState, Exclusion};
use crate::ids::{CommandId, GroupId, PersonId, SubmissionId};
use crate::port::{Changes, Cut, Identity};
use crate::rights::Role;
use crate::search::{Found, Place};
use crate::table::{Cell, Row, TableSpec, TableSum};
use crate::time::Timestamp;

/// A row's number in this replica (SQLite's rowid): what the map calls a point's id. Changes at a rebuild.
pub type LocalId = u32;

/// What a replica is a copy of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaInfo {
    /// Identity of the metropolis when last heard.
    pub identity: Identity,
    /// The cut it holds.
    pub cut: Cut,
    /// Grows at each rebuild: local ids of an older generation mean nothing.
    pub generation: u32,
}

/// The local copy, at one committed cut.
#[async_trait]
pub trait Replica: Send + Sync {
    /// What it holds; none when it never held a snapshot.
    async fn info(&self) -> Result<Option<ReplicaInfo>, StoreError>;
    /// Starts a copy in a side file; the present copy stays readable until [`Rebuild::finish`].
    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, StoreError>;
    /// Deletes, then upserts, then the cut and the identity, in one transaction. Rows older than a table's window may be
    /// dropped on the way.
    async fn apply(&self, changes: &Changes, identity: &Identity) -> Result<(), StoreError>;
    /// The sum of every table, of a windowed one without what left its window at `at`.
    async fn sums(&self, at: Timestamp) -> Result<Vec<TableSum>, StoreError>;
    /// Starts to take whole tables anew; everything stays as it is until [`Mend::finish`].
    async fn mend(&self) -> Result<Box<dyn Mend>, StoreError>;
    /// All rows of a table with their local ids, in local id order.
    async fn scan(&self, table: &'static TableSpec) -> Result<Vec<(LocalId, Row)>, StoreError>;
    /// One row by key.
    async fn row(&self, table: &'static TableSpec, key: Uuid) -> Result<Option<(LocalId, Row)>, StoreError>;
    /// Rows where an indexed column has a value, newest key first, at most `limit`.
    async fn find(
        &self,
        table: &'static TableSpec,
        column: &str,
        value: &Cell,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;
    /// Equipment whose reference, name, street or commune name has words starting with each word of `text` (case and
    /// accents folded), at most `limit`: local ids. First references that begin with the text, the exact one at their head;
    /// then what is not there by the dozen ([`crate::equipment::EquipmentKind::stands_in_numbers`]); then the rest. When
    /// nothing has these words, what has words near them ([`crate::search::near`]).
    async fn search(&self, text: &str, limit: u32) -> Result<Found<LocalId>, StoreError>;
    /// Communes, zones and streets, found in the same way, in the order of [`crate::search::rank`], at most `limit`.
    async fn places(&self, text: &str, limit: u32) -> Result<Found<Place>, StoreError>;
}

/// A copy being built beside the present one.
#[async_trait]
pub trait Rebuild: Send {
    /// Adds rows, as they come from the snapshot.
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError>;
    /// Indexes, flushes to disk, and takes the place of the present copy. Dropping without it leaves the present copy.
    async fn finish(self: Box<Self>, cut: Cut, identity: Identity) -> Result<(), StoreError>;
}

/// Tables taken anew, beside the present ones.
#[async_trait]
pub trait Mend: Send {
    /// The next rows of a table that is taken anew; a table of which nothing comes must be announced with no rows.
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), StoreError>;
    /// Each table holds what came and nothing else; a row that was there keeps its local id. The changes of the other
    /// tables, the cut and the identity go in with them, in one transaction. Dropping without it leaves everything as it was.
    async fn finish(self: Box<Self>, changes: &Changes, identity: &Identity) -> Result<(), StoreError>;
}

crate::table::codes! {
    /// Where an outbox entry stands for its lane, beside the command's own state.
    OutboxState {
        /// Something is still to be done here: sent, settled, decided by a person.
        Open = "open",
        /// The metropolis has it; kept until the replica's cut shows it.
        Handed = "handed",
        /// Nothing more to do here; kept as the desk's history.
        Done = "done",
    }
}

/// A command in the outbox. Committed to disk before the screen says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The order as operated. Never edited: another try is another command.
    pub order: CommandOrder,
    /// Class the desk gave it.
    pub class: ClassCode,
    /// What the desk decided when it was operated.
    pub admission: Admission,
    /// Author.
    pub person_id: PersonId,
    /// His role then.
    pub role: Role,
    /// Where the command stands, as far as this desk knows.
    pub state: CommandState,
    /// Why, as a code.
    pub detail: Option<String>,
    /// Where the entry stands.
    pub outbox: OutboxState,
    /// For a reissued intent: the command that took its place.
    pub reissued_as: Option<CommandId>,
    /// The group that it is a member of: it goes with the others, in one submission.
    pub group_id: Option<GroupId>,
    /// Grows with each entry of this outbox: the order of lanes.
    pub position: i64,
}

impl OutboxEntry {
    /// The submission that carries it.
    pub fn submission_id(&self) -> SubmissionId {
        self.group_id.map_or_else(|| self.order.command_id.into(), SubmissionId::from)
    }
}

/// What the members of a group have in common, beside their orders. Written once with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupHead {
    /// Which group.
    pub group_id: GroupId,
    /// By what its objects were chosen.
    pub chosen: ChosenBy,
    /// The name of that.
    pub chosen_name: String,
    /// What was chosen and left out.
    pub excluded: Vec<Exclusion>,
}

/// One change of several that are written together.
#[derive(Debug, Clone, PartialEq)]
pub enum OutboxChange {
    /// A group that is added; its members follow.
    Head(GroupHead),
    /// An entry that is added, with its first event. Its own `position` is ignored.
    Add(OutboxEntry, StoredEvent),
    /// An entry that moves on from a state, as with [`Outbox::advance`].
    Advance(OutboxEntry, CommandState, StoredEvent),
}

/// One transition of an entry, written with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// When, in the metropolis's time as estimated here.
    pub at: Timestamp,
    /// What happened.
    pub event: CommandEventCode,
    /// To which state.
    pub to: CommandState,
    /// Why, as a code.
    pub detail: Option<String>,
}

/// What was written here and is not yet confirmed.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Adds an entry with its first event; returns its position. The entry's own `position` is ignored.
    async fn add(&self, entry: &OutboxEntry, event: &StoredEvent) -> Result<i64, StoreError>;
    /// Moves an entry on: state, detail, outbox state and `reissued_as` are taken from `entry`, with the event, in one
    /// transaction, only if the stored state is still `from`; says whether it was.
    async fn advance(&self, entry: &OutboxEntry, from: CommandState, event: &StoredEvent) -> Result<bool, StoreError>;
    /// All of these changes in one transaction, in order, or none of them. Gives the positions of the entries that were added,
    /// or none when an entry that was to move on was no longer where it was expected, and nothing was written.
    async fn write(&self, changes: &[OutboxChange]) -> Result<Option<Vec<i64>>, StoreError>;
    /// What the members of a group have in common.
    async fn group(&self, id: GroupId) -> Result<Option<GroupHead>, StoreError>;
    /// Entries that are not [`OutboxState::Done`], in position order.
    async fn open_entries(&self) -> Result<Vec<OutboxEntry>, StoreError>;
    /// The last `limit` entries, newest first.
    async fn recent(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;
    /// One entry.
    async fn entry(&self, id: CommandId) -> Result<Option<OutboxEntry>, StoreError>;
    /// The events of an entry, oldest first.
    async fn events(&self, id: CommandId) -> Result<Vec<StoredEvent>, StoreError>;
}

/// What can go wrong with a local file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is not a readable database.
    #[error("{file} cannot be read as a Vigie file: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What the database says.
        reason: String,
    },
    /// Written by a newer Vigie.
    #[error(
        "{file} was written by a newer Vigie (schema {found}, this one knows {known}): update Vigie; nothing was changed"
    )]
    Newer {
        /// Which file.
        file: String,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The disk is full or refuses.
    #[error("{file} cannot be written: {reason}")]
    Disk {
        /// Which file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// The system's key store is there and does not open.
    #[error("the key of the local files cannot be had: {reason}; unlock the session's key store and start again")]
    KeyLocked {
        /// What the store says.
        reason: String,
    },
    /// The files are encrypted and their key is nowhere.
    #[error(
        "the local files are encrypted and their key is gone ({file}): restore it from a backup of this session, or wipe \
         the files; nothing was changed"
    )]
    KeyMissing {
        /// Where it was looked for.
        file: String,
    },
    /// These files open with the password of their account.
    #[error("the files of this account open with its password")]
    PasswordNeeded,
    /// The password is not the one that last opened this account's files here.
    #[error("this password does not open the files of this account")]
    WrongPassword,
    /// The password is right, and the metropolis has not confirmed it for too long.
    #[error("this account has not signed in to the metropolis from here for 7 days: its files open again once it does")]
    OfflineTooLong,
    /// The password no longer opens these files by itself, or never did.
    #[error("the key of these files was changed: sign in once while the metropolis answers")]
    OnlineNeeded,
    /// People's data whose life without the metropolis is over.
    #[error("people's data is locked until the metropolis is heard again")]
    PeopleLocked,
    /// A row does not fit its declaration.
    #[error(transparent)]
    BadRow(#[from] crate::table::BadRow),
}

impl StoreError {
    /// A stable code for the interface.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "store_unreadable",
            Self::Newer { .. } => "store_newer",
            Self::Disk { .. } => "store_disk",
            Self::KeyLocked { .. } => "key_locked",
            Self::KeyMissing { .. } => "key_missing",
            Self::PasswordNeeded => "password_needed",
            Self::WrongPassword => "wrong_password",
            Self::OfflineTooLong => "offline_too_long",
            Self::OnlineNeeded => "online_needed",
            Self::PeopleLocked => "people_locked",
            Self::BadRow(_) => "store_bad_row",
        }
    }
}
