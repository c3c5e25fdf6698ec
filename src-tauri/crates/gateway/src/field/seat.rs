//! The field's seat as a program holds it, and its clock against the metropolis's.

use std::time::Duration;

use uuid::Uuid;
use vigie_core::command::ClassCode;
use vigie_core::port::{Identity, Metropolis, MetropolisError, MetropolisMode};
use vigie_core::rights::Role;
use vigie_core::time::{Clock, MetropolisTime, Moment, Timestamp};
use vigie_machine::MachineClock;
use vigie_metropolis::{ConnectTarget, PgMetropolis};

/// How long the seat is held by one asking.
const LEASE: Duration = Duration::from_secs(5);
/// Between two askings.
const KEEP_EVERY: Duration = Duration::from_secs(1);
/// For anything asked of the metropolis; under the lease.
const DEADLINE: Duration = Duration::from_secs(3);
/// Beyond these differences between this machine's clock and the metropolis's, D and then every command is refused (R12).
const DANGER_SKEW: Duration = Duration::from_secs(2);
const SKEW: Duration = Duration::from_secs(30);

/// A program's seat.
pub(crate) struct Seat {
    target: ConnectTarget,
    program: Uuid,
    metropolis: Option<PgMetropolis>,
    term: Option<i64>,
    kept: Option<Moment>,
    time: Option<MetropolisTime>,
    skew: Option<Duration>,
    ever_sat: bool,
}

impl Seat {
    #[allow(clippy::disallowed_methods, reason = "the edge of the program: a run is told apart from every other")]
    pub(crate) fn new(target: ConnectTarget) -> Self {
        let program = Uuid::new_v4();
        Self { target, program, metropolis: None, term: None, kept: None, time: None, skew: None, ever_sat: false }
    }

    /// This run of the program.
    pub(crate) fn program(&self) -> Uuid {
        self.program
    }

    /// Whether it worked once: from then on an error is a wait.
    pub(crate) fn ever_sat(&self) -> bool {
        self.ever_sat
    }

    /// Keeps the seat: the term; none while another program holds it.
    pub(crate) async fn keep(&mut self) -> Result<Option<i64>, MetropolisError> {
        let now = MachineClock.now();
        if self.kept.is_some_and(|kept| now.since(kept) < KEEP_EVERY) {
            return Ok(self.term);
        }
        let metropolis = match &self.metropolis {
            Some(metropolis) => metropolis,
            None => self.metropolis.insert(in_time(PgMetropolis::connect(self.target.clone(), DEADLINE)).await?),
        };
        let identity = in_time(metropolis.identity()).await?;
        if identity.role != Role::Gateway {
            let why = format!("a gateway signs in as role gateway, this account is {}", identity.role);
            return Err(MetropolisError::Denied(why));
        }
        let term = in_time(metropolis.take_field_seat(self.program, LEASE)).await?;
        self.hear(&identity);
        if self.term != term {
            tracing::info!(
                ?term,
                "{}",
                if term.is_some() { "this program works the field" } else { "another program works the field" }
            );
        }
        self.term = term;
        self.kept = Some(now);
        self.ever_sat |= term.is_some();
        Ok(term)
    }

    fn hear(&mut self, identity: &Identity) {
        let now = MachineClock.now();
        self.time = Some(MetropolisTime::new(identity.server_time, now, identity.clock_rate));
        // A rehearsal's clock stands where its owner put it.
        let live = identity.mode == MetropolisMode::Live;
        let off = identity.server_time.offset_from(now.wall).unsigned_abs();
        let skew = Duration::from_millis(if live { off } else { 0 });
        if skew > DANGER_SKEW && self.skew.is_none_or(|known| known <= DANGER_SKEW) {
            tracing::error!(?skew, "this machine's clock is wrong: dangerous commands are not carried out");
        }
        self.skew = Some(skew);
    }

    /// Classes that may be carried out with the clocks as they are (R12).
    pub(crate) fn classes(&self) -> &'static [ClassCode] {
        classes(self.skew)
    }

    /// The metropolis, while the connection lives.
    pub(crate) fn metropolis(&self) -> Result<&PgMetropolis, MetropolisError> {
        self.metropolis.as_ref().ok_or_else(|| MetropolisError::Unreachable("no connection".into()))
    }

    /// The metropolis's time.
    pub(crate) fn now(&self) -> Timestamp {
        let now = MachineClock.now();
        self.time.map_or(now.wall, |time| time.estimate(now))
    }

    /// After a failure: another connection, and the seat only if it is still to be had.
    pub(crate) fn forget(&mut self) {
        (self.metropolis, self.term, self.kept) = (None, None, None);
    }

    /// Gives the seat back.
    pub(crate) async fn leave(&self) {
        if let (Some(metropolis), Some(term)) = (&self.metropolis, self.term)
            && let Err(error) = in_time(metropolis.leave_field_seat(term)).await
        {
            tracing::info!(%error, "the seat could not be given back: its lease ends by itself");
        }
    }
}

fn classes(skew: Option<Duration>) -> &'static [ClassCode] {
    match skew {
        Some(skew) if skew <= DANGER_SKEW => ClassCode::ALL,
        Some(skew) if skew <= SKEW => &[ClassCode::A, ClassCode::B, ClassCode::C],
        _ => &[],
    }
}

/// Within the deadline of everything that is asked of the metropolis.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, MetropolisError>>) -> Result<T, MetropolisError> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or(Err(MetropolisError::Deadline))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r12_the_further_the_clocks_are_apart_the_less_is_carried_out() {
        let of = |ms| classes(Some(Duration::from_millis(ms)));
        assert!(of(0).contains(&ClassCode::D) && of(2_000).contains(&ClassCode::D));
        assert!(!of(2_001).contains(&ClassCode::D) && of(30_000).contains(&ClassCode::C));
        assert_eq!((of(30_001), classes(None)), (&[][..], &[][..]), "nor when they were never compared");
    }
}
