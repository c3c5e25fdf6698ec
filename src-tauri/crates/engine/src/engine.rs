//! The engine: started with its ports, asked by the interface, shut down with everything ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vigie_core::ids::Ids;
use vigie_core::port::{Deposit, Metropolis, MetropolisError, Outbox, Records, Replica};
use vigie_core::record::Hand;
use vigie_core::time::{Clock, Timestamp};

use crate::desk::{DeskStatus, Phase};
use crate::error::EngineError;
use crate::live::Held;
use crate::observe::Observed;
use crate::picture::Picture;
use crate::state::{State, TrackedCommand};

/// How long a desk waits for its copy to show what the metropolis has just taken.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens the way to a metropolis. Called again after every lost link.
#[async_trait]
pub trait Connector: Send + Sync {
    /// A metropolis that answers, or why not.
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError>;
    /// The metropolis no longer lets this account in: said at a connection, or by one that was made before.
    fn shut_out(&self) {}
}

/// What the engine is made of.
pub struct Parts {
    /// The way to the metropolis.
    pub connector: Arc<dyn Connector>,
    /// The local copy.
    pub replica: Arc<dyn Replica>,
    /// What is not yet confirmed.
    pub outbox: Arc<dyn Outbox>,
    /// The desk's clock: simulated in training.
    pub clock: Arc<dyn Clock>,
    /// The machine's own clock: tells suspends and clock jumps (R12).
    pub machine: Arc<dyn Clock>,
    /// Records and drafts, beside the outbox's commands.
    pub records: Arc<dyn Records>,
    /// What signs them; without it they are the author's on the metropolis's word alone.
    pub hand: Option<Hand>,
    /// What the accounts of this machine leave for each other.
    pub deposit: Option<Arc<dyn Deposit>>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// Times.
    pub options: Options,
}

/// Times of the engine; the defaults are those of `docs/architecture.md`.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Between two looks where no hints come.
    pub look_every: Duration,
    /// Between two looks where hints come: some are lost.
    pub look_at_least_every: Duration,
    /// Between two pulls that bring something, on average: a few may follow each other at once.
    pub apart: Duration,
    /// For a look after a long cut, and for what goes through whole tables.
    pub return_deadline: Duration,
    /// Between two comparisons of the copy with the metropolis.
    pub compare_every: Duration,
    /// After a promotion: within how long the copy is compared, each workstation at a moment of its own.
    pub compare_within: Duration,
    /// For a look, a submission, a settlement.
    pub deadline: Duration,
    /// For the next rows of a snapshot.
    pub snapshot_deadline: Duration,
    /// Between two flushes of changed points; the first after as long a silence comes at once.
    pub flush_every: Duration,
    /// Between two submissions just after a return (R5).
    pub pace: Duration,
    /// The desk's clock is the metropolis's own (training): its rate is not applied a second time.
    pub shared_clock: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            look_every: Duration::from_millis(250),
            look_at_least_every: Duration::from_secs(1),
            apart: Duration::from_millis(50),
            return_deadline: Duration::from_secs(60),
            compare_every: Duration::from_secs(24 * 3600),
            compare_within: Duration::from_secs(60),
            deadline: Duration::from_secs(4),
            snapshot_deadline: Duration::from_secs(10),
            flush_every: Duration::from_millis(100),
            pace: Duration::from_millis(100),
            shared_clock: false,
        }
    }
}

pub(crate) struct Inner {
    pub connector: Arc<dyn Connector>,
    pub replica: Arc<dyn Replica>,
    pub outbox: Arc<dyn Outbox>,
    pub clock: Arc<dyn Clock>,
    pub machine: Arc<dyn Clock>,
    pub records: Arc<dyn Records>,
    pub hand: Option<Hand>,
    pub deposit: Option<Arc<dyn Deposit>>,
    pub ids: Arc<dyn Ids>,
    pub options: Options,
    state: Mutex<State>,
    pub metropolis: Mutex<Option<Arc<dyn Metropolis>>>,
    pub observers: broadcast::Sender<Observed>,
    /// Rung when a lane may have something new to do.
    pub lanes_bell: Notify,
    /// Rung to look at once (after signing in, after operating).
    pub look_bell: Notify,
    /// Held while submitting just after a return, so that submissions are paced (R5).
    pub pace: tokio::sync::Mutex<()>,
    /// Held over deciding and recording an order, so that two clicks on one object follow each other.
    pub desk: tokio::sync::Mutex<()>,
    /// The key that is held here (class L); locked while a word of it is on its way.
    pub held: tokio::sync::Mutex<Option<Held>>,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
}

/// The engine of a workstation. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

