//! The post: carries the records of every lane to the metropolis, in batches, forward only.
//!
//! A batch is recorded as submitted before it leaves and its outcomes are recorded together; within it each record comes
//! after the one before it in its lane, so that the metropolis itself lets nothing overtake a refused head. A batch that
//! fails is settled, and what follows goes one by one until something passes.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use vigie_core::ids::RecordId;
use vigie_core::port::{OutboxRecord, RecordMove};
use vigie_core::record::{RecordEvent as E, RecordState as S, record_step};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::rounds::{Round, Situation, next_round};

/// Records in a submission: so many at first and after a failure has passed, twice as many after each that is taken.
const BATCH: usize = 20;
/// And no more than this: a submission holds its locks until it is committed.
const LARGEST_BATCH: usize = 200;
/// Longest time without a look: if the metropolis is reachable a head is tried within five seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Between two looks at what others left in the deposit.
const DEPOSIT_EVERY: Duration = Duration::from_secs(5);

/// A record with what happens to it.
pub(crate) struct Step {
    pub record: OutboxRecord,
    pub event: E,
}

impl Engine {
    /// Carries until shutdown.
    pub(crate) async fn run_post(self) {
        let mut batch = BATCH;
        let mut deposit_at: Option<Duration> = None;
        loop {
            // Registered before looking, so that a bell rung in between is not lost.
            let bell = self.inner.lanes_bell.notified();
            let done = tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                done = self.one_round(&mut batch) => done,
            };
            match done {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    batch = 1;
                    tracing::warn!(code = error.code(), %error, "the post could not go on");
                    self.post_trouble(Some(error.code()));
                }
            }
            let elapsed = self.inner.machine.now().boot;
            if deposit_at.is_none_or(|at| elapsed.saturating_sub(at) >= DEPOSIT_EVERY) {
                deposit_at = Some(elapsed);
                let looked = tokio::select! {
                    biased;
                    () = self.inner.stop.cancelled() => return,
                    looked = self.look_at_deposit() => looked,
                };
                if let Err(error) = looked {
                    tracing::warn!(code = error.code(), %error, "the deposit could not be emptied");
                }
            }
            tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                () = bell => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// One round; says whether something moved.
    async fn one_round(&self, batch: &mut usize) -> Result<bool, EngineError> {
        self.register_hand().await?;
        let round = {
            let elapsed = self.inner.machine.now().boot;
            let state = self.lock();
            let records: Vec<_> = state.records.values().collect();
            let shown: HashSet<_> = records
                .iter()
                .filter(|r| state.book.contains(r) || state.board.contains(r) || state.locks.has(r.record_id))
                .map(|r| r.record_id)
                .collect();
            next_round(
                &records,
                &Situation {
                    link: state.link.state,
                    cut_at: state.link.heard_at,
                    elapsed,
                    returned_at: state.returned_at,
                    tried: &state.tried,
                    shown: &shown,
                    batch: *batch,
                },
            )
        };
        match round {
            Round::Wait => Ok(false),
            Round::Show(ids) => self.step_records(&ids, E::Show).await,
            Round::Lose(ids) => self.step_records(&ids, E::LoseReply).await,
            Round::Settle(ids) => self.settle_records(&ids).await,
            Round::Retry(ids) => self.step_records(&ids, E::Retry).await,
            Round::Send(ids) => {
                let moved = self.send_records(&ids).await?;
                *batch = if *batch < BATCH { BATCH } else { (*batch * 2).min(LARGEST_BATCH) };
                Ok(moved)
            }
        }
    }

    async fn send_records(&self, ids: &[RecordId]) -> Result<bool, EngineError> {
        let metropolis = self.metropolis()?;
        self.step_records(ids, E::Submit).await?;
        let sent = self.records_of(ids, S::Submitted);
        let answers = self.in_time(metropolis.submit(&chained(&sent))).await;
        match answers {
            Ok(outcomes) => {
                self.post_trouble(None);
                self.hear_records(sent, &outcomes).await?;
                Ok(true)
            }
            Err(error) => {
                // The metropolis may have it all: what became of it is asked before anything goes again (R14).
                self.step_records(ids, E::LoseReply).await?;
                Err(error.into())
            }
        }
    }

    async fn settle_records(&self, ids: &[RecordId]) -> Result<bool, EngineError> {
        let metropolis = self.metropolis()?;
        let waiting = self.records_of(ids, S::Unsettled);
        let asked: Vec<_> = waiting.iter().map(|r| r.submission_id).collect();
        let outcomes = self.in_time(metropolis.settle(&asked)).await?;
        self.hear_records(waiting, &outcomes).await?;
        Ok(true)
    }

