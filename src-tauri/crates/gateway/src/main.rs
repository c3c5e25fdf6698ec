//! `vigie-gateway`: the metropolis's own program, on a host that is always on. It is the house, or works the field; two
//! programs with two accounts.
//!
//! | module | what it holds |
//! |---|---|
//! | [`house`] | the house's seat, and a turn each second: rules and time |
//! | [`field`] | commands to devices, and what they answer and show |
//! | [`machine`] | this machine's clock |
//! | [`notify`] | the program of IT that tells the person on call |
//! | [`pause`] | how long to wait after a failure |

mod field;
mod house;
mod machine;
mod notify;
mod pause;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use vigie_metropolis::{ConnectTarget, url_has_password};

/// The metropolis's own program. Run two of them, on two machines: one works, the other takes over.
#[derive(Debug, Parser)]
#[command(name = "vigie-gateway", version)]
struct Args {
    /// Keep time for the metropolis: missing answers, ends of effects and shifts, retention, seals of the journal.
    #[arg(long, required_unless_present = "field", conflicts_with = "field")]
    house: bool,
    /// Work the field: carry commands out and tell what devices show, by the lines that this file names.
    #[arg(long, value_name = "FILE")]
    field: Option<PathBuf>,
    /// A program that tells the person on call: run once for each notice, which it reads as one JSON object on its standard
    /// input. It ends with 0 once he was told; else it is run again.
    #[arg(long, value_name = "PROGRAM", env = "VIGIE_NOTIFY")]
    notify: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Which metropolis.
#[derive(Debug, clap::Args)]
struct Place {
    /// Address of the metropolis as its account of role `house` or `gateway`: `postgres://login@host,standby/database`, never
    /// with a password in it (PGPASSFILE names the file that holds it).
    #[arg(long, value_name = "URL", env = "VIGIE_METROPOLIS")]
    metropolis: String,
}

/// What one run does.
enum Work {
    House(Option<PathBuf>),
    Field(PathBuf),
}

impl Args {
    fn work(self) -> (Work, String) {
        let work = self.field.map_or(Work::House(self.notify), Work::Field);
        (work, self.place.metropolis)
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
    };
    let target = ConnectTarget { url: metropolis, password: None, application_name: name.into() };
    let done = match work {
        Work::House(notify) => house::keep(target, notify, asked_to_end()).await.map_err(|error| error.to_string()),
        Work::Field(file) => work_field(&file, target).await.map_err(|error| error.to_string()),
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

/// Brokers are spoken to by the same cryptography as PostgreSQL. Refused only when it was chosen before.
fn use_ring() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Ends when the program is asked to.
async fn asked_to_end() {
    #[cfg(unix)]
    if let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
        return;
    }
    // Without a signal to wait for, the program runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
