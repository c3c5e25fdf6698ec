//! The procedure of dangerous commands at this desk (R6 to R9): what a command needs, what stands around its objects, where
//! requests stand, and what was done alone.

use std::collections::{BTreeSet, HashMap, HashSet};

use vigie_core::command::{
    AROUND_M, Check, CheckSources, ClassCode, CommandState, Known, Near, NothingKnown, Params, RequestState, Stage,
    VALIDATORS, action, check, holds, is_over, moved, needs_second, rings, stage, validator,
};
use vigie_core::geo::Position;
use vigie_core::ids::{CommandId, EquipmentId, PersonId, RequestId};
use vigie_core::port::TableChanges;
use vigie_core::rights::{Role, rights};
use vigie_core::submission::Body;
use vigie_core::table::{ApprovalRequest, BadRow, DeskHold, SoleReview, TableRow};
use vigie_core::time::Timestamp;

use crate::around::{Around, apart};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::state::State;

/// Requests and holds of the local copy, and what stands around objects.
#[derive(Debug, Default)]
pub(crate) struct Procedures {
    pub(crate) requests: HashMap<RequestId, ApprovalRequest>,
    pub(crate) holds: HashMap<EquipmentId, DeskHold>,
    pub(crate) around: Around,
    /// Requests that this desk gave up: they carry nothing from here, whatever the metropolis heard of it.
    pub(crate) given_up: HashSet<RequestId>,
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

impl Engine {
    /// What a command needs besides its key, on an object as it stands.
    pub fn needs(&self, id: EquipmentId, code: &str, params: &Params, class: ClassCode) -> Result<Needs, EngineError> {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let now = state.now(moment);
        let found = action(code).ok_or_else(|| EngineError::BadRequest(format!("no action {code}")))?;
        let me = state.identity.as_ref().and_then(|identity| identity.person_id);
        let hold = state.living_hold(id, now).cloned();
        Ok(Needs {
            second: needs_second(class, found, params) || state.over_count((found, params), class, &[id], now),
            alone: found.sole_allowed && class == ClassCode::D,
            present: state.present_validators(now),
            check: state.look_around(std::iter::once(id), now),
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
                let then = serde_json::from_value::<Check>(request.consequence.clone()).ok();
                // What is over is shown as it was asked.
                let over = then.clone().filter(|_| !request.state.is_open());
                let seen = over.unwrap_or_else(|| state.look_around_for(request, now));
                let selected = state.selected_until(request, now).is_some();
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

    /// Who may be asked, holds a desk and is somebody else, in order: names.
    pub(crate) fn present_validators(&self, now: Timestamp) -> Vec<String> {
        let me = self.identity.as_ref().and_then(|identity| identity.person_id);
        let present = VALIDATORS.iter().flat_map(|v| {
            let sits = self.open_shifts(now).filter(move |s| s.role == v.role && Some(s.person_id) != me);
            sits.filter_map(|s| self.persons.get(&s.person_id).cloned())
        });
        present.collect()
    }

    pub(crate) fn living_hold(&self, id: EquipmentId, now: Timestamp) -> Option<&DeskHold> {
        let hold = self.procedures.holds.get(&id)?;
        holds(hold, self.shifts.get(&hold.shift_id.0), now).then_some(hold)
    }

    /// What a command on these objects would do, and what stands around them, for whoever is signed in here.
    pub(crate) fn look_around(&self, objects: impl Iterator<Item = EquipmentId>, now: Timestamp) -> Check {
        let me = self.identity.as_ref().and_then(|identity| identity.person_id);
        self.look_around_as(me, objects, now)
    }

    /// As the request's author sees it: his own hold is no other desk.
    pub(crate) fn look_around_for(&self, request: &ApprovalRequest, now: Timestamp) -> Check {
        self.look_around_as(Some(request.person_id), request.objects.0.iter().map(|asked| asked.equipment_id), now)
    }

    fn look_around_as(
        &self,
        me: Option<PersonId>,
        objects: impl Iterator<Item = EquipmentId>,
        now: Timestamp,
    ) -> Check {
        let under_way = self.under_way();
        let near: Vec<Near> = objects.filter_map(|id| self.near(id, me, &under_way, now)).collect();
        check(&near, &Crews(self))
    }

    /// What is under way on each object, reads aside: actions, each once.
    fn under_way(&self) -> HashMap<EquipmentId, BTreeSet<&str>> {
        use CommandState as S;
        let mut under_way: HashMap<EquipmentId, BTreeSet<&str>> = HashMap::new();
        for command in self.commands.values() {
            if !command.state().is_some_and(|s| matches!(s, S::Accepted | S::Dispatching | S::Dispatched)) {
                continue;
            }
            let code = command.row.as_ref().map(|r| &r.action).or(command.entry.as_ref().map(|e| &e.order.action));
            let code = code.filter(|code| action(code).is_none_or(|a| a.class != ClassCode::A));
            if let (Some(id), Some(code)) = (command.equipment_id(), code) {
                under_way.entry(id).or_default().insert(code);
            }
        }
        under_way
    }

    fn near(
        &self,
        id: EquipmentId,
        me: Option<PersonId>,
        under_way: &HashMap<EquipmentId, BTreeSet<&str>>,
        now: Timestamp,
    ) -> Option<Near> {
        let object = &self.picture.object(id)?.equipment;
        let at = Position { lon: object.lon, lat: object.lat };
        let around = &self.procedures.around;
        let other = self.living_hold(id, now).filter(|hold| Some(hold.person_id) != me);
        Some(Near {
            at,
            kind: object.kind,
            street: (!object.street.is_empty()).then(|| (object.insee_code.clone(), object.street.clone())),
            trams: around.trams(at),
            floods: around.floods(at),
            cctv: around.cctv(at),
            cameras: around.cameras(at, id),
            other_desk: other.map(|hold| self.desks.get(&hold.desk_id).cloned().unwrap_or_default()),
            under_way: under_way.get(&id).into_iter().flatten().map(|code| (*code).to_owned()).collect(),
        })
    }
}
