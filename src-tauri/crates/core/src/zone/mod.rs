//! Zones drawn and changed on the map: what a zone must be, and who writes over whom.
//!
//! | module | what it holds |
//! |---|---|
//! | [`shape`] | whether rings enclose something and cross nothing |
//! | [`validate`] | everything that must hold of a zone before it may be saved |
//! | [`written`], [`dropped`] | the row, or why somebody else's change is in the way |

pub mod shape;
mod valid;
mod write;

pub use valid::{MOST_CORNERS, ZoneFault, ZoneSaid, validate};
pub use write::{dropped, may_write, written};

crate::table::codes! {
    /// What a zone is for.
    ZoneKind {
        /// Vidéoprotection.
        Cctv = "cctv",
        /// Under water in a flood.
        Flood = "flood",
        /// A building closed tonight.
        ClosedBuilding = "closed_building",
        /// A district.
        District = "district",
    }
}
