//! Random stories told to two metropolises: every outcome and every row must be the same.

mod moves;

use std::time::Duration;

use serde_json::{Value, json};
use vigie_core::command::{
    Answer, Ask, AskedGroup, AskedObject, AskedObjects, ChosenBy, ClassCode, CommandEventCode, CommandOrder,
    CommandState as S, Excluded, Exclusion, GroupOrder, Member, Params, Procedure, Sole, SoleReason, VoidReason,
    actions,
};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, GroupId, PersonId, RecordId, RequestId, ShiftId, SubmissionId};
use vigie_core::lock::{HolderSaid, LockAsk, LockCall};
use vigie_core::record::Signed;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Outcome, StateReport, Submission};
use vigie_core::time::Timestamp;
use vigie_training::city::City;

use super::mirror::Mirror;
use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR};
use super::{BORN, Fixture, city};
pub use moves::{Move, Observation, Operation, Writing, stories};

const AUTHORS: &[&str] = &[OPERATOR, COLLEAGUE, SUPERVISOR, "l.moreau", "r.roy", "m.garnier", "gateway", "house"];
/// Objects that a story plays with: few, so that its moves meet.
const OBJECTS: usize = 7;

/// What a story left: every outcome in order, and every row.
#[derive(Debug, PartialEq)]
pub struct Told {
    /// Outcomes, or how many effects were marked.
    pub answers: Vec<String>,
    /// Rows as a supervisor reads them.
    pub rows: std::collections::BTreeMap<&'static str, Vec<String>>,
}

/// Tells a story to a metropolis.
pub async fn tell(fixture: &dyn Fixture, moves: &[Move]) -> Told {
    let mut teller = Teller::new(Room::new(fixture, city()).await);
    let mut answers = Vec::new();
    for a_move in moves {
        answers.extend(teller.play(a_move).await);
    }
    let supervisor = fixture.session(SUPERVISOR).await;
    let (mirror, _) = Mirror::copy(&*supervisor).await.expect("a copy");
    // Kept by the operator, who does not read all that a supervisor does.
    let (fresh, _) = Mirror::copy(&*fixture.session(OPERATOR).await).await.expect("a copy");
    let kept = teller.room.pull().await.plain();
    assert_eq!(kept, fresh.plain(), "the copy kept by changes is the fresh one");
    Told { answers, rows: mirror.plain() }
}

struct Teller<'a> {
    room: Room<'a>,
    objects: Vec<(EquipmentId, EquipmentKind)>,
    commands: Vec<CommandOrder>,
    groups: Vec<GroupId>,
    shifts: Vec<ShiftId>,
    locks: Vec<RecordId>,
    requests: Vec<RequestId>,
    sent: Vec<(usize, Submission)>,
}

impl<'a> Teller<'a> {
    fn new(room: Room<'a>) -> Self {
        let objects = objects(&room.city);
        let shifts = room.city.shifts.iter().map(|s| s.shift_id).collect();
        let (groups, locks, requests) = (Vec::new(), Vec::new(), Vec::new());
        Self { room, objects, commands: Vec::new(), groups, shifts, locks, requests, sent: Vec::new() }
    }

