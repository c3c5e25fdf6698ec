//! System tests: the programs as they are delivered, started as a person starts them.
//!
//! They are ignored unless asked for: they need the built programs, and the window's need a display. `cargo xtask test`
//! builds the programs, lends a display, and asks for them.

pub mod bench;
mod family;
mod host;
mod metropolis;
mod program;
pub mod prove;
pub mod result;
#[cfg(target_os = "linux")]
mod window;

pub use host::Host;
pub use metropolis::Rehearsal;
pub use program::{Running, Said, Vigie, finish};
#[cfg(target_os = "linux")]
pub use window::{Bus, Notification, SCREEN, Screens, Shown, Window};
