//! The return after a cut: one card each, seen then, asked, true now.

use std::time::Duration;

use vigie_core::command::CommandState;
use vigie_core::equipment::{Mode, Reach};
use vigie_core::link::LinkState;
use vigie_core::port::OutboxEntry;
use vigie_engine::review::{Label, label};
use vigie_engine::{Engine, TrackedCommand};

use crate::dto::{Review, ReviewCard, ReviewGroup, ReviewLabel};
use crate::error::ApiError;
use crate::view::{self, commands, commands_on};

/// How far back the review tells what ended by itself.
const ENDED_WITHIN: Duration = Duration::from_secs(12 * 3600);
const BY_ITSELF: &[CommandState] =
    &[CommandState::Expired, CommandState::Void, CommandState::Noted, CommandState::NeverReceived];

/// Intents and comfort that wait for a decision, and what ended without one.
pub(crate) async fn review(engine: &Engine) -> Result<Review, ApiError> {
    let status = engine.status();
    let to_decide = |c: &TrackedCommand| is_in(c, &[CommandState::Intent, CommandState::AwaitingKey]);
    let mut waiting = engine.commands(|c| to_decide(c) && c.group_id().is_none());
    waiting.reverse();
    let mut cards = Vec::with_capacity(waiting.len());
    for tracked in waiting {
        if let Some(card) = card(engine, &tracked).await? {
            cards.push(card);
        }
    }
    let since = status.now.minus(ENDED_WITHIN);
    // The members of a group are told with it.
    let by_itself = |c: &TrackedCommand| c.group_id().is_none() && is_in(c, BY_ITSELF);
    let ended = engine.commands(|c| c.issued_at() > since && c.row.is_none() && (by_itself(c) || c.is_forgotten()));
    Ok(Review {
        read_at: status.link.heard_at.filter(|_| status.link.state == LinkState::Live),
        cards,
        groups: groups(engine, to_decide),
        ended: commands(engine, ended).await?,
    })
}

/// Groups with members to decide on, oldest first.
fn groups(engine: &Engine, to_decide: impl Fn(&TrackedCommand) -> bool) -> Vec<ReviewGroup> {
    let at = engine.now();
    let tracked = engine.groups(|_| true);
    let mut found = Vec::new();
    for group in tracked.iter().rev() {
        let entries: Vec<_> = group.members.iter().filter(|m| to_decide(m)).filter_map(|m| m.entry.as_ref()).collect();
        let Some(view) = view::group(engine, group).filter(|_| !entries.is_empty()) else { continue };
        let mut review = ReviewGroup {
            group: view,
            objects: entries.iter().map(|e| e.order.equipment_id).collect(),
            still_valid: 0,
            contradicted: 0,
            already_so: 0,
            expired: 0,
        };
        engine.picture(|picture| {
            for entry in entries {
                let state = picture.object(entry.order.equipment_id).and_then(|o| o.state.as_ref());
                *match label(&entry.order, state, at) {
                    Label::StillValid => &mut review.still_valid,
                    Label::Contradicted => &mut review.contradicted,
                    Label::AlreadySo => &mut review.already_so,
                    Label::Expired => &mut review.expired,
                } += 1;
            }
        });
        found.push(review);
    }
    found
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
            label: match label(&entry.order, state, at) {
                Label::Expired => ReviewLabel::Expired,
                Label::Contradicted => ReviewLabel::Contradicted,
                Label::AlreadySo => ReviewLabel::AlreadySo,
                Label::StillValid => ReviewLabel::StillValid,
            },
            command,
            others,
        }
    })
}
