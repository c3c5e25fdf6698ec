//! Kinds of equipment, and how fresh each is promised to be.

use std::time::Duration;

use crate::equipment::limit_of;

crate::table::codes! {
    /// Kind of a piece of equipment.
    EquipmentKind {
        /// Luminaire.
        StreetLight = "street_light",
        /// Junction with traffic signals.
        SignalJunction = "signal_junction",
        /// Vidéoprotection camera.
        Camera = "camera",
        /// River or sewer gauge.
        Gauge = "gauge",
        /// Waste container.
        Container = "container",
        /// Retractable bollard at an access.
        Bollard = "bollard",
        /// Public building and its technical functions.
        Building = "building",
        /// Variable message sign.
        MessageSign = "message_sign",
        /// Storm-water pump.
        Pump = "pump",
        /// Street-lighting control cabinet: feeds lights.
        Cabinet = "cabinet",
        /// Electrical substation of the distribution grid, as its operator tells: feeds cabinets.
        Substation = "substation",
    }
}

impl EquipmentKind {
    /// Position in [`EquipmentKind::ALL`]: the `kind` byte of a packed point.
    pub fn index(self) -> u8 {
        Self::ALL.iter().position(|k| *k == self).map_or(u8::MAX, |i| i as u8)
    }

    /// Whether a street has dozens of it: a search shows the others first.
    pub const fn stands_in_numbers(self) -> bool {
        matches!(self, Self::StreetLight | Self::Container)
    }

    /// The freshness promised where a source has none of its own: a value older than this is *not refreshed*.
    pub fn fresh_for(self) -> Duration {
        limit_of(self, "").fresh_for
    }
}
