//! How fast rows are written, with the feed and without it.

use std::time::Duration;

use anyhow::Context;
use sqlx::{Connection as _, Row as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::town::{Town, now};

/// Writers at the same time.
const WRITERS: usize = 4;

/// Gives the table of states its triggers and the index of its stamps, or takes them away; what earlier writes left is
/// cleaned up.
pub async fn feed(town: &Town, on: bool) -> anyhow::Result<()> {
    let mut owner = town.database.connect().await?;
    let sql: &[&str] = if on {
        &[
            "ALTER TABLE vigie.equipment_state ENABLE TRIGGER USER",
            "CREATE INDEX IF NOT EXISTS equipment_state_change ON vigie.equipment_state (change_xid)",
        ]
    } else {
        &["ALTER TABLE vigie.equipment_state DISABLE TRIGGER USER", "DROP INDEX IF EXISTS vigie.equipment_state_change"]
    };
    for statement in sql.iter().chain(&["VACUUM vigie.equipment_state", "CHECKPOINT"]) {
        sqlx::raw_sql(*statement).execute(&mut owner).await?;
    }
    Ok(())
}

/// Updates of so many rows a transaction, for so long.
pub async fn rows_a_second(town: &Town, batch: usize, end: Duration) -> anyhow::Result<f64> {
    let mut owner = town.database.connect().await?;
    let rows = sqlx::query("SELECT equipment_id FROM vigie.equipment_state").fetch_all(&mut owner).await?;
    let keys: Vec<Uuid> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let begun = now();
    let mut writing = JoinSet::new();
    for own in keys.chunks(keys.len().div_ceil(WRITERS).max(1)) {
        let (own, database) = (own.to_vec(), town.database.clone());
        writing.spawn(async move {
            let mut connection = database.connect().await?;
            let mut turns = own.chunks(batch).cycle();
            let mut written = 0;
            while begun.elapsed() < end {
                let keys = turns.next().context("no rows to write")?.to_vec();
                written += sqlx::query(
                    "UPDATE vigie.equipment_state SET received_at = now(), version = version + 1, \
                     reading = jsonb_build_object('level', version % 100) WHERE equipment_id = ANY($1)",
                )
                .bind(keys)
                .execute(&mut connection)
                .await?
                .rows_affected();
            }
            connection.close().await?;
            anyhow::Ok(written)
        });
    }
    let mut written = 0;
    while let Some(one) = writing.join_next().await {
        written += one??;
    }
    Ok(written as f64 / begun.elapsed().as_secs_f64())
}
