//! What a person does with commands: prepare, operate, press the key, cancel, close, abandon.

use std::collections::HashMap;
use std::time::Duration;

use vigie_core::command::{
    Action, Admission, ClassCode, CommandEventCode as E, CommandOrder, CommandState as S, Desk, Parameter, Params,
    Procedure, Seen, Situation, action, admit, classify, step,
};
use vigie_core::equipment::{Mode, Quality, Reach, Reading};
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::port::{OutboxEntry, OutboxState};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission};
use vigie_core::time::Timestamp;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::locks::ShownLock;
use crate::observe::Observed;
use crate::state::State;

/// What a command would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Class, surroundings included.
    pub class: ClassCode,
    /// What operating it now would do, visibility waived and reasoned.
    pub admission: Admission,
    /// "Without visibility" and a reason are required.
    pub needs_without_visibility: bool,
    /// What is seen.
    pub seen: Seen,
    /// Who decides what the object does.
    pub mode: Mode,
    /// Phone to call when it is refused out of reach.
    pub phone: Option<String>,
    /// The crew lock that stands against it (R10).
    pub lock: Option<ShownLock>,
    /// It goes in the safe direction (R17).
    pub safe: bool,
}

/// An order as its author gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operate {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect; required where it lasts.
    pub effect_minutes: Option<u64>,
    /// Why.
    pub reason: String,
    /// Said knowing that the value is no precondition.
    pub without_visibility: bool,
    /// What he saw.
    pub seen: Seen,
    /// The intent it takes the place of.
    pub replaces: Option<CommandId>,
    /// With whom: the approval it names, or the words of one who operates alone.
    pub procedure: Procedure,
    /// What its author was told that it would do; none when nobody was told anything.
    pub promised: Option<Admission>,
}

/// A key does what it says, or nothing: what was to be noted is not sent because the link came back in that second, nor the
/// other way round.
pub(crate) fn kept(promised: Option<Admission>, now: Admission) -> Result<(), EngineError> {
    match promised {
        Some(promised) if promised != now => Err(EngineError::LinkTurned),
        _ => Ok(()),
    }
}

impl Engine {
    /// What a command would be, before anyone operates it. Writes nothing.
    pub fn prepare(&self, id: EquipmentId, code: &str, params: &Params) -> Result<Prepared, EngineError> {
        let moment = self.inner.clock.now();
        let elapsed = self.inner.machine.now().boot;
        let state = self.lock();
        let now = state.now(moment);
        let object = state.picture.object(id).ok_or(EngineError::NotFound)?;
        let phone = object.equipment.attributes.get("phone").and_then(|p| p.as_str()).map(str::to_owned);
        let class = class_of(&state, id, code, params);
        let seen = seen(&state, id);
        let mode = object.state.as_ref().map_or(Mode::Programme, |s| s.mode);
        let case = situation(&state, id, (code, params), class, now, true, true);
        let blind = needs_sight(class, case.safe_direction) && (!case.fresh || case.reach != Reach::Reachable);
        let admission = admit(desk(&state, now, elapsed), case);
        let reads = action(code).is_some_and(|a| a.class == ClassCode::A);
        let lock = state.lock_against(id, reads, case.safe_direction);
        Ok(Prepared {
            class,
            admission,
            needs_without_visibility: blind,
            seen,
            mode,
            phone,
            lock,
            safe: case.safe_direction,
        })
    }

    /// Operates: stamps, decides, records; the lane sends. What is refused here leaves no trace but the answer, except a
    /// dangerous order out of reach, which is noted.
    pub async fn operate(&self, asked: Operate) -> Result<OutboxEntry, EngineError> {
        let _in_turn = self.inner.desk.lock().await;
        self.may_act()?;
        let found =
            action(&asked.action).ok_or_else(|| EngineError::BadRequest(format!("no action {}", asked.action)))?;
        if !found.accepts(&asked.params) {
            return Err(EngineError::BadRequest(format!("{} does not take these parameters", asked.action)));
        }
        self.check_again(asked.procedure.approval_id).await?;
        let entry = self.draft(&asked, found)?;
        kept(asked.promised, entry.admission)?;
        if let Some(intent) = asked.replaces
            && self.own(intent)?.state != S::Intent
        {
            return Err(EngineError::MovedOn);
        }
        let event = match entry.admission {
            Admission::Send => E::Submit,
            Admission::Queue => E::Queue,
            Admission::Keep => E::Keep,
            Admission::Note => E::Note,
            Admission::Refuse(why) => return Err(EngineError::Refused(why)),
        };
        // The new order is on disk before what it replaces goes: a disk that fails in between loses neither.
        let entry = self.add(entry, event).await?;
        if let Some(intent) = asked.replaces {
            self.reissue(intent, entry.order.command_id).await?;
        }
        self.supersede_waiting(std::slice::from_ref(&entry)).await?;
        Ok(entry)
    }

