//! npm: the interface's packages, its build, its checks.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;

use crate::process::{npm, run};
use crate::{place, toolchain};

/// A copy of the lock that the installed packages were made from.
const INSTALLED: &str = "node_modules/.installed-lock.json";

/// Installs the packages when they are not those of the lock.
pub(crate) fn install() -> anyhow::Result<()> {
    install_in(&place::interface(), &["ci"])
}

/// Installs what the measures run beside. No script of a package runs: their compiled parts come with them, and a package
/// without one for this system fails when it is loaded.
pub(crate) fn install_peers() -> anyhow::Result<()> {
    install_in(&place::peers(), &["ci", "--ignore-scripts"])
}

fn install_in(folder: &Path, how: &[&str]) -> anyhow::Result<()> {
    toolchain::node()?;
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("{} is missing", lock.display()))?;
    if fs::read(folder.join(INSTALLED)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    eprintln!("Installing the packages of {}", folder.display());
    run(&mut npm(how, folder))?;
    fs::write(folder.join(INSTALLED), lock).context("the state of node_modules cannot be written down")
}

/// Builds the interface when a source is newer than what was built.
pub(crate) fn build() -> anyhow::Result<()> {
    let ui = place::interface();
    let built = modified(&place::built_interface().join("index.html"));
    let newest = newest(&ui)?;
    if built.is_some() && built >= newest {
        return Ok(());
    }
    eprintln!("Building the interface");
    rebuild()
}

/// Builds the interface.
pub(crate) fn rebuild() -> anyhow::Result<()> {
    run(&mut npm(&["run", "build"], &place::interface()))
}

/// Runs a script of `ui/package.json`.
pub(crate) fn script(name: &str) -> anyhow::Result<()> {
    run(&mut npm(&["run", name], &place::interface()))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// When the newest source under a folder was changed; what is made from sources does not count.
fn newest(folder: &Path) -> anyhow::Result<Option<SystemTime>> {
    let mut latest = None;
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if ["node_modules", "dist", "tests", "test-results"].iter().any(|made| name == *made) {
            continue;
        }
        let path = entry.path();
        latest = latest.max(if path.is_dir() { newest(&path)? } else { modified(&path) });
    }
    Ok(latest)
}
