//! R13: an intent belongs to a person, a role and a shift. What still holds it, and what voids it.

use crate::ids::PersonId;
use crate::rights::Role;
use crate::table::Shift;
use crate::time::Timestamp;

crate::table::codes! {
    /// Why an intent is void.
    Voided {
        /// Its shift is over, by its planned end or by someone.
        ShiftOver = "shift_over",
        /// Its author has another role now, or someone else sits at the desk.
        RoleLost = "role_lost",
        /// Its author suspended his session, or the metropolis no longer lets him in.
        SessionSuspended = "session_suspended",
        /// The machine slept, or its clock was set (R12).
        ClockJump = "clock_jump",
    }
}

/// Whose an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub person_id: PersonId,
    /// His role.
    pub role: Role,
}

/// Why an intent of `author`, noted in `shift`, is void at `now`, if it is. The planned end of a shift is known here, so it
/// counts during a cut as well.
pub fn voided(
    author: Holder,
    shift: Option<&Shift>,
    present: Option<Holder>,
    suspended: bool,
    now: Timestamp,
) -> Option<Voided> {
    if suspended {
        return Some(Voided::SessionSuspended);
    }
    if present != Some(author) {
        return Some(Voided::RoleLost);
    }
    let open = shift.is_some_and(|s| s.person_id == author.person_id && s.closed_at.is_none() && s.ends_at > now);
    if open { None } else { Some(Voided::ShiftOver) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DeskId, ShiftId};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000);
    const AUTHOR: Holder = Holder { person_id: PersonId(Uuid::from_u128(1)), role: Role::RemoteOperator };

    fn shift() -> Shift {
        Shift {
            shift_id: ShiftId(Uuid::nil()),
            desk_id: DeskId(Uuid::nil()),
            person_id: AUTHOR.person_id,
            role: AUTHOR.role,
            opened_at: Timestamp(0),
            ends_at: Timestamp(NOW.0 + 1),
            closed_at: None,
        }
    }

    #[test]
    fn r13_an_intent_holds_while_its_author_keeps_role_shift_and_session() {
        assert_eq!(voided(AUTHOR, Some(&shift()), Some(AUTHOR), false, NOW), None);
    }

    #[test]
    fn r13_the_end_of_the_shift_voids_it_planned_or_not() {
        let ended = Shift { ends_at: NOW, ..shift() };
        let closed = Shift { closed_at: Some(NOW), ..shift() };
        for over in [Some(&ended), Some(&closed), None] {
            assert_eq!(voided(AUTHOR, over, Some(AUTHOR), false, NOW), Some(Voided::ShiftOver));
        }
    }

    #[test]
    fn r13_another_role_or_person_or_a_refused_session_voids_it() {
        let other = Holder { role: Role::CallAgent, ..AUTHOR };
        let someone = Holder { person_id: PersonId(Uuid::from_u128(2)), ..AUTHOR };
        for present in [Some(other), Some(someone), None] {
            assert_eq!(voided(AUTHOR, Some(&shift()), present, false, NOW), Some(Voided::RoleLost));
        }
        assert_eq!(voided(AUTHOR, Some(&shift()), Some(AUTHOR), true, NOW), Some(Voided::SessionSuspended));
    }
}
