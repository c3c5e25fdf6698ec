//! The house's turn over alarms: reads what changed, and gives what must be said. The gateway's house and training run this
//! same code over their own metropolis.

use async_trait::async_trait;

use crate::alarm::{AlarmChange, NotKnown, Told, Watch, WatchRows};
use crate::port::{Cut, Metropolis, MetropolisError, SnapshotSink};
use crate::table::{Notice, Row, TableSpec};
use crate::time::Timestamp;

/// A watch in step with a metropolis.
#[derive(Default)]
pub struct Keeper {
    held: Option<(Cut, Watch)>,
}

impl Keeper {
    /// What must be said at `now`, the metropolis's time. What it says must be submitted before the next turn; if that fails,
    /// [`Keeper::forget`].
    pub async fn turn(
        &mut self,
        metropolis: &dyn Metropolis,
        now: Timestamp,
    ) -> Result<Vec<AlarmChange>, MetropolisError> {
        let (cut, mut watch) = match self.held.take() {
            Some((cut, watch)) => match go_on(metropolis, &cut, watch).await? {
                Some(held) => held,
                None => begin(metropolis, now).await?,
            },
            None => begin(metropolis, now).await?,
        };
        let said = watch.due(now);
        self.held = Some((cut, watch));
        Ok(said)
    }

    /// Whether the next turn reads the whole city first, which takes longer.
    pub fn begins(&self) -> bool {
        self.held.is_none()
    }

    /// What was said may not have arrived: the next turn begins with what the metropolis holds.
    pub fn forget(&mut self) {
        self.held = None;
    }

    /// Notices that no connector has sent.
    pub fn unsent(&self) -> Vec<Notice> {
        self.held.iter().flat_map(|(_, watch)| watch.unsent()).cloned().collect()
    }
}

async fn begin(metropolis: &dyn Metropolis, now: Timestamp) -> Result<(Cut, Watch), MetropolisError> {
    let mut rows = Taken::default();
    let cut = metropolis.snapshot(&mut rows).await?;
    Ok((cut, Watch::over(Box::new(NotKnown), rows.0, now)))
}

/// In step with the metropolis, or none when it must begin anew.
async fn go_on(
    metropolis: &dyn Metropolis,
    since: &Cut,
    mut watch: Watch,
) -> Result<Option<(Cut, Watch)>, MetropolisError> {
    let changes = match metropolis.changes(since).await {
        Ok(changes) => changes,
        Err(MetropolisError::ResyncNeeded(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    for table in &changes.tables {
        if watch.take(table).map_err(unexpected)? == Told::Anew {
            return Ok(None);
        }
    }
    Ok(Some((changes.cut, watch)))
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn unexpected(row: crate::table::BadRow) -> MetropolisError {
    MetropolisError::Unexpected(row.to_string())
}

/// The rows of a snapshot that a watch needs.
#[derive(Default)]
struct Taken(WatchRows);

#[async_trait]
impl SnapshotSink for Taken {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.0.take(table, &rows).map_err(unexpected)
    }
}