    /// The order with its stamps, and what the desk decides.
    fn draft(&self, asked: &Operate, found: &Action) -> Result<OutboxEntry, EngineError> {
        let moment = self.inner.clock.now();
        let elapsed = self.inner.machine.now().boot;
        let state = self.lock();
        let now = state.now(moment);
        let object = state.picture.object(asked.equipment_id).ok_or(EngineError::NotFound)?;
        if object.equipment.kind != found.kind {
            return Err(EngineError::BadRequest(format!(
                "{} is not an action on {}",
                found.code, object.equipment.kind
            )));
        }
        let identity = state.identity.as_ref().ok_or(EngineError::NotReady)?;
        let class = class_of(&state, asked.equipment_id, &asked.action, &asked.params);
        let reasoned = !asked.reason.trim().is_empty();
        let what = (found.code, &asked.params);
        let case = situation(&state, asked.equipment_id, what, class, now, asked.without_visibility, reasoned);
        let admission = admit(desk(&state, now, elapsed), case);
        if let Admission::Refuse(why) = admission {
            return Err(EngineError::Refused(why));
        }
        let shift = state.own_shift(now).ok_or(EngineError::Refused(vigie_core::command::Refused::NoShift))?;
        let issued_at = state.issue(&[asked.equipment_id], now, case.safe_direction);
        let effect_until = effect_end(found, asked.effect_minutes, issued_at)?;
        let order = CommandOrder {
            command_id: CommandId(self.inner.ids.next()),
            equipment_id: asked.equipment_id,
            action: asked.action.clone(),
            params: asked.params.clone(),
            issued_at,
            expires_at: issued_at.plus(class.life()),
            effect_until,
            shift_id: shift.shift_id,
            desk_id: shift.desk_id,
            reason: asked.reason.trim().to_owned(),
            seen: asked.seen.clone(),
            without_visibility: asked.without_visibility,
            procedure: asked.procedure.clone(),
        };
        let event = match admission {
            Admission::Send => E::Submit,
            Admission::Queue => E::Queue,
            Admission::Keep => E::Keep,
            Admission::Note | Admission::Refuse(_) => E::Note,
        };
        let to = step(S::Drafted, event, now, order.expires_at).map_err(|_| EngineError::MovedOn)?;
        Ok(OutboxEntry {
            class,
            admission,
            person_id: shift.person_id,
            role: identity.role,
            state: to,
            detail: (to == S::Noted).then(|| "out_of_reach".to_owned()),
            outbox: if to.is_final() { OutboxState::Done } else { OutboxState::Open },
            reissued_as: None,
            group_id: None,
            position: 0,
            order,
        })
    }

    /// R11: what waits here for the same objects and function gives way to the newest.
    pub(crate) async fn supersede_waiting(&self, newest: &[OutboxEntry]) -> Result<(), EngineError> {
        let taken: HashMap<EquipmentId, CommandId> = newest
            .iter()
            .filter(|e| e.class != ClassCode::A && e.state != S::Noted)
            .map(|e| (e.order.equipment_id, e.order.command_id))
            .collect();
        let waiting = self.entries(|c| {
            c.entry.as_ref().is_some_and(|e| {
                taken.get(&e.order.equipment_id).is_some_and(|by| *by != e.order.command_id)
                    && e.class != ClassCode::A
                    && matches!(e.state, S::Queued | S::AwaitingKey | S::Intent)
            })
        });
        let moves = waiting.into_iter().map(|entry| self.stepped(entry, E::Supersede, OutboxState::Done));
        self.record_each(moves.collect::<Result<_, _>>()?).await
    }

    async fn reissue(&self, intent: CommandId, by: CommandId) -> Result<(), EngineError> {
        let mut entry = self.own(intent)?;
        entry.reissued_as = Some(by);
        let moved = self.move_on(entry, S::Intent, E::Reissue, OutboxState::Done).await?;
        if moved { Ok(()) } else { Err(EngineError::MovedOn) }
    }

    /// The key that a class B waits for after a cut.
    pub async fn press_key(&self, id: CommandId) -> Result<OutboxEntry, EngineError> {
        self.may_act()?;
        let entry = self.own(id)?;
        if entry.state != S::AwaitingKey || !self.is_live() {
            return Err(EngineError::MovedOn);
        }
        self.lock().untried.insert(id);
        self.move_on(entry, S::AwaitingKey, E::Submit, OutboxState::Open).await?;
        self.own(id)
    }

    /// Abandons an intent.
    pub async fn abandon(&self, id: CommandId) -> Result<OutboxEntry, EngineError> {
        let entry = self.own(id)?;
        self.move_on(entry, S::Intent, E::Abandon, OutboxState::Done).await?;
        self.own(id)
    }

    /// Cancels: here if it has not left, else by asking the metropolis.
    pub async fn cancel(&self, id: CommandId, reason: &str) -> Result<(), EngineError> {
        let tracked = self.tracked(id)?;
        if let Some(entry) = tracked.entry.filter(|e| matches!(e.state, S::Queued | S::AwaitingKey)) {
            let from = entry.state;
            self.move_on(entry, from, E::Cancel, OutboxState::Done).await?;
            return Ok(());
        }
        self.ask(Body::CommandCancel { command_id: id, reason: reason.trim().to_owned() }).await
    }

