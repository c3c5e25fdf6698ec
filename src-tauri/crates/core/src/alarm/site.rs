//! The port that knows of works and crews at a place, so that an alarm says that somebody may be the cause of it.

use crate::alarm::SiteWork;
use crate::ids::EquipmentId;
use crate::time::Timestamp;

/// Who knows of works and crews. An answer is a statement: who does not know says so.
pub trait Site: Send + Sync {
    /// What is under way at an object at an instant.
    fn work_at(&self, equipment: EquipmentId, at: Timestamp) -> SiteWork;
}

/// No source of works and crews is connected.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotKnown;

impl Site for NotKnown {
    fn work_at(&self, _: EquipmentId, _: Timestamp) -> SiteWork {
        SiteWork::NotKnown
    }
}
