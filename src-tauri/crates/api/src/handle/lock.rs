//! Crew locks: asking, lifting; and what is in force now.

use vigie_core::ids::RecordId;
use vigie_core::lock::LockCall;
use vigie_engine::{AskLock, EngineError};

use crate::Api;
use crate::dto::{EffectView, LockArgs, LockAskArgs, LockExtendArgs, LockForceArgs, LockView, NoArgs};
use crate::error::ApiError;
use crate::view;

impl Api {
    pub(crate) async fn locks(&self, _: NoArgs) -> Result<Vec<LockView>, ApiError> {
        Ok(view::locks(&self.engine().await?))
    }

    pub(crate) async fn ask_lock(&self, args: LockAskArgs) -> Result<LockView, ApiError> {
        let wanted = AskLock {
            equipment_id: args.equipment_id,
            holder: args.holder,
            phone: args.phone,
            place: args.place,
            reason: args.reason,
            by_holder: args.by_holder,
            expected_end: args.expected_end,
            draft: args.draft,
        };
        let id = self.engine().await?.ask_lock(wanted).await?;
        self.one_lock(id).await
    }

    pub(crate) async fn lift_lock(&self, args: LockArgs) -> Result<LockView, ApiError> {
        self.engine().await?.lift_lock(args.lock_id).await?;
        self.one_lock(args.lock_id).await
    }

    pub(crate) async fn extend_lock(&self, args: LockExtendArgs) -> Result<LockView, ApiError> {
        self.engine().await?.extend_lock(args.lock_id, args.to).await?;
        self.one_lock(args.lock_id).await
    }

    pub(crate) async fn force_lift_lock(&self, args: LockForceArgs) -> Result<LockView, ApiError> {
        let call = LockCall { called_at: args.called_at, number: args.number, said: args.said, words: args.words };
        self.engine().await?.force_lift(args.lock_id, Some(call)).await?;
        self.one_lock(args.lock_id).await
    }

    pub(crate) async fn confirm_lift_lock(&self, args: LockArgs) -> Result<LockView, ApiError> {
        self.engine().await?.force_lift(args.lock_id, None).await?;
        self.one_lock(args.lock_id).await
    }

    pub(crate) async fn effects(&self, _: NoArgs) -> Result<Vec<EffectView>, ApiError> {
        Ok(view::effects(&self.engine().await?))
    }

    /// As the local copy has it: what was just done comes with the next pull, and is pushed.
    async fn one_lock(&self, id: RecordId) -> Result<LockView, ApiError> {
        let found = view::locks(&self.engine().await?).into_iter().find(|lock| lock.lock_id == id);
        found.ok_or_else(|| EngineError::NotFound.into())
    }
}
