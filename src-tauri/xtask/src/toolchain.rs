//! Rust is there, since it runs us; Node.js must be recent enough for the interface's build.

use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// The oldest Node.js that the interface's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Says what to install when Node.js is missing or too old.
pub(crate) fn node() -> anyhow::Result<()> {
    let how = format!("install Node.js {}.{} or later (https://nodejs.org) and run this again", NODE.0, NODE.1);
    let said =
        process::output(Command::new("node").arg("--version")).with_context(|| format!("Node.js is missing: {how}"))?;
    match version(&said) {
        Some(found) if found >= NODE => {}
        _ => bail!("Node.js is {}, too old: {how}", said.trim()),
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    process::output(Command::new(npm).arg("--version")).with_context(|| format!("npm is missing: {how}"))?;
    Ok(())
}

/// Major and minor of what a program says of itself (`v20.20.2`).
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v20.9.0").unwrap() < NODE);
        assert!(version("v22.4.1").unwrap() >= NODE);
        assert_eq!(version("nonsense"), None);
    }
}
