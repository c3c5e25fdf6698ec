//! Which desk pilots what (R9): objects taken, selected, handed over, released from here.

use vigie_core::command::Refused;
use vigie_core::ids::{DeskId, EquipmentId, RequestId};
use vigie_core::submission::Body;
use vigie_core::table::{ApprovalRequest, Shift};
use vigie_core::time::Timestamp;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::state::State;

impl Engine {
    /// Takes an object for this shift, or selects it.
    pub async fn take_object(&self, equipment_id: EquipmentId, select: bool) -> Result<(), EngineError> {
        self.may_act()?;
        let Shift { shift_id, person_id: me, .. } = self.shift_here()?;
        self.ask(Body::ObjectTake { equipment_id, shift_id, select }).await?;
        // The lease is the metropolis's: it can be shown once the copy holds it.
        self.until_shown(|engine| {
            let now = engine.now();
            let held = engine.hold(equipment_id).filter(|hold| hold.person_id == me);
            held.is_some_and(|hold| !select || hold.selected_until.is_some_and(|at| at > now))
        })
        .await;
        Ok(())
    }

    /// Selects every object of an approved request at once; until when they are, once the copy shows it.
    pub async fn select_request(&self, request_id: RequestId) -> Result<Option<Timestamp>, EngineError> {
        self.may_act()?;
        let shift_id = self.shift_here()?.shift_id;
        self.ask(Body::RequestSelect { request_id, shift_id }).await?;
        self.until_shown(|engine| engine.selected_until(request_id).is_some()).await;
        Ok(self.selected_until(request_id))
    }

    /// Until when every object of a request is selected from here.
    pub fn selected_until(&self, id: RequestId) -> Option<Timestamp> {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let request = state.procedures.requests.get(&id)?;
        state.selected_until(request, state.now(moment))
    }

    fn shift_here(&self) -> Result<Shift, EngineError> {
        let moment = self.inner.clock.now();
        let state = self.lock();
        state.own_shift(state.now(moment)).cloned().ok_or(EngineError::Refused(Refused::NoShift))
    }

    /// Hands an object over to another desk.
    pub async fn give_object(&self, equipment_id: EquipmentId, to_desk: DeskId) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::ObjectGive { equipment_id, to_desk }).await
    }

    /// Releases an object.
    pub async fn release_object(&self, equipment_id: EquipmentId) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::ObjectRelease { equipment_id }).await
    }
}

impl State {
    /// Until when every object of a request is selected by whoever is signed in here; none when one of them is not.
    pub(crate) fn selected_until(&self, request: &ApprovalRequest, now: Timestamp) -> Option<Timestamp> {
        let me = self.identity.as_ref().and_then(|identity| identity.person_id);
        let leases = request.objects.0.iter().map(|asked| {
            let hold = self.living_hold(asked.equipment_id, now).filter(|hold| Some(hold.person_id) == me);
            hold.and_then(|hold| hold.selected_until).filter(|until| *until >= now)
        });
        leases.collect::<Option<Vec<_>>>()?.into_iter().min()
    }
}
