//! `prove link`: each way in which a link fails, and a primary that is lost under load: how soon the desk shows it, how
//! soon work goes on, and that nothing is lost.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use vigie_testkit::postgres::{Commit, Pair, Server};
use vigie_testkit::proxy::{Passage, Proxy};
use vigie_training::chance::Dice;

use super::city::City;
use super::client::Start;
use super::history::{Fault, check};
use super::kill::conclude;
use super::workstation::Workstation;

/// A loss is shown, and work goes on, within this time.
pub const PROMISED: Duration = Duration::from_secs(5);
/// How long a link stays bad, in seconds: longer than any deadline, and ended at any moment of a try.
const BAD: (f64, f64) = (7.0, 13.0);
/// What is waited for before a trial is given up.
const PATIENCE: Duration = Duration::from_secs(40);

/// A way to fail.
#[derive(Debug, Clone, Copy)]
enum Way {
    Passage(&'static str, Passage),
    Flapping,
}

const WAYS: [Way; 8] = [
    Way::Passage("refused", Passage::Refuse),
    Way::Passage("reset", Passage::Reset),
    Way::Passage("black hole", Passage::BlackHole),
    Way::Passage("held", Passage::Hold),
    Way::Passage("half-open, answers lost", Passage::LoseReplies),
    Way::Passage("half-open, requests lost", Passage::LoseRequests),
    Way::Passage("slow", Passage::Slow(Duration::from_millis(200))),
    Way::Flapping,
];

/// How long something took at worst, and how often it was seen.
#[derive(Debug, Clone)]
pub struct Took {
    /// The way of failing.
    pub way: &'static str,
    /// From the failure to its showing at the desk; none where the link still carries.
    pub shown: Option<Duration>,
    /// From the end of the failure to a live link.
    pub resumed: Duration,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every trial.
    pub trials: Vec<Took>,
    /// Commands that the metropolises had.
    pub commands: u64,
    /// Orders promised.
    pub promised: u64,
    /// What was wrong, by round.
    pub faults: Vec<(u64, Fault)>,
}

fn start(city: &City, login: &str, url: String, folder: &Path, seed: u64) -> Start {
    debug_assert!(city.desks.iter().any(|l| l == login));
    Start { url, login: login.to_owned(), folder: folder.join(login), seed, life: 0, rate: 6.0, look_ms: 250 }
}

/// Every way once, on the shortest of failures: that nothing is lost, not how long it took.
pub async fn short(program: &Path, seed: u64) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    ways(program, seed, (5.5, 6.5), &mut seen).await?;
    Ok(seen)
}

/// Runs every way so many times, and as many failovers.
pub async fn campaign(program: &Path, rounds: u64, seed: u64) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    for round in 0..rounds {
        let seed = seed.wrapping_add(round);
        ways(program, seed, BAD, &mut seen).await?;
        failover(program, seed, &mut seen).await?;
    }
    Ok(seen)
}

/// One workstation for each way, all at once.
async fn ways(program: &Path, seed: u64, lasts: (f64, f64), seen: &mut Seen) -> anyhow::Result<()> {
    let server = Server::shared().context("no PostgreSQL server")?;
    let city = City::found(&server, WAYS.len()).await?;
    let field = city.play(seed).await?;
    let folder = tempfile::tempdir()?;
    let mut dice = Dice::new(seed, "links");
    let mut trying = tokio::task::JoinSet::new();
    for (login, way) in city.desks.iter().zip(WAYS) {
        let proxy = Proxy::to(server.port()).await?;
        let start = start(&city, login, city.url(login, proxy.port()), folder.path(), seed);
        let workstation = Workstation::new(program, start);
        let bad = Duration::from_secs_f64(dice.between(lasts.0, lasts.1));
        let runtime = tokio::runtime::Handle::current();
        trying.spawn_blocking(move || {
            // The proxy's flapping is a task of the runtime.
            let _inside = runtime.enter();
            try_way(workstation, &proxy, way, bad).map(|(workstation, took)| (workstation, took, proxy))
        });
    }
    let (mut workstations, mut proxies) = (Vec::new(), Vec::new());
    while let Some(tried) = trying.join_next().await {
        let (workstation, took, proxy) = tried??;
        seen.trials.push(took);
        workstations.push(workstation);
        proxies.push(proxy);
    }
    let history = conclude(&city, field, &mut workstations).await?;
    seen.add(seed, &history);
    drop((workstations, proxies));
    city.raze().await
}

