//! The feed: a snapshot, then every change since a cut.
//!
//! Guarantees: a pull delivers all that is committed and visible, and moves the cursor only up to the oldest transaction
//! still running, so that nothing which commits later is passed over; what the previous pull delivered is not sent
//! again. Order of transactions is not order of commits, so rows are never compared by `change_xid`.

use futures::TryStreamExt;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;
use vigie_core::port::{Changes, Cut, MetropolisError, SnapshotSink, TableChanges};
use vigie_core::table::{Row, TABLES, TableSpec};
use vigie_core::time::Timestamp;

use crate::copy_text::{Lines, read_row, select_list};
use crate::error::{lacks_right, map};
use crate::line::Open;

/// Rows handed to a sink at once.
const BATCH: usize = 2_000;

/// What the watermark statement says.
struct Watermark {
    epoch: Uuid,
    lineage: String,
    at: Timestamp,
    snapshot: String,
    xmin: u64,
    xmax: u64,
    /// Latest change of each readable table, in the order of [`readable`], then of the tombstones.
    latest: Vec<u64>,
}

impl Watermark {
    /// A cut at this statement's snapshot.
    fn cut(&self) -> Cut {
        // The lineage travels with the snapshot: a replica found on the disk proves by itself what it may be continued from.
        Cut { epoch: self.epoch, xmin: self.xmin, snapshot: format!("{}@{}", self.snapshot, self.lineage), at: self.at }
    }

    /// The previous snapshot, if a delta from that cut still means something here.
    fn continues<'a>(&self, since: &'a Cut) -> Result<&'a str, MetropolisError> {
        let resync = |why: &str| Err(MetropolisError::ResyncNeeded(why.to_owned()));
        if since.epoch != self.epoch {
            return resync("the metropolis was restored");
        }
        let Some((snapshot, lineage)) = since.snapshot.split_once('@') else { return resync("the cut cannot be read") };
        if lineage != self.lineage {
            return resync("the server, its timeline or the rights of this account changed");
        }
        if since.xmin > self.xmax {
            return resync("the cut is ahead of the server");
        }
        if snapshot.is_empty() || !snapshot.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b',')) {
            return resync("the cut cannot be read");
        }
        Ok(snapshot)
    }

    fn tombstones(&self) -> u64 {
        self.latest.last().copied().unwrap_or(0)
    }
}

/// The tables this account reads, in the order of the declarations.
fn readable(open: &Open) -> Vec<&'static TableSpec> {
    TABLES.iter().filter(|t| open.readable.iter().any(|name| name == t.name)).collect()
}

/// One statement, one snapshot: where each table stands and what the cut would be. An index answers each table.
async fn watermark(connection: &mut PgConnection, tables: &[&TableSpec]) -> Result<Watermark, sqlx::Error> {
    let mut sql = String::from(
        "SELECT l.epoch, l.lineage, l.at, pg_current_snapshot()::text, pg_snapshot_xmin(pg_current_snapshot())::text, \
         pg_snapshot_xmax(pg_current_snapshot())::text",
    );
    for table in tables.iter().map(|t| t.name).chain(["tombstone"]) {
        sql.push_str(", (SELECT r.change_xid::text FROM vigie.");
        sql.push_str(table);
        sql.push_str(" r ORDER BY r.change_xid DESC LIMIT 1)");
    }
    sql.push_str(" FROM vigie.lineage() l");
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await?;
    read_watermark(&row, tables.len() + 1)
}

