//! The program as a host sees it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Mutex, RwLock, broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use vigie_core::ids::EquipmentId;
use vigie_core::port::Deposit;
use vigie_core::record::Hand;
use vigie_core::time::Clock;
use vigie_engine::{Connector, Engine, EngineError, Observed, Options, Parts};
use vigie_store::SqliteDeposit;
use vigie_store::outbox::SqliteOutbox;
use vigie_store::replica::{Opening, SqliteReplica};

use crate::dto::{CertificateNotice, Push, Status};
use crate::error::ApiError;
use crate::ground::{GroundFile, GroundTiles};
use crate::launch::{Launch, SharedView};
use crate::machine::{MachineClock, MachineIds};
use crate::packed;
use crate::plate::Plate;
use crate::shared;
use crate::source::{Account, Source};
use crate::suspension::{self, Session};
use crate::upkeep::{Kept, Upkeep};
use crate::vault;

/// What the core tells the interface unasked.
#[derive(Debug, Clone)]
pub enum Frame {
    /// A message.
    Push(Push),
    /// Packed changes of points.
    Bytes(Vec<u8>),
}

/// An open desk: the engine over the files of one account.
pub(crate) struct Desk {
    pub engine: Engine,
    /// What opening the local copy found, when the person must know (`replica_set_aside`, `replica_other_schema`).
    pub notice: Option<&'static str>,
    /// Nobody is signed in: it is the view shared during a cut.
    pub shared: bool,
    replica: SqliteReplica,
    outbox: SqliteOutbox,
    /// None in the shared view, which is kept by who signs in.
    upkeep: Option<Upkeep>,
    deposit: Option<SqliteDeposit>,
    /// Held as long as the files are ours: two programs on one outbox would each send its commands.
    _lock: File,
}

impl Desk {
    /// Ends the tasks, then lets go of the files: nothing writes to them afterwards.
    async fn close(self) {
        self.engine.shutdown().await;
        if let Some(upkeep) = self.upkeep {
            upkeep.end().await;
        }
        self.outbox.close().await;
        if let Some(deposit) = self.deposit {
            deposit.close().await;
        }
        self.replica.close().await;
    }
}

pub(crate) struct Inner {
    pub launch: Launch,
    pub source: Source,
    pub desk: RwLock<Option<Desk>>,
    /// Why no desk could be opened.
    pub failure: Mutex<Option<ApiError>>,
    /// Certificates that someone must renew.
    pub certificates: Mutex<Vec<CertificateNotice>>,
    /// The session of who sits here.
    pub session: Session,
    /// The object that the windows of this desk look at.
    pub selected: Mutex<Option<EquipmentId>>,
    /// The ground that IT installed.
    pub ground: GroundFile,
    /// The service of pictures of the ground that IT named.
    pub tiles: GroundTiles,
    /// The program ends.
    pub stop: CancellationToken,
    frames: broadcast::Sender<Arc<Frame>>,
}

/// The program. Cheap to clone; every clone is the same program.
#[derive(Clone)]
pub struct Api {
    pub(crate) inner: Arc<Inner>,
}

impl Api {
    /// Starts. A metropolis that cannot be reached, or files that cannot be opened, are statuses to show, not errors; only
    /// arguments that make no sense are.
    pub async fn start(launch: Launch) -> Result<Self, ApiError> {
        let source = Source::new(&launch)?;
        let (frames, _) = broadcast::channel(1024);
        let api = Self {
            inner: Arc::new(Inner {
                ground: GroundFile::open(launch.ground.as_deref()),
                tiles: GroundTiles::open(&launch),
                launch,
                source,
                desk: RwLock::new(None),
                failure: Mutex::new(None),
                certificates: Mutex::default(),
                session: Session::default(),
                selected: Mutex::default(),
                stop: CancellationToken::new(),
                frames,
            }),
        };
        tokio::spawn(api.clone().watch_certificates());
        tokio::spawn(api.clone().watch_idleness());
        if let Some(account) = api.inner.source.account() {
            api.open_desk(account).await;
        }
        Ok(api)
    }

