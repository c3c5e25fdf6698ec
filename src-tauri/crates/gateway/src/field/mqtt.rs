//! MQTT 3.1.1: a profile spoken through a broker.
//!
//! Guarantees: each connection has a client of its own, which is dropped with it, so that nothing that was handed over waits
//! for the next one; commands go at most once and are never kept; sent means written to the broker's connection.

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use rumqttc::{
    AsyncClient, ConnectReturnCode, Event, EventLoop, Incoming, LastWill, MqttOptions, Outgoing, QoS, SubscribeFilter,
    TlsConfiguration, Transport,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use vigie_core::equipment::EquipmentKind;
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::adapter::{Adapter, Line, NotSent};
use crate::field::heard::Heard;
use crate::field::profile::{Profile, Publication, Unsayable};

/// A broker that says nothing for one and a half times this long is lost.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long a message may take to be written to the connection.
const WRITE_WITHIN: Duration = Duration::from_secs(1);
/// Largest message taken, in bytes.
const LARGEST: usize = 1024 * 1024;
/// Messages between the connection and the gateway; beyond, the broker waits.
const BETWEEN: usize = 4_096;
/// Messages without their form that the log tells one by one; then every hundredth.
const TOLD: u64 = 10;

/// Where a broker is.
#[derive(Debug, Clone)]
pub(crate) struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// PEM file of the authority that the broker must be proved by; none: without TLS.
    pub authority: Option<Vec<u8>>,
    /// User and password.
    pub login: Option<(String, String)>,
    /// Name that the broker knows this program by; another program with it would throw this one out.
    pub client_id: String,
}

impl Broker {
    /// How to connect to it; `will` is what it says for us when we are gone.
    pub(crate) fn options(&self, will: Option<Publication>) -> MqttOptions {
        let mut options = MqttOptions::new(&self.client_id, &self.host, self.port);
        options.set_keep_alive(KEEP_ALIVE).set_clean_session(true).set_max_packet_size(LARGEST, LARGEST);
        if let Some((user, password)) = &self.login {
            options.set_credentials(user, password);
        }
        if let Some(ca) = self.authority.clone() {
            options.set_transport(Transport::Tls(TlsConfiguration::Simple { ca, alpn: None, client_auth: None }));
        }
        if let Some(will) = will {
            options.set_last_will(LastWill::new(will.topic, will.payload, QoS::AtLeastOnce, will.kept));
        }
        options
    }
}

/// What the connection's task tells.
enum Told {
    Connected,
    Message { topic: String, payload: Vec<u8>, kept: bool },
    Written,
    Lost(String),
}

/// A connection, from its opening to its loss.
struct Connection {
    client: AsyncClient,
    told: mpsc::Receiver<Told>,
    /// Heard while waiting for something else.
    backlog: VecDeque<Told>,
    /// Messages of quality 0 that were handed over and are not written yet.
    unwritten: u32,
    connected: bool,
    task: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

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
        let Some(connection) = self.connection.as_mut().filter(|c| c.connected) else {
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

impl Connection {
    /// Says something beside orders: a state of ours, a question to a node.
    fn say(&mut self, said: Publication) -> bool {
        let quality = if said.kept { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        self.unwritten += u32::from(!said.kept);
        self.client.try_publish(said.topic, quality, said.kept, said.payload).is_ok()
    }

    /// Writes an order to the connection; whether it certainly was. What was handed over before it is written before it.
    async fn write(&mut self, publication: Publication) -> bool {
        // Never kept, whatever a profile says (R1).
        if self.client.publish(publication.topic, QoS::AtMostOnce, false, publication.payload).await.is_err() {
            return false;
        }
        self.unwritten += 1;
        loop {
            match self.told.recv().await {
                Some(Told::Written) => {
                    self.unwritten = self.unwritten.saturating_sub(1);
                    if self.unwritten == 0 {
                        return true;
                    }
                }
                Some(lost @ Told::Lost(_)) => {
                    self.backlog.push_back(lost);
                    return false;
                }
                None => return false,
                Some(other) => self.backlog.push_back(other),
            }
        }
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
        let (client, events) = AsyncClient::new(self.broker.options(self.profile.will()), 64);
        let (tell, told) = mpsc::channel(BETWEEN);
        let task = tokio::spawn(attend(events, tell));
        self.connection =
            Some(Connection { client, told, backlog: VecDeque::new(), unwritten: 0, connected: false, task });
    }

    fn close(&mut self) {
        self.connection = None;
    }

    fn listen(&mut self, now: Timestamp) -> (Line, Vec<Heard>) {
        let mut heard = Vec::new();
        let mut lost = None;
        while let Some(connection) = &mut self.connection {
            let Some(told) = connection.backlog.pop_front().or_else(|| connection.told.try_recv().ok()) else { break };
            match told {
                Told::Connected => {
                    connection.connected = true;
                    let filters = self.profile.topics().into_iter();
                    let filters = filters.map(|topic| SubscribeFilter::new(topic, QoS::AtLeastOnce));
                    let mut handed = connection.client.try_subscribe_many(filters).is_ok();
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
                Told::Written => connection.unwritten = connection.unwritten.saturating_sub(1),
                Told::Lost(why) => {
                    lost = Some(why);
                    self.connection = None;
                }
            }
        }
        let line = match (&self.connection, lost) {
            (_, Some(why)) => Line::Lost(why),
            (None, None) => Line::Lost("closed".to_owned()),
            (Some(connection), None) if connection.connected => Line::Open,
            (Some(_), None) => Line::Opening,
        };
        (line, heard)
    }

    async fn order(&mut self, order: &Taken) -> Result<(), NotSent> {
        let said = self.profile.order(order);
        self.publish(said).await
    }

    async fn end(&mut self, order: &Taken) -> Result<(), NotSent> {
        let said = self.profile.end(order);
        self.publish(said).await
    }
}

/// Attends to a connection until it is lost or nobody listens.
async fn attend(mut events: EventLoop, tell: mpsc::Sender<Told>) {
    loop {
        let told = match events.poll().await {
            Ok(Event::Incoming(Incoming::ConnAck(ack))) if ack.code == ConnectReturnCode::Success => Told::Connected,
            Ok(Event::Incoming(Incoming::Publish(message))) => {
                Told::Message { topic: message.topic, payload: message.payload.to_vec(), kept: message.retain }
            }
            // Quality 0: an order, or a question to a node.
            Ok(Event::Outgoing(Outgoing::Publish(0))) => Told::Written,
            Ok(_) => continue,
            Err(error) => Told::Lost(error.to_string()),
        };
        let over = matches!(told, Told::Lost(_));
        if tell.send(told).await.is_err() || over {
            return;
        }
    }
}
