//! What runs in a workstation's process: the real engine on its real files, and an operator who never rests.
//!
//! It says on its output, line by line, what it promised and which cuts its replica held; it is told on its input to come
//! to rest and to end. Killing it is part of the campaign, so nothing it says is needed to find out the truth.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;
use uuid::Uuid;
use vigie_core::command::{CommandState as S, Params};
use vigie_core::ids::{CommandId, Ids};
use vigie_core::link::LinkState;
use vigie_core::port::{Changes, Cut, Metropolis, MetropolisError};
use vigie_core::time::{Clock, Moment, Timestamp};
use vigie_engine::{Connector, Engine, EngineError, Operate, Options, Parts};
use vigie_metropolis::{ConnectTarget, Password, PgMetropolis};
use vigie_store::FileKey;
use vigie_training::chance::Dice;

use super::city::PASSWORD;
use super::hamlet::wish;
use super::telling::Telling;

/// The key of every local file of a campaign.
pub const KEY: FileKey = FileKey::new([7; 32]);
/// Everything comes to rest within this time of a good link, or the workstation has stalled.
const REST: Duration = Duration::from_secs(90);

/// How a workstation is started; its arguments, in order.
#[derive(Debug, Clone)]
pub struct Start {
    /// Address of the metropolis, with the login.
    pub url: String,
    /// The login: the beginning of every tag.
    pub login: String,
    /// Folder of its files.
    pub folder: PathBuf,
    /// What its operator does.
    pub seed: u64,
    /// Which life of this workstation it is: part of every tag.
    pub life: u32,
    /// Orders a second, about.
    pub rate: f64,
    /// Between two looks at the metropolis, ms.
    pub look_ms: u64,
}

impl Start {
    /// As arguments of the process.
    pub fn arguments(&self) -> Vec<String> {
        vec![
            self.url.clone(),
            self.login.clone(),
            self.folder.to_string_lossy().into_owned(),
            self.seed.to_string(),
            self.life.to_string(),
            self.rate.to_string(),
            self.look_ms.to_string(),
        ]
    }

    /// From the arguments of the process.
    pub fn read(arguments: &[String]) -> anyhow::Result<Self> {
        let [url, login, folder, seed, life, rate, look_ms] = arguments else {
            anyhow::bail!("a workstation takes seven arguments");
        };
        Ok(Self {
            url: url.clone(),
            login: login.clone(),
            folder: folder.into(),
            seed: seed.parse()?,
            life: life.parse()?,
            rate: rate.parse()?,
            look_ms: look_ms.parse()?,
        })
    }
}

/// The machine's own clock.
pub struct MachineClock(Instant);

impl MachineClock {
    /// The clock of this process.
    #[allow(clippy::disallowed_methods, reason = "a real process lives in real time")]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for MachineClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MachineClock {
    #[allow(clippy::disallowed_methods, reason = "a real process lives in real time")]
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { wall: Timestamp(i64::try_from(since.as_millis()).unwrap_or(0)), boot: self.0.elapsed() }
    }
}

/// Identifiers of a real process.
pub struct FreshIds;

impl Ids for FreshIds {
    #[allow(clippy::disallowed_methods, reason = "a real process needs identifiers that nobody else makes")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

struct Way {
    url: String,
}

#[async_trait]
impl Connector for Way {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        let target = ConnectTarget {
            url: self.url.clone(),
            password: Some(Password::new(PASSWORD)),
            application_name: "vigie".into(),
        };
        Ok(Arc::new(PgMetropolis::connect(target, Duration::from_millis(2_500)).await?))
    }
}

/// A line for whoever started this process. Nobody listening any more is the end.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let told = writeln!(out, "{line}").and_then(|()| out.flush());
    if told.is_err() {
        std::process::exit(1);
    }
}

/// Says which cuts the replica holds.
fn tell_cut(changes: &Changes) {
    let Cut { epoch, xmin, at, .. } = &changes.cut;
    say(&format!("cut {epoch} {xmin} {}", at.0));
}

