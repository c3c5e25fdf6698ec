//! What stands in the street: kinds, readings, quality, age, and how it looks on the map.

mod freshness;
mod kind;
mod look;
mod reading;

pub use freshness::{Break, Freshness, LIMITS, Limit, freshness, is_stale, limit_of};
pub use kind::EquipmentKind;
pub use look::{Look, Mark, look, point_state};
pub use reading::{Mode, Quality, Reach, Reading};
