//! A gateway that reports states at a rate.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::Row as _;
use uuid::Uuid;
use vigie_core::equipment::{Mode, Quality, Reach, Reading};
use vigie_core::ids::{EquipmentId, SubmissionId};
use vigie_core::port::Metropolis;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, StateReport, Submission};
use vigie_core::table::{EquipmentState, Row, TableRow};
use vigie_core::time::Timestamp;
use vigie_metropolis::PgMetropolis;

use super::town::{Town, now};

/// It, and where it is in the city.
pub struct Reporter {
    gateway: PgMetropolis,
    objects: Vec<EquipmentId>,
    turn: i64,
}

impl Reporter {
    /// States in one report.
    pub const BATCH: usize = 250;

    /// The gateway of a town.
    pub async fn of(town: &Town) -> anyhow::Result<Self> {
        let mut owner = town.database.connect().await?;
        let rows =
            sqlx::query("SELECT equipment_id FROM vigie.equipment ORDER BY reference").fetch_all(&mut owner).await?;
        let objects = rows.iter().map(|row| Ok(EquipmentId(row.try_get(0)?))).collect::<Result<_, sqlx::Error>>()?;
        Ok(Self { gateway: town.session(Role::Gateway).await?, objects, turn: 0 })
    }

    /// One state of every object.
    pub async fn all(&mut self) -> anyhow::Result<()> {
        for _ in 0..self.objects.len().div_ceil(Self::BATCH) {
            self.report().await?;
        }
        Ok(())
    }

    /// Reports so many states a second for so long; the turn of each report, and when it was committed.
    pub async fn at(&mut self, a_second: usize, end: Duration) -> anyhow::Result<Vec<(i64, Instant)>> {
        let every = Duration::from_secs_f64(Self::BATCH as f64 / a_second as f64);
        let begun = now();
        let mut sent = Vec::new();
        while begun.elapsed() < end {
            let turn = self.report().await?;
            sent.push((turn, now()));
            tokio::time::sleep_until((begun + every.mul_f64(sent.len() as f64)).into()).await;
        }
        Ok(sent)
    }

    async fn report(&mut self) -> anyhow::Result<i64> {
        self.turn += 1;
        let from = (self.turn as usize * Self::BATCH) % self.objects.len().max(1);
        let objects = self.objects.iter().cycle().skip(from).take(Self::BATCH);
        let states = objects.map(|id| state(*id, self.turn)).collect();
        #[allow(clippy::disallowed_methods, reason = "a real server needs identifiers that nobody else makes")]
        let report = Submission::new(SubmissionId(Uuid::now_v7()), Body::Report { states });
        self.gateway.submit(&[report]).await?;
        Ok(self.turn)
    }
}

/// The report that a state came with.
pub fn turn_of(row: &Row) -> Option<i64> {
    EquipmentState::from_row(row).ok()?.reading.0.get("turn")?.as_i64()
}

#[allow(clippy::disallowed_methods, reason = "a device has a clock of its own")]
fn state(equipment_id: EquipmentId, turn: i64) -> StateReport {
    StateReport {
        equipment_id,
        reading: Reading::from(json!({"level": turn % 100, "turn": turn, "fault": null})),
        quality: Quality::Good,
        observed_at: Timestamp(jiff::Timestamp::now().as_millisecond()),
        source: "bench".into(),
        reach: Reach::Reachable,
        mode: Mode::Programme,
        target: None,
        effect_until: None,
    }
}
