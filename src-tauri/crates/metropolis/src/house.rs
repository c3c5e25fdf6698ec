//! The house's seat: who keeps time, for a term that only grows.
//!
//! Guarantee: what is said from a seat is said while the term is the last one and its lease runs, in the transaction that
//! writes it; a program that slept while another took the seat is refused.

use std::time::Duration;

use futures::TryStreamExt;
use serde::Deserialize;
use uuid::Uuid;
use vigie_core::port::MetropolisError;
use vigie_core::submission::{Outcome, Submission};
use vigie_core::table::{Command, TableRow, TableSpec};

use crate::copy_text::{Lines, read_row, select_list};
use crate::error::map;
use crate::metropolis::{PgMetropolis, ask, one_each, wire};

/// What the house did by itself in one turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Kept {
    /// Effects whose end passed without being seen (R3).
    pub overdue: u64,
    /// Shifts closed because their end passed (R13).
    pub shifts: u64,
    /// Rows of the journal sealed.
    pub sealed: u64,
}

static COMMAND: TableSpec = Command::SPEC;

impl PgMetropolis {
    /// Takes the house's seat for `program`, or keeps it: the term to speak in; none while another program holds it.
    pub async fn take_seat(&self, program: Uuid, lease: Duration) -> Result<Option<i64>, MetropolisError> {
        let mut line = self.desk.take().await?;
        let sql = "SELECT coalesce(vigie.take_seat($1::text::uuid, $2::text::interval)::text, 'null')";
        let lease = format!("{} milliseconds", lease.as_millis());
        let term = ask(&mut line, sql, &[&program.to_string(), &lease]).await?;
        line.keep();
        Ok(term)
    }

    /// Gives the seat back.
    pub async fn leave_seat(&self, term: i64) -> Result<(), MetropolisError> {
        let mut line = self.desk.take().await?;
        sqlx::query("SELECT vigie.leave_seat($1)")
            .bind(term)
            .execute(&mut line.connection)
            .await
            .map_err(|e| map(&e))?;
        line.keep();
        Ok(())
    }

    /// The commands that are neither over nor only asked for: what the house has to judge.
    pub async fn commands_under_way(&self) -> Result<Vec<Command>, MetropolisError> {
        let mut line = self.desk.take().await?;
        let query = format!(
            "COPY (SELECT {} FROM vigie.command r WHERE r.state IN ('accepted', 'dispatching', 'dispatched', 'executed')) TO STDOUT",
            select_list(&COMMAND, &[])
        );
        let mut commands = Vec::new();
        {
            let mut stream = line.connection.copy_out_raw(&query).await.map_err(|e| map(&e))?;
            let mut lines = Lines::default();
            while let Some(bytes) = stream.try_next().await.map_err(|e| map(&e))? {
                lines.push(&bytes, |text| {
                    let row = read_row(&COMMAND, text)?;
                    commands.push(Command::from_row(&row).map_err(|bad| MetropolisError::Unexpected(bad.to_string()))?);
                    Ok::<_, MetropolisError>(())
                })?;
            }
        }
        line.keep();
        Ok(commands)
    }

    /// Says what the house has to say, from its seat. Refused as a whole when the term is past.
    pub async fn house_submit(&self, term: i64, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let json = wire(batch)?;
        let mut line = self.desk.take().await?;
        let sql = "SELECT vigie.house_submit($1::text::bigint, $2::text::jsonb)::text";
        let outcomes = ask(&mut line, sql, &[&term.to_string(), &json]).await?;
        line.keep();
        one_each(outcomes, batch.len())
    }

    /// What is past its time goes, from the seat: history, tombstones. Says how much went.
    pub async fn house_prune(&self, term: i64) -> Result<u64, MetropolisError> {
        let mut line = self.desk.take().await?;
        let gone = ask(&mut line, "SELECT vigie.house_prune($1::text::bigint)::text", &[&term.to_string()]).await?;
        line.keep();
        Ok(gone)
    }

    /// Effects, shifts and seals, from the seat. Refused when the term is past.
    pub async fn house_keep(&self, term: i64) -> Result<Kept, MetropolisError> {
        let mut line = self.desk.take().await?;
        let kept = ask(&mut line, "SELECT vigie.house_keep($1::text::bigint)::text", &[&term.to_string()]).await?;
        line.keep();
        Ok(kept)
    }
}
