//! Entries and events as rows.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection, query, query_scalar};
use vigie_core::command::{Admission, ClassCode, CommandEventCode, CommandOrder, CommandState};
use vigie_core::ids::{CommandId, GroupId, PersonId};
use vigie_core::port::{GroupHead, OutboxChange, OutboxEntry, OutboxState, StoreError, StoredEvent};
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

use crate::cells::uuid;
use crate::error::{store, unreadable};

/// What is written once and never edited: a JSON document, because orders grow fields and old entries stay readable.
#[derive(Serialize, Deserialize)]
struct Written<'e> {
    order: std::borrow::Cow<'e, CommandOrder>,
    class: ClassCode,
    admission: Admission,
    person_id: PersonId,
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group_id: Option<GroupId>,
}

fn bytes(id: CommandId) -> Vec<u8> {
    id.0.as_bytes().to_vec()
}

/// Adds an entry, or finds the one that is there under its id; gives its position and whether it was added.
pub(super) async fn insert(
    path: &Path,
    connection: &mut SqliteConnection,
    entry: &OutboxEntry,
) -> Result<(i64, bool), StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let written = Written {
        order: std::borrow::Cow::Borrowed(&entry.order),
        class: entry.class,
        admission: entry.admission,
        person_id: entry.person_id,
        role: entry.role,
        group_id: entry.group_id,
    };
    let written = serde_json::to_string(&written).map_err(|e| unreadable(path, e.to_string()))?;
    let added: Option<i64> = query_scalar(
        "INSERT INTO entry (command_id, written, state, detail, outbox, reissued_as) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT (command_id) DO NOTHING RETURNING position",
    )
    .bind(bytes(entry.order.command_id))
    .bind(written)
    .bind(entry.state.code())
    .bind(entry.detail.clone())
    .bind(entry.outbox.code())
    .bind(entry.reissued_as.map(bytes))
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if let Some(position) = added {
        return Ok((position, true));
    }
    let present = query_scalar("SELECT position FROM entry WHERE command_id = ?")
        .bind(bytes(entry.order.command_id))
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    Ok((present, false))
}

/// Moves an entry on if it stands at `from`; gives its position when it did.
pub(super) async fn compare_and_set(
    path: &Path,
    connection: &mut SqliteConnection,
    entry: &OutboxEntry,
    from: CommandState,
) -> Result<Option<i64>, StoreError> {
    query_scalar(
        "UPDATE entry SET state = ?, detail = ?, outbox = ?, reissued_as = ? WHERE command_id = ? AND state = ? \
         RETURNING position",
    )
    .bind(entry.state.code())
    .bind(entry.detail.clone())
    .bind(entry.outbox.code())
    .bind(entry.reissued_as.map(bytes))
    .bind(bytes(entry.order.command_id))
    .bind(from.code())
    .fetch_optional(connection)
    .await
    .map_err(|e| store(path, &e))
}

/// One change; says whether it could be made. Positions of what is added are noted.
pub(super) async fn change(
    path: &Path,
    connection: &mut SqliteConnection,
    change: &OutboxChange,
    positions: &mut Vec<i64>,
) -> Result<bool, StoreError> {
    match change {
        OutboxChange::Head(head) => {
            let written = serde_json::to_string(head).map_err(|e| unreadable(path, e.to_string()))?;
            query("INSERT INTO group_head (group_id, written) VALUES (?, ?) ON CONFLICT (group_id) DO NOTHING")
                .bind(head.group_id.0.as_bytes().to_vec())
                .bind(written)
                .execute(connection)
                .await
                .map_err(|e| store(path, &e))?;
        }
        OutboxChange::Add(entry, event) => {
            let (position, added) = insert(path, connection, entry).await?;
            if added {
                append(path, connection, position, event).await?;
            }
            positions.push(position);
        }
        OutboxChange::Advance(entry, from, event) => {
            let Some(position) = compare_and_set(path, connection, entry, *from).await? else { return Ok(false) };
            append(path, connection, position, event).await?;
        }
    }
    Ok(true)
}

/// What the members of a group have in common.
pub(super) async fn head(
    path: &Path,
    connection: &mut SqliteConnection,
    id: GroupId,
) -> Result<Option<GroupHead>, StoreError> {
    let written: Option<String> = query_scalar("SELECT written FROM group_head WHERE group_id = ?")
        .bind(id.0.as_bytes().to_vec())
        .fetch_optional(connection)
        .await
        .map_err(|e| store(path, &e))?;
    written.map(|text| serde_json::from_str(&text).map_err(|e| unreadable(path, e.to_string()))).transpose()
}

/// Writes an event of an entry.
pub(super) async fn append(
    path: &Path,
    connection: &mut SqliteConnection,
    position: i64,
    event: &StoredEvent,
) -> Result<(), StoreError> {
    query("INSERT INTO event (position, at, event, to_state, detail) VALUES (?, ?, ?, ?, ?)")
        .bind(position)
        .bind(event.at.0)
        .bind(event.event.code())
        .bind(event.to.code())
        .bind(event.detail.clone())
        .execute(connection)
        .await
        .map_err(|e| store(path, &e))?;
    Ok(())
}

/// The columns that [`entry`] reads.
pub(super) const COLUMNS: &str = "position, written, state, detail, outbox, reissued_as";

/// Reads an entry.
pub(super) fn entry(path: &Path, row: &SqliteRow) -> Result<OutboxEntry, StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let written: String = row.try_get(1).map_err(failed)?;
    let written: Written<'static> = serde_json::from_str(&written).map_err(|e| unreadable(path, e.to_string()))?;
    Ok(OutboxEntry {
        order: written.order.into_owned(),
        class: written.class,
        admission: written.admission,
        person_id: written.person_id,
        role: written.role,
        group_id: written.group_id,
        state: code(path, row, 2, CommandState::from_code)?,
        detail: row.try_get(3).map_err(failed)?,
        outbox: code(path, row, 4, OutboxState::from_code)?,
        reissued_as: uuid(row, 5).map_err(failed)?.map(CommandId),
        position: row.try_get(0).map_err(failed)?,
    })
}

/// The columns that [`event`] reads.
pub(super) const EVENT_COLUMNS: &str = "v.at, v.event, v.to_state, v.detail";

/// Reads an event.
pub(super) fn event(path: &Path, row: &SqliteRow) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        at: Timestamp(row.try_get(0).map_err(|e| store(path, &e))?),
        event: code(path, row, 1, CommandEventCode::from_code)?,
        to: code(path, row, 2, CommandState::from_code)?,
        detail: row.try_get(3).map_err(|e| store(path, &e))?,
    })
}

fn code<T>(path: &Path, row: &SqliteRow, index: usize, known: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let text: String = row.try_get(index).map_err(|e| store(path, &e))?;
    known(&text).ok_or_else(|| unreadable(path, format!("it holds \"{text}\", which this Vigie does not know")))
}
