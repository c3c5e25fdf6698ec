//! A room in front of the metropolis under test: its people, its objects, and a copy kept by the feed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::{Builder, Uuid};
use vigie_core::command::{CommandEventCode, CommandOrder, CommandState, Params, Seen, action};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, ShiftId, SubmissionId};
use vigie_core::port::{Cut, Metropolis};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, StateReport, Submission};
use vigie_core::table::{Command, CommandEvent, EquipmentState, StateHistory, TableRow};
use vigie_core::time::Timestamp;
use vigie_training::city::{City, DEFAULT_LOGIN};

use super::Fixture;
use super::mirror::Mirror;

/// The author of most commands: a remote operator with a shift open.
pub const OPERATOR: &str = DEFAULT_LOGIN;
/// Another remote operator with a shift open.
pub const COLLEAGUE: &str = "a.dubois";
/// A supervisor with a shift open.
pub const SUPERVISOR: &str = "s.bernard";

/// The room.
pub struct Room<'a> {
    /// The metropolis under test.
    pub fixture: &'a dyn Fixture,
    /// The city that it holds.
    pub city: City,
    mirror: Mirror,
    cut: Cut,
    numbered: u128,
}

impl<'a> Room<'a> {
    /// Takes place in front of a metropolis that holds `city`.
    pub async fn new(fixture: &'a dyn Fixture, city: City) -> Room<'a> {
        let (mirror, cut) = Mirror::copy(&*fixture.session(OPERATOR).await).await.expect("a first copy");
        Room { fixture, city, mirror, cut, numbered: 0 }
    }

    /// A fresh identifier; the same ones in the same order for every implementation.
    pub fn fresh(&mut self) -> Uuid {
        self.numbered += 1;
        let [.., a, b, c, d, e, f, g, h, i, j] = self.numbered.to_be_bytes();
        Builder::from_unix_timestamp_millis(super::BORN.0.unsigned_abs(), &[a, b, c, d, e, f, g, h, i, j]).into_uuid()
    }

    /// The metropolis's time.
    pub async fn now(&self) -> Timestamp {
        self.fixture.now().await
    }

    /// Lets time pass.
    pub async fn wait(&self, by: Duration) {
        self.fixture.advance(by).await;
    }

    /// The metropolis as an account sees it.
    pub async fn session(&self, login: &str) -> Arc<dyn Metropolis> {
        self.fixture.session(login).await
    }

    /// The nth object of a kind that is in order, in reach and away from any crossing.
    pub fn object(&self, kind: EquipmentKind, nth: usize) -> EquipmentId {
        let plain = |id: EquipmentId| {
            let state = self.city.states.iter().find(|s| s.equipment_id == id);
            state.is_some_and(|s| {
                s.reach == Reach::Reachable && s.quality == Quality::Good && s.reading.text("fault").is_none()
            })
        };
        self.city
            .equipment
            .iter()
            .filter(|e| e.kind == kind && e.attributes.get("crossing") != Some(&json!(true)) && plain(e.equipment_id))
            .nth(nth)
            .map(|e| e.equipment_id)
            .expect("the suite's city has such an object")
    }

    /// A light in order, away from any crossing; lights of different `nth` may be neighbours.
    pub fn light(&self) -> EquipmentId {
        self.object(EquipmentKind::StreetLight, 0)
    }

    /// The shift that an account's person holds at birth.
    pub fn shift(&self, login: &str) -> (ShiftId, DeskId) {
        let account = self.city.accounts.iter().find(|a| a.login == login);
        let shift = self.city.shifts.iter().find(|s| account.is_some_and(|a| a.person_id == Some(s.person_id)));
        shift.map_or((ShiftId(Uuid::nil()), DeskId(Uuid::nil())), |s| (s.shift_id, s.desk_id))
    }

    /// An order as an account would operate it now on what is true now: valid unless changed.
    pub async fn order(&mut self, login: &str, object: EquipmentId, code: &str, params: Value) -> CommandOrder {
        let (now, state) = (self.now().await, self.state(object).await);
        let (shift_id, desk_id) = self.shift(login);
        let known = action(code);
        CommandOrder {
            command_id: CommandId(self.fresh()),
            equipment_id: object,
            action: code.to_owned(),
            params: Params::from(params),
            issued_at: now,
            expires_at: now.plus(known.map_or(Duration::from_secs(30), |a| a.class.life())),
            effect_until: known.and_then(|a| a.max_effect).map(|_| now.plus(Duration::from_secs(3_600))),
            shift_id,
            desk_id,
            reason: String::new(),
            seen: state.map_or(
                Seen { reading: Reading::default(), observed_at: None, version: 0, control_version: 0 },
                |s| Seen {
                    reading: s.reading,
                    observed_at: s.observed_at,
                    version: s.version,
                    control_version: s.control_version,
                },
            ),
            without_visibility: false,
            procedure: vigie_core::command::Procedure::default(),
        }
    }

    /// An order to dim a light, valid unless changed.
    pub async fn dim(&mut self, light: EquipmentId) -> CommandOrder {
        self.order(OPERATOR, light, "street_light.set_level", json!({"level": 40})).await
    }

    /// Submits one thing.
    pub async fn submit(&self, login: &str, submission: Submission) -> Outcome {
        let outcomes = self.session(login).await.submit(&[submission]).await.expect("the metropolis answers");
        assert_eq!(outcomes.len(), 1, "one outcome for one submission");
        outcomes.into_iter().next().expect("one outcome")
    }

    /// Submits a body under a fresh identifier.
    pub async fn write(&mut self, login: &str, body: Body) -> Outcome {
        let id = SubmissionId(self.fresh());
        self.submit(login, Submission::new(id, body)).await
    }

    /// Operates an order.
    pub async fn operate(&self, login: &str, order: &CommandOrder) -> Outcome {
        self.submit(login, Submission::command(order.clone())).await
    }

    /// Operates a valid order that is expected to be taken; its identifier.
    pub async fn taken(&mut self, order: &CommandOrder) -> CommandId {
        let outcome = self.operate(OPERATOR, order).await;
        assert_eq!((outcome.status, outcome.code.as_deref()), (OutcomeStatus::Applied, None));
        assert_eq!(outcome.command_state, Some(CommandState::Accepted));
        order.command_id
    }

    /// Says as the gateway what became of a command.
    pub async fn progress(&mut self, id: CommandId, event: CommandEventCode) -> Outcome {
        self.write("gateway", Body::Progress { command_id: id, event, detail: None }).await
    }

    /// Says the events one after the other, each taken.
    pub async fn go_through(&mut self, id: CommandId, events: &[CommandEventCode]) {
        for event in events {
            let outcome = self.progress(id, *event).await;
            assert_eq!(outcome.status, OutcomeStatus::Applied, "{event}: {:?}", outcome.code);
        }
    }

    /// Takes a command as far as the device having done it.
    pub async fn execute(&mut self, order: &CommandOrder) -> CommandId {
        let id = self.taken(order).await;
        self.go_through(id, &[CommandEventCode::StartDispatch, CommandEventCode::Publish, CommandEventCode::Execute])
            .await;
        id
    }

    /// A report of an object as its state is, seen now.
    pub async fn seen(&mut self, object: EquipmentId) -> StateReport {
        let (now, state) = (self.now().await, self.state(object).await.expect("a state"));
        StateReport {
            equipment_id: object,
            reading: state.reading,
            quality: state.quality,
            observed_at: now,
            source: state.source,
            reach: state.reach,
            mode: state.mode,
            target: state.target,
            effect_until: state.effect_until,
        }
    }

    /// A report of a light overridden as an order says, seen now.
    pub async fn overridden(&mut self, order: &CommandOrder) -> StateReport {
        let mut report = self.seen(order.equipment_id).await;
        report.reading.0.extend(order.params.0.clone());
        report.mode = Mode::Override;
        report.target = Some(order.params.clone());
        report.effect_until = order.effect_until;
        report
    }

    /// Reports states as the gateway.
    pub async fn report(&mut self, states: Vec<StateReport>) -> Outcome {
        let outcome = self.write("gateway", Body::Report { states }).await;
        assert_eq!(outcome.status, OutcomeStatus::Applied, "{:?}", outcome.code);
        outcome
    }

    /// Brings the copy up to date by its changes.
    pub async fn pull(&mut self) -> &Mirror {
        let changes = self.session(OPERATOR).await.changes(&self.cut).await.expect("changes");
        self.cut = changes.cut.clone();
        self.mirror.apply(changes);
        &self.mirror
    }

    /// The cut that the copy holds.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    /// Rows of a table that satisfy a condition.
    pub async fn rows<T: TableRow>(&mut self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.pull().await.all::<T>().expect("rows that fit").into_iter().filter(|row| wanted(row)).collect()
    }

    /// An object's state.
    pub async fn state(&mut self, object: EquipmentId) -> Option<EquipmentState> {
        self.pull().await.one(object.0).expect("a row that fits")
    }

    /// A command, which exists.
    pub async fn command(&mut self, id: CommandId) -> Command {
        self.pull().await.one(id.0).expect("a row that fits").expect("the room sees the command")
    }

    /// Whether the room sees a command.
    pub async fn sees(&mut self, id: CommandId) -> bool {
        self.pull().await.one::<Command>(id.0).expect("a row that fits").is_some()
    }

    /// The transitions of a command, in order of time: from, to, actor, detail.
    pub async fn events(&mut self, id: CommandId) -> Vec<(Option<CommandState>, CommandState, String, Option<String>)> {
        let mut events = self.rows::<CommandEvent>(|e| e.command_id == id).await;
        events.sort_by_key(|e| (e.at, e.to_state));
        events.into_iter().map(|e| (e.from_state, e.to_state, e.actor, e.detail)).collect()
    }

    /// The past states of an object, oldest first.
    pub async fn history(&mut self, object: EquipmentId) -> Vec<StateHistory> {
        let mut rows = self.rows::<StateHistory>(|h| h.equipment_id == object).await;
        rows.sort_by_key(|h| h.observed_at);
        rows
    }
}

/// Asserts that an outcome is a refusal with this code.
pub fn refused(outcome: &Outcome, code: &str) {
    assert_eq!((outcome.status, outcome.code.as_deref()), (OutcomeStatus::Refused, Some(code)));
}

/// Asserts that an outcome is applied.
pub fn applied(outcome: &Outcome) {
    assert_eq!((outcome.status, outcome.code.as_deref()), (OutcomeStatus::Applied, None));
}