impl Engine {
    /// Opens the city held here and starts the tasks. A metropolis that cannot be reached is not an error: it is a state of
    /// the link.
    pub async fn start(parts: Parts) -> Result<Self, EngineError> {
        let (observers, _) = broadcast::channel(1024);
        let engine = Self {
            inner: Arc::new(Inner {
                connector: parts.connector,
                replica: parts.replica,
                outbox: parts.outbox,
                clock: parts.clock,
                machine: parts.machine,
                records: parts.records,
                hand: parts.hand,
                deposit: parts.deposit,
                ids: parts.ids,
                options: parts.options,
                state: Mutex::new(State::default()),
                metropolis: Mutex::new(None),
                observers,
                lanes_bell: Notify::new(),
                look_bell: Notify::new(),
                pace: tokio::sync::Mutex::new(()),
                desk: tokio::sync::Mutex::new(()),
                held: tokio::sync::Mutex::new(None),
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        };
        engine.load_outbox().await?;
        engine.load_records().await?;
        if engine.inner.replica.info().await?.is_some() {
            engine.load_replica().await?;
            engine.lock().phase = Some(Phase::Ready);
        }
        engine.inner.tasks.spawn(engine.clone().pull());
        engine.inner.tasks.spawn(engine.clone().watch());
        engine.inner.tasks.spawn(engine.clone().keep_lanes());
        engine.inner.tasks.spawn(engine.clone().run_post());
        Ok(engine)
    }

    /// Ends every task and waits until they have.
    pub async fn shutdown(&self) {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// Watches what changes.
    pub fn observe(&self) -> broadcast::Receiver<Observed> {
        self.inner.observers.subscribe()
    }

    /// Looks at the metropolis now rather than at the next turn; used after a password was given.
    pub fn look_now(&self) {
        self.inner.look_bell.notify_one();
    }

    /// The desk as a whole.
    pub fn status(&self) -> DeskStatus {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let now = state.now(moment);
        let shift = state.own_shift(now).cloned();
        let person_id = state.identity.as_ref().and_then(|i| i.person_id);
        let desk_id = shift.as_ref().map(|s| s.desk_id).or(state.identity.as_ref().and_then(|i| i.desk_id));
        DeskStatus {
            phase: state.phase(),
            failure: state.failure.clone(),
            progress: state.progress.clone(),
            identity: state.identity.clone(),
            person: person_id.and_then(|id| state.persons.get(&id).cloned()),
            desk: desk_id.and_then(|id| state.desks.get(&id).cloned()),
            shift,
            link: state.link,
            now,
            counts: state.counts(),
        }
    }

    /// The metropolis's time now, estimated.
    pub fn now(&self) -> Timestamp {
        let moment = self.inner.clock.now();
        self.lock().now(moment)
    }

    /// Reads the picture. The closure must be quick: it holds the engine's lock.
    pub fn picture<T>(&self, read: impl FnOnce(&Picture) -> T) -> T {
        read(&self.lock().picture)
    }

    /// Commands known here that `keep` keeps, newest first.
    pub fn commands(&self, keep: impl Fn(&TrackedCommand) -> bool) -> Vec<TrackedCommand> {
        let mut found: Vec<_> = self.lock().commands.values().filter(|c| keep(c)).cloned().collect();
        found.sort_by_key(|c| std::cmp::Reverse((c.issued_at(), c.entry.as_ref().map(|e| e.position))));
        found
    }

    /// Display name of a person.
    pub fn person(&self, id: vigie_core::ids::PersonId) -> Option<String> {
        self.lock().persons.get(&id).cloned()
    }

    /// Name of a desk.
    pub fn desk(&self, id: vigie_core::ids::DeskId) -> Option<String> {
        self.lock().desks.get(&id).cloned()
    }

    /// The local copy, for what is not in the picture (history, search, events).
    pub fn replica(&self) -> &Arc<dyn Replica> {
        &self.inner.replica
    }

    /// The outbox's own record, for the events of a command.
    pub fn outbox(&self) -> &Arc<dyn Outbox> {
        &self.inner.outbox
    }

    /// Reads what is not replicated, with a deadline; the metropolis journals the reason.
    pub async fn fetch(
        &self,
        query: &str,
        args: serde_json::Value,
        reason: &str,
    ) -> Result<serde_json::Value, EngineError> {
        let metropolis = self.metropolis()?;
        Ok(self.in_time(metropolis.fetch(query, args, reason)).await?)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A task that panicked while holding the lock left plain data behind; going on is safer than going dark.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, what: Observed) {
        // Nobody watching is not an error.
        let _ = self.inner.observers.send(what);
    }

    /// Waits until the local copy shows something, at most [`PATIENCE`]: it is looked at again each time something was taken in.
    /// Says whether it came.
    pub(crate) async fn until_shown(&self, shown: impl Fn(&Self) -> bool) -> bool {
        let mut observed = self.observe();
        let wait = async {
            while !shown(self) {
                // Who lags was told of something.
                if matches!(observed.recv().await, Err(RecvError::Closed)) {
                    break;
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.is_ok()
    }

    /// The connection in use, if there is one.
    pub(crate) fn metropolis(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        let held = self.inner.metropolis.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().ok_or_else(|| MetropolisError::Unreachable("no link".to_owned()))
    }

    pub(crate) fn set_metropolis(&self, metropolis: Option<Arc<dyn Metropolis>>) {
        *self.inner.metropolis.lock().unwrap_or_else(PoisonError::into_inner) = metropolis;
    }

    /// Awaits with the deadline: past it the future is dropped, and with it the connection it used.
    pub(crate) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, MetropolisError>>,
    ) -> Result<T, MetropolisError> {
        tokio::time::timeout(self.inner.options.deadline, work).await.unwrap_or(Err(MetropolisError::Deadline))
    }
}
