//! What a person wrote at this workstation besides commands: records on their way, drafts, and what the next holder of the
//! desk may deposit for him.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{DeskId, PersonId, RecordId, SubmissionId};
use crate::port::StoreError;
use crate::record::RecordState;
use crate::submission::{Body, Submission};
use crate::time::Timestamp;

/// Where records follow each other: nothing overtakes a head that failed. A kind has one lane, or one for each object where
/// the order of what is done to it matters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(pub String);

impl Lane {
    /// The lane of a record: of its kind, of the one alarm that is handled, or its own: a crew lock waits for nothing.
    pub fn of(body: &Body) -> Self {
        Self(match (body, body.handling()) {
            (_, Some((_, act))) => format!("alarm/{}", act.alarm_id),
            (Body::LockAsk(signed), _) => format!("lock/{}", signed.written.lock_id),
            _ => body.kind().to_owned(),
        })
    }
}

/// A record in the outbox. Committed to disk before the screen says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxRecord {
    /// What it is, whatever carries it: the key of its row. Never changes.
    pub record_id: RecordId,
    /// The submission that carries it; another one after each `never_received` or refusal.
    pub submission_id: SubmissionId,
    /// Its lane.
    pub lane: Lane,
    /// What is submitted. Never edited.
    pub body: Body,
    /// When it was written, in the metropolis's time as estimated here.
    pub written_at: Timestamp,
    /// Where it stands.
    pub state: RecordState,
    /// Since when.
    pub since: Timestamp,
    /// Why, as a code.
    pub detail: Option<String>,
    /// Times that it was refused: its next try waits the longer.
    pub refusals: u32,
    /// Grows with each record of this outbox: the order of lanes.
    pub position: i64,
}

impl OutboxRecord {
    /// The submission that carries it now.
    pub fn submission(&self) -> Submission {
        Submission::new(self.submission_id, self.body.clone())
    }
}

/// One step of one record: applied only if the stored state is still `from`.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordMove {
    /// The record as it is to stand: submission, state, since, detail and refusals are taken from it.
    pub record: OutboxRecord,
    /// Where it is expected to stand.
    pub from: RecordState,
}

/// A form that is being filled in: saved while it is typed, back after a crash, gone when it is filed or discarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Which form, and about what: `log`, `command/<object>/<action>`.
    pub key: String,
    /// What is typed: the form's own fields.
    pub content: Value,
    /// When it was saved.
    pub saved_at: Timestamp,
}

/// Records and drafts of an account, beside its commands and in the same file.
#[async_trait]
pub trait Records: Send + Sync {
    /// Adds a record and erases the draft it was typed in, in one transaction; returns its position. One that is there under
    /// its `record_id` stays as it is.
    async fn file(&self, record: &OutboxRecord, draft: Option<&str>) -> Result<i64, StoreError>;
    /// Moves records on, in one transaction; says of each whether it moved. A record that reaches
    /// [`RecordState::Shown`] is erased: the metropolis and the local copy have it.
    async fn move_records(&self, moves: &[RecordMove]) -> Result<Vec<bool>, StoreError>;
    /// Every record that is not [`RecordState::Abandoned`], in position order.
    async fn records(&self) -> Result<Vec<OutboxRecord>, StoreError>;
    /// The number that the author's next line gets: one more than any number given here, whatever became of its record.
    async fn next_sequence(&self) -> Result<i64, StoreError>;
    /// Keeps what is typed, in place of what was.
    async fn keep_draft(&self, draft: &Draft) -> Result<(), StoreError>;
    /// Erases a draft; one that is not there is erased already.
    async fn discard_draft(&self, key: &str) -> Result<(), StoreError>;
    /// Every draft, by key.
    async fn drafts(&self) -> Result<Vec<Draft>, StoreError>;
}

/// A signed record left for whoever holds the desk next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deposited {
    /// What it is.
    pub record_id: RecordId,
    /// Who wrote it.
    pub person_id: PersonId,
    /// At which desk.
    pub desk_id: DeskId,
    /// What is submitted.
    pub body: Body,
    /// When it was written.
    pub written_at: Timestamp,
}

/// What the accounts of one machine leave for each other (R20): signed records, and how much waits in files that only their
/// own account opens. Commands are never in it.
#[async_trait]
pub trait Deposit: Send + Sync {
    /// Leaves a record; one that is there stays.
    async fn leave(&self, record: &Deposited) -> Result<(), StoreError>;
    /// Takes records away: the metropolis has them, or they were given up.
    async fn take_away(&self, ids: &[RecordId]) -> Result<(), StoreError>;
    /// Every record left here, oldest first.
    async fn left(&self) -> Result<Vec<Deposited>, StoreError>;
    /// Says how much waits in an account's own outbox.
    async fn tell_waiting(&self, account: &str, waiting: u32) -> Result<(), StoreError>;
    /// How much waits by account; those with nothing are left out.
    async fn waiting(&self) -> Result<Vec<(String, u32)>, StoreError>;
}