    /// Records what the metropolis says, of all in one transaction.
    async fn hear_records(&self, records: Vec<OutboxRecord>, outcomes: &[Outcome]) -> Result<(), EngineError> {
        let by_id: HashMap<_, _> = outcomes.iter().map(|o| (o.submission_id, o)).collect();
        let mut steps = Vec::with_capacity(records.len());
        for mut record in records {
            let Some(outcome) = by_id.get(&record.submission_id) else { continue };
            record.detail.clone_from(&outcome.code);
            let event = match outcome.status {
                OutcomeStatus::Applied => E::Accept,
                OutcomeStatus::NeverReceived => E::NeverReceived,
                OutcomeStatus::Refused if outcome.code.as_deref() == Some("behind") => E::Wait,
                OutcomeStatus::Refused => E::Refuse,
            };
            steps.push(Step { record, event });
        }
        self.take_steps(steps).await.map(|_| ())
    }

    pub(crate) async fn step_records(&self, ids: &[RecordId], event: E) -> Result<bool, EngineError> {
        let wanted: HashSet<_> = ids.iter().collect();
        let found: Vec<_> = self.lock().records.values().filter(|r| wanted.contains(&r.record_id)).cloned().collect();
        self.take_steps(found.into_iter().map(|record| Step { record, event }).collect()).await
    }

    /// Moves records on, on disk first and in one transaction, then on the screen; says whether any moved.
    pub(crate) async fn take_steps(&self, steps: Vec<Step>) -> Result<bool, EngineError> {
        let now = self.now();
        let mut moves = Vec::with_capacity(steps.len());
        for Step { mut record, event } in steps {
            let from = record.state;
            let Some(to) = record_step(from, event) else { continue };
            record.state = to;
            record.since = now;
            match event {
                // What was refused or never received goes again under another name: the first one is closed for good.
                E::NeverReceived | E::Retry => record.submission_id = self.inner.ids.next().into(),
                E::Refuse => record.refusals = record.refusals.saturating_add(1),
                E::Submit | E::Accept | E::Show => record.detail = None,
                _ => {}
            }
            moves.push(RecordMove { record, from });
        }
        if moves.is_empty() {
            return Ok(false);
        }
        let of_alarms = moves.iter().any(|step| step.record.body.handling().is_some());
        let of_locks = moves.iter().any(|step| matches!(step.record.body, Body::LockAsk(_)));
        let moved = self.inner.records.move_records(&moves).await?;
        let elapsed = self.inner.machine.now().boot;
        {
            let mut state = self.lock();
            for (step, moved) in moves.into_iter().zip(&moved) {
                if !*moved {
                    continue;
                }
                let record = step.record;
                tracing::debug!(record = %record.record_id, from = %step.from, to = %record.state, "record");
                if record.state == S::Refused {
                    state.tried.insert(record.record_id, elapsed);
                }
                if record.state.overlays() {
                    state.records.insert(record.position, record);
                } else {
                    state.tried.remove(&record.record_id);
                    state.records.remove(&record.position);
                }
            }
            if of_locks {
                state.mark_locks();
            }
        }
        self.tell(Observed::Records);
        if of_locks {
            self.tell(Observed::Locks);
        }
        if of_alarms {
            self.tell(Observed::Alarms);
        }
        Ok(moved.contains(&true))
    }

    /// Reads the records of the last run. What it had submitted is in flight: its outcome is not known here (R14).
    pub(crate) async fn load_records(&self) -> Result<(), EngineError> {
        let records = self.inner.records.records().await?;
        let in_flight: Vec<_> = records.iter().filter(|r| r.state == S::Submitted).map(|r| r.record_id).collect();
        self.lock().records = records.into_iter().map(|r| (r.position, r)).collect();
        self.step_records(&in_flight, E::LoseReply).await.map(|_| ())
    }

    /// Those of `ids` that stand at `state`, in the order of their lanes.
    fn records_of(&self, ids: &[RecordId], state: S) -> Vec<OutboxRecord> {
        let wanted: HashSet<_> = ids.iter().collect();
        let held = self.lock();
        held.records.values().filter(|r| r.state == state && wanted.contains(&r.record_id)).cloned().collect()
    }

    fn post_trouble(&self, code: Option<String>) {
        let changed = {
            let mut state = self.lock();
            let changed = state.post_trouble != code;
            state.post_trouble = code;
            changed
        };
        if changed {
            self.tell(Observed::Records);
        }
    }
}

/// As submissions, each after the one before it in its lane.
fn chained(records: &[OutboxRecord]) -> Vec<Submission> {
    let mut last = HashMap::new();
    records
        .iter()
        .map(|record| {
            let after = last.insert(&record.lane, record.submission_id);
            Submission { after, ..record.submission() }
        })
        .collect()
}
