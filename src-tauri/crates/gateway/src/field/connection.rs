//! A connection to a broker over MQTT 3.1.1, from its opening to its loss.
//!
//! Guarantee: each has a client of its own, which is dropped with it, so that nothing that was handed over waits for the next
//! one.

use std::collections::VecDeque;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, Event, EventLoop, Incoming, LastWill, MqttOptions, Outgoing, QoS, SubscribeFilter,
    TlsConfiguration, Transport,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::field::profile::Publication;

/// A broker that says nothing for one and a half times this long is lost.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long a connection may have no room for what is said.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);
/// Largest message taken, in bytes.
const LARGEST: usize = 1024 * 1024;
/// Messages between the connection and the gateway; beyond, the broker waits.
const BETWEEN: usize = 4_096;

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

/// What a connection tells.
pub(crate) enum Told {
    Connected,
    Message { topic: String, payload: Vec<u8>, kept: bool },
    Written,
    Lost(String),
}

/// A connection, from its opening to its loss.
pub(crate) struct Connection {
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

impl Connection {
    /// Begins to open one; returns at once. `will` is what the broker says for us when it is lost.
    pub(crate) fn open(broker: &Broker, will: Option<Publication>) -> Self {
        let (client, events) = AsyncClient::new(broker.options(will), 64);
        let (tell, told) = mpsc::channel(BETWEEN);
        let task = tokio::spawn(attend(events, tell));
        Self { client, told, backlog: VecDeque::new(), unwritten: 0, connected: false, task }
    }

    /// Whether the broker took it, and it was not seen lost.
    pub(crate) fn is_open(&self) -> bool {
        self.connected
    }

    /// What it tells next, if anything yet.
    pub(crate) fn heard(&mut self) -> Option<Told> {
        let told = self.backlog.pop_front().or_else(|| self.told.try_recv().ok())?;
        match told {
            Told::Connected => self.connected = true,
            Told::Written => self.unwritten = self.unwritten.saturating_sub(1),
            Told::Lost(_) => self.connected = false,
            Told::Message { .. } => {}
        }
        Some(told)
    }

    /// Asks for what is said on these topics; whether the connection took it.
    pub(crate) fn listen_to(&self, topics: Vec<String>) -> bool {
        let filters = topics.into_iter().map(|topic| SubscribeFilter::new(topic, QoS::AtLeastOnce));
        self.client.try_subscribe_many(filters).is_ok()
    }

    /// Says what devices say, in order: waits for room in the connection; whether it took it.
    pub(crate) async fn tell(&mut self, said: Publication, quality: QoS) -> bool {
        self.unwritten += u32::from(quality == QoS::AtMostOnce);
        let told = self.client.publish(said.topic, quality, said.kept, said.payload);
        matches!(tokio::time::timeout(TAKEN_WITHIN, told).await, Ok(Ok(())))
    }

    /// Says something beside orders: a state of ours, a question to a node.
    pub(crate) fn say(&mut self, said: Publication) -> bool {
        let quality = if said.kept { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        self.unwritten += u32::from(!said.kept);
        self.client.try_publish(said.topic, quality, said.kept, said.payload).is_ok()
    }

    /// Writes an order to the connection; whether it certainly was. What was handed over before it is written before it.
    pub(crate) async fn write(&mut self, publication: Publication) -> bool {
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
