//! `vigiectl load --training`: a city in a rehearsal, and one login per role.

use vigie_core::port::MetropolisMode;
use vigie_core::rights::Role;
use vigie_core::table::{Row, TableRow, TableSpec, table};
use vigie_core::time::{Clock, Timestamp};
use vigie_machine::MachineClock;
use vigie_metropolis::{Admin, Password};
use vigie_training::City;
use vigie_training::city::{CityOptions, generate};

use crate::address::Address;
use crate::edge::password;
use crate::error::CtlError;
use crate::load::Args;
use crate::passfile::Passfile;

/// Loads the city.
pub(super) async fn run(args: &Args) -> Result<(), CtlError> {
    let Some(path) = &args.training.passfile else { return Err(CtlError::PassfileNeeded) };
    let address = Address::new(&args.metropolis)?;
    let mut admin = Admin::connect(address.url(), None).await?;
    let info = admin.info().await?;
    if info.mode != MetropolisMode::Rehearsal {
        return Err(CtlError::NotARehearsal("no city is loaded", info.mode));
    }
    let mut passfile = Passfile::create(path)?;
    match fill(args, &address, &mut admin, &mut passfile).await {
        Ok(city) => {
            passfile.finish()?;
            println!(
                "{}: {} objects in {} communes, seed {}. One login per role, demo_remote_operator and so on; their passwords are in {}",
                info.name,
                city.equipment.len(),
                city.communes.len(),
                args.training.seed,
                path.display()
            );
            println!("next: PGPASSFILE={} vigiectl simulate --metropolis {}", path.display(), address.url());
            Ok(())
        }
        Err(error) => {
            passfile.abandon();
            Err(error)
        }
    }
}

async fn fill(args: &Args, address: &Address, admin: &mut Admin, passfile: &mut Passfile) -> Result<City, CtlError> {
    let at = args.training.at.map_or_else(|| MachineClock.now().wall, |at| Timestamp(at.as_millisecond()));
    let city = generate(&CityOptions { seed: args.training.seed, objects: args.training.objects, at });
    // The clock before the epoch: nothing may seem to have been asked before the city was born.
    admin.set_clock(Some(at), 1.0).await?;
    admin.clear_rows().await?;
    for (spec, rows) in rows(&city) {
        admin.load_rows(spec, &rows).await?;
    }
    for role in Role::ALL {
        let account = city.accounts.iter().find(|a| a.role == *role);
        let (login, secret) = (demo_login(*role), password());
        let (person, desk) = account.map_or((None, None), |a| (a.person_id, a.desk_id));
        admin.create_login(&login, &Password::new(secret.clone()), *role, person, desk).await?;
        for line in address.pass_lines(&login, &secret) {
            passfile.add(&line)?;
        }
    }
    // Generating and loading took real time, in which the clock ran: the city is born now.
    admin.set_clock(Some(at), 1.0).await?;
    Ok(city)
}

/// The login of a role in a loaded city.
pub(crate) fn demo_login(role: Role) -> String {
    format!("demo_{}", role.code())
}

/// The city's rows, table by table, parents first.
fn rows(city: &City) -> Vec<(&'static TableSpec, Vec<Row>)> {
    fn of<T: TableRow>(rows: &[T]) -> Option<(&'static TableSpec, Vec<Row>)> {
        Some((table(T::SPEC.name)?, rows.iter().map(TableRow::to_row).collect()))
    }
    [
        of(&city.communes),
        of(&city.ground),
        of(&city.zones),
        of(&city.persons),
        of(&city.desks),
        of(&city.shifts),
        of(&city.services),
        of(&city.equipment),
        of(&city.states),
        of(&city.history),
        of(&city.reaches),
        of(&city.inundations),
    ]
    .into_iter()
    .flatten()
    .collect()
}
