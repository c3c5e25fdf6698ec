//! `prove field`: commands from the application's engine through PostgreSQL, the gateway's program and a real broker to
//! simulated devices, while all between them fails; what the devices wrote down is the judge.
//!
//! | module | what it holds |
//! |---|---|
//! | [`trial`] | a metropolis with its programs, its broker, its devices |
//! | [`trouble`] | what fails meanwhile |
//! | [`programs`] | the gateway's program, started and killed |
//! | [`log`] | what devices wrote down |
//! | [`judge`] | what they say against what the metropolis says |
//! | [`rogue`] | gateways with a planted fault, which the judge must see |

pub mod judge;
pub mod log;
pub mod programs;
pub mod rogue;
pub mod trial;
pub mod trouble;

use std::path::{Path, PathBuf};

use crate::prove::history::{Fault, Rule};
use rogue::Planted;
use trial::Trial;
use trouble::Trouble;

/// How the field is tried.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `vigie-prove`, which becomes a workstation when told so.
    pub program: PathBuf,
    /// Commands that the metropolis is to have.
    pub commands: u64,
    /// Workstations that give them.
    pub desks: usize,
    /// Orders a second of each.
    pub rate: f64,
    /// How many times faster than real time the rehearsal runs.
    pub speed: f64,
    /// Share of commands of which a device answers late, twice, after a while or not at all.
    pub faults: f64,
    /// From which everything random is drawn.
    pub seed: u64,
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Fielded {
    /// Commands that the metropolis had.
    pub commands: u64,
    /// Orders promised at desks.
    pub promised: u64,
    /// Commands that reached their device.
    pub received: u64,
    /// Of the metropolis's commands, so many ended so.
    pub ended: std::collections::BTreeMap<&'static str, u64>,
    /// What failed meanwhile.
    pub trouble: Trouble,
    /// Whether clocks could be made wrong on this machine.
    pub skewed: bool,
    /// What was wrong.
    pub faults: Vec<(u64, Fault)>,
}

/// What a planted gateway does, and the promise that the judge must see broken.
pub const PLANTED: [(Planted, Rule); 2] =
    [(Planted::PublishesAgain, Rule::Doubled), (Planted::IgnoresLife, Rule::Late)];

/// The gateway's program stands beside this one.
fn gateway_beside(program: &Path) -> PathBuf {
    program.with_file_name(format!("vigie-gateway{}", std::env::consts::EXE_SUFFIX))
}

/// Tries it once.
pub async fn campaign(plan: &Plan) -> anyhow::Result<Fielded> {
    let folder = tempfile::tempdir()?;
    let trial = Trial::found(plan, &gateway_beside(&plan.program), folder.path()).await?;
    trial.run(plan).await
}

/// What the judge says of a gateway with a planted fault, on the same devices.
pub async fn planted(program: &Path, planted: Planted) -> anyhow::Result<Vec<Fault>> {
    let plan = Plan { program: program.to_owned(), commands: 6, desks: 1, rate: 8.0, speed: 1.0, faults: 0.0, seed: 5 };
    let folder = tempfile::tempdir()?;
    let trial = Trial::found(&plan, &gateway_beside(program), folder.path()).await?;
    trial.run_rogue(&plan, planted).await
}
