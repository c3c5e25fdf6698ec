//! `PouchDB` with express-pouchdb, the peer of all that syncs: `tests/peers/pouchdb.mjs`, in processes of its own.
//!
//! Both its sides keep `LevelDB` files and neither syncs them to the disk.

use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::result::root;

/// Said beside its figures.
pub const NOTE: &str = "PouchDB 9 and express-pouchdb 4, both on LevelDB files (the binaries that npm's packages bring), \
     server and client in processes of their own. LevelDB is not synced to the disk, and nobody judges what is pushed.";
/// Documents in a batch of a replication when it is made as quick as it goes; its own default is 100.
const LARGE: u64 = 1_000;

/// Documents a second of a first replication into an empty copy, with its own batches.
pub fn initial(docs: u64) -> anyhow::Result<f64> {
    Ok(docs as f64 / seconds(&["initial", &docs.to_string()])?)
}

/// The same in batches ten times as large.
pub fn initial_in_large_batches(docs: u64) -> anyhow::Result<f64> {
    Ok(docs as f64 / seconds(&["initial", &docs.to_string(), &LARGE.to_string()])?)
}

/// Milliseconds from the answer to a PUT to the change in a copy that follows live.
pub fn live(updates: u64) -> anyhow::Result<Vec<f64>> {
    let found = measure(&["live", &updates.to_string()])?;
    let waits = found.get("waits").and_then(Value::as_array).context("PouchDB's measure gives no waits")?;
    Ok(waits.iter().filter_map(Value::as_f64).collect())
}

/// Documents a second that were written while away and are replicated to the server, with its own batches.
pub fn push(docs: u64) -> anyhow::Result<f64> {
    Ok(docs as f64 / seconds(&["push", &docs.to_string()])?)
}

/// The same in batches ten times as large.
pub fn push_in_large_batches(docs: u64) -> anyhow::Result<f64> {
    Ok(docs as f64 / seconds(&["push", &docs.to_string(), &LARGE.to_string()])?)
}

/// The same one after the other, each once the one before it is answered.
pub fn push_each(docs: u64) -> anyhow::Result<f64> {
    Ok(docs as f64 / seconds(&["each", &docs.to_string()])?)
}

fn seconds(words: &[&str]) -> anyhow::Result<f64> {
    measure(words)?.get("seconds").and_then(Value::as_f64).context("PouchDB's measure gives no seconds")
}

fn measure(words: &[&str]) -> anyhow::Result<Value> {
    let folder = root().join("tests").join("peers");
    ensure!(folder.join("node_modules").is_dir(), "its packages are not installed: `cargo xtask bench` does it");
    let output = Command::new("node")
        .arg("pouchdb.mjs")
        .args(words)
        .current_dir(folder)
        .output()
        .context("Node.js cannot be started")?;
    ensure!(output.status.success(), "PouchDB's measure failed: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout)?;
    serde_json::from_str(said.lines().last().unwrap_or_default()).context("PouchDB's measure cannot be read")
}