    /// Closes a command without account of its outcome, with a reason.
    pub async fn close(&self, id: CommandId, reason: &str) -> Result<(), EngineError> {
        if reason.trim().is_empty() {
            return Err(EngineError::BadRequest("a reason is needed to close a command".to_owned()));
        }
        // What the metropolis does not know any more is closed here.
        if let Some(entry) = self.tracked(id).ok().filter(|c| c.row.is_none()).and_then(|c| c.entry) {
            let mut entry = entry;
            entry.detail = Some("closed_here".to_owned());
            let from = entry.state;
            return self.move_on(entry, from, E::Close, OutboxState::Done).await.map(|_| ());
        }
        self.ask(Body::CommandClose { command_id: id, reason: reason.trim().to_owned() }).await
    }

    /// A direct submission: nothing is queued, the person hears at once.
    pub(crate) async fn ask(&self, body: Body) -> Result<(), EngineError> {
        let outcome = self.ask_outcome(body).await?;
        match outcome.status {
            OutcomeStatus::Applied => Ok(()),
            _ => Err(EngineError::RefusedThere(outcome.code.unwrap_or_default())),
        }
    }

    /// A direct submission, and all that is answered.
    pub(crate) async fn ask_outcome(&self, body: Body) -> Result<Outcome, EngineError> {
        let metropolis = self.metropolis()?;
        let submission = Submission::new(self.inner.ids.next().into(), body);
        let outcomes = self.in_time(metropolis.submit(&[submission])).await?;
        self.inner.look_bell.notify_one();
        self.tell(Observed::Commands);
        outcomes.into_iter().next().ok_or(EngineError::NotFound)
    }

    fn tracked(&self, id: CommandId) -> Result<crate::state::TrackedCommand, EngineError> {
        self.lock().commands.get(&id).cloned().ok_or(EngineError::NotFound)
    }

    fn own(&self, id: CommandId) -> Result<OutboxEntry, EngineError> {
        self.tracked(id)?.entry.ok_or(EngineError::NotFound)
    }
}

/// R3: what lasts has an end within the longest; what does not last has none.
pub(crate) fn effect_end(
    found: &Action,
    minutes: Option<u64>,
    now: Timestamp,
) -> Result<Option<Timestamp>, EngineError> {
    let Some(longest) = found.max_effect else { return Ok(None) };
    let asked = std::time::Duration::from_secs(minutes.unwrap_or(0).saturating_mul(60));
    if asked.is_zero() || asked > longest {
        return Err(EngineError::BadRequest(format!(
            "the effect must end: between 1 and {} minutes",
            longest.as_secs() / 60
        )));
    }
    Ok(Some(now.plus(asked)))
}

fn class_of(state: &State, id: EquipmentId, code: &str, params: &Params) -> ClassCode {
    let around = state.around(&[id], params);
    classify(action(code), params, around.first().copied().unwrap_or_default())
}

pub(crate) fn desk(state: &State, now: Timestamp, elapsed: Duration) -> Desk {
    Desk {
        link: state.link.state,
        skew_ms: state.skew_ms,
        // The clocks are compared each time the metropolis is heard.
        measured_ago: state.link.heard.map_or(Duration::MAX, |heard| elapsed.saturating_sub(heard)),
        on_shift: state.own_shift(now).is_some(),
    }
}

fn needs_sight(class: ClassCode, safe: bool) -> bool {
    class != ClassCode::A && !safe
}

fn situation(
    state: &State,
    id: EquipmentId,
    (code, params): (&str, &Params),
    class: ClassCode,
    now: Timestamp,
    without_visibility: bool,
    reasoned: bool,
) -> Situation {
    let object = state.picture.object(id);
    let found = action(code);
    let safe_direction = found.is_some_and(|a| a.goes_safe(params));
    let reads = found.is_some_and(|a| a.class == ClassCode::A);
    Situation {
        class,
        safe_direction,
        locked: state.lock_against(id, reads, safe_direction).is_some(),
        programme: found.is_some_and(|a| a.parameter == Parameter::Programme),
        reach: object.and_then(|o| o.state.as_ref()).map_or(Reach::DeviceLost, |s| s.reach),
        fresh: object.is_some_and(|o| !o.is_stale(now)),
        without_visibility,
        reasoned,
    }
}

pub(crate) fn seen(state: &State, id: EquipmentId) -> Seen {
    match state.picture.object(id).and_then(|o| o.state.as_ref()) {
        Some(s) if s.quality != Quality::Never => Seen {
            reading: s.reading.clone(),
            observed_at: s.observed_at,
            version: s.version,
            control_version: s.control_version,
        },
        other => Seen {
            reading: Reading::default(),
            observed_at: None,
            version: other.map_or(0, |s| s.version),
            control_version: other.map_or(0, |s| s.control_version),
        },
    }
}
