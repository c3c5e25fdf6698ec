//! One desk pilots an object at a time (R9): taken, handed over, released, shown. The selection (R6) is a lease on it.
//!
//! A hold lives in the metropolis. It begins when a person takes the object, selects it, or operates it; it ends when he
//! releases it, when its time is over, and with his shift whatever its time.

use std::time::Duration;

use crate::command::{CommandOrder, Refusal};
use crate::ids::{DeskId, EquipmentId, PersonId, ShiftId};
use crate::table::{DeskHold, Shift};
use crate::time::Timestamp;

/// Between selecting and operating.
pub const SELECT_LIFE: Duration = Duration::from_secs(20);

/// Whether a hold lives: its time is not over, and neither is its shift.
pub fn holds(hold: &DeskHold, shift: Option<&Shift>, now: Timestamp) -> bool {
    hold.until >= now && shift.is_some_and(|s| s.closed_at.is_none() && s.ends_at > now)
}

/// Whether somebody else pilots the object. One person who covers two desks is one person.
pub fn held_by_other(living: Option<&DeskHold>, me: Option<PersonId>) -> bool {
    living.is_some_and(|hold| Some(hold.person_id) != me)
}

/// Whether an order's author selected its object and still has the lease.
pub fn selected(living: Option<&DeskHold>, order: &CommandOrder, me: Option<PersonId>, now: Timestamp) -> bool {
    living.is_some_and(|hold| {
        Some(hold.person_id) == me
            && hold.shift_id == order.shift_id
            && hold.selected_until.is_some_and(|until| until >= now)
    })
}

/// Who takes an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taking {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// At which desk.
    pub desk_id: DeskId,
    /// In which shift.
    pub shift_id: ShiftId,
    /// Who.
    pub person_id: PersonId,
    /// Planned end of the shift.
    pub ends_at: Timestamp,
}

/// The hold of one who takes an object: for the rest of his shift, or until `until` (a selection, an operation). What he
/// holds for longer already stays so.
pub fn taken(
    living: Option<&DeskHold>,
    who: Taking,
    until: Option<Timestamp>,
    select: bool,
    now: Timestamp,
) -> Result<DeskHold, Refusal> {
    if held_by_other(living, Some(who.person_id)) {
        return Err(Refusal::HeldByOtherDesk);
    }
    let until = until.map_or(who.ends_at, |until| until.min(who.ends_at));
    let before = living.filter(|hold| hold.shift_id == who.shift_id);
    Ok(DeskHold {
        equipment_id: who.equipment_id,
        desk_id: who.desk_id,
        shift_id: who.shift_id,
        person_id: who.person_id,
        since: before.map_or(now, |hold| hold.since),
        until: before.map_or(until, |hold| hold.until.max(until)),
        selected_until: if select { Some(now.plus(SELECT_LIFE)) } else { before.and_then(|hold| hold.selected_until) },
        live_id: before.and_then(|hold| hold.live_id),
    })
}

/// Until when an order that was taken holds its object: as long as its effect lasts, or as it may still be carried out.
pub fn operated_until(order: &CommandOrder) -> Timestamp {
    order.effect_until.unwrap_or(order.expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn who(n: u128) -> Taking {
        Taking {
            equipment_id: EquipmentId(Uuid::from_u128(9)),
            desk_id: DeskId(Uuid::from_u128(n)),
            shift_id: ShiftId(Uuid::from_u128(n)),
            person_id: PersonId(Uuid::from_u128(n)),
            ends_at: NOW.plus(Duration::from_hours(8)),
        }
    }

    fn shift(n: u128, ends_at: Timestamp, closed_at: Option<Timestamp>) -> Shift {
        let Taking { shift_id, desk_id, person_id, .. } = who(n);
        let role = crate::rights::Role::RemoteOperator;
        Shift { shift_id, desk_id, person_id, role, opened_at: Timestamp(0), ends_at, closed_at }
    }

    #[test]
    fn r9_what_one_desk_holds_another_cannot_take_until_it_ends() {
        let held = taken(None, who(1), None, false, NOW).unwrap();
        assert_eq!(held.until, who(1).ends_at, "for the rest of the shift");
        assert_eq!(taken(Some(&held), who(2), None, true, NOW), Err(Refusal::HeldByOtherDesk));
        assert!(taken(None, who(2), None, true, NOW).is_ok(), "one that is over is not there");
    }

    #[test]
    fn r9_a_hold_ends_with_its_shift_whatever_its_time() {
        let held = taken(None, who(1), None, false, NOW).unwrap();
        let open = shift(1, held.until, None);
        assert!(holds(&held, Some(&open), NOW));
        assert!(!holds(&held, Some(&shift(1, held.until, Some(NOW))), NOW), "closed");
        assert!(!holds(&held, Some(&shift(1, NOW, None)), NOW), "its planned end came");
        assert!(!holds(&held, None, NOW));
    }

    #[test]
    fn r9_selecting_and_operating_never_shorten_what_is_held_and_never_outlive_the_shift() {
        let held = taken(None, who(1), None, false, NOW).unwrap();
        let until = NOW.plus(SELECT_LIFE);
        let selected = taken(Some(&held), who(1), Some(until), true, NOW).unwrap();
        assert_eq!((selected.until, selected.selected_until), (held.until, Some(until)));
        let late = taken(None, who(1), Some(held.until.plus(Duration::from_hours(1))), false, NOW).unwrap();
        assert_eq!(late.until, held.until);
    }
}
