//! The port `Metropolis` as one account meets it.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use serde_json::{Value, json};
use uuid::Uuid;
use vigie_core::ids::{EquipmentId, SubmissionId};
use vigie_core::port::{
    Changes, Cut, Identity, Metropolis, MetropolisError, MetropolisMode, SnapshotSink, TableChanges,
};
use vigie_core::rights::{RIGHTS_TOML, Role, rights};
use vigie_core::submission::{Outcome, Submission};
use vigie_core::table::{Row, TableSpec};
use vigie_core::time::{Clock, Timestamp};

use super::table::Rows;
use super::world::{Fetched, World};
use super::{DeskFault, Shared, lock};
use crate::chance::hash;
use crate::city::Account;

/// Rows handed to a snapshot's sink at a time.
const BATCH: usize = 2_000;
/// The schema that training stands for: its first version.
const SCHEMA_VERSION: i64 = 1;

/// The training metropolis as one account sees it.
#[derive(Clone)]
pub struct TrainingSession {
    shared: Arc<Shared>,
    login: String,
}

/// What becomes of a write on a link that may be faulty.
enum Passage {
    Through,
    ReplyLost,
}

impl TrainingSession {
    pub(super) fn new(shared: Arc<Shared>, login: &str) -> Self {
        Self { shared, login: login.to_owned() }
    }

    fn account(&self, world: &World) -> Result<Account, MetropolisError> {
        world.accounts.get(&self.login).cloned().ok_or_else(|| MetropolisError::SignInRefused(self.login.clone()))
    }

    /// Passes the link, as far as it lets this session pass; `write` calls may lose their request or their reply.
    async fn pass(&self, write: bool) -> Result<Passage, MetropolisError> {
        let account = self.account(&lock(&self.shared.world))?;
        if matches!(account.role, Role::Gateway | Role::House) {
            return Ok(Passage::Through);
        }
        if !self.shared.plugged.load(Ordering::SeqCst) {
            return Err(MetropolisError::Unreachable("the training plug is pulled".into()));
        }
        let fault = *lock(&self.shared.fault);
        match fault {
            None => Ok(Passage::Through),
            Some(DeskFault::Refuse) => Err(MetropolisError::Unreachable("refused".into())),
            Some(DeskFault::Hang) => futures::future::pending().await,
            Some(DeskFault::LoseRequests) if write => Err(MetropolisError::Unreachable("the request was lost".into())),
            Some(DeskFault::LoseReplies) if write => Ok(Passage::ReplyLost),
            Some(DeskFault::LoseRequests | DeskFault::LoseReplies) => Ok(Passage::Through),
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now().wall
    }
}

fn answer<T>(passage: &Passage, outcomes: T) -> Result<T, MetropolisError> {
    match passage {
        Passage::Through => Ok(outcomes),
        Passage::ReplyLost => Err(MetropolisError::Unreachable("the reply was lost".into())),
    }
}

fn cut(world: &World, at: Timestamp) -> Cut {
    Cut { epoch: world.epoch, xmin: world.xid + 1, snapshot: String::new(), at }
}

#[async_trait]
impl Metropolis for TrainingSession {
    async fn identity(&self) -> Result<Identity, MetropolisError> {
        self.pass(false).await?;
        let world = lock(&self.shared.world);
        let account = self.account(&world)?;
        Ok(Identity {
            system: "training".into(),
            timeline: 1,
            epoch: world.epoch,
            name: "Dijon métropole".into(),
            mode: MetropolisMode::Training,
            schema_version: SCHEMA_VERSION,
            rights: format!("{:016x}", hash(RIGHTS_TOML.as_bytes()) ^ hash(account.role.code().as_bytes())),
            server_time: self.now(),
            clock_rate: self.shared.clock.rate(),
            login: account.login,
            person_id: account.person_id,
            role: account.role,
            desk_id: account.desk_id,
        })
    }

