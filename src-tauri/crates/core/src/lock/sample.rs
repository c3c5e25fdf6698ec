//! A lock for tests.

use std::time::Duration;

use uuid::Uuid;

use super::{Coming, LockState};
use crate::ids::{EquipmentId, PersonId, RecordId};
use crate::rights::Role;
use crate::table::CrewLock;
use crate::time::Timestamp;

pub(crate) const NOW: Timestamp = Timestamp(1_795_500_000_000);
pub(crate) const AUTHOR: PersonId = PersonId(Uuid::from_u128(1));

/// Asked at [`NOW`] for two hours, for a crew that has no account.
pub(crate) fn asked() -> CrewLock {
    CrewLock {
        lock_id: RecordId(Uuid::from_u128(9)),
        equipment_id: EquipmentId(Uuid::from_u128(8)),
        state: LockState::Asked,
        holder: "Karim".into(),
        phone: "06".into(),
        place: "ici".into(),
        reason: "travaux".into(),
        by_holder: false,
        expected_end: NOW.plus(Duration::from_hours(2)),
        written_at: NOW,
        received_at: NOW,
        desk_id: None,
        shift_id: None,
        person_id: AUTHOR,
        role: Role::RemoteOperator,
        deposited_by: None,
        key_id: None,
        signature: None,
        granted_at: None,
        coming: Coming::default(),
        lift_asked_by: None,
        lift_asked_at: None,
        called_at: None,
        call_number: String::new(),
        call_said: None,
        call_words: String::new(),
        lifted_by: None,
        how: None,
        over_at: None,
    }
}
