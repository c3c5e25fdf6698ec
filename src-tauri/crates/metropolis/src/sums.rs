//! The sums by which a workstation knows that its copy is the metropolis's, taken within a pull's own snapshot.

use sqlx::{AssertSqlSafe, Row as _};
use vigie_core::port::{Cut, MetropolisError, Sums};
use vigie_core::table::{PARTS, Part, TableSum};

use crate::error::map;
use crate::feed::{Pull, windowed};
use crate::hearing::Hearing;

/// What changed since a cut, and the sum of every table where that leads.
pub(crate) async fn sums(open: &mut Hearing, since: &Cut) -> Result<Sums, MetropolisError> {
    let mut pull = Pull::begin_anyway(open, since).await?;
    let changes = pull.changes(&[]).await?;
    let mut tables = Vec::new();
    for table in pull.tables.clone() {
        let sql = format!(
            "SELECT get_byte(uuid_send(r.{key}), 15) % {PARTS}, count(*), \
             bit_xor(uuid_hash_extended(r.{key}, r.change_xid::text::bigint)) \
             FROM vigie.{name} r WHERE {window} GROUP BY 1",
            key = table.key(),
            name = table.name,
            window = windowed(table, pull.mark.at),
        );
        let parts = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *pull.connection).await.map_err(|e| map(&e))?;
        let mut sum = TableSum::empty(table);
        for part in parts {
            let read = || Ok((part.try_get::<i32, _>(0)?, part.try_get::<i64, _>(1)?, part.try_get::<i64, _>(2)?));
            let (at, rows, hash) = read().map_err(|e: sqlx::Error| map(&e))?;
            sum.set(usize::try_from(at).unwrap_or(PARTS), Part { rows: rows.unsigned_abs(), hash: hash as u64 });
        }
        tables.push(sum);
    }
    pull.end().await?;
    Ok(Sums { changes, tables })
}
