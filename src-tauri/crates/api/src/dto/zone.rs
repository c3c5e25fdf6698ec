//! Zones drawn and changed on the map.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::ids::ZoneId;
use vigie_core::time::Timestamp;
use vigie_core::zone::{ZoneFault, ZoneKind};

use crate::dto::ZoneView;

/// Every zone, and what somebody here may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ZonesView {
    /// Zones.
    pub zones: Vec<ZoneView>,
    /// Kinds of zones that somebody here may draw, change and throw away.
    pub may_write: Vec<ZoneKind>,
}

/// A zone as it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ZoneArgs {
    /// Which; none for a new one.
    pub zone_id: Option<ZoneId>,
    /// The revision that is changed; none for a new one.
    #[ts(as = "Option<f64>")]
    pub after: Option<i64>,
    /// Short reference; a zone keeps the one it has.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Code of a kind.
    pub kind: String,
    /// GeoJSON polygon, whichever way it was drawn.
    pub outline: serde_json::Value,
}

/// What a drawing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ZoneCheck {
    /// What is wrong (text `zone.fault.<code>`); it cannot be saved while something is.
    pub faults: Vec<ZoneFault>,
    /// Objects that stand in it.
    pub holds: u32,
    /// Of these, those that do not stand in the zone as it is.
    pub enters: u32,
    /// Objects of the zone as it is that would stand in it no more.
    pub leaves: u32,
}

/// Throws a zone away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DropZoneArgs {
    /// Which.
    pub zone_id: ZoneId,
    /// The revision that was seen.
    #[ts(as = "f64")]
    pub after: i64,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ZoneSaved {
    /// Which zone.
    pub zone_id: Option<ZoneId>,
    /// Nothing was written: somebody else changed it since.
    pub changed: Option<ZoneChanged>,
}

/// Somebody else's change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ZoneChanged {
    /// Who; empty where a file did.
    pub by: String,
    /// When.
    pub at: Option<Timestamp>,
}
