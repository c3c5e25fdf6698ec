//! Commands: the metropolis's rows overlaid with this desk's outbox.

use vigie_core::command::{ClassCode, CommandState, word};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::port::OutboxState;
use vigie_core::rights::Role;
use vigie_core::table::{Cell, CommandEvent, TableRow};
use vigie_core::time::Timestamp;
use vigie_engine::{Engine, EngineError, TrackedCommand};

use crate::dto::{CommandView, EventView};
use crate::error::ApiError;

/// Commands on a sheet.
const ON_SHEET: usize = 20;
/// Transitions shown of one command.
const EVENTS: u32 = 50;

/// The commands on an object, newest first.
pub(crate) async fn commands_on(engine: &Engine, id: EquipmentId) -> Result<Vec<CommandView>, ApiError> {
    let mut found = engine.commands(|c| c.equipment_id() == Some(id));
    found.truncate(ON_SHEET);
    commands(engine, found).await
}

/// Views of commands, in the order given.
pub(crate) async fn commands(engine: &Engine, found: Vec<TrackedCommand>) -> Result<Vec<CommandView>, ApiError> {
    let mut views = Vec::with_capacity(found.len());
    for tracked in found {
        if let Some(mut view) = command(engine, &tracked) {
            view.events = events(engine, view.command_id, tracked.entry.is_some()).await?;
            view.state_since = view.events.last().map_or(view.state_since, |e| e.at);
            views.push(view);
        }
    }
    Ok(views)
}

/// This desk's own transitions and the metropolis's, as one history.
async fn events(engine: &Engine, id: CommandId, own: bool) -> Result<Vec<EventView>, ApiError> {
    let there = engine
        .replica()
        .find(&CommandEvent::SPEC, "command_id", &Cell::Uuid(id.0), EVENTS)
        .await
        .map_err(EngineError::from)?;
    let mut all = Vec::new();
    for row in &there {
        let row = CommandEvent::from_row(row).map_err(EngineError::from)?;
        all.push(EventView { at: row.at, event: None, to: row.to_state, actor: row.actor, detail: row.detail });
    }
    if own {
        for event in engine.outbox().events(id).await.map_err(EngineError::from)? {
            // Once the metropolis tells a transition, its word counts; the desk's echo of it is left out.
            if !all.iter().any(|known| known.to == event.to) {
                all.push(EventView {
                    at: event.at,
                    event: Some(event.event),
                    to: event.to,
                    actor: "desk".to_owned(),
                    detail: event.detail,
                });
            }
        }
    }
    all.sort_by_key(|e| (e.at, stage(e.to)));
    Ok(all)
}

/// Order of transitions that carry the same instant.
fn stage(state: CommandState) -> usize {
    CommandState::ALL.iter().position(|s| *s == state).unwrap_or(usize::MAX)
}

fn command(engine: &Engine, tracked: &TrackedCommand) -> Option<CommandView> {
    let state = tracked.state()?;
    let about = about(engine, tracked.equipment_id()?);
    let entry = tracked.entry.as_ref();
    let waits_here = |wanted: CommandState| entry.is_some_and(|e| e.state == wanted && e.outbox == OutboxState::Open);
    let base = match (&tracked.row, entry) {
        (Some(row), _) => Base {
            command_id: row.command_id,
            equipment_id: row.equipment_id,
            action: row.action.clone(),
            class: row.class,
            params: row.params.clone(),
            author: engine.person(row.person_id).unwrap_or_default(),
            role: row.role,
            reason: row.reason.clone(),
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            effect_until: row.effect_until,
            state_since: row.state_since,
            detail: row.detail.clone(),
        },
        (None, Some(entry)) => Base {
            command_id: entry.order.command_id,
            equipment_id: entry.order.equipment_id,
            action: entry.order.action.clone(),
            class: entry.class,
            params: entry.order.params.clone(),
            author: engine.person(entry.person_id).unwrap_or_default(),
            role: entry.role,
            reason: entry.order.reason.clone(),
            issued_at: entry.order.issued_at,
            expires_at: entry.order.expires_at,
            effect_until: entry.order.effect_until,
            state_since: entry.order.issued_at,
            detail: entry.detail.clone(),
        },
        (None, None) => return None,
    };
    Some(CommandView {
        command_id: base.command_id,
        group_id: tracked.group_id(),
        equipment_id: base.equipment_id,
        reference: about.reference,
        name: about.name,
        kind: about.kind,
        action: base.action,
        class: base.class,
        params: base.params,
        author: base.author,
        role: base.role,
        approver: tracked.row.as_ref().and_then(|r| r.approval_id).and_then(|id| engine.approver(id)),
        alone: tracked.row.as_ref().and_then(|r| r.sole),
        mine: entry.is_some(),
        reason: base.reason,
        issued_at: base.issued_at,
        expires_at: base.expires_at,
        effect_until: base.effect_until,
        state,
        word: word(state),
        state_since: base.state_since,
        detail: base.detail,
        effect: tracked.row.as_ref().and_then(|r| r.effect),
        outbox: entry.map(|e| e.outbox),
        stuck: entry.filter(|e| e.outbox == OutboxState::Open).and_then(|e| engine.lane_stuck(e)),
        seen: entry.map(|e| e.order.seen.clone()),
        can_cancel: entry.is_some() && crate::handle::can_cancel(state),
        // The members of a group are decided together.
        can_press: waits_here(CommandState::AwaitingKey) && tracked.group_id().is_none(),
        can_close: state == CommandState::Unknown,
        can_decide: waits_here(CommandState::Intent) && tracked.group_id().is_none(),
        events: Vec::new(),
    })
}

struct Base {
    command_id: CommandId,
    equipment_id: EquipmentId,
    action: String,
    class: ClassCode,
    params: vigie_core::command::Params,
    author: String,
    role: Role,
    reason: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
    effect_until: Option<Timestamp>,
    state_since: Timestamp,
    detail: Option<String>,
}

struct About {
    reference: String,
    name: String,
    kind: EquipmentKind,
}

/// What the object of a command is called; an object removed since keeps its identifier as its reference.
fn about(engine: &Engine, id: EquipmentId) -> About {
    engine.picture(|picture| match picture.object(id) {
        Some(object) => About {
            reference: object.equipment.reference.clone(),
            name: object.equipment.name.clone(),
            kind: object.equipment.kind,
        },
        None => About { reference: id.to_string(), name: String::new(), kind: EquipmentKind::StreetLight },
    })
}
