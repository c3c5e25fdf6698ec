//! The campaigns by name: how much each does, and what it finds.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{field, gap, histories, kill, link, mutants, rights, simulation, storage};
use crate::result::Found;

/// A campaign of `targets.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Campaign {
    /// Seeds of the engine on virtual time, each played twice.
    Simulation,
    /// `kill -9` of workstations while they submit.
    Kill,
    /// Several workstations on a real PostgreSQL through partitions, pauses and kills; the whole history is checked.
    Histories,
    /// Links that fail in every way, and a primary that is lost under load: what shows when, and that nothing is lost.
    Link,
    /// Commands to simulated devices through gateway and broker, while all between them fails; the devices' log is the judge.
    Field,
    /// Disks that are full, fail to flush or stop half-way; files cut, damaged, of another key, of a newer Vigie.
    Storage,
    /// Every role × every operation × every table, by real logins that go round the application.
    Rights,
    /// Writers that commit out of order, roll back and delete, against a replica compared at each of its cuts.
    Gap,
    /// The rules changed on purpose, one small change at a time: the tests must see it.
    Mutants,
}

/// How a campaign is to be run.
#[derive(Debug, Clone)]
pub struct Order {
    /// A tenth of a minute of the same.
    pub quick: bool,
    /// So many seeds, kills, transactions or runs instead of the campaign's own count.
    pub count: Option<u64>,
    /// From which everything random is drawn.
    pub seed: u64,
    /// This program, which becomes a workstation when told so.
    pub program: PathBuf,
}

impl Campaign {
    /// Its name on the command line and in `docs/results/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::Kill => "kill",
            Self::Gap => "gap",
            Self::Mutants => "mutants",
            Self::Link => "link",
            Self::Field => "field",
            Self::Storage => "storage",
            Self::Rights => "rights",
            Self::Histories => "histories",
        }
    }

    /// The full count, that of `--quick`, and of what.
    pub fn counts(self) -> (u64, u64, &'static str) {
        match self {
            Self::Simulation => (1_000_000, 2_000, "seeds"),
            Self::Kill => (10_000, 60, "kills"),
            Self::Link => (20, 1, "rounds of every way to fail, and failovers"),
            Self::Field => (5_000, 300, "commands"),
            Self::Storage => (200, 12, "damages of each file"),
            Self::Rights => (1, 1, "matrix"),
            Self::Gap => (1_000_000, 20_000, "transactions"),
            Self::Histories => (300, 1, "histories"),
            Self::Mutants => (u64::MAX, 3, "mutants"),
        }
    }

    /// Runs it.
    pub async fn run(self, order: &Order) -> anyhow::Result<Found> {
        let (full, quick, what) = self.counts();
        let count = order.count.unwrap_or(if order.quick { quick } else { full });
        let begun = now();
        let mut found = match self {
            Self::Simulation => simulate(count, order.seed)?,
            Self::Kill => kills(order, count).await?,
            Self::Histories => make_histories(order, count).await?,
            Self::Link => links(order, count).await?,
            Self::Field => fielded(order, count).await?,
            Self::Storage => stored(order, count).await?,
            Self::Rights => matrix(order.seed).await?,
            Self::Gap => gaps(count, order.seed).await?,
            Self::Mutants => mutate(count, order.seed)?,
        };
        found.figure("seconds", json!(begun.elapsed().as_secs_f64().round()));
        if cfg!(debug_assertions) {
            found.notes.push("built without optimisation".to_owned());
        }
        // Of the mutants it is known only once they are listed how many there are.
        if count < full && self != Self::Mutants {
            found.notes.push(format!("a reduced run: {count} of the {full} {what} of the whole campaign"));
        }
        Ok(found)
    }
}

#[allow(clippy::disallowed_methods, reason = "how long a campaign took is told beside its figures")]
fn now() -> Instant {
    Instant::now()
}

