//! Time passing: the link ages, values go stale, lives end, a suspend or a set clock voids what it must (R12, R13).

use std::time::Duration;

use vigie_core::command::{ClassCode, CommandEventCode as E, CommandState as S, VoidReason, Voided};
use vigie_core::link::{LinkEvent, LinkState};
use vigie_core::port::{OutboxEntry, OutboxState};
use vigie_core::time::Moment;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

/// A machine whose two clocks part by more than this between two ticks was set or suspended.
const JUMP_MS: i64 = 5_000;

impl Engine {
    /// Ticks until shutdown.
    pub(crate) async fn watch(self) {
        let mut every = tokio::time::interval(self.inner.options.flush_every);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last = self.inner.machine.now();
        let mut last_tick = tokio::time::Instant::now();
        let mut ticks: u64 = 0;
        loop {
            tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                _ = every.tick() => {}
            }
            let machine = self.inner.machine.now();
            let ran = last_tick.elapsed();
            if jumped(last, machine, ran) {
                tracing::warn!("the machine slept or its clock was set: queued comfort and intents are void");
                if let Err(error) = self.void_what_waits(Voided::ClockJump).await {
                    tracing::error!(%error, "could not void what waited");
                }
                self.inner.look_bell.notify_one();
            }
            last = machine;
            last_tick = tokio::time::Instant::now();
            // Ages and lives need no more than one look a second; changed points go out at each tick.
            if ticks.is_multiple_of(10)
                && let Err(error) = self.each_second().await
            {
                tracing::error!(%error, "the outbox could not be kept");
            }
            ticks = ticks.wrapping_add(1);
            self.age_link();
            self.flush_points();
        }
    }

    fn age_link(&self) {
        let elapsed = self.inner.machine.now().boot;
        let mut state = self.lock();
        let before = state.link;
        state.link = before.after(LinkEvent::Tick, elapsed, None);
        let moved = state.link.state != before.state;
        drop(state);
        if moved {
            self.tell(Observed::Status);
        }
    }

    async fn each_second(&self) -> Result<(), EngineError> {
        let moment = self.inner.clock.now();
        let (now, voided) = {
            let mut state = self.lock();
            let now = state.now(moment);
            if state.words_moved {
                state.words_moved = false;
                let words = state.words();
                for (point, byte) in state.picture.set_words(words, now) {
                    state.dirty.insert(point, byte);
                }
            }
            state.forget_old_commands(now);
            for (point, byte) in state.picture.refresh(now) {
                state.dirty.insert(point, byte);
            }
            if state.pass_alarms(now) {
                self.tell(Observed::Alarms);
            }
            if state.procedures.waits(now) {
                // Countdowns, and whose turn it is to be rung.
                self.tell(Observed::Procedure);
            }
            (now, state.voided_intents(now))
        };
        // An expired head expires even while its lane sleeps on a lost link.
        let expired = self.entries(|c| {
            c.entry.as_ref().is_some_and(|e| matches!(e.state, S::Queued | S::AwaitingKey) && now > e.order.expires_at)
        });
        let moves = expired.into_iter().map(|entry| self.stepped(entry, E::Expire, OutboxState::Done));
        self.record_each(moves.collect::<Result<_, _>>()?).await?;
        self.void(voided).await?;
        if !self.is_live() {
            self.tell(Observed::Status);
        }
        Ok(())
    }

    /// Suspends the session or takes it up again. Suspended, nothing is commanded here and intents are void (R13); what waits
    /// without an author's key, and records, go on.
    pub async fn set_suspended(&self, suspended: bool) -> Result<(), EngineError> {
        // After whatever is being operated: its intent is among those that are void.
        let _in_turn = self.inner.desk.lock().await;
        let moment = self.inner.clock.now();
        let voided = {
            let mut state = self.lock();
            state.suspended = suspended;
            state.frozen.clear();
            let now = state.now(moment);
            state.voided_intents(now)
        };
        if suspended {
            let engine = self.clone();
            self.inner.tasks.spawn(async move {
                if let Err(error) = engine.let_go().await {
                    tracing::info!(%error, "the metropolis did not hear that a key was let go: it ends by itself");
                }
            });
            self.give_up_requests(VoidReason::SessionSuspended);
        }
        self.void(voided).await
    }

    pub(crate) fn may_act(&self) -> Result<(), EngineError> {
        if self.lock().suspended { Err(EngineError::Suspended) } else { Ok(()) }
    }

    async fn void(&self, waiting: Vec<(OutboxEntry, Voided)>) -> Result<(), EngineError> {
        let moves = waiting.into_iter().map(|(mut entry, why)| {
            entry.detail = Some(why.code().to_owned());
            self.stepped(entry, E::Void, OutboxState::Done)
        });
        self.record_each(moves.collect::<Result<_, _>>()?).await
    }

    /// Shows the first change after a silence at once: whoever operates waits for it. What follows closely goes together at
    /// the next tick.
    pub(crate) fn flush_first_points(&self) {
        let silence = self.inner.machine.now().boot.saturating_sub(self.lock().flushed_at);
        if silence >= self.inner.options.flush_every {
            self.flush_points();
        }
    }

    fn flush_points(&self) {
        let elapsed = self.inner.machine.now().boot;
        let (generation, points) = {
            let mut state = self.lock();
            if state.dirty.is_empty() {
                return;
            }
            state.flushed_at = elapsed;
            let dirty = std::mem::take(&mut state.dirty);
            (state.picture.generation, dirty.into_iter().collect::<Vec<_>>())
        };
        self.tell(Observed::Points(generation, std::sync::Arc::new(points)));
    }

    /// R12: a suspend, a resume or a clock jump voids intents and queued comfort; the link is lost until heard.
    async fn void_what_waits(&self, why: Voided) -> Result<(), EngineError> {
        {
            let elapsed = self.inner.machine.now().boot;
            let mut state = self.lock();
            state.frozen.clear();
            if state.link.state != LinkState::Starting {
                state.link = state.link.after(LinkEvent::Failed, elapsed, None);
            }
        }
        self.tell(Observed::Status);
        self.give_up_requests(VoidReason::ClockJump);
        let waiting = self.entries(|c| {
            c.entry.as_ref().is_some_and(|e| {
                let queued = matches!(e.state, S::Queued | S::AwaitingKey) && e.class != ClassCode::A;
                queued || e.state == S::Intent
            })
        });
        self.void(waiting.into_iter().map(|entry| (entry, why)).collect()).await
    }
}

/// Whether the machine slept or its clock was set between two readings `ran` apart by the running clock.
fn jumped(last: Moment, now: Moment, ran: Duration) -> bool {
    let slept = now.since(last).saturating_sub(ran).as_millis() > JUMP_MS as u128;
    slept || now.jump_since(last).abs() > JUMP_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_core::time::Timestamp;

    fn moment(wall: i64, boot: u64) -> Moment {
        Moment { wall: Timestamp(wall), boot: Duration::from_millis(boot) }
    }

    #[test]
    fn r12_a_suspend_and_a_set_clock_are_seen_and_a_slow_tick_is_not() {
        let last = moment(1_000_000, 500_000);
        assert!(!jumped(last, moment(1_000_100, 500_100), Duration::from_millis(100)));
        assert!(!jumped(last, moment(1_009_000, 509_000), Duration::from_secs(9)), "a busy machine is not a suspend");
        assert!(jumped(last, moment(1_060_000, 560_000), Duration::from_millis(100)), "slept a minute");
        assert!(jumped(last, moment(1_060_100, 500_100), Duration::from_millis(100)), "set forward");
        assert!(jumped(last, moment(940_100, 500_100), Duration::from_millis(100)), "set back");
    }
}
