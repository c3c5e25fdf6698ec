//! What is asked, as its author signs it: it may be written without a link and deposited by whoever holds the desk next.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{DeskId, EquipmentId, PersonId, RecordId, ShiftId};
use crate::lock::{Coming, LockState};
use crate::record::{Signed, Stated, Statement};
use crate::rights::Role;
use crate::table::CrewLock;
use crate::time::Timestamp;

/// Longest text of a field, in characters.
pub const WORDS_MAX: usize = 200;
/// The expected end lies within this time of the asking.
pub const LONGEST: Duration = Duration::from_hours(30 * 24);

/// A lock as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockAsk {
    /// UUIDv7 made by the author's workstation; the key of the row.
    pub lock_id: RecordId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Who answers for the crew, by name.
    pub holder: String,
    /// The number at which he is called.
    pub phone: String,
    /// Where the crew works.
    pub place: String,
    /// What for.
    pub reason: String,
    /// The author himself is the holder, and lifts it by himself; nobody else can be named so.
    pub by_holder: bool,
    /// When the work should be over.
    pub expected_end: Timestamp,
    /// When it was asked, in the metropolis's time as estimated there.
    pub written_at: Timestamp,
    /// The author's desk, where he held one.
    pub desk_id: Option<DeskId>,
    /// His shift, where one was open.
    pub shift_id: Option<ShiftId>,
    /// The author.
    pub person_id: PersonId,
    /// His role then.
    pub role: Role,
}

/// Whether a text says something, not too long, that a database can hold.
pub(super) fn says(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= WORDS_MAX && !text.contains('\0')
}

impl LockAsk {
    /// Whether the metropolis can take it: a name, a number, a place, a reason, and an end that lies ahead of its asking.
    pub fn is_well_formed(&self) -> bool {
        [&self.holder, &self.phone, &self.place, &self.reason].into_iter().all(|text| says(text))
            && self.expected_end > self.written_at
            && self.expected_end <= self.written_at.plus(LONGEST)
    }
}

impl Stated for LockAsk {
    fn statement(&self) -> Statement {
        Statement::of("lock_ask")
            .field("lock_id", self.lock_id)
            .field("equipment_id", self.equipment_id)
            .field("holder", &self.holder)
            .field("phone", &self.phone)
            .field("place", &self.place)
            .field("reason", &self.reason)
            .field("by_holder", self.by_holder)
            .field("expected_end", self.expected_end.0)
            .field("written_at", self.written_at.0)
            .maybe("desk_id", self.desk_id)
            .maybe("shift_id", self.shift_id)
            .field("person_id", self.person_id)
            .field("role", self.role)
    }
}

impl From<&CrewLock> for LockAsk {
    /// What the author wrote of a row: what his signature stands for.
    fn from(row: &CrewLock) -> Self {
        Self {
            lock_id: row.lock_id,
            equipment_id: row.equipment_id,
            holder: row.holder.clone(),
            phone: row.phone.clone(),
            place: row.place.clone(),
            reason: row.reason.clone(),
            by_holder: row.by_holder,
            expected_end: row.expected_end,
            written_at: row.written_at,
            desk_id: row.desk_id,
            shift_id: row.shift_id,
            person_id: row.person_id,
            role: row.role,
        }
    }
}

/// The row of a lock that was received at `now`, and is not in force yet.
pub fn asked(signed: &Signed<LockAsk>, deposited_by: Option<PersonId>, now: Timestamp) -> CrewLock {
    let ask = &signed.written;
    CrewLock {
        lock_id: ask.lock_id,
        equipment_id: ask.equipment_id,
        state: LockState::Asked,
        holder: ask.holder.clone(),
        phone: ask.phone.clone(),
        place: ask.place.clone(),
        reason: ask.reason.clone(),
        by_holder: ask.by_holder,
        expected_end: ask.expected_end,
        written_at: ask.written_at,
        received_at: now,
        desk_id: ask.desk_id,
        shift_id: ask.shift_id,
        person_id: ask.person_id,
        role: ask.role,
        deposited_by,
        key_id: signed.seal.as_ref().map(|seal| seal.key_id),
        signature: signed.seal.as_ref().map(|seal| seal.signature.clone()),
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
        extended_to: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::sample::ask;

    #[test]
    fn r20_what_is_signed_is_the_form_recorded() {
        insta::assert_snapshot!(String::from_utf8(ask().statement().bytes().to_vec()).unwrap());
    }

    #[test]
    fn r10_a_lock_names_who_to_call_where_why_and_until_when() {
        assert!(ask().is_well_formed());
        let bad = [
            LockAsk { holder: " ".into(), ..ask() },
            LockAsk { phone: String::new(), ..ask() },
            LockAsk { place: "é".repeat(WORDS_MAX + 1), ..ask() },
            LockAsk { reason: "a\0b".into(), ..ask() },
            LockAsk { expected_end: ask().written_at, ..ask() },
            LockAsk { expected_end: ask().written_at.plus(LONGEST + Duration::from_secs(1)), ..ask() },
        ];
        assert!(bad.iter().all(|ask| !ask.is_well_formed()));
    }
}
