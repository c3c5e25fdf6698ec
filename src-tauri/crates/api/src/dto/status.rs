//! Where the program stands, and the link.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::link::LinkState;
use vigie_core::port::MetropolisMode;
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

use crate::dto::{AlarmSummary, Selection};
use crate::error::ApiError;

/// Where the program stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Opening files, calling the metropolis.
    Starting,
    /// A password is needed: show the sign-in screen.
    SignIn,
    /// The first copy is being made: show progress.
    Copying,
    /// There is a city to show (perhaps an old one: see the link).
    Ready,
    /// It cannot go on: show the failure and what to do.
    Failed,
}

/// Progress of the first copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Progress {
    /// Table under way.
    pub table: String,
    /// Rows copied so far, all tables.
    #[ts(as = "f64")]
    pub rows: u64,
}

/// The whole status; pushed whenever it changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Status {
    /// Where the program stands.
    pub phase: Phase,
    /// Why it failed, or why signing in is asked again, or why the city shown is an old one.
    pub failure: Option<ApiError>,
    /// The local copy of last time could not be read or was of another form: `replica_set_aside`, `replica_other_schema`
    /// (text `notice.<code>`); the outbox is intact.
    pub notice: Option<String>,
    /// Progress while copying.
    pub progress: Option<Progress>,
    /// Name of the metropolis.
    pub metropolis: Option<String>,
    /// Live, rehearsal or training.
    pub mode: Option<MetropolisMode>,
    /// Login proposed or used.
    pub login: Option<String>,
    /// Display name of the person.
    pub person: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// Name of the desk held.
    pub desk: Option<String>,
    /// Planned end of the shift held.
    pub shift_ends_at: Option<Timestamp>,
    /// Time zone of the metropolis (IANA): every hour on the screen is told in it.
    pub time_zone: String,
    /// The link.
    pub link: LinkView,
    /// Nobody is signed in: this is the view shared during a cut, and it commands nothing.
    pub shared: bool,
    /// The session is suspended: people, pictures and commands are hidden and refused.
    pub suspended: Option<Suspended>,
    /// A certificate of this desk signs in: a password need not be typed.
    pub shows_certificate: bool,
    /// Certificates that end within 30 days or have ended, the first to end first.
    pub certificates: Vec<CertificateNotice>,
    /// What training offers; none elsewhere.
    pub training: Option<TrainingView>,
    /// Version of the program.
    pub version: String,
}

/// A suspended session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Suspended {
    /// Metropolis time.
    pub since: Timestamp,
    /// Nobody had touched anything for as long as the policy says.
    pub by_itself: bool,
}

/// Whose a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CertificateHolder {
    /// The one that this desk shows.
    Desk,
    /// A server's.
    Server,
    /// An authority's.
    Authority,
}

/// A certificate that someone must renew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateNotice {
    /// Whose it is.
    pub holder: CertificateHolder,
    /// The file, or the server.
    pub name: String,
    /// Its last instant.
    pub ends_at: Timestamp,
    /// Whether it has ended.
    pub over: bool,
}

/// An account that signed in on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountLine {
    /// Its login.
    pub login: String,
    /// Metropolis time when it last heard the metropolis from here.
    pub heard_at: Option<Timestamp>,
    /// What it wrote here and the metropolis has not got.
    pub unsent: u32,
}

/// What is said before anybody signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Door {
    /// The accounts that signed in on this machine, the last one first.
    pub accounts: Vec<AccountLine>,
    /// Metropolis time of the view that is shared during a cut; none where there is none.
    pub view_at: Option<Timestamp>,
}

/// The link desk – metropolis as the whole interface shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LinkView {
    /// Where it stands.
    pub state: LinkState,
    /// Metropolis time of the last good pull: everything shown dates from it at the latest.
    pub heard_at: Option<Timestamp>,
    /// Metropolis time now, estimated when this was made; the interface lets it run on at `clock_rate`.
    pub now: Timestamp,
    /// How fast the metropolis's clock runs.
    pub clock_rate: f64,
    /// Why it is lost, if known (`MetropolisError::code`).
    pub error: Option<ApiError>,
    /// What waits here.
    pub counts: Counts,
}

/// What waits at this desk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Counts {
    /// Commands waiting for the link (A and B).
    pub queued: u32,
    /// Class B waiting for a key.
    pub awaiting_key: u32,
    /// Intents: noted, not sent.
    pub intents: u32,
    /// Own commands under way.
    pub under_way: u32,
    /// Own commands without an account of their outcome.
    pub unknown: u32,
    /// Records that the metropolis does not have yet.
    pub records: u32,
    /// Lanes of records whose head was refused.
    pub wedged: u32,
    /// What waits in the outboxes of the other accounts of this machine: only they open them.
    pub others: u32,
}

/// What training mode offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrainingView {
    /// The plug is in: the link to the simulated metropolis is not cut.
    pub plugged: bool,
    /// Speed of the simulated clock.
    pub speed: f64,
    /// Scenario running.
    pub scenario: String,
    /// Scenarios to choose from.
    pub scenarios: Vec<String>,
    /// The simulated second person answers when he is asked.
    pub second: bool,
    /// Seed of the city.
    #[ts(as = "f64")]
    pub seed: u64,
}

/// Changes training; absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct TrainingArgs {
    /// Pull the plug (false) or put it back (true).
    pub plugged: Option<bool>,
    /// Speed of the simulated clock, 0 (paused) to 3600.
    pub speed: Option<f64>,
    /// Start a scenario.
    pub scenario: Option<String>,
    /// Whether the simulated second person answers, or nobody does.
    pub second: Option<bool>,
}

/// Signing in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignInArgs {
    /// Login.
    pub login: String,
    /// Password; kept in memory for the session only.
    pub password: String,
}

impl std::fmt::Debug for SignInArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInArgs").field("login", &self.login).finish_non_exhaustive()
    }
}

/// Taking a suspended session up again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResumeArgs {
    /// Password of the account that is signed in.
    pub password: String,
}

impl std::fmt::Debug for ResumeArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResumeArgs").finish_non_exhaustive()
    }
}

/// What the core tells the interface unasked. Packed changes of points travel beside it as bytes (see `packed`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Push {
    /// The status or the link changed (at least once a second while the link is not live).
    Status {
        /// The new one.
        status: Box<Status>,
    },
    /// The city was copied anew: fetch points, ground, zones and cameras again; point ids are new.
    City {
        /// Its generation.
        generation: u32,
    },
    /// Some command changed: fetch the lists shown again.
    Commands,
    /// Some crew lock changed: fetch the lists shown again.
    Locks,
    /// Some zone changed: fetch them again.
    Zones,
    /// A bulletin, a forecast or a level changed: fetch the rivers again.
    Rivers,
    /// Some programme changed, or which object has which: fetch the list again.
    Programmes,
    /// A request or a hold changed: fetch them again (each second while a request is open).
    Procedure,
    /// Some alarm changed: here is the bar; fetch the lists shown again.
    Alarms {
        /// What stands over every screen.
        summary: Box<AlarmSummary>,
    },
    /// The log changed, or a record on its way: fetch them again.
    Records,
    /// Another window of this desk looks at another object.
    Selection {
        /// What it looks at.
        selection: Selection,
    },
}
