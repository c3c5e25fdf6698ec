//! Status, signing in, training.

use crate::Api;
use crate::dto::{NoArgs, SignInArgs, Status, TrainingArgs};
use crate::error::ApiError;

impl Api {
    pub(crate) async fn status(&self, _: NoArgs) -> Result<Status, ApiError> {
        self.status_now().await
    }

    pub(crate) async fn sign_in(&self, args: SignInArgs) -> Result<Status, ApiError> {
        let same = self.inner.source.account_name().as_deref() == Some(args.login.as_str());
        let account = self.inner.source.sign_in(args.login, args.password)?;
        if same && let Ok(engine) = self.engine().await {
            engine.look_now();
        } else {
            self.open_desk(account).await;
        }
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
