//! The metropolis as a workstation, a gateway or the house meets it. Implemented on PostgreSQL and by training.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::command::{LiveAnswer, LiveNow, LiveSign};
use crate::ids::{DeskId, PersonId, SubmissionId};
use crate::port::TlsTrouble;
use crate::rights::Role;
use crate::submission::{Outcome, Submission};
use crate::table::{Row, TableSpec, TableSum};
use crate::time::Timestamp;

crate::table::codes! {
    /// What a metropolis is for; fixed when it is created.
    MetropolisMode {
        /// Commands reach real streets.
        Live = "live",
        /// A PostgreSQL city to practise on; its clock may be set.
        Rehearsal = "rehearsal",
        /// The city inside the app.
        Training = "training",
    }
}

/// Who the metropolis is and whom it takes us for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The database system (survives a failover).
    pub system: String,
    /// Its timeline.
    pub timeline: i64,
    /// Changes after a restore: replicas are rebuilt, commands issued before it are refused.
    pub epoch: Uuid,
    /// Name shown on the screen.
    pub name: String,
    /// Live, rehearsal or training.
    pub mode: MetropolisMode,
    /// Version of its schema: the number of the last migration.
    pub schema_version: i64,
    /// Fingerprint of what this account may read; a change rebuilds the replica.
    pub rights: String,
    /// Its time now.
    pub server_time: Timestamp,
    /// How fast its clock runs (1 unless a rehearsal).
    pub clock_rate: f64,
    /// Our login.
    pub login: String,
    /// Our person, when the login has one.
    pub person_id: Option<PersonId>,
    /// Our role.
    pub role: Role,
    /// The desk this account usually holds.
    pub desk_id: Option<DeskId>,
}

/// A committed cut of the database, and from where the next changes start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The epoch it belongs to.
    pub epoch: Uuid,
    /// The timeline of the server that made it: another one since means that a standby was promoted, and that what was
    /// committed last may be lost.
    #[serde(default)]
    pub timeline: i64,
    /// Everything below this transaction is contained.
    pub xmin: u64,
    /// What else the metropolis needs to continue from it, in its own words (empty in training).
    pub snapshot: String,
    /// The metropolis's time at the cut.
    pub at: Timestamp,
}

/// What changed in one table since a cut.
#[derive(Debug, Clone, PartialEq)]
pub struct TableChanges {
    /// Which table.
    pub table: &'static TableSpec,
    /// Keys deleted (applied first).
    pub deleted: Vec<Uuid>,
    /// Rows to write, unconditionally.
    pub rows: Vec<Row>,
}

/// What changed since a cut: applied in one transaction together with the new cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The new cut.
    pub cut: Cut,
    /// By table; empty when nothing changed.
    pub tables: Vec<TableChanges>,
}

/// The sums of the tables at a cut, and what leads there.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// What changed up to the cut that was summed.
    pub changes: Changes,
    /// One for each table that the account reads.
    pub tables: Vec<TableSum>,
}

/// Receives a snapshot in batches, table by table, in the order of [`crate::table::TABLES`].
#[async_trait]
pub trait SnapshotSink: Send {
    /// The next rows of a table.
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError>;
}

/// The metropolis. Every method may hang on a dead link: the caller sets a deadline and drops the future.
#[async_trait]
pub trait Metropolis: Send + Sync {
    /// Who it is and who we are; also the heartbeat.
    async fn identity(&self) -> Result<Identity, MetropolisError>;

    /// Everything our rights let us read, at one cut.
    async fn snapshot(&self, sink: &mut dyn SnapshotSink) -> Result<Cut, MetropolisError>;

    /// What changed since `since`; [`MetropolisError::ResyncNeeded`] when it can no longer say. After a change of timeline
    /// the cut says so: then what the copy held may be lost, and only [`Metropolis::sums`] tells.
    async fn changes(&self, since: &Cut) -> Result<Changes, MetropolisError>;

    /// Waits until something may have been written since the last pull. A hint may come for nothing, late, or not at all:
    /// who waits looks by itself as well. Dropping it costs nothing. An error says that there are no hints for now.
    async fn wake(&self) -> Result<(), MetropolisError>;

    /// What changed since `since`, and the sum of every table at the cut where that leads.
    async fn sums(&self, since: &Cut) -> Result<Sums, MetropolisError>;

