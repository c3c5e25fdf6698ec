//! The puller: a look every 250 ms, a snapshot when there is no cut to start from, a deadline on every await.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use vigie_core::command::{CommandEventCode, CommandState};
use vigie_core::ids::ShiftId;
use vigie_core::link::{LinkEvent, LinkState};
use vigie_core::port::{
    Changes, Identity, Metropolis, MetropolisError, OutboxState, Rebuild, ReplicaInfo, SnapshotSink, StoreError,
};
use vigie_core::submission::{Body, OutcomeStatus, Submission};
use vigie_core::table::{
    BadRow, Command, CommandEvent, Commune, Desk, Equipment, EquipmentState, LogEntry, Person, PersonKey, Row, Shift,
    TableRow, TableSpec,
};
use vigie_core::time::{MetropolisTime, Timestamp};

use crate::desk::{Phase, ReplicaProgress};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::picture::Picture;

/// Longest wait from the beginning of a try to connect to the next: with its jitter and the return itself, work goes on
/// within five seconds of the link being back. A try that met its deadline has waited already.
const LONGEST_BACKOFF: Duration = Duration::from_secs(3);
/// Planned length of a shift that the program opens for the person who signs in.
const SHIFT: Duration = Duration::from_secs(12 * 3600);

impl Engine {
    pub(crate) async fn pull(self) {
        let mut failures: u32 = 0;
        let mut refused = false;
        let mut tried = Duration::ZERO;
        loop {
            let often = self.inner.options.look_every;
            let wait =
                if failures == 0 { often } else { backoff(failures, self.jitter()).saturating_sub(tried).max(often) };
            // In this order, always: a run that is played again from its seed takes the same turns.
            tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                () = self.inner.look_bell.notified() => {}
                // A refused password is not tried again by itself: that is how accounts get locked.
                () = tokio::time::sleep(wait), if !refused => {}
            }
            let began = tokio::time::Instant::now();
            let look = tokio::select! {
                biased;
                () = self.inner.stop.cancelled() => return,
                look = self.look() => look,
            };
            match look {
                Ok(()) => (failures, refused) = (0, false),
                Err(error) => {
                    refused = asks_for_a_person(&error);
                    tried = began.elapsed();
                    failures = failures.saturating_add(1);
                    self.link_failed(&error);
                }
            }
        }
    }

    /// One look: connect if need be, bring the replica in step, say that the link was heard.
    async fn look(&self) -> Result<(), EngineError> {
        let (metropolis, identity) = self.connected().await?;
        let info = self.inner.replica.info().await?;
        match info.as_ref().and_then(|info| same_metropolis(info, &identity)) {
            Some(cut) => match self.in_time(metropolis.changes(cut)).await {
                Ok(changes) => self.take_in(&changes, &identity).await?,
                Err(MetropolisError::ResyncNeeded(why)) => {
                    tracing::info!(why, "the local copy is made anew");
                    // What changed may be the identity itself: epoch, rights, role.
                    let identity = self.in_time(metropolis.identity()).await?;
                    self.lock().identity = Some(identity.clone());
                    self.copy(&*metropolis, identity).await?;
                }
                Err(error) => return Err(error.into()),
            },
            None => self.copy(&*metropolis, identity).await?,
        }
        if self.lock().link.state == LinkState::Returning {
            self.catch_up(&*metropolis).await?;
        }
        Ok(())
    }

    async fn connected(&self) -> Result<(Arc<dyn Metropolis>, Identity), EngineError> {
        let known = self.lock().identity.clone();
        if let (Ok(metropolis), Some(identity)) = (self.metropolis(), known) {
            return Ok((metropolis, identity));
        }
        let metropolis = self.in_time(self.inner.connector.connect()).await?;
        let identity = self.in_time(metropolis.identity()).await?;
        tracing::info!(system = identity.system, mode = %identity.mode, schema = identity.schema_version, "connected");
        self.lock().identity = Some(identity.clone());
        self.set_metropolis(Some(metropolis.clone()));
        Ok((metropolis, identity))
    }

    /// A snapshot into a side file, then the swap; the present copy stays on the screen meanwhile.
    async fn copy(&self, metropolis: &dyn Metropolis, identity: Identity) -> Result<(), EngineError> {
        {
            let mut state = self.lock();
            if state.phase() != Phase::Ready {
                state.phase = Some(Phase::Copying);
            }
        }
        self.tell(Observed::Status);
        let (alive, mut heard) = mpsc::channel(4);
        let rebuild = self.inner.replica.rebuild().await?;
        let mut sink = CopySink { engine: self.clone(), failed: None, rebuild: Some(rebuild), alive, rows: 0 };
        let copied = {
            let mut snapshot = std::pin::pin!(metropolis.snapshot(&mut sink));
            loop {
                tokio::select! {
                    biased;
                    cut = &mut snapshot => break cut,
                    // Rows came: the deadline starts again. The sink holds the sender, so `recv` never ends by itself.
                    alive = tokio::time::timeout(self.inner.options.snapshot_deadline, heard.recv()) => {
                        if alive.is_err() {
                            break Err(MetropolisError::Deadline);
                        }
                    }
                }
            }
        };
        if let Some(error) = sink.failed.take() {
            return Err(error.into());
        }
        let cut = copied?;
        let at = cut.at;
        let rebuild = sink.rebuild.take().ok_or(EngineError::NotReady)?;
        rebuild.finish(cut, identity).await?;
        self.load_replica().await?;
        let generation = {
            let mut state = self.lock();
            state.phase = Some(Phase::Ready);
            state.progress = None;
            state.picture.generation
        };
        self.heard(at);
        self.tell(Observed::City(generation));
        self.commands_moved().await
    }

    /// Changes into the replica, then into the picture.
    async fn take_in(&self, changes: &Changes, identity: &Identity) -> Result<(), EngineError> {
        if changes.tables.is_empty() {
            self.heard(changes.cut.at);
            return Ok(());
        }
        self.inner.replica.apply(changes, identity).await?;
        if changes.tables.iter().any(|t| is::<Equipment>(t.table) || is::<Commune>(t.table)) {
            self.load_replica().await?;
            let generation = self.lock().picture.generation;
            self.heard(changes.cut.at);
            self.tell(Observed::City(generation));
            return self.commands_moved().await;
        }
        let commands_moved = self.apply_to_picture(changes)?;
        self.heard(changes.cut.at);
        if commands_moved { self.commands_moved().await } else { Ok(()) }
    }

    async fn commands_moved(&self) -> Result<(), EngineError> {
        self.close_handed().await?;
        self.inner.lanes_bell.notify_waiters();
        self.tell(Observed::Commands);
        Ok(())
    }

    fn apply_to_picture(&self, changes: &Changes) -> Result<bool, BadRow> {
        let now = changes.cut.at;
        let mut state = self.lock();
        let mut commands_moved = false;
        for table in &changes.tables {
            if is::<EquipmentState>(table.table) {
                for row in &table.rows {
                    let row = EquipmentState::from_row(row)?;
                    let id = row.equipment_id;
                    if state.picture.set_state(row)
                        && let Some((point, byte)) = state.picture.object(id).map(|o| (o.point, o.byte))
                    {
                        state.dirty.insert(point, byte);
                    }
                }
            } else if is::<Command>(table.table) {
                commands_moved = true;
                for row in &table.rows {
                    state.set_row(Command::from_row(row)?);
                }
                for key in &table.deleted {
                    let id = (*key).into();
                    if let Some(tracked) = state.commands.get_mut(&id) {
                        tracked.row = None;
                    }
                    state.commands.retain(|_, c| c.row.is_some() || c.entry.is_some());
                }
            } else if is::<Person>(table.table) {
                for row in &table.rows {
                    let row = Person::from_row(row)?;
                    state.persons.insert(row.person_id, row.display_name);
                }
            } else if is::<Desk>(table.table) {
                for row in &table.rows {
                    let row = Desk::from_row(row)?;
                    state.desks.insert(row.desk_id, row.name);
                }
            } else if is::<Shift>(table.table) {
                for row in &table.rows {
                    let row = Shift::from_row(row)?;
                    state.shifts.insert(row.shift_id.0, row);
                }
                for key in &table.deleted {
                    state.shifts.remove(key);
                }
            } else if is::<CommandEvent>(table.table) {
                commands_moved = true;
            } else if state.book.take(table)? {
                self.inner.lanes_bell.notify_waiters();
                self.tell(Observed::Records);
            }
        }
        if state.words_moved {
            state.words_moved = false;
            let words = state.words();
            state.picture.set_words(words);
        }
        for (point, byte) in state.picture.refresh(now) {
            state.dirty.insert(point, byte);
        }
        Ok(commands_moved)
    }

    /// After a return: who is at this desk, then everything in flight is settled by its lane, then the link is live (R5, R14).
    async fn catch_up(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        self.settle_in_flight(metropolis).await?;
        self.close_handed().await?;
        self.ask_about_forgotten(metropolis).await?;
        self.ensure_shift(metropolis).await?;
        let elapsed = self.inner.machine.now().boot;
        {
            let mut state = self.lock();
            state.failure = None;
            let link = state.link;
            state.link = link.after(LinkEvent::CaughtUp, elapsed, None);
            state.returned_at = Some(elapsed);
        }
        tracing::info!("the link is live");
        self.inner.lanes_bell.notify_waiters();
        self.tell(Observed::Status);
        self.tell(Observed::Commands);
        Ok(())
    }

    /// Someone who signed in works: without an open shift of his, one is opened at his desk.
    async fn ensure_shift(&self, metropolis: &dyn Metropolis) -> Result<(), EngineError> {
        let (now, desk_id) = {
            let moment = self.inner.clock.now();
            let state = self.lock();
            let now = state.now(moment);
            if state.own_shift(now).is_some() {
                return Ok(());
            }
            (now, state.identity.as_ref().and_then(|i| i.person_id.and(i.desk_id)))
        };
        let Some(desk_id) = desk_id else { return Ok(()) };
        let shift_id = ShiftId(self.inner.ids.next());
        let body = Body::ShiftOpen { shift_id, desk_id, ends_at: now.plus(SHIFT) };
        let submission = Submission::new(self.inner.ids.next().into(), body);
        let outcomes = self.in_time(metropolis.submit(&[submission])).await?;
        if let Some(outcome) = outcomes.first().filter(|o| o.status == OutcomeStatus::Refused) {
            tracing::warn!(code = outcome.code, "no shift could be opened");
        }
        self.inner.look_bell.notify_one();
        Ok(())
    }

    /// The link was heard at metropolis time `at`.
    fn heard(&self, at: Timestamp) {
        let moment = self.inner.clock.now();
        let machine = self.inner.machine.now();
        let mut state = self.lock();
        let rate = match (&state.identity, self.inner.options.shared_clock) {
            (Some(identity), false) => identity.clock_rate,
            _ => 1.0,
        };
        let live = state.identity.as_ref().is_some_and(|i| i.mode == vigie_core::port::MetropolisMode::Live);
        let drift = state.time.map_or(0, |time| time.skew(at, moment));
        // On a live metropolis the machine's own clock must be right as well: it stamps logs and prints.
        let wall = if live { at.offset_from(machine.wall) } else { 0 };
        state.skew_ms = Some(if drift.abs() > wall.abs() { drift } else { wall });
        state.time = Some(MetropolisTime::new(at, moment, rate));
        let before = state.link.state;
        state.link = state.link.after(LinkEvent::Heard, machine.boot, Some(at));
        let moved = before != state.link.state;
        drop(state);
        if moved {
            self.tell(Observed::Status);
        }
    }

    fn link_failed(&self, error: &EngineError) {
        self.set_metropolis(None);
        let elapsed = self.inner.machine.now().boot;
        let mut state = self.lock();
        let first = state.failure.as_ref() != Some(error);
        state.link = state.link.after(LinkEvent::Failed, elapsed, None);
        state.progress = None;
        let has_city = !state.picture.objects().is_empty();
        state.phase = Some(match error {
            error if asks_for_a_person(error) => Phase::SignIn,
            _ if has_city => Phase::Ready,
            _ => Phase::Failed,
        });
        state.failure = Some(error.clone());
        drop(state);
        if first {
            tracing::warn!(code = error.code(), %error, "the link failed");
        }
        self.tell(Observed::Status);
    }

    /// Reads the picture, the people and the commands from the replica.
    pub(crate) async fn load_replica(&self) -> Result<(), EngineError> {
        let replica = &self.inner.replica;
        let Some(info) = replica.info().await? else { return Ok(()) };
        let communes: Vec<Commune> = rows(&replica.scan(&Commune::SPEC).await?)?;
        let names = communes.into_iter().map(|c| (c.insee_code, c.name)).collect();
        let equipment = replica
            .scan(&Equipment::SPEC)
            .await?
            .into_iter()
            .map(|(id, row)| Equipment::from_row(&row).map(|row| (id, row)))
            .collect::<Result<Vec<_>, _>>()?;
        let states: Vec<EquipmentState> = rows(&replica.scan(&EquipmentState::SPEC).await?)?;
        let commands: Vec<Command> = rows(&replica.scan(&Command::SPEC).await?)?;
        let persons: Vec<Person> = rows(&replica.scan(&Person::SPEC).await?)?;
        let desks: Vec<Desk> = rows(&replica.scan(&Desk::SPEC).await?)?;
        let shifts: Vec<Shift> = rows(&replica.scan(&Shift::SPEC).await?)?;
        let lines: Vec<LogEntry> = rows(&replica.scan(&LogEntry::SPEC).await?)?;
        let keys: Vec<PersonKey> = rows(&replica.scan(&PersonKey::SPEC).await?)?;
        let picture = Picture::new(info.generation, names, equipment, states);
        let moment = self.inner.clock.now();
        let mut state = self.lock();
        if state.identity.is_none() {
            state.identity = Some(info.identity);
        }
        if state.link.heard_at.is_none() {
            state.link.heard_at = Some(info.cut.at);
        }
        for tracked in state.commands.values_mut() {
            tracked.row = None;
        }
        state.commands.retain(|_, c| c.entry.is_some());
        for row in commands {
            state.set_row(row);
        }
        state.persons = persons.into_iter().map(|p| (p.person_id, p.display_name)).collect();
        state.desks = desks.into_iter().map(|d| (d.desk_id, d.name)).collect();
        state.shifts = shifts.into_iter().map(|s| (s.shift_id.0, s)).collect();
        state.book.load(lines, keys);
        state.picture = picture;
        let words = state.words();
        state.words_moved = false;
        state.picture.set_words(words);
        state.dirty.clear();
        let now = state.now(moment);
        state.picture.refresh(now);
        Ok(())
    }

    /// Own commands that the metropolis has and whose row says that they are over: the outbox is done with them.
    async fn close_handed(&self) -> Result<(), EngineError> {
        let over: Vec<_> = self
            .commands(|c| c.entry.as_ref().is_some_and(|e| e.outbox == OutboxState::Handed))
            .into_iter()
            .filter_map(|c| c.entry.zip(c.row))
            .filter(|(_, row)| row.state.is_final())
            .collect();
        for (mut entry, row) in over {
            let from = entry.state;
            entry.state = row.state;
            entry.detail = row.detail.clone();
            entry.outbox = OutboxState::Done;
            self.record(entry, from, closing_event(row.state)).await?;
        }
        Ok(())
    }

    fn jitter(&self) -> u64 {
        // The last bytes of a UUIDv7 are random: enough to keep workstations from knocking together.
        u64::from(self.inner.ids.next().as_bytes().last().copied().unwrap_or(0))
    }
}

