//! The engine of a workstation: keeps the replica in step, carries the outbox, says where the link stands.
//!
//! | module | what it holds |
//! |---|---|
//! | [`engine`](crate::Engine) | start, what the interface may ask, shutdown |
//! | `puller` | the look every 250 ms, the snapshot, the deadline on every await |
//! | `lane` | one task per object with something to send, forward only |
//! | [`plan`] | what a lane does with its head: pure |
//! | [`picture`] | the city in memory: what the map draws |
//! | [`review`] | intents against what is true now: pure |
//! | `watch` | time passing: ages, expiry, suspend and clock jumps |
//!
//! Guarantees: nothing is sent that is not committed to the outbox first; nothing overtakes a lane's head; whatever was in
//! flight at a crash is settled before anything else (R14); after a cut everything is read before anything is sent (R5).

pub mod picture;
pub mod plan;
pub mod review;

mod desk;
mod engine;
mod error;
mod lane;
mod observe;
mod operate;
mod puller;
mod state;
mod watch;

pub use desk::{DeskStatus, Phase, ReplicaProgress};
pub use engine::{Connector, Engine, Options, Parts};
pub use error::EngineError;
pub use observe::Observed;
pub use operate::{Operate, Prepared};
pub use state::{Counts, TrackedCommand};
