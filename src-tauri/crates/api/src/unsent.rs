//! What an outbox holds that exists nowhere else.

use serde_json::{Value, json};
use vigie_core::port::{Outbox as _, OutboxState, Records as _, StoreError};
use vigie_store::SqliteOutbox;

/// Each command and each record that the metropolis has not got, as JSON: what is counted at the door of closed files, and
/// taken along when files are wiped.
pub(crate) async fn unsent(outbox: &SqliteOutbox) -> Result<Vec<Value>, StoreError> {
    let commands = outbox.open_entries().await?;
    let commands = commands.iter().filter(|entry| entry.outbox == OutboxState::Open).map(|entry| json!(entry));
    let records = outbox.records().await?;
    let records = records.iter().filter(|record| record.state.is_open()).map(|record| json!(record));
    Ok(commands.chain(records).collect())
}
