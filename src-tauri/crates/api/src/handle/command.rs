//! Commands: prepare, operate, and what a person does with them afterwards.

use vigie_core::command::{CommandState, Procedure, Sole};
use vigie_core::ids::CommandId;
use vigie_engine::{EngineError, Operate, TrackedCommand};

use crate::Api;
use crate::dto::{CommandView, NoArgs, OperateArgs, Preparation, PrepareArgs, ReasonArgs, Review};
use crate::error::ApiError;
use crate::view;

/// Commands in the outbox panel.
const PANEL: usize = 200;

impl Api {
    pub(crate) async fn prepare(&self, args: PrepareArgs) -> Result<Preparation, ApiError> {
        let engine = self.engine().await?;
        let prepared = engine.prepare(args.equipment_id, &args.action, &args.params)?;
        let needs = view::needs(&engine, engine.needs(args.equipment_id, &args.action, &args.params, prepared.class)?);
        let pending = view::commands_on(&engine, args.equipment_id).await?;
        Ok(Preparation {
            class: prepared.class,
            admission: prepared.admission,
            needs_without_visibility: prepared.needs_without_visibility,
            seen: prepared.seen,
            mode: prepared.mode,
            life_ms: prepared.class.life().as_millis() as f64,
            phone: prepared.phone,
            lock: prepared.lock.map(|lock| view::lock(&engine, lock)),
            safe: prepared.safe,
            pending: pending.into_iter().filter(|c| !c.state.is_final()).collect(),
            needs,
        })
    }

    pub(crate) async fn operate(&self, args: OperateArgs) -> Result<CommandView, ApiError> {
        let sole = match args.sole {
            None => None,
            Some(alone) => {
                // Whoever operates alone proves again who he is (R8).
                self.prove_again(&alone.password).await?;
                Some(Sole { reason: alone.reason, caller: alone.caller, phone: alone.phone })
            }
        };
        let engine = self.engine().await?;
        let entry = engine
            .operate(Operate {
                equipment_id: args.equipment_id,
                action: args.action,
                params: args.params,
                effect_minutes: args.effect_minutes,
                reason: args.reason,
                without_visibility: args.without_visibility,
                seen: args.seen,
                replaces: args.replaces,
                procedure: Procedure { approval_id: args.approval_id, sole },
                promised: args.promised,
            })
            .await?;
        self.one(entry.order.command_id).await
    }

    pub(crate) async fn press_key(&self, args: ReasonArgs) -> Result<CommandView, ApiError> {
        self.engine().await?.press_key(args.command_id).await?;
        self.one(args.command_id).await
    }

    pub(crate) async fn cancel_command(&self, args: ReasonArgs) -> Result<CommandView, ApiError> {
        self.engine().await?.cancel(args.command_id, &args.reason).await?;
        self.one(args.command_id).await
    }

    pub(crate) async fn close_command(&self, args: ReasonArgs) -> Result<CommandView, ApiError> {
        self.engine().await?.close(args.command_id, &args.reason).await?;
        self.one(args.command_id).await
    }

    pub(crate) async fn abandon(&self, args: ReasonArgs) -> Result<CommandView, ApiError> {
        self.engine().await?.abandon(args.command_id).await?;
        self.one(args.command_id).await
    }

    pub(crate) async fn outbox(&self, _: NoArgs) -> Result<Vec<CommandView>, ApiError> {
        let engine = self.engine().await?;
        let mut own = engine.commands(|c| c.entry.is_some() && c.group_id().is_none());
        own.truncate(PANEL);
        view::commands(&engine, own).await
    }

    pub(crate) async fn review(&self, _: NoArgs) -> Result<Review, ApiError> {
        view::review(&self.engine().await?).await
    }

    async fn one(&self, id: CommandId) -> Result<CommandView, ApiError> {
        let engine = self.engine().await?;
        let is_it = |c: &TrackedCommand| {
            c.entry.as_ref().is_some_and(|e| e.order.command_id == id)
                || c.row.as_ref().is_some_and(|r| r.command_id == id)
        };
        let found = view::commands(&engine, engine.commands(is_it)).await?;
        found.into_iter().next().ok_or_else(|| EngineError::NotFound.into())
    }
}

/// Whether a person may still cancel a command that stands here.
pub(crate) fn can_cancel(state: CommandState) -> bool {
    use CommandState as S;
    matches!(state, S::Queued | S::AwaitingKey | S::Submitted | S::Accepted)
}