fn read_watermark(row: &PgRow, latest: usize) -> Result<Watermark, sqlx::Error> {
    let xid = |text: String| text.parse::<u64>().map_err(|e| sqlx::Error::Decode(e.into()));
    Ok(Watermark {
        epoch: row.try_get(0)?,
        lineage: row.try_get(1)?,
        at: Timestamp(row.try_get(2)?),
        snapshot: row.try_get(3)?,
        xmin: xid(row.try_get(4)?)?,
        xmax: xid(row.try_get(5)?)?,
        latest: (6..6 + latest)
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

async fn execute(connection: &mut PgConnection, sql: &'static str) -> Result<(), MetropolisError> {
    sqlx::raw_sql(sql).execute(connection).await.map(|_| ()).map_err(|e| map(&e))
}

/// Everything the account may read, at one cut. Windowed tables: their window only.
pub(crate) async fn snapshot(open: &mut Open, sink: &mut dyn SnapshotSink) -> Result<Cut, MetropolisError> {
    // Rights may have changed since this connection was opened; within the transaction they do not.
    execute(&mut open.connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    (open.readable, open.hidden) = sqlx::query("SELECT vigie.readable(), vigie.hidden_columns()")
        .fetch_one(&mut open.connection)
        .await
        .and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .map_err(|e| map(&e))?;
    let tables = readable(open);
    let mark = watermark(&mut open.connection, &tables).await.map_err(|e| map(&e))?;
    for table in tables {
        let window = table.window.map_or(String::new(), |(column, hours)| {
            format!(" WHERE r.{column} >= (SELECT vigie.now() - interval '{hours} hours')")
        });
        let query =
            format!("COPY (SELECT {} FROM vigie.{} r{window}) TO STDOUT", select_list(table, &open.hidden), table.name);
        let mut stream = open.connection.copy_out_raw(&query).await.map_err(|e| map(&e))?;
        let (mut lines, mut rows) = (Lines::default(), Vec::with_capacity(BATCH));
        while let Some(bytes) = stream.try_next().await.map_err(|e| map(&e))? {
            lines.push(&bytes, |line| {
                rows.push(read_row(table, line)?);
                Ok::<_, MetropolisError>(())
            })?;
            if rows.len() >= BATCH {
                sink.rows(table, std::mem::replace(&mut rows, Vec::with_capacity(BATCH))).await?;
            }
        }
        drop(stream);
        if !rows.is_empty() {
            sink.rows(table, rows).await?;
        }
    }
    execute(&mut open.connection, "COMMIT").await?;
    Ok(mark.cut())
}

/// What changed since a cut.
pub(crate) async fn changes(open: &mut Open, since: &Cut) -> Result<Changes, MetropolisError> {
    let tables = readable(open);
    let mark = watermark(&mut open.connection, &tables).await.map_err(|error| {
        if lacks_right(&error) {
            // A table that this account read is closed to it now.
            return MetropolisError::ResyncNeeded("the rights of this account changed".into());
        }
        map(&error)
    })?;
    mark.continues(since)?;
    if mark.latest.iter().all(|latest| *latest < since.xmin) {
        return Ok(Changes { cut: mark.cut(), tables: Vec::new() });
    }
    execute(&mut open.connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // Asked again at the cut itself: a table that moved in between would otherwise be passed over for good.
    let mark = watermark(&mut open.connection, &tables).await.map_err(|e| map(&e))?;
    let previous = mark.continues(since)?;
    let past = format!(
        "change_xid >= '{}'::xid8 AND NOT pg_visible_in_snapshot(change_xid, '{previous}'::pg_snapshot)",
        since.xmin
    );
    let mut changed = Vec::new();
    for (table, latest) in tables.iter().zip(&mark.latest) {
        let mut rows: Vec<Row> = Vec::new();
        let mut deleted = Vec::new();
        if *latest >= since.xmin {
            let query = format!("SELECT {} FROM vigie.{} r WHERE {past}", select_list(table, &open.hidden), table.name);
            copy_out(&mut open.connection, &query, |line| {
                rows.push(read_row(table, line)?);
                Ok(())
            })
            .await?;
        }
        if mark.tombstones() >= since.xmin {
            // A key that lives again is no deletion, whichever of the two came last.
            let query = format!(
                "SELECT t.key FROM vigie.tombstone t WHERE t.table_name = '{0}' AND {past} \
                 AND NOT EXISTS (SELECT FROM vigie.{0} r WHERE r.{1} = t.key)",
                table.name,
                table.key()
            );
            copy_out(&mut open.connection, &query, |line| {
                deleted.push(Uuid::parse_str(line).map_err(|e| MetropolisError::Unexpected(e.to_string()))?);
                Ok(())
            })
            .await?;
        }
        if !rows.is_empty() || !deleted.is_empty() {
            changed.push(TableChanges { table, deleted, rows });
        }
    }
    execute(&mut open.connection, "COMMIT").await?;
    Ok(Changes { cut: mark.cut(), tables: changed })
}
