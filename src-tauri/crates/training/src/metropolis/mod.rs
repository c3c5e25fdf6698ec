//! The metropolis inside the app: the port `Metropolis` over tables in memory, with a plug to pull.

mod apply;
mod colleague;
mod feed;
mod outcomes;
mod retention;
mod session;
mod table;
mod world;
mod written;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use futures::FutureExt;
use uuid::Uuid;
use vigie_core::alarm::{Keeper, report};
use vigie_core::ids::{Ids as _, SubmissionId};
use vigie_core::port::{Cut, Metropolis};
use vigie_core::submission::{Body, Submission};
use vigie_core::table::TableSpec;
use vigie_core::time::{Clock, Timestamp};

use crate::chance::SeededIds;
use crate::city::City;
use crate::clock::SimClock;
use crate::player::Player;
use crate::scenario::{Play, Scenario};
pub use session::TrainingSession;
use world::World;
use written::Written;

/// How a training metropolis starts.
#[derive(Debug, Clone, Copy)]
pub struct TrainingOptions {
    /// Seed of what happens.
    pub seed: u64,
    /// What happens to the room.
    pub scenario: Scenario,
    /// The epoch: another one makes every replica anew.
    pub epoch: Uuid,
}

/// A fault of the link between desks and metropolis, for tests. Field and house are not touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskFault {
    /// Every call is refused at once.
    Refuse,
    /// No call ever ends.
    Hang,
    /// What is submitted or settled is done, and the answer is lost.
    LoseReplies,
    /// What is submitted or settled never arrives.
    LoseRequests,
}

/// The training metropolis; clones share it.
#[derive(Clone)]
pub struct TrainingMetropolis(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    pub(crate) clock: Arc<SimClock>,
    ids: SeededIds,
    player: Mutex<Player>,
    play: Mutex<Play>,
    alarms: Mutex<Keeper>,
    /// What was wrong at birth is known as such.
    settled: AtomicBool,
    plugged: AtomicBool,
    /// The simulated second person answers.
    second: AtomicBool,
    fault: Mutex<Option<DeskFault>>,
    /// The last transaction: who waits for a hint waits for another one.
    written: Written,
}

