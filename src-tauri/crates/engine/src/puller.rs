//! The puller: looks when a hint comes and by itself, brings the replica in step, with a deadline on every await.

use std::sync::Arc;

use tokio::time::Instant;
use vigie_core::link::LinkState;
use vigie_core::port::{Changes, Cut, Identity, Metropolis, MetropolisError, ReplicaInfo};

use crate::cadence::{Allowance, Cadence};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::heard::asks_for_a_person;

/// A cut of longer ago is a return: its delta may be large.
const RETURN_MS: i64 = 60_000;

impl Engine {
    pub(crate) async fn pull(self) {
        let mut cadence = Cadence::default();
        // What comes in quick succession is let gather for a moment.
        let mut allowance = Allowance::default();
        let (apart, origin) = (self.inner.options.apart, Instant::now());
        loop {
            let wait = cadence.wait(&self.inner.options, self.jitter());
            // In this order, always: a run that is played again from its seed takes the same turns.
            tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                () = self.inner.look_bell.notified() => {}
                hint = self.hint(), if cadence.listens() && self.metropolis().is_ok() => match hint {
                    Ok(()) if allowance.from(apart) <= origin.elapsed() => {}
                    Ok(()) => tokio::select! {
                        biased;
                        () = self.inner.stop.cancelled() => return,
                        () = self.inner.look_bell.notified() => {}
                        () = tokio::time::sleep_until(origin + allowance.from(apart)) => {}
                    },
                    Err(error) => {
                        tracing::debug!(%error, "no hints for now");
                        cadence.heard_nothing();
                    }
                },
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            }
            let begun = Instant::now();
            let look = tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                look = self.look() => look,
            };
            match look {
                Ok(found) => {
                    cadence.looked(found);
                    if found {
                        allowance.spend(begun - origin, apart);
                    }
                }
                Err(error) => {
                    cadence.failed(asks_for_a_person(&error), begun.elapsed());
                    self.link_failed(&error);
                }
            }
        }
    }

    async fn hint(&self) -> Result<(), MetropolisError> {
        self.metropolis()?.wake().await
    }

    /// One look: connect if need be, bring the replica in step, say that the link was heard. Says whether something came.
    async fn look(&self) -> Result<bool, EngineError> {
        let (metropolis, identity) = self.connected().await?;
        let info = self.inner.replica.info().await?;
        if let Some(info) = &info {
            self.if_promoted(&*metropolis, &info.cut, &identity).await?;
        }
        let found = if let Some(cut) = info.as_ref().and_then(|info| same_metropolis(info, &identity)) {
            self.go_on(&*metropolis, &identity, cut).await?
        } else {
            self.copy(&*metropolis, identity.clone()).await?;
            true
        };
        if self.lock().link.state == LinkState::Returning {
            self.catch_up(&*metropolis).await?;
        }
        if self.comparison_due() {
            self.compare(&*metropolis, &identity).await?;
        }
        Ok(found)
    }

    /// Goes on from a cut, or copies anew where nothing leads on from it; says whether something came.
    async fn go_on(&self, metropolis: &dyn Metropolis, identity: &Identity, cut: &Cut) -> Result<bool, EngineError> {
        match self.changes(metropolis, cut).await {
            Ok(changes) => {
                // The servers of feed and desk may be two: one of them was left behind by a promotion.
                if identity.timeline < changes.cut.timeline {
                    return Err(MetropolisError::Unreachable("another primary was promoted".into()).into());
                }
                self.take_in(cut, &changes, identity).await?;
                Ok(!changes.tables.is_empty())
            }
            Err(MetropolisError::ResyncNeeded(why)) => {
                tracing::info!(why, "the local copy is made anew");
                // What changed may be the identity itself: epoch, rights, role.
                let identity = self.in_time(metropolis.identity()).await?;
                self.lock().identity = Some(identity.clone());
                self.if_promoted(metropolis, cut, &identity).await?;
                self.copy(metropolis, identity).await?;
                Ok(true)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The changes since a cut, within a deadline that fits how long ago it was.
    async fn changes(&self, metropolis: &dyn Metropolis, since: &Cut) -> Result<Changes, MetropolisError> {
        let away = self.now().0.saturating_sub(since.at.0);
        let patience = if away > RETURN_MS { self.inner.options.return_deadline } else { self.inner.options.deadline };
        tokio::time::timeout(patience, metropolis.changes(since)).await.unwrap_or(Err(MetropolisError::Deadline))
    }

    /// Where a standby took the primary's place: what was confirmed last may be lost, and so may be what the copy holds.
    ///
    /// Asked before the copy goes on to the new timeline: a program that dies in between finds its copy on the former one and
    /// asks again.
    async fn if_promoted(
        &self,
        metropolis: &dyn Metropolis,
        held: &Cut,
        identity: &Identity,
    ) -> Result<(), EngineError> {
        if identity.epoch != held.epoch || identity.timeline <= held.timeline {
            return Ok(());
        }
        tracing::warn!(from = held.timeline, to = identity.timeline, "another primary was promoted");
        self.ask_what_was_lost(metropolis).await?;
        self.plan_comparison(self.inner.options.compare_within);
        Ok(())
    }

    async fn connected(&self) -> Result<(Arc<dyn Metropolis>, Identity), EngineError> {
        let known = self.lock().identity.clone();
        if let (Ok(metropolis), Some(identity)) = (self.metropolis(), known) {
            return Ok((metropolis, identity));
        }
        let metropolis = self.in_time(self.inner.connector.connect()).await?;
        let identity = self.in_time(metropolis.identity()).await?;
        tracing::info!(system = identity.system, mode = %identity.mode, schema = identity.schema_version, "connected");
        self.lock().identity = Some(identity.clone());
        self.set_metropolis(Some(metropolis.clone()));
        Ok((metropolis, identity))
    }

    pub(crate) fn jitter(&self) -> u64 {
        // The last bytes of a UUIDv7 are random: enough to keep workstations from knocking together.
        u64::from(self.inner.ids.next().as_bytes().last().copied().unwrap_or(0))
    }
}

/// The cut to go on from, when the replica is a copy of this very metropolis for these very rights.
fn same_metropolis<'a>(info: &'a ReplicaInfo, identity: &Identity) -> Option<&'a Cut> {
    let held = &info.identity;
    let same = held.system == identity.system
        && held.epoch == identity.epoch
        && held.rights == identity.rights
        && held.schema_version == identity.schema_version
        && held.login == identity.login;
    same.then_some(&info.cut)
}
