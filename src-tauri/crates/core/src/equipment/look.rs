//! How an object looks on the map: one byte, so that ten thousand changes a second stay ten kilobytes.

use crate::equipment::{EquipmentKind, Freshness, Mode, Quality, Reading};

crate::table::codes! {
    /// What the operator should notice at a glance. Grey city: only the last three are anything but grey.
    Look {
        /// Normal, at rest.
        Normal = "normal",
        /// Normal, at work (a lit lamp, a running pump).
        Active = "active",
        /// Worth a look: a trend, a full container, someone at the cabinet.
        Notice = "notice",
        /// Broken.
        Fault = "fault",
        /// Broken and dangerous to people.
        Danger = "danger",
        /// Never seen, or its value cannot be trusted.
        NoValue = "no_value",
    }
}

impl Look {
    /// Position in [`Look::ALL`]: the three low bits of a point's state.
    pub fn index(self) -> u8 {
        Self::ALL.iter().position(|l| *l == self).map_or(0, |i| i as u8)
    }
}

crate::table::codes! {
    /// What is drawn over the look.
    Mark {
        /// A command is under way: dashed ring.
        Pending = "pending",
        /// A command's outcome was not heard: ring with a question mark.
        Unknown = "unknown",
        /// An override is in force.
        Override = "override",
    }
}

impl Mark {
    /// Its bit in a point's state.
    pub const fn bit(self) -> u8 {
        match self {
            Self::Pending => 1 << 5,
            Self::Unknown => 1 << 6,
            Self::Override => 1 << 7,
        }
    }
}

/// How a reading looks, without its age.
pub fn look(kind: EquipmentKind, reading: &Reading, quality: Quality, mode: Mode) -> Look {
    if matches!(quality, Quality::Never | Quality::Bad) {
        return Look::NoValue;
    }
    if mode == Mode::OutOfService {
        return Look::Notice;
    }
    let fault = reading.text("fault");
    let level = match kind {
        EquipmentKind::SignalJunction => match reading.text("aspect") {
            Some("dark") => Look::Danger,
            Some("flashing" | "all_red") => Look::Notice,
            _ => Look::Normal,
        },
        EquipmentKind::Building if reading.flag("fire") => Look::Danger,
        EquipmentKind::Building if reading.flag("intrusion") || reading.flag("lift") => Look::Fault,
        EquipmentKind::Container if fault == Some("fire") => Look::Danger,
        EquipmentKind::Container if reading.number("fill").is_some_and(|f| f >= 90.0) => Look::Notice,
        EquipmentKind::Camera => match reading.text("picture") {
            Some("live") => Look::Normal,
            _ => Look::Fault,
        },
        EquipmentKind::Gauge if reading.number("trend_mm_h").is_some_and(|t| t >= 50.0) => Look::Notice,
        EquipmentKind::StreetLight if reading.number("level").is_some_and(|l| l > 0.0) => Look::Active,
        EquipmentKind::MessageSign if reading.text("text").is_some() => Look::Active,
        EquipmentKind::Pump if reading.flag("running") => Look::Active,
        EquipmentKind::Cabinet | EquipmentKind::Substation if reading.0.get("supply") == Some(&false.into()) => {
            Look::Fault
        }
        _ => Look::Normal,
    };
    // One lamp in a hundred is always out: a round repairs them, and 400 shouting lamps would hide the dark junction.
    // A lamp without supply is another matter: its neighbours are dark too.
    let broken = match (kind, fault) {
        (_, None) => Look::Normal,
        (EquipmentKind::StreetLight, Some("lamp" | "driver")) => Look::Notice,
        (_, Some(_)) => Look::Fault,
    };
    if broken > level { broken } else { level }
}

/// The state byte of a packed point: look in bits 0–2, freshness in bits 3 and 4, marks above.
pub fn point_state(look: Look, freshness: Freshness, marks: impl IntoIterator<Item = Mark>) -> u8 {
    marks.into_iter().fold(look.index() | freshness.bits(), |bits, mark| bits | mark.bit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_dark_junction_is_a_danger_and_a_lit_lamp_is_grey() {
        let dark = Reading::from(json!({"aspect": "dark", "fault": "lamp"}));
        let lit = Reading::from(json!({"level": 70, "fault": null}));
        assert_eq!(look(EquipmentKind::SignalJunction, &dark, Quality::Good, Mode::Programme), Look::Danger);
        assert_eq!(look(EquipmentKind::StreetLight, &lit, Quality::Good, Mode::Programme), Look::Active);
    }

    #[test]
    fn a_lamp_that_reports_a_fault_is_never_drawn_as_lit() {
        let reading = Reading::from(json!({"level": 70, "fault": "lamp"}));
        assert_eq!(look(EquipmentKind::StreetLight, &reading, Quality::Good, Mode::Programme), Look::Notice);
    }

    #[test]
    fn a_street_without_supply_stands_out_among_lamps_that_are_merely_worn() {
        let dark = Reading::from(json!({"level": 0, "fault": "supply"}));
        assert_eq!(look(EquipmentKind::StreetLight, &dark, Quality::Good, Mode::Programme), Look::Fault);
    }

    #[test]
    fn the_state_byte_keeps_look_freshness_and_marks_apart() {
        let byte = point_state(Look::Danger, Freshness::Stale, Mark::ALL.iter().copied());
        assert_eq!(byte & 0b111, Look::Danger.index());
        assert_eq!((byte >> 3) & 0b11, 2);
        assert_eq!(byte >> 5, 0b111);
    }
}
