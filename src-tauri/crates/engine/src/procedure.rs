//! The procedure of dangerous commands at this desk (R6 to R9): looking around, asking a second person, answering one, selecting,
//! piloting, and what was done alone.
//!
//! Nothing of it waits here: what the metropolis does not answer was not asked.

use std::collections::{HashMap, HashSet};

use std::time::Duration;

use vigie_core::command::{
    AROUND_M, Answer, Ask, AskedObject, AskedObjects, Check, CheckSources, ClassCode, CommandState, Known, Near,
    NothingKnown, Params, RequestState, Seen, Stage, VALIDATORS, VoidReason, action, check, holds, is_over, moved,
    needs_second, rings, stage, validator,
};
use vigie_core::geo::Position;
use vigie_core::ids::{CommandId, DeskId, EquipmentId, RequestId};
use vigie_core::port::TableChanges;
use vigie_core::rights::{Role, rights};
use vigie_core::submission::Body;
use vigie_core::table::{ApprovalRequest, BadRow, DeskHold, SoleReview, TableRow};
use vigie_core::time::Timestamp;

use crate::around::{Around, apart};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::operate::Operate;
use crate::state::State;

/// Requests and holds of the local copy, and what stands around objects.
#[derive(Debug, Default)]
pub(crate) struct Procedures {
    pub(crate) requests: HashMap<RequestId, ApprovalRequest>,
    pub(crate) holds: HashMap<EquipmentId, DeskHold>,
    pub(crate) around: Around,
    /// Requests that this desk gave up: they carry nothing from here, whatever the metropolis heard of it.
    given_up: HashSet<RequestId>,
}

impl Procedures {
    pub(crate) fn load(&mut self, requests: Vec<ApprovalRequest>, holds: Vec<DeskHold>, around: Around) {
        self.requests = requests.into_iter().map(|row| (row.request_id, row)).collect();
        self.holds = holds.into_iter().map(|row| (row.equipment_id, row)).collect();
        self.around = around;
    }

    /// Whether a request is open, or was until a moment ago: its time runs before everyone's eyes.
    pub(crate) fn waits(&self, now: Timestamp) -> bool {
        let lately = |r: &ApprovalRequest| r.state.is_open() || now.since(r.asked_at) < KEPT;
        self.requests.values().any(|r| lately(r) && r.approval_until.is_none_or(|until| until.plus(LATELY) >= now))
    }

