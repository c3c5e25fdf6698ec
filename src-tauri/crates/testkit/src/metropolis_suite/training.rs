//! The fixture of the training metropolis: nothing is ticked, so that nothing but the suite writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::port::Metropolis;
use vigie_core::table::TableSpec;
use vigie_core::time::{Clock, Moment, Timestamp, millis};
use vigie_training::city::City;
use vigie_training::{Scenario, SimClock, TrainingMetropolis, TrainingOptions};

use super::{BORN, Fixture};

/// A clock that a test turns by hand.
#[derive(Debug, Default)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// Turns it on.
    pub fn turn(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        let passed = self.0.load(Ordering::SeqCst);
        Moment { wall: Timestamp(passed), boot: Duration::from_millis(passed.unsigned_abs()) }
    }
}

/// A training metropolis whose clock is turned by hand.
pub struct TrainingFixture {
    metropolis: TrainingMetropolis,
    hand: Arc<HandClock>,
}

impl TrainingFixture {
    /// A metropolis that holds this city.
    // The fixtures of real servers are opened asynchronously; the suite's macro awaits.
    #[allow(clippy::unused_async, reason = "opened like every other fixture")]
    pub async fn open(city: City) -> Self {
        let hand = Arc::new(HandClock::default());
        let clock = Arc::new(SimClock::new(hand.clone(), BORN, 1.0));
        let options = TrainingOptions { seed: 1, scenario: Scenario::OrdinaryNight, epoch: Uuid::from_u128(1) };
        Self { metropolis: TrainingMetropolis::new(city, clock, options), hand }
    }
}

#[async_trait]
impl Fixture for TrainingFixture {
    async fn session(&self, login: &str) -> Arc<dyn Metropolis> {
        Arc::new(self.metropolis.session(login))
    }

    async fn now(&self) -> Timestamp {
        self.metropolis.clock().now().wall
    }

    async fn advance(&self, by: Duration) {
        self.hand.turn(by);
    }

    async fn begin_epoch(&self) -> Uuid {
        let epoch = Uuid::from_u128(2);
        self.metropolis.begin_epoch(epoch);
        epoch
    }

    async fn mark_overdue_effects(&self) -> usize {
        self.metropolis.mark_overdue_effects(self.now().await)
    }

    async fn delete(&self, table: &'static TableSpec, key: Uuid) {
        self.metropolis.delete(table, key);
    }
}
