//! The feed: a snapshot, then every change since a cut.
//!
//! Guarantees: a pull delivers all that is committed and visible, and moves the cursor only up to the oldest transaction
//! still running, so that nothing which commits later is passed over; what the previous pull delivered is not sent
//! again. Order of transactions is not order of commits, so rows are never compared by `change_xid`.

use futures::future::try_join;
use futures::{Stream, TryStreamExt};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;
use vigie_core::port::{Changes, Cut, MetropolisError, SnapshotSink, TableChanges};
use vigie_core::table::{Row, TABLES, TableSpec};
use vigie_core::time::Timestamp;

use crate::copy_text::{Lines, read_row, select_list};
use crate::cut::{Mark, Start, position};
use crate::error::{lacks_right, map};
use crate::hearing::Hearing;

/// Rows handed to a sink at once.
const BATCH: usize = 2_000;
/// A copy this old is asked first how much it missed.
const RETURN_MS: i64 = 60_000;
/// From this share of the city on, a copy in a side file is quicker than a delta.
const TOO_MUCH: i64 = 5;
/// So few missed rows are always a delta: it keeps the local ids, and the map need not be drawn anew.
const ALWAYS_A_DELTA: i64 = 20_000;
/// More missed rows are never one: a delta is held in memory, a copy is not.
const NEVER_A_DELTA: i64 = 200_000;

/// How many missed rows a delta may have in a city of so many.
fn delta_bound(rows: i64) -> i64 {
    (rows / TOO_MUCH).clamp(ALWAYS_A_DELTA, NEVER_A_DELTA)
}

/// The tables this account reads, in the order of the declarations.
fn readable(names: &[String]) -> Vec<&'static TableSpec> {
    TABLES.iter().filter(|t| names.iter().any(|name| name == t.name)).collect()
}

/// One statement, one snapshot: where the server and each table stand. An index answers each table.
async fn watermark(connection: &mut PgConnection, tables: &[&TableSpec]) -> Result<Mark, sqlx::Error> {
    let mut sql = String::from(
        "SELECT l.epoch, l.timeline, l.lineage, l.at, l.horizon::text, l.reached::text, pg_is_in_recovery(), \
         pg_current_snapshot()::text, pg_snapshot_xmin(pg_current_snapshot())::text, \
         pg_snapshot_xmax(pg_current_snapshot())::text",
    );
    for table in tables.iter().map(|t| t.name).chain(["tombstone"]) {
        sql.push_str(", (SELECT r.change_xid::text FROM vigie.");
        sql.push_str(table);
        sql.push_str(" r ORDER BY r.change_xid DESC LIMIT 1)");
    }
    sql.push_str(" FROM vigie.lineage() l");
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await?;
    read_mark(&row, tables.len() + 1)
}

fn read_mark(row: &PgRow, latest: usize) -> Result<Mark, sqlx::Error> {
    const FIRST: usize = 10;
    let xid = |text: String| text.parse::<u64>().map_err(|e| sqlx::Error::Decode(e.into()));
    let at: String = row.try_get(5)?;
    Ok(Mark {
        epoch: row.try_get(0)?,
        timeline: row.try_get(1)?,
        lineage: row.try_get(2)?,
        at: Timestamp(row.try_get(3)?),
        horizon: xid(row.try_get(4)?)?,
        position: position(&at).ok_or_else(|| sqlx::Error::Decode(format!("position {at}").into()))?,
        standby: row.try_get(6)?,
        snapshot: row.try_get(7)?,
        xmin: xid(row.try_get(8)?)?,
        xmax: xid(row.try_get(9)?)?,
        latest: (FIRST..FIRST + latest)
            .map(|i| row.try_get::<Option<String>, _>(i)?.map_or(Ok(0), xid))
            .collect::<Result<_, _>>()?,
    })
}

