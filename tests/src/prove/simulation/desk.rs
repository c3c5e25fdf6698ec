//! A desk: its files over several lives of its program, and the operator who sits at it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;
use vigie_core::command::{CommandState as S, Params};
use vigie_core::ids::{CommandId, Ids};
use vigie_core::port::{Cut, Metropolis, Outbox as _};
use vigie_core::submission::{Body, Submission};
use vigie_engine::{Engine, EngineError, Operate, Options, Parts};
use vigie_testkit::memory_store::{MemoryOutbox, MemoryReplica};
use vigie_training::chance::Dice;

use super::clock::PausedClock;
use super::files::{DeskOutbox, DeskReplica};
use super::link::{Link, Way};
use super::mains::Mains;
use super::record::What;
use crate::prove::hamlet::wish;

/// Times of a simulated engine: a little coarser than those of a desk, so that a seed costs a millisecond.
const TIMES: Options = Options {
    look_every: Duration::from_millis(500),
    look_at_least_every: Duration::from_millis(1_000),
    apart: Duration::from_millis(200),
    return_deadline: Duration::from_secs(10),
    compare_every: Duration::from_secs(600),
    compare_within: Duration::from_secs(10),
    deadline: Duration::from_secs(4),
    snapshot_deadline: Duration::from_secs(10),
    flush_every: Duration::from_millis(200),
    pace: Duration::from_millis(100),
    shared_clock: false,
};

struct Numbered {
    desk: u128,
    next: AtomicU64,
}

impl Ids for Numbered {
    fn next(&self) -> Uuid {
        let n = u128::from(self.next.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + (self.desk << 32) + n)
    }
}

/// A desk.
pub(super) struct Desk {
    pub(super) login: &'static str,
    pub(super) way: Arc<Way>,
    pub(super) clock: Arc<PausedClock>,
    pub(super) outbox: MemoryOutbox,
    pub(super) replica: MemoryReplica,
    pub(super) cuts: Arc<Mutex<Vec<Cut>>>,
    /// The tags of the orders that the engine said it had recorded.
    pub(super) promised: Vec<String>,
    ids: Arc<Numbered>,
    dice: Dice,
    orders: u32,
    life: Option<Life>,
}

/// One run of the desk's program.
struct Life {
    engine: Engine,
    mains: Arc<Mains>,
    caller: Arc<Mutex<Option<Engine>>>,
}

impl Desk {
    pub(super) fn new(login: &'static str, way: Arc<Way>, clock: Arc<PausedClock>, seed: u64) -> Self {
        let desk = way.desk;
        Self {
            login,
            way,
            clock,
            outbox: MemoryOutbox::default(),
            replica: MemoryReplica::default(),
            cuts: Arc::default(),
            promised: Vec::new(),
            ids: Arc::new(Numbered { desk: desk as u128, next: AtomicU64::new(1) }),
            dice: Dice::new(seed, &format!("operator {desk}")),
            orders: 0,
            life: None,
        }
    }

    fn note(&self, what: What) {
        self.way.record.note(self.way.true_time.ran(), self.way.desk, what);
    }

    /// Works until this much true time ran, through deaths and restarts.
    pub(super) async fn work(&mut self, until_ms: i64, crashes: f64) {
        while self.way.true_time.ran() < until_ms {
            if self.life.is_none() {
                self.start(true).await;
            }
            let pause = self.dice.between(20.0, 2_500.0) as u64;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            if self.is_dead() {
                self.bury().await;
                let pause = self.dice.between(100.0, 12_000.0) as u64;
                tokio::time::sleep(Duration::from_millis(pause)).await;
                continue;
            }
            if self.dice.chance(crashes) {
                let calls = self.dice.below(40) as u32;
                let after = self.dice.chance(0.5);
                if let Some(life) = &self.life {
                    life.mains.fuse(calls, after);
                }
            }
            self.act().await;
        }
    }

    /// The storm is over: the program runs, and goes on running.
    pub(super) async fn rest(&mut self) {
        if let Some(life) = &self.life {
            life.mains.steady();
        }
        if self.is_dead() {
            self.bury().await;
        }
        while self.life.is_none() {
            self.start(false).await;
        }
    }

    fn is_dead(&self) -> bool {
        self.life.as_ref().is_some_and(|life| life.mains.is_off())
    }

