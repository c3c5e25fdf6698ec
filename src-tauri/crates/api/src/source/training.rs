//! The training city: made from the seed at start, played every 100 ms, never the same epoch twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vigie_core::ids::Ids;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::time::{Clock, Timestamp};
use vigie_engine::Connector;
use vigie_training::{CityOptions, DEFAULT_LOGIN, Scenario, SimClock, TrainingMetropolis, TrainingOptions, city};

use crate::dto::{TrainingArgs, TrainingView};
use crate::error::ApiError;
use crate::launch::{Launch, folder_name};
use crate::machine::{MachineClock, MachineIds};
use crate::source::Account;

/// Between two moves of the city.
const TICK: Duration = Duration::from_millis(100);

pub(crate) struct TrainingSource {
    metropolis: TrainingMetropolis,
    clock: Arc<SimClock>,
    seed: u64,
    objects: u32,
    /// Whose desk one sits at.
    login: String,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl TrainingSource {
    pub(crate) fn new(launch: &Launch) -> Result<Self, ApiError> {
        let scenario = scenario(&launch.scenario)?;
        let real: Arc<dyn Clock> = Arc::new(MachineClock);
        let start = begins(scenario, real.now().wall);
        let city = city::generate(&CityOptions { seed: launch.seed, objects: launch.objects, at: start });
        let login = launch.login.clone().unwrap_or_else(|| DEFAULT_LOGIN.to_owned());
        if !city.accounts.iter().any(|account| account.login == login && account.person_id.is_some()) {
            let known = city.accounts.iter().filter(|account| account.person_id.is_some());
            let known: Vec<_> = known.map(|account| account.login.as_str()).collect();
            let message = format!("nobody of the training room is {login}: there are {}", known.join(", "));
            return Err(ApiError::new("bad_request", message));
        }
        let clock = Arc::new(SimClock::new(real, start, launch.speed));
        let options = TrainingOptions { seed: launch.seed, scenario, epoch: MachineIds.next() };
        let metropolis = TrainingMetropolis::new(city, clock.clone(), options);
        let source = Self {
            metropolis,
            clock,
            seed: launch.seed,
            objects: launch.objects,
            login,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        source.tasks.spawn(play(source.metropolis.clone(), source.stop.clone()));
        Ok(source)
    }

    pub(crate) fn account(&self) -> Account {
        Account {
            login: self.login.clone(),
            folder: self.folder(),
            connector: Arc::new(TrainingConnector(self.metropolis.clone(), self.login.clone())),
            password: None,
            sealing: Arc::default(),
        }
    }

    /// Each person has files of his own.
    fn folder(&self) -> String {
        let city = format!("training-{}-{}", self.seed, self.objects);
        if self.login == DEFAULT_LOGIN { city } else { format!("{city}-{}", folder_name(&self.login)) }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub(crate) fn speed(&self) -> f64 {
        self.clock.rate()
    }

    pub(crate) fn view(&self) -> TrainingView {
        TrainingView {
            plugged: self.metropolis.plugged(),
            speed: self.clock.rate(),
            scenario: self.metropolis.scenario().code().to_owned(),
            scenarios: Scenario::ALL.iter().map(|s| s.code().to_owned()).collect(),
            second: self.metropolis.second_answers(),
            seed: self.seed,
        }
    }

    pub(crate) fn train(&self, args: &TrainingArgs) -> Result<(), ApiError> {
        let wanted = args.scenario.as_deref().map(scenario).transpose()?;
        if let Some(speed) = args.speed {
            if !(0.0..=3600.0).contains(&speed) {
                return Err(ApiError::new("bad_request", "the speed goes from 0 to 3600"));
            }
            self.clock.set_rate(speed);
        }
        if let Some(scenario) = wanted {
            self.metropolis.start_scenario(scenario);
        }
        if let Some(answers) = args.second {
            self.metropolis.set_second(answers);
        }
        if let Some(plugged) = args.plugged {
            self.metropolis.set_plugged(plugged);
        }
        Ok(())
    }

    pub(crate) async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn play(metropolis: TrainingMetropolis, stop: CancellationToken) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => metropolis.tick(),
        }
    }
}

fn scenario(code: &str) -> Result<Scenario, ApiError> {
    let known = || Scenario::ALL.iter().map(|s| s.code()).collect::<Vec<_>>().join(", ");
    Scenario::from_code(code)
        .ok_or_else(|| ApiError::new("bad_request", format!("no scenario {code}: there are {}", known())))
}

/// The hour at which a scenario begins, today in Dijon: a night begins at dusk, a cut in the middle of the afternoon.
fn begins(scenario: Scenario, now: Timestamp) -> Timestamp {
    let (hour, minute) = match scenario {
        Scenario::OrdinaryNight | Scenario::SilentSource | Scenario::AlarmFlood | Scenario::RisingRiver => (21, 30),
        Scenario::CutLink => (14, 0),
    };
    let at = || -> Result<Timestamp, jiff::Error> {
        let today = jiff::Timestamp::from_millisecond(now.0)?.in_tz("Europe/Paris")?.date();
        let begins = today.at(hour, minute, 0, 0).in_tz("Europe/Paris")?;
        Ok(Timestamp(begins.timestamp().as_millisecond()))
    };
    at().unwrap_or(now)
}

struct TrainingConnector(TrainingMetropolis, String);

#[async_trait]
impl Connector for TrainingConnector {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        Ok(Arc::new(self.0.session(&self.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_begins_at_half_past_nine_in_dijon_whatever_the_season() {
        let noon_in_november = Timestamp(1_795_000_000_000);
        let local = |t: Timestamp| {
            jiff::Timestamp::from_millisecond(t.0).unwrap().in_tz("Europe/Paris").unwrap().time().to_string()
        };
        assert_eq!(local(begins(Scenario::OrdinaryNight, noon_in_november)), "21:30:00");
        assert_eq!(local(begins(Scenario::CutLink, Timestamp(1_783_000_000_000))), "14:00:00");
    }
}
