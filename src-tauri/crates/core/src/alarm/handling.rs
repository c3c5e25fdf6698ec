//! What a person does with an alarm, and to what it comes. Done offline it silences his desk only; when it arrives it holds
//! or it does not, and is kept either way.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alarm::life::{settled, unshelved};
use crate::alarm::{HandlingEffect as Effect, HandlingKind, ShelveReason};
use crate::ids::{AlarmId, DeskId, PersonId, RecordId};
use crate::rights::Role;
use crate::table::{Alarm, AlarmAct};
use crate::time::Timestamp;

/// An alarm is out of sight for a shift at most.
pub const SHELVE_LONGEST: Duration = Duration::from_hours(8);
/// One of priority 1 for an hour, and by a supervisor.
pub const SHELVE_URGENT_LONGEST: Duration = Duration::from_hours(1);

/// One act on one occurrence. It names the occurrence and the priority that its author saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// Identifier of the act, made by the workstation.
    pub act_id: RecordId,
    /// The occurrence seen.
    pub alarm_id: AlarmId,
    /// The priority seen.
    pub priority: i64,
    /// When it was done, in the metropolis's time as estimated there.
    pub written_at: Timestamp,
    /// The author's desk.
    pub desk_id: Option<DeskId>,
    /// For shelving: until when.
    pub until: Option<Timestamp>,
    /// For shelving: why.
    pub reason: Option<ShelveReason>,
    /// For assigning: to which desk.
    pub to_desk: Option<DeskId>,
}

impl Handling {
    /// Whether it says what its kind needs, and nothing else.
    pub fn is_well_formed(&self, kind: HandlingKind) -> bool {
        let shelves = kind == HandlingKind::Shelve;
        (1..=3).contains(&self.priority)
            && self.until.is_some() == shelves
            && self.reason.is_some() == shelves
            && self.to_desk.is_some() == (kind == HandlingKind::Assign)
    }

    /// As the row that is kept, whatever it came to.
    pub fn act(&self, kind: HandlingKind, by: Author, effect: Effect, received_at: Timestamp) -> AlarmAct {
        AlarmAct {
            act_id: self.act_id,
            alarm_id: self.alarm_id,
            kind,
            priority_seen: self.priority,
            person_id: by.person_id,
            role: by.role,
            desk_id: self.desk_id,
            written_at: self.written_at,
            received_at,
            until: self.until,
            reason: self.reason,
            to_desk: self.to_desk,
            effect,
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The person.
    pub person_id: PersonId,
    /// His role.
    pub role: Role,
}

/// The latest instant until which an alarm of a priority may be shelved at `now` by a role; none when it may not be.
pub fn may_be_shelved_until(priority: i64, role: Role, now: Timestamp) -> Option<Timestamp> {
    match (priority, role) {
        (1, Role::Supervisor) => Some(now.plus(SHELVE_URGENT_LONGEST)),
        (1, _) => None,
        _ => Some(now.plus(SHELVE_LONGEST)),
    }
}

/// What is known where an act is judged.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The occurrence that it names.
    pub alarm: Option<&'a Alarm>,
    /// Whether another occurrence with the same key is open.
    pub raised_again: bool,
    /// Whether the desk that it names exists.
    pub desk_exists: bool,
    /// The metropolis's time.
    pub now: Timestamp,
}

/// To what an act comes, and the occurrence as it stands then, when it changed. The order of the checks is part of the
/// contract: both metropolises keep the same effect.
pub fn handle(kind: HandlingKind, act: &Handling, by: Author, facts: &Facts<'_>) -> (Effect, Option<Alarm>) {
    let Some(alarm) = facts.alarm else { return (Effect::Gone, None) };
    let now = facts.now;
    let nothing = |effect| (effect, None);
    if !alarm.open {
        return nothing(match kind {
            _ if facts.raised_again => Effect::ReRaised,
            HandlingKind::Acknowledge if alarm.acknowledged => Effect::Already,
            _ => Effect::Over,
        });
    }
    // Bringing it back into sight hides nothing from anybody.
    if kind != HandlingKind::Unshelve && alarm.priority < act.priority {
        return nothing(Effect::MoreUrgent);
    }
    let next = match kind {
        HandlingKind::Acknowledge if alarm.acknowledged => return nothing(Effect::Already),
        HandlingKind::Acknowledge => Alarm {
            acknowledged: true,
            acked_at: Some(act.written_at),
            acked_by: Some(by.person_id),
            acked_desk: act.desk_id,
            ..alarm.clone()
        },
        HandlingKind::Shelve => {
            let until = act.until.unwrap_or(now);
            if until <= now {
                return nothing(Effect::Passed);
            }
            let Some(latest) = may_be_shelved_until(alarm.priority, by.role, now) else {
                return nothing(Effect::NotByThisRole);
            };
            if until > latest {
                return nothing(Effect::TooLong);
            }
            Alarm {
                suspended: true,
                suspended_until: Some(until),
                suspended_reason: act.reason,
                suspended_by: Some(by.person_id),
                ..alarm.clone()
            }
        }
        HandlingKind::Unshelve if !alarm.suspended => return nothing(Effect::NotShelved),
        HandlingKind::Unshelve => Alarm { asked_at: now, ..unshelved(alarm.clone()) },
        HandlingKind::Assign if !facts.desk_exists => return nothing(Effect::NoSuchDesk),
        HandlingKind::Assign => Alarm {
            assigned_to: act.to_desk,
            assigned_at: Some(act.written_at),
            assigned_by: Some(by.person_id),
            ..alarm.clone()
        },
    };
    (Effect::Done, Some(settled(next, now)))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::alarm::life::tests::{AT, alarm, every_state};
    use crate::alarm::upgrade;

    fn act(kind: HandlingKind, alarm: &Alarm) -> Handling {
        let shelves = kind == HandlingKind::Shelve;
        Handling {
            act_id: RecordId(Uuid::from_u128(50)),
            alarm_id: alarm.alarm_id,
            priority: alarm.priority,
            written_at: AT.plus(Duration::from_secs(30)),
            desk_id: Some(DeskId(Uuid::from_u128(5))),
            until: shelves.then_some(AT.plus(Duration::from_hours(2))),
            reason: shelves.then_some(ShelveReason::KnownFault),
            to_desk: (kind == HandlingKind::Assign).then_some(DeskId(Uuid::from_u128(6))),
        }
    }

    const ME: Author = Author { person_id: PersonId(Uuid::from_u128(3)), role: Role::RemoteOperator };

    fn facts(alarm: &Alarm) -> Facts<'_> {
        Facts { alarm: Some(alarm), raised_again: false, desk_exists: true, now: AT.plus(Duration::from_secs(60)) }
    }

