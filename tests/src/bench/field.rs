//! A field that answers at once: it hears of a command, takes it, does it and shows it, with nothing in between.

use tokio_util::sync::CancellationToken;
use vigie_core::command::{CommandEventCode as E, CommandState};
use vigie_core::equipment::{Mode, Quality, Reach, Reading};
use vigie_core::ids::Ids;
use vigie_core::port::{Cut, Metropolis, MetropolisError, SnapshotSink};
use vigie_core::submission::{Body, StateReport, Submission};
use vigie_core::table::{Command, Row, TableRow, TableSpec};
use vigie_core::time::Timestamp;
use vigie_metropolis::PgMetropolis;

use crate::prove::client::FreshIds;

/// The field, until stopped.
pub struct Field {
    stop: CancellationToken,
    playing: tokio::task::JoinHandle<Result<(), MetropolisError>>,
}

impl Field {
    /// Plays it as the account of a gateway.
    pub async fn play(gateway: PgMetropolis) -> anyhow::Result<Self> {
        struct Nowhere;
        #[async_trait::async_trait]
        impl SnapshotSink for Nowhere {
            async fn rows(&mut self, _: &'static TableSpec, _: Vec<Row>) -> Result<(), MetropolisError> {
                Ok(())
            }
        }
        let mut cut = gateway.snapshot(&mut Nowhere).await?;
        let stop = CancellationToken::new();
        let until = stop.clone();
        let playing = tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = until.cancelled() => return Ok(()),
                    woken = gateway.wake() => woken?,
                    // A hint may be lost.
                    () = tokio::time::sleep(std::time::Duration::from_millis(250)) => {}
                }
                cut = answer(&gateway, &cut).await?;
            }
        });
        Ok(Self { stop, playing })
    }

    /// Lets it end what it does.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.playing.await??)
    }
}

/// Does every order that came since a cut.
async fn answer(gateway: &PgMetropolis, since: &Cut) -> Result<Cut, MetropolisError> {
    let changes = gateway.changes(since).await?;
    let mut orders = Vec::new();
    for row in changes.tables.iter().filter(|t| t.table.name == Command::SPEC.name).flat_map(|t| &t.rows) {
        let order = Command::from_row(row).map_err(|e| MetropolisError::Unexpected(e.to_string()))?;
        if order.state == CommandState::Accepted {
            orders.push(order);
        }
    }
    if !orders.is_empty() {
        let mut told = Vec::with_capacity(3 * orders.len());
        for Command { command_id, .. } in &orders {
            for event in [E::StartDispatch, E::Publish, E::Execute] {
                told.push(submission(Body::Progress { command_id: *command_id, event, detail: None }));
            }
        }
        let outcomes = gateway.submit(&told).await?;
        // Only what is seen from then on shows it.
        let seen = outcomes.iter().map(|outcome| outcome.at).max().unwrap_or(changes.cut.at);
        let states = orders.iter().map(|order| shows(order, seen)).collect();
        gateway.submit(&[submission(Body::Report { states })]).await?;
    }
    Ok(changes.cut)
}

fn submission(body: Body) -> Submission {
    Submission::new(FreshIds.next().into(), body)
}

fn shows(order: &Command, seen: Timestamp) -> StateReport {
    let lasts = order.effect_until.is_some();
    StateReport {
        equipment_id: order.equipment_id,
        reading: if lasts { Reading(order.params.0.clone()) } else { Reading::default() },
        quality: Quality::Good,
        observed_at: seen,
        source: "bench".to_owned(),
        reach: Reach::Reachable,
        mode: if lasts { Mode::Override } else { Mode::Programme },
        target: lasts.then(|| order.params.clone()),
        effect_until: order.effect_until,
    }
}
