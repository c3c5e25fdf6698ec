//! A room for tests: an engine over memory stores and a small training city, on tokio's paused clock.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::command::{CommandState, Params};
use vigie_core::ids::{CommandId, EquipmentId, Ids, PersonId, RecordId, ShiftId, SubmissionId};
use vigie_core::link::LinkState;
use vigie_core::port::{Deposit as _, Metropolis, MetropolisError, OutboxEntry};
use vigie_core::record::{Hand, Links, LogKind, LogLine, Signed};
use vigie_core::submission::{Body, OutcomeStatus, Submission};
use vigie_core::table::{Command, Row, TableRow as _, TableSpec};
use vigie_core::time::{Clock, Moment, Timestamp};
use vigie_engine::{Connector, Engine, EngineError, Operate, Options, Parts};
use vigie_testkit::memory_store::{MemoryDeposit, MemoryOutbox, MemoryReplica};
use vigie_training::{CityOptions, DEFAULT_LOGIN, Scenario, SimClock, TrainingMetropolis, TrainingOptions, city};

/// 14:00 in Dijon on 23 November 2026.
pub(crate) const TWO_PM: Timestamp = Timestamp(1_795_438_800_000);

/// Tokio's paused clock as a machine's, with a wall clock that a test may set.
pub(crate) struct PausedClock {
    began: tokio::time::Instant,
    set_by: AtomicI64,
    slept: AtomicU64,
}

impl PausedClock {
    fn new() -> Self {
        Self { began: tokio::time::Instant::now(), set_by: AtomicI64::new(0), slept: AtomicU64::new(0) }
    }

