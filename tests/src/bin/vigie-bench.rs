//! The measures: `cargo xtask bench` runs this.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use vigie_tests::bench::measure::{Measure, Order};
use vigie_tests::bench::{follow, sync_initial};
use vigie_tests::result::root;

/// Takes a measure and writes what it found.
#[derive(Debug, Parser)]
#[command(name = "vigie-bench")]
struct Args {
    /// Which; without a name, says which there are.
    measure: Option<Measure>,
    /// Under a minute of the same.
    #[arg(long)]
    quick: bool,
    /// Prints the result as one object, on the last line.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.as_slice() {
        // Not for people: what a measure starts.
        [first, url] if first == "copy" => copy(url).map(|()| true),
        [first, url] if first == "follow" => follow(url).map(|()| true),
        _ => run(&Args::parse()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("vigie-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn copy(url: &str) -> anyhow::Result<()> {
    runtime()?.block_on(sync_initial::copy_once(url))
}

fn follow(url: &str) -> anyhow::Result<()> {
    runtime()?.block_on(follow::run(url))
}

fn run(args: &Args) -> anyhow::Result<bool> {
    let Some(measure) = args.measure else {
        for measure in Measure::value_variants() {
            println!("{}", measure.name());
        }
        return Ok(true);
    };
    let order = Order { quick: args.quick, program: std::env::current_exe()? };
    let mut found = runtime()?.block_on(measure.run(&order))?;
    found.command = format!("cargo xtask bench {}{}", measure.name(), if args.quick { " --quick" } else { "" });
    let page = found.write(&root().join("docs/results"))?;
    eprintln!("{}\n{}", found.page(), page.display());
    if args.json {
        println!("{}", found.object());
    }
    Ok(found.met)
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
