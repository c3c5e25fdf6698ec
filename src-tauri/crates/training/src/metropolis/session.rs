//! The port `Metropolis` as one account meets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};
use uuid::Uuid;
use vigie_core::command::{LiveAnswer, LiveNow, LiveSign};
use vigie_core::ids::{EquipmentId, SubmissionId};
use vigie_core::port::{Changes, Cut, Identity, Metropolis, MetropolisError, MetropolisMode, SnapshotSink, Sums};
use vigie_core::rights::{RIGHTS_TOML, Role, rights};
use vigie_core::submission::{Outcome, Submission};
use vigie_core::table::TableSpec;
use vigie_core::time::{Clock, Timestamp};

use super::feed::{Beside, Pull, given, send};
use super::table::Rows;
use super::world::{Fetched, World};
use super::{DeskFault, Shared, lock};
use crate::chance::hash;
use crate::city::Account;

/// The schema that training stands for: its first version.
const SCHEMA_VERSION: i64 = 1;

/// The training metropolis as one account sees it.
#[derive(Clone)]
pub struct TrainingSession {
    shared: Arc<Shared>,
    login: String,
    /// The last transaction that a pull of this session held.
    pulled: Arc<AtomicU64>,
}

/// What becomes of a write on a link that may be faulty.
enum Passage {
    Through,
    ReplyLost,
}

impl TrainingSession {
    pub(super) fn new(shared: Arc<Shared>, login: &str) -> Self {
        Self { shared, login: login.to_owned(), pulled: Arc::default() }
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

    /// Who waits next waits for what comes after this.
    fn pulled(&self, cut: &Cut) {
        self.pulled.fetch_max(cut.xmin.saturating_sub(1), Ordering::SeqCst);
    }

    async fn pull(&self, since: &Cut, beside: Beside<'_>) -> Result<Pull, MetropolisError> {
        self.pass(false).await?;
        let world = lock(&self.shared.world);
        let role = self.account(&world)?.role;
        let pull = world.pull(role, since, beside, self.now())?;
        self.pulled(&world.cut(self.now()));
        Ok(pull)
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

#[async_trait]
impl Metropolis for TrainingSession {
    async fn identity(&self) -> Result<Identity, MetropolisError> {
        self.pass(false).await?;
        let world = lock(&self.shared.world);
        let account = self.account(&world)?;
        Ok(Identity {
            system: "training".into(),
            timeline: world.timeline,
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
            let tables = world.read_by(role).map(|(spec, table)| (spec, given(role, spec, table.all(now)))).collect();
            (tables, world.cut(now))
        };
        for (spec, rows) in tables {
            send(spec, rows, sink).await?;
        }
        self.pulled(&cut);
        Ok(cut)
    }

    async fn changes(&self, since: &Cut) -> Result<Changes, MetropolisError> {
        Ok(self.pull(since, Beside::Nothing).await?.changes())
    }

    async fn wake(&self) -> Result<(), MetropolisError> {
        self.pass(false).await?;
        let pulled = self.pulled.load(Ordering::SeqCst);
        let xid = self.shared.written.after(pulled).await;
        self.pulled.fetch_max(xid, Ordering::SeqCst);
        Ok(())
    }

    async fn sums(&self, since: &Cut) -> Result<Sums, MetropolisError> {
        let mut pull = self.pull(since, Beside::Sums).await?;
        let tables = pull.sums();
        Ok(Sums { changes: pull.changes(), tables })
    }

    async fn recopy(
        &self,
        since: &Cut,
        tables: &[&'static TableSpec],
        sink: &mut dyn SnapshotSink,
    ) -> Result<Changes, MetropolisError> {
        let mut pull = self.pull(since, Beside::Whole(tables)).await?;
        pull.send(sink).await?;
        Ok(pull.changes())
    }

    async fn submit(&self, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        let passage = self.pass(true).await?;
        let now = self.now();
        let outcomes = {
            let mut world = lock(&self.shared.world);
            let account = self.account(&world)?;
            world.room = self.shared.clock.room();
            world.submit(&account, batch, now)
        };
        self.shared.wake();
        answer(&passage, outcomes)
    }

    async fn settle(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        let passage = self.pass(true).await?;
        let now = self.now();
        let outcomes = lock(&self.shared.world).settle(ids, now);
        answer(&passage, outcomes)
    }

    async fn outcomes(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        self.pass(false).await?;
        let world = lock(&self.shared.world);
        self.account(&world)?;
        Ok(ids.iter().filter_map(|id| world.outcomes.get(id.0).cloned()).collect())
    }

    async fn keep_live(&self, sign: &LiveSign) -> Result<LiveAnswer, MetropolisError> {
        let passage = self.pass(true).await?;
        let now = self.now();
        let said = {
            let mut world = lock(&self.shared.world);
            let person_id = self.account(&world)?.person_id;
            world.room = self.shared.clock.room();
            world.keep_live(person_id, sign, now)
        };
        if said.is_some() {
            self.shared.wake();
        }
        answer(&passage, said)
    }

    async fn live(&self) -> Result<Vec<LiveNow>, MetropolisError> {
        self.pass(false).await?;
        let now = self.now();
        let mut world = lock(&self.shared.world);
        if self.account(&world)?.role != Role::Gateway {
            return Err(MetropolisError::Denied("only a gateway speaks for the field".into()));
        }
        world.room = self.shared.clock.room();
        Ok(world.live_now(now))
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
