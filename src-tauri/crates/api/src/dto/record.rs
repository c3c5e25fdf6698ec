//! What a person writes besides commands: the log, drafts, and records on their way.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::ids::RecordId;
use vigie_core::record::{Authenticity, Link, LogKind, RecordState};
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

/// How much of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogArgs {
    /// Most lines, newest first; 500 at most.
    pub limit: u32,
}

/// Files a line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileLineArgs {
    /// Decision or event.
    pub kind: LogKind,
    /// The words, 4,000 characters at most.
    pub text: String,
    /// The line that it corrects.
    pub corrects: Option<RecordId>,
    /// What it speaks of.
    pub links: Vec<Link>,
    /// The draft it was typed in: erased as the line is filed.
    pub draft: Option<String>,
}

/// A line of the log as shown: the local copy overlaid with what was written here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogLineView {
    /// Identifier.
    pub log_id: RecordId,
    /// When it was written.
    pub written_at: Timestamp,
    /// When the metropolis received it; none before it says so.
    pub received_at: Option<Timestamp>,
    /// Name of the author's desk.
    pub desk: Option<String>,
    /// Number among what its author wrote at his workstation.
    #[ts(as = "f64")]
    pub sequence: i64,
    /// Author's display name.
    pub author: String,
    /// His role.
    pub role: Role,
    /// Written by the account that is open here.
    pub mine: bool,
    /// Decision or event.
    pub kind: LogKind,
    /// The words.
    pub text: String,
    /// The line that it corrects.
    pub corrects: Option<RecordId>,
    /// What it speaks of.
    pub links: Vec<LinkedView>,
    /// Name of whoever deposited it, when it was not its author.
    pub deposited_by: Option<String>,
    /// Whether it bears its author's signature.
    pub authenticity: Authenticity,
    /// Where it stands here, while the local copy does not contain it.
    pub waiting: Option<RecordState>,
}

/// What a line speaks of, with its name where it is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkedView {
    /// What it is.
    pub link: Link,
    /// Its reference.
    pub reference: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecordArgs {
    /// Which one.
    pub record_id: RecordId,
}

/// Records that the metropolis does not have yet, in the order of their lanes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecordsView {
    /// The records.
    pub records: Vec<RecordView>,
    /// Why none of them goes, as a code, when it is not the refusal of one.
    pub trouble: Option<String>,
}

/// A record on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecordView {
    /// Identifier.
    pub record_id: RecordId,
    /// Kind of submission: `log_entry`, `key_register`…
    pub kind: String,
    /// Its first words.
    pub summary: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// Where it stands.
    pub state: RecordState,
    /// Why, as a code (text `reason.<code>` in the catalogues).
    pub detail: Option<String>,
    /// It heads a lane and was refused: what follows it waits.
    pub blocks: bool,
    /// It can be tried again now.
    pub can_retry: bool,
    /// It can be given up.
    pub can_abandon: bool,
}

/// Where what is not transmitted was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// The file, one JSON object a line.
    pub file: String,
    /// How many objects.
    pub number: u32,
}

/// What is typed in a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// Which form, and about what.
    pub key: String,
    /// Its fields.
    #[ts(type = "JsonValue")]
    pub content: serde_json::Value,
}

/// Which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftArgs {
    /// Its key.
    pub key: String,
}
