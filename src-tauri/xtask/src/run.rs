//! `cargo xtask run`: from a fresh checkout to the open window.

use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, bail};
use clap::Args;

use crate::display::{self, Display};
use crate::{address, interface, packages, place, programs};

/// What to open, and how.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Address of a metropolis: postgres://user@host:port/database, without a password. Without it: the training city.
    #[arg(long, value_name = "URL", env = "VIGIE_METROPOLIS")]
    metropolis: Option<String>,
    /// Open the window, wait for the map, send one command, say how it went in one JSON line, and end.
    #[arg(long)]
    check: bool,
    /// Serve the same core and interface to a browser on this machine instead of opening a window.
    #[arg(long, conflicts_with = "check")]
    browser: bool,
    /// Port for --browser; a free one otherwise.
    #[arg(long, requires = "browser")]
    port: Option<u16>,
    /// Optimised build: slower to make, what is delivered.
    #[arg(long)]
    release: bool,
    #[command(flatten)]
    city: City,
}

/// What shapes the city; handed on to the program as it is.
#[derive(Debug, Args)]
struct City {
    /// Seed of the training city.
    #[arg(long)]
    seed: Option<String>,
    /// Number of objects in the training city.
    #[arg(long)]
    objects: Option<String>,
    /// Scenario of the training city: ordinary-night, cut-link.
    #[arg(long)]
    scenario: Option<String>,
    /// Speed of the training city's clock.
    #[arg(long)]
    speed: Option<String>,
    /// Folder of the local files.
    #[arg(long)]
    data_dir: Option<String>,
    /// Login to propose.
    #[arg(long)]
    login: Option<String>,
}

/// Runs it; the program's own exit code is ours.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    if let Some(metropolis) = &args.metropolis {
        address::refuse_password(metropolis)?;
    }
    if !args.check && !args.browser && !display::is_there() {
        bail!("there is no display here: try `cargo xtask run --check` (a virtual one) or `cargo xtask run --browser`");
    }
    packages::ensure(packages::WINDOW)?;
    let display = if args.browser { None } else { Some(Display::obtain()?) };
    interface::install()?;
    interface::build()?;
    let program = if args.browser { programs::DEVHOST } else { programs::WINDOW }.build(args.release)?;

    let mut command = Command::new(program);
    command.current_dir(place::root());
    hand_on(args, &mut command);
    if let Some(display) = &display {
        display.lend(&mut command);
    }
    if args.browser {
        command.arg("--interface").arg(place::built_interface());
        eprintln!("Open this address in a browser of this machine; Ctrl-C ends it:");
    }
    let status = command.status().context("the program cannot be started")?;
    Ok(code(status))
}

fn hand_on(args: &RunArgs, command: &mut Command) {
    let city = &args.city;
    let options = [
        ("--metropolis", &args.metropolis),
        ("--seed", &city.seed),
        ("--objects", &city.objects),
        ("--scenario", &city.scenario),
        ("--speed", &city.speed),
        ("--data-dir", &city.data_dir),
        ("--login", &city.login),
        ("--port", &args.port.map(|port| port.to_string())),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            command.arg(name).arg(value);
        }
    }
    if args.check {
        command.arg("--check");
    }
}

fn code(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
