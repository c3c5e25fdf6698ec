//! A profile: how orders and states are spelt in messages. Pure: DIASER, IEC 104 or a vendor's interface have other
//! transports and implement [`crate::field::adapter::Adapter`] instead; what is spoken over MQTT implements this.

use vigie_core::equipment::EquipmentKind;
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::heard::{Heard, Nonsense};
use crate::field::live::Drive;

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publication {
    /// Where.
    pub topic: String,
    /// What.
    pub payload: Vec<u8>,
    /// For the broker to keep and to deliver at least once: what is true until it is said otherwise. Never a command, since
    /// a command that waits is a command that comes late (R1).
    pub kept: bool,
}

impl Publication {
    /// Something for now: at most once, kept by nobody.
    pub(crate) fn now(topic: String, payload: impl Into<Vec<u8>>) -> Self {
        Self { topic, payload: payload.into(), kept: false }
    }
}

/// What this profile cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be said in this protocol: {0}")]
pub(crate) struct Unsayable(pub &'static str);

/// How a line of the field speaks.
pub(crate) trait Profile: Send {
    /// Kinds of equipment on this line.
    fn kinds(&self) -> Vec<EquipmentKind>;
    /// Codes of the actions that it can carry out: no other is taken.
    fn actions(&self) -> Vec<&'static str>;
    /// Of these, those whose effect its devices do not end by themselves (R3).
    fn ends_from_here(&self) -> Vec<&'static str> {
        Vec::new()
    }
    /// What is listened to.
    fn topics(&self) -> Vec<String>;
    /// What the broker says for us when we are gone.
    fn will(&self) -> Option<Publication> {
        None
    }
    /// What is said once connected, at the metropolis's time.
    fn greeting(&mut self, _now: Timestamp) -> Vec<Publication> {
        Vec::new()
    }
    /// An order as a message.
    fn order(&mut self, order: &Taken) -> Result<Publication, Unsayable>;
    /// The end of an effect as a message.
    fn end(&mut self, _order: &Taken) -> Result<Publication, Unsayable> {
        Err(Unsayable("the device ends its effects itself"))
    }
    /// Kinds that it can move by a held key (class L).
    fn live_kinds(&self) -> Vec<EquipmentKind> {
        Vec::new()
    }
    /// A motion for a moment, or a stop, as a message.
    fn drive(&mut self, _drive: &Drive) -> Result<Publication, Unsayable> {
        Err(Unsayable("nothing on this line is moved by a held key"))
    }
    /// What a message says. `kept`: the broker had it from before.
    fn hear(&mut self, topic: &str, payload: &[u8], kept: bool) -> Result<Vec<Heard>, Nonsense>;
    /// What to publish in reply to what was just heard (asking for a state that is missing, say).
    fn replies(&mut self) -> Vec<Publication> {
        Vec::new()
    }
}

/// The reference in `prefix/reference/leaf`, and the leaf.
pub(crate) fn parts<'t>(prefix: &str, topic: &'t str) -> Option<(&'t str, &'t str)> {
    topic.strip_prefix(prefix)?.strip_prefix('/')?.rsplit_once('/').filter(|(reference, _)| !reference.is_empty())
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_topic_names_its_object_even_if_the_reference_has_a_slash() {
        assert_eq!(parts("city/lighting", "city/lighting/EC-0001/state"), Some(("EC-0001", "state")));
        assert_eq!(parts("city/lighting", "city/lighting/A/7/answer"), Some(("A/7", "answer")));
        for other in ["city/lightings/EC/state", "city/lighting", "city/lighting/", "city/lighting//state", "state"] {
            assert_eq!(parts("city/lighting", other), None, "{other}");
        }
    }
}
