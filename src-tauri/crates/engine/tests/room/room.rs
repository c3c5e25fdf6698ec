//! A room for tests: an engine over memory stores and a small training city, on tokio's paused clock.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::command::{CommandState, Params};
use vigie_core::ids::{CommandId, EquipmentId, Ids};
use vigie_core::link::LinkState;
use vigie_core::port::{Metropolis, MetropolisError, OutboxEntry};
use vigie_core::time::{Clock, Moment, Timestamp};
use vigie_engine::{Connector, Engine, EngineError, Operate, Options, Parts};
use vigie_testkit::memory_store::{MemoryOutbox, MemoryReplica};
use vigie_training::{CityOptions, DEFAULT_LOGIN, Scenario, SimClock, TrainingMetropolis, TrainingOptions, city};

/// 14:00 in Dijon on 23 November 2026.
pub(crate) const TWO_PM: Timestamp = Timestamp(1_795_438_800_000);

/// Tokio's paused clock as a machine's, with a wall clock that a test may set.
pub(crate) struct PausedClock {
    began: tokio::time::Instant,
    set_by: AtomicI64,
}

impl PausedClock {
    fn new() -> Self {
        Self { began: tokio::time::Instant::now(), set_by: AtomicI64::new(0) }
    }

    /// Sets the wall clock forward (or back) against boot time.
    pub(crate) fn set_wall(&self, by_ms: i64) {
        self.set_by.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Moment {
        let boot = self.began.elapsed() + Duration::from_secs(1_000);
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

struct Plug(TrainingMetropolis);

#[async_trait]
impl Connector for Plug {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        Ok(Arc::new(self.0.session(DEFAULT_LOGIN)))
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
        let engine = start(&training, &clock, &machine, &replica, &outbox, &ids).await;
        let room = Self { engine, training, clock, machine, replica, outbox, ids, player: Mutex::new(Some(player)) };
        room.until("the link is live", |e| e.status().link.state == LinkState::Live).await;
        room
    }

    /// The metropolis is restored from before everything that was asked: another epoch, the same city.
    pub(crate) async fn restore_metropolis(&mut self) {
        self.engine.shutdown().await;
        self.training = metropolis(&self.clock, 8);
        let former = self.player.lock().unwrap().replace(play(self.training.clone()));
        former.unwrap().abort();
        self.engine = start(&self.training, &self.clock, &self.machine, &self.replica, &self.outbox, &self.ids).await;
    }

    /// The program dies without a word and is started again on the same files.
    pub(crate) async fn crash(&mut self) {
        self.engine.shutdown().await;
        self.engine = start(&self.training, &self.clock, &self.machine, &self.replica, &self.outbox, &self.ids).await;
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
        struct Sink(Vec<(CommandId, CommandState)>);
        #[async_trait]
        impl vigie_core::port::SnapshotSink for Sink {
            async fn rows(
                &mut self,
                table: &'static vigie_core::table::TableSpec,
                rows: Vec<vigie_core::table::Row>,
            ) -> Result<(), MetropolisError> {
                use vigie_core::table::{Command, TableRow};
                if table.name == Command::SPEC.name {
                    let rows = rows.iter().map(|r| Command::from_row(r).unwrap());
                    self.0.extend(rows.map(|c| (c.command_id, c.state)));
                }
                Ok(())
            }
        }
        let mut sink = Sink(Vec::new());
        self.training.session("gateway").snapshot(&mut sink).await.unwrap();
        sink.0
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

async fn start(
    training: &TrainingMetropolis,
    clock: &Arc<SimClock>,
    machine: &Arc<PausedClock>,
    replica: &MemoryReplica,
    outbox: &MemoryOutbox,
    ids: &Arc<Counting>,
) -> Engine {
    Engine::start(Parts {
        connector: Arc::new(Plug(training.clone())),
        replica: Arc::new(replica.clone()),
        outbox: Arc::new(outbox.clone()),
        clock: clock.clone(),
        machine: machine.clone(),
        ids: ids.clone(),
        options: Options { shared_clock: true, ..Options::default() },
    })
    .await
    .unwrap()
}
