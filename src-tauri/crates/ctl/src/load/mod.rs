//! `vigiectl load`: a training city into a rehearsal, or a file of equipment, zones or services into any metropolis.
//!
//! | module | what it holds |
//! |---|---|
//! | [`training`] | the city, and one login per role |
//! | [`file`] | a file, read in its own thread, staged in batches, taken all at once |
//! | [`judge`] | record by record: a row, or a refusal with its line |
//! | [`report`] | the refused records, on the terminal and in a file |

mod file;
mod judge;
mod report;
mod training;

use std::path::PathBuf;

use vigie_core::inventory::Crs;
use vigie_training::city::DEFAULT_OBJECTS;

use crate::error::CtlError;
use crate::format::Inventory;

pub(crate) use file::{all, waters};
pub(crate) use training::demo_login;

/// What to load.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address of the metropolis as its owner: `postgres://login@host:5432/database` (the password by PGPASSFILE).
    #[arg(long, value_name = "URL")]
    metropolis: String,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    training: TrainingArgs,
    #[command(flatten)]
    file: FileArgs,
}

/// One thing at a time.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Empties a rehearsal and loads the training city. Refuses a live metropolis.
    #[arg(long)]
    training: bool,
    /// File of equipment (.geojson, .json or .csv): added, or changed where the reference is known.
    #[arg(long, value_name = "FILE")]
    equipment: Option<PathBuf>,
    /// File of zones (.geojson, .json or .csv): added, or changed where the reference is known.
    #[arg(long, value_name = "FILE")]
    zones: Option<PathBuf>,
    /// File of municipal services (.csv): added, or changed where the code is known.
    #[arg(long, value_name = "FILE")]
    services: Option<PathBuf>,
    /// File of levels of water (.csv): what each height of a gauge takes. Added, or changed where the reference is known.
    #[arg(long, value_name = "FILE")]
    inundations: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct TrainingArgs {
    /// With --training: another seed, another city.
    #[arg(long, default_value_t = 1, requires = "training")]
    seed: u64,
    /// With --training: about how many objects in all.
    #[arg(long, default_value_t = DEFAULT_OBJECTS, value_parser = clap::value_parser!(u32).range(300..=1_000_000), requires = "training")]
    objects: u32,
    /// With --training: the city's time, such as 2026-11-23T21:00:00Z; now when left out. The rehearsal's clock is set to it.
    #[arg(long, value_name = "INSTANT", requires = "training")]
    at: Option<jiff::Timestamp>,
    /// With --training: new file for the passwords of the logins `demo_<role>`, readable by you only; name it in
    /// PGPASSFILE to sign in.
    #[arg(long, value_name = "FILE", requires = "training", required_if_eq("training", "true"))]
    passfile: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct FileArgs {
    /// What the coordinates of the file are, when it does not say so itself.
    #[arg(long, conflicts_with = "training")]
    crs: Option<CrsArg>,
    /// Says what would be done, and writes nothing.
    #[arg(long, conflicts_with = "training")]
    dry_run: bool,
    /// Loads nothing when anything is refused.
    #[arg(long, conflicts_with = "training")]
    all_or_nothing: bool,
    /// New file for the refused records: line, reference, why, what to do (CSV).
    #[arg(long, value_name = "FILE", conflicts_with = "training")]
    report: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum CrsArg {
    /// Degrees, longitude and latitude (EPSG:4326).
    Wgs84,
    /// Metres of Lambert-93 (EPSG:2154).
    Lambert93,
}

impl From<CrsArg> for Crs {
    fn from(crs: CrsArg) -> Self {
        match crs {
            CrsArg::Wgs84 => Self::Wgs84,
            CrsArg::Lambert93 => Self::Lambert93,
        }
    }
}

/// Loads it.
pub(crate) async fn run(args: &Args) -> Result<(), CtlError> {
    let (inventory, path) = match &args.what {
        What { equipment: Some(path), .. } => (Inventory::Equipment, path),
        What { zones: Some(path), .. } => (Inventory::Zones, path),
        What { services: Some(path), .. } => (Inventory::Services, path),
        What { inundations: Some(path), .. } => (Inventory::Inundations, path),
        _ => return training::run(args).await,
    };
    file::run(&args.metropolis, inventory, path, &args.file).await
}
