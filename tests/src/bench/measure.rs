//! The measures by name.

use std::path::PathBuf;

use super::{map, outbox, search, start, sync_fan_out, sync_initial, sync_live, sync_return};
use crate::result::Found;

/// How one is taken.
#[derive(Debug, Clone)]
pub struct Order {
    /// Smaller counts, the same method.
    pub quick: bool,
    /// This program: it starts itself for what has a process of its own.
    pub program: PathBuf,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Measure {
    /// A city on the screen.
    Map,
    /// A million objects as one types.
    Search,
    /// A whole city into a replica.
    SyncInitial,
    /// What waited, and one command from screen to effect.
    Outbox,
    /// From COMMIT to COMMIT.
    SyncLive,
    /// From the start of the program to the city on the screen.
    Start,
    /// Many workstations on one server.
    SyncFanOut,
    /// Back after hours.
    SyncReturn,
}

impl Measure {
    /// Takes it.
    pub async fn run(self, order: &Order) -> anyhow::Result<Found> {
        match self {
            Self::Map => map::run(order),
            Self::Search => search::run(order).await,
            Self::SyncInitial => sync_initial::run(order).await,
            Self::Outbox => outbox::run(order).await,
            Self::SyncLive => sync_live::run(order).await,
            Self::Start => start::run(order).await,
            Self::SyncFanOut => sync_fan_out::run(order).await,
            Self::SyncReturn => sync_return::run(order).await,
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Search => "search",
            Self::SyncInitial => "sync-initial",
            Self::Outbox => "outbox",
            Self::SyncLive => "sync-live",
            Self::Start => "start",
            Self::SyncFanOut => "sync-fan-out",
            Self::SyncReturn => "sync-return",
        }
    }
}
