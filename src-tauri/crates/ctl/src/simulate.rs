//! `vigiectl simulate`: plays the field and the house of a rehearsal, as the logins that `load` made.

use std::time::Duration;

use vigie_core::port::{Identity, Metropolis, MetropolisError, MetropolisMode};
use vigie_core::rights::Role;
use vigie_core::time::{Clock, MetropolisTime, Moment};
use vigie_machine::{MachineClock, MachineIds, asked_to_end};
use vigie_metropolis::{Admin, ConnectTarget, PgMetropolis};
use vigie_training::player::{Played, Player};

use crate::address::Address;
use crate::error::CtlError;
use crate::load::demo_login;

/// Between two looks at the metropolis.
const EVERY: Duration = Duration::from_millis(200);
/// A call that takes longer is given up; a first copy of a large city may take long.
const DEADLINE: Duration = Duration::from_secs(15);
const COPY_DEADLINE: Duration = Duration::from_mins(5);
/// How often the metropolis is asked its time and its rate.
const TIME_EVERY: Duration = Duration::from_secs(5);
/// How often the house looks for effects that nobody saw ending.
const HOUSE_EVERY: Duration = Duration::from_secs(1);
/// How often the program says what it did.
const SAY_EVERY: Duration = Duration::from_mins(1);

/// What to play.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address of the rehearsal; the field signs in as `demo_gateway` and `demo_house` (passwords by PGPASSFILE).
    #[arg(long, value_name = "URL")]
    metropolis: String,
    /// Runs the rehearsal's clock so many times faster (0 to 3600); needs the owner's login in the address.
    #[arg(long, value_name = "N")]
    speed: Option<f64>,
    /// Another seed, another luck.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Plays until asked to end.
pub(crate) async fn run(args: &Args) -> Result<(), CtlError> {
    let address = Address::new(&args.metropolis)?;
    if let Some(speed) = args.speed {
        let mut admin = Admin::connect(address.url(), None).await?;
        let info = admin.info().await?;
        if info.mode != MetropolisMode::Rehearsal {
            return Err(CtlError::NotARehearsal("the clock is not touched", info.mode));
        }
        admin.set_clock(None, speed.clamp(0.0, vigie_training::clock::MAX_RATE)).await?;
    }
    let gateway = sign_in(&address, Role::Gateway).await?;
    let house = sign_in(&address, Role::House).await?;
    let identity = within(DEADLINE, gateway.identity()).await?;
    if identity.mode != MetropolisMode::Rehearsal {
        return Err(CtlError::NotARehearsal("the field is not played", identity.mode));
    }
    let player = within(COPY_DEADLINE, Player::begin(&gateway, args.seed)).await?;
    println!(
        "{}: field and house are played, {} times as fast as real time. Ctrl-C ends.",
        identity.name, identity.clock_rate
    );
    let mut simulation = Simulation::new(gateway, house, player, &identity);
    tokio::select! {
        () = simulation.play() => {}
        () = asked_to_end() => {}
    }
    println!("{}", simulation.summary());
    Ok(())
}

async fn sign_in(address: &Address, role: Role) -> Result<PgMetropolis, CtlError> {
    let target = ConnectTarget {
        url: address.for_login(&demo_login(role)),
        password: None,
        application_name: format!("vigiectl simulate ({role})"),
    };
    Ok(PgMetropolis::connect(target, DEADLINE).await?)
}

async fn within<T>(
    deadline: Duration,
    call: impl Future<Output = Result<T, MetropolisError>>,
) -> Result<T, MetropolisError> {
    tokio::time::timeout(deadline, call).await.unwrap_or(Err(MetropolisError::Deadline))
}

struct Simulation {
    gateway: PgMetropolis,
    house: PgMetropolis,
    player: Player,
    time: MetropolisTime,
    heard: Moment,
    housed: Moment,
    said: Moment,
    rate: f64,
    played: Played,
    overdue: u64,
}

impl Simulation {
    fn new(gateway: PgMetropolis, house: PgMetropolis, player: Player, identity: &Identity) -> Self {
        let now = MachineClock.now();
        let time = MetropolisTime::new(identity.server_time, now, identity.clock_rate);
        let rate = identity.clock_rate;
        Self {
            gateway,
            house,
            player,
            time,
            heard: now,
            housed: now,
            said: now,
            rate,
            played: Played::default(),
            overdue: 0,
        }
    }

    /// Plays for ever; a metropolis that does not answer is tried again, a little later each time.
    async fn play(&mut self) {
        let mut pause = EVERY;
        loop {
            tokio::time::sleep(pause).await;
            pause = match self.step().await {
                Ok(()) => EVERY,
                Err(error) => {
                    if pause == EVERY {
                        eprintln!("vigiectl: {error}; trying again");
                    }
                    (pause * 2).min(Duration::from_secs(10))
                }
            };
            let now = MachineClock.now();
            if now.since(self.said) >= SAY_EVERY {
                self.said = now;
                println!("{}", self.summary());
                (self.played, self.overdue) = (Played::default(), 0);
            }
        }
    }

    async fn step(&mut self) -> Result<(), MetropolisError> {
        let now = MachineClock.now();
        if now.since(self.heard) >= TIME_EVERY {
            let identity = within(DEADLINE, self.gateway.identity()).await?;
            let now = MachineClock.now();
            self.time = MetropolisTime::new(identity.server_time, now, identity.clock_rate);
            (self.heard, self.rate) = (now, identity.clock_rate);
        }
        let at = self.time.estimate(now);
        let played = within(DEADLINE, self.player.step(&self.gateway, &self.house, &MachineIds, at)).await?;
        self.played.add(played);
        if now.since(self.housed) >= HOUSE_EVERY {
            self.housed = now;
            self.overdue += within(DEADLINE, self.house.mark_overdue_effects()).await?;
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let at = self.time.estimate(MachineClock.now());
        format!(
            "{at} (x{}): {} states reported, {} moves of commands, {} without an answer, {} effects overdue",
            self.rate, self.played.states, self.played.progress, self.played.silences, self.overdue
        )
    }
}
