//! A desk of a measure: the real engine over its real encrypted files, with a plug that may be pulled.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::ensure;
use async_trait::async_trait;
use tokio::sync::broadcast::error::RecvError;
use vigie_core::link::LinkState;
use vigie_core::port::{Metropolis, MetropolisError, Replica};
use vigie_engine::{Connector, Engine, Observed, Options, Parts};
use vigie_metropolis::{ConnectTarget, Password, PgMetropolis};
use vigie_store::{SqliteOutbox, SqliteReplica};

use super::town::now;
use crate::prove::city::PASSWORD;
use crate::prove::client::{FreshIds, KEY, MachineClock};

/// For a connection.
const DEADLINE: Duration = Duration::from_secs(10);
/// Not everything is told.
const LOOK: Duration = Duration::from_millis(20);
/// Nothing that is measured takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A desk.
pub struct Seat {
    /// Its engine.
    pub engine: Engine,
    replica: SqliteReplica,
    outbox: SqliteOutbox,
    plug: Arc<Plug>,
}

/// What an engine of a measure is made of.
pub fn parts(
    connector: Arc<dyn Connector>,
    replica: Arc<dyn Replica>,
    outbox: &SqliteOutbox,
    options: Options,
) -> Parts {
    let clock = Arc::new(MachineClock::new());
    Parts {
        connector,
        replica,
        outbox: Arc::new(outbox.clone()),
        records: Arc::new(outbox.clone()),
        hand: None,
        deposit: None,
        clock: clock.clone(),
        machine: clock,
        ids: Arc::new(FreshIds),
        options,
    }
}

/// The way to a metropolis, with the plug in or pulled.
pub fn plug(url: &str, is_in: bool) -> Arc<Plug> {
    Arc::new(Plug { url: url.to_owned(), is_in: AtomicBool::new(is_in) })
}

/// The way to a metropolis, where a plug may be pulled.
pub struct Plug {
    url: String,
    is_in: AtomicBool,
}

#[async_trait]
impl Connector for Plug {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        if !self.is_in.load(Ordering::SeqCst) {
            return Err(MetropolisError::Unreachable("the plug is pulled".to_owned()));
        }
        let target = ConnectTarget {
            url: self.url.clone(),
            password: Some(Password::new(PASSWORD)),
            application_name: "vigie".into(),
        };
        Ok(Arc::new(PgMetropolis::connect(target, DEADLINE).await?))
    }
}

impl Seat {
    /// Sits down, on the files of a folder, with the plug in or pulled.
    pub async fn take(folder: &Path, url: &str, plugged: bool, options: Options) -> anyhow::Result<Self> {
        let replica = vigie_store::replica::open(folder, &KEY).await?;
        let outbox = vigie_store::outbox::open(folder, &KEY).await?;
        let plug = plug(url, plugged);
        let engine = Engine::start(parts(plug.clone(), Arc::new(replica.clone()), &outbox, options)).await?;
        Ok(Self { engine, replica, outbox, plug })
    }

    /// Puts the plug in.
    pub fn plug_in(&self) {
        self.plug.is_in.store(true, Ordering::SeqCst);
        self.engine.look_now();
    }

    /// Waits until the link is live and the shift is known.
    pub async fn wait_live(&self) -> anyhow::Result<()> {
        self.wait(|engine| {
            let status = engine.status();
            status.link.state == LinkState::Live && status.shift.is_some()
        })
        .await
    }

    /// Waits on a condition, looked at whenever the engine says that something moved, and now and then.
    pub async fn wait(&self, holds: impl Fn(&Engine) -> bool) -> anyhow::Result<()> {
        let mut observed = self.engine.observe();
        let begun = now();
        while !holds(&self.engine) {
            ensure!(begun.elapsed() < PATIENCE, "it did not come about: {:?}", self.engine.status());
            let _ = tokio::time::timeout(LOOK, observed.recv()).await;
        }
        Ok(())
    }

    /// Waits until the look of this point is pushed to the screen.
    pub async fn wait_pushed(
        observed: &mut tokio::sync::broadcast::Receiver<Observed>,
        point: u32,
    ) -> anyhow::Result<()> {
        let pushed = tokio::time::timeout(PATIENCE, async {
            loop {
                match observed.recv().await {
                    Ok(Observed::Points(_, points)) if points.iter().any(|(id, _)| *id == point) => return true,
                    Err(RecvError::Closed) => return false,
                    _ => {}
                }
            }
        });
        ensure!(pushed.await.unwrap_or(false), "nothing was pushed");
        Ok(())
    }

    /// Leaves, with everything ended.
    pub async fn leave(self) {
        self.engine.shutdown().await;
        self.outbox.close().await;
        self.replica.close().await;
    }
}
