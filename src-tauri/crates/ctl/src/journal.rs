//! `vigiectl journal`: what was done, by whom, and whether anyone changed it since.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde_json::json;
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, Seal};

use crate::address::Address;
use crate::error::CtlError;

/// What to do with the journal.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Act,
}

/// Where, and as whom.
#[derive(Debug, clap::Args)]
struct Place {
    /// Address of the database as its owner or as an auditor's account (the password by PGPASSFILE).
    #[arg(long, value_name = "URL", env = "VIGIE_METROPOLIS")]
    metropolis: String,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Computes the chain of seals again; fails at the first row or seal that is not what it was.
    Verify {
        #[command(flatten)]
        place: Place,
    },
    /// Prints the last seal: kept elsewhere each day, it tells whether the chain was rewritten as a whole.
    Head {
        #[command(flatten)]
        place: Place,
    },
    /// Writes journal and seals to a new file, one JSON value a line: identifiers, codes and hashes, no words.
    Export {
        #[command(flatten)]
        place: Place,
        /// The file; never one that exists.
        file: PathBuf,
    },
}

/// Does it.
pub(crate) async fn run(args: Args) -> Result<(), CtlError> {
    match args.act {
        Act::Verify { place } => {
            let found = open(&place).await?.verify_journal().await?;
            println!("{} rows under {} seals; {} not sealed yet", found.rows, found.seals, found.unsealed);
            found.broken.map_or(Ok(()), |words| Err(CtlError::JournalBroken(words)))
        }
        Act::Head { place } => {
            match open(&place).await?.journal_seals().await?.last() {
                Some(seal) => println!("{}", seal_line(seal)),
                None => println!("no seal yet: is a house at work (vigie-gateway --house)?"),
            }
            Ok(())
        }
        Act::Export { place, file } => export(&place, file).await,
    }
}

async fn open(place: &Place) -> Result<Admin, CtlError> {
    Ok(Admin::connect(Address::new(&place.metropolis)?.url(), None).await?)
}

async fn export(place: &Place, path: PathBuf) -> Result<(), CtlError> {
    let mut admin = open(place).await?;
    let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => CtlError::Exists(path.clone()),
        _ => CtlError::Write(path.clone(), e),
    })?;
    let failed = |e| CtlError::Write(path.clone(), e);
    let mut out = BufWriter::new(file);
    let (mut rows, mut seals) = (0_u64, 0_u64);
    for seal in admin.journal_seals().await? {
        writeln!(out, "{}", seal_line(&seal)).map_err(failed)?;
        seals += 1;
    }
    admin
        .journal_lines(|_, line| {
            rows += 1;
            writeln!(out, "{line}").map_err(failed)
        })
        .await?;
    out.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
    println!("{rows} rows and {seals} seals written to {}", path.display());
    Ok(())
}

/// A seal as an object, told apart from the rows, which are arrays.
fn seal_line(seal: &Seal) -> String {
    let hex = seal.sha256.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    json!({
        "seal": seal.seal_id, "below": seal.below_xid, "rows": seal.rows, "sha256": hex,
        "sealed_at": Timestamp(seal.sealed_at).to_string(),
    })
    .to_string()
}
