//! What is written from Rust, committed, and checked: `ui/src/host/bindings.ts`, the api's types as the interface sees
//! them, and `docs/rights.md`, who may do what.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::process::{cargo, output};
use crate::{place, programs};

fn file() -> PathBuf {
    place::interface().join("src/host/bindings.ts")
}

/// What the file should hold. The development host prints it: the xtask itself stays small.
fn current(devhost: Option<&Path>) -> anyhow::Result<String> {
    let mut command = match devhost {
        Some(built) => Command::new(built),
        None => Command::new(programs::DEVHOST.build(false)?),
    };
    let text = output(command.arg("--print-bindings"))?;
    if text.trim().is_empty() {
        bail!("the api has no bindings to write");
    }
    Ok(text)
}

/// Writes the file.
pub(crate) fn write() -> anyhow::Result<ExitCode> {
    let file = file();
    fs::write(&file, current(None)?).with_context(|| format!("{} cannot be written", file.display()))?;
    eprintln!("wrote {}", file.display());
    // Its check is a test of the core.
    let page = place::root().join("docs/rights.md");
    let text = output(&mut cargo(&["run", "--quiet", "--package", "vigie-core", "--example", "rights"]))?;
    fs::write(&page, text).with_context(|| format!("{} cannot be written", page.display()))?;
    eprintln!("wrote {}", page.display());
    Ok(ExitCode::SUCCESS)
}

/// Fails when the committed file is not what the api would write now.
pub(crate) fn check(devhost: Option<&Path>) -> anyhow::Result<()> {
    let file = file();
    let committed = fs::read_to_string(&file).with_context(|| format!("{} is missing", file.display()))?;
    if committed != current(devhost)? {
        bail!("{} is stale: run `cargo xtask bindings` and commit it", file.display());
    }
    Ok(())
}
