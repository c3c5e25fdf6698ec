//! What a host (the window, the browser of the development host) offers its interface.
//!
//! | module | what it holds |
//! |---|---|
//! | [`commands`] | THE list of commands: names, arguments, replies |
//! | [`dto`] | the types that cross, mirrored in TypeScript |
//! | [`packed`] | points and changes as bytes |
//! | [`error`] | `{code, message}`: the interface never reads the text |

pub mod commands;
pub mod dto;
pub mod error;
pub mod packed;
