//! A session that is suspended instead of left: people, pictures and commands are hidden and refused here, not by the screen;
//! map, alarms, sheets and phones stay, and so do the outbox and its drafts.
//!
//! Nothing about a suspension is on disk: a program that starts again asks who is there, whatever was before.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use vigie_core::session::suspends_itself;
use vigie_core::time::Clock as _;

use crate::Api;
use crate::dto::{ResumeArgs, SignInArgs, Status, Suspended};
use crate::error::ApiError;
use crate::machine::MachineClock;
use crate::source::Account;
use crate::vault;

/// The commands that a suspended session serves. A command that comes to be is not among them until someone says so.
pub(crate) const MAY: &[&str] = &[
    "status",
    "sign_in",
    "resume",
    "door",
    "city",
    "zones",
    "ground_file",
    "ground_tiles",
    "search",
    "objects",
    "kept",
    "tally",
    "object",
    "object_at",
    "select",
    "selection",
    "alarm_summary",
    "alarms",
    "alarm",
    "sources",
];

/// Between two looks at how long nobody touched anything.
const LOOK: Duration = Duration::from_secs(1);

/// Where the session stands. Instants are of the machine's clock that runs through sleep.
#[derive(Default)]
pub(crate) struct Session {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    suspended: Option<Suspended>,
    touched_at: Duration,
}

impl Session {
    /// How it is suspended, if it is.
    pub(crate) fn suspended(&self) -> Option<Suspended> {
        self.lock().suspended.clone()
    }

    /// Someone is there.
    pub(crate) fn touch(&self) {
        self.lock().touched_at = MachineClock.now().boot;
    }

    fn idle(&self) -> Duration {
        MachineClock.now().boot.saturating_sub(self.lock().touched_at)
    }

    fn set(&self, suspended: Option<Suspended>) {
        let mut inner = self.lock();
        inner.suspended = suspended;
        inner.touched_at = MachineClock.now().boot;
    }

    /// Someone sits down: whatever was suspended was another session.
    pub(crate) fn begin(&self) {
        self.set(None);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Api {
    /// Suspends the session of who is signed in.
    pub(crate) async fn suspend_session(&self, by_itself: bool) -> Result<Status, ApiError> {
        let engine = self.engine().await?;
        if self.inner.desk.read().await.as_ref().is_some_and(|desk| desk.shared) {
            return Err(ApiError::new("read_only", "nobody is signed in: there is nothing to suspend"));
        }
        if self.inner.session.suspended().is_none() {
            // Refused from now on, also for what is under way; only then is the rest put away.
            self.inner.session.set(Some(Suspended { since: engine.now(), by_itself }));
            engine.set_suspended(true).await?;
            tracing::info!(by_itself, "the session is suspended");
        }
        self.tell_status().await;
        self.status_now().await
    }

    /// Takes the suspended session up again, by the password of its account.
    pub(crate) async fn resume_session(&self, args: ResumeArgs) -> Result<Status, ApiError> {
        if self.inner.session.suspended().is_some() {
            let login = self.inner.source.account_name().unwrap_or_default();
            self.prove(&login, &args.password).await?;
            // The metropolis may have been given another password meanwhile.
            if !args.password.is_empty() {
                self.inner.source.sign_in(login, args.password)?;
            }
            let engine = self.engine().await?;
            engine.set_suspended(false).await?;
            self.inner.session.begin();
            engine.look_now();
            tracing::info!("the session is taken up again");
        }
        self.tell_status().await;
        self.status_now().await
    }

    /// Whether who asks for a suspended room's desk may have it. Asked first: the room keeps its map when he may not.
    pub(crate) async fn prove_newcomer(&self, args: &SignInArgs) -> Result<(), ApiError> {
        if self.inner.session.suspended().is_some() {
            self.prove(&args.login, &args.password).await?;
        }
        Ok(())
    }

    /// The password is the account's: the metropolis says so, or during a cut it opens the account's files. An account that
    /// came in without a password (a certificate, the system's session) comes in again as it came.
    async fn prove(&self, login: &str, password: &str) -> Result<(), ApiError> {
        let account = self.inner.source.candidate(login, password)?;
        prove(&self.inner.launch, &account).await
    }

    /// The person at the keyboard is still the one who signed in (R8). Training has no passwords: any will do, but for none.
    pub(crate) async fn prove_again(&self, password: &str) -> Result<(), ApiError> {
        if password.is_empty() && self.inner.source.training().is_some() {
            return Err(ApiError::new("password_needed", "type a password again, any in training"));
        }
        let login = self.inner.source.account_name().unwrap_or_default();
        self.prove(&login, password).await
    }

    /// Whether an alarm of priority 1 rings here that nobody has taken.
    async fn priority_one_untaken(&self) -> bool {
        let Ok(engine) = self.engine().await else { return false };
        engine.alarms().iter().any(|shown| shown.asks() && shown.alarm.priority == 1)
    }

    /// Suspends a session that nobody touches, when the policy says after how long.
    pub(crate) async fn watch_idleness(self) {
        let after = self.inner.launch.suspend_after();
        if after.is_none() {
            return;
        }
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let sits = self.inner.desk.read().await.as_ref().is_some_and(|desk| !desk.shared);
            let open = sits && self.inner.session.suspended().is_none();
            if open
                && suspends_itself(self.inner.session.idle(), after, self.priority_one_untaken().await)
                && let Err(error) = self.suspend_session(true).await
            {
                tracing::warn!(code = error.code, "the session could not be suspended");
            }
        }
    }
}

async fn prove(launch: &crate::Launch, account: &Account) -> Result<(), ApiError> {
    match account.connector.connect().await {
        Ok(_) => Ok(()),
        Err(error) if error.may_pass() => {
            let keys = vault::keys(launch, &launch.data_dir()?.join(&account.folder))?;
            let (now, password) = (MachineClock.now().wall, account.password.clone());
            let opened = vault::blocking(&keys, move |keys| match password {
                Some(password) => keys.by_password(password.expose(), now),
                None => keys.by_session(now),
            });
            opened.await.map(drop).map_err(vault::told)
        }
        Err(error) => Err(vigie_engine::EngineError::from(error).into()),
    }
}