    async fn start(&mut self, may_lose_replica: bool) {
        if may_lose_replica && self.dice.chance(0.15) {
            self.replica = MemoryReplica::default();
            // A copy made anew begins anew.
            self.cuts.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        let mains = Arc::new(Mains::on());
        if may_lose_replica && self.dice.chance(0.1) {
            mains.fuse(self.dice.below(6) as u32, self.dice.chance(0.5));
        }
        let caller = Arc::new(Mutex::new(None));
        let link = Link { way: self.way.clone(), mains: mains.clone(), caller: caller.clone() };
        let replica = DeskReplica {
            mains: mains.clone(),
            file: self.replica.clone(),
            cuts: self.cuts.clone(),
            planted: self.way.planted,
        };
        let parts = Parts {
            connector: Arc::new(link),
            replica: Arc::new(replica),
            outbox: Arc::new(DeskOutbox { mains: mains.clone(), file: self.outbox.clone() }),
            records: Arc::new(DeskOutbox { mains: mains.clone(), file: self.outbox.clone() }),
            hand: None,
            deposit: None,
            clock: self.clock.clone(),
            machine: self.clock.clone(),
            ids: self.ids.clone(),
            options: TIMES,
        };
        self.note(What::Started);
        match Engine::start(parts).await {
            Ok(engine) => {
                *caller.lock().unwrap_or_else(PoisonError::into_inner) = Some(engine.clone());
                self.life = Some(Life { engine, mains, caller });
            }
            Err(_) => self.note(What::Died),
        }
    }

    async fn bury(&mut self) {
        if let Some(life) = self.life.take() {
            self.note(What::Died);
            life.engine.shutdown().await;
            *life.caller.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Ends the program properly.
    pub(super) async fn close(&mut self) {
        if let Some(life) = self.life.take() {
            life.engine.shutdown().await;
            *life.caller.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    pub(super) fn engine(&self) -> Option<&Engine> {
        self.life.as_ref().map(|life| &life.engine)
    }

    /// The operator does something.
    async fn act(&mut self) {
        let Some(engine) = self.engine().cloned() else { return };
        let (name, done) = match self.dice.below(100) {
            0..56 => ("operate", self.operate(&engine, None).await),
            56..66 => {
                let own = self.one_of(&engine, |s| s == S::AwaitingKey);
                let done = match own {
                    Some(id) => engine.press_key(id).await.map(|e| Some(e.state)),
                    None => Ok(None),
                };
                ("press key", done)
            }
            66..74 => {
                let own = self.one_of(&engine, |s| !s.is_final());
                let done = match own {
                    Some(id) => engine.cancel(id, "cancelled").await.map(|()| None),
                    None => Ok(None),
                };
                ("cancel", done)
            }
            74..80 => {
                let own = self.one_of(&engine, |s| s == S::Unknown);
                let done = match own {
                    Some(id) => engine.close(id, "seen on site").await.map(|()| None),
                    None => Ok(None),
                };
                ("close", done)
            }
            80..84 => {
                let own = self.one_of(&engine, |s| s == S::Intent);
                let done = match own {
                    Some(id) => engine.abandon(id).await.map(|e| Some(e.state)),
                    None => Ok(None),
                };
                ("abandon", done)
            }
            84..90 => {
                let own = self.one_of(&engine, |s| s == S::Intent);
                ("ask again", self.operate(&engine, own).await)
            }
            90..93 => {
                let by = self.dice.between(-90_000.0, 90_000.0) as i64;
                self.clock.set(by);
                ("set the clock", Ok(None))
            }
            93..96 => ("leave the desk", self.leave(&engine).await),
            _ => ("wait", Ok(None)),
        };
        self.note(What::Did(name, done.map_err(|e| e.code())));
    }

    /// The shift ends, whatever the link: a colleague closes it.
    async fn leave(&mut self, engine: &Engine) -> Result<Option<S>, EngineError> {
        if let Some(shift) = engine.status().shift {
            let closing = Submission::new(self.ids.next().into(), Body::ShiftClose { shift_id: shift.shift_id });
            self.way.session.submit(&[closing]).await?;
        }
        Ok(None)
    }

    fn one_of(&mut self, engine: &Engine, wanted: impl Fn(S) -> bool) -> Option<CommandId> {
        let mut ids: Vec<_> = engine
            .commands(|c| c.entry.is_some() && c.state().is_some_and(&wanted))
            .iter()
            .filter_map(|c| c.entry.as_ref().map(|e| e.order.command_id))
            .collect();
        ids.sort_unstable();
        self.dice.pick(&ids).copied()
    }

    async fn operate(&mut self, engine: &Engine, again: Option<CommandId>) -> Result<Option<S>, EngineError> {
        let objects = engine
            .picture(|p| p.objects().iter().map(|o| (o.equipment.equipment_id, o.equipment.kind)).collect::<Vec<_>>());
        let (equipment_id, action, params) = if let Some(id) = again {
            let intent = engine.commands(|c| c.entry.as_ref().is_some_and(|e| e.order.command_id == id));
            let entry = intent.into_iter().find_map(|c| c.entry).ok_or(EngineError::NotFound)?;
            (entry.order.equipment_id, entry.order.action, entry.order.params)
        } else {
            let (object, kind) = *self.dice.pick(&objects).ok_or(EngineError::NotReady)?;
            let (action, params) = wish(kind, &mut self.dice);
            (object, action.to_owned(), Params::from(params))
        };
        let prepared = engine.prepare(equipment_id, &action, &params)?;
        // He reads the screen before he operates: the street may change meanwhile.
        let pause = self.dice.between(0.0, 1_500.0) as u64;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        self.orders += 1;
        let tag = format!("{}-{}", self.login, self.orders);
        let lasting = vigie_core::command::action(&action).is_some_and(|a| a.max_effect.is_some());
        let entry = engine
            .operate(Operate {
                equipment_id,
                effect_minutes: lasting.then_some(30),
                action,
                params,
                reason: format!("{tag} simulated"),
                without_visibility: prepared.needs_without_visibility || self.dice.chance(0.3),
                seen: prepared.seen,
                replaces: again,
                procedure: vigie_core::command::Procedure::default(),
                promised: None,
            })
            .await?;
        self.promised.push(tag);
        Ok(Some(entry.state))
    }

    /// Entries with their events, in the order of their positions.
    pub(super) async fn entries(
        &self,
    ) -> Result<Vec<(vigie_core::port::OutboxEntry, Vec<vigie_core::port::StoredEvent>)>, vigie_core::port::StoreError>
    {
        let mut entries = Vec::new();
        for entry in self.outbox.recent(u32::MAX).await? {
            let events = self.outbox.events(entry.order.command_id).await?;
            entries.push((entry, events));
        }
        entries.sort_by_key(|(entry, _)| entry.position);
        Ok(entries)
    }
}
