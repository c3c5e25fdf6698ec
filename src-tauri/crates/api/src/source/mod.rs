//! Which metropolis: the training city in this program, or a PostgreSQL database.

mod postgres;
mod training;

use std::sync::Arc;

use vigie_core::port::{Identity, MetropolisMode};
use vigie_core::time::Clock;
use vigie_engine::Connector;
use vigie_metropolis::{ConnectTarget, Password};

use crate::dto::{TrainingArgs, TrainingView};
use crate::error::ApiError;
use crate::launch::Launch;
use crate::machine::MachineClock;
use crate::vault::Sealing;
use postgres::PostgresSource;
use training::TrainingSource;

/// An account ready to open its desk.
pub(crate) struct Account {
    /// Its login.
    pub login: String,
    /// Name of the folder of its files: one pair for each metropolis and account.
    pub folder: String,
    /// The way to the metropolis.
    pub connector: Arc<dyn Connector>,
    /// The password typed for it, which opens its files.
    pub password: Option<Password>,
    /// Seals the key of its files under a password that the metropolis accepts.
    pub sealing: Arc<Sealing>,
}

/// Where the city comes from.
pub(crate) enum Source {
    /// The city inside the program.
    Training(TrainingSource),
    /// A metropolitan database.
    Postgres(PostgresSource),
}

impl Source {
    pub(crate) fn new(launch: &Launch) -> Result<Self, ApiError> {
        match launch.address() {
            Some(url) => PostgresSource::new(&url, launch.login.clone()).map(Self::Postgres),
            None => TrainingSource::new(launch).map(Self::Training),
        }
    }

    /// The account known from the start, if any.
    pub(crate) fn account(&self) -> Option<Account> {
        match self {
            Self::Training(source) => Some(source.account()),
            Self::Postgres(source) => source.account(),
        }
    }

    /// The account of a login and a password.
    pub(crate) fn sign_in(&self, login: String, password: String) -> Result<Account, ApiError> {
        match self {
            Self::Training(source) => Ok(source.account()),
            Self::Postgres(source) => source.sign_in(login, password),
        }
    }

    /// The account of a login and a password, to be tried beside the one that is signed in, which stays.
    pub(crate) fn candidate(&self, login: &str, password: &str) -> Result<Account, ApiError> {
        match self {
            Self::Training(source) => Ok(source.account()),
            Self::Postgres(source) => source.candidate(login, password),
        }
    }

    /// Forgets who is signed in, and his password.
    pub(crate) fn sign_out(&self) -> Result<(), ApiError> {
        match self {
            Self::Training(_) => Err(ApiError::new("bad_request", "in training there is one account")),
            Self::Postgres(source) => {
                source.sign_out();
                Ok(())
            }
        }
    }

    /// The metropolis as the local files know it: `host:port/database` of its first server.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Training(_) => "training".to_owned(),
            Self::Postgres(source) => source.place(),
        }
    }

    /// The address, to look at certificates and at whether anybody answers; none in training.
    pub(crate) fn address(&self) -> Option<ConnectTarget> {
        match self {
            Self::Training(_) => None,
            Self::Postgres(source) => Some(source.address()),
        }
    }

    /// Whether a certificate of this desk signs in, so that no password need be typed.
    pub(crate) fn shows_certificate(&self) -> bool {
        self.address().is_some_and(|target| target.url.contains("sslcert="))
    }

    pub(crate) fn account_name(&self) -> Option<String> {
        match self {
            Self::Training(_) => Some(vigie_training::DEFAULT_LOGIN.to_owned()),
            Self::Postgres(source) => source.login(),
        }
    }

    /// The desk's clock: simulated in training.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Training(source) => source.clock(),
            Self::Postgres(_) => Arc::new(MachineClock),
        }
    }

    /// How fast the metropolis's clock runs against the one on the wall.
    pub(crate) fn clock_rate(&self, identity: Option<&Identity>) -> f64 {
        match self {
            Self::Training(source) => source.speed(),
            Self::Postgres(_) => identity.map_or(1.0, |i| i.clock_rate),
        }
    }

    pub(crate) const fn is_training(&self) -> bool {
        matches!(self, Self::Training(_))
    }

    /// Known before the metropolis was ever heard.
    pub(crate) fn mode(&self) -> Option<MetropolisMode> {
        self.is_training().then_some(MetropolisMode::Training)
    }

    /// Known before the metropolis was ever heard.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Training(_) => None,
            Self::Postgres(source) => Some(source.shown()),
        }
    }

    pub(crate) fn training(&self) -> Option<TrainingView> {
        match self {
            Self::Training(source) => Some(source.view()),
            Self::Postgres(_) => None,
        }
    }

    pub(crate) fn train(&self, args: &TrainingArgs) -> Result<(), ApiError> {
        match self {
            Self::Training(source) => source.train(args),
            Self::Postgres(_) => Err(ApiError::new("not_training", "this is a real database, not the training city")),
        }
    }

    pub(crate) async fn shutdown(&self) {
        if let Self::Training(source) = self {
            source.shutdown().await;
        }
    }
}