    async fn play(&mut self, a_move: &Move) -> Vec<String> {
        match a_move {
            Move::Operate(operation) => {
                let order = self.order(operation).await;
                self.commands.push(order.clone());
                vec![self.send(operation.author, Submission::command(order)).await]
            }
            Move::OperateAll { shared, objects, moved } => {
                let group = self.group(shared, *objects, *moved).await;
                self.groups.push(group.group_id);
                self.commands.extend(group.members.iter().map(|m| group.order_of(m)));
                vec![self.send(shared.author, Submission::group(group)).await]
            }
            Move::Write { author, what } => {
                let Some((author, body)) = self.body(*author, what).await else { return Vec::new() };
                let submission = Submission::new(SubmissionId(self.room.fresh()), body);
                vec![self.send(author, submission).await]
            }
            Move::Report(observations) => {
                let mut states = Vec::new();
                for observation in observations {
                    states.push(self.state(observation).await);
                }
                let gateway = AUTHORS.iter().position(|a| *a == "gateway").unwrap_or(0);
                let submission = Submission::new(SubmissionId(self.room.fresh()), Body::Report { states });
                vec![self.send(gateway, submission).await]
            }
            Move::Again(which) => match self.sent.get(which % self.sent.len().max(1)).cloned() {
                Some((author, submission)) => vec![self.send(author, submission).await],
                None => Vec::new(),
            },
            Move::Settle(which) => {
                let ids: Vec<SubmissionId> = which
                    .iter()
                    .map(|n| match self.sent.get(n % (self.sent.len() + 1)) {
                        Some((_, submission)) => submission.submission_id,
                        None => SubmissionId(self.room.fresh()),
                    })
                    .collect();
                let outcomes = self.room.session(OPERATOR).await.settle(&ids).await.expect("the metropolis answers");
                outcomes.iter().map(plain).collect()
            }
            Move::Wait(ms) => {
                self.room.wait(Duration::from_millis(*ms)).await;
                Vec::new()
            }
            Move::MarkOverdue => vec![format!("overdue {}", self.room.fixture.mark_overdue_effects().await)],
        }
    }

    async fn send(&mut self, author: usize, submission: Submission) -> String {
        self.sent.push((author, submission.clone()));
        plain(&self.room.submit(AUTHORS[author], submission).await)
    }

    async fn order(&mut self, op: &Operation) -> CommandOrder {
        let (object, kind) = self.objects[op.object];
        let fitting: Vec<_> = actions().iter().filter(|a| a.kind == kind).collect();
        // One in ten belongs to another kind, or to none.
        let action = if op.action.is_multiple_of(10) { actions().get(op.action / 10 % actions().len()) } else { None };
        let action = action.or_else(|| fitting.get(op.action % fitting.len().max(1)).copied());
        let login = AUTHORS[op.author];
        let code = action.map_or("street_light.unheard_of", |a| a.code);
        let mut order = self.room.order(login, object, code, params(code, op.level)).await;
        let life = order.expires_at.offset_from(order.issued_at);
        (order.issued_at, order.expires_at) = match op.life {
            0 => (order.issued_at, order.expires_at),
            1 => (order.issued_at, Timestamp(order.expires_at.0 + 1)),
            2 => (Timestamp(order.issued_at.0 - life - 1), Timestamp(order.expires_at.0 - life - 1)),
            3 => (Timestamp(order.issued_at.0 + 30_001), Timestamp(order.expires_at.0 + 30_001)),
            _ => (Timestamp(BORN.0 - 1), order.expires_at),
        };
        order.effect_until = match op.end {
            0 => order.effect_until,
            1 => None,
            2 => Some(order.issued_at),
            3 => Some(Timestamp(order.issued_at.0 + 45_000)),
            _ => Some(Timestamp(order.issued_at.0 + 12 * 3_600_000 + 1)),
        };
        order.seen.control_version += op.seen;
        if let Some(reasoned) = op.blind {
            order.without_visibility = true;
            order.reason = if reasoned { "à l'aveugle".into() } else { " ".into() };
        }
        let named = self.requests.last().copied();
        let alone = || Sole { reason: SoleReason::Fire, caller: "SDIS 21".into(), phone: "18".into() };
        order.procedure = match op.procedure {
            1 => Procedure { approval_id: named, sole: None },
            2 => Procedure { approval_id: named, sole: Some(alone()) },
            3 => Procedure { approval_id: None, sole: Some(alone()) },
            _ => Procedure::default(),
        };
        if op.foreign_shift {
            order.shift_id = self.shifts[op.action % self.shifts.len()];
        }
        order
    }

