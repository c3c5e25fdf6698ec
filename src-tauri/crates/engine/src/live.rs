//! A control that is held at this desk (class L): begun, kept alive while whoever holds the key says so, let go.
//!
//! There is no timer here. Each word of the page is a sign of life; a page that dies says nothing, and the hold lapses where it
//! is kept. Nothing of it waits, is written down, or is tried again.

use vigie_core::command::{
    Admission, ClassCode, LIVE_LIFE, LIVE_STOP, LiveBegin, LiveSign, Motion, Refused, Situation, admit, is_live,
};
use vigie_core::equipment::Reach;
use vigie_core::ids::{EquipmentId, LiveId};
use vigie_core::port::MetropolisError;
use vigie_core::submission::{Body, OutcomeStatus, Submission};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::operate::desk;

/// The key that is held here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    live_id: LiveId,
    equipment_id: EquipmentId,
    seq: i64,
}

impl Engine {
    /// A key is held: begins to move the object, or says that it goes on, which way now. Refused at once when it cannot; the
    /// code says why a hold is over.
    pub async fn hold_live(&self, id: EquipmentId, motion: Motion) -> Result<(), EngineError> {
        self.may_act()?;
        if !motion.is_well_formed() {
            return Err(EngineError::BadRequest("a motion has axes that go one way, and one of them moves".to_owned()));
        }
        // One word at a time: what comes while one is on its way is as good as said.
        let Ok(mut held) = self.inner.held.try_lock() else { return Ok(()) };
        if let Some(key) = held.filter(|key| key.equipment_id == id) {
            let seq = key.seq.saturating_add(1);
            let said = self.say_live(LiveSign { live_id: key.live_id, seq, motion }).await;
            *held = said.is_ok().then_some(Held { seq, ..key });
            return said;
        }
        *held = None;
        *held = Some(self.begin_live(id, motion).await?);
        Ok(())
    }

    /// The key was let go. What the metropolis does not hear ends there by itself.
    pub async fn let_go(&self) -> Result<(), EngineError> {
        let held = self.inner.held.lock().await.take();
        match held {
            Some(key) => self.ask(Body::LiveEnd { live_id: key.live_id }).await,
            None => Ok(()),
        }
    }

    async fn say_live(&self, sign: LiveSign) -> Result<(), EngineError> {
        let metropolis = self.metropolis()?;
        let said = tokio::time::timeout(LIVE_LIFE, metropolis.keep_live(&sign)).await;
        match said.unwrap_or(Err(MetropolisError::Deadline))? {
            None => Ok(()),
            Some(over) => Err(EngineError::RefusedThere(format!("live_{over}"))),
        }
    }

    async fn begin_live(&self, id: EquipmentId, motion: Motion) -> Result<Held, EngineError> {
        let begin = self.draft_live(id, motion)?;
        let live_id = begin.live_id;
        let metropolis = self.metropolis()?;
        let submission = [Submission::new(live_id.into(), Body::LiveBegin(begin))];
        // What is answered later than that has lapsed by then.
        let outcomes = tokio::time::timeout(LIVE_STOP, metropolis.submit(&submission)).await;
        let outcomes = outcomes.unwrap_or(Err(MetropolisError::Deadline))?;
        self.inner.look_bell.notify_one();
        match outcomes.into_iter().next() {
            Some(outcome) if outcome.status == OutcomeStatus::Applied => Ok(Held { live_id, equipment_id: id, seq: 0 }),
            Some(outcome) => Err(EngineError::RefusedThere(outcome.code.unwrap_or_default())),
            None => Err(EngineError::NotFound),
        }
    }

    /// What the desk itself refuses: without the whole chain, with a lock, off shift, with clocks that differ (R1, R10, R12).
    fn draft_live(&self, id: EquipmentId, motion: Motion) -> Result<LiveBegin, EngineError> {
        let moment = self.inner.clock.now();
        let elapsed = self.inner.machine.now().boot;
        let state = self.lock();
        let now = state.now(moment);
        let object = state.picture.object(id).ok_or(EngineError::NotFound)?;
        if !is_live(object.equipment.kind) {
            return Err(EngineError::BadRequest(format!("a {} is not moved by a held key", object.equipment.kind)));
        }
        let case = Situation {
            class: ClassCode::L,
            safe_direction: false,
            reach: object.state.as_ref().map_or(Reach::DeviceLost, |s| s.reach),
            fresh: true,
            without_visibility: false,
            reasoned: false,
            locked: state.lock_against(id, false, false).is_some(),
            programme: false,
        };
        if let Admission::Refuse(why) = admit(desk(&state, now, elapsed), case) {
            return Err(EngineError::Refused(why));
        }
        let shift = state.own_shift(now).ok_or(EngineError::Refused(Refused::NoShift))?;
        Ok(LiveBegin {
            live_id: LiveId(self.inner.ids.next()),
            equipment_id: id,
            motion,
            issued_at: now,
            shift_id: shift.shift_id,
            desk_id: shift.desk_id,
        })
    }
}
