//! Requests, holds and reviews as views.

use std::collections::BTreeMap;

use vigie_core::command::{ALONE_AFTER, AskedGroup, Excluded, action};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{EquipmentId, PersonId};
use vigie_core::table::{DeskHold, SoleReview};
use vigie_engine::{Engine, Needs, ShownRequest};

use crate::dto::{ExcludedCount, HoldView, NeedsView, RequestGroupView, RequestView, SoleReviewView};

/// What a prepared command needs.
pub(crate) fn needs(engine: &Engine, needs: Needs) -> NeedsView {
    NeedsView {
        second: needs.second,
        alone: needs.alone,
        present: needs.present,
        check: needs.check,
        hold: needs.hold.map(|held| hold(engine, &held)),
    }
}

/// A hold.
pub(crate) fn hold(engine: &Engine, hold: &DeskHold) -> HoldView {
    HoldView {
        desk: engine.desk(hold.desk_id).unwrap_or_default(),
        person: engine.person(hold.person_id).unwrap_or_default(),
        mine: Some(hold.person_id) == me(engine),
        since: hold.since,
        until: hold.until,
        selected_until: hold.selected_until,
        live: hold.live_id.is_some(),
    }
}

/// A request; `simulated` where the second person is played.
pub(crate) fn request(engine: &Engine, shown: ShownRequest, simulated: bool) -> RequestView {
    let ShownRequest { request, mine, stage, rings, may_answer, check, moved } = shown;
    let first = request.objects.0.first().map_or(EquipmentId(uuid::Uuid::nil()), |asked| asked.equipment_id);
    let (reference, name, kind) = named(engine, first);
    let alone = mine && action(&request.action).is_some_and(|a| a.sole_allowed) && request.objects.0.len() == 1;
    RequestView {
        request_id: request.request_id,
        mine,
        stage,
        state: request.state,
        void_reason: request.void_reason,
        rings,
        may_answer,
        moved,
        equipment_id: first,
        objects: u32::try_from(request.objects.0.len()).unwrap_or(u32::MAX),
        reference,
        name,
        kind,
        action: request.action,
        params: request.params,
        effect_minutes: request.effect_s.map(|s| s / 60),
        class: request.class,
        author: engine.person(request.person_id).unwrap_or_default(),
        role: request.role,
        desk: engine.desk(request.desk_id),
        reason: request.reason,
        asked_at: request.asked_at,
        expires_at: request.expires_at,
        alone_from: alone.then(|| request.asked_at.plus(ALONE_AFTER)),
        approver: request.approver_id.map(|id| engine.person(id).unwrap_or_default()),
        approver_role: request.approver_role,
        simulated: simulated && request.approver_id.is_some(),
        approval_until: request.approval_until,
        check,
        group: request.about.map(made_of),
    }
}

/// How a group was made, what was left out by reason.
fn made_of(about: AskedGroup) -> RequestGroupView {
    let mut counts: BTreeMap<Excluded, u32> = BTreeMap::new();
    for exclusion in about.excluded {
        *counts.entry(exclusion.reason).or_default() += 1;
    }
    let mut excluded: Vec<_> = counts.into_iter().map(|(reason, count)| ExcludedCount { reason, count }).collect();
    excluded.sort_by_key(|counted| std::cmp::Reverse(counted.count));
    RequestGroupView { chosen: about.chosen, chosen_name: about.chosen_name, excluded }
}

/// What one person did alone.
pub(crate) fn sole_review(engine: &Engine, review: SoleReview, may: bool) -> SoleReviewView {
    let (reference, name, _) = named(engine, review.equipment_id);
    let mine = Some(review.person_id) == me(engine);
    SoleReviewView {
        review_id: review.review_id.into(),
        equipment_id: review.equipment_id,
        reference,
        name,
        action: review.action,
        author: engine.person(review.person_id).unwrap_or_default(),
        mine,
        reason: review.reason,
        caller: review.caller,
        phone: review.phone,
        operated_at: review.operated_at,
        due_at: review.due_at,
        reviewed_at: review.reviewed_at,
        reviewed_by: review.reviewed_by.map(|id| engine.person(id).unwrap_or_default()),
        finding: review.finding,
        can_review: may && !mine && review.reviewed_at.is_none(),
    }
}

fn me(engine: &Engine) -> Option<PersonId> {
    engine.status().identity.and_then(|identity| identity.person_id)
}

fn named(engine: &Engine, id: EquipmentId) -> (String, String, EquipmentKind) {
    engine.picture(|picture| {
        picture.object(id).map_or_else(
            || (id.to_string(), String::new(), EquipmentKind::StreetLight),
            |o| (o.equipment.reference.clone(), o.equipment.name.clone(), o.equipment.kind),
        )
    })
}
