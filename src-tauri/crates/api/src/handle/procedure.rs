//! The procedure of dangerous commands: asking and answering a second person, piloting, what was done alone.

use vigie_core::command::VoidReason;
use vigie_core::rights::{Role, rights};
use vigie_engine::{AskSecond, EngineError};

use crate::Api;
use crate::dto::{
    AnswerArgs, AskSecondArgs, DeskChoice, GiveObjectArgs, GroupOperateArgs, HoldLiveArgs, NoArgs, ObjectArgs,
    PilotView, RequestArgs, RequestView, ReviewSoleArgs, SelectionView, SoleReviewView,
};
use crate::error::ApiError;
use crate::view;

impl Api {
    pub(crate) async fn ask_second(&self, args: AskSecondArgs) -> Result<RequestArgs, ApiError> {
        let asked = AskSecond {
            equipment_id: args.equipment_id,
            action: args.action,
            params: args.params,
            effect_minutes: args.effect_minutes,
            reason: args.reason,
            seen: args.seen,
        };
        Ok(RequestArgs { request_id: self.engine().await?.ask_second(asked).await? })
    }

    pub(crate) async fn ask_group(&self, args: GroupOperateArgs) -> Result<RequestArgs, ApiError> {
        Ok(RequestArgs { request_id: self.engine().await?.ask_group(args.group_id, &args.reason).await? })
    }

    pub(crate) async fn select_request(&self, args: RequestArgs) -> Result<SelectionView, ApiError> {
        Ok(SelectionView { selected_until: self.engine().await?.select_request(args.request_id).await? })
    }

    pub(crate) async fn hold_live(&self, args: HoldLiveArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.hold_live(args.equipment_id, args.motion).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn let_go(&self, _: NoArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.let_go().await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn requests(&self, _: NoArgs) -> Result<Vec<RequestView>, ApiError> {
        let engine = self.engine().await?;
        let simulated = self.inner.source.training().is_some();
        Ok(engine.requests().into_iter().map(|shown| view::request(&engine, shown, simulated)).collect())
    }

    pub(crate) async fn answer_request(&self, args: AnswerArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.answer_request(args.request_id, args.approves).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn extend_request(&self, args: RequestArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.extend_request(args.request_id).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn withdraw_request(&self, args: RequestArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.withdraw_request(args.request_id, VoidReason::Withdrawn).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn select_object(&self, args: ObjectArgs) -> Result<PilotView, ApiError> {
        self.engine().await?.take_object(args.equipment_id, true).await?;
        self.pilot(args).await
    }

    pub(crate) async fn take_object(&self, args: ObjectArgs) -> Result<PilotView, ApiError> {
        self.engine().await?.take_object(args.equipment_id, false).await?;
        self.pilot(args).await
    }

    pub(crate) async fn give_object(&self, args: GiveObjectArgs) -> Result<PilotView, ApiError> {
        self.engine().await?.give_object(args.equipment_id, args.desk_id).await?;
        self.pilot(ObjectArgs { equipment_id: args.equipment_id }).await
    }

    pub(crate) async fn release_object(&self, args: ObjectArgs) -> Result<PilotView, ApiError> {
        self.engine().await?.release_object(args.equipment_id).await?;
        self.pilot(args).await
    }

    pub(crate) async fn pilot(&self, args: ObjectArgs) -> Result<PilotView, ApiError> {
        let engine = self.engine().await?;
        let status = engine.status();
        let kind = engine.picture(|p| p.object(args.equipment_id).map(|o| o.equipment.kind));
        let kind = kind.ok_or(EngineError::NotFound)?;
        let me = status.identity.as_ref().and_then(|identity| identity.person_id);
        let role = status.identity.as_ref().map(|identity| identity.role);
        let may = status.shift.is_some() && role.is_some_and(|role| rights().may_pilot(role, kind));
        let hold = engine.hold(args.equipment_id);
        let mine = hold.as_ref().is_some_and(|hold| Some(hold.person_id) == me);
        let can_give = hold.is_some() && (mine || role == Some(Role::Supervisor));
        let desks = engine.held_desks(status.now).into_iter().filter(|shift| {
            rights().may_pilot(shift.role, kind) && hold.as_ref().is_none_or(|hold| hold.desk_id != shift.desk_id)
        });
        Ok(PilotView {
            can_take: may && (hold.is_none() || mine),
            can_give,
            desks: desks
                .filter(|_| can_give)
                .map(|shift| DeskChoice {
                    desk_id: shift.desk_id,
                    desk: engine.desk(shift.desk_id).unwrap_or_default(),
                    person: engine.person(shift.person_id).unwrap_or_default(),
                })
                .collect(),
            hold: hold.map(|hold| view::hold(&engine, &hold)),
        })
    }

    pub(crate) async fn sole_reviews(&self, _: NoArgs) -> Result<Vec<SoleReviewView>, ApiError> {
        let engine = self.engine().await?;
        let may = engine.status().identity.is_some_and(|identity| rights().may_submit(identity.role, "sole_review"));
        let reviews = engine.sole_reviews().await?;
        Ok(reviews.into_iter().map(|review| view::sole_review(&engine, review, may)).collect())
    }

    pub(crate) async fn review_sole(&self, args: ReviewSoleArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.review_sole(args.review_id, &args.finding).await?;
        Ok(NoArgs {})
    }
}
