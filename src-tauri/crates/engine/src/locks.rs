//! Crew locks at this desk: those of the local copy, those asked here that it does not contain yet, and what a person does with
//! one (R10). An asking is a record: it may be written without a link. A lifting never is.

use std::collections::HashMap;

use vigie_core::ids::{EquipmentId, RecordId};
use vigie_core::lock::{LockAsk, LockCall, LockState, asked, stopping};
use vigie_core::port::{OutboxRecord, TableChanges};
use vigie_core::record::{Authenticity, RecordState, Seal, Signed};
use vigie_core::rights::rights;
use vigie_core::submission::Body;
use vigie_core::table::{BadRow, CrewLock, TableRow};
use vigie_core::time::Timestamp;

use crate::book::Book;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::state::State;

/// A lock as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownLock {
    /// What the metropolis says; what was asked here, before it says so.
    pub lock: CrewLock,
    /// Whether it bears its author's signature.
    pub authenticity: Authenticity,
    /// Where it stands here, while the local copy does not contain it: it is NOT in force.
    pub waiting: Option<RecordState>,
}

/// A lock as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskLock {
    /// On which object.
    pub equipment_id: EquipmentId,
    /// Who answers for the crew, by name.
    pub holder: String,
    /// The number at which he is called.
    pub phone: String,
    /// Where the crew works.
    pub place: String,
    /// What for.
    pub reason: String,
    /// The author himself is the holder.
    pub by_holder: bool,
    /// When the work should be over.
    pub expected_end: Timestamp,
    /// The draft it was typed in, erased as it is filed.
    pub draft: Option<String>,
}

/// Locks of the local copy.
#[derive(Debug, Default)]
pub(crate) struct LockBook(HashMap<RecordId, CrewLock>);

impl LockBook {
    /// The whole of a local copy.
    pub(crate) fn load(&mut self, rows: Vec<CrewLock>) {
        self.0 = rows.into_iter().map(|row| (row.lock_id, row)).collect();
    }

    /// Takes in what changed, if it is of locks; says whether it was.
    pub(crate) fn take(&mut self, table: &TableChanges) -> Result<bool, BadRow> {
        if table.table.name != CrewLock::SPEC.name {
            return Ok(false);
        }
        for key in &table.deleted {
            self.0.remove(&RecordId(*key));
        }
        for row in &table.rows {
            let row = CrewLock::from_row(row)?;
            self.0.insert(row.lock_id, row);
        }
        Ok(true)
    }

    /// Locks of the local copy that are not over.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &CrewLock> {
        self.0.values().filter(|lock| lock.state.is_open())
    }

    /// Whether the local copy contains a lock.
    pub(crate) fn has(&self, id: RecordId) -> bool {
        self.0.contains_key(&id)
    }

    /// Every lock, with where it stands here while the local copy does not contain it.
    pub(crate) fn all<'s>(
        &'s self,
        outbox: impl Iterator<Item = &'s OutboxRecord>,
    ) -> impl Iterator<Item = (CrewLock, Option<RecordState>)> {
        let waiting = outbox.filter(|record| record.state.overlays()).filter_map(|record| match &record.body {
            Body::LockAsk(signed) if !self.has(record.record_id) => {
                Some((asked(signed, None, record.written_at), Some(record.state)))
            }
            _ => None,
        });
        waiting.chain(self.0.values().map(|row| (row.clone(), None)))
    }
}

fn shown(book: &Book, (lock, waiting): (CrewLock, Option<RecordState>)) -> ShownLock {
    ShownLock { authenticity: verified(book, &lock), lock, waiting }
}

/// Those that are not in force first, then those whose end comes first; what is over last, the latest first.
fn order(lock: &CrewLock) -> (bool, bool, std::cmp::Reverse<Option<Timestamp>>, Timestamp, RecordId) {
    let over = std::cmp::Reverse(lock.over_at);
    (!lock.state.is_open(), lock.state != LockState::Asked, over, lock.ends_at(), lock.lock_id)
}

fn verified(book: &Book, row: &CrewLock) -> Authenticity {
    // Words that are hidden from this role come empty: what was signed cannot be put together here.
    if [&row.holder, &row.phone, &row.reason].into_iter().any(String::is_empty) {
        return Authenticity::KeyUnknown;
    }
    let seal = row.key_id.zip(row.signature.clone());
    let seal = seal.map(|(key_id, signature)| Seal { key_id, signature });
    book.verify(&Signed { written: LockAsk::from(row), seal }, row.person_id)
}