    /// Opens the files of an account and starts the engine on them; a failure becomes the status.
    pub(crate) async fn open_desk(&self, account: Account) {
        self.close_desk().await;
        let opened = self.try_open(account).await;
        self.sit_down(opened).await;
    }

    /// Opens the view shared during a cut.
    pub(crate) async fn open_shared(&self) {
        self.close_desk().await;
        let opened = self.try_shared().await;
        self.sit_down(opened).await;
    }

    /// Closes the files of whoever was here.
    pub(crate) async fn close_desk(&self) {
        let former = self.inner.desk.write().await.take();
        if let Some(desk) = former {
            desk.close().await;
        }
        self.inner.session.begin();
        *self.inner.selected.lock().await = None;
    }

    async fn sit_down(&self, opened: Result<Desk, ApiError>) {
        let failure = match opened {
            Ok(desk) => {
                let observed = desk.engine.observe();
                *self.inner.desk.write().await = Some(desk);
                tokio::spawn(self.clone().relay(observed));
                None
            }
            Err(error) => {
                tracing::error!(code = error.code, message = error.message, "the desk could not be opened");
                Some(error)
            }
        };
        *self.inner.failure.lock().await = failure;
        self.tell_status().await;
    }

    async fn try_open(&self, account: Account) -> Result<Desk, ApiError> {
        let folder = self.inner.launch.data_dir()?.join(&account.folder);
        std::fs::create_dir_all(&folder).map_err(|e| disk(&folder, &e))?;
        let lock = hold(&folder)?;
        let keys = vault::keys(&self.inner.launch, &folder)?;
        let key = vault::unlock(&keys, &account).await?;
        let replica = vigie_store::replica::open(&folder, &key).await.map_err(EngineError::from)?;
        let outbox = vigie_store::outbox::open(&folder, &key).await.map_err(EngineError::from)?;
        account.sealing.opened(keys, key);
        // Copies of the outbox made before migrations go after seven days; one that stays does no harm.
        if let Err(error) = vigie_store::outbox::forget_backups(&folder, MachineClock.now().wall) {
            tracing::warn!(%error, "old copies of the outbox stay");
        }
        let notice = match replica.opening() {
            Opening::SetAside { reason, file } => {
                tracing::warn!(reason, ?file, "the local copy could not be read and was set aside");
                Some("replica_set_aside")
            }
            Opening::OtherSchema => Some("replica_other_schema"),
            Opening::Kept | Opening::Adapted | Opening::New => None,
        };
        let hand = outbox.hand(crate::machine::random).await.map_err(EngineError::from)?;
        let deposit = self.open_deposit().await;
        let engine = self.start_engine(account.connector, &replica, &outbox, Some(hand), deposit.clone()).await?;
        let upkeep = Upkeep::begin(Kept {
            launch: self.inner.launch.clone(),
            folder,
            place: self.inner.source.place(),
            login: account.login,
            engine: engine.clone(),
            replica: replica.clone(),
            outbox: outbox.clone(),
        });
        Ok(Desk { engine, notice, shared: false, replica, outbox, upkeep: Some(upkeep), deposit, _lock: lock })
    }

    async fn try_shared(&self) -> Result<Desk, ApiError> {
        let launch = &self.inner.launch;
        let folder = shared::folder(launch, &self.inner.source.place())?;
        if launch.shared_view == SharedView::Off || Plate::read(&folder).is_none() {
            return Err(ApiError::new("no_shared_view", "no view is shared on this desk: nobody signed in here yet"));
        }
        let lock = hold(&folder)?;
        let (replica, outbox) = shared::open(launch, &folder).await?;
        let engine = self.start_engine(shared::NoAccount::connector(), &replica, &outbox, None, None).await?;
        Ok(Desk { engine, notice: None, shared: true, replica, outbox, upkeep: None, deposit: None, _lock: lock })
    }

