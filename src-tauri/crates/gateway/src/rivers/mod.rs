//! The rivers: asks Hub'Eau what the gauges measure and Vigicrues what colour the reaches have, and tells the metropolis.
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | the file that names services, stations and reaches |
//! | [`web`] | asking a service, as the house's network wants it |
//! | [`hubeau`] | observations, page by page, as states of gauges |
//! | [`vigicrues`] | the bulletin, and forecasts |
//! | [`rhythm`] | when each is asked next |
//!
//! Guarantees: one program of the account at a time, by the field's seat; a service that is slow, silent or talks nonsense holds up
//! neither the other one nor the seat, is left alone longer each time, and is shown as failing with a reason; whatever a
//! service gives again is told once; nothing that a service does not say is made up.

pub(crate) mod config;
mod hubeau;
#[cfg(test)]
mod played;
mod rhythm;
mod vigicrues;
mod web;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{Ids, SubmissionId};
use vigie_core::port::MetropolisError;
use vigie_core::submission::{Body, OutcomeStatus, Submission};
use vigie_core::time::{Clock, Moment, Timestamp};
use vigie_machine::{MachineClock, MachineIds};
use vigie_metropolis::{ConnectTarget, FieldObject};

use config::{BadConfig, Config};
use hubeau::Hubeau;
use rhythm::Rhythm;
use vigicrues::Vigicrues;

use crate::contact::Contact;
use crate::field::seat::{Seat, in_time};
use crate::pause;

/// Between two turns.
const TURN: Duration = Duration::from_millis(200);
/// Between two readings of the gauges.
const LOOK_UP_EVERY: Duration = Duration::from_mins(10);

