//! The front door: what CI runs, anyone runs.
//!
//! | module | what it holds |
//! |---|---|
//! | [`run`], [`test`], [`check`], [`prove`], [`bindings`], [`bundle`] | one command each |
//! | [`plan`] | steps in order, what each needs, how long each took |
//! | [`packages`] | what the system must have: says what is missing, installs it on Debian and Ubuntu |
//! | [`toolchain`] | Rust and Node.js |
//! | [`interface`] | npm: packages, build, checks of `ui/` |
//! | [`programs`] | cargo: building and finding the programs |
//! | [`display`] | a virtual display where there is none |
//! | [`database`] | a PostgreSQL server to test against |
//! | [`browser`] | Chromium for the journeys |
//! | [`address`] | the address of a metropolis holds no password |
//! | [`place`], [`process`] | where things are, how a program is started |

mod address;
mod bindings;
mod browser;
mod bundle;
mod check;
mod database;
mod display;
mod interface;
mod packages;
mod place;
mod plan;
mod process;
mod programs;
mod prove;
mod run;
mod test;
mod toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and tests Vigie.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
#[command(arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Installs what is missing, builds, and opens the window (the training city, or a metropolis).
    Run(run::RunArgs),
    /// Installs what it needs and runs every test and check.
    Test(test::TestArgs),
    /// Runs what needs no server and no window: format, lints, dependency rules, spelling and licences where installed.
    Check,
    /// Writes ui/src/host/bindings.ts from the api.
    Bindings,
    /// Runs a reliability campaign and writes what it found to docs/results; without a name, says which there are.
    Prove(prove::ProveArgs),
    /// Measures speed and scale beside peers in the same run: `bench sync-initial`.
    Bench(prove::BenchArgs),
    /// Makes the Linux packages (.deb and .rpm) and looks into them.
    Bundle(bundle::BundleArgs),
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Run(args) => run::run(&args),
        Task::Test(args) => Ok(test::run(&args)),
        Task::Check => Ok(check::run()),
        Task::Bindings => bindings::write(),
        Task::Prove(args) => prove::run(&args),
        Task::Bench(args) => prove::bench(&args),
        Task::Bundle(args) => bundle::run(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