    /// A group of the first objects from one on, all asked the same: some are of another kind than the action.
    async fn group(&mut self, op: &Operation, objects: usize, moved: Option<usize>) -> GroupOrder {
        let shared = self.order(op).await;
        let mut members = Vec::new();
        for (n, (object, _)) in self.objects.clone().into_iter().enumerate().skip(op.object).take(objects) {
            let order = self.room.order(AUTHORS[op.author], object, &shared.action, json!({})).await;
            let mut seen = order.seen;
            seen.control_version += i64::from(moved == Some(n));
            members.push(Member { command_id: order.command_id, equipment_id: object, seen });
        }
        GroupOrder {
            group_id: GroupId(self.room.fresh()),
            action: shared.action,
            params: shared.params,
            issued_at: shared.issued_at,
            expires_at: shared.expires_at,
            effect_until: shared.effect_until,
            shift_id: shared.shift_id,
            desk_id: shared.desk_id,
            reason: shared.reason,
            chosen: ChosenBy::Hand,
            chosen_name: String::new(),
            members,
            excluded: Vec::new(),
            approval_id: shared.procedure.approval_id,
        }
    }

    async fn body(&mut self, author: usize, what: &Writing) -> Option<(usize, Body)> {
        let known = |name: &str| AUTHORS.iter().position(|a| *a == name);
        let (gateway, house) = (known("gateway")?, known("house").unwrap_or(author));
        let count = self.commands.len().max(1);
        let command = |n: &usize| self.commands.get(n % count).map(|c| c.command_id);
        Some(match what {
            Writing::Onwards(n) => {
                let command_id = command(n)?;
                let state = self.room.pull().await.one::<vigie_core::table::Command>(command_id.0).ok()??.state;
                let event = match state {
                    S::Accepted => CommandEventCode::StartDispatch,
                    S::Dispatching => CommandEventCode::Publish,
                    S::Dispatched if n % 7 == 0 => CommandEventCode::Fail,
                    S::Dispatched => CommandEventCode::Execute,
                    S::Executed => CommandEventCode::Silence,
                    S::Unknown => CommandEventCode::LateDone,
                    _ => return None,
                };
                let author = if event == CommandEventCode::Silence { house } else { gateway };
                (author, Body::Progress { command_id, event, detail: (n % 3 == 0).then(|| "busy".to_owned()) })
            }
            Writing::Progress(n, event) => {
                let command_id = command(n).unwrap_or(CommandId(self.room.fresh()));
                (author, Body::Progress { command_id, event: CommandEventCode::ALL[*event], detail: None })
            }
            Writing::Cancel(n) => (author, Body::CommandCancel { command_id: command(n)?, reason: "non".into() }),
            Writing::Stop(n) => {
                let group_id = *self.groups.get(n % self.groups.len().max(1))?;
                (author, Body::CommandGroupStop { group_id, reason: "non".into() })
            }
            Writing::Close(n, reasoned) => {
                let reason = if *reasoned { "vu".to_owned() } else { " ".to_owned() };
                (author, Body::CommandClose { command_id: command(n)?, reason })
            }
            Writing::OpenShift(minutes) => {
                let shift_id = ShiftId(self.room.fresh());
                self.shifts.push(shift_id);
                let ends_at = Timestamp(self.room.now().await.0 + minutes * 60_000);
                let desk_id = self.room.city.desks.first().map_or(DeskId(shift_id.0), |d| d.desk_id);
                (author, Body::ShiftOpen { shift_id, desk_id, ends_at })
            }
            Writing::Ask(object, n) => (author, self.ask(author, *object, *n).await?),
            Writing::AskMany(object, n) => (author, self.ask_many(author, *object, *n).await?),
            Writing::Select(n) => {
                let shift_id = self.room.shift(AUTHORS[author]).0;
                (author, Body::RequestSelect { request_id: self.request(*n), shift_id })
            }
            Writing::Answer(n, approves) => {
                let shift_id = Some(self.room.shift(AUTHORS[author]).0).filter(|id| !id.0.is_nil());
                let request_id = self.request(*n);
                (author, Body::ApprovalAnswer(Answer { request_id, approves: *approves, shift_id }))
            }
            Writing::Extend(n) => (author, Body::ApprovalExtend { request_id: self.request(*n) }),
            Writing::Withdraw(n) => {
                let reason = VoidReason::ALL[n % VoidReason::ALL.len()];
                (author, Body::ApprovalWithdraw { request_id: self.request(*n), reason })
            }
            Writing::Take(object, select) => {
                let (equipment_id, shift_id) = (self.objects[*object].0, self.room.shift(AUTHORS[author]).0);
                (author, Body::ObjectTake { equipment_id, shift_id, select: *select })
            }
            Writing::Give(object, n) => {
                let to_desk = self.room.city.desks[n % self.room.city.desks.len()].desk_id;
                (author, Body::ObjectGive { equipment_id: self.objects[*object].0, to_desk })
            }
            Writing::Release(object) => (author, Body::ObjectRelease { equipment_id: self.objects[*object].0 }),
            Writing::Look(n) => (author, Body::SoleReview { review_id: command(n)?, finding: "vu".into() }),
            Writing::CloseShift(n) => (author, Body::ShiftClose { shift_id: self.shifts[n % self.shifts.len()] }),
            Writing::AskLock(object, by_holder) => {
                let written = self.lock(author, *object, *by_holder).await;
                self.locks.push(written.lock_id);
                (author, Body::LockAsk(Signed { written, seal: None }))
            }
            Writing::LiftLock(n) => (author, Body::LockLift { lock_id: *self.locks.get(n % self.locks.len().max(1))? }),
            Writing::ForceLift(n, called) => {
                let call = LockCall {
                    called_at: self.room.now().await,
                    number: "06".into(),
                    said: HolderSaid::NoAnswer,
                    words: "vu sur place".into(),
                };
                let lock_id = *self.locks.get(n % self.locks.len().max(1))?;
                (author, Body::LockForceLift { lock_id, call: called.then_some(call) })
            }
        })
    }

