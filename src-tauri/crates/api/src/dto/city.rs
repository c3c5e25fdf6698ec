//! What the map is drawn from, besides the packed points.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::ids::{EquipmentId, ZoneId};
use vigie_core::time::Timestamp;

/// Ground, zones and cones of the present generation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct City {
    /// Generation; equal to the packed points' one.
    pub generation: u32,
    /// Communes.
    pub communes: Vec<CommuneView>,
    /// Lines and areas of the ground.
    pub ground: Vec<GroundView>,
    /// Municipal services, by code.
    pub services: Vec<ServiceView>,
    /// Zones.
    pub zones: Vec<ZoneView>,
    /// Camera cones.
    pub cameras: Vec<CameraCone>,
    /// The ground was drawn for training: say "schematic, for training".
    pub schematic: bool,
    /// Objects by kind, in the order of `EquipmentKind`.
    pub counts: Vec<u32>,
}

/// A commune.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CommuneView {
    /// INSEE code.
    pub insee_code: String,
    /// Name.
    pub name: String,
    /// A point inside, for its name.
    pub lon: f64,
    /// A point inside, for its name.
    pub lat: f64,
    /// Municipal population: names of larger ones show first.
    pub population: f64,
    /// GeoJSON geometry.
    pub outline: serde_json::Value,
}

/// A municipal service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceView {
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Number to call, may be empty.
    pub phone: String,
}

/// A line or an area of the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroundView {
    /// `river`, `canal`, `lake`, `motorway`, `road`, `street`, `rail`, `tram`.
    pub kind: String,
    /// Name, may be empty.
    pub name: String,
    /// GeoJSON geometry.
    pub geometry: serde_json::Value,
}

/// The ground file that IT installed on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroundFileView {
    /// Bytes; none where there is no file, or one of no use.
    pub size: Option<f64>,
    /// Why one that was named is of no use: `ground_missing`, `ground_unreadable`.
    pub error: Option<String>,
}

/// The service of pictures of the ground that IT named on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GroundTilesView {
    /// Farthest and nearest zoom; none where there is no service, or one of no use.
    pub zooms: Option<(u8, u8)>,
    /// Whom they are owed to.
    pub credit: String,
    /// Why one that was named is of no use: `ground_refused`, `ground_offline`.
    pub error: Option<String>,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ZoneView {
    /// Identifier.
    pub zone_id: ZoneId,
    /// Short reference.
    pub reference: String,
    /// Name.
    pub name: String,
    /// `cctv`, `flood`, `closed_building`, `district`.
    pub kind: String,
    /// GeoJSON geometry.
    pub outline: serde_json::Value,
    /// Counts its changes; 0 as it was first loaded.
    #[ts(as = "f64")]
    pub revision: i64,
    /// Who changed it last on a screen, else empty.
    pub changed_by: String,
    /// When it changed last.
    pub changed_at: Option<Timestamp>,
}

/// A camera's field of view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CameraCone {
    /// Which camera.
    pub equipment_id: EquipmentId,
    /// Its point on the map.
    pub point: u32,
    /// Degrees WGS 84.
    pub lon: f64,
    /// Degrees WGS 84.
    pub lat: f64,
    /// Degrees clockwise from north.
    pub heading: f64,
    /// Opening, degrees; 360 for a dome.
    pub fov: f64,
    /// Range, metres.
    pub range_m: f64,
}
