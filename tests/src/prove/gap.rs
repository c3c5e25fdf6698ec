//! `prove gap`: the race of [`vigie_testkit::gap`] at length, into the encrypted replica of a workstation.

use anyhow::Context;
use vigie_testkit::gap::{Race, Raced, race};
use vigie_testkit::postgres::Server;

use super::city::City;
use super::client::KEY;

/// Writers at once.
const WRITERS: u64 = 8;

/// Runs it.
pub async fn campaign(transactions: u64, seed: u64) -> anyhow::Result<Raced> {
    let server = Server::shared().context("no PostgreSQL server")?;
    let city = City::found(&server, 1).await?;
    let login = city.desks.first().context("no desk")?;
    let reader = city.session(login).await?;
    let folder = tempfile::tempdir()?;
    let replica = vigie_store::replica::open(folder.path(), &KEY).await?;
    let whole = Race { writers: WRITERS, transactions, pulls: 40, seed };
    let raced = race(&city.database, &reader, &replica, whole).await.map_err(|e| anyhow::anyhow!("{e}"))?;
    replica.close().await;
    drop(reader);
    city.raze().await?;
    Ok(raced)
}
