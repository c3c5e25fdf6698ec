//! `sync-initial`: a whole city into a usable replica, beside the pipe that an engineer would write by hand.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use vigie_testkit::postgres::Server;

use super::measure::Order;
use super::processes::peak_megabytes;
use super::spread::{quantile, told};
use super::town::{Town, copy, now, session};
use super::{pouchdb, replication};
use crate::result::Found;

/// Resident memory that a copy may take, in MB.
const MEMORY: f64 = 150.0;
/// Times the pipe that an encrypted copy may take.
const ENCRYPTED: f64 = 1.3;
/// How much of a growth by n·log n may be noise.
const NOISE: f64 = 1.15;

/// What the pipe makes after the rows.
#[derive(Clone, Copy)]
enum Third {
    /// The words of the search, as the replica has them.
    Words,
    /// A plain index.
    Kind,
}

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let (sizes, rounds): (&[u64], _) = if order.quick { (&[50_000], 3) } else { (&[50_000, 200_000, 1_000_000], 3) };
    let mut found = Found::new(
        "bench-sync-initial",
        "Equipment rows (9 columns, a stamp and a local id; 190 bytes of attributes) from PostgreSQL to a usable, encrypted replica \
         with its three indexes: key, reference, words. By a process of its own, in turns with `psql COPY` piped into \
         `sqlite3 .import` and the same indexes, in clear.",
        0,
    );
    found.met = true;
    let mut before: Option<(u64, f64)> = None;
    for size in sizes {
        let server = std::sync::Arc::new(Server::start_with(replication::SETTINGS)?);
        let town = Town::found_on(server, *size).await?;
        let (mut ours, mut memory, mut told_of) = (Vec::new(), Vec::new(), 0.0);
        let (mut pipes, mut plain_pipes, mut ceilings) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let one = child(&order.program, &town)?;
            ours.push(one.seconds);
            memory.push(one.megabytes);
            told_of = one.progress;
            pipes.push(pipe(&town, Third::Words)?);
            plain_pipes.push(pipe(&town, Third::Kind)?);
            if round < 2 {
                ceilings.push(replication::initial(&town).await?);
            }
        }
        let ratios = |others: &[f64]| -> Vec<f64> { ours.iter().zip(others).map(|(one, other)| one / other).collect() };
        let same = ratios(&pipes);
        found.figure(&format!("{size} rows, seconds"), told(&ours, 2));
        found.figure(&format!("{size} rows, resident MB (≤ {MEMORY})"), told(&memory, 0));
        found.figure(&format!("{size} rows, times that progress was shown"), told_of);
        found.figure(&format!("{size} rows, × the pipe with the same indexes (≤ {ENCRYPTED})"), told(&same, 2));
        found.figure(
            &format!("{size} rows, × the pipe with a plain index for the words"),
            told(&ratios(&plain_pipes), 2),
        );
        found.peers.insert(format!("{size} rows, the pipe with the same indexes, seconds"), told(&pipes, 2).into());
        found.peers.insert(
            format!("{size} rows, the pipe with a plain index for the words, seconds"),
            told(&plain_pipes, 2).into(),
        );
        found
            .peers
            .insert(format!("{size} rows, logical replication's first copy, seconds"), told(&ceilings, 2).into());
        found.met &= quantile(&same, 0.5) <= ENCRYPTED && quantile(&memory, 1.0) <= MEMORY && told_of > 1.0;
        let taken = quantile(&ours, 0.5);
        if before.is_none() {
            let docs = if order.quick { 2_000 } else { 5_000 };
            let (default, large) = (pouchdb::initial(docs)?, pouchdb::initial_in_large_batches(docs)?);
            found.peers.insert(format!("PouchDB, {docs} documents: documents a second"), default.round().into());
            found.peers.insert(format!("PouchDB, {docs} documents in batches of 1,000"), large.round().into());
            let rows = *size as f64 / taken;
            found.figure(
                &format!("{size} rows, rows a second × PouchDB's documents (80)"),
                format!("{:.0}", rows / default),
            );
        }
        if let Some((fewer, less)) = before {
            let work = |n: u64| n as f64 * (n as f64).ln();
            let growth = (taken / less) / (work(*size) / work(fewer));
            found.figure(
                &format!("from {fewer} to {size} rows: growth of the time over growth of n·log n (≤ 1)"),
                format!("{growth:.2}"),
            );
            found.met &= growth <= NOISE;
        }
        before = Some((*size, taken));
    }
    found.notes.push(
        "There is no plain copy to hold to 0.8 times the pipe: every replica is encrypted, and a way to write one in clear would be \
         a door in the product for the sake of a measure."
            .to_owned(),
    );
    found.notes.push(
        "The pipe's words are an FTS5 table like the replica's, without its places and its list of words. The server does not flush \
         (`fsync=off`), the replica and the pipe's file are flushed."
            .to_owned(),
    );
    found.notes.push(pouchdb::NOTE.to_owned());
    found.notes.push(
        "Logical replication writes another server's table with two plain indexes more and no words: a ceiling, not a replica that \
         one carries away."
            .to_owned(),
    );
    Ok(found)
}

/// What the process of one copy does: copies, says how long it took and what it held.
pub async fn copy_once(url: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let begun = now();
    let metropolis = session(url).await?;
    let (_, _, told) = copy(&metropolis, folder.path()).await?;
    println!("{} {} {told}", begun.elapsed().as_secs_f64(), peak_megabytes()?);
    Ok(())
}

/// What a copy said of itself.
struct Copied {
    seconds: f64,
    megabytes: f64,
    progress: f64,
}

fn child(program: &Path, town: &Town) -> anyhow::Result<Copied> {
    let output = Command::new(program).args(["copy", &town.database.url("bench_supervisor")]).output()?;
    ensure!(output.status.success(), "the copy failed: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout)?;
    let mut words = said.split_whitespace();
    let mut next = || words.next().context("the copy said nothing").and_then(|word| Ok(word.parse::<f64>()?));
    Ok(Copied { seconds: next()?, megabytes: next()?, progress: next()? })
}

/// `psql -c COPY … | sqlite3 .import`, then the indexes; in seconds.
fn pipe(town: &Town, third: Third) -> anyhow::Result<f64> {
    let third: &[&str] = match third {
        Third::Words => &[
            "CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0, prefix='1 2 3', \
             tokenize='unicode61 remove_diacritics 2')",
            "INSERT INTO words (rowid, text) SELECT rowid, reference || ' ' || name || ' ' || street FROM equipment",
        ],
        Third::Kind => &["CREATE INDEX by_kind ON equipment (kind)"],
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pipe.sqlite");
    let begun = now();
    let mut psql = Command::new("psql")
        .args(["-X", "-q", "-d", &town.database.owner_url(), "-c"])
        .arg(
            "COPY (SELECT equipment_id, reference, name, kind, insee_code, street, lon, lat, attributes, \
             change_xid FROM vigie.equipment) TO STDOUT WITH (FORMAT csv)",
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
             lon REAL, lat REAL, attributes TEXT, change_xid INTEGER)",
            ".mode csv",
            ".import /dev/stdin equipment",
            "CREATE UNIQUE INDEX by_key ON equipment (equipment_id)",
            "CREATE UNIQUE INDEX by_reference ON equipment (reference)",
        ])
        .args(third)
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
