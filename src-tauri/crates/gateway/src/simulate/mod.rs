//! `vigie-gateway simulate`: the devices on the other side of the broker, for a rehearsal.
//!
//! | module | what it holds |
//! |---|---|
//! | [`side`] | what the devices' side of a profile is |
//! | [`talq`], [`rsmp`], [`sparkplug`], [`plain`] | the sides |
//! | [`json_line`] | what lines that speak JSON have in common |
//! | [`line`] | a line's connection |
//! | [`street`] | the devices of all lines: what reaches them, what they say |
//! | [`fault`] | faults on demand and by chance |
//! | [`log`] | what devices write down |
//!
//! The devices are those of the app's training and of `vigiectl simulate` ([`vigie_training::field`]): they follow dusk and
//! rivers, wear out, carry orders out or not, and go back by themselves where their protocol knows an end. Guarantee: a
//! metropolis that is not a rehearsal is refused.

mod fault;
mod json_line;
mod line;
mod log;
mod plain;
mod rsmp;
mod side;
mod sparkplug;
mod street;
mod talq;

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use vigie_core::port::{Identity, Metropolis, MetropolisError, MetropolisMode};
use vigie_core::time::{Clock, MetropolisTime, Moment};
use vigie_machine::MachineClock;
use vigie_metropolis::{ConnectTarget, PgMetropolis};
use vigie_training::player::Standing;

use crate::field::config::{BadConfig, Config};
use fault::Demand;
use log::Log;
use street::Street;

/// Between two moves.
const TURN: Duration = Duration::from_millis(20);
/// For anything asked of the metropolis; a first copy of a large city may take long.
const DEADLINE: Duration = Duration::from_secs(10);
const COPY_DEADLINE: Duration = Duration::from_mins(5);
/// How often the metropolis is asked its time and its rate.
const TIME_EVERY: Duration = Duration::from_secs(5);

/// Plays the devices on the other side of the broker until it is asked to end. Refuses a metropolis that is no rehearsal.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file that names the lines, as for `--field`.
    #[arg(long, value_name = "FILE")]
    field: PathBuf,
    /// Another seed, another luck.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of commands, 0 to 1, that are answered late, twice, after a while or not at all. Faults of one device or line
    /// are demanded on the standard input: `mute REFERENCE`, `death LINE`; the guide has the list.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    faults: f64,
    /// Where devices write down what reaches them, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// Why the devices cannot be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SimulateError {
    #[error(transparent)]
    Config(#[from] BadConfig),
    #[error(transparent)]
    Metropolis(#[from] MetropolisError),
    #[error("this metropolis is {0}: devices are simulated in a rehearsal only (vigiectl migrate --rehearsal)")]
    NotARehearsal(&'static str),
    #[error("the log of the devices cannot be written: {0}")]
    Log(#[from] io::Error),
}

/// Plays until asked to end.
pub(crate) async fn play(
    args: &Args,
    target: ConnectTarget,
    end: impl Future<Output = ()>,
) -> Result<(), SimulateError> {
    let config = Config::read(&args.field)?;
    let metropolis = PgMetropolis::connect(target, DEADLINE).await?;
    let (identity, now) = ask_time(&metropolis).await?;
    if identity.mode != MetropolisMode::Rehearsal {
        return Err(SimulateError::NotARehearsal(identity.mode.code()));
    }
    let (standing, _) = within(COPY_DEADLINE, Standing::read(&metropolis)).await?;
    let log = Log::open(args.log.as_deref().map(Path::new))?;
    let mut street = Street::new(&config, args.seed, args.faults, standing, now.estimate(MachineClock.now()), log)?;
    println!("{}: {street}", identity.name);
    let (tell, time) = watch::channel(now);
    let heard = tokio::spawn(hear_time(metropolis, tell));
    let mut demands = demands();
    tokio::pin!(end);
    loop {
        let now = time.borrow().estimate(MachineClock.now());
        while let Ok(demand) = demands.try_recv() {
            street.demand(demand, now).await;
        }
        street.turn(now).await?;
        tokio::select! {
            () = &mut end => break,
            () = tokio::time::sleep(TURN) => {}
        }
    }
    heard.abort();
    Ok(())
}

/// Which metropolis, and its time: told half-way between the asking and the answer.
async fn ask_time(metropolis: &PgMetropolis) -> Result<(Identity, MetropolisTime), MetropolisError> {
    let asked = MachineClock.now();
    let identity = within(DEADLINE, metropolis.identity()).await?;
    let half = MachineClock.now().since(asked) / 2;
    let told = Moment { wall: asked.wall.plus(half), boot: asked.boot + half };
    let time = MetropolisTime::new(identity.server_time, told, identity.clock_rate);
    Ok((identity, time))
}

/// Keeps the devices' clock with the metropolis's, which a rehearsal may run faster. While it is away, the clock goes on.
async fn hear_time(metropolis: PgMetropolis, tell: watch::Sender<MetropolisTime>) {
    loop {
        tokio::time::sleep(TIME_EVERY).await;
        match ask_time(&metropolis).await {
            Ok((_, time)) => {
                tell.send_replace(time);
            }
            Err(error) => tracing::info!(%error, "the metropolis did not tell its time"),
        }
    }
}

/// What is demanded on the standard input, for as long as somebody is there.
fn demands() -> mpsc::UnboundedReceiver<Demand> {
    let (tell, demands) = mpsc::unbounded_channel();
    // A read of the standard input cannot be given up: a thread of its own, which ends with the program.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            match Demand::read(&line) {
                Some(demand) => {
                    if tell.send(demand).is_err() {
                        return;
                    }
                }
                None if line.trim().is_empty() => {}
                None => {
                    eprintln!("vigie-gateway: not understood; for example: mute REFERENCE, off REFERENCE, death LINE");
                }
            }
        }
    });
    demands
}

async fn within<T>(
    deadline: Duration,
    call: impl Future<Output = Result<T, MetropolisError>>,
) -> Result<T, MetropolisError> {
    tokio::time::timeout(deadline, call).await.unwrap_or(Err(MetropolisError::Deadline))
}
