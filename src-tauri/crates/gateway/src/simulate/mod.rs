//! `vigie-gateway simulate`: devices on the other side of the broker, for a rehearsal. They are training's own devices, and
//! speak the profiles of the lines; what they refuse and how they fail is what an operator learns in training.
//!
//! | module | what it holds |
//! |---|---|
//! | [`spoken`] | the device's side of the profiles |
//! | [`line`] | the devices of one line, and what they do with orders |
//!
//! A device refuses an order whose life is over, does an order once however often it comes, and ends an override by itself.

mod line;
mod spoken;

use std::time::Duration;

use async_trait::async_trait;
use vigie_core::port::{Metropolis, MetropolisError, MetropolisMode, SnapshotSink};
use vigie_core::table::{BadRow, Equipment, EquipmentState, Row, TableRow, TableSpec};
use vigie_core::time::{Clock, MetropolisTime};
use vigie_metropolis::{ConnectTarget, PgMetropolis};

use crate::field::FieldError;
use crate::field::config::Config;
use crate::machine::MachineClock;
use line::Line;

const DEADLINE: Duration = Duration::from_secs(20);
/// Between two moves of the devices.
const TURN: Duration = Duration::from_millis(100);
/// Between two readings of the metropolis's time.
const TIME_EVERY: Duration = Duration::from_secs(5);

/// What the metropolis knows of the devices.
#[derive(Default)]
struct Inventory {
    equipment: Vec<Equipment>,
    states: Vec<EquipmentState>,
}

#[async_trait]
impl SnapshotSink for Inventory {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        let bad = |e: BadRow| MetropolisError::Unexpected(e.to_string());
        for row in &rows {
            if table.name == Equipment::SPEC.name {
                self.equipment.push(Equipment::from_row(row).map_err(bad)?);
            } else if table.name == EquipmentState::SPEC.name {
                self.states.push(EquipmentState::from_row(row).map_err(bad)?);
            }
        }
        Ok(())
    }
}

/// Plays devices until asked to end. Refuses a metropolis that is not a rehearsal.
pub(crate) async fn play(
    config: &Config,
    target: ConnectTarget,
    seed: u64,
    end: impl Future<Output = ()>,
) -> Result<(), FieldError> {
    tokio::pin!(end);
    let metropolis = PgMetropolis::connect(target, DEADLINE).await?;
    let identity = metropolis.identity().await?;
    if identity.mode != MetropolisMode::Rehearsal {
        let why = format!("this metropolis is {}: devices are simulated for a rehearsal only", identity.mode);
        return Err(MetropolisError::Denied(why).into());
    }
    let mut inventory = Inventory::default();
    metropolis.snapshot(&mut inventory).await?;
    let mut heard = MachineClock.now();
    let mut time = MetropolisTime::new(identity.server_time, heard, identity.clock_rate);
    let mut lines = Vec::new();
    for line in config.lines() {
        let line = Line::new(config, line, &inventory.equipment, &inventory.states, seed, identity.server_time)?;
        println!("line {}: {} devices", line.name(), line.devices());
        lines.push(line);
    }
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            () = tokio::time::sleep(TURN) => {}
        }
        let now = MachineClock.now();
        if now.since(heard) > TIME_EVERY
            && let Ok(Ok(identity)) = tokio::time::timeout(DEADLINE, metropolis.identity()).await
        {
            heard = MachineClock.now();
            time = MetropolisTime::new(identity.server_time, heard, identity.clock_rate);
        }
        let at = time.estimate(MachineClock.now());
        for line in &mut lines {
            line.turn(at);
        }
    }
}