/// Runs `COPY (query) TO STDOUT` and gives each line to `line`.
async fn copy_out<F>(connection: &mut PgConnection, query: &str, mut line: F) -> Result<(), MetropolisError>
where
    F: FnMut(&str) -> Result<(), MetropolisError> + Send,
{
    let mut stream = connection.copy_out_raw(&format!("COPY ({query}) TO STDOUT")).await.map_err(|e| map(&e))?;
    let mut lines = Lines::default();
    while let Some(bytes) = stream.try_next().await.map_err(|e| map(&e))? {
        lines.push(&bytes, &mut line)?;
    }
    Ok(())
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &'static str) -> Result<(), MetropolisError> {
    sqlx::raw_sql(sql).execute(connection).await.map(|_| ()).map_err(|e| map(&e))
}

/// The rows of a table that a workstation keeps at an instant.
pub(crate) fn windowed(table: &TableSpec, at: Timestamp) -> String {
    table.floor(at).map_or_else(
        || "true".to_owned(),
        |(column, floor)| {
            let within = format!("r.{column} >= timestamptz 'epoch' + {} * interval '1 millisecond'", floor.0);
            // What has no instant yet is not over: it stays.
            if table.is_nullable(column) { format!("(r.{column} IS NULL OR {within})") } else { within }
        },
    )
}

/// A whole table to a sink, a windowed one within its window.
async fn copy_table(
    connection: &mut PgConnection,
    table: &'static TableSpec,
    hidden: &[String],
    at: Timestamp,
    sink: &mut dyn SnapshotSink,
) -> Result<u64, MetropolisError> {
    let query = format!(
        "COPY (SELECT {} FROM vigie.{} r WHERE {}) TO STDOUT",
        select_list(table, hidden),
        table.name,
        windowed(table, at)
    );
    let mut stream = connection.copy_out_raw(&query).await.map_err(|e| map(&e))?;
    let mut lines = Lines::default();
    let mut sent = 0;
    let mut ready = next_rows(&mut stream, &mut lines, table).await?;
    while !ready.is_empty() {
        sent += ready.len() as u64;
        // The next rows are read while these are written.
        let written = sink.rows(table, ready);
        ((), ready) = try_join(written, next_rows(&mut stream, &mut lines, table)).await?;
    }
    Ok(sent)
}

/// At least a batch of rows from a `COPY`, fewer at its end, none after it.
async fn next_rows<S, B>(
    stream: &mut S,
    lines: &mut Lines,
    table: &'static TableSpec,
) -> Result<Vec<Row>, MetropolisError>
where
    S: Stream<Item = Result<B, sqlx::Error>> + Unpin,
    B: AsRef<[u8]>,
{
    let mut rows = Vec::with_capacity(BATCH);
    while rows.len() < BATCH
        && let Some(bytes) = stream.try_next().await.map_err(|e| map(&e))?
    {
        lines.push(bytes.as_ref(), |line| {
            rows.push(read_row(table, line)?);
            Ok::<_, MetropolisError>(())
        })?;
    }
    Ok(rows)
}

/// Everything the account may read, at one cut. Windowed tables: their window only.
pub(crate) async fn snapshot(open: &mut Hearing, sink: &mut dyn SnapshotSink) -> Result<Cut, MetropolisError> {
    let connection = open.connection.get().await?;
    // Rights may have changed since this connection was opened; within the transaction they do not.
    execute(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    (open.readable, open.hidden) = sqlx::query("SELECT vigie.readable(), vigie.hidden_columns()")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .map_err(|e| map(&e))?;
    let tables = readable(&open.readable);
    let mark = watermark(connection, &tables).await.map_err(|e| map(&e))?;
    for table in tables {
        copy_table(connection, table, &open.hidden, mark.at, sink).await?;
    }
    execute(connection, "COMMIT").await?;
    Ok(mark.cut(None))
}

/// A pull under way: one snapshot in which everything is read.
pub(crate) struct Pull<'a> {
    pub(crate) connection: &'a mut PgConnection,
    pub(crate) tables: Vec<&'static TableSpec>,
    pub(crate) mark: Mark,
    hidden: &'a [String],
    start: Start,
    since: &'a Cut,
}

