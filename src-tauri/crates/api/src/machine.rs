//! The machine's own clock, identifiers and randomness.

pub use vigie_machine::{MachineClock, MachineIds};

/// Random bytes fit for keys, from the system.
pub(crate) fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(std::io::Error::other)
}
