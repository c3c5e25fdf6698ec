//! R20 at the desk: the author's key is registered, what others left for this desk is deposited, what has arrived is taken
//! away. Commands are never in it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use vigie_core::ids::{PersonId, RecordId};
use vigie_core::link::LinkState;
use vigie_core::port::{Deposit, Deposited, Metropolis, OutboxState};
use vigie_core::record::Authenticity;
use vigie_core::rights::rights;
use vigie_core::submission::{Body, OutcomeStatus, Submission};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

/// Records deposited at once.
const AT_ONCE: usize = 20;
/// What the metropolis refused is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

impl Engine {
    /// The public half of the key goes to the metropolis like any record, once.
    pub(crate) async fn register_hand(&self) -> Result<(), EngineError> {
        let Some(public) = self.inner.hand.as_ref().map(vigie_core::record::Hand::public) else { return Ok(()) };
        let key_id = public.key_id();
        let due = {
            let state = self.lock();
            let may = state
                .identity
                .as_ref()
                .is_some_and(|i| i.person_id.is_some() && rights().may_submit(i.role, "key_register"));
            may && state.link.state == LinkState::Live
                && !state.book.knows_key(key_id)
                && state.records.values().all(|r| r.record_id.0 != key_id.0)
        };
        if due {
            let body = Body::KeyRegister { key_id, public_key: public.text() };
            self.file(RecordId(key_id.0), body, None).await?;
        }
        Ok(())
    }

    /// Looks at what is left on this machine.
    pub(crate) async fn look_at_deposit(&self) -> Result<(), EngineError> {
        let Some(deposit) = self.inner.deposit.clone() else { return Ok(()) };
        self.tell_waiting(&*deposit).await?;
        let left = deposit.left().await?;
        let (arrived, mine) = self.sort_out(left);
        if !arrived.is_empty() {
            deposit.take_away(&arrived).await?;
        }
        if mine.is_empty() {
            return Ok(());
        }
        let metropolis = self.metropolis()?;
        for batch in mine.chunks(AT_ONCE) {
            self.deposit(&*deposit, &*metropolis, batch).await?;
        }
        Ok(())
    }

    /// What has arrived, and what this account may deposit now: signed by its author, for the desk that is held here.
    fn sort_out(&self, left: Vec<Deposited>) -> (Vec<RecordId>, Vec<Deposited>) {
        let moment = self.inner.clock.now();
        let elapsed = self.inner.machine.now().boot;
        let mut state = self.lock();
        state.refused_deposits.retain(|_, at| elapsed.saturating_sub(*at) < AGAIN_AFTER);
        let person = state.identity.as_ref().and_then(|i| i.person_id);
        let desk = state.own_shift(state.now(moment)).map(|s| s.desk_id);
        let open: HashSet<_> = state.records.values().filter(|r| r.state.is_open()).map(|r| r.record_id).collect();
        let live = state.link.state == LinkState::Live;
        let (mut arrived, mut mine) = (Vec::new(), Vec::new());
        for record in left {
            let (there, authenticity) = match &record.body {
                Body::LogEntry(line) => {
                    (state.book.has_line(record.record_id), state.book.verify(line, line.written.person_id))
                }
                Body::LockAsk(ask) => {
                    (state.locks.has(record.record_id), state.book.verify(ask, ask.written.person_id))
                }
                _ => continue,
            };
            let own = Some(record.person_id) == person;
            if there || (own && !open.contains(&record.record_id)) {
                arrived.push(record.record_id);
            } else if !own
                && live
                && desk == Some(record.desk_id)
                && !state.refused_deposits.contains_key(&record.record_id)
                && authenticity == Authenticity::Signed
            {
                mine.push(record);
            }
        }
        (arrived, mine)
    }

    /// Deposits records of others. Under fresh submissions: the record's own identifier keeps it from being written twice.
    async fn deposit(
        &self,
        deposit: &dyn Deposit,
        metropolis: &dyn Metropolis,
        records: &[Deposited],
    ) -> Result<(), EngineError> {
        let mut last: HashMap<PersonId, _> = HashMap::new();
        let submissions: Vec<_> = records
            .iter()
            .map(|record| {
                let submission = Submission::new(self.inner.ids.next().into(), record.body.clone());
                let after = last.insert(record.person_id, submission.submission_id);
                Submission { after, ..submission }
            })
            .collect();
        let outcomes = self.in_time(metropolis.submit(&submissions)).await?;
        let (taken, refused): (Vec<_>, Vec<_>) =
            records.iter().zip(&outcomes).partition(|(_, outcome)| outcome.status == OutcomeStatus::Applied);
        let taken: Vec<_> = taken.into_iter().map(|(record, _)| record.record_id).collect();
        let elapsed = self.inner.machine.now().boot;
        for (record, outcome) in refused {
            tracing::warn!(record = %record.record_id, code = outcome.code, "a record left for this desk was refused");
            self.lock().refused_deposits.insert(record.record_id, elapsed);
        }
        tracing::info!(number = taken.len(), "records of others were deposited");
        Ok(deposit.take_away(&taken).await?)
    }

    /// Says to the other accounts of this machine how much waits here, and learns how much waits there.
    async fn tell_waiting(&self, deposit: &dyn Deposit) -> Result<(), EngineError> {
        let (login, waiting, told) = {
            let state = self.lock();
            let Some(login) = state.identity.as_ref().map(|i| i.login.clone()) else { return Ok(()) };
            let records = state.records.values().filter(|r| r.state.is_open()).count();
            let commands = state.commands.values().filter_map(|c| c.entry.as_ref());
            let commands = commands.filter(|e| e.outbox == OutboxState::Open).count();
            (login, u32::try_from(records + commands).unwrap_or(u32::MAX), state.told_waiting)
        };
        if told != Some(waiting) {
            deposit.tell_waiting(&login, waiting).await?;
            self.lock().told_waiting = Some(waiting);
        }
        let others = deposit.waiting().await?.into_iter().filter(|(account, _)| *account != login);
        let others = others.map(|(_, number)| number).fold(0_u32, u32::saturating_add);
        let changed = {
            let mut state = self.lock();
            let changed = state.others_waiting != others;
            state.others_waiting = others;
            changed
        };
        if changed {
            self.tell(Observed::Status);
        }
        Ok(())
    }
}
