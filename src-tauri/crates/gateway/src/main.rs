//! `vigie-gateway`: the metropolis's own program, on a host that is always on. It is the house, or works the field, or asks about
//! the rivers; programs with accounts of their own. In a rehearsal it also plays the devices on the other side.
//!
//! | module | what it holds |
//! |---|---|
//! | [`contact`] | what is told of a source of values |
//! | [`house`] | the house's seat, and a turn each second: rules and time |
//! | [`field`] | commands to devices, and what they answer and show |
//! | [`notify`] | the program of IT that tells the person on call |
//! | [`rivers`] | what public services say of gauges and reaches |
//! | [`pause`] | how long to wait after a failure |
//! | [`simulate`] | the devices on the other side of the broker |

mod contact;
mod field;
mod house;
mod notify;
mod pause;
mod rivers;
mod simulate;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use vigie_machine::asked_to_end;
use vigie_metropolis::{ConnectTarget, url_has_password};

/// The metropolis's own program. Run two of them, on two machines: one works, the other takes over.
#[derive(Debug, Parser)]
#[command(name = "vigie-gateway", version, subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
struct Args {
    /// Keep time for the metropolis: missing answers, ends of effects and shifts, retention, seals of the journal.
    #[arg(long, required_unless_present_any = ["field", "rivers"], conflicts_with_all = ["field", "rivers"])]
    house: bool,
    /// Work the field: carry commands out and tell what devices show, by the lines that this file names.
    #[arg(long, value_name = "FILE")]
    field: Option<PathBuf>,
    /// Ask Hub'Eau and Vigicrues about gauges and reaches, as this file names them. With an account of role `gateway` of its own.
    #[arg(long, value_name = "FILE", conflicts_with = "field")]
    rivers: Option<PathBuf>,
    /// A program that tells the person on call: run once for each notice, which it reads as one JSON object on its standard
    /// input. It ends with 0 once he was told; else it is run again.
    #[arg(long, value_name = "PROGRAM", env = "VIGIE_NOTIFY")]
    notify: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Debug, clap::Subcommand)]
enum Other {
    /// Plays the devices on the other side of the broker, in a rehearsal.
    Simulate {
        #[command(flatten)]
        args: simulate::Args,
        #[command(flatten)]
        place: Place,
    },
}

/// Which metropolis.
#[derive(Debug, clap::Args)]
struct Place {
    /// Address of the metropolis as its account of role `house` or `gateway`: `postgres://login@host,standby/database`, never
    /// with a password in it (PGPASSFILE names the file that holds it).
    #[arg(long, value_name = "URL", env = "VIGIE_METROPOLIS", required = true)]
    metropolis: Option<String>,
}

/// What one run does.
enum Work {
    House(Option<PathBuf>),
    Field(PathBuf),
    Rivers(PathBuf),
    Simulate(simulate::Args),
}

impl Args {
    /// What to do, and in which metropolis.
    fn work(self) -> (Work, String) {
        let (work, place) = match self.other {
            Some(Other::Simulate { args, place }) => (Work::Simulate(args), place),
            None => {
                let work = match (self.field, self.rivers) {
                    (Some(file), _) => Work::Field(file),
                    (None, Some(file)) => Work::Rivers(file),
                    (None, None) => Work::House(self.notify),
                };
                (work, self.place)
            }
        };
        // Required: it is there.
        (work, place.metropolis.unwrap_or_default())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| "info".into()))
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    // No password in a memory dump.
    vigie_metropolis::keep_private();
    let (work, metropolis) = Args::parse().work();
    if url_has_password(&metropolis) {
        eprintln!(
            "vigie-gateway: the address holds a password, which process lists show: put the line \
             host:port:database:login:password in a file of mode 600, and name it in PGPASSFILE"
        );
        return ExitCode::FAILURE;
    }
    let name = match work {
        Work::House(_) => "vigie house",
        Work::Field(_) => "vigie field",
        Work::Rivers(_) => "vigie rivers",
        Work::Simulate(_) => "vigie devices",
    };
    let target = ConnectTarget { url: metropolis, password: None, application_name: name.into() };
    let done = match work {
        Work::House(notify) => house::keep(target, notify, asked_to_end()).await.map_err(|error| error.to_string()),
        Work::Field(file) => work_field(&file, target).await.map_err(|error| error.to_string()),
        Work::Rivers(file) => ask_rivers(&file, target).await.map_err(|error| error.to_string()),
        Work::Simulate(args) => {
            use_ring();
            simulate::play(&args, target, asked_to_end()).await.map_err(|error| error.to_string())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vigie-gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn work_field(file: &Path, target: ConnectTarget) -> Result<(), field::FieldError> {
    let config = field::config::Config::read(file)?;
    use_ring();
    field::work(&config, target, asked_to_end()).await
}

async fn ask_rivers(file: &Path, target: ConnectTarget) -> Result<(), rivers::RiversError> {
    let config = rivers::config::Config::read(file)?;
    use_ring();
    rivers::work(&config, target, asked_to_end()).await
}

/// Brokers are spoken to by the same cryptography as PostgreSQL. Refused only when it was chosen before.
fn use_ring() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Args::command().debug_assert();
        let simulate = ["vigie-gateway", "simulate", "--field", "f", "--metropolis", "m"];
        let (work, metropolis) = Args::try_parse_from(simulate).unwrap().work();
        assert!(matches!(work, Work::Simulate(_)) && metropolis == "m");
        let (work, _) = Args::try_parse_from(["vigie-gateway", "--field", "f", "--metropolis", "m"]).unwrap().work();
        assert!(matches!(work, Work::Field(_)));
        let (work, _) = Args::try_parse_from(["vigie-gateway", "--rivers", "f", "--metropolis", "m"]).unwrap().work();
        assert!(matches!(work, Work::Rivers(_)));
        assert!(
            Args::try_parse_from(["vigie-gateway", "--metropolis", "m"]).is_err(),
            "house, field, rivers or devices"
        );
        let both = ["vigie-gateway", "--rivers", "f", "--house", "--metropolis", "m"];
        assert!(Args::try_parse_from(both).is_err());
    }
}