    /// Some tables anew and whole, at the cut to which the changes of all others since `since` lead.
    async fn recopy(
        &self,
        since: &Cut,
        tables: &[&'static TableSpec],
        sink: &mut dyn SnapshotSink,
    ) -> Result<Changes, MetropolisError>;

    /// Submits in order; one outcome each, in the same order. Doing it twice does it once.
    async fn submit(&self, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError>;

    /// Asks what became of submissions; what was never received is recorded so and refused from then on (R14).
    async fn settle(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError>;

    /// The outcomes of those of our own submissions that it holds, in any order. Nothing is recorded: what is absent may
    /// still arrive.
    async fn outcomes(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError>;

    /// Says that a control is still held (class L): neither journalled nor kept. Nothing when it goes on, or why it is over.
    async fn keep_live(&self, sign: &LiveSign) -> Result<LiveAnswer, MetropolisError>;

    /// What is held now, for who speaks for the field.
    async fn live(&self) -> Result<Vec<LiveNow>, MetropolisError>;

    /// Reads what is not replicated; the metropolis journals it first, with the reason. Queries of this version:
    /// `history` `{"equipment_id", "before": ms, "limit"}` → array of [`crate::table::StateHistory`]-shaped objects.
    async fn fetch(
        &self,
        query: &str,
        args: serde_json::Value,
        reason: &str,
    ) -> Result<serde_json::Value, MetropolisError>;
}

/// Why a fetch was refused; the code is stable.
pub type FetchError = MetropolisError;

/// What can go wrong with a metropolis. [`MetropolisError::code`] is what the interface shows a text for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetropolisError {
    /// Nobody answers at the address.
    #[error("the metropolis does not answer: {0}")]
    Unreachable(String),
    /// A deadline passed.
    #[error("the metropolis did not answer in time")]
    Deadline,
    /// The desk and the server do not trust each other.
    #[error("{why}")]
    Tls {
        /// In which way.
        trouble: TlsTrouble,
        /// With which server or file, and what to do.
        why: String,
    },
    /// It answers, and refuses the account or the password.
    #[error("the metropolis refuses this account or password: {0}")]
    SignInRefused(String),
    /// It wants a password and we have none.
    #[error("the metropolis asks for a password")]
    PasswordNeeded,
    /// Its schema is older than this program needs.
    #[error("the metropolis has schema {found}, this Vigie needs {needed}: run `vigiectl migrate`")]
    SchemaOlder {
        /// Found.
        found: i64,
        /// Needed.
        needed: i64,
    },
    /// Its schema asks for a newer program.
    #[error("the metropolis has schema {found}, this Vigie knows {known}: update Vigie")]
    SchemaNewer {
        /// Found.
        found: i64,
        /// Known.
        known: i64,
    },
    /// The database is not a Vigie metropolis.
    #[error("this database holds no Vigie metropolis: run `vigiectl migrate`")]
    NotAMetropolis,
    /// The replica must be copied anew: identity, epoch, rights or horizon changed.
    #[error("the local copy must be made anew: {0}")]
    ResyncNeeded(String),
    /// The account may not do this.
    #[error("this account may not do that: {0}")]
    Denied(String),
    /// The login is right, and its account here is locked or gone.
    #[error("the account is closed: {0}; IT can open it again with `vigiectl account unlock`")]
    AccountClosed(String),
    /// An answer that does not fit its declaration.
    #[error("unexpected answer from the metropolis: {0}")]
    Unexpected(String),
}

impl MetropolisError {
    /// A stable code for the interface.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Deadline => "deadline",
            Self::Tls { trouble, .. } => trouble.code(),
            Self::SignInRefused(_) => "sign_in_refused",
            Self::PasswordNeeded => "password_needed",
            Self::SchemaOlder { .. } => "schema_older",
            Self::SchemaNewer { .. } => "schema_newer",
            Self::NotAMetropolis => "not_a_metropolis",
            Self::ResyncNeeded(_) => "resync_needed",
            Self::Denied(_) => "denied",
            Self::AccountClosed(_) => "account_closed",
            Self::Unexpected(_) => "unexpected",
        }
    }

    /// Whether it no longer lets this account in: what the account may do by itself ends with it (R13).
    pub const fn shuts_out(&self) -> bool {
        matches!(self, Self::SignInRefused(_) | Self::AccountClosed(_))
    }

    /// Whether trying again, as it is, may help.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Tls { trouble, .. } => trouble.may_pass(),
            other => matches!(other, Self::Unreachable(_) | Self::Deadline | Self::ResyncNeeded(_)),
        }
    }
}
