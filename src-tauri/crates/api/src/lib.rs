//! What a host (the window, the browser of the development host) offers its interface.
//!
//! | module | what it holds |
//! |---|---|
//! | [`Api`] | starts the program, runs commands, tells what changes |
//! | [`commands`] | THE list of commands: names, arguments, replies |
//! | [`dto`] | the types that cross, mirrored in TypeScript by [`bindings`] |
//! | [`packed`] | points and changes as bytes |
//! | [`error`] | `{code, message}`: the interface never reads the text |
//! | [`rotate_keys`] | gives the local files another key |
//! | [`forget`] | wipes the local files, unless something in them exists nowhere else |
//! | [`Launch`] | the arguments every host takes |
//!
//! This crate also puts the program together: which metropolis, which files, which clock.

pub mod commands;
pub mod dto;
pub mod error;
pub mod packed;

mod api;
mod bindings;
mod certificates;
mod forget;
mod ground;
mod handle;
mod launch;
mod machine;
mod plate;
mod shared;
mod sieve;
mod source;
mod suspension;
mod unsent;
mod upkeep;
mod vault;
mod view;

pub use api::{Api, Frame};
pub use bindings::bindings;
pub use commands::COMMANDS;
pub use error::ApiError;
pub use forget::forget;
pub use launch::{KeyPlace, Launch, SharedView};
pub use machine::{MachineClock, MachineIds};
pub use vault::rotate_keys;
pub use vigie_metropolis::keep_private;
