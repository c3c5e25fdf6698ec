//! What stands in the street, its states, and the sources that they come from.

use crate::command::Params;
use crate::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use crate::ids::{EquipmentId, ServiceId};
use crate::time::Timestamp;

rows! {
    /// A piloted or supervised object.
    Equipment = "equipment", indexed ["reference"], window None, {
        /// Identifier.
        equipment_id: EquipmentId,
        /// Short reference, unique, such as `TL-042`.
        reference: String,
        /// Name.
        name: String,
        /// Kind.
        kind: EquipmentKind,
        /// INSEE code of its commune.
        insee_code: String,
        /// Street, may be empty.
        street: String,
        /// Degrees WGS 84.
        lon: f64,
        /// Degrees WGS 84.
        lat: f64,
        /// What is fixed about it, by kind: `rank` on its street, `crossing`, `safety_level`, `heading`, `fov`, `range_m`, `phone`…
        attributes: serde_json::Value,
        /// The service that keeps it; none where nobody said.
        service_id: Option<ServiceId>,
    }

    /// The last known state of an object. Changes all day.
    EquipmentState = "equipment_state", indexed [], window None, {
        /// Of which object.
        equipment_id: EquipmentId,
        /// What it reports, by kind.
        reading: Reading,
        /// How far the reading can be trusted.
        quality: Quality,
        /// When the device measured it; none when it never did.
        observed_at: Option<Timestamp>,
        /// When the metropolis received it.
        received_at: Timestamp,
        /// Where it comes from, such as `controller`, `gateway`, `hubeau`.
        source: String,
        /// Which part of the chain gateway – device answers.
        reach: Reach,
        /// Programme, override, manual, out of service.
        mode: Mode,
        /// What was last asked of it and is in force.
        target: Option<Params>,
        /// End of the override in force.
        effect_until: Option<Timestamp>,
        /// Moves at each report.
        version: i64,
        /// Moves when mode, target, override, lock or service state changes (R4), and only then.
        control_version: i64,
    }

    /// Past states, the last 48 hours of them on a workstation.
    StateHistory = "state_history", indexed ["equipment_id"], window Some(("observed_at", 48)), {
        /// Identifier.
        history_id: uuid::Uuid,
        /// Of which object.
        equipment_id: EquipmentId,
        /// What it reported.
        reading: Reading,
        /// How far it can be trusted.
        quality: Quality,
        /// When.
        observed_at: Timestamp,
        /// Where from.
        source: String,
        /// Programme, override, manual, out of service.
        mode: Mode,
    }

    /// Where values come from, and when it was last in contact.
    Source = "source", indexed [], window None, {
        /// Identifier.
        source_id: uuid::Uuid,
        /// Short code, such as `lighting`, `hubeau`.
        code: String,
        /// Name as shown.
        name: String,
        /// Kinds of equipment whose values come from it: an array of codes.
        covers: serde_json::Value,
        /// Longest time between two contacts when all is well, seconds.
        period_s: i64,
        /// When it was last tried.
        tried_at: Timestamp,
        /// When it was last in contact.
        contact_at: Option<Timestamp>,
        /// Age of its newest value at its arrival, ms.
        delay_ms: Option<i64>,
        /// Why the last try failed, as a code.
        error: Option<String>,
        /// Since when every try failed.
        error_since: Option<Timestamp>,
    }
}