/// Whether only someone who signs in can help.
fn asks_for_a_person(error: &EngineError) -> bool {
    use MetropolisError as M;
    matches!(error, EngineError::Metropolis(M::PasswordNeeded | M::SignInRefused(_)))
}

/// Rows of a table, typed.
fn rows<T: TableRow>(scanned: &[(u32, Row)]) -> Result<Vec<T>, BadRow> {
    scanned.iter().map(|(_, row)| T::from_row(row)).collect()
}

fn is<T: TableRow>(table: &TableSpec) -> bool {
    table.name == T::SPEC.name
}

/// The cut to go on from, when the replica is a copy of this very metropolis for these very rights.
fn same_metropolis<'a>(info: &'a ReplicaInfo, identity: &Identity) -> Option<&'a vigie_core::port::Cut> {
    let held = &info.identity;
    let same = held.system == identity.system
        && held.epoch == identity.epoch
        && held.rights == identity.rights
        && held.schema_version == identity.schema_version
        && held.login == identity.login;
    same.then_some(&info.cut)
}

/// 250 ms, doubled at each failure up to three seconds, plus up to a quarter.
fn backoff(failures: u32, jitter: u64) -> Duration {
    let base = Duration::from_millis(250).saturating_mul(1 << failures.min(5)).min(LONGEST_BACKOFF);
    base + base.mul_f64(jitter as f64 / 1024.0)
}

