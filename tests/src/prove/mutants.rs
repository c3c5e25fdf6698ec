//! Mutants: the rules are changed on purpose, one small change at a time, and the tests of the crate that holds them must
//! see it. Made by `cargo-mutants`, which works in a copy of the tree.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::result::root;

/// What is mutated: commands, rights, the outbox, and what the engine decides of synchronisation.
pub const MUTATED: &[&str] = &[
    "src-tauri/crates/core/src/command/*.rs",
    "src-tauri/crates/core/src/rights/*.rs",
    "src-tauri/crates/store/src/outbox/*.rs",
    "src-tauri/crates/engine/src/plan.rs",
    "src-tauri/crates/engine/src/heads.rs",
    "src-tauri/crates/engine/src/settle.rs",
    "src-tauri/crates/engine/src/converge.rs",
    "src-tauri/crates/engine/src/cadence.rs",
];

/// The share of them that the tests must see.
pub const KILLED: f64 = 0.9;

/// What became of the mutants.
#[derive(Debug, Clone, Default)]
pub struct Mutated {
    /// How many there are in all.
    pub all: u64,
    /// Seen by a test that failed.
    pub caught: u64,
    /// Seen because the tests no longer came to an end.
    pub timeout: u64,
    /// Seen by nobody.
    pub missed: Vec<String>,
    /// Those that do not compile, and tell nothing.
    pub unviable: u64,
}

impl Mutated {
    /// Of those that compile, the share that was seen; none when there was none.
    pub fn killed(&self) -> Option<f64> {
        let seen = (self.caught + self.timeout) as f64;
        let tried = seen + self.missed.len() as f64;
        (tried > 0.0).then(|| seen / tried)
    }
}

/// Tries about `count` of the mutants, spread over all files; which of them, `seed` says.
///
/// # Errors
/// `cargo-mutants` is missing, or the tests fail before anything is changed.
pub fn campaign(count: u64, seed: u64) -> anyhow::Result<Mutated> {
    let listed = mutants(&["--list", "--json"])?;
    ensure!(listed.status.success(), "cargo mutants --list: {}", String::from_utf8_lossy(&listed.stderr));
    let all = serde_json::from_slice::<Vec<Value>>(&listed.stdout)?.len() as u64;
    let shards = all.div_ceil(count.max(1)).max(1);
    let folder = tempfile::tempdir()?;
    let shard = format!("{}/{shards}", seed % shards);
    let output = folder.path().to_str().context("the folder for what is written has no name")?;
    let run = mutants(&["--shard", &shard, "--sharding", "round-robin", "--output", output, "--no-times"])?;
    // 2: some were missed; 3: the tests of some did not end. Both are findings.
    if !matches!(run.status.code(), Some(0 | 2 | 3)) {
        bail!("cargo mutants: {}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    }
    read(&folder.path().join("mutants.out"), all)
}

fn read(folder: &Path, all: u64) -> anyhow::Result<Mutated> {
    let outcomes: Value = serde_json::from_slice(&std::fs::read(folder.join("outcomes.json"))?)?;
    let number =
        |key: &str| outcomes.get(key).and_then(Value::as_u64).with_context(|| format!("no {key} in the outcomes"));
    let missed = std::fs::read_to_string(folder.join("missed.txt"))?.lines().map(str::to_owned).collect::<Vec<_>>();
    ensure!(missed.len() as u64 == number("missed")?, "the list of those that were missed is not whole");
    Ok(Mutated { all, caught: number("caught")?, timeout: number("timeout")?, missed, unviable: number("unviable")? })
}

fn mutants(words: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new("cargo");
    command.args(["mutants", "--workspace", "--colors", "never"]).args(words).current_dir(root());
    for glob in MUTATED {
        command.args(["--file", glob]);
    }
    // What is being written goes to the person who waits.
    if !words.contains(&"--list") {
        command.stdout(std::process::Stdio::inherit()).stderr(std::process::Stdio::inherit());
    }
    command.output().context("cargo mutants cannot be started: `cargo xtask prove mutants` installs it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_compile_is_not_counted_and_what_does_not_end_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let outcomes = r#"{"total_mutants": 9, "caught": 5, "missed": 1, "timeout": 1, "unviable": 2, "success": 0}"#;
        std::fs::write(folder.path().join("outcomes.json"), outcomes).unwrap();
        std::fs::write(folder.path().join("missed.txt"), "a.rs:1:2: replace > with >= in late\n").unwrap();
        let found = read(folder.path(), 40).unwrap();
        assert_eq!((found.caught, found.timeout, found.unviable, found.missed.len()), (5, 1, 2, 1));
        assert_eq!(found.killed(), Some(6.0 / 7.0));
        assert_eq!(Mutated::default().killed(), None);
        std::fs::write(folder.path().join("missed.txt"), "").unwrap();
        assert!(read(folder.path(), 40).is_err());
    }
}