    async fn start_engine(
        &self,
        connector: Arc<dyn Connector>,
        replica: &SqliteReplica,
        outbox: &SqliteOutbox,
        hand: Option<Hand>,
        deposit: Option<SqliteDeposit>,
    ) -> Result<Engine, ApiError> {
        let parts = Parts {
            connector,
            replica: Arc::new(replica.clone()),
            outbox: Arc::new(outbox.clone()),
            records: Arc::new(outbox.clone()),
            hand,
            deposit: deposit.map(|deposit| Arc::new(deposit) as Arc<dyn Deposit>),
            clock: self.inner.source.clock(),
            machine: Arc::new(MachineClock),
            ids: Arc::new(MachineIds),
            options: Options { shared_clock: self.inner.source.is_training(), ..Options::default() },
        };
        Ok(Engine::start(parts).await?)
    }

    /// Refuses what the view shared during a cut, or a suspended session, does not do: whatever is not in its own list.
    pub(crate) async fn may_call(&self, name: &str) -> Result<(), ApiError> {
        if self.inner.session.suspended().is_some() && !suspension::MAY.contains(&name) {
            return Err(EngineError::Suspended.into());
        }
        let shared = self.inner.desk.read().await.as_ref().is_some_and(|desk| desk.shared);
        if shared && !shared::MAY.contains(&name) {
            return Err(ApiError::new("read_only", "nobody is signed in: this view commands nothing"));
        }
        Ok(())
    }

    /// The deposit of this machine for this metropolis. Without one, records wait in their author's own outbox: no reason not
    /// to open the desk. The training city has one account, and nobody to leave anything to.
    async fn open_deposit(&self) -> Option<SqliteDeposit> {
        if self.inner.source.is_training() {
            return None;
        }
        let place = crate::launch::folder_name(&self.inner.source.place());
        let opened = async {
            let folder = self.inner.launch.data_dir()?.join(format!("deposit-{place}"));
            let keys = vault::keys(&self.inner.launch, &folder)?;
            vigie_store::rotation::resume(&keys, &|_| ()).await.map_err(vault::told)?;
            let key = vault::machine_key(&keys).await?;
            vigie_store::deposit::open(&folder, &key).await.map_err(vault::told)
        };
        match opened.await {
            Ok(deposit) => Some(deposit),
            Err(error) => {
                tracing::warn!(
                    code = error.code,
                    message = error.message,
                    "no deposit for the next holder of the desk"
                );
                None
            }
        }
    }

    /// The engine, or why there is none.
    pub(crate) async fn engine(&self) -> Result<Engine, ApiError> {
        if let Some(desk) = self.inner.desk.read().await.as_ref() {
            return Ok(desk.engine.clone());
        }
        let failure = self.inner.failure.lock().await.clone();
        Err(failure.unwrap_or_else(|| ApiError::new("not_ready", "sign in first")))
    }

    /// The packed points of the present generation (see [`packed`]); empty of points before there is a city.
    pub async fn points(&self) -> Vec<u8> {
        match self.engine().await {
            Ok(engine) => engine.picture(packed::points),
            Err(_) => packed::points(&vigie_engine::picture::Picture::default()),
        }
    }

    /// Messages and changes from now on. A receiver that falls far behind is told to fetch everything again.
    pub fn subscribe(&self) -> mpsc::Receiver<Frame> {
        let (to, receiver) = mpsc::channel(256);
        let mut frames = self.inner.frames.subscribe();
        let api = self.clone();
        tokio::spawn(async move {
            loop {
                let sent = match frames.recv().await {
                    Ok(frame) => to.send(Frame::clone(&frame)).await,
                    Err(broadcast::error::RecvError::Lagged(_)) => to.send(Frame::Push(api.start_over().await)).await,
                    Err(broadcast::error::RecvError::Closed) => return,
                };
                if sent.is_err() {
                    return;
                }
            }
        });
        receiver
    }