    /// The machine sleeps: both its clocks run on, its programs do not.
    pub(crate) fn suspend(&self, time: Duration) {
        self.slept.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the wall clock forward (or back) against boot time.
    pub(crate) fn set_wall(&self, by_ms: i64) {
        self.set_by.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Moment {
        let boot = self.began.elapsed()
            + Duration::from_secs(1_000)
            + Duration::from_millis(self.slept.load(Ordering::SeqCst));
        let ms = i64::try_from(boot.as_millis()).unwrap() + self.set_by.load(Ordering::SeqCst);
        Moment { wall: Timestamp(TWO_PM.0 + ms), boot }
    }
}

struct Counting(AtomicU64);

impl Ids for Counting {
    fn next(&self) -> Uuid {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
    }
}

struct Plug(TrainingMetropolis, &'static str);

#[async_trait]
impl Connector for Plug {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        Ok(Arc::new(self.0.session(self.1)))
    }
}

/// The room.
pub(crate) struct Room {
    pub(crate) engine: Engine,
    pub(crate) training: TrainingMetropolis,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) machine: Arc<PausedClock>,
    pub(crate) replica: MemoryReplica,
    pub(crate) outbox: MemoryOutbox,
    pub(crate) deposit: MemoryDeposit,
    ids: Arc<Counting>,
    player: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Room {
    /// A room at 14:00, live.
    pub(crate) async fn open() -> Self {
        let machine = Arc::new(PausedClock::new());
        let clock = Arc::new(SimClock::new(machine.clone(), TWO_PM, 1.0));
        let training = metropolis(&clock, 7);
        let (replica, outbox) = (MemoryReplica::default(), MemoryOutbox::default());
        let ids = Arc::new(Counting(AtomicU64::new(1)));
        let player = play(training.clone());
        let deposit = MemoryDeposit::default();
        let own = At { login: DEFAULT_LOGIN, seed: 7, replica: &replica, outbox: &outbox, deposit: &deposit };
        let engine = start(&training, &clock, &machine, &ids, own).await;
        let player = Mutex::new(Some(player));
        let room = Self { engine, training, clock, machine, replica, outbox, deposit, ids, player };
        room.until("the link is live", |e| e.status().link.state == LinkState::Live).await;
        room
    }

    /// The metropolis is restored from before everything that was asked: another epoch, the same city.
    pub(crate) async fn restore_metropolis(&mut self) {
        self.engine.shutdown().await;
        self.training = metropolis(&self.clock, 8);
        let former = self.player.lock().unwrap().replace(play(self.training.clone()));
        former.unwrap().abort();
        self.engine = self.start(self.own()).await;
    }

    /// A standby takes the primary's place that had received nothing of what was asked: the same epoch, another timeline.
    pub(crate) async fn lose_primary(&mut self) {
        self.engine.shutdown().await;
        self.training = metropolis(&self.clock, 7);
        self.training.promote();
        let former = self.player.lock().unwrap().replace(play(self.training.clone()));
        former.unwrap().abort();
        self.engine = self.start(self.own()).await;
    }

    /// The program dies without a word and is started again on the same files.
    pub(crate) async fn crash(&mut self) {
        self.engine.shutdown().await;
        self.engine = self.start(self.own()).await;
    }

    /// Waits on a condition, in virtual time; fails after ten virtual minutes.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Engine) -> bool) {
        for _ in 0..12_000 {
            if holds(&self.engine) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: did not come about; {:?}", self.engine.status());
    }

    /// Waits until a command stands in a state.
    pub(crate) async fn until_state(&self, id: CommandId, wanted: CommandState) {
        self.until(&format!("{id} {wanted}"), |_| self.state(id) == Some(wanted)).await;
    }

    /// Where a command stands here.
    pub(crate) fn state(&self, id: CommandId) -> Option<CommandState> {
        self.engine
            .commands(|c| {
                c.entry.as_ref().map(|e| e.order.command_id).or(c.row.as_ref().map(|r| r.command_id)) == Some(id)
            })
            .first()
            .and_then(vigie_engine::TrackedCommand::state)
    }

    /// Own entries as the outbox shows them, in order.
    pub(crate) fn entries(&self) -> Vec<OutboxEntry> {
        let mut all: Vec<_> = self.engine.commands(|c| c.entry.is_some()).into_iter().filter_map(|c| c.entry).collect();
        all.sort_by_key(|e| e.position);
        all
    }

    /// What the metropolis holds of commands: state by identifier.
    pub(crate) async fn received(&self) -> Vec<(CommandId, CommandState)> {
        let rows = self.received_rows(Command::SPEC.name).await;
        rows.iter().map(|r| Command::from_row(r).unwrap()).map(|c| (c.command_id, c.state)).collect()
    }

    /// The rows of a table that the metropolis holds.
    pub(crate) async fn received_rows(&self, table: &'static str) -> Vec<Row> {
        struct Sink(&'static str, Vec<Row>);
        #[async_trait]
        impl vigie_core::port::SnapshotSink for Sink {
            async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
                if table.name == self.0 {
                    self.1.extend(rows);
                }
                Ok(())
            }
        }
        let mut sink = Sink(table, Vec::new());
        // A supervisor's plug may be pulled; the field's never is, but reads no log.
        let plugged = self.training.plugged();
        self.training.set_plugged(true);
        self.training.session("s.bernard").snapshot(&mut sink).await.unwrap();
        self.training.set_plugged(plugged);
        sink.1
    }

    /// What the metropolis says of a submission.
    pub(crate) async fn received_outcome(&self, id: SubmissionId) -> OutcomeStatus {
        self.training.session("gateway").settle(&[id]).await.unwrap()[0].status
    }

    /// A line that claims to be someone else's, put into this desk's outbox behind the program's back.
    pub(crate) async fn file_forged(&self, text: &str) -> RecordId {
        let id = RecordId(self.ids.next());
        let line = LogLine {
            log_id: id,
            written_at: self.engine.now(),
            desk_id: None,
            shift_id: None,
            sequence: 1,
            person_id: PersonId(Uuid::from_u128(404)),
            role: vigie_core::rights::Role::RemoteOperator,
            kind: LogKind::Event,
            text: text.to_owned(),
            corrects: None,
            links: Links::default(),
        };
        let body = Body::LogEntry(Signed { written: line, seal: None });
        self.engine.file_record(id, body).await.unwrap();
        id
    }

    /// Another remote operator takes the desk at this machine, with files of his own.
    pub(crate) async fn next_holder(&self) -> Engine {
        let desk_id = self.engine.status().shift.unwrap().desk_id;
        let ends_at = self.engine.now().plus(Duration::from_secs(6 * 3_600));
        let body = Body::ShiftOpen { shift_id: ShiftId(self.ids.next()), desk_id, ends_at };
        let submission = Submission::new(self.ids.next().into(), body);
        self.training.session("l.moreau").submit(&[submission]).await.unwrap();
        let (replica, outbox) = (MemoryReplica::default(), MemoryOutbox::default());
        self.start(At { login: "l.moreau", seed: 8, replica: &replica, outbox: &outbox, deposit: &self.deposit }).await
    }

    /// Somebody else's desk, on another machine, live.
    pub(crate) async fn seat(&self, login: &'static str) -> Engine {
        let (replica, outbox, deposit) = Default::default();
        let engine = self.start(At { login, seed: 9, replica: &replica, outbox: &outbox, deposit: &deposit }).await;
        self.until_of(&engine, "its link is live", |e| e.status().link.state == LinkState::Live).await;
        engine
    }

    /// The first account opens its own files again.
    pub(crate) async fn author_again(&self) -> Engine {
        self.start(self.own()).await
    }

    /// Waits until so many records are left in the deposit.
    pub(crate) async fn until_left(&self, number: usize) {
        for _ in 0..12_000 {
            if self.deposit.left().await.unwrap().len() == number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the deposit does not hold {number}");
    }

    /// Waits on a condition of another engine of this machine.
    pub(crate) async fn until_of(&self, engine: &Engine, what: &str, holds: impl Fn(&Engine) -> bool) {
        for _ in 0..12_000 {
            if holds(engine) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: did not come about; {:?}", engine.status());
    }

    /// Why a command stands where it stands here.
    pub(crate) fn detail(&self, id: CommandId) -> Option<String> {
        self.entries().into_iter().find(|e| e.order.command_id == id).and_then(|e| e.detail)
    }

    /// Writes as another account of the room.
    pub(crate) async fn write(&self, login: &str, body: Body) {
        let submission = Submission::new(self.ids.next().into(), body);
        let outcomes = self.training.session(login).submit(&[submission]).await.unwrap();
        assert_eq!(outcomes[0].status, OutcomeStatus::Applied);
    }

    /// An object by reference.
    pub(crate) fn object(&self, reference: &str) -> EquipmentId {
        self.engine.picture(|p| {
            p.objects().iter().find(|o| o.equipment.reference == reference).unwrap().equipment.equipment_id
        })
    }

    /// Operates as an operator would who waives visibility where he must, for an hour.
    pub(crate) async fn operate(
        &self,
        object: EquipmentId,
        action: &str,
        params: serde_json::Value,
    ) -> Result<OutboxEntry, EngineError> {
        let params = Params::from(params);
        let prepared = self.engine.prepare(object, action, &params)?;
        self.engine
            .operate(Operate {
                equipment_id: object,
                action: action.to_owned(),
                params,
                effect_minutes: Some(60),
                reason: "appel d'un riverain".to_owned(),
                without_visibility: prepared.needs_without_visibility,
                seen: prepared.seen,
                replaces: None,
                procedure: vigie_core::command::Procedure::default(),
                promised: Some(prepared.admission),
            })
            .await
    }

    /// Lets simulated hours pass in a few virtual seconds.
    pub(crate) async fn let_pass(&self, time: Duration) {
        self.clock.set_rate(3_600.0);
        tokio::time::sleep(time / 3_600).await;
        self.clock.set_rate(1.0);
    }

    /// Waits until the screen says that the link is lost.
    pub(crate) async fn until_lost(&self) {
        self.until("the link is lost", |e| e.status().link.state == LinkState::Lost).await;
    }

    /// Waits until the link is live again.
    pub(crate) async fn until_live(&self) {
        self.until("the link is live", |e| e.status().link.state == LinkState::Live).await;
    }
}

fn metropolis(clock: &Arc<SimClock>, epoch: u128) -> TrainingMetropolis {
    let made = city::generate(&CityOptions { seed: 7, objects: 900, at: TWO_PM });
    let options = TrainingOptions { seed: 7, scenario: Scenario::OrdinaryNight, epoch: Uuid::from_u128(epoch) };
    TrainingMetropolis::new(made, clock.clone(), options)
}

fn play(city: TrainingMetropolis) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_millis(100));
        loop {
            every.tick().await;
            city.tick();
        }
    })
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(player) = self.player.lock().unwrap().take() {
            player.abort();
        }
    }
}

