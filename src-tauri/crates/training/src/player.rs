//! Plays field and house over any `Metropolis`, as the accounts of the gateway and of the house.
//!
//! The app plays it over the training metropolis, `vigiectl simulate` over a rehearsal: one device model, one set of
//! timeouts. What could not be handed over is handed over again, the same, before anything else.

use std::collections::HashMap;

use async_trait::async_trait;
use vigie_core::house;
use vigie_core::ids::{CommandId, Ids, SubmissionId};
use vigie_core::port::{Changes, Cut, Metropolis, MetropolisError, SnapshotSink};
use vigie_core::submission::{Body, Submission};
use vigie_core::table::{Command, Equipment, EquipmentState, Programme, Row, TableRow, TableSpec};
use vigie_core::time::Timestamp;

use crate::city::City;
use crate::field::{Field, MOST_REPORTS};

/// Moves of the field within one step: taken, published and told may follow one another at once.
const MOVES: usize = 4;

/// What was done in a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Played {
    /// States reported.
    pub states: usize,
    /// Moves of commands told by the gateway.
    pub progress: usize,
    /// Commands of which the house said that nobody answered.
    pub silences: usize,
}

impl Played {
    /// Adds another step's.
    pub fn add(&mut self, other: Self) {
        self.states += other.states;
        self.progress += other.progress;
        self.silences += other.silences;
    }
}

/// Field and house of one city.
pub struct Player {
    seed: u64,
    field: Field,
    cut: Cut,
    commands: HashMap<CommandId, Command>,
    unsent: Vec<Submission>,
}

impl Player {
    /// The player of a city just born, from its rows.
    pub fn over(city: &City, seed: u64, cut: Cut) -> Self {
        let field = Field::resume(seed, &city.equipment, &city.states, city.at);
        Self { seed, field, cut, commands: HashMap::new(), unsent: Vec::new() }
    }

    /// The player of a city that exists already: read from the metropolis, and gone on with from its states.
    pub async fn begin(gateway: &dyn Metropolis, seed: u64) -> Result<Self, MetropolisError> {
        let (city, cut) = Standing::read(gateway).await?;
        let field = Field::resume(seed, &city.equipment, &city.states, cut.at);
        let mut player = Self { seed, field, cut, commands: HashMap::new(), unsent: Vec::new() };
        city.programmes.iter().for_each(|programme| player.field.learn(programme));
        city.commands.into_iter().for_each(|command| player.observe(command));
        Ok(player)
    }

    /// Silences a system of the city, by its code; none lets all speak.
    pub fn silence(&mut self, source: Option<&'static str>) {
        self.field.silence(source);
    }

    /// Lets something of the field fail.
    pub fn fail(&mut self, failure: crate::field::Failure, now: Timestamp) {
        self.field.fail(failure, now);
    }

    /// The Ouche rises since then, or no more.
    pub fn flood(&mut self, began: Option<Timestamp>, now: Timestamp) {
        self.field.flood(began, now);
    }

    /// Plays what is due at `now` (the metropolis's time).
    pub async fn step(
        &mut self,
        gateway: &dyn Metropolis,
        house: &dyn Metropolis,
        ids: &dyn Ids,
        now: Timestamp,
    ) -> Result<Played, MetropolisError> {
        let mut played = Played::default();
        self.hand_over(gateway, now).await?;
        self.pull(gateway).await?;
        // Where a real gateway works the field, it moves the cameras.
        let held = match gateway.live().await {
            Err(error) if error.may_pass() => return Err(error),
            held => held.unwrap_or_default(),
        };
        self.field.hold(&held, now);
        for _ in 0..MOVES {
            let bodies = self.field.due(now, MOST_REPORTS.saturating_sub(played.states));
            if bodies.is_empty() {
                break;
            }
            for body in &bodies {
                match body {
                    Body::Report { states } => played.states += states.len(),
                    Body::SourceContact(_) | Body::FloodBulletin(_) | Body::FloodForecast(_) => {}
                    _ => played.progress += 1,
                }
            }
            self.unsent = bodies.into_iter().map(|body| Submission::new(SubmissionId(ids.next()), body)).collect();
            let orders = self.unsent.iter().any(|s| matches!(s.body, Body::Progress { .. }));
            self.hand_over(gateway, now).await?;
            if !orders {
                break;
            }
        }
        // The house speaks of what is so now, not of what was so before the field answered.
        self.pull(gateway).await?;
        let verdicts: Vec<Submission> = self
            .commands
            .values()
            .filter_map(|command| house::verdict(command, now))
            .map(|verdict| verdict.submission())
            .collect();
        if !verdicts.is_empty() {
            played.silences += verdicts.len();
            house.submit(&verdicts).await?;
        }
        Ok(played)
    }

    async fn hand_over(&mut self, gateway: &dyn Metropolis, now: Timestamp) -> Result<(), MetropolisError> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let outcomes = gateway.submit(&self.unsent).await?;
        for (submission, outcome) in std::mem::take(&mut self.unsent).iter().zip(&outcomes) {
            self.field.heard(&submission.body, outcome, now);
        }
        Ok(())
    }

    async fn pull(&mut self, gateway: &dyn Metropolis) -> Result<(), MetropolisError> {
        match gateway.changes(&self.cut).await {
            Ok(Changes { cut, tables }) => {
                self.cut = cut;
                let programmes = tables.iter().filter(|t| t.table.name == Programme::SPEC.name);
                for row in programmes.flat_map(|t| &t.rows) {
                    self.field.learn(&typed(row)?);
                }
                let commands = tables.into_iter().filter(|t| t.table.name == Command::SPEC.name);
                for row in commands.flat_map(|t| t.rows) {
                    self.observe(typed(&row)?);
                }
                Ok(())
            }
            Err(MetropolisError::ResyncNeeded(why)) => {
                tracing::info!(why, "the field reads the city anew");
                *self = Self::begin(gateway, self.seed).await?;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn observe(&mut self, command: Command) {
        self.field.observe(&command);
        if command.state.is_final() {
            self.commands.remove(&command.command_id);
        } else {
            self.commands.insert(command.command_id, command);
        }
    }
}

fn typed<T: TableRow>(row: &Row) -> Result<T, MetropolisError> {
    T::from_row(row).map_err(|bad| MetropolisError::Unexpected(bad.to_string()))
}

/// What stands in a metropolis, as far as its field needs it.
#[derive(Debug, Default)]
pub struct Standing {
    /// The objects.
    pub equipment: Vec<Equipment>,
    /// Their last known states.
    pub states: Vec<EquipmentState>,
    /// Commands, whatever became of them.
    pub commands: Vec<Command>,
    /// Programmes, drafts too.
    pub programmes: Vec<Programme>,
}

impl Standing {
    /// Reads it, at one cut.
    pub async fn read(metropolis: &dyn Metropolis) -> Result<(Self, Cut), MetropolisError> {
        let mut standing = Self::default();
        let cut = metropolis.snapshot(&mut standing).await?;
        Ok((standing, cut))
    }
}

#[async_trait]
impl SnapshotSink for Standing {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        for row in &rows {
            match table.name {
                name if name == Equipment::SPEC.name => self.equipment.push(typed(row)?),
                name if name == EquipmentState::SPEC.name => self.states.push(typed(row)?),
                name if name == Command::SPEC.name => self.commands.push(typed(row)?),
                name if name == Programme::SPEC.name => self.programmes.push(typed(row)?),
                _ => {}
            }
        }
        Ok(())
    }
}
