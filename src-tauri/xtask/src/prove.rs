//! `cargo xtask prove`: the reliability campaigns of `vigie-prove`, built optimised, against a real PostgreSQL.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::process::{cargo, run as start};
use crate::{database, place};

/// What is passed on to `vigie-prove`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProveArgs {
    /// The campaign and its options; none: says which there are. `--quick`, `--count N`, `--seed N`, `--json`, `--replay SEED`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Builds and runs it.
pub(crate) fn run(args: &ProveArgs) -> anyhow::Result<ExitCode> {
    let package = ["build", "--profile", "proof", "--package", "vigie-tests", "--bin", "vigie-prove"];
    start(&mut cargo(&package))?;
    let program = place::target().join("proof").join(format!("vigie-prove{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    command.args(&args.words).current_dir(place::root());
    if let Some(bin) = database::ensure()? {
        command.env(database::VARIABLE, bin);
    }
    let status = command.status().with_context(|| format!("{} cannot be started", program.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
