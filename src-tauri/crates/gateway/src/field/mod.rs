//! The field: takes commands from the metropolis, hands them to devices, tells what they answered and showed.
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | the file that names the lines |
//! | [`seat`] | one program of the account at a time, and its clock against the metropolis's |
//! | [`round`] | one line's work: hear, take, hand over, end |
//! | [`queue`] | what is to be told to the metropolis, through its outages |
//! | [`adapter`] | what a line is, whatever its protocol |
//! | [`mqtt`], [`connection`], [`profile`] | lines over a broker, and what they speak |
//! | [`talq`], [`rsmp`], [`sparkplug`], [`plain`] | the profiles |
//! | [`calendar`], [`tables`] | a programme in the shape of TALQ's calendars, in that of RSMP's tables |
//! | [`live`] | keys that are held: told for a moment, again with each sign of life (class L) |
//! | [`heard`] | what a device said |
//!
//! Guarantees: a command is `dispatching` in the metropolis before it is handed over, once, within two seconds of being taken
//! and within its life; after a crash it is unknown and never handed over again (R14); while the broker is away nothing is
//! taken, so that nothing waits (R1); what was heard while the metropolis was away is told when it is back, the last state of
//! each object only.

pub(crate) mod adapter;
pub(crate) mod calendar;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod heard;
pub(crate) mod live;
mod mqtt;
pub(crate) mod plain;
pub(crate) mod profile;
mod queue;
mod round;
mod rsmp;
#[cfg(test)]
mod sample;
pub(crate) mod seat;
pub(crate) mod sparkplug;
pub(crate) mod tables;
mod talq;

use std::time::Duration;

use vigie_core::port::MetropolisError;
use vigie_metropolis::ConnectTarget;

use config::{BadConfig, Config};
use round::Round;
use seat::Seat;

use crate::pause;

/// Between two turns.
const TURN: Duration = Duration::from_millis(50);

/// Why the field cannot be worked at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FieldError {
    #[error(transparent)]
    Config(#[from] BadConfig),
    #[error(transparent)]
    Metropolis(#[from] MetropolisError),
}

/// Works the field until asked to end. Only what can never work is an error.
pub(crate) async fn work(
    config: &Config,
    target: ConnectTarget,
    end: impl Future<Output = ()>,
) -> Result<(), FieldError> {
    tokio::pin!(end);
    let mut seat = Seat::new(target);
    let mut rounds = Vec::new();
    for line in config.lines() {
        let adapter = config.adapter(line, seat.program())?;
        rounds.push(Round::new(line.name.clone(), Config::silent_after(line), adapter, config.contact(line)?));
    }
    let mut failures = 0;
    loop {
        let wait = match turn(&mut seat, &mut rounds).await {
            Ok(()) => {
                failures = 0;
                TURN
            }
            Err(error) if !error.may_pass() && !seat.ever_sat() => return Err(error.into()),
            Err(error) => {
                failures += 1;
                tracing::warn!(code = error.code(), %error, failures, "the metropolis could not be worked with");
                seat.forget();
                pause::after(failures, rand::random())
            }
        };
        tokio::select! {
            () = &mut end => break,
            () = tokio::time::sleep(wait) => {}
        }
        // Whatever the metropolis does, the field is listened to.
        if failures > 0 {
            for round in &mut rounds {
                round.listen_only().await;
            }
        }
    }
    close(&mut rounds).await;
    seat.leave().await;
    Ok(())
}

async fn turn(seat: &mut Seat, rounds: &mut [Round]) -> Result<(), MetropolisError> {
    let Some(term) = seat.keep().await? else {
        close(rounds).await;
        return Ok(());
    };
    for round in rounds {
        round.turn(seat, term).await?;
    }
    Ok(())
}

async fn close(rounds: &mut [Round]) {
    for round in rounds {
        round.close().await;
    }
}