    async fn start_over(&self) -> Push {
        let generation = match self.engine().await {
            Ok(engine) => engine.picture(|p| p.generation),
            Err(_) => 0,
        };
        Push::City { generation }
    }

    /// Turns what the engine tells into frames, until the engine is gone.
    async fn relay(self, mut observed: broadcast::Receiver<Observed>) {
        loop {
            let frame = match observed.recv().await {
                Ok(Observed::Status) => match self.status_now().await {
                    Ok(status) => Frame::Push(Push::Status { status: Box::new(status) }),
                    Err(_) => continue,
                },
                Ok(Observed::City(generation)) => Frame::Push(Push::City { generation }),
                Ok(Observed::Commands) => Frame::Push(Push::Commands),
                Ok(Observed::Locks) => Frame::Push(Push::Locks),
                Ok(Observed::Zones) => Frame::Push(Push::Zones),
                Ok(Observed::Rivers) => Frame::Push(Push::Rivers),
                Ok(Observed::Programmes) => Frame::Push(Push::Programmes),
                Ok(Observed::Procedure) => Frame::Push(Push::Procedure),
                Ok(Observed::Records) => Frame::Push(Push::Records),
                Ok(Observed::Alarms) => match self.engine().await {
                    Ok(engine) => Frame::Push(Push::Alarms {
                        summary: Box::new(crate::view::alarm_summary(
                            &engine,
                            self.inner.session.suspended().is_none(),
                        )),
                    }),
                    Err(_) => continue,
                },
                Ok(Observed::Points(generation, points)) => Frame::Bytes(packed::changes(generation, &points)),
                Err(broadcast::error::RecvError::Lagged(_)) => Frame::Push(self.start_over().await),
                Err(broadcast::error::RecvError::Closed) => return,
            };
            self.tell(frame);
        }
    }

    pub(crate) fn tell(&self, frame: Frame) {
        // Nobody listening is not an error.
        let _ = self.inner.frames.send(Arc::new(frame));
    }

    pub(crate) async fn tell_status(&self) {
        if let Ok(status) = self.status_now().await {
            self.tell(Frame::Push(Push::Status { status: Box::new(status) }));
        }
    }

    /// The status, whatever state the program is in.
    pub(crate) async fn status_now(&self) -> Result<Status, ApiError> {
        let (engine, notice, shared) = match self.inner.desk.read().await.as_ref() {
            Some(desk) => (Some(desk.engine.clone()), desk.notice, desk.shared),
            None => (None, None, false),
        };
        let failure = self.inner.failure.lock().await.clone();
        let certificates = self.inner.certificates.lock().await.clone();
        let status = crate::view::status(&self.inner.source, engine.as_ref(), notice, failure);
        let status = Status { shared, certificates, suspended: self.inner.session.suspended(), ..status };
        Ok(if shared { Status { role: None, person: None, desk: None, login: None, ..status } } else { status })
    }

    /// Ends every task and leaves the files at rest.
    pub async fn shutdown(&self) {
        self.inner.stop.cancel();
        self.close_desk().await;
        self.inner.source.shutdown().await;
    }
}

pub(crate) fn hold(folder: &Path) -> Result<File, ApiError> {
    let path = folder.join("desk.lock");
    let file = File::create(&path).map_err(|e| disk(&path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(ApiError::new(
            "already_open",
            "Vigie is already open on these files: use that window, or say another folder with --data-dir",
        )),
        Err(std::fs::TryLockError::Error(e)) => Err(disk(&path, &e)),
    }
}

pub(crate) fn disk(path: &Path, error: &std::io::Error) -> ApiError {
    ApiError::new("store_disk", format!("{}: {error}", path.display()))
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
