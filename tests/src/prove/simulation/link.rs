//! The network between a desk and the metropolis: it refuses, swallows, delays, doubles and reorders.
//!
//! What was sent arrives whether or not its sender still waits, or lives.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::oneshot;
use vigie_core::command::{LiveAnswer, LiveNow, LiveSign};
use vigie_core::ids::{CommandId, SubmissionId};
use vigie_core::port::{Changes, Cut, Identity, Metropolis, MetropolisError, SnapshotSink, Sums};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission};
use vigie_core::table::TableSpec;
use vigie_core::time::Clock;
use vigie_engine::{Connector, Engine};
use vigie_training::TrainingSession;
use vigie_training::chance::Dice;

use super::Planted;
use super::clock::PausedClock;
use super::mains::{Mains, Power};
use super::record::{Record, What};

/// How the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    Fair,
    /// Some calls are lost, late or doubled.
    Foul,
    /// Nearly every call is.
    Storm,
    /// Every call is refused at once.
    Cut,
    /// No call ever ends.
    Hole,
}

impl Weather {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fair => "fair",
            Self::Foul => "foul",
            Self::Storm => "storm",
            Self::Cut => "cut",
            Self::Hole => "black hole",
        }
    }
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Through,
    Refused,
    /// Never arrives; the caller hears nothing.
    Swallowed,
    /// Arrives; the answer does not.
    ReplyLost,
    /// Arrives late, in milliseconds: after others that were sent later.
    Late(u64),
    /// Arrives now and once more later.
    Twice(u64),
}

/// What a desk's links share over its lives.
pub(super) struct Way {
    pub(super) session: TrainingSession,
    pub(super) weather: Mutex<Weather>,
    pub(super) dice: Mutex<Dice>,
    pub(super) record: Arc<Record>,
    pub(super) true_time: Arc<PausedClock>,
    pub(super) desk: usize,
    pub(super) planted: Option<Planted>,
    /// Requests on their way, which arrive whoever waits for them.
    pub(super) flying: tokio_util::task::TaskTracker,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Way {
    fn fate(&self) -> Fate {
        let mut dice = held(&self.dice);
        let share = match *held(&self.weather) {
            Weather::Fair => return Fate::Through,
            Weather::Cut => return Fate::Refused,
            Weather::Hole => return Fate::Swallowed,
            Weather::Foul => 0.15,
            Weather::Storm => 0.6,
        };
        if !dice.chance(share) {
            return Fate::Through;
        }
        let late = dice.between(20.0, 9_000.0) as u64;
        match dice.below(6) {
            0 => Fate::Refused,
            1 => Fate::Swallowed,
            2 => Fate::ReplyLost,
            3 | 4 => Fate::Late(late),
            _ => Fate::Twice(late),
        }
    }

    fn note(&self, what: What) {
        self.record.note(self.true_time.ran(), self.desk, what);
    }

    async fn arrive(&self, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        let outcomes = self.session.submit(batch).await?;
        for (submission, outcome) in batch.iter().zip(&outcomes) {
            if let Body::Command(order) = &submission.body {
                self.note(What::Arrived(order.command_id, outcome.status, outcome.code.clone()));
            }
        }
        Ok(outcomes)
    }

    async fn settle(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        if self.planted == Some(Planted::GuessesWhatNeverCame) {
            // A metropolis that says so without writing it down: the late arrival is taken after all.
            let guess = |id: &SubmissionId| Outcome {
                submission_id: *id,
                status: OutcomeStatus::NeverReceived,
                code: None,
                command_state: None,
                detail: serde_json::Value::Null,
                at: self.true_time.now().wall,
            };
            return Ok(ids.iter().map(guess).collect());
        }
        let outcomes = self.session.settle(ids).await?;
        for outcome in &outcomes {
            self.note(What::Settled(CommandId(outcome.submission_id.0), outcome.status));
        }
        Ok(outcomes)
    }
}

async fn never<T>() -> T {
    std::future::pending().await
}

fn unreachable<T>() -> Result<T, MetropolisError> {
    Err(MetropolisError::Unreachable("simulated".into()))
}

/// The link of one life of a desk.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) way: Arc<Way>,
    pub(super) mains: Arc<Mains>,
    /// The engine that calls, to know how it believes its link to stand.
    pub(super) caller: Arc<Mutex<Option<Engine>>>,
}

impl Link {
    /// A call that only reads: it arrives or not.
    async fn read(&self) -> Result<(), MetropolisError> {
        match self.mains.call() {
            Power::On => {}
            Power::Dying | Power::Off => return unreachable(),
        }
        match self.way.fate() {
            Fate::Through | Fate::Twice(_) => Ok(()),
            Fate::Refused => unreachable(),
            Fate::Swallowed | Fate::ReplyLost => never().await,
            Fate::Late(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Ok(())
            }
        }
    }

