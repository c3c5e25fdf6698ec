//! The whole city copied anew: into a side file, while the present copy stays on the screen.

use async_trait::async_trait;
use tokio::sync::mpsc;
use vigie_core::port::{Cut, Identity, Metropolis, MetropolisError, Rebuild, SnapshotSink, StoreError};
use vigie_core::table::{Row, TableSpec};

use crate::desk::{Phase, ReplicaProgress};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

impl Engine {
    /// A snapshot into a side file, then the swap; the present copy stays on the screen meanwhile.
    pub(crate) async fn copy(&self, metropolis: &dyn Metropolis, identity: Identity) -> Result<Cut, EngineError> {
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
        let rebuild = sink.rebuild.take().ok_or(EngineError::NotReady)?;
        rebuild.finish(cut.clone(), identity).await?;
        self.load_replica().await?;
        let generation = {
            let mut state = self.lock();
            state.phase = Some(Phase::Ready);
            state.progress = None;
            state.picture.generation
        };
        self.heard(cut.at);
        self.tell(Observed::City(generation));
        self.commands_moved().await?;
        Ok(cut)
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