/// Why the rivers cannot be asked about at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RiversError {
    #[error(transparent)]
    Config(#[from] BadConfig),
    #[error(transparent)]
    Metropolis(#[from] MetropolisError),
}

/// What one asking gave.
#[derive(Debug, Default)]
struct Gave {
    /// What to tell the metropolis.
    bodies: Vec<Body>,
    /// Age of the newest value.
    age: Option<Duration>,
    /// Why it is not in contact, although it answered.
    trouble: Option<&'static str>,
}

/// A service, whatever it speaks. It is asked on a thread of its own.
trait Service: Send {
    /// Asks it, with the gauges that the metropolis has, by reference. `stop` is looked at between two pages.
    fn ask(
        &mut self,
        now: Timestamp,
        gauges: &HashMap<String, FieldObject>,
        stop: &AtomicBool,
    ) -> Result<Gave, &'static str>;
}

/// A service given back, with what it gave.
type Asked = (Box<dyn Service>, Result<Gave, &'static str>);

/// A service, its rhythm and what is told of it as a source.
struct Line {
    name: &'static str,
    /// None while it is being asked.
    service: Option<Box<dyn Service>>,
    asked: Option<JoinHandle<Asked>>,
    rhythm: Rhythm,
    contact: Contact,
    trouble: Option<&'static str>,
    /// Told, and not confirmed yet: told again until it is.
    unsent: Vec<Submission>,
}

/// Asks about the rivers until asked to end. Only what can never work is an error.
pub(crate) async fn work(
    config: &Config,
    target: ConnectTarget,
    end: impl Future<Output = ()>,
) -> Result<(), RiversError> {
    tokio::pin!(end);
    let mut rivers = Rivers {
        seat: Seat::new(target),
        lines: lines(config)?,
        gauges: HashMap::new(),
        looked_up: None,
        stop: Arc::default(),
    };
    let mut failures = 0;
    loop {
        let wait = match rivers.turn().await {
            Ok(()) => {
                failures = 0;
                TURN
            }
            Err(error) if !error.may_pass() && !rivers.seat.ever_sat() => return Err(error.into()),
            Err(error) => {
                failures += 1;
                tracing::warn!(code = error.code(), %error, failures, "the metropolis could not be told about the rivers");
                rivers.forget();
                pause::after(failures, rand::random())
            }
        };
        tokio::select! {
            () = &mut end => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    rivers.stop.store(true, Ordering::Relaxed);
    rivers.seat.leave().await;
    Ok(())
}

fn lines(config: &Config) -> Result<Vec<Line>, BadConfig> {
    let web = Arc::new(config.web()?);
    let mut lines = Vec::new();
    if let Some(named) = &config.hubeau {
        let service = Hubeau::new(web.clone(), named);
        lines.push(Line::new("hubeau", &named.title, vec![EquipmentKind::Gauge], Box::new(service), named.every()));
    }
    if let Some(named) = &config.vigicrues {
        let stations = config.hubeau.as_ref().map(|hubeau| hubeau.stations.clone()).unwrap_or_default();
        let service = Vigicrues::new(web, named, stations);
        lines.push(Line::new("vigicrues", &named.title, Vec::new(), Box::new(service), named.every()));
    }
    Ok(lines)
}

impl Line {
    fn new(
        name: &'static str,
        title: &str,
        covers: Vec<EquipmentKind>,
        service: Box<dyn Service>,
        every: Duration,
    ) -> Self {
        // Silent only after three askings that nobody answered for.
        let contact = Contact::new(name, title, covers, every * 3);
        Self {
            name,
            service: Some(service),
            asked: None,
            rhythm: Rhythm::new(every),
            contact,
            trouble: None,
            unsent: Vec::new(),
        }
    }

    /// Asks when it is time; takes in what was answered.
    async fn turn(
        &mut self,
        now: Timestamp,
        moment: Moment,
        gauges: &HashMap<String, FieldObject>,
        stop: &Arc<AtomicBool>,
    ) {
        if self.asked.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(asked) = self.asked.take()
        {
            match asked.await {
                Ok((service, gave)) => {
                    self.service = Some(service);
                    self.take_in(gave, now, moment);
                }
                // Nothing in a service panics; whatever was in its hands is lost with it.
                Err(error) => tracing::error!(service = self.name, %error, "the asking ended before it was done"),
            }
        }
        // What is not told yet is told first: what comes next would be told after it.
        if self.unsent.is_empty()
            && self.rhythm.is_due(moment)
            && let Some(mut service) = self.service.take()
        {
            let (gauges, stop) = (gauges.clone(), stop.clone());
            self.asked = Some(tokio::task::spawn_blocking(move || {
                let gave = service.ask(now, &gauges, &stop);
                (service, gave)
            }));
        }
    }

    fn take_in(&mut self, gave: Result<Gave, &'static str>, now: Timestamp, moment: Moment) {
        match gave {
            Ok(gave) => {
                self.rhythm.answered(moment);
                if self.trouble.is_some() && gave.trouble.is_none() {
                    tracing::info!(service = self.name, "the service answers again");
                }
                self.trouble = gave.trouble;
                self.contact.hear(now, gave.age);
                let say = |body| Submission::new(SubmissionId(MachineIds.next()), body);
                self.unsent = gave.bodies.into_iter().map(say).collect();
            }
            Err(why) => {
                let wait = self.rhythm.failed(moment, rand::random());
                tracing::warn!(service = self.name, why, wait_s = wait.as_secs(), "the service cannot be had");
                self.trouble = Some(why);
            }
        }
    }
}

struct Rivers {
    seat: Seat,
    lines: Vec<Line>,
    /// Gauges of the metropolis, by reference.
    gauges: HashMap<String, FieldObject>,
    looked_up: Option<Moment>,
    stop: Arc<AtomicBool>,
}

impl Rivers {
    fn forget(&mut self) {
        self.seat.forget();
        self.looked_up = None;
        for line in &mut self.lines {
            line.contact.forget();
        }
    }

    async fn turn(&mut self) -> Result<(), MetropolisError> {
        let Some(term) = self.seat.keep().await? else { return Ok(()) };
        let moment = MachineClock.now();
        if self.looked_up.is_none_or(|last| moment.since(last) >= LOOK_UP_EVERY) {
            let objects = in_time(self.seat.metropolis()?.field_objects(&[EquipmentKind::Gauge])).await?;
            self.gauges = objects.into_iter().map(|object| (object.reference.clone(), object)).collect();
            self.looked_up = Some(moment);
        }
        for line in &mut self.lines {
            line.turn(self.seat.now(), moment, &self.gauges, &self.stop).await;
            let metropolis = self.seat.metropolis()?;
            if !line.unsent.is_empty() {
                let outcomes = in_time(metropolis.field_submit(term, &line.unsent)).await?;
                for refused in outcomes.iter().filter(|outcome| outcome.status != OutcomeStatus::Applied) {
                    let code = refused.code.as_deref().unwrap_or_default();
                    tracing::error!(service = line.name, code, "the metropolis refused what was told");
                }
                line.unsent.clear();
            }
            if let Some(contact) = line.contact.due(self.seat.now(), moment, line.trouble) {
                let said = Submission::new(SubmissionId(MachineIds.next()), Body::SourceContact(contact));
                in_time(metropolis.field_submit(term, &[said])).await?;
            }
        }
        Ok(())
    }
}
