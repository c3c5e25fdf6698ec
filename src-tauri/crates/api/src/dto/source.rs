//! Where values come from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::equipment::EquipmentKind;
use vigie_core::source::SourceState;
use vigie_core::time::Timestamp;

/// A feed or a connector of the metropolis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceView {
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// How it stands now, as far as this desk knows.
    pub state: SourceState,
    /// Kinds of equipment whose values come from it.
    pub covers: Vec<EquipmentKind>,
    /// Objects of these kinds that this desk knows.
    pub objects: u32,
    /// Last contact.
    pub contact_at: Option<Timestamp>,
    /// Last try.
    pub tried_at: Timestamp,
    /// Longest time between two contacts when all is well, ms.
    pub period_ms: f64,
    /// Age of its newest value at its arrival, ms.
    pub delay_ms: Option<f64>,
    /// Why the last try failed: text `source.error.<code>`.
    pub error: Option<String>,
    /// Since when every try failed.
    pub error_since: Option<Timestamp>,
}
