//! Equipment, zones and services brought from files and given back: rows are staged beside the table, compared, then taken all at
//! once. Rows that are equal are not written, so that no workstation copies them again.

use futures::TryStreamExt;
use vigie_core::port::MetropolisError;
use vigie_core::table::{Row, Service, TableRow, TableSpec};

use crate::admin::{Admin, get};
use crate::copy_text::{Lines, read_row, select_list, write_row};
use crate::error::map;

/// What loading the staged rows does to the table, by reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Rows that are new.
    pub created: i64,
    /// Rows that are there with other values.
    pub changed: i64,
    /// Rows that are there, the same.
    pub unchanged: i64,
    /// Rows of the table that are not among the staged: they stay.
    pub left: i64,
}

/// Rows beside a table, in an open transaction. Dropped without [`Staging::apply`] or [`Staging::give_up`], they are
/// undone when the connection closes.
pub struct Staging<'a> {
    admin: &'a mut Admin,
    table: &'static TableSpec,
}

impl Admin {
    /// Begins to stage rows for a table whose rows files know ([`known_by`]). Until it ends nobody else loads the same table; readers
    /// and the feed go on.
    pub async fn stage(&mut self, table: &'static TableSpec) -> Result<Staging<'_>, MetropolisError> {
        let sql = format!(
            "BEGIN; LOCK TABLE vigie.{0} IN SHARE ROW EXCLUSIVE MODE; \
             CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {1} FROM vigie.{0} WITH NO DATA",
            table.name,
            columns(table)
        );
        self.run_or_roll_back(sql).await?;
        Ok(Staging { admin: self, table })
    }

    /// Gives every row of a table to `row`, in the order of a column; ends at its first error.
    pub async fn each_row<E: From<MetropolisError>>(
        &mut self,
        table: &'static TableSpec,
        order: &str,
        mut row: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let query = format!(
            "COPY (SELECT {} FROM vigie.{} r ORDER BY r.{order} COLLATE \"C\") TO STDOUT",
            select_list(table, &[]),
            table.name
        );
        let mut stream = self.connection.copy_out_raw(&query).await.map_err(|e| map(&e))?;
        let mut lines = Lines::default();
        while let Some(bytes) = stream.try_next().await.map_err(|e| map(&e))? {
            lines.push(&bytes, |line| row(read_row(table, line)?))?;
        }
        Ok(())
    }

    /// The names of the attributes that any piece of equipment has, in order.
    pub async fn attribute_names(&mut self) -> Result<Vec<String>, MetropolisError> {
        let rows = sqlx::query(
            "SELECT DISTINCT k.name COLLATE \"C\" AS name FROM vigie.equipment e, jsonb_object_keys(e.attributes) AS k(name) ORDER BY 1",
        )
        .fetch_all(&mut self.connection)
        .await
        .map_err(|e| map(&e))?;
        rows.iter().map(|row| get(row, "name")).collect()
    }
}

impl Staging<'_> {
    /// Adds rows. Their references differ from each other and from those added before.
    pub async fn add(&mut self, rows: &[Row]) -> Result<(), MetropolisError> {
        let mut text = String::new();
        for row in rows {
            write_row(self.table, row, &mut text);
        }
        let statement = format!("COPY incoming ({}) FROM STDIN", columns(self.table));
        let mut copy = self.admin.connection.copy_in_raw(&statement).await.map_err(|e| map(&e))?;
        copy.send(text.as_bytes()).await.map_err(|e| map(&e))?;
        copy.finish().await.map_err(|e| map(&e))?;
        Ok(())
    }

    /// What [`Staging::apply`] would do.
    pub async fn compare(&mut self) -> Result<Comparison, MetropolisError> {
        self.admin.run("ANALYZE incoming").await?;
        let sql = format!(
            "SELECT count(*) FILTER (WHERE t.{known_by} IS NULL) AS created, \
                    count(*) FILTER (WHERE t.{known_by} IS NOT NULL AND {differs}) AS changed, \
                    count(*) FILTER (WHERE t.{known_by} IS NOT NULL AND NOT {differs}) AS unchanged, \
                    (SELECT count(*) FROM vigie.{table}) - count(t.{known_by}) AS left_there \
             FROM incoming i LEFT JOIN vigie.{table} t USING ({known_by})",
            differs = differs(self.table, "t", "i"),
            table = self.table.name,
            known_by = known_by(self.table),
        );
        let row =
            sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut self.admin.connection).await.map_err(|e| map(&e))?;
        Ok(Comparison {
            created: get(&row, "created")?,
            changed: get(&row, "changed")?,
            unchanged: get(&row, "unchanged")?,
            left: get(&row, "left_there")?,
        })
    }

    /// Takes the staged rows: new ones are added, those that differ are changed and keep their identifier.
    pub async fn apply(self) -> Result<(), MetropolisError> {
        let set = values(self.table).map(|name| format!("{name} = EXCLUDED.{name}")).collect::<Vec<_>>().join(", ");
        let columns = columns(self.table);
        // Only rows that differ are touched at all: a conflict that then updates nothing would still lock its row.
        let sql = format!(
            "WITH different AS (SELECT i.* FROM incoming i LEFT JOIN vigie.{table} t USING ({known_by}) \
                                WHERE t.{known_by} IS NULL OR {differs}) \
             INSERT INTO vigie.{table} ({columns}) SELECT {columns} FROM different \
             ON CONFLICT ({known_by}) DO UPDATE SET {set}; ANALYZE vigie.{table}; SELECT vigie.wake(); COMMIT",
            table = self.table.name,
            differs = differs(self.table, "t", "i"),
            known_by = known_by(self.table),
        );
        self.admin.run_or_roll_back(sql).await
    }

    /// Leaves everything as it was.
    pub async fn give_up(self) -> Result<(), MetropolisError> {
        self.admin.run("ROLLBACK").await
    }
}

/// The column by which files know a row.
pub fn known_by(table: &TableSpec) -> &'static str {
    if table.name == Service::SPEC.name { "code" } else { "reference" }
}

/// What the metropolis writes of a row by itself, whoever changes it.
const KEPT_THERE: &[&str] = &["revision", "person_id", "changed_at"];

/// What may change of a row: everything but its key, its reference, and what is kept there of its changes.
fn values(table: &TableSpec) -> impl Iterator<Item = &'static str> {
    let columns = table.columns.iter().skip(1).map(|column| column.name);
    columns.filter(|name| *name != known_by(table) && !KEPT_THERE.contains(name))
}

fn columns(table: &TableSpec) -> String {
    table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

fn differs(table: &TableSpec, one: &str, other: &str) -> String {
    let row = |of: &str| values(table).map(|name| format!("{of}.{name}")).collect::<Vec<_>>().join(", ");
    format!("(ROW({}) IS DISTINCT FROM ROW({}))", row(one), row(other))
}
