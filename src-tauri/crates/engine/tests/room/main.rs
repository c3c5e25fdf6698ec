//! The engine on virtual time: memory stores, the training metropolis, a link that fails in every way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test may fail it"
)]

mod converge;
mod crash;
mod cut;
mod group;
mod link;
mod live;
mod lock;
mod log;
mod operate;
mod procedure;
mod programme;
mod room;
mod story;
mod zones;
