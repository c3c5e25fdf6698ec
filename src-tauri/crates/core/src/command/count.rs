//! R7: service is counted over the objects that one author commands. Beyond fifty of a kind within ten minutes, a second
//! person is due, however many commands it took.

use std::collections::HashSet;
use std::time::Duration;

use crate::command::{Action, ClassCode, CommandState, Params, Refusal, action};
use crate::equipment::EquipmentKind;
use crate::ids::{EquipmentId, PersonId};
use crate::table::Command;
use crate::time::Timestamp;

/// Over how long objects are counted.
pub const COUNTED_WITHIN: Duration = Duration::from_secs(600);
/// So many objects one person alone may command as a service in that time.
pub const COUNTED_MOST: usize = 50;

/// How many objects an author has commanded as a service within the ten minutes before `now`, with those that he asks for
/// now (`together`): each object once. A domain is a kind of equipment. What was refused, or ended before it left, did
/// nothing; what goes in the safe direction is one person's to ask (R17).
pub fn counted<'c>(
    recent: impl Iterator<Item = &'c Command>,
    author: PersonId,
    domain: EquipmentKind,
    now: Timestamp,
    together: &[EquipmentId],
) -> usize {
    let reached = recent.filter(|c| {
        c.person_id == author
            && c.class == ClassCode::C
            && c.issued_at >= now.minus(COUNTED_WITHIN)
            && may_have_acted(c.state)
            && action(&c.action).is_some_and(|a| a.kind == domain && !a.goes_safe(&c.params))
    });
    reached.map(|c| c.equipment_id).chain(together.iter().copied()).collect::<HashSet<_>>().len()
}

/// The class again, or why one person alone may not: so many objects as a service.
pub fn within_count(class: ClassCode, action: &Action, params: &Params, counted: usize) -> Result<ClassCode, Refusal> {
    if class == ClassCode::C && !action.goes_safe(params) && counted > COUNTED_MOST {
        return Err(Refusal::NeedsSecondPerson);
    }
    Ok(class)
}

/// What the metropolis took and nobody stopped before it left.
pub const fn may_have_acted(state: CommandState) -> bool {
    use CommandState as S;
    !matches!(state, S::Rejected | S::Expired | S::Cancelled | S::Superseded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CommandId, ShiftId};
    use crate::rights::Role;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(10_000_000);
    const AUTHOR: PersonId = PersonId(Uuid::from_u128(1));

    fn on(object: u128) -> Command {
        Command {
            command_id: CommandId(Uuid::from_u128(object)),
            equipment_id: EquipmentId(Uuid::from_u128(object)),
            action: "signal_junction.set_plan".into(),
            class: ClassCode::C,
            params: Params::default(),
            person_id: AUTHOR,
            role: Role::RemoteOperator,
            shift_id: ShiftId(Uuid::nil()),
            reason: String::new(),
            issued_at: NOW.minus(Duration::from_secs(60)),
            expires_at: NOW,
            effect_until: None,
            seen_control_version: 1,
            without_visibility: false,
            state: CommandState::Confirmed,
            state_since: NOW,
            detail: None,
            effect: None,
            group_id: None,
            approval_id: None,
            sole: None,
        }
    }

    fn count(recent: &[Command], together: &[u128]) -> usize {
        let together: Vec<_> = together.iter().map(|n| EquipmentId(Uuid::from_u128(*n))).collect();
        counted(recent.iter(), AUTHOR, EquipmentKind::SignalJunction, NOW, &together)
    }

    #[test]
    fn r7_each_object_counts_once_however_often_it_is_commanded() {
        let again = Command { command_id: CommandId(Uuid::from_u128(99)), ..on(1) };
        assert_eq!(count(&[on(1), again, on(2)], &[2, 3]), 3);
    }

    #[test]
    fn r7_what_is_old_of_another_or_did_nothing_does_not_count() {
        let aside = [
            Command { issued_at: NOW.minus(Duration::from_secs(601)), ..on(1) },
            Command { person_id: PersonId(Uuid::from_u128(2)), ..on(2) },
            Command { class: ClassCode::B, ..on(3) },
            Command { action: "signal_junction.to_programme".into(), ..on(4) },
            Command { action: "building.set_heating".into(), ..on(5) },
            Command { state: CommandState::Rejected, ..on(6) },
            Command { state: CommandState::Expired, ..on(7) },
            Command { state: CommandState::Cancelled, ..on(8) },
            Command { state: CommandState::Superseded, ..on(9) },
        ];
        assert_eq!(count(&aside, &[]), 0);
        let unheard = Command { state: CommandState::Unknown, ..on(10) };
        assert_eq!(count(&[unheard], &[]), 1, "what was not heard of may have been done");
    }

    #[test]
    fn r7_service_over_fifty_objects_needs_a_second_person_and_the_safe_direction_none() {
        let (plan, back) =
            (action("signal_junction.set_plan").unwrap(), action("signal_junction.to_programme").unwrap());
        let none = Params::default();
        assert_eq!(within_count(ClassCode::C, plan, &none, 50), Ok(ClassCode::C));
        assert_eq!(within_count(ClassCode::C, plan, &none, 51), Err(Refusal::NeedsSecondPerson));
        assert_eq!(within_count(ClassCode::C, back, &none, 340), Ok(ClassCode::C));
        assert_eq!(within_count(ClassCode::B, plan, &none, 340), Ok(ClassCode::B));
    }
}
