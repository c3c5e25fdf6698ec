//! Files that were damaged, cut, locked with another key or written by a newer Vigie.

use std::path::Path;

use anyhow::{Context, ensure};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use vigie_core::port::{Outbox as _, StoreError};
use vigie_store::FileKey;
use vigie_store::replica::Opening;
use vigie_training::chance::Dice;

use super::room::Room;
use crate::prove::client::KEY;

const REPLICA: &str = "replica.sqlite";
const OUTBOX: &str = "outbox.sqlite";
const OTHER_KEY: FileKey = FileKey::new([9; 32]);
/// The key of the campaign, as `SQLCipher` takes it.
const KEY_LITERAL: &str = "\"x'0707070707070707070707070707070707070707070707070707070707070707'\"";

/// What was tried.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Replicas damaged, each set aside and copied anew.
    pub replicas: u64,
    /// Outboxes damaged: refused in words and unchanged.
    pub refused: u64,
    /// Outboxes whose damage lay where nothing is: opened, with everything in them.
    pub whole: u64,
    /// What was wrong.
    pub faults: Vec<String>,
}

/// Damages files so many times in each way.
pub(super) async fn attempt(times: u64, seed: u64) -> anyhow::Result<Damage> {
    let folder = tempfile::tempdir()?;
    let mut room = Room::open(folder.path()).await?;
    for _ in 0..12 {
        room.operate().await?.context("a good disk refused")?;
    }
    let promised = room.promised.clone();
    room.close().await;
    let mut dice = Dice::new(seed, "damage");
    let mut done = Damage::default();
    for n in 0..times {
        replica(folder.path(), &mut dice, n, &mut done).await?;
        outbox(folder.path(), &mut dice, n, &promised, &mut done).await?;
    }
    another_key(folder.path(), &mut done).await?;
    newer(folder.path(), &mut done).await?;
    Ok(done)
}

/// A copy of the good files in a folder of its own.
fn again(good: &Path) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for name in [REPLICA, OUTBOX] {
        std::fs::copy(good.join(name), folder.path().join(name))?;
    }
    Ok(folder)
}

/// Cuts the file or overwrites some of it.
fn spoil(path: &Path, dice: &mut Dice, n: u64) -> anyhow::Result<String> {
    let mut bytes = std::fs::read(path)?;
    let words = if n.is_multiple_of(2) {
        bytes.truncate(dice.below(bytes.len()));
        format!("cut to {} bytes", bytes.len())
    } else {
        let (at, long) = (dice.below(bytes.len()), 1 + dice.below(600));
        let end = (at + long).min(bytes.len());
        bytes.get_mut(at..end).context("outside")?.fill(0xA5);
        format!("bytes {at} to {end} overwritten")
    };
    std::fs::write(path, bytes)?;
    Ok(words)
}

/// Whatever happened to the replica, the desk starts, copies it anew and has its outbox.
async fn replica(good: &Path, dice: &mut Dice, n: u64, done: &mut Damage) -> anyhow::Result<()> {
    let folder = again(good)?;
    let words = spoil(&folder.path().join(REPLICA), dice, n)?;
    done.replicas += 1;
    match Room::open(folder.path()).await {
        Ok(room) => {
            let differences = room.differences().await?;
            if !differences.is_empty() {
                done.faults.push(format!("replica {words}: {differences:?}"));
            }
            if room.tags().await?.len() < 12 {
                done.faults.push(format!("replica {words}: the outbox lost something"));
            }
            room.close().await;
        }
        Err(error) => done.faults.push(format!("replica {words}: the desk did not start: {error:#}")),
    }
    Ok(())
}

/// A damaged outbox is refused in words and stays as it is, or everything in it is read.
async fn outbox(good: &Path, dice: &mut Dice, n: u64, promised: &[String], done: &mut Damage) -> anyhow::Result<()> {
    let folder = again(good)?;
    let path = folder.path().join(OUTBOX);
    let words = spoil(&path, dice, n)?;
    let before = std::fs::read(&path)?;
    match read(folder.path(), &KEY).await {
        Ok(tags) if promised.iter().all(|tag| tags.contains(tag)) => done.whole += 1,
        Ok(_) => done.faults.push(format!("outbox {words}: opened, and something promised is gone")),
        Err(StoreError::Unreadable { file, reason }) if !file.is_empty() && !reason.is_empty() => {
            done.refused += 1;
            if std::fs::read(&path)? != before {
                done.faults.push(format!("outbox {words}: refused, and changed"));
            }
        }
        Err(other) => done.faults.push(format!("outbox {words}: {other}")),
    }
    Ok(())
}

async fn read(folder: &Path, key: &FileKey) -> Result<Vec<String>, StoreError> {
    let outbox = vigie_store::outbox::open(folder, key).await?;
    let entries = outbox.recent(u32::MAX).await;
    outbox.close().await;
    Ok(entries?.iter().map(|e| crate::prove::history::tag(&e.order.reason).to_owned()).collect())
}

async fn another_key(good: &Path, done: &mut Damage) -> anyhow::Result<()> {
    let folder = again(good)?;
    let before = std::fs::read(folder.path().join(OUTBOX))?;
    match read(folder.path(), &OTHER_KEY).await {
        Err(StoreError::Unreadable { .. }) => done.refused += 1,
        other => done.faults.push(format!("another key opened the outbox: {other:?}")),
    }
    ensure!(std::fs::read(folder.path().join(OUTBOX))? == before, "another key changed the outbox");
    let replica = vigie_store::replica::open(folder.path(), &OTHER_KEY).await?;
    done.replicas += 1;
    if !matches!(replica.opening(), Opening::SetAside { .. }) {
        done.faults.push(format!("another key: the replica was {:?}", replica.opening()));
    }
    replica.close().await;
    Ok(())
}

/// An outbox that a newer Vigie wrote is refused politely and unchanged.
async fn newer(good: &Path, done: &mut Damage) -> anyhow::Result<()> {
    let folder = again(good)?;
    let path = folder.path().join(OUTBOX);
    let options = SqliteConnectOptions::new().filename(&path).pragma("key", KEY_LITERAL).disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9000, 'later', 1, x'00', 0)",
    )
    .execute(&mut connection)
    .await?;
    sqlx::Connection::close(connection).await?;
    let before = std::fs::read(&path)?;
    match read(folder.path(), &KEY).await {
        Err(StoreError::Newer { found: 9_000, .. }) => done.refused += 1,
        other => done.faults.push(format!("an outbox of a newer Vigie: {other:?}")),
    }
    ensure!(std::fs::read(&path)? == before, "an outbox of a newer Vigie was changed");
    Ok(())
}
