//! What only a rehearsal allows: rows loaded and removed from outside, a clock that is set.

use std::fmt::Write;

use vigie_core::port::MetropolisError;
use vigie_core::table::{Row, TABLES, TableSpec};
use vigie_core::time::Timestamp;

use crate::admin::Admin;
use crate::copy_text::write_row;
use crate::error::map;

impl Admin {
    /// Adds rows to a synced table. Refuses a live metropolis. Parents first: the order of [`TABLES`].
    pub async fn load_rows(&mut self, table: &TableSpec, rows: &[Row]) -> Result<u64, MetropolisError> {
        self.refuse_live("rows are not loaded").await?;
        let columns = table.columns.iter().map(|c| c.name).collect::<Vec<_>>().join(", ");
        let statement = format!("COPY vigie.{} ({columns}) FROM STDIN", table.name);
        let mut copy = self.connection.copy_in_raw(&statement).await.map_err(|e| map(&e))?;
        let mut text = String::new();
        for chunk in rows.chunks(2_000) {
            text.clear();
            for row in chunk {
                write_row(table, row, &mut text);
            }
            copy.send(text.as_bytes()).await.map_err(|e| map(&e))?;
        }
        let loaded = copy.finish().await.map_err(|e| map(&e))?;
        self.run("SELECT vigie.wake()").await?;
        // A city is asked for at once: the server's own statistics come a minute later.
        if loaded >= 1_000 {
            self.run(format!("ANALYZE vigie.{}", table.name)).await?;
        }
        Ok(loaded)
    }

    /// Deletes rows by key, as the metropolis's own programs would: a tombstone each. Refuses a live metropolis.
    pub async fn delete_rows(&mut self, table: &TableSpec, keys: &[uuid::Uuid]) -> Result<u64, MetropolisError> {
        self.refuse_live("rows are not deleted").await?;
        let sql = format!("DELETE FROM vigie.{} WHERE {} = ANY ($1)", table.name, table.key());
        let done = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(keys.to_vec())
            .execute(&mut self.connection)
            .await
            .map_err(|e| map(&e))?;
        self.run("SELECT vigie.wake()").await?;
        Ok(done.rows_affected())
    }

    /// Empties every synced table and begins a new epoch, so that every workstation copies anew. Logins stay, without
    /// person or desk. Refuses a live metropolis.
    pub async fn clear_rows(&mut self) -> Result<(), MetropolisError> {
        self.refuse_live("rows are not removed").await?;
        let mut sql = String::from("BEGIN; UPDATE vigie.account SET person_id = NULL, desk_id = NULL;");
        for table in TABLES.iter().rev() {
            // Writing to a String cannot fail.
            let _ = write!(sql, "DELETE FROM vigie.{};", table.name);
        }
        // With a new epoch nobody pulls across these deletions.
        sql.push_str("DELETE FROM vigie.tombstone;");
        sql.push_str("UPDATE vigie.metropolis SET epoch = gen_random_uuid(), epoch_began = vigie.now(); COMMIT");
        self.run_or_roll_back(sql).await
    }

    /// Begins a new epoch now, as after a restore, and says which: replicas are made anew, commands issued before are
    /// refused (R16).
    pub async fn begin_epoch(&mut self) -> Result<uuid::Uuid, MetropolisError> {
        let sql = "UPDATE vigie.metropolis SET epoch = gen_random_uuid(), epoch_began = vigie.now() RETURNING epoch";
        crate::admin::get(&self.row(sql).await?, "epoch")
    }

    /// Sets a rehearsal's clock: to `at` (now when none), running `rate` times as fast as the real one (0 to 3600).
    pub async fn set_clock(&mut self, at: Option<Timestamp>, rate: f64) -> Result<(), MetropolisError> {
        self.refuse_live("the clock is not set").await?;
        sqlx::query("SELECT vigie.set_clock(vigie.at($1), $2)")
            .bind(at.map(|at| at.0))
            .bind(rate)
            .execute(&mut self.connection)
            .await
            .map(|_| ())
            .map_err(|e| map(&e))
    }

    pub(super) async fn run_or_roll_back(&mut self, sql: String) -> Result<(), MetropolisError> {
        let done = self.run(sql).await;
        if done.is_err() {
            self.run("ROLLBACK").await?;
        }
        done
    }
}
