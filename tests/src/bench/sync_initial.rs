//! `sync-initial`: a whole city into a usable replica, beside the pipe that an engineer would write by hand.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::measure::Order;
use super::spread::{quantile, told};
use super::town::{Town, copy, now, session};
use crate::result::Found;

/// Resident memory that a copy may take, in MB.
const MEMORY: f64 = 150.0;
/// Times the pipe that an encrypted copy may take.
const ENCRYPTED: f64 = 1.3;

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let sizes: &[u64] = if order.quick { &[50_000] } else { &[100_000, 300_000, 1_000_000] };
    let rounds = if order.quick { 3 } else { 5 };
    let mut found = Found::new(
        "bench-sync-initial",
        "Equipment rows (9 columns, 190 bytes of attributes) from PostgreSQL to a usable replica with its indexes and its words, \
         by a process of its own, in turns with `psql COPY` piped into `sqlite3 .import` and the same indexes.",
        0,
    );
    found.met = true;
    for size in sizes {
        let town = Town::found(*size).await?;
        let (mut ours, mut pipes, mut memory) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (seconds, megabytes) = child(&order.program, &town)?;
            ours.push(seconds);
            memory.push(megabytes);
            pipes.push(pipe(&town)?);
        }
        let ratios: Vec<f64> = ours.iter().zip(&pipes).map(|(one, other)| one / other).collect();
        found.figure(&format!("{size} rows, seconds"), told(&ours, 2));
        found.figure(&format!("{size} rows, resident MB"), told(&memory, 0));
        found.figure(&format!("{size} rows, × the pipe (≤ {ENCRYPTED}, encrypted)"), told(&ratios, 2));
        found.peers.insert(format!("{size} rows, the pipe, seconds"), told(&pipes, 2).into());
        found.met &= quantile(&ratios, 0.5) <= ENCRYPTED && quantile(&memory, 1.0) <= MEMORY;
    }
    found.notes.push(
        "Every replica is encrypted: the target of a plain copy (≤ 0.8) has nothing to be measured on. The replica also indexes \
         words for the search, which the pipe does not."
            .to_owned(),
    );
    found.notes.push("PouchDB was not run beside it.".to_owned());
    Ok(found)
}

/// What the process of one copy does: copies, says how long it took and what it held.
pub async fn copy_once(url: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let begun = now();
    let metropolis = session(url).await?;
    let (_, _, rows) = copy(&metropolis, folder.path()).await?;
    println!("{} {} {rows}", begun.elapsed().as_secs_f64(), peak_megabytes()?);
    Ok(())
}

/// The most memory that this process ever held.
fn peak_megabytes() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("only Linux says what a process held")?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).context("no VmHWM")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no VmHWM")?.parse()?;
    Ok(kilobytes / 1024.0)
}

fn child(program: &Path, town: &Town) -> anyhow::Result<(f64, f64)> {
    let output = Command::new(program).args(["copy", &town.database.url("bench_supervisor")]).output()?;
    ensure!(output.status.success(), "the copy failed: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout)?;
    let mut words = said.split_whitespace();
    let mut next = || words.next().context("the copy said nothing").and_then(|word| Ok(word.parse::<f64>()?));
    Ok((next()?, next()?))
}

/// `psql -c COPY … | sqlite3 .import`, then the indexes of the replica.
fn pipe(town: &Town) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pipe.sqlite");
    let begun = now();
    let mut psql = Command::new("psql")
        .args(["-X", "-q", "-d", &town.database.owner_url(), "-c"])
        .arg(
            "COPY (SELECT equipment_id, reference, name, kind, insee_code, street, lon, lat, attributes FROM vigie.equipment) \
             TO STDOUT WITH (FORMAT csv)",
        )
        .env("PGPASSWORD", town.database.owner_password())
        .stdout(Stdio::piped())
        .spawn()
        .context("psql cannot be started")?;
    let rows = psql.stdout.take().context("psql has no output")?;
    let status = Command::new("sqlite3")
        .arg(&file)
        .args([
            "PRAGMA journal_mode=off",
            "PRAGMA synchronous=off",
            "PRAGMA cache_size=-65536",
            "CREATE TABLE equipment (equipment_id TEXT, reference TEXT, name TEXT, kind TEXT, insee_code TEXT, street TEXT, \
             lon REAL, lat REAL, attributes TEXT)",
            ".mode csv",
            ".import /dev/stdin equipment",
            "CREATE UNIQUE INDEX by_key ON equipment (equipment_id)",
            "CREATE UNIQUE INDEX by_reference ON equipment (reference)",
            "CREATE INDEX by_kind ON equipment (kind)",
        ])
        .stdin(rows)
        .stdout(Stdio::null())
        .status()
        .context("sqlite3 cannot be started")?;
    std::fs::File::open(&file)?.sync_all()?;
    let taken = begun.elapsed().as_secs_f64();
    if !psql.wait()?.success() || !status.success() {
        bail!("the pipe failed");
    }
    Ok(taken)
}