/// Runs a workstation until it is told to end.
pub async fn run(start: Start) -> anyhow::Result<()> {
    let replica = vigie_store::replica::open(&start.folder, &KEY).await?;
    let outbox = vigie_store::outbox::open(&start.folder, &KEY).await?;
    let clock = Arc::new(MachineClock::new());
    let engine = Engine::start(Parts {
        connector: Arc::new(Way { url: start.url.clone() }),
        replica: Arc::new(Telling { replica: replica.clone(), tell: tell_cut }),
        outbox: Arc::new(outbox.clone()),
        records: Arc::new(outbox.clone()),
        hand: None,
        deposit: None,
        clock: clock.clone(),
        machine: clock.clone(),
        ids: Arc::new(FreshIds),
        options: Options {
            look_every: Duration::from_millis(start.look_ms),
            pace: Duration::from_millis(20),
            ..Options::default()
        },
    })
    .await?;
    say("started");
    tokio::spawn(tell_link(engine.clone()));
    let mut told = listen();
    let mut operator =
        Operator { dice: Dice::new(start.seed, &format!("{} {}", start.login, start.life)), start, made: 0 };
    let mut ready = false;
    loop {
        if !ready && engine.status().link.state == LinkState::Live {
            ready = true;
            say("ready");
        }
        let pause = operator.pause();
        match tokio::time::timeout(pause, told.recv()).await {
            Ok(Some(line)) if line == "rest" => break,
            Ok(None) => anyhow::bail!("whoever started this workstation is gone"),
            Ok(Some(_)) => {}
            Err(_) => operator.act(&engine).await,
        }
    }
    rest(&engine, &clock).await;
    let end = told.recv().await.context("whoever started this workstation is gone")?;
    let heard: i64 = end.trim_start_matches("end ").parse()?;
    let begun = clock.now();
    while engine.status().link.heard_at.is_none_or(|at| at.0 < heard) && clock.now().since(begun) < REST {
        engine.look_now();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    say(if engine.status().shift.is_some() { "on shift" } else { "off shift" });
    engine.shutdown().await;
    outbox.close().await;
    replica.close().await;
    say("ended");
    Ok(())
}

/// Says where the link stands whenever that changes.
async fn tell_link(engine: Engine) {
    let mut observed = engine.observe();
    let mut shown = None;
    loop {
        let state = engine.status().link.state;
        if shown != Some(state) {
            shown = Some(state);
            say(&format!("link {state}"));
        }
        if let Err(tokio::sync::broadcast::error::RecvError::Closed) = observed.recv().await {
            return;
        }
    }
}

/// Lines of the input.
fn listen() -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if tell.send(line).await.is_err() {
                return;
            }
        }
    });
    told
}

/// Waits until nothing here moves by itself any more, and says whether that came about.
async fn rest(engine: &Engine, clock: &MachineClock) {
    let begun = clock.now();
    while clock.now().since(begun) < REST {
        if is_at_rest(engine) {
            return say("rested");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    say("stalled");
}

fn is_at_rest(engine: &Engine) -> bool {
    let moving = engine
        .commands(|c| c.entry.as_ref().is_some_and(|e| matches!(e.state, S::Queued | S::Submitted | S::Unsettled)));
    let keys = engine.commands(|c| c.entry.as_ref().is_some_and(|e| e.state == S::AwaitingKey));
    let waits = |c: &vigie_engine::TrackedCommand| keys.iter().any(|k| k.equipment_id() == c.equipment_id());
    engine.status().link.state == LinkState::Live && moving.iter().all(waits)
}

struct Operator {
    start: Start,
    dice: Dice,
    made: u32,
}

impl Operator {
    fn pause(&mut self) -> Duration {
        Duration::from_secs_f64(self.dice.between(0.0, 2.0) / self.start.rate.max(0.01))
    }

    async fn act(&mut self, engine: &Engine) {
        let done = match self.dice.below(20) {
            0 => self.press(engine).await,
            1 => self.cancel(engine).await,
            2 => self.abandon(engine).await,
            _ => self.operate(engine).await,
        };
        // A refusal is an answer; a file that fails is not.
        match done {
            Ok(()) => {}
            Err(EngineError::Store(error)) => say(&format!("store {}", error.code())),
            Err(other) => say(&format!("refused {}", other.code())),
        }
    }

    fn one_of(&mut self, engine: &Engine, wanted: S) -> Option<CommandId> {
        let own = engine.commands(|c| c.entry.as_ref().is_some_and(|e| e.state == wanted));
        let ids: Vec<_> = own.into_iter().filter_map(|c| c.entry).map(|e| e.order.command_id).collect();
        self.dice.pick(&ids).copied()
    }

    async fn press(&mut self, engine: &Engine) -> Result<(), EngineError> {
        let Some(id) = self.one_of(engine, S::AwaitingKey) else { return Ok(()) };
        engine.press_key(id).await.map(|_| ())
    }

    async fn cancel(&mut self, engine: &Engine) -> Result<(), EngineError> {
        let Some(id) = self.one_of(engine, S::Queued) else { return Ok(()) };
        engine.cancel(id, "cancelled").await
    }

    async fn abandon(&mut self, engine: &Engine) -> Result<(), EngineError> {
        let Some(id) = self.one_of(engine, S::Intent) else { return Ok(()) };
        engine.abandon(id).await.map(|_| ())
    }

    async fn operate(&mut self, engine: &Engine) -> Result<(), EngineError> {
        let objects = engine
            .picture(|p| p.objects().iter().map(|o| (o.equipment.equipment_id, o.equipment.kind)).collect::<Vec<_>>());
        let Some(&(equipment_id, kind)) = self.dice.pick(&objects) else { return Ok(()) };
        let (action, params) = wish(kind, &mut self.dice);
        let params = Params::from(params);
        let prepared = engine.prepare(equipment_id, action, &params)?;
        self.made += 1;
        let tag = format!("{}-{}-{}", self.start.login, self.start.life, self.made);
        let lasting = vigie_core::command::action(action).is_some_and(|a| a.max_effect.is_some());
        engine
            .operate(Operate {
                equipment_id,
                effect_minutes: lasting.then_some(30),
                action: action.to_owned(),
                params,
                reason: format!("{tag} campaign"),
                without_visibility: prepared.needs_without_visibility || self.dice.chance(0.5),
                seen: prepared.seen,
                replaces: None,
                procedure: vigie_core::command::Procedure::default(),
                promised: None,
            })
            .await?;
        say(&format!("promised {tag}"));
        Ok(())
    }
}
