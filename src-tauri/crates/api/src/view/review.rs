//! The return after a cut: one card each, seen then, asked, true now.

use std::time::Duration;

use vigie_core::command::CommandState;
use vigie_core::equipment::{Mode, Reach};
use vigie_core::link::LinkState;
use vigie_core::port::OutboxEntry;
use vigie_engine::{Engine, TrackedCommand};

use crate::dto::{Review, ReviewCard, ReviewLabel};
use crate::error::ApiError;
use crate::view::{commands, commands_on};

/// How far back the review tells what ended by itself.
const ENDED_WITHIN: Duration = Duration::from_secs(12 * 3600);
const BY_ITSELF: &[CommandState] =
    &[CommandState::Expired, CommandState::Void, CommandState::Noted, CommandState::NeverReceived];

/// Intents and comfort that wait for a decision, and what ended without one.
pub(crate) async fn review(engine: &Engine) -> Result<Review, ApiError> {
    let status = engine.status();
    let mut waiting = engine.commands(|c| is_in(c, &[CommandState::Intent, CommandState::AwaitingKey]));
    waiting.reverse();
    let mut cards = Vec::with_capacity(waiting.len());
    for tracked in waiting {
        if let Some(card) = card(engine, &tracked).await? {
            cards.push(card);
        }
    }
    let since = status.now.minus(ENDED_WITHIN);
    let ended =
        engine.commands(|c| c.issued_at() > since && c.row.is_none() && (is_in(c, BY_ITSELF) || c.is_forgotten()));
    Ok(Review {
        read_at: status.link.heard_at.filter(|_| status.link.state == LinkState::Live),
        cards,
        ended: commands(engine, ended).await?,
    })
}

fn is_in(command: &TrackedCommand, states: &[CommandState]) -> bool {
    command.entry.as_ref().is_some_and(|e| states.contains(&e.state))
}

async fn card(engine: &Engine, tracked: &TrackedCommand) -> Result<Option<ReviewCard>, ApiError> {
    let Some(entry) = tracked.entry.as_ref() else { return Ok(None) };
    let Some(command) = commands(engine, vec![tracked.clone()]).await?.into_iter().next() else { return Ok(None) };
    let others = commands_on(engine, entry.order.equipment_id).await?;
    let since = |c: &crate::dto::CommandView| !c.mine && c.issued_at >= entry.order.issued_at;
    Ok(Some(now(engine, entry, command, others.into_iter().filter(since).collect())))
}

fn now(
    engine: &Engine,
    entry: &OutboxEntry,
    command: crate::dto::CommandView,
    others: Vec<crate::dto::CommandView>,
) -> ReviewCard {
    let at = engine.now();
    engine.picture(|picture| {
        let object = picture.object(entry.order.equipment_id);
        let state = object.and_then(|o| o.state.as_ref());
        ReviewCard {
            now_reading: state.map(|s| s.reading.clone()).unwrap_or_default(),
            now_observed_at: state.and_then(|s| s.observed_at),
            now_mode: state.map_or(Mode::Programme, |s| s.mode),
            now_blind: object.is_none_or(|o| o.is_stale(at)) || state.is_none_or(|s| s.reach != Reach::Reachable),
            label: match vigie_engine::review::label(&entry.order, state, at) {
                vigie_engine::review::Label::Expired => ReviewLabel::Expired,
                vigie_engine::review::Label::Contradicted => ReviewLabel::Contradicted,
                vigie_engine::review::Label::AlreadySo => ReviewLabel::AlreadySo,
                vigie_engine::review::Label::StillValid => ReviewLabel::StillValid,
            },
            command,
            others,
        }
    })
}