/// The files that a program is started on, whose, and with which hand.
struct At<'a> {
    login: &'static str,
    seed: u8,
    replica: &'a MemoryReplica,
    outbox: &'a MemoryOutbox,
    deposit: &'a MemoryDeposit,
}

impl Room {
    async fn start(&self, at: At<'_>) -> Engine {
        start(&self.training, &self.clock, &self.machine, &self.ids, at).await
    }

    fn own(&self) -> At<'_> {
        At { login: DEFAULT_LOGIN, seed: 7, replica: &self.replica, outbox: &self.outbox, deposit: &self.deposit }
    }
}

async fn start(
    training: &TrainingMetropolis,
    clock: &Arc<SimClock>,
    machine: &Arc<PausedClock>,
    ids: &Arc<Counting>,
    at: At<'_>,
) -> Engine {
    Engine::start(Parts {
        connector: Arc::new(Plug(training.clone(), at.login)),
        replica: Arc::new(at.replica.clone()),
        outbox: Arc::new(at.outbox.clone()),
        records: Arc::new(at.outbox.clone()),
        hand: Some(Hand::from_seed(&[at.seed; 32])),
        deposit: Some(Arc::new(at.deposit.clone())),
        clock: clock.clone(),
        machine: machine.clone(),
        ids: ids.clone(),
        options: Options { shared_clock: true, ..Options::default() },
    })
    .await
    .unwrap()
}