    /// Takes in what changed, if it is of procedures; says whether it was.
    pub(crate) fn take(&mut self, table: &TableChanges) -> Result<bool, BadRow> {
        match table.table.name {
            name if name == ApprovalRequest::SPEC.name => {
                for key in &table.deleted {
                    self.requests.remove(&RequestId(*key));
                }
                for row in &table.rows {
                    let row = ApprovalRequest::from_row(row)?;
                    self.requests.insert(row.request_id, row);
                }
            }
            name if name == DeskHold::SPEC.name => {
                for key in &table.deleted {
                    self.holds.remove(&EquipmentId(*key));
                }
                for row in &table.rows {
                    let row = DeskHold::from_row(row)?;
                    self.holds.insert(row.equipment_id, row);
                }
            }
            name if name == SoleReview::SPEC.name => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A request as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownRequest {
    /// What the metropolis says.
    pub request: ApprovalRequest,
    /// Asked from here.
    pub mine: bool,
    /// Where it stands for its author.
    pub stage: Stage,
    /// It rings at this desk now: somebody here may answer, and it is his turn.
    pub rings: bool,
    /// Somebody here may answer.
    pub may_answer: bool,
    /// What this desk sees around it now.
    pub check: Check,
    /// What it would do, or what speaks against it, is no longer what was asked.
    pub moved: bool,
}

/// What a prepared command needs besides its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Needs {
    /// A second person.
    pub second: bool,
    /// One person may operate it, as agreed beforehand, when nobody answers.
    pub alone: bool,
    /// Who may be asked and holds a desk, in order: names.
    pub present: Vec<String>,
    /// What stands around.
    pub check: Check,
    /// The desk that pilots the object.
    pub hold: Option<DeskHold>,
    /// The hold is another person's.
    pub held_by_other: bool,
}

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

/// How long a desk waits for its copy to hold the lease that it was given: so many looks, so far apart.
const LOOKS: u32 = 60;
const LOOK: Duration = Duration::from_millis(50);

impl Engine {
    /// What a command needs besides its key, on an object as it stands.
    pub fn needs(&self, id: EquipmentId, code: &str, params: &Params, class: ClassCode) -> Result<Needs, EngineError> {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let now = state.now(moment);
        let found = action(code).ok_or_else(|| EngineError::BadRequest(format!("no action {code}")))?;
        let me = state.identity.as_ref().and_then(|identity| identity.person_id);
        let hold = state.living_hold(id, now).cloned();
        let present = VALIDATORS.iter().flat_map(|v| {
            let sits = state.open_shifts(now).filter(|s| s.role == v.role && Some(s.person_id) != me);
            sits.filter_map(|s| state.persons.get(&s.person_id).cloned()).collect::<Vec<_>>()
        });
        Ok(Needs {
            second: needs_second(class, found, params),
            alone: found.sole_allowed && class == ClassCode::D,
            present: present.collect(),
            check: state.look_around(id, now),
            held_by_other: hold.as_ref().is_some_and(|hold| Some(hold.person_id) != me),
            hold,
        })
    }

    /// The living hold on an object.
    pub fn hold(&self, id: EquipmentId) -> Option<DeskHold> {
        let moment = self.inner.clock.now();
        let state = self.lock();
        state.living_hold(id, state.now(moment)).cloned()
    }

    /// Who approved under a request, if somebody did.
    pub fn approver(&self, id: RequestId) -> Option<String> {
        let state = self.lock();
        let request = state.procedures.requests.get(&id)?;
        let approved = matches!(request.state, RequestState::Approved | RequestState::Used);
        request.approver_id.filter(|_| approved).and_then(|id| state.persons.get(&id).cloned())
    }

    /// Shifts that hold a desk now, by desk.
    pub fn held_desks(&self, now: Timestamp) -> Vec<vigie_core::table::Shift> {
        let state = self.lock();
        let mut held: Vec<_> = state.open_shifts(now).cloned().collect();
        held.sort_by_key(|shift| (shift.desk_id, shift.shift_id));
        held.dedup_by_key(|shift| shift.desk_id);
        held
    }

    /// Requests that are open, and those of this desk that ended a short while ago, the newest first.
    pub fn requests(&self) -> Vec<ShownRequest> {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let now = state.now(moment);
        let Some(identity) = &state.identity else { return Vec::new() };
        let (me, role) = (identity.person_id, identity.role);
        let has_shift = state.own_shift(now).is_some();
        let may = validator(role).is_some_and(|v| !v.needs_shift || has_shift);
        let mut shown: Vec<ShownRequest> = state
            .procedures
            .requests
            .values()
            .filter(|r| r.state.is_open() || Some(r.person_id) == me && now.since(r.asked_at) < KEPT)
            .map(|request| {
                let mine = Some(request.person_id) == me;
                let open = request.state == RequestState::Asked && !is_over(request, now);
                let may_answer = open && !mine && may && me.is_some();
                let present =
                    |of: Role| state.open_shifts(now).any(|s| s.role == of && s.person_id != request.person_id);
                let seen = state.look_around_all(request, now);
                let then = serde_json::from_value::<Check>(request.consequence.clone()).ok();
                let selected = request.objects.0.iter().all(|asked| {
                    let hold = state.living_hold(asked.equipment_id, now);
                    hold.is_some_and(|h| Some(h.person_id) == me && h.selected_until.is_some_and(|until| until >= now))
                });
                let given_up = state.procedures.given_up.contains(&request.request_id);
                ShownRequest {
                    mine,
                    stage: if given_up { Stage::Over } else { stage(true, Some(request), selected, now) },
                    rings: may_answer && rings(role, now.since(request.asked_at), present),
                    may_answer,
                    moved: then.is_none_or(|then| moved(&then, &seen)),
                    check: seen,
                    request: request.clone(),
                }
            })
            .collect();
        shown.sort_by_key(|shown| std::cmp::Reverse((shown.request.asked_at, shown.request.request_id)));
        shown
    }

    /// Asks a second person to approve one command.
    pub async fn ask_second(&self, asked: AskSecond) -> Result<RequestId, EngineError> {
        self.may_act()?;
        let moment = self.inner.clock.now();
        let ask = {
            let state = self.lock();
            let now = state.now(moment);
            let shift = state.own_shift(now).ok_or(EngineError::Refused(vigie_core::command::Refused::NoShift))?;
            let found =
                action(&asked.action).ok_or_else(|| EngineError::BadRequest(format!("no action {}", asked.action)))?;
            let minutes = found.max_effect.map(|_| asked.effect_minutes.unwrap_or(0));
            Ask {
                request_id: RequestId(self.inner.ids.next()),
                objects: AskedObjects(vec![AskedObject {
                    equipment_id: asked.equipment_id,
                    control_version: asked.seen.control_version,
                }]),
                action: asked.action.clone(),
                params: asked.params.clone(),
                effect_s: minutes.map(|m| i64::try_from(m.saturating_mul(60)).unwrap_or(i64::MAX)),
                shift_id: shift.shift_id,
                desk_id: shift.desk_id,
                reason: asked.reason.trim().to_owned(),
                consequence: serde_json::to_value(state.look_around(asked.equipment_id, now))
                    .map_err(|error| EngineError::BadRequest(error.to_string()))?,
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

    /// Takes an object for this shift, or selects it.
    pub async fn take_object(&self, equipment_id: EquipmentId, select: bool) -> Result<(), EngineError> {
        self.may_act()?;
        let moment = self.inner.clock.now();
        let (shift_id, me) = {
            let state = self.lock();
            let shift = state.own_shift(state.now(moment));
            let shift = shift.ok_or(EngineError::Refused(vigie_core::command::Refused::NoShift))?;
            (shift.shift_id, shift.person_id)
        };
        self.ask(Body::ObjectTake { equipment_id, shift_id, select }).await?;
        // The lease is the metropolis's: it can be shown once the copy holds it.
        for _ in 0..LOOKS {
            let now = self.now();
            let shown =
                |hold: DeskHold| hold.person_id == me && (!select || hold.selected_until.is_some_and(|at| at > now));
            if self.hold(equipment_id).is_some_and(shown) {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
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

    /// What one person did alone, as far as this account may read it: what is not reviewed yet first.
    pub async fn sole_reviews(&self) -> Result<Vec<SoleReview>, EngineError> {
        let may = self.lock().identity.as_ref().is_some_and(|i| rights().may_read(i.role, SoleReview::SPEC.name));
        if !may {
            return Ok(Vec::new());
        }
        let rows = self.inner.replica.scan(&SoleReview::SPEC).await?;
        let mut reviews = rows.iter().map(|(_, row)| SoleReview::from_row(row)).collect::<Result<Vec<_>, _>>()?;
        reviews.sort_by_key(|review| (review.reviewed_at.is_some(), review.due_at));
        Ok(reviews)
    }

    /// Says what was found about what another did alone.
    pub async fn review_sole(&self, review_id: CommandId, finding: &str) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::SoleReview { review_id, finding: finding.trim().to_owned() }).await
    }

    /// What the metropolis would refuse anyhow is refused here, before it is on its way; and what moved since it was approved
    /// voids the approval (R6).
    pub(crate) async fn check_again(&self, asked: &Operate) -> Result<(), EngineError> {
        let Some(id) = asked.procedure.approval_id else { return Ok(()) };
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
                then.is_none_or(|then| moved(&then, &state.look_around_all(request, now)))
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

/// Own requests that are over are shown for so long.
const KEPT: std::time::Duration = std::time::Duration::from_mins(10);
/// After its time, a request is looked at once more for so long.
const LATELY: std::time::Duration = std::time::Duration::from_secs(3);

/// Crews by their locks; of works, buses and events nobody tells yet.
struct Crews<'a>(&'a State);

impl CheckSources for Crews<'_> {
    fn crews(&self, at: Position) -> Known {
        let near = self.0.locks.standing().filter(|lock| {
            self.0.picture.object(lock.equipment_id).is_some_and(|object| {
                let there = Position { lon: object.equipment.lon, lat: object.equipment.lat };
                apart(at, there) <= AROUND_M
            })
        });
        Known::Told(near.map(|lock| lock.place.clone()).collect())
    }
    fn works(&self, at: Position) -> Known {
        NothingKnown.works(at)
    }
    fn bus_lines(&self, at: Position) -> Known {
        NothingKnown.bus_lines(at)
    }
    fn events(&self, at: Position) -> Known {
        NothingKnown.events(at)
    }
}

impl State {
    fn open_shifts(&self, now: Timestamp) -> impl Iterator<Item = &vigie_core::table::Shift> {
        self.shifts.values().filter(move |s| s.closed_at.is_none() && s.ends_at > now)
    }

    pub(crate) fn living_hold(&self, id: EquipmentId, now: Timestamp) -> Option<&DeskHold> {
        let hold = self.procedures.holds.get(&id)?;
        holds(hold, self.shifts.get(&hold.shift_id.0), now).then_some(hold)
    }

    /// What stands around one object.
    pub(crate) fn look_around(&self, id: EquipmentId, now: Timestamp) -> Check {
        let near: Vec<Near> = self.near(id, now).into_iter().collect();
        check(&near, &Crews(self))
    }

    fn look_around_all(&self, request: &ApprovalRequest, now: Timestamp) -> Check {
        let near: Vec<Near> =
            request.objects.0.iter().filter_map(|asked| self.near_for(asked.equipment_id, request, now)).collect();
        check(&near, &Crews(self))
    }

    /// As the request's author sees it: his own hold is no other desk.
    fn near_for(&self, id: EquipmentId, request: &ApprovalRequest, now: Timestamp) -> Option<Near> {
        self.near_seen_by(id, Some(request.person_id), now)
    }

    fn near(&self, id: EquipmentId, now: Timestamp) -> Option<Near> {
        let me = self.identity.as_ref().and_then(|identity| identity.person_id);
        self.near_seen_by(id, me, now)
    }

    fn near_seen_by(&self, id: EquipmentId, me: Option<vigie_core::ids::PersonId>, now: Timestamp) -> Option<Near> {
        let object = &self.picture.object(id)?.equipment;
        let at = Position { lon: object.lon, lat: object.lat };
        let around = &self.procedures.around;
        let other = self.living_hold(id, now).filter(|hold| Some(hold.person_id) != me);
        let under_way = self.commands.values().filter(|c| {
            c.equipment_id() == Some(id)
                && c.state().is_some_and(|s| {
                    matches!(s, CommandState::Accepted | CommandState::Dispatching | CommandState::Dispatched)
                })
        });
        let mut under_way: Vec<String> = under_way
            .filter_map(|c| c.row.as_ref().map(|r| &r.action).or(c.entry.as_ref().map(|e| &e.order.action)))
            .filter(|code| action(code).is_none_or(|a| a.class != ClassCode::A))
            .cloned()
            .collect();
        under_way.sort_unstable();
        Some(Near {
            at,
            kind: object.kind,
            street: (!object.street.is_empty()).then(|| (object.insee_code.clone(), object.street.clone())),
            trams: around.trams(at),
            floods: around.floods(at),
            cctv: around.cctv(at),
            cameras: around.cameras(at, id),
            other_desk: other.map(|hold| self.desks.get(&hold.desk_id).cloned().unwrap_or_default()),
            under_way,
        })
    }
}
