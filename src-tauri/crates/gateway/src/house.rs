//! The house: takes the seat, and each second says what nobody else will.
//!
//! Guarantees: whatever is said carries the term of the seat, so that a program that slept while another took over is
//! refused; its identifiers come from what is judged, so that a change of leader doubles nothing; no await is without a
//! deadline, and a lost connection is a wait, never an end.

use std::time::Duration;

use uuid::Uuid;
use vigie_core::alarm::{AlarmChange, Keeper, report};
use vigie_core::house::verdict;
use vigie_core::ids::{Ids, SubmissionId};
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Submission};
use vigie_core::time::{Clock, Timestamp};
use vigie_machine::{MachineClock, MachineIds};
use vigie_metropolis::{ConnectTarget, PgMetropolis};

use crate::contact::Contact;
use crate::notify::Notifier;
use crate::pause;

/// Between two turns.
const TURN: Duration = Duration::from_secs(1);
/// How long the seat is held by one turn: long enough for a slow server, short enough for another to take over.
const LEASE: Duration = Duration::from_secs(5);
/// For anything asked of the metropolis; under the lease.
const DEADLINE: Duration = Duration::from_secs(4);
/// For reading the whole city when the alarms begin: longer than the lease. Whoever takes the seat meanwhile is not spoken
/// over, since what is said is fenced by the term.
const BEGIN_WITHIN: Duration = Duration::from_secs(120);
/// A house that was not heard for so long is shown silent.
const HEARD_WITHIN: Duration = Duration::from_secs(60);
/// Between two removals of what is past its time.
const PRUNE_EVERY: u32 = 600;

