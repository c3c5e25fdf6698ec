//! Behaviours of an outbox. Each begins with an empty one.

use vigie_core::command::{
    Admission, ChosenBy, ClassCode, CommandEventCode as E, CommandState as S, Excluded, Exclusion,
};
use vigie_core::ids::{CommandId, EquipmentId, GroupId};
use vigie_core::port::{GroupHead, Outbox, OutboxChange, OutboxEntry, OutboxState};

use super::samples::{entry, event, key};

/// Every field of an entry and of its events is kept.
pub async fn an_entry_is_read_as_it_was_written(outbox: &dyn Outbox) {
    let mut first = OutboxEntry {
        state: S::Intent,
        detail: Some("gateway_lost".into()),
        reissued_as: Some(CommandId(key(77))),
        admission: Admission::Keep,
        ..entry(1)
    };
    first.position = outbox.add(&first, &event(E::Keep, S::Intent)).await.unwrap();
    assert_eq!(outbox.entry(first.order.command_id).await.unwrap(), Some(first.clone()));
    assert_eq!(outbox.open_entries().await.unwrap(), [first.clone()]);
    assert_eq!(outbox.events(first.order.command_id).await.unwrap(), [event(E::Keep, S::Intent)]);
}

/// The order of lanes is the order of adding, whatever position the caller says.
pub async fn positions_grow_in_the_order_of_adding(outbox: &dyn Outbox) {
    let mut positions = Vec::new();
    for n in [5, 2, 9] {
        let asked = OutboxEntry { position: 1_000 - i64::try_from(n).unwrap(), ..entry(n) };
        positions.push(outbox.add(&asked, &event(E::Submit, S::Submitted)).await.unwrap());
    }
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let open: Vec<_> =
        outbox.open_entries().await.unwrap().into_iter().map(|e| (e.position, e.order.command_id)).collect();
    let expected: Vec<_> = positions.iter().copied().zip([5, 2, 9].map(|n| CommandId(key(n)))).collect();
    assert_eq!(open, expected);
}

/// Who did not hear the answer may ask again: the first entry stands, with one event.
pub async fn adding_twice_adds_once(outbox: &dyn Outbox) {
    let first = outbox.add(&entry(1), &event(E::Submit, S::Submitted)).await.unwrap();
    let other = OutboxEntry { class: ClassCode::D, ..entry(1) };
    let again = outbox.add(&other, &event(E::Submit, S::Submitted)).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(outbox.recent(10).await.unwrap(), [OutboxEntry { position: first, ..entry(1) }]);
    assert_eq!(outbox.events(CommandId(key(1))).await.unwrap().len(), 1);
}

/// Compare and set: a step decided on an old state does nothing.
pub async fn an_entry_moves_on_only_from_the_state_expected(outbox: &dyn Outbox) {
    let id = CommandId(key(1));
    outbox.add(&entry(1), &event(E::Submit, S::Submitted)).await.unwrap();
    let expired = OutboxEntry { state: S::Expired, outbox: OutboxState::Done, ..entry(1) };
    assert!(!outbox.advance(&expired, S::Queued, &event(E::Expire, S::Expired)).await.unwrap());
    assert_eq!(outbox.entry(id).await.unwrap().unwrap().state, S::Submitted);
    assert_eq!(outbox.events(id).await.unwrap().len(), 1);

    let accepted =
        OutboxEntry { state: S::Accepted, outbox: OutboxState::Handed, detail: Some("late".into()), ..entry(1) };
    assert!(outbox.advance(&accepted, S::Submitted, &event(E::Accept, S::Accepted)).await.unwrap());
    let stored = outbox.entry(id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.outbox, stored.detail.as_deref()),
        (S::Accepted, OutboxState::Handed, Some("late"))
    );
    let happened: Vec<_> = outbox.events(id).await.unwrap().into_iter().map(|e| e.event).collect();
    assert_eq!(happened, [E::Submit, E::Accept]);
}

/// Two decisions from the same state: one wins, and one event is written.
pub async fn of_two_who_move_an_entry_one_does(outbox: &dyn Outbox) {
    outbox.add(&entry(1), &event(E::Submit, S::Submitted)).await.unwrap();
    let to = |state| OutboxEntry { state, ..entry(1) };
    let (accepted, rejected) = (to(S::Accepted), to(S::Rejected));
    let (accept, reject) = (event(E::Accept, S::Accepted), event(E::Reject, S::Rejected));
    let (one, other) = (
        outbox.advance(&accepted, S::Submitted, &accept).await.unwrap(),
        outbox.advance(&rejected, S::Submitted, &reject).await.unwrap(),
    );
    assert!(one && !other);
    assert_eq!(outbox.events(CommandId(key(1))).await.unwrap().len(), 2);
}