    /// A call that writes: once sent it arrives by itself.
    async fn write<T, F, W>(&self, work: W) -> Result<T, MetropolisError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, MetropolisError>> + Send + 'static,
        W: Fn(Arc<Way>) -> F + Send + 'static,
    {
        let power = self.mains.call();
        if power == Power::Off {
            return unreachable();
        }
        let way = self.way.clone();
        let answer = match self.way.fate() {
            Fate::Through => work(way).await,
            Fate::Refused => unreachable(),
            Fate::Swallowed => never().await,
            Fate::ReplyLost => {
                let _ = work(way).await;
                never().await
            }
            Fate::Late(ms) => {
                let (tell, hear) = oneshot::channel();
                self.way.flying.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    let _ = tell.send(work(way).await);
                });
                hear.await.unwrap_or_else(|_| unreachable())
            }
            Fate::Twice(ms) => {
                let first = work(way.clone()).await;
                self.way.flying.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    let _ = work(way).await;
                });
                first
            }
        };
        if power == Power::Dying { unreachable() } else { answer }
    }

    fn handed(&self, batch: &[Submission]) {
        let link = held(&self.caller).as_ref().map(|engine| engine.status().link.state);
        for submission in batch {
            if let (Body::Command(order), Some(link)) = (&submission.body, link) {
                self.way.note(What::Handed(order.command_id, link));
            }
        }
    }
}

#[async_trait]
impl Metropolis for Link {
    async fn identity(&self) -> Result<Identity, MetropolisError> {
        self.read().await?;
        self.way.session.identity().await
    }

    async fn snapshot(&self, sink: &mut dyn SnapshotSink) -> Result<Cut, MetropolisError> {
        self.read().await?;
        self.way.session.snapshot(sink).await
    }

    async fn changes(&self, since: &Cut) -> Result<Changes, MetropolisError> {
        // What is told was true when it was asked, however late it is heard.
        let told = self.way.session.changes(since).await;
        self.read().await?;
        told
    }

    async fn wake(&self) -> Result<(), MetropolisError> {
        self.read().await?;
        self.way.session.wake().await
    }

    async fn sums(&self, since: &Cut) -> Result<Sums, MetropolisError> {
        let told = self.way.session.sums(since).await;
        self.read().await?;
        told
    }

    async fn recopy(
        &self,
        since: &Cut,
        tables: &[&'static TableSpec],
        sink: &mut dyn SnapshotSink,
    ) -> Result<Changes, MetropolisError> {
        self.read().await?;
        self.way.session.recopy(since, tables, sink).await
    }

    async fn outcomes(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        self.read().await?;
        self.way.session.outcomes(ids).await
    }

    async fn submit(&self, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        if self.mains.is_off() {
            return unreachable();
        }
        self.handed(batch);
        let batch = self.planted(batch);
        self.write(move |way| {
            let batch = batch.clone();
            async move { way.arrive(&batch).await }
        })
        .await
    }

    async fn settle(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        let ids = ids.to_vec();
        self.write(move |way| {
            let ids = ids.clone();
            async move { way.settle(&ids).await }
        })
        .await
    }

    async fn keep_live(&self, sign: &LiveSign) -> Result<LiveAnswer, MetropolisError> {
        self.read().await?;
        self.way.session.keep_live(sign).await
    }

    async fn live(&self) -> Result<Vec<LiveNow>, MetropolisError> {
        self.read().await?;
        self.way.session.live().await
    }

    async fn fetch(
        &self,
        query: &str,
        args: serde_json::Value,
        reason: &str,
    ) -> Result<serde_json::Value, MetropolisError> {
        self.read().await?;
        self.way.session.fetch(query, args, reason).await
    }
}

impl Link {
    /// What a client with a fault in it would send.
    fn planted(&self, batch: &[Submission]) -> Vec<Submission> {
        let mut batch = batch.to_vec();
        if self.way.planted == Some(Planted::StampsAnew) {
            for submission in &mut batch {
                if let Body::Command(order) = &mut submission.body {
                    let life = order.expires_at.since(order.issued_at);
                    order.issued_at = self.way.true_time.now().wall;
                    order.expires_at = order.issued_at.plus(life);
                }
            }
        }
        batch
    }
}

#[async_trait]
impl Connector for Link {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        self.read().await?;
        Ok(Arc::new(self.clone()))
    }
}
