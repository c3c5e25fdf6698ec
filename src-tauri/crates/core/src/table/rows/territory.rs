//! The ground and who keeps what stands on it: communes, what is drawn of them, zones, municipal services.

use crate::ids::{PersonId, ServiceId, ZoneId};
use crate::time::Timestamp;

rows! {
    /// A commune of the metropolis.
    Commune = "commune", indexed [], window None, {
        /// Identifier.
        commune_id: uuid::Uuid,
        /// INSEE code.
        insee_code: String,
        /// Name.
        name: String,
        /// A point inside, degrees WGS 84.
        lon: f64,
        /// A point inside, degrees WGS 84.
        lat: f64,
        /// Municipal population.
        population: i64,
        /// Outline: a GeoJSON geometry.
        outline: serde_json::Value,
    }

    /// A line or area of the ground: river, lake, road, rail, tram, street.
    Ground = "ground", indexed [], window None, {
        /// Identifier.
        ground_id: uuid::Uuid,
        /// `river`, `canal`, `lake`, `motorway`, `road`, `street`, `rail`, `tram`.
        kind: String,
        /// Name, may be empty.
        name: String,
        /// Drawn by hand for training; shown as "schematic".
        schematic: bool,
        /// A GeoJSON geometry.
        geometry: serde_json::Value,
    }

    /// A polygon: vidéoprotection, flood area, closed building, district.
    Zone = "zone", indexed [], window None, {
        /// Identifier.
        zone_id: ZoneId,
        /// Short reference, unique.
        reference: String,
        /// Name.
        name: String,
        /// `cctv`, `flood`, `closed_building`, `district`.
        kind: String,
        /// Outline: a GeoJSON geometry.
        outline: serde_json::Value,
        /// Counts its changes; none while it is as it was first loaded.
        revision: Option<i64>,
        /// Who changed it last, on a screen.
        person_id: Option<PersonId>,
        /// When it changed last.
        changed_at: Option<Timestamp>,
    }

    /// A municipal service: who keeps objects, and whom to call about them.
    Service = "service", indexed [], window None, {
        /// Identifier.
        service_id: ServiceId,
        /// Short code, unique, such as `EP`.
        code: String,
        /// Name.
        name: String,
        /// Number to call, may be empty.
        phone: String,
    }
}
