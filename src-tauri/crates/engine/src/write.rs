//! What a person writes besides commands: lines of the log, drafts of forms, and what he does about a record that is stuck.

use vigie_core::ids::{DeskId, PersonId, RecordId};
use vigie_core::port::{Deposited, Draft, Lane, OutboxRecord};
use vigie_core::record::{Links, LogKind, LogLine, RecordEvent, RecordState, Signed};
use vigie_core::rights::rights;
use vigie_core::submission::Body;
use vigie_core::time::Timestamp;

use crate::book::ShownLine;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

/// A line of the log as it is filed.
#[derive(Debug, Clone, PartialEq)]
pub struct FileLine {
    /// Decision or event.
    pub kind: LogKind,
    /// The words.
    pub text: String,
    /// The line that it corrects.
    pub corrects: Option<RecordId>,
    /// What it speaks of.
    pub links: Links,
    /// The draft it was typed in, erased as the line is filed.
    pub draft: Option<String>,
}

impl Engine {
    /// Files a line: signed, on disk and in the deposit before the screen says so; the post carries it.
    pub async fn file_line(&self, asked: FileLine) -> Result<RecordId, EngineError> {
        // In turn: the number of a line is the next one.
        let _in_turn = self.inner.desk.lock().await;
        let moment = self.inner.clock.now();
        let sequence = self.inner.records.next_sequence().await?;
        let line = {
            let state = self.lock();
            let now = state.now(moment);
            let identity = state.identity.as_ref().ok_or(EngineError::NotReady)?;
            let person_id = identity.person_id.filter(|_| rights().may_submit(identity.role, "log_entry"));
            let person_id = person_id.ok_or_else(|| EngineError::RefusedThere("not_allowed".to_owned()))?;
            let shift = state.own_shift(now);
            LogLine {
                log_id: RecordId(self.inner.ids.next()),
                written_at: now,
                desk_id: shift.map(|s| s.desk_id).or(identity.desk_id),
                shift_id: shift.map(|s| s.shift_id),
                sequence,
                person_id,
                role: identity.role,
                kind: asked.kind,
                text: asked.text.trim().to_owned(),
                corrects: asked.corrects,
                links: asked.links,
            }
        };
        if !line.is_well_formed() {
            return Err(EngineError::BadRequest("a line of the log needs words, 4,000 characters at most".to_owned()));
        }
        let (id, person_id, desk_id) = (line.log_id, line.person_id, line.desk_id);
        let body = Body::LogEntry(Signed::by(self.inner.hand.as_ref(), line));
        let record = self.file(id, body, asked.draft.as_deref()).await?;
        self.leave_in_deposit(&record, person_id, desk_id).await;
        Ok(id)
    }

    /// Files a record of any kind as it is: what it says of its author is for the metropolis to judge.
    pub async fn file_record(&self, record_id: RecordId, body: Body) -> Result<(), EngineError> {
        self.file(record_id, body, None).await.map(|_| ())
    }

    /// Files a record: on disk first, then on the screen, then in its lane.
    pub(crate) async fn file(
        &self,
        record_id: RecordId,
        body: Body,
        draft: Option<&str>,
    ) -> Result<OutboxRecord, EngineError> {
        let now = self.now();
        let mut record = OutboxRecord {
            record_id,
            submission_id: self.inner.ids.next().into(),
            lane: Lane::of(&body),
            body,
            written_at: now,
            state: RecordState::Queued,
            since: now,
            detail: None,
            refusals: 0,
            position: 0,
        };
        record.position = self.inner.records.file(&record, draft).await?;
        self.lock().records.insert(record.position, record.clone());
        self.tell(Observed::Records);
        self.inner.lanes_bell.notify_waiters();
        Ok(record)
    }

    /// Leaves a signed record for the next holder of its desk (R20). The outbox has it already: a deposit that fails is told
    /// and loses nothing.
    pub(crate) async fn leave_in_deposit(&self, record: &OutboxRecord, person_id: PersonId, desk_id: Option<DeskId>) {
        let (Some(deposit), Some(desk_id), Some(_)) = (&self.inner.deposit, desk_id, &self.inner.hand) else { return };
        let left = Deposited {
            record_id: record.record_id,
            person_id,
            desk_id,
            body: record.body.clone(),
            written_at: record.written_at,
        };
        if let Err(error) = deposit.leave(&left).await {
            tracing::warn!(code = error.code(), %error, "a record could not be left for the next holder of the desk");
        }
    }

    /// The last lines of the log, newest first: the local copy's, and those written here that it does not contain yet.
    pub fn log(&self, limit: usize) -> Vec<ShownLine> {
        let state = self.lock();
        state.book.shown(state.records.values(), limit)
    }

    /// Records that the metropolis does not have yet, in position order.
    pub fn open_records(&self) -> Vec<OutboxRecord> {
        self.lock().records.values().filter(|r| r.state.is_open()).cloned().collect()
    }

    /// Why the post does not go on, as a code, when it is not a refusal of one record.
    pub fn post_stuck(&self) -> Option<String> {
        self.lock().post_trouble.clone()
    }

    /// Tries a refused record again now.
    pub async fn retry_record(&self, id: RecordId) -> Result<(), EngineError> {
        self.decide(id, RecordEvent::Retry).await?;
        self.inner.lanes_bell.notify_waiters();
        Ok(())
    }

    /// Gives a refused record up; its lane goes on.
    pub async fn abandon_record(&self, id: RecordId) -> Result<(), EngineError> {
        self.decide(id, RecordEvent::Abandon).await?;
        if let Some(deposit) = &self.inner.deposit {
            deposit.take_away(&[id]).await?;
        }
        self.inner.lanes_bell.notify_waiters();
        Ok(())
    }

    async fn decide(&self, id: RecordId, event: RecordEvent) -> Result<(), EngineError> {
        let known = self.lock().records.values().any(|r| r.record_id == id);
        if !known {
            return Err(EngineError::NotFound);
        }
        if self.step_records(&[id], event).await? { Ok(()) } else { Err(EngineError::MovedOn) }
    }

    /// Keeps what is typed in a form.
    pub async fn keep_draft(&self, key: String, content: serde_json::Value) -> Result<(), EngineError> {
        let saved_at: Timestamp = self.now();
        Ok(self.inner.records.keep_draft(&Draft { key, content, saved_at }).await?)
    }

    /// Erases what was typed in a form.
    pub async fn discard_draft(&self, key: &str) -> Result<(), EngineError> {
        Ok(self.inner.records.discard_draft(key).await?)
    }

    /// What was typed and neither filed nor discarded.
    pub async fn drafts(&self) -> Result<Vec<Draft>, EngineError> {
        Ok(self.inner.records.drafts().await?)
    }
}