    async fn lock(&mut self, author: usize, object: usize, by_holder: bool) -> LockAsk {
        let account = self.room.city.accounts.iter().find(|a| a.login == AUTHORS[author]);
        let person_id = account.and_then(|a| a.person_id).unwrap_or(PersonId(uuid::Uuid::nil()));
        let (written_at, lock_id) = (self.room.now().await, RecordId(self.room.fresh()));
        LockAsk {
            lock_id,
            equipment_id: self.objects[object].0,
            holder: "Karim".into(),
            phone: "06".into(),
            place: "ici".into(),
            reason: "travaux".into(),
            by_holder,
            expected_end: written_at.plus(Duration::from_secs(3_600)),
            written_at,
            desk_id: None,
            shift_id: None,
            person_id,
            role: Role::RemoteOperator,
        }
    }

    /// A request on several objects of one kind, from one on.
    async fn ask_many(&mut self, author: usize, object: usize, n: usize) -> Option<Body> {
        let Some(Body::ApprovalRequest(mut ask)) = self.ask(author, object, n).await else { return None };
        let kind = self.objects[object].1;
        for (equipment_id, _) in self.objects.clone().into_iter().skip(object + 1).filter(|(_, of)| *of == kind) {
            let control_version = self.room.state(equipment_id).await.map_or(0, |s| s.control_version);
            ask.objects.0.push(AskedObject { equipment_id, control_version });
        }
        let excluded = vec![Exclusion { equipment_id: self.objects[0].0, reason: Excluded::LeftOut }];
        ask.about = Some(AskedGroup { chosen: ChosenBy::Hand, chosen_name: String::new(), excluded });
        Some(Body::ApprovalRequest(ask))
    }

    /// A request made before, or one that nobody made.
    fn request(&mut self, n: usize) -> RequestId {
        let made = self.requests.get(n % (self.requests.len() + 1)).copied();
        made.unwrap_or_else(|| RequestId(self.room.fresh()))
    }

