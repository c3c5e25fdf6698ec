//! What a desk keeps in order beside its work: the plate at its door, the view shared during a cut, people's data.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_core::link::LinkState;
use vigie_core::table::people_data;
use vigie_core::time::{Clock as _, Timestamp};
use vigie_engine::Engine;
use vigie_store::{SqliteOutbox, SqliteReplica};

use crate::launch::{Launch, SharedView};
use crate::machine::MachineClock;
use crate::plate::Plate;
use crate::shared;
use crate::unsent::unsent;

const EVERY: Duration = Duration::from_secs(2);
/// How old the shared view may be while the link lives: what a power cut may cost it.
const VIEW_AGE: Duration = Duration::from_mins(15);

/// The task of one desk.
pub(crate) struct Upkeep {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What it looks after.
pub(crate) struct Kept {
    pub launch: Launch,
    pub folder: PathBuf,
    pub place: String,
    pub login: String,
    pub engine: Engine,
    pub replica: SqliteReplica,
    pub outbox: SqliteOutbox,
}

impl Upkeep {
    pub(crate) fn begin(kept: Kept) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(kept.look_after(stop.clone()));
        Self { stop, task }
    }

    /// Ends the task once the plate says how the desk was left.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the upkeep of the desk ended early");
        }
    }
}

impl Kept {
    async fn look_after(self, stop: CancellationToken) {
        let mut plate = Plate::read(&self.folder);
        // When the view was last made, and whether the link lived then.
        let (mut viewed, mut lived): (Option<Timestamp>, bool) = (None, false);
        loop {
            let last = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(EVERY) => false,
            };
            self.door(&mut plate).await;
            if last {
                return;
            }
            let status = self.engine.status();
            let now = MachineClock.now().wall;
            self.people(status.link.heard_at, now).await;
            let lives = status.link.state == LinkState::Live;
            let old = viewed.is_none_or(|at| now.since(at) > VIEW_AGE);
            // At the first reading, then now and then, and as soon as the link is lost: then it holds the last states.
            if (lives && old) || (lived && !lives) {
                viewed = Some(now);
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.view() => {}
                }
            }
            lived = lives;
        }
    }

    /// The plate, when it says something else than what is true. The age alone is not worth more than a write a minute.
    async fn door(&self, plate: &mut Option<Plate>) {
        let Ok(held) = unsent(&self.outbox).await else { return };
        let unsent = u32::try_from(held.len()).unwrap_or(u32::MAX);
        let heard_at = self.engine.status().link.heard_at;
        let fresh = |known: &Plate| {
            let aged = heard_at
                .zip(known.heard_at)
                .map_or(heard_at.is_some(), |(now, then)| now.since(then) > Duration::from_secs(60));
            known.unsent == unsent && known.login == self.login && !aged
        };
        if plate.as_ref().is_some_and(fresh) {
            return;
        }
        let (place, login) = (self.place.clone(), self.login.clone());
        let new = Plate { place, login, heard_at, unsent };
        new.write(&self.folder);
        *plate = Some(new);
    }

    async fn people(&self, heard_at: Option<Timestamp>, now: Timestamp) {
        let Some(heard_at) = heard_at else { return };
        match self.replica.keep_people(people_data(heard_at, now)).await {
            Ok(0) => {}
            Ok(rows) => tracing::warn!(rows, "people's data whose life is over was erased"),
            Err(error) => tracing::error!(%error, "people's data could not be erased"),
        }
    }

    async fn view(&self) {
        // Anybody may open the training city.
        if self.launch.shared_view == SharedView::Off || self.launch.metropolis.is_none() {
            return;
        }
        match shared::renew(&self.launch, &self.place, &self.replica).await {
            Ok(true) => tracing::debug!("the view shared during a cut was renewed"),
            Ok(false) => {}
            Err(error) => tracing::warn!(code = error.code, message = error.message, "the shared view was not renewed"),
        }
    }
}
