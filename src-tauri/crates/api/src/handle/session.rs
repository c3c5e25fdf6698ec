//! Status, signing in, training.

use std::path::PathBuf;
use std::time::Duration;

use vigie_metropolis::answers;

use crate::dto::{Door, NoArgs, ResumeArgs, SignInArgs, Status, TrainingArgs};
use crate::error::ApiError;
use crate::{Api, plate, vault};

/// How long a server may take to answer at all before there is a cut.
const KNOCK: Duration = Duration::from_secs(4);

impl Api {
    pub(crate) async fn status(&self, _: NoArgs) -> Result<Status, ApiError> {
        self.status_now().await
    }

    pub(crate) async fn sign_in(&self, args: SignInArgs) -> Result<Status, ApiError> {
        let same = self.inner.source.account_name().as_deref() == Some(args.login.as_str());
        if same && self.inner.session.suspended().is_some() {
            return self.resume_session(ResumeArgs { password: args.password }).await;
        }
        self.prove_newcomer(&args).await?;
        let account = self.inner.source.sign_in(args.login, args.password)?;
        if same && let Ok(engine) = self.engine().await {
            engine.look_now();
        } else {
            self.open_desk(account).await;
        }
        self.status_now().await
    }

    pub(crate) async fn sign_out(&self, _: NoArgs) -> Result<Status, ApiError> {
        self.inner.source.sign_out()?;
        self.close_desk().await;
        *self.inner.failure.lock().await = None;
        self.tell_status().await;
        self.status_now().await
    }

    pub(crate) async fn suspend(&self, _: NoArgs) -> Result<Status, ApiError> {
        self.suspend_session(false).await
    }

    pub(crate) async fn resume(&self, args: ResumeArgs) -> Result<Status, ApiError> {
        self.resume_session(args).await
    }

    #[allow(clippy::unused_async, reason = "every command of the list is awaited")]
    pub(crate) async fn active(&self, _: NoArgs) -> Result<NoArgs, ApiError> {
        self.inner.session.touch();
        Ok(NoArgs {})
    }

    pub(crate) async fn door(&self, _: NoArgs) -> Result<Door, ApiError> {
        let (launch, place) = (self.inner.launch.clone(), self.inner.source.place());
        let read = tokio::task::spawn_blocking(move || {
            let folders = vault::folders(&launch)?;
            Ok(plate::door(folders.iter().map(PathBuf::as_path), &place))
        });
        read.await.unwrap_or_else(|error| Err(ApiError::new("not_ready", error.to_string())))
    }

    pub(crate) async fn look(&self, _: NoArgs) -> Result<Status, ApiError> {
        let Some(target) = self.inner.source.address() else {
            return Err(ApiError::new("bad_request", "in training nobody needs to look without an account"));
        };
        if answers(&target, KNOCK).await {
            return Err(ApiError::new("metropolis_answers", "the metropolis answers: sign in"));
        }
        // Whoever was typing his name here is not signed in by it.
        self.inner.source.sign_out()?;
        self.open_shared().await;
        self.status_now().await
    }

    pub(crate) async fn training(&self, args: TrainingArgs) -> Result<Status, ApiError> {
        self.inner.source.train(&args)?;
        if let Ok(engine) = self.engine().await {
            engine.look_now();
        }
        self.tell_status().await;
        self.status_now().await
    }
}
