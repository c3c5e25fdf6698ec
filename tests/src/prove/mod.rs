//! The reliability campaigns of `cargo xtask prove`.

pub mod history;
pub mod simulation;
