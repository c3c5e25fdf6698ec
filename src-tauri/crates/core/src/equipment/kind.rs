//! Kinds of equipment, and how fresh each is promised to be.

use std::time::Duration;

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
    }
}

impl EquipmentKind {
    /// Position in [`EquipmentKind::ALL`]: the `kind` byte of a packed point.
    pub fn index(self) -> u8 {
        Self::ALL.iter().position(|k| *k == self).map_or(u8::MAX, |i| i as u8)
    }

    /// The freshness promised: a value older than this is *not refreshed*. An hour-old river value is normal, a
    /// minute-old traffic controller is not: it is per kind, because the sources are.
    pub const fn fresh_for(self) -> Duration {
        Duration::from_secs(match self {
            Self::SignalJunction => 3 * 60,
            Self::Camera => 5 * 60,
            Self::Bollard => 10 * 60,
            Self::MessageSign | Self::Pump => 15 * 60,
            Self::StreetLight | Self::Building => 45 * 60,
            Self::Gauge => 2 * 3600,
            Self::Container => 26 * 3600,
        })
    }
}