    #[test]
    fn an_act_that_comes_to_something_moves_its_own_bit_and_any_other_changes_nothing() {
        for kind in HandlingKind::ALL {
            for row in every_state() {
                let (effect, next) = handle(*kind, &act(*kind, &row), ME, &facts(&row));
                assert_eq!(effect == Effect::Done, next.is_some(), "{kind} on {row:?}: {effect}");
                let Some(next) = next else { continue };
                let bits = |a: &Alarm| (a.active, a.acknowledged, a.suspended);
                let (active, acked, suspended) = bits(&row);
                let wanted = match kind {
                    HandlingKind::Acknowledge => (active, true, suspended),
                    HandlingKind::Shelve => (active, acked, true),
                    HandlingKind::Unshelve => (active, acked, false),
                    HandlingKind::Assign => (active, acked, suspended),
                };
                assert_eq!(bits(&next), wanted, "{kind}");
                assert!(row.open && next.open == (next.closed_at.is_none()));
            }
        }
    }

    #[test]
    fn an_acknowledgement_names_the_occurrence_and_never_covers_a_re_raise() {
        let row = every_state().into_iter().find(|a| !a.open).unwrap();
        let again = Facts { raised_again: true, ..facts(&row) };
        assert_eq!(
            handle(HandlingKind::Acknowledge, &act(HandlingKind::Acknowledge, &row), ME, &again).0,
            Effect::ReRaised
        );
        let unknown = Facts { alarm: None, ..facts(&row) };
        assert_eq!(
            handle(HandlingKind::Acknowledge, &act(HandlingKind::Acknowledge, &row), ME, &unknown).0,
            Effect::Gone
        );
    }

    #[test]
    fn an_acknowledgement_never_covers_a_higher_priority() {
        let row = alarm(2, AT);
        let seen = act(HandlingKind::Acknowledge, &row);
        let urgent = upgrade(&row, 1, AT).unwrap();
        assert_eq!(handle(HandlingKind::Acknowledge, &seen, ME, &facts(&urgent)), (Effect::MoreUrgent, None));
        let mut lesser = row.clone();
        lesser.priority = 3;
        assert_eq!(handle(HandlingKind::Acknowledge, &seen, ME, &facts(&lesser)).0, Effect::Done);
    }

    #[test]
    fn two_who_acknowledge_are_both_kept_and_the_first_has_it() {
        let row = alarm(2, AT);
        let (effect, taken) =
            handle(HandlingKind::Acknowledge, &act(HandlingKind::Acknowledge, &row), ME, &facts(&row));
        let taken = taken.unwrap();
        assert_eq!((effect, taken.acked_by), (Effect::Done, Some(ME.person_id)));
        let other = Author { person_id: PersonId(Uuid::from_u128(9)), ..ME };
        let second = handle(HandlingKind::Acknowledge, &act(HandlingKind::Acknowledge, &taken), other, &facts(&taken));
        assert_eq!(second, (Effect::Already, None));
    }

    #[test]
    fn shelving_has_an_end_within_a_shift_and_a_priority_1_within_an_hour_by_a_supervisor() {
        let boss = Author { role: Role::Supervisor, ..ME };
        let now = facts(&alarm(2, AT)).now;
        let shelve = |priority: i64, by: Author, until: Timestamp| {
            let row = alarm(priority, AT);
            let asked = Handling { until: Some(until), ..act(HandlingKind::Shelve, &row) };
            handle(HandlingKind::Shelve, &asked, by, &facts(&row)).0
        };
        assert_eq!(shelve(2, ME, now), Effect::Passed);
        assert_eq!(shelve(2, ME, now.plus(SHELVE_LONGEST)), Effect::Done);
        assert_eq!(shelve(2, ME, now.plus(SHELVE_LONGEST).plus(Duration::from_millis(1))), Effect::TooLong);
        assert_eq!(shelve(1, ME, now.plus(Duration::from_mins(5))), Effect::NotByThisRole);
        assert_eq!(shelve(1, boss, now.plus(SHELVE_URGENT_LONGEST)), Effect::Done);
        assert_eq!(shelve(1, boss, now.plus(SHELVE_LONGEST)), Effect::TooLong);
    }

    #[test]
    fn what_a_kind_needs_is_there_and_nothing_else() {
        let row = alarm(2, AT);
        for kind in HandlingKind::ALL {
            for other in HandlingKind::ALL {
                let plain = [HandlingKind::Acknowledge, HandlingKind::Unshelve];
                let alike = kind == other || (plain.contains(kind) && plain.contains(other));
                assert_eq!(act(*kind, &row).is_well_formed(*other), alike, "{kind} as {other}");
            }
            assert!(!Handling { priority: 4, ..act(*kind, &row) }.is_well_formed(*kind));
        }
    }
}
