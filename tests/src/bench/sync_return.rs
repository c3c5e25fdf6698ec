//! `sync-return`: back after hours, while the city changed; beside a whole copy of as many rows.

use std::time::Duration;

use anyhow::Context;
use sqlx::AssertSqlSafe;
use tokio_util::sync::CancellationToken;
use vigie_core::port::{Cut, Metropolis, MetropolisError, Replica};
use vigie_core::rights::Role;
use vigie_core::table::{Cell, Equipment, TableRow, TableSpec};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, Password, PgMetropolis};
use vigie_store::SqliteReplica;

use super::measure::Order;
use super::spread::{quantile, told};
use super::town::{Town, copy, fill, now};
use crate::result::Found;

/// Times a whole copy of as many rows that a return may take.
const TIMES: f64 = 2.0;
/// Between two looks at the screen.
const SCREEN: Duration = Duration::from_millis(20);
static EQUIPMENT: TableSpec = Equipment::SPEC;

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let (objects, few, rounds) = if order.quick { (50_000, 5_000, 1) } else { (1_000_000, 50_000, 2) };
    let mut found = Found::new(
        "bench-sync-return",
        "A workstation comes back to a city whose objects changed (attributes of the equipment, its widest table): from the first \
         question to the replica at the new cut, while the screen goes on reading. Beside it, a whole copy of as many rows.",
        0,
    );
    found.met = true;
    let town = Town::found(objects).await?;
    let small = Town::found(few).await?;
    for (changes, town_of_as_many) in [(few, &small), (objects, &town)] {
        let mut initial = Vec::new();
        for _ in 0..rounds {
            let folder = tempfile::tempdir()?;
            let reader = town_of_as_many.session(Role::Supervisor).await?;
            let begun = now();
            copy(&reader, folder.path()).await?.0.close().await;
            initial.push(begun.elapsed().as_secs_f64());
        }
        found.peers.insert(format!("a whole copy of {changes} rows, seconds"), told(&initial, 2).into());
        for hours in [1, 24] {
            let mut returns = Vec::new();
            for _ in 0..rounds {
                returns.push(come_back(&town, changes, hours).await?);
            }
            let seconds: Vec<f64> = returns.iter().map(|r| r.seconds).collect();
            let times = quantile(&seconds, 0.5) / quantile(&initial, 0.5);
            let name = format!("{hours} h and {changes} changes of {objects} objects");
            let how = returns.first().map_or("", |r| if r.anew { "a copy in a side file" } else { "a delta" });
            found.figure(&format!("{name}: seconds, by {how}"), told(&seconds, 2));
            found.figure(&format!("{name}: × a whole copy of as many rows (≤ {TIMES})"), format!("{times:.2}"));
            let looks: Vec<f64> = returns.into_iter().flat_map(|r| r.looks).collect();
            found.figure(&format!("{name}: looks at the screen meanwhile"), looks.len());
            found.figure(&format!("{name}: ms that a look took, p50"), format!("{:.1}", quantile(&looks, 0.5)));
            found.figure(&format!("{name}: ms that a look took, longest"), format!("{:.0}", quantile(&looks, 1.0)));
            found.met &= times <= TIMES && !looks.is_empty();
        }
    }
    found.notes.push(
        "A look at the screen: a sheet by its key, and a search of two words. None failed; every one saw a whole cut."
            .to_owned(),
    );
    found.notes.push("The hours are those of the rehearsal's own clock, set forward.".to_owned());
    Ok(found)
}

/// One return.
struct Return {
    seconds: f64,
    /// Whether the copy was made anew.
    anew: bool,
    /// How long each look at the screen took, ms.
    looks: Vec<f64>,
}

async fn come_back(town: &Town, changes: u64, hours: u64) -> anyhow::Result<Return> {
    let folder = tempfile::tempdir()?;
    let reader = town.session(Role::Supervisor).await?;
    let (replica, cut, _) = copy(&reader, folder.path()).await?;
    drop(reader);
    away(town, changes, cut.at.plus(Duration::from_secs(hours * 3600))).await?;

    let stop = CancellationToken::new();
    let screen = tokio::spawn(look(replica.clone(), stop.clone()));
    let begun = now();
    let reader = town.session(Role::Supervisor).await?;
    let anew = catch_up(&reader, &replica, &cut).await?;
    let seconds = begun.elapsed().as_secs_f64();
    stop.cancel();
    let looks = screen.await??;
    replica.close().await;
    Ok(Return { seconds, anew, looks })
}

/// What happened in the city meanwhile.
async fn away(town: &Town, changes: u64, until: Timestamp) -> anyhow::Result<()> {
    let mut owner = town.database.connect().await?;
    // Spread over the city, as changes are.
    let sql = format!(
        "WITH moved AS (SELECT equipment_id FROM vigie.equipment ORDER BY md5(reference) LIMIT {changes}) \
         UPDATE vigie.equipment e SET attributes = jsonb_set(attributes, '{{rank}}', to_jsonb((attributes->>'rank')::int + 1)) \
         FROM moved WHERE e.equipment_id = moved.equipment_id"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await?;
    sqlx::raw_sql("VACUUM ANALYZE vigie.equipment").execute(&mut owner).await?;
    let mut admin =
        Admin::connect(&town.database.owner_url(), Some(Password::new(town.database.owner_password()))).await?;
    admin.set_clock(Some(until), 1.0).await?;
    Ok(())
}

/// As the engine does: a delta, or a copy where the metropolis says that one is quicker; says whether it was.
async fn catch_up(reader: &PgMetropolis, replica: &SqliteReplica, since: &Cut) -> anyhow::Result<bool> {
    match reader.changes(since).await {
        Ok(changes) => {
            replica.apply(&changes, &reader.identity().await?).await?;
            Ok(false)
        }
        Err(MetropolisError::ResyncNeeded(_)) => {
            fill(reader, replica).await?;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

/// What a screen reads, again and again: how long each took, in ms.
async fn look(replica: SqliteReplica, stop: CancellationToken) -> anyhow::Result<Vec<f64>> {
    let some = replica.find(&EQUIPMENT, "reference", &Cell::Text("EC-0000042".into()), 1).await?;
    let key = some.first().and_then(vigie_core::table::Row::key).context("an object is not there")?;
    let mut looks = Vec::new();
    while !stop.is_cancelled() {
        let begun = now();
        replica.row(&EQUIPMENT, key).await?.context("an object vanished from the screen")?;
        anyhow::ensure!(!replica.search("lampadaire 42", 20).await?.hits.is_empty(), "words vanished from the screen");
        looks.push(begun.elapsed().as_secs_f64() * 1_000.0);
        tokio::time::sleep(SCREEN).await;
    }
    Ok(looks)
}
