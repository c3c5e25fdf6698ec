//! What stands in the street: kinds, readings, quality, age, and how it looks on the map.

mod kind;
mod look;
mod reading;

pub use kind::EquipmentKind;

pub use look::{Look, Mark, look, own_marks, point_state};
pub use reading::{Mode, Quality, Reach, Reading, is_stale};
