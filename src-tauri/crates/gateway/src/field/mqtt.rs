//! MQTT 3.1.1: a profile spoken through a broker.
//!
//! Guarantees: commands go at most once and are never kept; sent means written to the broker's connection.

use std::time::Duration;

use async_trait::async_trait;
use vigie_core::equipment::EquipmentKind;
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::adapter::{Adapter, Line, NotSent};
use crate::field::connection::{Broker, Connection, Told};
use crate::field::heard::Heard;
use crate::field::live::Drive;
use crate::field::profile::{Profile, Publication, Unsayable};

/// How long a message may take to be written to the connection.
const WRITE_WITHIN: Duration = Duration::from_secs(1);
/// Messages without their form that the log tells one by one; then every hundredth.
const TOLD: u64 = 10;

/// A line over a broker.
pub(crate) struct Mqtt {
    broker: Broker,
    profile: Box<dyn Profile>,
    connection: Option<Connection>,
    nonsense: u64,
}

impl Mqtt {
    pub(crate) fn new(broker: Broker, profile: Box<dyn Profile>) -> Self {
        Self { broker, profile, connection: None, nonsense: 0 }
    }

    async fn publish(&mut self, said: Result<Publication, Unsayable>) -> Result<(), NotSent> {
        let publication = said.map_err(|Unsayable(why)| {
            tracing::warn!(why, "an order cannot be said on this line");
            NotSent::Never("not_sayable")
        })?;
        let Some(connection) = self.connection.as_mut().filter(|c| c.is_open()) else {
            return Err(NotSent::Never("line_lost"));
        };
        if tokio::time::timeout(WRITE_WITHIN, connection.write(publication)).await == Ok(true) {
            return Ok(());
        }
        // The client of this connection may still hold it: it goes, and the order with it if it has not left.
        self.connection = None;
        Err(NotSent::Unsure)
    }

    fn heard(&mut self, topic: &str, payload: &[u8], kept: bool) -> Vec<Heard> {
        self.profile.hear(topic, payload, kept).unwrap_or_else(|nonsense| {
            self.nonsense += 1;
            if self.nonsense <= TOLD || self.nonsense.is_multiple_of(100) {
                tracing::warn!(topic, %nonsense, number = self.nonsense, "a message was not understood");
            }
            Vec::new()
        })
    }
}

#[async_trait]
impl Adapter for Mqtt {
    fn kinds(&self) -> Vec<EquipmentKind> {
        self.profile.kinds()
    }

    fn actions(&self) -> Vec<&'static str> {
        self.profile.actions()
    }

    fn ends_from_here(&self) -> Vec<&'static str> {
        self.profile.ends_from_here()
    }

    fn open(&mut self) {
        self.connection = Some(Connection::open(&self.broker, self.profile.will()));
    }

    fn close(&mut self) {
        self.connection = None;
    }

    fn listen(&mut self, now: Timestamp) -> (Line, Vec<Heard>) {
        let mut heard = Vec::new();
        let mut lost = None;
        while let Some(connection) = &mut self.connection {
            let Some(told) = connection.heard() else { break };
            match told {
                Told::Connected => {
                    let mut handed = connection.listen_to(self.profile.topics());
                    for said in self.profile.greeting(now).into_iter().chain(self.profile.replies()) {
                        handed &= connection.say(said);
                    }
                    if !handed {
                        lost = Some("the connection takes nothing".to_owned());
                        self.connection = None;
                    }
                }
                Told::Message { topic, payload, kept } => {
                    heard.append(&mut self.heard(&topic, &payload, kept));
                    if let Some(connection) = &mut self.connection {
                        for said in self.profile.replies() {
                            connection.say(said);
                        }
                    }
                }
                Told::Written => {}
                Told::Lost(why) => {
                    lost = Some(why);
                    self.connection = None;
                }
            }
        }
        let line = match (&self.connection, lost) {
            (_, Some(why)) => Line::Lost(why),
            (None, None) => Line::Lost("closed".to_owned()),
            (Some(connection), None) if connection.is_open() => Line::Open,
            (Some(_), None) => Line::Opening,
        };
        (line, heard)
    }

    async fn order(&mut self, order: &Taken) -> Result<(), NotSent> {
        let said = self.profile.order(order);
        self.publish(said).await
    }

    fn live_kinds(&self) -> Vec<EquipmentKind> {
        self.profile.live_kinds()
    }

    async fn drive(&mut self, drive: &Drive) -> Result<(), NotSent> {
        let said = self.profile.drive(drive);
        self.publish(said).await
    }

    async fn end(&mut self, order: &Taken) -> Result<(), NotSent> {
        let said = self.profile.end(order);
        self.publish(said).await
    }
}
