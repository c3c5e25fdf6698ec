//! What goes wrong outside: each a message that says what to do, with the outbox intact.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

mod desk;
mod files;
mod locked;
mod server;
mod sign_in;
mod suspension;
