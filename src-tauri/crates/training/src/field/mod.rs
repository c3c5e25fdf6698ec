//! The field: how devices live and what they do with commands. Pure: told the time and the rows, it says what to submit.

mod device;
mod river;
mod sky;

pub use device::Device;
pub use river::{Water, water};
pub use sky::{Night, local_hour, night};
