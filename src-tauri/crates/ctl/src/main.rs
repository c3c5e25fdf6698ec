//! `vigiectl`: installs a metropolis, loads and exports what stands in it, plays the field and house of a rehearsal.
//!
//! | module | what it holds |
//! |---|---|
//! | [`account`], [`journal`], [`migrate`], [`load`], [`export`], [`simulate`] | one command each |
//! | [`address`] | addresses: never with a password in them |
//! | [`format`] | GeoJSON and CSV, read and written record by record |
//! | [`passfile`] | the file of passwords, for its owner's eyes only |
//! | [`edge`] | chance: the only place where it is called for |

mod account;
mod address;
mod edge;
mod error;
mod export;
mod format;
mod journal;
mod load;
mod migrate;
mod passfile;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Installs and upgrades the metropolitan database of Vigie, loads and exports what stands in it, and plays a training city in a rehearsal.
#[derive(Parser)]
#[command(name = "vigiectl", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens, lists, locks accounts; gives them another role or password.
    Account(account::Args),
    /// Verifies, prints the head of, or exports the sealed journal.
    Journal(journal::Args),
    /// Makes a metropolis in an existing database, or brings it to this program's schema. Twice changes nothing.
    Migrate(migrate::Args),
    /// Loads a file of equipment or zones, or a training city into a rehearsal.
    Load(load::Args),
    /// Writes the equipment or the zones into a new file that `load` takes back.
    Export(export::Args),
    /// Plays the field and the house of a rehearsal until Ctrl-C. Refuses a live metropolis.
    Simulate(simulate::Args),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    // No password in a memory dump.
    vigie_metropolis::keep_private();
    let done = match Cli::parse().command {
        Command::Account(args) => account::run(args).await,
        Command::Journal(args) => journal::run(args).await,
        Command::Migrate(args) => migrate::run(&args).await,
        Command::Load(args) => load::run(&args).await,
        Command::Export(args) => export::run(&args).await,
        Command::Simulate(args) => simulate::run(&args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vigiectl: {error}");
            ExitCode::FAILURE
        }
    }
}
