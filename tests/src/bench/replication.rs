//! PostgreSQL's own logical replication of the same rows: the ceiling. It writes another server's table, not a file that one
//! carries away, and keeps a slot on the server for each who follows.

use std::time::Duration;

use anyhow::Context;
use sqlx::AssertSqlSafe;
use vigie_testkit::postgres::{Database, Server};

use super::town::{Town, now};

/// Between two looks whether it is done; what a figure here is exact to.
const LOOK: Duration = Duration::from_millis(5);

/// What a server must be told to be followed.
pub const SETTINGS: &[&str] = &["wal_level=logical"];

/// The same table and indexes elsewhere.
const TABLE: &str = "\
CREATE SCHEMA vigie;
CREATE TABLE vigie.equipment (
    equipment_id uuid PRIMARY KEY, reference text NOT NULL UNIQUE, name text NOT NULL, kind text NOT NULL,
    insee_code text NOT NULL, street text NOT NULL, lon double precision NOT NULL, lat double precision NOT NULL,
    attributes jsonb NOT NULL);
CREATE INDEX ON vigie.equipment (kind);";

/// Seconds of a first copy of the equipment onto a server of its own.
pub async fn initial(town: &Town) -> anyhow::Result<f64> {
    let server = std::sync::Arc::new(Server::start()?);
    let follower = server.database().await?;
    let mut there = follower.connect().await?;
    sqlx::raw_sql(TABLE).execute(&mut there).await?;
    publish(&town.database).await?;
    let begun = now();
    let subscribe = format!(
        "CREATE SUBSCRIPTION bench CONNECTION 'host=127.0.0.1 port={} dbname={} user=owner password={}' PUBLICATION bench",
        town.database.server().port(),
        town.database.name(),
        town.database.owner_password()
    );
    sqlx::raw_sql(AssertSqlSafe(subscribe)).execute(&mut there).await?;
    loop {
        let ready: bool =
            sqlx::query_scalar("SELECT count(*) > 0 AND bool_and(srsubstate IN ('s', 'r')) FROM pg_subscription_rel")
                .fetch_one(&mut there)
                .await?;
        if ready {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    let taken = begun.elapsed().as_secs_f64();
    // Its slot would keep the log of the town for ever.
    sqlx::raw_sql("DROP SUBSCRIPTION bench").execute(&mut there).await.context("the slot stays")?;
    Ok(taken)
}

async fn publish(database: &Database) -> anyhow::Result<()> {
    let mut owner = database.connect().await?;
    sqlx::raw_sql(
        "DROP PUBLICATION IF EXISTS bench; \
         CREATE PUBLICATION bench FOR TABLE vigie.equipment \
         (equipment_id, reference, name, kind, insee_code, street, lon, lat, attributes)",
    )
    .execute(&mut owner)
    .await?;
    Ok(())
}
