//! What the field says, whatever its protocol.

use vigie_core::command::Params;
use vigie_core::equipment::{Mode, Quality, Reach, Reading};
use vigie_core::ids::CommandId;
use vigie_core::time::Timestamp;

/// One thing that was heard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    /// A device answered a command.
    Answer {
        /// Which command, where the protocol carries its identifier.
        command_id: CommandId,
        /// Who answers: an answer for another object's command is forged.
        reference: String,
        /// Done, or the device's reason as a code.
        done: Result<(), String>,
    },
    /// A device showed its state.
    State(Box<Shown>),
    /// Devices are lost or answer again.
    Reach {
        /// Which; none for every device of the line.
        references: Option<Vec<String>>,
        /// Which part of the chain answers.
        reach: Reach,
    },
}

/// A state as a device shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    /// Of which object.
    pub reference: String,
    /// What it reports, by the keys of [`Reading`].
    pub reading: Reading,
    /// How far it can be trusted.
    pub quality: Quality,
    /// When it was observed, by the device; none where the protocol does not say.
    pub observed_at: Option<Timestamp>,
    /// Who decides.
    pub mode: Mode,
    /// What it was told.
    pub target: Option<Params>,
    /// Until when.
    pub effect_until: Option<Timestamp>,
    /// Kept by the broker rather than said now: it proves nothing about the device.
    pub kept: bool,
}

/// A message that does not have the form of its protocol. It is counted, said in the log without its content, and nothing
/// follows from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a message that does not have its form: {0}")]
pub(crate) struct Nonsense(pub String);

impl From<serde_json::Error> for Nonsense {
    // Where, not what: a payload may hold anything.
    fn from(error: serde_json::Error) -> Self {
        Self(format!("{:?} at line {}, column {}", error.classify(), error.line(), error.column()))
    }
}
