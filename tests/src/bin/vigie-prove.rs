//! The reliability campaigns, and the workstations that they start: `cargo xtask prove` runs this.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use vigie_tests::prove::campaign::{Campaign, Order};
use vigie_tests::prove::client::{self, Start};
use vigie_tests::prove::simulation;
use vigie_tests::prove::storage::Disk;
use vigie_tests::result::root;

/// Runs a campaign and writes what it found.
#[derive(Debug, Parser)]
#[command(name = "vigie-prove")]
struct Args {
    /// Which campaign; without a name, says which there are.
    campaign: Option<Campaign>,
    /// Under a minute of the same.
    #[arg(long)]
    quick: bool,
    /// So many seeds, kills, transactions or runs.
    #[arg(long, visible_aliases = ["runs", "seeds"])]
    count: Option<u64>,
    /// From which everything random is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints the result as one object, on the last line.
    #[arg(long)]
    json: bool,
    /// Simulation: plays this one seed and prints what happened in it.
    #[arg(long, value_name = "SEED")]
    replay: Option<u64>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        // Not for people: what a campaign starts.
        Some((first, rest)) if first == "workstation" => workstation(rest).map(|()| true),
        Some((first, [name, folder])) if first == "storage-trial" => trial(name, folder).map(|()| true),
        _ => run(&Args::parse()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("vigie-prove: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn workstation(words: &[String]) -> anyhow::Result<()> {
    runtime()?.block_on(client::run(Start::read(words)?))
}

fn trial(name: &str, folder: &str) -> anyhow::Result<()> {
    runtime()?.block_on(Disk::run(name, folder.as_ref()))
}

fn run(args: &Args) -> anyhow::Result<bool> {
    if let Some(seed) = args.replay {
        let told = simulation::replay(seed)?;
        told.faults.iter().for_each(|fault| println!("{fault}"));
        return Ok(told.faults.is_empty());
    }
    let Some(campaign) = args.campaign else {
        for campaign in Campaign::value_variants() {
            let (full, quick, of) = campaign.counts();
            let full = if full == u64::MAX { "all".to_owned() } else { full.to_string() };
            println!("{:<12} {full} {of} ({quick} with --quick)", campaign.name());
        }
        return Ok(true);
    };
    let order = Order { quick: args.quick, count: args.count, seed: args.seed, program: std::env::current_exe()? };
    let mut found = runtime()?.block_on(campaign.run(&order))?;
    found.command = command(args, campaign);
    let page = found.write(&root().join("docs/results"))?;
    eprintln!("{}\n{}", found.page(), page.display());
    if args.json {
        println!("{}", found.object());
    }
    Ok(found.met)
}

/// The command as a person types it.
fn command(args: &Args, campaign: Campaign) -> String {
    let mut words = vec![format!("cargo xtask prove {}", campaign.name())];
    if args.quick {
        words.push("--quick".to_owned());
    }
    words.extend(args.count.map(|count| format!("--count {count}")));
    if args.seed != 1 {
        words.push(format!("--seed {}", args.seed));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Args::command().debug_assert();
    }
}
