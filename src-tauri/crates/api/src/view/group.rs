//! Groups: the metropolis's rows and this desk's outbox, counted by word.

use vigie_core::command::{ChosenBy, CommandState, Exclusion, Word, action, tally, word};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_core::port::{OutboxEntry, OutboxState};
use vigie_core::rights::Role;
use vigie_core::table::{Command, SavedGroup};
use vigie_engine::picture::Picture;
use vigie_engine::{Engine, TrackedCommand, TrackedGroup};

use crate::dto::{GroupExcluded, GroupMemberView, GroupObject, GroupSheet, GroupView, SavedGroupView};

/// A group as shown; none when nothing of it is known any more.
pub(crate) fn group(engine: &Engine, tracked: &TrackedGroup) -> Option<GroupView> {
    let shared = Shared::of(tracked.members.first()?)?;
    let me = engine.status().identity.map(|i| i.role);
    let tally = tally(tracked.members.iter().filter_map(TrackedCommand::state));
    let entries = || tracked.members.iter().filter_map(|m| m.entry.as_ref());
    let waits = |wanted: CommandState| entries().any(|e| e.state == wanted && e.outbox == OutboxState::Open);
    let mine = entries().next().is_some();
    let waiting = waits(CommandState::Queued) || waits(CommandState::AwaitingKey);
    let (row, head) = (tracked.row.as_ref(), tracked.head.as_ref());
    Some(GroupView {
        group_id: tracked.group_id,
        kind: action(&shared.action).map_or(EquipmentKind::StreetLight, |a| a.kind),
        class: row.map_or(shared.class, |r| r.class),
        author: engine.person(shared.person).unwrap_or_default(),
        mine,
        chosen: row.map(|r| r.chosen).or(head.map(|h| h.chosen)).unwrap_or(ChosenBy::Hand),
        chosen_name: row.map(|r| &r.chosen_name).or(head.map(|h| &h.chosen_name)).cloned().unwrap_or_default(),
        excluded: count(exclusions(tracked).len()),
        stopped_at: row.and_then(|r| r.stopped_at),
        stuck: entries().find(|e| e.outbox == OutboxState::Open).and_then(|e| engine.lane_stuck(e)),
        can_stop: waiting || (tally.stoppable > 0 && (mine || me == Some(Role::Supervisor))),
        can_press: waits(CommandState::AwaitingKey),
        can_decide: waits(CommandState::Intent),
        action: shared.action,
        params: shared.params,
        reason: shared.reason,
        issued_at: shared.issued_at,
        expires_at: shared.expires_at,
        effect_until: shared.effect_until,
        total: tally.total,
        to_send: tally.to_send,
        under_way: tally.under_way,
        done: tally.done,
        refused: tally.refused,
        unknown: tally.unknown,
    })
}

/// A group with each of its objects: what needs a look first.
pub(crate) fn group_sheet(engine: &Engine, tracked: &TrackedGroup) -> Option<GroupSheet> {
    let group = group(engine, tracked)?;
    engine.picture(|picture| {
        let mut members: Vec<_> = tracked.members.iter().filter_map(|m| member(picture, m)).collect();
        members.sort_by_key(|m| (look_first(m.word), m.command_id));
        let excluded = exclusions(tracked).iter().map(|e| excluded(picture, e)).collect();
        Some(GroupSheet { group, members, excluded })
    })
}

/// An object as a group names it; one removed since keeps its identifier as its reference.
pub(crate) fn group_object(picture: &Picture, id: EquipmentId) -> GroupObject {
    let found = picture.object(id).map(|o| &o.equipment);
    GroupObject {
        equipment_id: id,
        reference: found.map_or_else(|| id.to_string(), |e| e.reference.clone()),
        name: found.map(|e| e.name.clone()).unwrap_or_default(),
    }
}

pub(crate) fn excluded(picture: &Picture, exclusion: &Exclusion) -> GroupExcluded {
    GroupExcluded { object: group_object(picture, exclusion.equipment_id), reason: exclusion.reason }
}

pub(crate) fn saved_group(engine: &Engine, saved: SavedGroup) -> SavedGroupView {
    SavedGroupView {
        saved_group_id: saved.saved_group_id,
        name: saved.name,
        objects: saved.members,
        author: engine.person(saved.person_id).unwrap_or_default(),
        changed_at: saved.changed_at,
    }
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn exclusions(tracked: &TrackedGroup) -> &[Exclusion] {
    let row = tracked.row.as_ref().map(|r| r.excluded.as_slice());
    row.or(tracked.head.as_ref().map(|h| h.excluded.as_slice())).unwrap_or_default()
}

fn member(picture: &Picture, tracked: &TrackedCommand) -> Option<GroupMemberView> {
    let state = tracked.state()?;
    let detail = match (&tracked.row, &tracked.entry) {
        (Some(row), _) => row.detail.clone(),
        (None, Some(entry)) => entry.detail.clone(),
        (None, None) => None,
    };
    let object = group_object(picture, tracked.equipment_id()?);
    Some(GroupMemberView { command_id: tracked.command_id()?, object, state, word: word(state), detail })
}

/// What failed, then what was not heard of, then what is on its way; what is done needs no look.
const fn look_first(word: Word) -> u8 {
    match word {
        Word::Refused => 0,
        Word::Unknown => 1,
        Word::ToSend => 2,
        Word::UnderWay => 3,
        Word::Done => 4,
    }
}

/// What all members have in common.
struct Shared {
    action: String,
    class: vigie_core::command::ClassCode,
    params: vigie_core::command::Params,
    person: vigie_core::ids::PersonId,
    reason: String,
    issued_at: vigie_core::time::Timestamp,
    expires_at: vigie_core::time::Timestamp,
    effect_until: Option<vigie_core::time::Timestamp>,
}

impl Shared {
    fn of(member: &TrackedCommand) -> Option<Self> {
        match (&member.row, &member.entry) {
            (Some(row), _) => Some(Self::row(row)),
            (None, Some(entry)) => Some(Self::entry(entry)),
            (None, None) => None,
        }
    }

    fn row(row: &Command) -> Self {
        Self {
            action: row.action.clone(),
            class: row.class,
            params: row.params.clone(),
            person: row.person_id,
            reason: row.reason.clone(),
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            effect_until: row.effect_until,
        }
    }

    fn entry(entry: &OutboxEntry) -> Self {
        Self {
            action: entry.order.action.clone(),
            class: entry.class,
            params: entry.order.params.clone(),
            person: entry.person_id,
            reason: entry.order.reason.clone(),
            issued_at: entry.order.issued_at,
            expires_at: entry.order.expires_at,
            effect_until: entry.order.effect_until,
        }
    }
}