impl Shared {
    /// Wakes those who wait, if something was written.
    fn wake(&self) {
        let xid = lock(&self.world).xid;
        self.written.tell(xid);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TrainingMetropolis {
    /// Brings a city to life. Nothing moves until [`TrainingMetropolis::tick`] is called.
    pub fn new(city: City, clock: Arc<SimClock>, options: TrainingOptions) -> Self {
        let now = clock.now().wall;
        let cut = Cut { epoch: options.epoch, timeline: 1, xmin: 2, snapshot: String::new(), at: now };
        let player = Player::over(&city, options.seed, cut);
        let ids = SeededIds::new(options.seed, clock.clone());
        Self(Arc::new(Shared {
            world: Mutex::new(World::new(city, options.seed, options.epoch)),
            clock,
            ids,
            player: Mutex::new(player),
            play: Mutex::new(Play::new(options.scenario, now)),
            alarms: Mutex::new(Keeper::default()),
            settled: AtomicBool::new(false),
            plugged: AtomicBool::new(true),
            second: AtomicBool::new(true),
            fault: Mutex::new(None),
            written: Written::new(1),
        }))
    }

    /// The metropolis as an account sees it. An unknown login is refused at each call.
    pub fn session(&self, login: &str) -> TrainingSession {
        TrainingSession::new(self.0.clone(), login)
    }

    /// Pulls the plug of the desks, or puts it back.
    pub fn set_plugged(&self, plugged: bool) {
        self.0.plugged.store(plugged, Ordering::SeqCst);
    }

    /// Whether the desks are plugged in.
    pub fn plugged(&self) -> bool {
        self.0.plugged.load(Ordering::SeqCst)
    }

    /// Whether the simulated second person answers when he is asked, or nobody does.
    pub fn set_second(&self, answers: bool) {
        self.0.second.store(answers, Ordering::SeqCst);
    }

    /// Whether the simulated second person answers.
    pub fn second_answers(&self) -> bool {
        self.0.second.load(Ordering::SeqCst)
    }

    /// Makes the desks' link fail in some way, or no more.
    pub fn set_fault(&self, fault: Option<DeskFault>) {
        *lock(&self.0.fault) = fault;
    }

    /// Starts a scenario now; the plug goes back in.
    pub fn start_scenario(&self, scenario: Scenario) {
        self.set_plugged(true);
        *lock(&self.0.play) = Play::new(scenario, self.0.clock.now().wall);
    }

    /// The scenario being played.
    pub fn scenario(&self) -> Scenario {
        lock(&self.0.play).scenario
    }

    /// The city's clock.
    pub fn clock(&self) -> &Arc<SimClock> {
        &self.0.clock
    }

    /// Plays scenario, field and house up to the clock's now. Cheap when nothing is due; two ticks at once are one.
    pub fn tick(&self) {
        let now = self.0.clock.now().wall;
        if let Some(plugged) = lock(&self.0.play).plug(now) {
            self.set_plugged(plugged);
        }
        let mut player = match self.0.player.try_lock() {
            Ok(player) => player,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        player.silence(lock(&self.0.play).silenced(now));
        player.flood(lock(&self.0.play).flood(), now);
        let failures = lock(&self.0.play).failures(now);
        for failure in failures {
            player.fail(failure, now);
        }
        let (gateway, house) = (self.session("gateway"), self.session("house"));
        // The sessions of field and house never wait: the step ends within this call.
        match player.step(&gateway, &house, &self.0.ids, now).now_or_never() {
            Some(Ok(_)) => {}
            Some(Err(error)) => tracing::warn!(%error, "the field could not be played"),
            None => tracing::warn!("the field waited for something: skipped"),
        }
        drop(player);
        let mut world = lock(&self.0.world);
        world.room = self.0.clock.room();
        world.mark_overdue_effects(now);
        world.end_procedures(now);
        world.end_lapsed_live(now);
        world.grant_waiting_locks(now);
        world.prune(now);
        drop(world);
        self.answer_requests(now);
        self.keep_alarms(now);
        self.0.wake();
    }

    /// The simulated second person's turn: he answers by his own account, as anyone would.
    fn answer_requests(&self, now: Timestamp) {
        if !self.second_answers() {
            return;
        }
        let mut world = lock(&self.0.world);
        for (login, answer) in world.answers_due(now) {
            let Some(account) = world.accounts.get(&login).cloned() else { continue };
            let submission = Submission::new(SubmissionId(self.0.ids.next()), Body::ApprovalAnswer(answer));
            world.submit(&account, &[submission], now);
        }
    }

    /// The house's turn over alarms.
    fn keep_alarms(&self, now: Timestamp) {
        if !self.0.settled.swap(true, Ordering::SeqCst) {
            lock(&self.0.world).settle_in(now);
        }
        let house = self.session("house");
        let mut alarms = lock(&self.0.alarms);
        // The house's sessions never wait: both end within this call.
        let said = alarms.turn(&house, now).now_or_never();
        let done = match said {
            Some(Ok(said)) => match report(said) {
                Some(submission) => house.submit(&[submission]).now_or_never().map(|done| done.map(drop)),
                None => Some(Ok(())),
            },
            Some(Err(error)) => Some(Err(error)),
            None => None,
        };
        if !matches!(done, Some(Ok(()))) {
            alarms.forget();
            tracing::warn!(?done, "the alarms were not kept");
        }
    }

    /// Begins a new epoch, as after a restore: replicas are made anew, commands issued before are refused (R16).
    pub fn begin_epoch(&self, epoch: Uuid) {
        let mut world = lock(&self.0.world);
        world.epoch = epoch;
        world.epoch_began = self.0.clock.now().wall;
    }

    /// Marks the effects that nobody saw ending, as the house does at each tick; how many.
    pub fn mark_overdue_effects(&self, now: Timestamp) -> usize {
        lock(&self.0.world).mark_overdue_effects(now)
    }

    /// Deletes a row as the metropolis's owner; desks hear of it by its tombstone.
    pub fn delete(&self, table: &TableSpec, key: Uuid) {
        let mut world = lock(&self.0.world);
        let xid = world.begin();
        world
            .fed_mut()
            .into_iter()
            .filter(|t| t.spec().is_some_and(|s| s.name == table.name))
            .for_each(|t| t.delete(xid, key));
        drop(world);
        self.0.wake();
    }

    /// Begins another timeline, as when a standby is promoted: nothing is lost here, and desks must find that out.
    pub fn promote(&self) {
        lock(&self.0.world).timeline += 1;
    }
}