fn simulate(count: u64, seed: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-simulation",
        "The real engine, the training metropolis with its field and house, memory files, on virtual time and from a seed: \
         programs die at every call that leaves them, the network loses, doubles, delays and reorders, clocks are wrong and \
         jump, people leave their desks. Each seed is played twice, and both records must be equal.",
        seed,
    );
    let begun = now();
    let told = std::sync::atomic::AtomicU64::new(0);
    let sum = simulation::seeds(seed, &|played| {
        let minutes = begun.elapsed().as_secs() / 60;
        if told.fetch_max(minutes, std::sync::atomic::Ordering::Relaxed) < minutes {
            eprintln!("  {played} of {count} seeds after {minutes} min");
        }
        played < count
    })?;
    found.met = sum.failed.is_empty() && sum.played == count;
    found.figure("seeds", sum.played);
    found.figure("orders operated", sum.orders);
    found.figure("commands at the metropolis", sum.commands);
    found.figure("programs that died", sum.deaths);
    found.figure("seeds that failed", sum.failed.len());
    for (failed, faults) in &sum.failed {
        let words: Vec<_> = faults.iter().take(3).map(ToString::to_string).collect();
        let again = format!("cargo xtask prove simulation --replay {failed}");
        found.notes.push(format!("seed {failed} failed: {}; see it again with `{again}`", words.join("; ")));
    }
    Ok(found)
}

async fn kills(order: &Order, count: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-kill",
        "Real workstations (engine, encrypted outbox and replica) in processes of their own submit to a real PostgreSQL and \
         are killed with `kill -9` at random instants, started again, killed again. At rest, what they promised, what their \
         files hold and what the metropolis holds are compared.",
        order.seed,
    );
    let kills = kill::campaign(&order.program, u32::try_from(count)?, order.seed).await?;
    found.met = kills.faults.is_empty() && u64::from(kills.kills) == count && kills.commands > 0;
    found.figure("kills", kills.kills);
    found.figure("orders promised", kills.promised);
    found.figure("orders found in the outboxes", kills.entries);
    found.figure("commands at the metropolis", kills.commands);
    faults(&mut found, &kills.faults);
    Ok(found)
}

async fn make_histories(order: &Order, count: u64) -> anyhow::Result<Found> {
    let trouble = Duration::from_secs(if order.quick { 10 } else { 120 });
    let mut found = Found::new(
        "prove-histories",
        "5 or 10 real workstations at a time in processes of their own, a real PostgreSQL, 10 to 40 orders a second; each \
         one's network refuses, resets, swallows, forgets, answers no more or crawls, its process is paused and killed. Then \
         all is well again, and the whole history is checked: lost, doubled, out of lane order, late, cuts that go back, \
         replicas that diverge, stalls.",
        order.seed,
    );
    let plan = histories::Plan {
        program: order.program.clone(),
        runs: count,
        trouble,
        desks: None,
        at_once: if order.quick { 2 } else { 4 },
        seed: order.seed,
    };
    let made = histories::campaign(&plan).await?;
    found.met = made.faults.is_empty() && made.runs == count && made.commands > 0;
    found.figure("histories", made.runs);
    found.figure("seconds of trouble in each", trouble.as_secs());
    found.figure("workstations", made.workstations);
    found.figure("partitions", made.partitions);
    found.figure("pauses", made.pauses);
    found.figure("kills", made.kills);
    found.figure("orders promised", made.promised);
    found.figure("commands at the metropolis", made.commands);
    found.figure("cuts held by replicas", made.cuts);
    for (code, times) in &made.refused {
        found.figure(&format!("refused to the operator: {code}"), *times);
    }
    faults(&mut found, &made.faults);
    let failed: std::collections::BTreeSet<_> = made.faults.iter().map(|(seed, _)| seed).collect();
    for seed in failed {
        found.notes.push(format!("made again with `cargo xtask prove histories --count 1 --seed {seed}`"));
    }
    Ok(found)
}