impl<'a> Pull<'a> {
    /// Looks whether a pull since a cut means something, and begins it; or says where the server stands when nothing changed
    /// and nothing else is wanted: then only the cut moves.
    async fn begin(open: &'a mut Hearing, since: &'a Cut, anyway: bool) -> Result<Result<Self, Mark>, MetropolisError> {
        let tables = readable(&open.readable);
        let connection = open.connection.get().await?;
        let mark = watermark(connection, &tables).await.map_err(|error| {
            if lacks_right(&error) {
                // A table that this account read is closed to it now.
                return MetropolisError::ResyncNeeded("the rights of this account changed".into());
            }
            map(&error)
        })?;
        let start = mark.start(since)?;
        if !anyway && mark.latest.iter().all(|latest| *latest < start.xmin) {
            return Ok(Err(mark));
        }
        execute(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // Asked again at the cut itself: a table that moved in between would otherwise be passed over for good.
        let mark = watermark(connection, &tables).await.map_err(|e| map(&e))?;
        let start = mark.start(since)?;
        let mut this = Self { connection, tables, mark, hidden: &open.hidden, start, since };
        this.refuse_too_much().await?;
        Ok(Ok(this))
    }

    /// A pull that is begun whether or not something changed.
    pub(crate) async fn begin_anyway(open: &'a mut Hearing, since: &'a Cut) -> Result<Self, MetropolisError> {
        let begun = Self::begin(open, since, true).await?;
        begun.map_err(|_| MetropolisError::Unexpected("a pull that was to be begun was not".into()))
    }

    /// Who comes back after long may have missed most of the city: then a copy is quicker.
    async fn refuse_too_much(&mut self) -> Result<(), MetropolisError> {
        if self.mark.at.0.saturating_sub(self.since.at.0) < RETURN_MS {
            return Ok(());
        }
        let bound = delta_bound(self.rows().await?);
        let missed: Vec<String> = self
            .tables
            .iter()
            .zip(&self.mark.latest)
            .filter(|(_, latest)| **latest >= self.start.xmin)
            .map(|(table, _)| {
                let past = self.start.condition();
                format!("(SELECT count(*) FROM (SELECT FROM vigie.{} WHERE {past} LIMIT {}) l)", table.name, bound + 1)
            })
            .collect();
        if missed.is_empty() {
            return Ok(());
        }
        let sql = format!("SELECT {}", missed.join(" + "));
        let missed: i64 = sqlx::query(AssertSqlSafe(sql))
            .fetch_one(&mut *self.connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| map(&e))?;
        if missed > bound {
            execute(self.connection, "ROLLBACK").await?;
            return Err(MetropolisError::ResyncNeeded("so much changed that a copy is quicker".into()));
        }
        Ok(())
    }

    /// About how many rows the account's tables have, as the server estimates for its own plans.
    async fn rows(&mut self) -> Result<i64, MetropolisError> {
        let names: Vec<String> = self.tables.iter().map(|table| format!("vigie.{}", table.name)).collect();
        // A partitioned table has its rows in its parts. A table that was never looked at says -1.
        sqlx::query(
            "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_class c \
             LEFT JOIN pg_inherits i ON i.inhrelid = c.oid \
             WHERE c.relkind = 'r' AND coalesce(i.inhparent, c.oid) IN (SELECT n::regclass FROM unnest($1) n)",
        )
        .bind(names)
        .fetch_one(&mut *self.connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(|e| map(&e))
    }

    /// What changed in the tables but those left out.
    pub(crate) async fn changes(&mut self, without: &[&TableSpec]) -> Result<Changes, MetropolisError> {
        let past = self.start.condition();
        let mut changed = Vec::new();
        for (table, latest) in self.tables.iter().zip(&self.mark.latest) {
            if without.iter().any(|left_out| left_out.name == table.name) {
                continue;
            }
            let mut rows: Vec<Row> = Vec::new();
            let mut deleted = Vec::new();
            if *latest >= self.start.xmin {
                let query =
                    format!("SELECT {} FROM vigie.{} r WHERE {past}", select_list(table, self.hidden), table.name);
                copy_out(self.connection, &query, |line| {
                    rows.push(read_row(table, line)?);
                    Ok(())
                })
                .await?;
            }
            if self.mark.tombstones() >= self.start.xmin {
                // A key that lives again is no deletion, whichever of the two came last.
                let query = format!(
                    "SELECT t.key FROM vigie.tombstone t WHERE t.table_name = '{0}' AND {past} \
                     AND NOT EXISTS (SELECT FROM vigie.{0} r WHERE r.{1} = t.key)",
                    table.name,
                    table.key()
                );
                copy_out(self.connection, &query, |line| {
                    deleted.push(Uuid::parse_str(line).map_err(|e| MetropolisError::Unexpected(e.to_string()))?);
                    Ok(())
                })
                .await?;
            }
            if !rows.is_empty() || !deleted.is_empty() {
                changed.push(TableChanges { table, deleted, rows });
            }
        }
        Ok(Changes { cut: self.mark.cut(Some(self.since)), tables: changed })
    }

    /// Ends it, and says where it stood.
    pub(crate) async fn end(self) -> Result<Mark, MetropolisError> {
        execute(self.connection, "COMMIT").await?;
        Ok(self.mark)
    }
}

/// The server's time when no transaction ended since the last pull of this connection, from which a cut goes on; None when one
/// did, or when that cannot be told. Whatever writes, be it rights or a lock of the account, is a transaction.
async fn unmoved(open: &mut Hearing, since: &Cut) -> Result<Option<Timestamp>, MetropolisError> {
    let Some(last) = open.last.as_ref().filter(|last| last.is_of(since)) else { return Ok(None) };
    let connection = open.connection.get().await?;
    let row = sqlx::query("SELECT pg_current_snapshot()::text = $1, (extract(epoch FROM vigie.now()) * 1000)::bigint")
        .bind(&last.snapshot)
        .fetch_one(connection)
        .await
        .map_err(|e| map(&e))?;
    let (same, at): (bool, i64) = row.try_get(0).and_then(|same| Ok((same, row.try_get(1)?))).map_err(|e| map(&e))?;
    Ok(same.then_some(Timestamp(at)))
}

/// What changed since a cut.
pub(crate) async fn changes(open: &mut Hearing, since: &Cut) -> Result<Changes, MetropolisError> {
    // After a hint something changed, most likely: whether it did is not asked first.
    let hinted = std::mem::take(&mut open.hinted);
    if !hinted
        && let Some(at) = unmoved(open, since).await?
        && let Some(last) = &mut open.last
    {
        last.at = at;
        return Ok(Changes { cut: last.cut(Some(since)), tables: Vec::new() });
    }
    let (mark, changes) = match Pull::begin(open, since, hinted).await? {
        Err(mark) => {
            let cut = mark.cut(Some(since));
            (mark, Changes { cut, tables: Vec::new() })
        }
        Ok(mut pull) => {
            let changes = pull.changes(&[]).await?;
            (pull.end().await?, changes)
        }
    };
    open.last = Some(mark);
    Ok(changes)
}

/// Some tables whole, at the cut to which the changes of the others lead.
pub(crate) async fn recopy(
    open: &mut Hearing,
    since: &Cut,
    wanted: &[&'static TableSpec],
    sink: &mut dyn SnapshotSink,
) -> Result<Changes, MetropolisError> {
    let mut pull = Pull::begin_anyway(open, since).await?;
    for table in wanted.iter().filter(|wanted| pull.tables.iter().any(|t| t.name == wanted.name)) {
        if copy_table(pull.connection, table, pull.hidden, pull.mark.at, sink).await? == 0 {
            // An empty table is told as well: whoever mends empties it.
            sink.rows(table, Vec::new()).await?;
        }
    }
    let changes = pull.changes(wanted).await?;
    pull.end().await?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::delta_bound;

    #[test]
    fn a_fifth_of_the_city_is_a_copy_within_what_is_always_and_what_is_never_a_delta() {
        assert_eq!(delta_bound(0), 20_000);
        assert_eq!(delta_bound(500_000), 100_000);
        assert_eq!(delta_bound(5_000_000), 200_000);
    }
}
