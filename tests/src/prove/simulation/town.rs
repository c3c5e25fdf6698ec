//! The metropolis of a simulation: the training one, with a few objects, its field and its house, which restart as well.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use vigie_core::command::CommandState;
use vigie_core::equipment::{EquipmentKind, Quality, Reach};
use vigie_core::port::{Metropolis, MetropolisError, SnapshotSink};
use vigie_core::table::Command;
use vigie_core::table::CommandEvent;
use vigie_core::table::{Row, TableRow, TableSpec};
use vigie_training::chance::{Dice, SeededIds};
use vigie_training::player::Player;
use vigie_training::{City, CityOptions, Scenario, SimClock, TrainingMetropolis, TrainingOptions, city};

use super::clock::{PausedClock, TWO_PM};

/// How often field and house move.
const MOVES: Duration = Duration::from_millis(400);

/// A few lights, a junction and a sign of a generated city, made once for all seeds.
fn hamlet() -> &'static City {
    static HAMLET: OnceLock<City> = OnceLock::new();
    HAMLET.get_or_init(|| {
        let mut city = city::generate(&CityOptions { seed: 7, objects: 300, at: TWO_PM });
        let few = |kind| match kind {
            EquipmentKind::StreetLight => 3,
            EquipmentKind::SignalJunction | EquipmentKind::MessageSign => 1,
            _ => 0,
        };
        let mut left: Vec<_> = EquipmentKind::ALL.iter().map(|kind| (*kind, few(*kind))).collect();
        city.equipment.retain(|object| {
            let Some((_, left)) = left.iter_mut().find(|(kind, _)| *kind == object.kind) else { return false };
            let answers = city.states.iter().any(|s| {
                s.equipment_id == object.equipment_id && s.reach == Reach::Reachable && s.quality == Quality::Good
            });
            let keep = *left > 0 && answers;
            *left -= i32::from(keep);
            keep
        });
        let kept: Vec<_> = city.equipment.iter().map(|e| e.equipment_id).collect();
        city.states.retain(|state| kept.contains(&state.equipment_id));
        city.history.clear();
        city.ground.clear();
        city.zones.clear();
        city.communes.truncate(1);
        city
    })
}

/// The metropolis of a seed.
pub(super) fn found(seed: u64, true_time: &Arc<PausedClock>) -> TrainingMetropolis {
    let clock = Arc::new(SimClock::new(true_time.clone(), TWO_PM, 1.0));
    let epoch = uuid::Uuid::from_u128(u128::from(seed) + 1);
    TrainingMetropolis::new(hamlet().clone(), clock, TrainingOptions { seed, scenario: Scenario::OrdinaryNight, epoch })
}

/// Plays field and house until dropped; the gateway's program dies now and then and knows nothing of what it did (R14).
pub(super) async fn play(town: TrainingMetropolis, seed: u64) {
    let ids = SeededIds::new(seed, town.clock().clone());
    let mut dice = Dice::new(seed, "gateway");
    let (gateway, house) = (town.session("gateway"), town.session("house"));
    let mut player: Option<Player> = None;
    loop {
        tokio::time::sleep(MOVES).await;
        let now = vigie_core::time::Clock::now(&**town.clock()).wall;
        player = match player {
            Some(player) if !dice.chance(0.01) => Some(player),
            _ => Player::begin(&gateway, seed).await.ok(),
        };
        if let Some(playing) = player.as_mut()
            && playing.step(&gateway, &house, &ids, now).await.is_err()
        {
            player = None;
        }
        town.mark_overdue_effects(now);
    }
}

/// The commands and their events.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) commands: Vec<Command>,
    pub(super) events: Vec<CommandEvent>,
}

#[async_trait::async_trait]
impl SnapshotSink for Ledger {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        let bad = |e: vigie_core::table::BadRow| MetropolisError::Unexpected(e.to_string());
        for row in &rows {
            if table.name == Command::SPEC.name {
                self.commands.push(Command::from_row(row).map_err(bad)?);
            } else if table.name == CommandEvent::SPEC.name {
                self.events.push(CommandEvent::from_row(row).map_err(bad)?);
            }
        }
        Ok(())
    }
}

/// Reads the ledger of a metropolis: events in the order in which commands went through them.
pub(super) async fn ledger(town: &TrainingMetropolis) -> Result<Ledger, MetropolisError> {
    let mut ledger = Ledger::default();
    town.session("v.renaud").snapshot(&mut ledger).await?;
    ledger.commands.sort_by_key(|c| c.command_id);
    ledger.events = in_order(std::mem::take(&mut ledger.events));
    Ok(ledger)
}

/// Events of each command from the first to the last: each goes on from where the one before led, since several may share
/// a millisecond.
pub(super) fn in_order(mut events: Vec<CommandEvent>) -> Vec<CommandEvent> {
    events.sort_by_key(|e| (e.command_id, e.at, e.event_id));
    let mut ordered: Vec<CommandEvent> = Vec::with_capacity(events.len());
    while !events.is_empty() {
        let goes_on = |e: &CommandEvent| match ordered.last() {
            Some(last) if last.command_id == e.command_id => e.from_state == Some(last.to_state),
            _ => false,
        };
        let begins = |e: &CommandEvent| e.from_state == Some(CommandState::Submitted);
        let next = events.iter().position(goes_on).or_else(|| {
            let command = events.first().map(|e| e.command_id);
            events.iter().position(|e| Some(e.command_id) == command && begins(e))
        });
        ordered.push(events.remove(next.unwrap_or(0)));
    }
    ordered
}
