//! A line as its devices stand on it: their connection to the broker, opened again when it is lost.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use vigie_core::ids::EquipmentId;
use vigie_core::time::{Clock, Moment, Timestamp};
use vigie_machine::MachineClock;

use crate::field::config::{BadConfig, Config, LineFile};
use crate::field::connection::{Broker, Connection, Told};
use crate::field::profile::Publication;
use crate::simulate::side::{Reached, Side, side};

/// Between two tries to open a line.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What came by the line.
pub(super) enum Came {
    /// The connection is there: whoever has something to show shows it.
    Open,
    /// Something for the devices.
    Reached(Reached),
}

/// See the module.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) side: Box<dyn Side>,
    /// The devices on it, by reference.
    pub(super) devices: HashMap<String, EquipmentId>,
    /// What changed while nothing could be said.
    pub(super) unsaid: BTreeSet<EquipmentId>,
    broker: Broker,
    connection: Option<Connection>,
    tried: Option<Moment>,
    /// It was demanded that it stay away.
    dead: bool,
}

impl Line {
    pub(super) fn new(config: &Config, line: &LineFile, program: uuid::Uuid) -> Result<Self, BadConfig> {
        let client_id = format!("devices-{}-{}", line.name, program.simple());
        Ok(Self {
            name: line.name.clone(),
            side: side(config, line)?,
            devices: HashMap::new(),
            unsaid: BTreeSet::new(),
            broker: config.broker(line, &client_id)?,
            connection: None,
            tried: None,
            dead: false,
        })
    }

    /// Lets the connection go without a farewell, as a node that lost its power: the broker speaks the will. Or lets it be
    /// opened again.
    pub(super) fn live(&mut self, lives: bool) {
        self.dead = !lives;
        if self.dead {
            self.connection = None;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_open)
    }

    /// What came since the last call, in order.
    pub(super) fn listen(&mut self, now: Timestamp) -> VecDeque<Came> {
        let mut came = VecDeque::new();
        let moment = MachineClock.now();
        if self.connection.is_none() && !self.dead && self.tried.is_none_or(|at| moment.since(at) >= AGAIN_AFTER) {
            self.tried = Some(moment);
            self.connection = Some(Connection::open(&self.broker, self.side.will()));
        }
        while let Some(told) = self.connection.as_mut().and_then(Connection::heard) {
            match told {
                Told::Connected => {
                    let topics = self.side.topics();
                    if self.connection.as_ref().is_some_and(|connection| connection.listen_to(topics)) {
                        came.push_back(Came::Open);
                    } else {
                        self.connection = None;
                    }
                }
                Told::Message { topic, payload, kept } => match self.side.hear(&topic, &payload, kept, now) {
                    Ok(reached) => came.extend(reached.map(Came::Reached)),
                    Err(nonsense) => tracing::warn!(line = self.name, topic, %nonsense, "not understood"),
                },
                Told::Written => {}
                Told::Lost(why) => {
                    tracing::info!(line = self.name, why, "the devices' connection was lost");
                    self.connection = None;
                }
            }
        }
        came
    }

    /// Says something; whether the connection took it.
    pub(super) async fn say(&mut self, said: Publication) -> bool {
        let quality = self.side.quality();
        let Some(connection) = self.connection.as_mut().filter(|connection| connection.is_open()) else { return false };
        let taken = connection.tell(said, quality).await;
        if !taken {
            self.connection = None;
        }
        taken
    }
}