#[allow(clippy::disallowed_methods, reason = "how long a person waits is what is measured")]
fn try_way(
    mut workstation: Workstation,
    proxy: &Proxy,
    way: Way,
    bad: Duration,
) -> anyhow::Result<(Workstation, Took)> {
    workstation.switch_on()?;
    workstation.wait_ready()?;
    // Under load for a moment first.
    std::thread::sleep(Duration::from_secs(1));
    workstation.listen()?;
    let begun = Instant::now();
    let (name, shown) = match way {
        Way::Passage(name, passage) => {
            proxy.set(passage);
            let carries = matches!(passage, Passage::Slow(_));
            let shown = if carries { None } else { Some(workstation.wait_link(&["lost"], PATIENCE)? - begun) };
            (name, shown)
        }
        Way::Flapping => {
            proxy.flap(Duration::from_millis(700), Passage::Reset, Duration::from_millis(700));
            ("flapping", None)
        }
    };
    std::thread::sleep(bad.saturating_sub(begun.elapsed()));
    workstation.listen()?;
    let was_live = workstation.link_is("live");
    proxy.set(Passage::Open);
    let back = Instant::now();
    // A slow or flapping link may be live all along.
    let live = if was_live { back } else { workstation.wait_link(&["live"], PATIENCE)? };
    Ok((workstation, Took { way: name, shown, resumed: live.saturating_duration_since(back) }))
}

/// A primary with a synchronous standby is lost without a word, and the standby promoted, while four desks submit.
async fn failover(program: &Path, seed: u64, seen: &mut Seen) -> anyhow::Result<()> {
    let pair = Pair::start(Commit::WithStandby).await?;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", pair.primary.port(), pair.standby.port());
    let city = City::found_at(&pair.primary, 4, hosts).await?;
    let field = city.play(seed).await?;
    let folder = tempfile::tempdir()?;
    let mut workstations = Vec::new();
    for login in &city.desks {
        let mut workstation = Workstation::new(program, start(&city, login, city.url_at(login), folder.path(), seed));
        workstation.switch_on()?;
        workstations.push(workstation);
    }
    tokio::task::block_in_place(|| work_through(&pair, &mut workstations, seen))?;
    let history = conclude(&city, field, &mut workstations).await?;
    seen.add(seed, &history);
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "how long a person waits is what is measured")]
fn work_through(pair: &Pair, workstations: &mut [Workstation], seen: &mut Seen) -> anyhow::Result<()> {
    for workstation in &mut *workstations {
        workstation.wait_ready()?;
    }
    std::thread::sleep(Duration::from_secs(3));
    for workstation in &mut *workstations {
        workstation.listen()?;
    }
    let lost = Instant::now();
    crash(&pair.primary)?;
    let mut shown = Vec::new();
    for workstation in &mut *workstations {
        shown.push(workstation.wait_link(&["lost"], PATIENCE)?.saturating_duration_since(lost));
    }
    let runtime = tokio::runtime::Handle::current();
    runtime.block_on(pair.promote())?;
    let back = Instant::now();
    for (workstation, shown) in workstations.iter_mut().zip(shown) {
        let live = workstation.wait_link(&["live"], PATIENCE)?;
        let resumed = live.saturating_duration_since(back);
        seen.trials.push(Took { way: "failover", shown: Some(shown), resumed });
    }
    // And then it works on.
    std::thread::sleep(Duration::from_secs(3));
    for workstation in &mut *workstations {
        workstation.listen()?;
    }
    Ok(())
}

/// Ends a server as the loss of its machine does.
fn crash(server: &Arc<Server>) -> anyhow::Result<()> {
    let pid = std::fs::read_to_string(server.directory().join("data/postmaster.pid"))?;
    let pid = pid.lines().next().context("no server")?;
    let done = std::process::Command::new("kill").args(["-QUIT", pid]).status()?;
    ensure!(done.success(), "the primary could not be killed");
    Ok(())
}

impl Seen {
    fn add(&mut self, seed: u64, history: &super::history::History) {
        self.commands += history.commands.len() as u64;
        self.promised += history.desks.iter().map(|d| d.promised.len() as u64).sum::<u64>();
        self.faults.extend(check(history).into_iter().map(|fault| (seed, fault)));
    }

    /// The worst of each way: shown, resumed.
    pub fn worst(&self) -> Vec<Took> {
        let mut worst: Vec<Took> = Vec::new();
        for took in &self.trials {
            match worst.iter_mut().find(|w| w.way == took.way) {
                Some(known) => {
                    known.shown = known.shown.max(took.shown);
                    known.resumed = known.resumed.max(took.resumed);
                }
                None => worst.push(took.clone()),
            }
        }
        worst
    }
}