    async fn snapshot(&self, sink: &mut dyn SnapshotSink) -> Result<Cut, MetropolisError> {
        self.pass(false).await?;
        let now = self.now();
        let (tables, cut): (Vec<(&'static TableSpec, Rows)>, Cut) = {
            let world = lock(&self.shared.world);
            let role = self.account(&world)?.role;
            let readable = |t: &&dyn super::table::Fed| t.spec().filter(|s| rights().may_read(role, s.name));
            let shown =
                |spec, rows: Rows| -> Rows { Box::new(rows.filter_map(move |row| shown(role, spec, row).ok())) };
            let tables =
                world.fed().iter().filter_map(|t| readable(t).map(|spec| (spec, shown(spec, t.all(now))))).collect();
            (tables, cut(&world, now))
        };
        for (spec, mut rows) in tables {
            loop {
                let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
                if batch.is_empty() {
                    break;
                }
                sink.rows(spec, batch).await?;
            }
        }
        Ok(cut)
    }

    async fn changes(&self, since: &Cut) -> Result<Changes, MetropolisError> {
        self.pass(false).await?;
        let now = self.now();
        let (role, tables, cut) = {
            let world = lock(&self.shared.world);
            let role = self.account(&world)?.role;
            let resync = |why: &str| Err(MetropolisError::ResyncNeeded(why.into()));
            match since {
                since if since.epoch != world.epoch => return resync("another epoch"),
                since if since.xmin > world.xid + 1 => return resync("the copy is ahead"),
                since if since.xmin < world.horizon => return resync("the copy is too old"),
                _ => {}
            }
            let mut tables: Vec<(&'static TableSpec, Vec<Uuid>, Rows)> = Vec::new();
            if since.xmin <= world.xid {
                for table in world.fed() {
                    if let Some(spec) = table.spec().filter(|s| rights().may_read(role, s.name)) {
                        let (gone, rows) = table.since(since.xmin);
                        tables.push((spec, gone, rows));
                    }
                }
            }
            (role, tables, cut(&world, now))
        };
        let tables = tables
            .into_iter()
            .map(|(table, mut deleted, rows)| {
                // A row that this role does not see (any more) is gone for it.
                let seen = rows.filter_map(|row| shown(role, table, row).map_err(|gone| deleted.extend(gone)).ok());
                let rows = seen.collect();
                TableChanges { table, deleted, rows }
            })
            .filter(|t| !t.deleted.is_empty() || !t.rows.is_empty())
            .collect();
        Ok(Changes { cut, tables })
    }

    async fn submit(&self, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        let passage = self.pass(true).await?;
        let now = self.now();
        let outcomes = {
            let mut world = lock(&self.shared.world);
            let account = self.account(&world)?;
            world.submit(&account, batch, now)
        };
        answer(&passage, outcomes)
    }

    async fn settle(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        let passage = self.pass(true).await?;
        let now = self.now();
        let outcomes = lock(&self.shared.world).settle(ids, now);
        answer(&passage, outcomes)
    }

    async fn fetch(&self, query: &str, args: Value, reason: &str) -> Result<Value, MetropolisError> {
        self.pass(false).await?;
        let mut world = lock(&self.shared.world);
        let account = self.account(&world)?;
        if query != "history" {
            return Err(MetropolisError::Unexpected(format!("unknown query: {query}")));
        }
        if !rights().may_fetch(account.role, query) {
            return Err(MetropolisError::Denied(format!("{query} is not read by {}", account.role)));
        }
        world.journal_fetch(Fetched {
            at: self.now(),
            login: self.login.clone(),
            query: query.to_owned(),
            reason: reason.to_owned(),
        });
        history(&world, &args)
    }
}

/// A row as a role is given it, or the key of one that it does not see.
fn shown(role: Role, table: &'static TableSpec, row: Row) -> Result<Row, Option<Uuid>> {
    match rights().shown(role, table, &row) {
        Some(Cow::Owned(changed)) => Ok(changed),
        Some(Cow::Borrowed(_)) => Ok(row),
        None => Err(row.key()),
    }
}

/// Past states of an object before an instant, newest first.
fn history(world: &World, args: &Value) -> Result<Value, MetropolisError> {
    let id = args.get("equipment_id").and_then(Value::as_str).and_then(|text| Uuid::parse_str(text).ok());
    let Some(id) = id.map(EquipmentId) else {
        return Err(MetropolisError::Unexpected("history needs an equipment_id".into()));
    };
    let before = args.get("before").and_then(Value::as_i64).unwrap_or(i64::MAX);
    let limit = args.get("limit").and_then(Value::as_u64).unwrap_or(100).min(1_000) as usize;
    let mut rows: Vec<_> =
        world.history.iter().filter(|row| row.equipment_id == id && row.observed_at.0 < before).collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.observed_at), row.history_id));
    Ok(rows
        .into_iter()
        .take(limit)
        .map(|row| {
            json!({
                "history_id": row.history_id, "equipment_id": row.equipment_id, "reading": row.reading,
                "quality": row.quality, "observed_at": row.observed_at, "source": row.source, "mode": row.mode,
            })
        })
        .collect())
}