/// Keeps time until asked to end. Only an account that can never do it is an error.
pub(crate) async fn keep(
    target: ConnectTarget,
    notify: Option<std::path::PathBuf>,
    end: impl Future<Output = ()>,
) -> Result<(), MetropolisError> {
    tokio::pin!(end);
    let mut house = House::new(target, notify);
    let mut failures = 0;
    loop {
        let wait = match house.turn().await {
            Ok(()) => {
                failures = 0;
                TURN
            }
            // It never worked: a wrong address, password or role is told at once rather than tried for ever.
            Err(error) if !error.may_pass() && house.metropolis.is_none() && house.turns == 0 => return Err(error),
            Err(error) => {
                failures += 1;
                tracing::warn!(code = error.code(), %error, failures, "the house could not take its turn");
                house.forget();
                pause::after(failures, rand::random())
            }
        };
        tokio::select! {
            () = &mut end => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    house.leave().await;
    Ok(())
}

struct House {
    target: ConnectTarget,
    /// This run of the program: another run is another holder of the seat.
    program: Uuid,
    metropolis: Option<PgMetropolis>,
    term: Option<i64>,
    turns: u32,
    alarms: Keeper,
    notifier: Option<Notifier>,
    /// The house is a source as well: without it nobody says that a time has passed.
    contact: Contact,
}

impl House {
    #[allow(clippy::disallowed_methods, reason = "the edge of the program: a run is told apart from every other")]
    fn new(target: ConnectTarget, notify: Option<std::path::PathBuf>) -> Self {
        let notifier = notify.map(Notifier::new);
        Self {
            target,
            program: Uuid::new_v4(),
            metropolis: None,
            term: None,
            turns: 0,
            alarms: Keeper::default(),
            notifier,
            contact: Contact::new("house", "Vigie", Vec::new(), HEARD_WITHIN),
        }
    }

    /// After a failure: another connection, and the seat only if it is still to be had.
    fn forget(&mut self) {
        self.metropolis = None;
        self.alarms.forget();
        self.contact.forget();
        self.seated(None);
    }

    fn seated(&mut self, term: Option<i64>) {
        if self.term != term {
            tracing::info!(
                ?term,
                "{}",
                if term.is_some() { "this program keeps time" } else { "the seat is not held here" }
            );
        }
        self.term = term;
    }

    async fn turn(&mut self) -> Result<(), MetropolisError> {
        if self.metropolis.is_none() {
            self.metropolis = Some(sign_in(&self.target).await?);
        }
        let Some(metropolis) = &self.metropolis else { return Ok(()) };
        let term = in_time(metropolis.take_seat(self.program, LEASE)).await?;
        let done = match term {
            Some(term) => {
                let prune = self.turns.is_multiple_of(PRUNE_EVERY);
                match work(metropolis, term, prune).await {
                    Ok(now) => {
                        let watched = watch(metropolis, term, now, &mut self.alarms, self.notifier.as_mut()).await;
                        self.contact.hear(now, None);
                        match watched {
                            Ok(()) => tell(metropolis, term, now, &mut self.contact).await,
                            failed => failed,
                        }
                    }
                    failed => failed.map(drop),
                }
            }
            None => Ok(()),
        };
        self.seated(term);
        if term.is_some() {
            self.turns = self.turns.wrapping_add(1);
        }
        done
    }

    async fn leave(&self) {
        if let (Some(metropolis), Some(term)) = (&self.metropolis, self.term)
            && let Err(error) = in_time(metropolis.leave_seat(term)).await
        {
            tracing::info!(%error, "the seat could not be given back: its lease ends by itself");
        }
    }
}

async fn sign_in(target: &ConnectTarget) -> Result<PgMetropolis, MetropolisError> {
    let metropolis = in_time(PgMetropolis::connect(target.clone(), DEADLINE)).await?;
    match in_time(metropolis.identity()).await?.role {
        Role::House => Ok(metropolis),
        role => Err(MetropolisError::Denied(format!("the house signs in as role house, this account is {role}"))),
    }
}

/// What there is to say, by the core's rules; then what the metropolis does by itself.
async fn work(metropolis: &PgMetropolis, term: i64, prune: bool) -> Result<Timestamp, MetropolisError> {
    let now: Timestamp = in_time(metropolis.identity()).await?.server_time;
    let commands = in_time(metropolis.commands_under_way()).await?;
    let said: Vec<Submission> =
        commands.iter().filter_map(|command| verdict(command, now)).map(|verdict| verdict.submission()).collect();
    if !said.is_empty() {
        tracing::info!(commands = said.len(), "nobody answered: said so");
        in_time(metropolis.house_submit(term, &said)).await?;
    }
    let kept = in_time(metropolis.house_keep(term)).await?;
    if kept.overdue + kept.shifts > 0 {
        tracing::info!(overdue = kept.overdue, shifts = kept.shifts, "ends that nobody saw");
    }
    if prune {
        // A table that is in use may be pruned later: no reason to leave the seat.
        match in_time(metropolis.house_prune(term)).await {
            Ok(removed) => tracing::info!(removed, "what was past its time went"),
            Err(error) => tracing::warn!(%error, "what is past its time stays for now"),
        }
    }
    Ok(now)
}

/// The alarms: what the rules say of what changed, and whom to tell outside the room. What a connector has told is said with
/// them.
async fn watch(
    metropolis: &PgMetropolis,
    term: i64,
    now: Timestamp,
    alarms: &mut Keeper,
    notifier: Option<&mut Notifier>,
) -> Result<(), MetropolisError> {
    let limit = if alarms.begins() { BEGIN_WITHIN } else { DEADLINE };
    let turn = tokio::time::timeout(limit, alarms.turn(metropolis, now));
    let mut said = turn.await.unwrap_or(Err(MetropolisError::Deadline))?;
    if let Some(notifier) = notifier {
        let told = notifier.told().into_iter();
        said.extend(told.map(|notice_id| AlarmChange::Sent { notice_id, at: now }));
        notifier.tell(alarms.unsent());
    }
    let count = said.len();
    if let Some(submission) = report(said) {
        tracing::info!(changes = count, "alarms moved");
        in_time(metropolis.house_submit(term, &[submission])).await?;
    }
    Ok(())
}

/// That the house is there.
async fn tell(
    metropolis: &PgMetropolis,
    term: i64,
    now: Timestamp,
    contact: &mut Contact,
) -> Result<(), MetropolisError> {
    let Some(contact) = contact.due(now, MachineClock.now(), None) else { return Ok(()) };
    let said = Submission::new(SubmissionId(MachineIds.next()), Body::SourceContact(contact));
    in_time(metropolis.house_submit(term, &[said])).await.map(drop)
}

async fn in_time<T>(work: impl Future<Output = Result<T, MetropolisError>>) -> Result<T, MetropolisError> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or(Err(MetropolisError::Deadline))
}