impl State {
    /// The crew lock that stands against an order here: of those of the local copy, and those asked here that it does not
    /// contain.
    pub(crate) fn lock_against(&self, object: EquipmentId, reads: bool, safe: bool) -> Option<ShownLock> {
        let on: Vec<_> =
            self.locks.all(self.records.values()).filter(|(lock, _)| lock.equipment_id == object).collect();
        let against = stopping(on.iter().map(|(lock, _)| lock), reads, safe).map(|lock| lock.lock_id)?;
        on.into_iter().find(|(lock, _)| lock.lock_id == against).map(|found| shown(&self.book, found))
    }

    /// Shows on every row of the object which lock stands on it.
    pub(crate) fn mark_locks(&mut self) {
        let mut marks: HashMap<EquipmentId, LockState> = HashMap::new();
        for (lock, _) in self.locks.all(self.records.values()) {
            if lock.state.is_open() && marks.get(&lock.equipment_id) != Some(&LockState::InForce) {
                marks.insert(lock.equipment_id, lock.state);
            }
        }
        self.picture.set_locks(marks);
    }
}

impl Engine {
    /// Every lock known here, in the order in which they are to be looked at.
    pub fn locks(&self) -> Vec<ShownLock> {
        let state = self.lock();
        let mut found: Vec<_> = state.locks.all(state.records.values()).map(|lock| shown(&state.book, lock)).collect();
        found.sort_by_key(|shown| order(&shown.lock));
        found
    }

    /// Whether the account may do something with locks, by the kind of its submission.
    pub fn may_lock(&self, kind: &str) -> bool {
        let state = self.lock();
        let person = state.identity.as_ref().filter(|identity| identity.person_id.is_some());
        person.is_some_and(|identity| rights().may_submit(identity.role, kind))
    }

    /// Files the asking of a lock: signed, on disk and in the deposit before the screen says so. It is not in force before the
    /// metropolis says so.
    pub async fn ask_lock(&self, wanted: AskLock) -> Result<RecordId, EngineError> {
        self.may_act()?;
        let moment = self.inner.clock.now();
        let ask = {
            let state = self.lock();
            let now = state.now(moment);
            let identity = state.identity.as_ref().ok_or(EngineError::NotReady)?;
            let person_id = identity.person_id.filter(|_| rights().may_submit(identity.role, "lock_ask"));
            let person_id = person_id.ok_or_else(|| EngineError::RefusedThere("not_allowed".to_owned()))?;
            state.picture.object(wanted.equipment_id).ok_or(EngineError::NotFound)?;
            let shift = state.own_shift(now);
            LockAsk {
                lock_id: RecordId(self.inner.ids.next()),
                equipment_id: wanted.equipment_id,
                holder: wanted.holder.trim().to_owned(),
                phone: wanted.phone.trim().to_owned(),
                place: wanted.place.trim().to_owned(),
                reason: wanted.reason.trim().to_owned(),
                by_holder: wanted.by_holder,
                expected_end: wanted.expected_end,
                written_at: now,
                desk_id: shift.map(|s| s.desk_id).or(identity.desk_id),
                shift_id: shift.map(|s| s.shift_id),
                person_id,
                role: identity.role,
            }
        };
        if !ask.is_well_formed() {
            return Err(EngineError::BadRequest(
                "a lock names who to call, where, why, and an end within thirty days".to_owned(),
            ));
        }
        let (id, person_id, desk_id) = (ask.lock_id, ask.person_id, ask.desk_id);
        let body = Body::LockAsk(Signed::by(self.inner.hand.as_ref(), ask));
        let record = self.file(id, body, wanted.draft.as_deref()).await?;
        self.lock().mark_locks();
        self.leave_in_deposit(&record, person_id, desk_id).await;
        self.tell(Observed::Locks);
        Ok(id)
    }

    /// Lifts one's own lock, or takes it back while it is not in force: at once, or not at all.
    pub async fn lift_lock(&self, lock_id: RecordId) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::LockLift { lock_id }).await
    }

    /// Says that the work takes longer: at once, or not at all.
    pub async fn extend_lock(&self, lock_id: RecordId, to: Timestamp) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::LockExtend { lock_id, to }).await
    }

    /// Asks as the first person that a lock be lifted by others than its holder, after a call to him; confirms it as the second
    /// where there is no call.
    pub async fn force_lift(&self, lock_id: RecordId, call: Option<LockCall>) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::LockForceLift { lock_id, call }).await
    }
}