async fn links(order: &Order, count: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-link",
        "Workstations under load behind links that are refused, reset, swallowed, held, half-open in either direction, slow \
         and flapping for seven to thirteen seconds; then four of them on a primary with a synchronous standby, which is killed without a \
         word and its standby promoted. How long until the desk shows the loss, how long from the end of the failure until \
         it works on, and what the whole history says.",
        order.seed,
    );
    let seen = link::campaign(&order.program, count, order.seed).await?;
    let in_time = |d: Duration| d <= link::PROMISED;
    found.met = seen.faults.is_empty()
        && seen.commands > 0
        && seen.trials.iter().all(|t| in_time(t.resumed) && t.shown.is_none_or(in_time));
    found.figure("trials", seen.trials.len());
    for took in seen.worst() {
        if let Some(shown) = took.shown {
            found.figure(&format!("{}: shown lost after, s, at worst", took.way), seconds(shown));
        }
        found.figure(&format!("{}: live again after, s, at worst", took.way), seconds(took.resumed));
    }
    found.figure("orders promised", seen.promised);
    found.figure("commands at the metropolises", seen.commands);
    faults(&mut found, &seen.faults);
    Ok(found)
}

async fn fielded(order: &Order, count: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-field",
        "Desks (the application's engine, in processes of their own) give orders to lights, junctions, buildings and signs; \
         PostgreSQL, the gateway's program and a real broker carry them in the shapes of TALQ, RSMP, Sparkplug B and plain JSON to \
         simulated devices, of which one in ten answers late, twice, after a while or not at all. Meanwhile brokers are \
         restarted, gateways killed, doubled and paused beyond their lease, the gateway's links to both sides fail in six ways, \
         clocks of desks and gateways are five minutes wrong. The devices' own log is the judge: no command reaches one twice, \
         after its life, out of order or unasked; nothing is said done or refused that no device said; what nobody answered is \
         said not known. Then two gateways with a planted fault must be seen.",
        order.seed,
    );
    let plan = field::Plan {
        program: order.program.clone(),
        commands: count,
        desks: 6,
        rate: 2.5,
        speed: 1.0,
        faults: 0.1,
        seed: order.seed,
    };
    let fielded = field::campaign(&plan).await?;
    let mut seen = 0;
    for (planted, rule) in field::PLANTED {
        let said = field::planted(&order.program, planted).await?;
        let caught = said.iter().any(|fault| fault.rule == rule);
        seen += u64::from(caught);
        if !caught {
            found.notes.push(format!("the judge did not see {planted:?}: {said:?}"));
        }
    }
    found.met = fielded.faults.is_empty()
        && fielded.commands >= count
        && fielded.received > 0
        && fielded.skewed
        && seen == field::PLANTED.len() as u64;
    found.figure("orders promised", fielded.promised);
    found.figure("commands at the metropolis", fielded.commands);
    found.figure("commands that reached a device", fielded.received);
    for (state, times) in &fielded.ended {
        found.figure(&format!("commands that ended {state}"), *times);
    }
    found.figure("brokers restarted", fielded.trouble.broker_restarts);
    found.figure("gateways killed", fielded.trouble.gateway_kills);
    found.figure("gateways beside another", fielded.trouble.doubles);
    found.figure("gateways paused beyond their lease", fielded.trouble.pauses);
    found.figure("partitions", fielded.trouble.partitions);
    found.figure("gateways on a wrong clock", fielded.trouble.wrong_clocks);
    found.figure("planted faults seen, of 2", seen);
    if !fielded.skewed {
        found.notes.push("this machine does not permit wrong clocks (no C compiler): not tried, so not met".to_owned());
    }
    faults(&mut found, &fielded.faults);
    Ok(found)
}

