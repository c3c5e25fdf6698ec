//! Second persons at this desk (R6, R7): asked for a command or a group, answered, given more time, given up, and what was
//! approved looked at again before it is operated.
//!
//! Nothing of it waits here: what the metropolis does not answer was not asked.

use vigie_core::command::{
    Action, Answer, Ask, AskedGroup, AskedObject, AskedObjects, Check, Params, Refused, Seen, VoidReason, action, moved,
};
use vigie_core::ids::{EquipmentId, GroupId, RequestId};
use vigie_core::submission::Body;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

/// What somebody is asked to approve.
#[derive(Debug, Clone, PartialEq)]
pub struct AskSecond {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect.
    pub effect_minutes: Option<u64>,
    /// Why.
    pub reason: String,
    /// What was seen when it was prepared.
    pub seen: Seen,
}

/// What is asked, on one object or on many.
struct Asked {
    objects: Vec<AskedObject>,
    action: &'static Action,
    params: Params,
    effect_minutes: Option<u64>,
    reason: String,
    about: Option<AskedGroup>,
}

impl Engine {
    /// Asks a second person to approve one command.
    pub async fn ask_second(&self, asked: AskSecond) -> Result<RequestId, EngineError> {
        let found =
            action(&asked.action).ok_or_else(|| EngineError::BadRequest(format!("no action {}", asked.action)))?;
        let object = AskedObject { equipment_id: asked.equipment_id, control_version: asked.seen.control_version };
        let about = Asked {
            objects: vec![object],
            action: found,
            params: asked.params,
            effect_minutes: asked.effect_minutes,
            reason: asked.reason,
            about: None,
        };
        self.request(about).await
    }

    /// Asks a second person to approve a group, as it was frozen.
    pub async fn ask_group(&self, id: GroupId, reason: &str) -> Result<RequestId, EngineError> {
        let frozen = self.frozen(id)?;
        let objects = frozen.members.iter();
        let about = Asked {
            objects: objects
                .map(|(equipment_id, seen)| AskedObject {
                    equipment_id: *equipment_id,
                    control_version: seen.control_version,
                })
                .collect(),
            action: frozen.action,
            params: frozen.params,
            effect_minutes: frozen.effect_minutes,
            reason: reason.to_owned(),
            about: Some(AskedGroup {
                chosen: frozen.head.chosen,
                chosen_name: frozen.head.chosen_name,
                excluded: frozen.head.excluded,
            }),
        };
        let request = self.request(about).await?;
        if let Some(frozen) = self.lock().frozen.iter_mut().find(|f| f.group_id == id) {
            frozen.request = Some(request);
        }
        Ok(request)
    }

    async fn request(&self, asked: Asked) -> Result<RequestId, EngineError> {
        self.may_act()?;
        let moment = self.inner.clock.now();
        let ask = {
            let state = self.lock();
            let now = state.now(moment);
            let shift = state.own_shift(now).ok_or(EngineError::Refused(Refused::NoShift))?;
            let minutes = asked.action.max_effect.map(|_| asked.effect_minutes.unwrap_or(0));
            let looked = state.look_around(asked.objects.iter().map(|o| o.equipment_id), now);
            Ask {
                request_id: RequestId(self.inner.ids.next()),
                objects: AskedObjects(asked.objects),
                action: asked.action.code.to_owned(),
                params: asked.params,
                effect_s: minutes.map(|m| i64::try_from(m.saturating_mul(60)).unwrap_or(i64::MAX)),
                shift_id: shift.shift_id,
                desk_id: shift.desk_id,
                reason: asked.reason.trim().to_owned(),
                consequence: serde_json::to_value(looked)
                    .map_err(|error| EngineError::BadRequest(error.to_string()))?,
                about: asked.about,
            }
        };
        let id = ask.request_id;
        self.ask(Body::ApprovalRequest(ask)).await?;
        Ok(id)
    }

    /// Answers as the person signed in here.
    pub async fn answer_request(&self, request_id: RequestId, approves: bool) -> Result<(), EngineError> {
        self.may_act()?;
        let moment = self.inner.clock.now();
        let shift_id = {
            let state = self.lock();
            state.own_shift(state.now(moment)).map(|s| s.shift_id)
        };
        self.ask(Body::ApprovalAnswer(Answer { request_id, approves, shift_id })).await
    }

    /// Gives an approval more time.
    pub async fn extend_request(&self, request_id: RequestId) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::ApprovalExtend { request_id }).await
    }

    /// Gives a request up: from here it carries nothing any more, whatever the metropolis hears of it.
    pub async fn withdraw_request(&self, request_id: RequestId, reason: VoidReason) -> Result<(), EngineError> {
        self.lock().procedures.given_up.insert(request_id);
        self.ask(Body::ApprovalWithdraw { request_id, reason }).await
    }

    /// What the metropolis would refuse anyhow is refused here, before it is on its way; and what moved since it was approved
    /// voids the approval (R6).
    pub(crate) async fn check_again(&self, approval: Option<RequestId>) -> Result<(), EngineError> {
        let Some(id) = approval else { return Ok(()) };
        let moment = self.inner.clock.now();
        let moved = {
            let state = self.lock();
            let now = state.now(moment);
            if state.procedures.given_up.contains(&id) {
                return Err(EngineError::RefusedThere("approval_over".to_owned()));
            }
            // What is over is the metropolis's to refuse.
            let open = state.procedures.requests.get(&id).filter(|request| request.state.is_open());
            open.is_some_and(|request| {
                let then = serde_json::from_value::<Check>(request.consequence.clone()).ok();
                then.is_none_or(|then| moved(&then, &state.look_around_for(request, now)))
            })
        };
        if !moved {
            return Ok(());
        }
        if let Err(error) = self.withdraw_request(id, VoidReason::ConsequenceChanged).await {
            tracing::info!(%error, "the metropolis did not hear that a request was given up: it ends by itself");
        }
        Err(EngineError::RefusedThere("approval_over".to_owned()))
    }

    /// R12, R13: this desk's open requests end; the metropolis hears of it if it can, and by itself once they are over.
    pub(crate) fn give_up_requests(&self, why: VoidReason) {
        let open: Vec<RequestId> = {
            let mut state = self.lock();
            let me = state.identity.as_ref().and_then(|identity| identity.person_id);
            let open = state.procedures.requests.values().filter(|r| r.state.is_open() && Some(r.person_id) == me);
            let open: Vec<RequestId> = open.map(|r| r.request_id).collect();
            state.procedures.given_up.extend(&open);
            open
        };
        for id in open {
            let engine = self.clone();
            self.inner.tasks.spawn(async move {
                if let Err(error) = engine.withdraw_request(id, why).await {
                    tracing::info!(%error, "the metropolis did not hear that a request was given up: it ends by itself");
                }
            });
        }
        self.tell(Observed::Procedure);
    }
}
