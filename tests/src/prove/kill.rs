//! `prove kill`: `kill -9` of real workstations at random instants, while they submit.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use vigie_testkit::postgres::Server;
use vigie_training::chance::Dice;

use super::city::City;
use super::client::Start;
use super::history::{Fault, History, check};
use super::workstation::Workstation;

/// Kills on one database before another one is taken: what is checked at once stays small.
const ON_ONE_CITY: u32 = 250;
/// Workstations killed side by side.
const SIDE_BY_SIDE: usize = 2;

/// What was counted.
#[derive(Debug, Default)]
pub struct Kills {
    /// `kill -9`s.
    pub kills: u32,
    /// Orders that a workstation said it had recorded.
    pub promised: u64,
    /// Entries found in the outboxes.
    pub entries: u64,
    /// Commands that the metropolis had.
    pub commands: u64,
    /// What was wrong, with the city's seed.
    pub faults: Vec<(u64, Fault)>,
}

/// Kills so many times.
pub async fn campaign(program: &Path, kills: u32, seed: u64) -> anyhow::Result<Kills> {
    let server = Server::shared().context("no PostgreSQL server")?;
    let mut sum = Kills::default();
    let mut city_seed = seed;
    while sum.kills < kills && sum.faults.is_empty() {
        let here = (kills - sum.kills).min(ON_ONE_CITY);
        let city = City::found(&server, SIDE_BY_SIDE).await?;
        one_city(program, &city, here, city_seed, &mut sum).await?;
        city.raze().await?;
        city_seed = city_seed.wrapping_add(1);
    }
    Ok(sum)
}

async fn one_city(program: &Path, city: &City, kills: u32, seed: u64, sum: &mut Kills) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let field = city.play(seed).await?;
    let port = city.database.server().port();
    let mut killing = tokio::task::JoinSet::new();
    for (at, login) in city.desks.iter().enumerate() {
        let start = Start {
            url: city.url(login, port),
            login: login.clone(),
            folder: folder.path().join(login),
            seed,
            life: 0,
            rate: 60.0,
            look_ms: 40,
        };
        let share = kills / SIDE_BY_SIDE as u32 + u32::from((at as u32) < kills % SIDE_BY_SIDE as u32);
        let workstation = Workstation::new(program, start);
        let dice = Dice::new(seed, &format!("killer {at}"));
        killing.spawn_blocking(move || kill_again_and_again(workstation, share, dice));
    }
    let mut workstations = Vec::new();
    while let Some(killed) = killing.join_next().await {
        workstations.push(killed??);
    }
    let history = conclude(city, field, &mut workstations).await?;
    sum.kills += kills;
    sum.commands += history.commands.len() as u64;
    for desk in &history.desks {
        sum.promised += desk.promised.len() as u64;
        sum.entries += desk.entries.len() as u64;
    }
    sum.faults.extend(check(&history).into_iter().map(|fault| (seed, fault)));
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "a kill falls at a random instant: there is no condition to wait for")]
fn kill_again_and_again(mut workstation: Workstation, kills: u32, mut dice: Dice) -> anyhow::Result<Workstation> {
    // Without a first copy there is nothing to operate on, and the kills would find nothing under way.
    workstation.switch_on()?;
    workstation.wait_ready()?;
    for kill in 0..kills {
        if kill > 0 {
            workstation.switch_on()?;
        }
        // Before the first look, during it, while things are on their way, and rarely in a long calm.
        let most = if dice.chance(0.05) { 1_500.0 } else { 220.0 };
        std::thread::sleep(Duration::from_secs_f64(dice.between(0.0, most) / 1_000.0));
        workstation.kill()?;
    }
    workstation.switch_on()?;
    Ok(workstation)
}

/// Lets everything come to rest, ends the workstations, and reads what is written everywhere.
pub(super) async fn conclude(
    city: &City,
    field: super::city::Field,
    workstations: &mut [Workstation],
) -> anyhow::Result<History> {
    come_to_rest(city, workstations).await?;
    field.stop().await;
    read(city, workstations).await
}

/// Lets desks and commands come to rest.
pub(super) async fn come_to_rest(city: &City, workstations: &mut [Workstation]) -> anyhow::Result<()> {
    for workstation in &mut *workstations {
        workstation.tell_rest()?;
    }
    for workstation in &mut *workstations {
        tokio::task::block_in_place(|| workstation.wait_rest())?;
    }
    // The field answers, or the house says that nobody did: within 20 s, and 30 s more to be confirmed.
    for _ in 0..200 {
        if !city.ledger().await?.is_moving() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    Ok(())
}

/// Ends the workstations, and reads what is written everywhere.
pub(super) async fn read(city: &City, workstations: &mut [Workstation]) -> anyhow::Result<History> {
    let now = city.now().await?;
    let mut history = History::default();
    for workstation in &mut *workstations {
        tokio::task::block_in_place(|| workstation.end(now))?;
        let session = city.session(workstation.login()).await?;
        history.desks.push(workstation.history(&session).await?);
    }
    let ledger = city.ledger().await?;
    (history.commands, history.events) = (ledger.commands, ledger.events);
    Ok(history)
}