    async fn ask(&mut self, author: usize, object: usize, n: usize) -> Option<Body> {
        let (equipment_id, kind) = self.objects[object];
        let grave = actions().iter().filter(|a| a.kind == kind && a.class >= ClassCode::C && a.class != ClassCode::L);
        let action = grave.clone().nth(n % grave.count().max(1))?;
        let control_version = self.room.state(equipment_id).await.map_or(0, |s| s.control_version);
        let (shift_id, desk_id) = self.room.shift(AUTHORS[author]);
        let request_id = RequestId(self.room.fresh());
        self.requests.push(request_id);
        Some(Body::ApprovalRequest(Ask {
            request_id,
            objects: AskedObjects(vec![AskedObject { equipment_id, control_version }]),
            action: action.code.into(),
            params: Params::from(params(action.code, 3)),
            effect_s: action.max_effect.map(|_| if n.is_multiple_of(5) { 600 } else { 3_600 }),
            shift_id,
            desk_id,
            reason: "essai".into(),
            consequence: json!({"objects": 1}),
            about: None,
        }))
    }

    async fn state(&mut self, seen: &Observation) -> StateReport {
        let (equipment_id, kind) = self.objects[seen.object];
        let now = self.room.now().await;
        // Half of the time, what the newest command on the object asked is what the object shows.
        let asked = self.commands.iter().rev().find(|c| seen.follow && c.equipment_id == equipment_id).cloned();
        let mut reading = reading(kind, seen.level);
        let mode = if asked.is_some() { Mode::Override } else { Mode::ALL[seen.mode] };
        if let Some(order) = &asked {
            reading.0.extend(order.params.0.clone());
        }
        let overridden = mode == Mode::Override;
        StateReport {
            equipment_id,
            reading,
            quality: if seen.odd { Quality::Uncertain } else { Quality::Good },
            observed_at: Timestamp(now.0 - seen.age),
            source: "story".into(),
            reach: if seen.odd { Reach::DeviceLost } else { Reach::Reachable },
            mode,
            target: asked
                .as_ref()
                .map(|o| o.params.clone())
                .or_else(|| overridden.then(|| Params::from(json!({"level": seen.level})))),
            effect_until: asked.and_then(|o| o.effect_until).filter(|_| overridden),
        }
    }
}

fn objects(city: &City) -> Vec<(EquipmentId, EquipmentKind)> {
    let lights = city
        .equipment
        .iter()
        .filter(|e| e.kind == EquipmentKind::StreetLight && e.street == city.equipment[0].street)
        .take(4);
    let others = [EquipmentKind::SignalJunction, EquipmentKind::MessageSign, EquipmentKind::Camera];
    let others = others.iter().filter_map(|kind| city.equipment.iter().find(|e| e.kind == *kind));
    lights.chain(others).map(|e| (e.equipment_id, e.kind)).cycle().take(OBJECTS).collect()
}

fn params(code: &str, level: i64) -> Value {
    match code.rsplit('.').next() {
        Some("set_level") => json!({ "level": level }),
        Some("set_plan") => json!({"plan": level % 9}),
        Some("set_heating") => json!({"heating_c": level}),
        Some("show_approved") => json!({"text": if level % 2 == 0 { "TRAVAUX" } else { "travaux" }}),
        Some("show_text") => json!({"text": "à ".repeat(level.unsigned_abs() as usize % 40)}),
        _ if level == 7 => json!({"more": 1}),
        _ => json!({}),
    }
}

fn reading(kind: EquipmentKind, level: i64) -> Reading {
    Reading::from(match kind {
        EquipmentKind::StreetLight => json!({"level": level, "power_w": level / 2, "fault": null}),
        EquipmentKind::SignalJunction => json!({"aspect": "normal", "plan": level % 9, "fault": null}),
        EquipmentKind::MessageSign => json!({"text": null, "fault": null}),
        _ => json!({"picture": if level % 2 == 0 { "live" } else { "frozen" }}),
    })
}

fn plain(outcome: &Outcome) -> String {
    let detail = outcome.detail.get("control_version").map_or(0, |v| v.as_i64().unwrap_or(-1));
    let members = outcome.detail.get("refused").or(outcome.detail.get("stopped")).map(Value::to_string);
    format!(
        "{} {} {:?} {:?} {detail} {members:?} {}",
        outcome.submission_id, outcome.status, outcome.code, outcome.command_state, outcome.at.0
    )
}
