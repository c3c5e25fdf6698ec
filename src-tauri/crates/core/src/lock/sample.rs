//! A lock for tests.

use std::time::Duration;

use uuid::Uuid;

use super::LockAsk;
use crate::ids::{EquipmentId, PersonId, RecordId};
use crate::record::Signed;
use crate::rights::Role;
use crate::table::CrewLock;
use crate::time::Timestamp;

pub(crate) const NOW: Timestamp = Timestamp(1_795_500_000_000);
pub(crate) const AUTHOR: PersonId = PersonId(Uuid::from_u128(1));

/// What is asked at [`NOW`] for two hours, for a crew that has no account.
pub(super) fn ask() -> LockAsk {
    LockAsk {
        lock_id: RecordId(Uuid::from_u128(1)),
        equipment_id: EquipmentId(Uuid::from_u128(2)),
        holder: "Karim Saïdi".into(),
        phone: "06 12 34 56 78".into(),
        place: "Armoire, côté pair".into(),
        reason: "Remplacement du contrôleur".into(),
        by_holder: false,
        expected_end: NOW.plus(Duration::from_hours(2)),
        written_at: NOW,
        desk_id: None,
        shift_id: None,
        person_id: PersonId(Uuid::from_u128(3)),
        role: Role::RemoteOperator,
    }
}

/// That, received: not in force yet.
pub(crate) fn asked() -> CrewLock {
    let written = LockAsk {
        lock_id: RecordId(Uuid::from_u128(9)),
        equipment_id: EquipmentId(Uuid::from_u128(8)),
        person_id: AUTHOR,
        ..ask()
    };
    super::asked(&Signed { written, seal: None }, None, NOW)
}
