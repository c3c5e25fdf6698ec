//! The other side of a profile: how the devices of a line hear orders, answer, and show themselves. Pure.

use std::time::Duration;

use rumqttc::QoS;
use vigie_core::command::{Motion, Params};
use vigie_core::ids::{CommandId, LiveId};
use vigie_core::submission::StateReport;
use vigie_core::time::Timestamp;
use vigie_metropolis::TakenProgramme;

use crate::field::config::{BadConfig, Config, LineFile, Spoken, host};
use crate::field::heard::Nonsense;
use crate::field::profile::Publication;
use crate::simulate::plain::Plain;
use crate::simulate::rsmp::Rsmp;
use crate::simulate::sparkplug::Sparkplug;
use crate::simulate::talq::Talq;

/// What reached a device.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reached {
    /// An order.
    Order(Box<Order>),
    /// The end of an effect that the device does not end by itself.
    End {
        /// Of which order.
        command_id: CommandId,
        /// Which device.
        reference: String,
    },
    /// A held key, for a moment, or a stop.
    Live(Live),
    /// Everything is to be said again.
    Rebirth,
}

/// An order as its message says it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) command_id: CommandId,
    pub(super) reference: String,
    /// Code of the action that it comes to.
    pub(super) action: String,
    pub(super) params: Params,
    /// When the device goes back by itself; none where the protocol has no end for it.
    pub(super) until: Option<Timestamp>,
    /// After which it is refused (R2); none where the protocol does not say.
    pub(super) expires_at: Option<Timestamp>,
    /// Why the device refuses it whatever its state is.
    pub(super) refused: Option<&'static str>,
    /// The programme that it brings.
    pub(super) programme: Option<TakenProgramme>,
}

/// A word of a held key.
#[allow(clippy::struct_field_names, reason = "an identifier is named after what it identifies, everywhere")]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Live {
    pub(super) live_id: LiveId,
    pub(super) reference: String,
    pub(super) seq: i64,
    /// None: stop.
    pub(super) motion: Motion,
    /// Not followed after this.
    pub(super) until: Timestamp,
    /// For how long.
    pub(super) lasts: Duration,
}

/// How the devices of a line speak.
pub(super) trait Side: Send {
    /// What is listened to.
    fn topics(&self) -> Vec<String>;
    /// What the broker says for the devices when their connection is lost: of the connection that is opened next.
    fn will(&mut self) -> Option<Publication> {
        None
    }
    /// Whether all devices show themselves whenever their line opens.
    fn is_born(&self) -> bool {
        false
    }
    /// What is said once the line is open, before any state.
    fn greeting(&mut self, references: &[&str], now: Timestamp) -> Vec<Publication>;
    /// What a message brings.
    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool, now: Timestamp) -> Result<Option<Reached>, Nonsense>;
    /// A device's answer.
    fn answer(&mut self, order: &Order, done: Result<(), &str>, now: Timestamp) -> Publication;
    /// What a device shows.
    fn state(&mut self, reference: &str, shown: &StateReport) -> Publication;
    /// A device's system no longer hears it (`shown` was its last state), or hears it again.
    fn reach(&mut self, reference: &str, there: bool, shown: &StateReport) -> Publication;
    /// How often the broker delivers what is said.
    fn quality(&self) -> QoS {
        QoS::AtLeastOnce
    }
}

/// The devices' side of a line.
pub(super) fn side(config: &Config, line: &LineFile) -> Result<Box<dyn Side>, BadConfig> {
    let prefix = line.prefix.clone();
    Ok(match line.profile {
        Spoken::Talq => Box::new(Talq::new(prefix)),
        Spoken::Rsmp => Box::new(Rsmp::new(prefix, config.security_code(line)?)),
        Spoken::Sparkplug => Box::new(Sparkplug::new(prefix, line.name.clone(), host(line))),
        Spoken::Plain => Box::new(Plain::new(prefix)),
    })
}
