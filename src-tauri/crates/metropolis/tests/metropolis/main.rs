//! The metropolis on a real PostgreSQL server.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the lint's exception for tests does not see their helpers"
)]

mod command;
mod failover;
mod feed;
mod field;
mod gap;
mod journal;
mod link;
mod lock;
mod programme;
mod prune;
mod rights;
mod schema;
mod submit;
mod support;
mod tls;
