//! The engine of a workstation: keeps the replica in step, carries the outbox, says where the link stands.
//!
//! | module | what it holds |
//! |---|---|
//! | [`engine`](crate::Engine) | start, what the interface may ask, shutdown |
//! | `puller` | looks, by hints and by itself, with a deadline on every await; `cadence` says when |
//! | `copy`, `take_in` | what a look brings, into the replica and the picture |
//! | `catch_up`, `heard` | the end of a return; what a look says of the link |
//! | `converge` | the copy compared with the metropolis, once a day and after a promotion |
//! | `lane`, [`heads`] | one task per object, or per group, with something to send, forward only; which may go is pure |
//! | `ledger`, `settle` | where entries stand, written before it is shown; what the metropolis is asked about what left |
//! | `group`, [`choose`] | a command on many objects: chosen, frozen, operated, stopped |
//! | [`plan`] | what a lane does with its head: pure |
//! | [`picture`] | the city in memory: what the map draws |
//! | [`review`] | intents against what is true now: pure |
//! | `post`, [`rounds`] | records of all lanes, in batches; what it does next is pure |
//! | `write`, `book`, `deposit` | lines of the log, the log as shown, what is left for the next holder of the desk (R20) |
//! | `procedure`, `approval`, `pilot` | what a dangerous command needs, second persons, which desk pilots what (R6 to R9) |
//! | `live` | a control that is held by a key (class L) |
//! | `locks` | crew locks as shown, and what a person does with one (R10) |
//! | `programme` | programmes as shown, written, previewed, gone back from (R19) |
//! | `zones` | zones as shown, a drawing looked at, written, thrown away |
//! | `flood` | reaches, gauges and their trend, what a height takes |
//! | `effects` | what is in force now, and what did not end (R3) |
//! | `board`, `alarms` | alarms as shown, what asks this desk, what a person does with one |
//! | `watch` | time passing: ages, expiry, suspend and clock jumps |
//!
//! Guarantees: nothing is sent that is not committed to the outbox first; nothing overtakes a lane's head; whatever was in
//! flight at a crash is settled before anything else (R14); after a cut everything is read before anything is sent (R5).

pub mod choose;
pub mod heads;
pub mod picture;
pub mod plan;
pub mod review;
pub mod rounds;

mod alarms;
mod approval;
mod around;
mod board;
mod book;
mod cadence;
mod catch_up;
mod converge;
mod copy;
mod deposit;
mod desk;
mod effects;
mod engine;
mod error;
mod flood;
mod group;
mod heard;
mod lane;
mod ledger;
mod live;
mod locks;
mod observe;
mod operate;
mod pilot;
mod post;
mod procedure;
mod programme;
mod puller;
mod settle;
mod state;
mod take_in;
mod watch;
mod write;
mod zones;

pub use alarms::{AlarmBar, Handle};
pub use approval::AskSecond;
pub use board::{DeskLoad, FloodNow, PriorityCount, ShownAlarm};
pub use book::ShownLine;
pub use desk::{DeskStatus, Phase, ReplicaProgress};
pub use effects::Standing;
pub use engine::{Connector, Engine, Options, Parts};
pub use error::EngineError;
pub use flood::{GaugeNow, Taken};
pub use group::{PrepareGroup, PreparedGroup, TrackedGroup};
pub use locks::{AskLock, ShownLock};
pub use observe::Observed;
pub use operate::{Operate, Prepared};
pub use procedure::{Needs, ShownRequest};
pub use programme::{ProgrammeStage, SaveProgramme, ShownProgramme};
pub use state::{Counts, TrackedCommand};
pub use write::FileLine;
pub use zones::{DrawnZone, ZoneLook, ZoneSaved};
