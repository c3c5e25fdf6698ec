//! What may go next: the heads of the lanes, as a pure function of what waits in the outbox.
//!
//! A lane is an object's, or a group's. A group goes in one submission, so it is the head of its own lane only once each of
//! its members is the oldest of its object: it overtakes nothing, and whatever comes later on one of its objects waits behind
//! it. Orders in the safe direction that were operated go ahead (R17): they have lanes of their own, which wait for each other
//! and for nothing else, and what follows them waits. Positions are given once and grow, so two groups never wait for each other: the older one has nothing before it that
//! the newer one holds.

use std::collections::{BTreeMap, HashMap};

use vigie_core::command::{ClassCode, CommandState, action};
use vigie_core::ids::{EquipmentId, GroupId};
use vigie_core::port::OutboxEntry;

/// What moves forward by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The orders on one object.
    Object(EquipmentId),
    /// Its orders in the safe direction.
    Ahead(EquipmentId),
    /// The members of a group, together.
    Group(GroupId),
}

impl Lane {
    /// The lane of an entry.
    pub fn of(entry: &OutboxEntry) -> Self {
        match entry.group_id {
            Some(group) => Self::Group(group),
            None if goes_ahead(entry) => Self::Ahead(entry.order.equipment_id),
            None => Self::Object(entry.order.equipment_id),
        }
    }
}

/// Whether an order that was operated goes ahead of the others on its object. One that waits for the link waits like any
/// other.
fn goes_ahead(entry: &OutboxEntry) -> bool {
    matches!(entry.state, CommandState::Submitted | CommandState::Unsettled)
        && entry.class != ClassCode::A
        && action(&entry.order.action).is_some_and(|a| a.goes_safe(&entry.order.params))
}

/// The heads of lanes among the entries that a lane has to do something about: one order on an object, or all the members of
/// a group that are left, in their order.
pub fn heads<'e>(waiting: impl Iterator<Item = &'e OutboxEntry>) -> BTreeMap<Lane, Vec<&'e OutboxEntry>> {
    // Of all that waits on an object, and of what goes ahead on it.
    let mut oldest: HashMap<(EquipmentId, bool), &OutboxEntry> = HashMap::new();
    let mut lanes: BTreeMap<Lane, Vec<&OutboxEntry>> = BTreeMap::new();
    for entry in waiting {
        let all = [(entry.order.equipment_id, false)];
        let ahead = goes_ahead(entry).then_some((entry.order.equipment_id, true));
        for key in all.into_iter().chain(ahead) {
            let first = oldest.entry(key).or_insert(entry);
            if entry.position < first.position {
                *first = entry;
            }
        }
        lanes.entry(Lane::of(entry)).or_default().push(entry);
    }
    let is_first = |e: &OutboxEntry| {
        let first = oldest.get(&(e.order.equipment_id, goes_ahead(e)));
        first.is_some_and(|first| first.position == e.position)
    };
    let headed = lanes.into_iter().filter_map(|(lane, mut entries)| {
        if matches!(lane, Lane::Group(_)) {
            entries.sort_by_key(|e| e.position);
            return entries.iter().all(|e| is_first(e)).then_some((lane, entries));
        }
        let first = entries.into_iter().find(|e| is_first(e))?;
        Some((lane, vec![first]))
    });
    headed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vigie_core::command::{Admission, CommandOrder, Params, Seen};
    use vigie_core::equipment::Reading;
    use vigie_core::ids::{CommandId, DeskId, PersonId, ShiftId};
    use vigie_core::port::OutboxState;
    use vigie_core::rights::Role;
    use vigie_core::time::Timestamp;

    /// An entry at a position, on an object, maybe of a group.
    fn entry(position: i64, object: u128, group: Option<u128>) -> OutboxEntry {
        OutboxEntry {
            order: CommandOrder {
                command_id: CommandId(Uuid::from_u128(position.unsigned_abs().into())),
                equipment_id: EquipmentId(Uuid::from_u128(object)),
                action: "street_light.set_level".into(),
                params: Params::default(),
                issued_at: Timestamp(0),
                expires_at: Timestamp(1),
                effect_until: None,
                shift_id: ShiftId(Uuid::nil()),
                desk_id: DeskId(Uuid::nil()),
                reason: String::new(),
                seen: Seen { reading: Reading::default(), observed_at: None, version: 0, control_version: 0 },
                without_visibility: false,
                procedure: vigie_core::command::Procedure::default(),
            },
            class: ClassCode::B,
            admission: Admission::Send,
            person_id: PersonId(Uuid::nil()),
            role: Role::RemoteOperator,
            state: CommandState::Queued,
            detail: None,
            outbox: OutboxState::Open,
            reissued_as: None,
            group_id: group.map(|n| GroupId(Uuid::from_u128(n))),
            position,
        }
    }

    fn going(entries: &[OutboxEntry]) -> Vec<Vec<i64>> {
        let mut going: Vec<Vec<i64>> =
            heads(entries.iter()).into_values().map(|head| head.iter().map(|e| e.position).collect()).collect();
        going.sort();
        going
    }

    #[test]
    fn a_group_overtakes_nothing_on_any_of_its_objects() {
        let before = entry(1, 7, None);
        let group = [entry(2, 5, Some(9)), entry(3, 7, Some(9)), entry(4, 8, Some(9))];
        let all: Vec<_> = [before].into_iter().chain(group.clone()).collect();
        assert_eq!(going(&all), [vec![1]], "all of it waits for the one object that is not free");
        assert_eq!(going(&group), [vec![2, 3, 4]]);
    }

    #[test]
    fn nothing_overtakes_a_group_on_any_of_its_objects_and_the_others_go_on() {
        let all = [entry(1, 5, Some(9)), entry(2, 7, Some(9)), entry(3, 7, None), entry(4, 6, None)];
        assert_eq!(going(&all), [vec![1, 2], vec![4]]);
    }

    #[test]
    fn r17_the_safe_direction_goes_ahead_alone_or_as_a_group_and_what_follows_waits() {
        let back = |position, object, group| {
            let mut entry = entry(position, object, group);
            entry.order.action = "street_light.to_programme".into();
            entry.state = CommandState::Submitted;
            entry
        };
        let pending = entry(1, 5, None);
        assert_eq!(going(&[pending.clone(), back(2, 5, None)]), [vec![1], vec![2]]);
        assert_eq!(going(&[pending.clone(), back(2, 5, Some(9)), back(3, 6, Some(9))]), [vec![1], vec![2, 3]]);
        assert_eq!(going(&[back(2, 5, Some(9)), back(3, 6, Some(9)), entry(4, 6, None)]), [vec![2, 3]]);
        // One that waits for the link waits like any other.
        let queued = OutboxEntry { state: CommandState::Queued, ..back(2, 5, None) };
        assert_eq!(going(&[pending, queued]), [vec![1]]);
    }

    #[test]
    fn of_two_groups_that_share_an_object_the_older_goes_and_they_never_wait_for_each_other() {
        let older = [entry(1, 5, Some(8)), entry(2, 6, Some(8))];
        let newer = [entry(3, 6, Some(9)), entry(4, 5, Some(9))];
        let all: Vec<_> = newer.iter().chain(&older).cloned().collect();
        assert_eq!(going(&all), [vec![1, 2]]);
        // A member that was superseded by itself no longer holds it.
        let left: Vec<_> = newer.iter().take(1).chain(&older[..1]).cloned().collect();
        assert_eq!(going(&left), [vec![1], vec![3]]);
    }
}