/// The event that ends an own command whose row the metropolis shows as over.
fn closing_event(state: CommandState) -> CommandEventCode {
    match state {
        CommandState::Confirmed => CommandEventCode::Confirm,
        CommandState::Failed => CommandEventCode::Fail,
        CommandState::Expired => CommandEventCode::Expire,
        CommandState::Cancelled => CommandEventCode::Cancel,
        CommandState::Superseded => CommandEventCode::Supersede,
        CommandState::LateDone => CommandEventCode::LateDone,
        CommandState::LateFailed => CommandEventCode::LateFail,
        CommandState::Closed => CommandEventCode::Close,
        _ => CommandEventCode::Reject,
    }
}

struct CopySink {
    engine: Engine,
    /// A local file that failed is told as such, not as the metropolis's fault.
    failed: Option<StoreError>,
    rebuild: Option<Box<dyn Rebuild>>,
    alive: mpsc::Sender<()>,
    rows: u64,
}

#[async_trait]
impl SnapshotSink for CopySink {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.rows += rows.len() as u64;
        // A full channel already says that rows come.
        let _ = self.alive.try_send(());
        if let Some(rebuild) = self.rebuild.as_mut()
            && let Err(error) = rebuild.rows(table, rows).await
        {
            let told = MetropolisError::Unexpected(error.to_string());
            self.failed = Some(error);
            return Err(told);
        }
        self.engine.lock().progress = Some(ReplicaProgress { table: table.name, rows: self.rows });
        self.engine.tell(Observed::Status);
        Ok(())
    }
}
