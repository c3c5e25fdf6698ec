//! `prove histories`: several real workstations on a real PostgreSQL, through proxies that fail, pauses and kills; the
//! whole history is checked at the end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::Semaphore;
use vigie_testkit::postgres::Server;
use vigie_testkit::proxy::{Passage, Proxy};
use vigie_training::chance::Dice;

use super::city::City;
use super::client::Start;
use super::history::{Fault, History, check};
use super::kill::conclude;
use super::workstation::Workstation;

/// How the histories of a campaign are made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// This program.
    pub program: PathBuf,
    /// How many histories.
    pub runs: u64,
    /// How long trouble lasts in each.
    pub trouble: Duration,
    /// Histories at once, each on a database of its own.
    pub at_once: usize,
    /// Workstations in each; 5 or 10 by the seed when not said.
    pub desks: Option<usize>,
    /// The first seed; each history has the next one.
    pub seed: u64,
}

/// The ways in which the links fail.
const FOUL: [Passage; 7] = [
    Passage::Refuse,
    Passage::Reset,
    Passage::BlackHole,
    Passage::Hold,
    Passage::LoseReplies,
    Passage::LoseRequests,
    Passage::Slow(Duration::from_millis(150)),
];

/// What was counted.
#[derive(Debug, Default)]
pub struct Histories {
    /// Histories that came to their end.
    pub runs: u64,
    /// Workstations in them.
    pub workstations: u64,
    /// Partitions, pauses and kills.
    pub partitions: u64,
    /// `SIGSTOP`s.
    pub pauses: u64,
    /// `kill -9`s.
    pub kills: u64,
    /// Orders that a workstation said it had recorded.
    pub promised: u64,
    /// Commands that the metropolis had.
    pub commands: u64,
    /// Cuts that the replicas went through.
    pub cuts: u64,
    /// What the engines refused to their operators, by code.
    pub refused: BTreeMap<String, u64>,
    /// What was wrong, with the seed of its history.
    pub faults: Vec<(u64, Fault)>,
}

#[derive(Debug, Default)]
struct Trouble {
    partitions: u64,
    pauses: u64,
    kills: u64,
    refused: BTreeMap<String, u64>,
}

/// Makes them.
pub async fn campaign(plan: &Plan) -> anyhow::Result<Histories> {
    // Each workstation holds a few connections, and leaves dead ones behind in black holes.
    let server = Arc::new(Server::start_with(&["max_connections=600"]).context("no PostgreSQL server")?);
    let places = Arc::new(Semaphore::new(plan.at_once));
    let mut making = tokio::task::JoinSet::new();
    for run in 0..plan.runs {
        let (server, places, plan) = (server.clone(), places.clone(), plan.clone());
        making.spawn(async move {
            let _place = places.acquire().await?;
            let seed = plan.seed.wrapping_add(run);
            one(&plan, &server, seed).await.with_context(|| format!("the history of seed {seed}"))
        });
    }
    let mut sum = Histories::default();
    while let Some(made) = making.join_next().await {
        let (seed, history, trouble) = made??;
        sum.runs += 1;
        sum.workstations += history.desks.len() as u64;
        sum.partitions += trouble.partitions;
        sum.pauses += trouble.pauses;
        sum.kills += trouble.kills;
        for (code, times) in trouble.refused {
            *sum.refused.entry(code).or_default() += times;
        }
        sum.commands += history.commands.len() as u64;
        for desk in &history.desks {
            sum.promised += desk.promised.len() as u64;
            sum.cuts += desk.cuts.len() as u64;
        }
        let faults = check(&history);
        if !faults.is_empty() {
            eprintln!(
                "  seed {seed}: {} faults, the first: {}",
                faults.len(),
                faults.first().map_or(String::new(), ToString::to_string)
            );
        }
        sum.faults.extend(faults.into_iter().map(|fault| (seed, fault)));
    }
    Ok(sum)
}

/// One history: 5 or 10 workstations, 10 to 40 orders a second between them.
async fn one(plan: &Plan, server: &Arc<Server>, seed: u64) -> anyhow::Result<(u64, History, Trouble)> {
    let mut dice = Dice::new(seed, "history");
    let desks = if dice.chance(0.5) { 5 } else { 10 };
    let desks = plan.desks.unwrap_or(desks);
    let trouble = plan.trouble;
    let rate = dice.between(10.0, 40.0) / desks as f64;
    let city = City::found(server, desks).await?;
    let folder = tempfile::tempdir()?;
    let field = city.play(seed).await?;
    let mut troubling = tokio::task::JoinSet::new();
    for (at, login) in city.desks.iter().enumerate() {
        let proxy = Proxy::to(city.database.server().port()).await?;
        let start = Start {
            url: city.url(login, proxy.port()),
            login: login.clone(),
            folder: folder.path().join(login),
            seed,
            life: 0,
            rate,
            look_ms: 250,
        };
        let workstation = Workstation::new(&plan.program, start);
        let dice = Dice::new(seed, &format!("trouble {at}"));
        // The proxy goes on living in this runtime; only its passage is changed from there.
        troubling.spawn_blocking(move || make_trouble(workstation, proxy, trouble, dice));
    }
    let (mut workstations, mut proxies, mut sum) = (Vec::new(), Vec::new(), Trouble::default());
    while let Some(made) = troubling.join_next().await {
        let (workstation, proxy, trouble) = made??;
        workstations.push(workstation);
        proxies.push(proxy);
        sum.partitions += trouble.partitions;
        sum.pauses += trouble.pauses;
        sum.kills += trouble.kills;
    }
    let history = conclude(&city, field, &mut workstations).await?;
    for workstation in &workstations {
        for (code, times) in workstation.refused() {
            *sum.refused.entry(code.clone()).or_default() += times;
        }
    }
    // A server cannot end a session that waits for a link which carries nothing.
    drop((workstations, proxies));
    city.raze().await?;
    Ok((seed, history, sum))
}

#[allow(clippy::disallowed_methods, reason = "trouble lasts in real time")]
fn make_trouble(
    mut workstation: Workstation,
    proxy: Proxy,
    lasts: Duration,
    mut dice: Dice,
) -> anyhow::Result<(Workstation, Proxy, Trouble)> {
    let mut made = Trouble::default();
    workstation.switch_on()?;
    workstation.wait_ready()?;
    let begun = Instant::now();
    let wait = |dice: &mut Dice, most: f64| {
        let left = lasts.saturating_sub(begun.elapsed());
        std::thread::sleep(Duration::from_secs_f64(dice.between(0.1, most)).min(left));
    };
    while begun.elapsed() < lasts {
        match dice.below(10) {
            0..=3 => {
                made.partitions += 1;
                proxy.set(*dice.pick(&FOUL).unwrap_or(&Passage::BlackHole));
                wait(&mut dice, 12.0);
                proxy.set(Passage::Open);
            }
            4 => {
                made.pauses += 1;
                workstation.pause()?;
                wait(&mut dice, 8.0);
                workstation.go_on()?;
            }
            5 => {
                made.kills += 1;
                workstation.kill()?;
                wait(&mut dice, 3.0);
                workstation.switch_on()?;
            }
            _ => wait(&mut dice, 5.0),
        }
        workstation.listen()?;
    }
    proxy.set(Passage::Open);
    Ok((workstation, proxy, made))
}
