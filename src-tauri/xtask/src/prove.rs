//! `cargo xtask prove` and `cargo xtask bench`: the reliability campaigns of `vigie-prove` and the measures of `vigie-bench`,
//! built optimised, against a real PostgreSQL.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::display::Display;
use crate::process::{answers, cargo, run as start};
use crate::{browser, database, interface, packages, place, programs};

/// What makes mutants, at the version that this was written for.
const MUTANTS: &str = "27.1.0";

/// What is passed on to `vigie-prove`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProveArgs {
    /// The campaign and its options; none: says which there are. `--quick`, `--count N`, `--seed N`, `--json`, `--replay SEED`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// What is passed on to `vigie-bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// The measure and its options; none: says which there are. `--quick`, `--json`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Builds and runs a campaign.
pub(crate) fn run(args: &ProveArgs) -> anyhow::Result<ExitCode> {
    if args.words.iter().any(|word| word == "field") {
        start(&mut cargo(&["build", "--profile", "proof", "--package", "vigie-gateway"]))?;
    }
    if args.words.iter().any(|word| word == "mutants") && !answers("cargo-mutants", "--version") {
        start(&mut cargo(&["install", "cargo-mutants", "--locked", "--version", MUTANTS]))?;
    }
    program("vigie-prove", &args.words, |_| ())
}

/// Builds and runs a measure, beside the peers' own programs.
pub(crate) fn bench(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    // Without a name it only says which there are.
    if !args.words.is_empty() {
        packages::ensure(packages::PEERS)?;
        interface::install_peers()?;
    }
    if args.words.iter().any(|word| word == "start") {
        return start_bench(&args.words);
    }
    if args.words.iter().any(|word| word == "map") {
        return map_bench(&args.words);
    }
    program("vigie-bench", &args.words, |_| ())
}

/// The window as it is delivered, and an empty one beside it, on a display.
fn start_bench(words: &[String]) -> anyhow::Result<ExitCode> {
    packages::ensure(packages::WINDOW)?;
    let display = Display::obtain()?;
    interface::install()?;
    interface::build()?;
    let (window, empty) = (programs::WINDOW.build(true)?, programs::EMPTY_WINDOW.build(true)?);
    program("vigie-bench", words, |command| {
        display.lend(command);
        command.env("VIGIE_WINDOW", window).env("VIGIE_EMPTY_WINDOW", empty);
    })
}

/// The map in a browser, and in the web view of Linux on a display.
fn map_bench(words: &[String]) -> anyhow::Result<ExitCode> {
    interface::install()?;
    let chromium = browser::ensure()?;
    let display = if cfg!(target_os = "linux") {
        packages::ensure(packages::WEB_VIEW)?;
        Some(Display::start()?)
    } else {
        None
    };
    program("vigie-bench", words, |command| {
        command.env(browser::VARIABLE, chromium);
        if let Some(display) = &display {
            display.lend(command);
        }
    })
}

fn program(name: &str, words: &[String], prepare: impl FnOnce(&mut Command)) -> anyhow::Result<ExitCode> {
    start(&mut cargo(&["build", "--profile", "proof", "--package", "vigie-tests", "--bin", name]))?;
    let program = place::target().join("proof").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    command.args(words).current_dir(place::root());
    prepare(&mut command);
    if let Some(bin) = database::ensure()? {
        command.env(database::VARIABLE, bin);
    }
    let status = command.status().with_context(|| format!("{} cannot be started", program.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