async fn stored(order: &Order, count: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-storage",
        "A desk on real encrypted files. On a file system that fills, under `fsync`s that fail and writes that stop half-way \
         (a library loaded before libc), each in a process of its own: it refuses with the disk as the reason, works again \
         once it can, loses nothing that it promised and keeps nothing that it refused. Then replicas and outboxes are cut \
         and overwritten at random, opened with another key, and an outbox of a newer Vigie is opened.",
        order.seed,
    );
    let stored = storage::campaign(&order.program, count, order.seed).await?;
    found.met = stored.faults.is_empty() && stored.damage.faults.is_empty() && stored.not_permitted.is_empty();
    for (disk, counted) in &stored.disks {
        found.figure(disk.name(), counted.as_str());
    }
    for disk in &stored.not_permitted {
        found.figure(disk.name(), "NOT TRIED");
        found.notes.push(format!(
            "{}: this machine does not permit it (namespaces, or no C compiler): not tried, so not met",
            disk.name()
        ));
    }
    found.figure("replicas damaged, copied anew", stored.damage.replicas);
    found.figure("outboxes damaged, refused in words and unchanged", stored.damage.refused);
    found.figure("outboxes damaged where nothing is, read whole", stored.damage.whole);
    found.figure("faults", stored.faults.len() + stored.damage.faults.len());
    found.notes.extend(stored.faults.into_iter().chain(stored.damage.faults).take(20));
    Ok(found)
}

async fn matrix(seed: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-rights",
        "A real login of each role goes round the application and tries every table, column, row scope, function, kind of \
         submission and fetch; what the server answers is compared with `rights.toml`, the source of `docs/rights.md`.",
        seed,
    );
    let report = rights::campaign().await?;
    found.met = report.faults.is_empty() && report.cells > 0;
    found.figure("cells tried", report.cells);
    found.figure("faults", report.faults.len());
    found.notes.extend(report.faults.into_iter().take(20));
    Ok(found)
}

fn seconds(d: Duration) -> f64 {
    (d.as_secs_f64() * 100.0).round() / 100.0
}

async fn gaps(count: u64, seed: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-gap",
        "Eight writers insert, update and delete in transactions of uneven length that commit out of order, one in five \
         rolled back; a workstation's encrypted replica pulls as fast as it can and is compared row by row with what the \
         metropolis held at each of its cuts. The control pulls by a cursor on a serial number.",
        seed,
    );
    let raced = gap::campaign(count, seed).await?;
    found.met = raced.wrong == 0 && raced.control_wrong > 0 && raced.transactions >= count;
    found.figure("transactions", raced.transactions);
    found.figure("of them rolled back", raced.rolled_back);
    found.figure("cuts compared", raced.pulls);
    found.figure("rows compared", raced.compared);
    found.figure("wrong rows", raced.wrong);
    found.peers.insert("wrong rows of a cursor on a serial number".to_owned(), raced.control_wrong.into());
    found.notes.extend(raced.examples);
    Ok(found)
}

fn mutate(count: u64, seed: u64) -> anyhow::Result<Found> {
    let mut found = Found::new(
        "prove-mutants",
        "Commands, rights, the outbox and what the engine decides of synchronisation are changed on purpose, one small change at \
         a time (`cargo-mutants`); the tests of the crate that holds them must fail, or no longer end.",
        seed,
    );
    let mutated = mutants::campaign(count, seed)?;
    let tried = mutated.caught + mutated.timeout + mutated.missed.len() as u64;
    let killed = mutated.killed().unwrap_or(0.0);
    found.met = killed >= mutants::KILLED;
    found.figure("mutants there are", mutated.all);
    found.figure("tried, of those that compile", tried);
    found.figure("seen by a test that failed", mutated.caught);
    found.figure("seen because the tests did not end", mutated.timeout);
    found.figure("seen by nobody", mutated.missed.len());
    found.figure("that do not compile", mutated.unviable);
    found.figure("killed (≥ 90 %)", format!("{:.1} %", killed * 100.0));
    if tried + mutated.unviable < mutated.all {
        found.notes.push(format!("a sample spread over all files: {} of {}", tried + mutated.unviable, mutated.all));
    }
    found.notes.extend(mutated.missed.into_iter().map(|missed| format!("seen by nobody: {missed}")));
    Ok(found)
}

/// Says what was wrong.
fn faults(found: &mut Found, faults: &[(u64, super::history::Fault)]) {
    found.figure("faults", faults.len());
    for (seed, fault) in faults.iter().take(20) {
        found.notes.push(format!("seed {seed}: {fault}"));
    }
}

/// How long a campaign may take with `--quick`.
pub const QUICK: Duration = Duration::from_secs(60);
