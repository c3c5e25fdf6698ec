//! A desk on files of a folder, before a small training metropolis in the same process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure};
use async_trait::async_trait;
use serde_json::json;
use vigie_core::command::Params;
use vigie_core::equipment::EquipmentKind;
use vigie_core::link::LinkState;
use vigie_core::port::{Metropolis, MetropolisError, Outbox as _, StoreError};
use vigie_core::time::Clock as _;
use vigie_engine::{Connector, Engine, EngineError, Operate, Options, Parts};
use vigie_store::{SqliteOutbox, SqliteReplica};
use vigie_testkit::copy::{copy, differences};
use vigie_training::{DEFAULT_LOGIN, Scenario, SimClock, TrainingMetropolis, TrainingOptions};

use crate::prove::client::{FreshIds, KEY, MachineClock};
use crate::prove::hamlet::settlement;
use crate::prove::history::tag;

/// What is waited for before a trial is given up.
const PATIENCE: Duration = Duration::from_secs(30);

struct Plug(TrainingMetropolis);

#[async_trait]
impl Connector for Plug {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        Ok(Arc::new(self.0.session(DEFAULT_LOGIN)))
    }
}

/// The desk.
pub(super) struct Room {
    town: TrainingMetropolis,
    clock: Arc<MachineClock>,
    engine: Engine,
    replica: SqliteReplica,
    outbox: SqliteOutbox,
    /// Tags of the orders that the engine said it had recorded.
    pub(super) promised: Vec<String>,
    made: usize,
}

impl Room {
    /// Opens the files and starts; waits until the link is live.
    pub(super) async fn open(folder: &Path) -> anyhow::Result<Self> {
        let clock = Arc::new(MachineClock::new());
        let now = clock.now().wall;
        let mut city = settlement(6, 1);
        city.at = now;
        for state in &mut city.states {
            state.observed_at = Some(now);
        }
        for shift in &mut city.shifts {
            (shift.opened_at, shift.ends_at) = (now, now.plus(Duration::from_secs(8 * 3600)));
        }
        let sim = Arc::new(SimClock::new(clock.clone(), now, 1.0));
        let epoch = uuid::Uuid::from_u128(1);
        let options = TrainingOptions { seed: 1, scenario: Scenario::OrdinaryNight, epoch };
        let town = TrainingMetropolis::new(city, sim, options);
        Self::start(town, clock, folder).await
    }

    async fn start(town: TrainingMetropolis, clock: Arc<MachineClock>, folder: &Path) -> anyhow::Result<Self> {
        let replica = vigie_store::replica::open(folder, &KEY).await?;
        let outbox = vigie_store::outbox::open(folder, &KEY).await?;
        let engine = Engine::start(Parts {
            connector: Arc::new(Plug(town.clone())),
            replica: Arc::new(replica.clone()),
            outbox: Arc::new(outbox.clone()),
            records: Arc::new(outbox.clone()),
            hand: None,
            deposit: None,
            clock: clock.clone(),
            machine: clock.clone(),
            ids: Arc::new(FreshIds),
            options: Options { look_every: Duration::from_millis(40), ..Options::default() },
        })
        .await?;
        let room = Self { town, clock, engine, replica, outbox, promised: Vec::new(), made: 0 };
        room.until_live().await?;
        Ok(room)
    }

    /// Ends, and starts again on the same files and the same metropolis.
    pub(super) async fn reopen(self, folder: &Path) -> anyhow::Result<Self> {
        let (town, clock, promised, made) = (self.town.clone(), self.clock.clone(), self.promised.clone(), self.made);
        self.close().await;
        Ok(Self { promised, made, ..Self::start(town, clock, folder).await? })
    }

    pub(super) async fn until_live(&self) -> anyhow::Result<()> {
        let begun = self.clock.now();
        while self.engine.status().link.state != LinkState::Live {
            if self.clock.now().since(begun) > PATIENCE {
                bail!("the link did not come to life: {:?}", self.engine.status().failure);
            }
            self.town.tick();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Operates once; what the files refuse is told.
    pub(super) async fn operate(&mut self) -> anyhow::Result<Result<String, StoreError>> {
        self.town.tick();
        self.made += 1;
        let lights = self.engine.picture(|p| {
            let lights = p.objects().iter().filter(|o| o.equipment.kind == EquipmentKind::StreetLight);
            lights.map(|o| o.equipment.equipment_id).collect::<Vec<_>>()
        });
        ensure!(!lights.is_empty(), "there is no city");
        let Some(&equipment_id) = lights.get(self.made % lights.len()) else { bail!("no light") };
        let params = Params::from(json!({ "level": 60 }));
        let seen = self.engine.prepare(equipment_id, "street_light.set_level", &params)?.seen;
        let tag = format!("order-{}", self.made);
        let operated = self
            .engine
            .operate(Operate {
                equipment_id,
                action: "street_light.set_level".to_owned(),
                params,
                effect_minutes: Some(30),
                // Long, so that a small disk fills.
                reason: format!("{tag} {}", "x".repeat(1_500)),
                without_visibility: true,
                seen,
                replaces: None,
                procedure: vigie_core::command::Procedure::default(),
                promised: None,
            })
            .await;
        match operated {
            Ok(_) => {
                self.promised.push(tag.clone());
                Ok(Ok(tag))
            }
            Err(EngineError::Store(error)) => Ok(Err(error)),
            Err(other) => Err(other.into()),
        }
    }

    /// What is promised and not in the outbox.
    pub(super) async fn lost(&self) -> anyhow::Result<Vec<String>> {
        let there = self.tags().await?;
        Ok(self.promised.iter().filter(|tag| !there.contains(tag)).cloned().collect())
    }

    /// What is in the outbox.
    pub(super) async fn tags(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.outbox.recent(u32::MAX).await?;
        Ok(entries.iter().map(|e| tag(&e.order.reason).to_owned()).collect())
    }

    /// What differs between the replica and a copy made now, once nothing moves.
    pub(super) async fn differences(&self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for _ in 0..200 {
            let fresh = copy(&self.town.session(DEFAULT_LOGIN)).await?;
            found = differences(&self.replica, &fresh).await?;
            if found.is_empty() {
                break;
            }
            // The next look brings it.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(found)
    }

    pub(super) async fn close(self) {
        self.engine.shutdown().await;
        self.outbox.close().await;
        self.replica.close().await;
    }
}
