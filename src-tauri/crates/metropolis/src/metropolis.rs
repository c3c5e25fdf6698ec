//! The port on PostgreSQL: one connection for the feed, one for the rest.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use sqlx::Row;
use vigie_core::command::{LiveAnswer, LiveNow, LiveSign, is_live};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::SubmissionId;
use vigie_core::port::{Changes, Cut, Identity, Metropolis, MetropolisError, SnapshotSink, Sums};
use vigie_core::submission::{Outcome, Submission, holds_nul};
use vigie_core::table::TableSpec;

use crate::endpoints::Endpoints;
use crate::error::{gave_way, map};
use crate::hearing::Hearing;
use crate::line::{InUse, Line, Open};
use crate::target::ConnectTarget;
use crate::{feed, sums};

/// A metropolis on PostgreSQL, for one account. Two connections at most, each re-made at the call that follows an error
/// or a dropped future.
pub struct PgMetropolis {
    endpoints: Arc<Endpoints>,
    deadline: Duration,
    feed: Line<Hearing>,
    pub(crate) desk: Line<Open>,
}

/// What [`PgMetropolis::forget`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Months of history made ahead.
    pub months_made: u64,
    /// Months of raw states dropped, their hours summed up.
    pub months_dropped: u64,
    /// Tombstones dropped.
    pub tombstones: u64,
}

impl PgMetropolis {
    /// Connects to the primary among the target's servers and checks that this is a metropolis this program can speak with.
    /// `deadline` bounds this, each later connection and the wait for one's turn on it; other calls are bounded by their caller, who drops their future.
    pub async fn connect(target: ConnectTarget, deadline: Duration) -> Result<Self, MetropolisError> {
        let endpoints = Arc::new(Endpoints::new(&target)?);
        let (feed, desk) = (Line::new(Arc::clone(&endpoints), deadline), Line::new(Arc::clone(&endpoints), deadline));
        let this = Self { endpoints, deadline, feed, desk };
        this.desk.take().await?.keep();
        Ok(this)
    }

    /// The feed's connection; the primary's after a standby could not do what was asked.
    async fn instead(&self, error: MetropolisError, asked: InUse<'_, Hearing>) -> Result<Hearing, MetropolisError> {
        let refused = !asked.standby || !error.may_pass() || matches!(error, MetropolisError::ResyncNeeded(_));
        drop(asked);
        if refused {
            return Err(error);
        }
        tracing::info!(%error, "the primary is asked instead of a standby");
        Hearing::open_primary(&self.endpoints, self.deadline).await
    }

    /// For the house: makes the months of history ahead, drops what is past its time, and the tombstones past their horizon.
    pub async fn forget(&self) -> Result<Forgotten, MetropolisError> {
        let mut line = self.desk.take().await?;
        let row = sqlx::query("SELECT vigie.keep_partitions(), vigie.prune_history(), vigie.prune_tombstones()")
            .fetch_one(&mut line.connection)
            .await
            .map_err(|e| map(&e))?;
        let count = |at: usize| row.try_get::<i64, _>(at).map(i64::unsigned_abs).map_err(|e| map(&e));
        let done = Forgotten { months_made: count(0)?, months_dropped: count(1)?, tombstones: count(2)? };
        line.keep();
        Ok(done)
    }

    /// For the house: effects whose end passed by more than 60 s without being seen become *overdue*; says how many.
    pub async fn mark_overdue_effects(&self) -> Result<u64, MetropolisError> {
        let mut line = self.desk.take().await?;
        let row = sqlx::query("SELECT vigie.mark_overdue_effects()")
            .fetch_one(&mut line.connection)
            .await
            .map_err(|e| map(&e))?;
        let marked: i64 = row.try_get(0).map_err(|e| map(&e))?;
        line.keep();
        Ok(u64::try_from(marked).unwrap_or(0))
    }
}

/// Times that a statement which gave way to another is asked again.
const AGAIN: usize = 5;

/// Asks a function that answers JSON, with text arguments. A deadlock's victim asks again: nothing of it was written, and
/// to report it as a lost reply would close a command that nothing is wrong with.
pub(crate) async fn ask<T: DeserializeOwned>(
    open: &mut Open,
    sql: &'static str,
    args: &[&str],
) -> Result<T, MetropolisError> {
    let mut tries = 0;
    let row = loop {
        let query = args.iter().fold(sqlx::query(sql), |query, arg| query.bind((*arg).to_owned()));
        match query.fetch_one(&mut open.connection).await {
            Err(error) if gave_way(&error) && tries < AGAIN => tries += 1,
            answer => break answer.map_err(|e| map(&e))?,
        }
    };
    let text: String = row.try_get(0).map_err(|e| map(&e))?;
    serde_json::from_str(&text).map_err(|e| MetropolisError::Unexpected(e.to_string()))
}

/// A batch as `vigie.submit` reads it. PostgreSQL would refuse the whole of it for one character NUL: a submission that
/// holds one goes without its payload, and is answered `malformed` by itself.
pub(crate) fn wire(batch: &[Submission]) -> Result<String, MetropolisError> {
    let unexpected = |e: serde_json::Error| MetropolisError::Unexpected(e.to_string());
    let text = serde_json::to_string(batch).map_err(unexpected)?;
    // As JSON writes it; an escaped backslash before `u0000` only costs the second look.
    if !text.contains("\\u0000") {
        return Ok(text);
    }
    let mut members: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(unexpected)?;
    for member in members.iter_mut().filter(|member| holds_nul(member)) {
        if let Some(fields) = member.as_object_mut() {
            fields.insert("payload".to_owned(), serde_json::Value::Null);
        }
    }
    serde_json::to_string(&members).map_err(unexpected)
}

