//! Where the desk stands: phase, failure, who sits at it, the link.

use vigie_core::link::Link;
use vigie_core::port::Identity;
use vigie_core::table::Shift;
use vigie_core::time::Timestamp;

use crate::error::EngineError;
use crate::state::Counts;

/// Where the program stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Opening files, calling the metropolis.
    Starting,
    /// A password is needed.
    SignIn,
    /// The first copy is being made.
    Copying,
    /// There is a city to show.
    Ready,
    /// It cannot go on without someone doing something.
    Failed,
}

/// How far the first copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaProgress {
    /// Table under way.
    pub table: &'static str,
    /// Rows so far.
    pub rows: u64,
}

/// The desk as a whole.
#[derive(Debug, Clone)]
pub struct DeskStatus {
    /// Where the program stands.
    pub phase: Phase,
    /// Why it failed, asks for a password, or shows an old city.
    pub failure: Option<EngineError>,
    /// While copying.
    pub progress: Option<ReplicaProgress>,
    /// The metropolis when last heard.
    pub identity: Option<Identity>,
    /// The shift held.
    pub shift: Option<Shift>,
    /// Display name of the person.
    pub person: Option<String>,
    /// Name of the desk.
    pub desk: Option<String>,
    /// The link.
    pub link: Link,
    /// The metropolis's time now, estimated.
    pub now: Timestamp,
    /// What waits here.
    pub counts: Counts,
}