/// What is asked again under a new id is there as soon as the first is over, and not when the first had moved on.
pub async fn what_goes_on_in_its_place_comes_with_the_end_of_an_entry(outbox: &dyn Outbox) {
    outbox.add(&entry(1), &event(E::Submit, S::Submitted)).await.unwrap();
    let over = OutboxEntry { state: S::NeverReceived, outbox: OutboxState::Done, ..entry(1) };
    let never = event(E::NeverReceived, S::NeverReceived);
    let again = OutboxEntry { state: S::Queued, ..entry(2) };
    let queued = event(E::Queue, S::Queued);
    let follow = |from| {
        [OutboxChange::Advance(over.clone(), from, never.clone()), OutboxChange::Add(again.clone(), queued.clone())]
    };
    assert_eq!(outbox.write(&follow(S::Unsettled)).await.unwrap(), None);
    assert!(outbox.entry(CommandId(key(2))).await.unwrap().is_none());

    assert_eq!(outbox.write(&follow(S::Submitted)).await.unwrap(), Some(vec![2]));
    assert_eq!(outbox.open_entries().await.unwrap(), [OutboxEntry { position: 2, ..again.clone() }]);
    assert_eq!(outbox.entry(CommandId(key(1))).await.unwrap().unwrap().state, S::NeverReceived);
    assert_eq!(outbox.events(CommandId(key(2))).await.unwrap(), [queued]);
}

/// What was operated stays as operated: a step takes nothing else from its entry.
pub async fn the_order_itself_is_never_edited(outbox: &dyn Outbox) {
    let position = outbox.add(&entry(1), &event(E::Submit, S::Submitted)).await.unwrap();
    let mut edited = OutboxEntry { state: S::Accepted, class: ClassCode::A, position: position + 7, ..entry(1) };
    edited.order.params = vigie_core::command::Params::default();
    assert!(outbox.advance(&edited, S::Submitted, &event(E::Accept, S::Accepted)).await.unwrap());
    let stored = outbox.entry(CommandId(key(1))).await.unwrap().unwrap();
    assert_eq!(stored, OutboxEntry { state: S::Accepted, position, ..entry(1) });
}

/// What is done leaves the open entries and stays in the history, newest first.
pub async fn what_is_done_is_kept_as_history(outbox: &dyn Outbox) {
    for n in 1..=4 {
        outbox.add(&entry(n), &event(E::Submit, S::Submitted)).await.unwrap();
    }
    for (n, state) in [(2, OutboxState::Done), (3, OutboxState::Handed)] {
        let moved = OutboxEntry { state: S::Accepted, outbox: state, ..entry(n) };
        assert!(outbox.advance(&moved, S::Submitted, &event(E::Accept, S::Accepted)).await.unwrap());
    }
    let ids = |entries: Vec<OutboxEntry>| entries.into_iter().map(|e| e.order.command_id.0).collect::<Vec<_>>();
    assert_eq!(ids(outbox.open_entries().await.unwrap()), [key(1), key(3), key(4)]);
    assert_eq!(ids(outbox.recent(3).await.unwrap()), [key(4), key(3), key(2)]);
    assert_eq!(outbox.events(CommandId(key(2))).await.unwrap().len(), 2);
}

/// The members of a group are added together and move on together: all, or none when one had moved on by itself.
pub async fn the_members_of_a_group_are_written_together_or_not_at_all(outbox: &dyn Outbox) {
    let group_id = Some(GroupId(key(50)));
    let head = GroupHead {
        group_id: GroupId(key(50)),
        chosen: ChosenBy::Street,
        chosen_name: "Rue de la Liberté".into(),
        excluded: vec![Exclusion { equipment_id: EquipmentId(key(60)), reason: Excluded::OutOfReach }],
    };
    let member = |n| OutboxEntry { group_id, state: S::Queued, ..entry(n) };
    let add = |n| OutboxChange::Add(member(n), event(E::Queue, S::Queued));
    let written = outbox.write(&[OutboxChange::Head(head.clone()), add(1), add(2)]).await.unwrap();
    assert_eq!(written, Some(vec![1, 2]));
    assert_eq!(outbox.group(head.group_id).await.unwrap(), Some(head));
    assert_eq!(outbox.group(GroupId(key(51))).await.unwrap(), None);
    let open = outbox.open_entries().await.unwrap();
    assert_eq!(
        open.iter().map(|e| (e.order.command_id, e.group_id)).collect::<Vec<_>>(),
        [(CommandId(key(1)), group_id), (CommandId(key(2)), group_id)]
    );

    let submit = |n, from| {
        let moved = OutboxEntry { state: S::Submitted, ..member(n) };
        OutboxChange::Advance(moved, from, event(E::Submit, S::Submitted))
    };
    let behind = [submit(1, S::Queued), submit(2, S::AwaitingKey), add(3)];
    assert_eq!(outbox.write(&behind).await.unwrap(), None);
    assert_eq!(outbox.open_entries().await.unwrap(), open, "nothing of it was written");
    let together = [submit(1, S::Queued), submit(2, S::Queued), add(3)];
    assert_eq!(outbox.write(&together).await.unwrap(), Some(vec![3]));
    let states: Vec<_> = outbox.open_entries().await.unwrap().iter().map(|e| e.state).collect();
    assert_eq!(states, [S::Submitted, S::Submitted, S::Queued]);
    assert_eq!(outbox.events(CommandId(key(2))).await.unwrap().len(), 2);
}

/// What was never added is found nowhere and cannot move.
pub async fn an_unknown_command_is_nobody(outbox: &dyn Outbox) {
    let id = CommandId(key(1));
    assert!(outbox.entry(id).await.unwrap().is_none());
    assert!(outbox.events(id).await.unwrap().is_empty());
    assert!(!outbox.advance(&entry(1), S::Submitted, &event(E::Accept, S::Accepted)).await.unwrap());
    assert!(outbox.recent(10).await.unwrap().is_empty());
}