/// Identifiers as PostgreSQL writes an array.
fn list(ids: &[SubmissionId]) -> String {
    format!("{{{}}}", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

pub(crate) fn one_each(outcomes: Vec<Outcome>, asked: usize) -> Result<Vec<Outcome>, MetropolisError> {
    if outcomes.len() == asked {
        Ok(outcomes)
    } else {
        Err(MetropolisError::Unexpected(format!("{} outcomes for {asked} submissions", outcomes.len())))
    }
}

#[async_trait]
impl Metropolis for PgMetropolis {
    async fn identity(&self) -> Result<Identity, MetropolisError> {
        let mut line = self.desk.take().await?;
        let identity = ask(&mut line, "SELECT vigie.identity()::text", &[]).await?;
        line.keep();
        Ok(identity)
    }

    async fn snapshot(&self, sink: &mut dyn SnapshotSink) -> Result<Cut, MetropolisError> {
        let mut line = self.feed.take().await?;
        let cut = feed::snapshot(&mut line, sink).await?;
        line.keep();
        Ok(cut)
    }

    async fn changes(&self, since: &Cut) -> Result<Changes, MetropolisError> {
        let mut line = self.feed.take().await?;
        match feed::changes(&mut line, since).await {
            Ok(changes) => {
                self.endpoints.on_timeline(changes.cut.timeline)?;
                line.keep();
                Ok(changes)
            }
            Err(error) => {
                let mut primary = self.instead(error, line).await?;
                let changes = feed::changes(&mut primary, since).await?;
                self.feed.put(primary).await;
                Ok(changes)
            }
        }
    }

    async fn wake(&self) -> Result<(), MetropolisError> {
        let mut line = self.feed.take().await?.waiting();
        let Some(hearing) = line.held() else { return Ok(()) };
        let hint = hearing.hint().await;
        // A standby has no ears, and is read all the same.
        if hint.is_err() && !hearing.standby {
            line.give_up();
        }
        hint
    }

    async fn sums(&self, since: &Cut) -> Result<Sums, MetropolisError> {
        let mut line = self.feed.take().await?;
        let sums = sums::sums(&mut line, since).await?;
        line.keep();
        Ok(sums)
    }

    async fn recopy(
        &self,
        since: &Cut,
        tables: &[&'static TableSpec],
        sink: &mut dyn SnapshotSink,
    ) -> Result<Changes, MetropolisError> {
        let mut line = self.feed.take().await?;
        let changes = feed::recopy(&mut line, since, tables, sink).await?;
        line.keep();
        Ok(changes)
    }

    async fn submit(&self, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let json = wire(batch)?;
        let mut line = self.desk.take().await?;
        let outcomes = ask(&mut line, "SELECT vigie.submit($1::text::jsonb)::text", &[&json]).await?;
        line.keep();
        one_each(outcomes, batch.len())
    }

    async fn settle(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut line = self.desk.take().await?;
        let outcomes = ask(&mut line, "SELECT vigie.settle($1::text::uuid[])::text", &[&list(ids)]).await?;
        line.keep();
        one_each(outcomes, ids.len())
    }

    async fn outcomes(&self, ids: &[SubmissionId]) -> Result<Vec<Outcome>, MetropolisError> {
        let mut line = self.desk.take().await?;
        let outcomes = ask(&mut line, "SELECT vigie.outcomes($1::text::uuid[])::text", &[&list(ids)]).await?;
        line.keep();
        Ok(outcomes)
    }

    async fn keep_live(&self, sign: &LiveSign) -> Result<LiveAnswer, MetropolisError> {
        let motion = serde_json::to_string(&sign.motion).map_err(|e| MetropolisError::Unexpected(e.to_string()))?;
        let mut line = self.desk.take().await?;
        let sql = "SELECT coalesce(to_jsonb(vigie.keep_live($1::text::uuid, $2::text::bigint, $3::text::jsonb)), 'null')::text";
        let answer = ask(&mut line, sql, &[&sign.live_id.to_string(), &sign.seq.to_string(), &motion]).await?;
        line.keep();
        Ok(answer)
    }

    async fn live(&self) -> Result<Vec<LiveNow>, MetropolisError> {
        let kinds: Vec<_> = EquipmentKind::ALL.iter().filter(|kind| is_live(**kind)).map(ToString::to_string).collect();
        let mut line = self.desk.take().await?;
        let held =
            ask(&mut line, "SELECT vigie.live_now($1::text::text[])::text", &[&format!("{{{}}}", kinds.join(","))])
                .await?;
        line.keep();
        Ok(held)
    }

    async fn fetch(
        &self,
        query: &str,
        args: serde_json::Value,
        reason: &str,
    ) -> Result<serde_json::Value, MetropolisError> {
        let mut line = self.desk.take().await?;
        let sql = "SELECT vigie.fetch($1, $2::text::jsonb, $3)::text";
        let answer = ask(&mut line, sql, &[query, &args.to_string(), reason]).await?;
        line.keep();
        Ok(answer)
    }
}
