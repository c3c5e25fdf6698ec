//! The metropolis of a simulation: the training one, with a few objects, its field and its house, which restart as well.

use std::sync::Arc;
use std::time::Duration;

use vigie_training::chance::{Dice, SeededIds};
use vigie_training::player::Player;
use vigie_training::{Scenario, SimClock, TrainingMetropolis, TrainingOptions};

use super::clock::PausedClock;
use crate::prove::hamlet::{TWO_PM, hamlet};

/// How often field and house move.
const MOVES: Duration = Duration::from_millis(400);

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
