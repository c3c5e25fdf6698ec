//! `vigiectl migrate`.

use vigie_core::port::{MetropolisError, MetropolisMode};
use vigie_metropolis::Admin;

use crate::address::Address;
use crate::error::CtlError;

/// What to migrate.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address of the database as its owner: `postgres://login@host:5432/database` (the password by PGPASSFILE).
    #[arg(long, value_name = "URL")]
    metropolis: String,
    /// A new metropolis is a city to practise on; fixed for good.
    #[arg(long, conflicts_with = "live")]
    rehearsal: bool,
    /// A new metropolis pilots real streets; fixed for good.
    #[arg(long)]
    live: bool,
    /// Name of a new metropolis, shown on its screens.
    #[arg(long, default_value = "Dijon métropole")]
    name: String,
}

/// Makes or upgrades the metropolis.
pub(crate) async fn run(args: &Args) -> Result<(), CtlError> {
    let address = Address::new(&args.metropolis)?;
    let mut admin = Admin::connect(address.url(), None).await?;
    let mode = match (args.live, args.rehearsal) {
        (true, _) => MetropolisMode::Live,
        (_, true) => MetropolisMode::Rehearsal,
        _ => match admin.info().await {
            Ok(info) => info.mode,
            Err(MetropolisError::NotAMetropolis) => return Err(CtlError::ModeNeeded),
            Err(error) => return Err(error.into()),
        },
    };
    let done = admin.migrate(mode, &args.name).await?;
    let info = admin.info().await?;
    let what = match (done.created, done.applied.as_slice()) {
        (true, _) => "made".to_owned(),
        (false, []) => "already up to date".to_owned(),
        (false, applied) => format!("upgraded by {} migrations", applied.len()),
    };
    println!("{} ({}): {what}, schema {}", info.name, info.mode, info.schema_version);
    if done.rights_changed && !done.created {
        println!("the rights changed: workstations will copy what they may read anew");
    }
    Ok(())
}
