//! Records: what a person wrote that must reach the metropolis whenever it can be reached, beside commands, which must not
//! arrive late. Log lines now; calls, requests, locks and interventions take the same path.
//!
//! A record is signed by its author when it is written (R20), so that whoever holds the desk later may deposit it. Its own
//! identifier is the key of its row: deposited twice, under whatever submission, it is written once.

mod hand;
mod life;
mod log;
mod statement;

pub use hand::{Hand, KeyError, PublicKey};
pub use life::{RecordEvent, RecordState, record_step};
pub use log::{Link, LinkKind, Links, LogKind, LogLine, TEXT_MAX};
pub use statement::{Stated, Statement};

use serde::{Deserialize, Serialize};

use crate::ids::KeyId;

/// Who signed, with which of his keys, and the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The key, as registered in the metropolis.
    pub key_id: KeyId,
    /// Ed25519 over [`Stated::statement`], in base64.
    pub signature: String,
}

/// What a person wrote, with his signature where he had a key to sign with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signed<T> {
    /// What he wrote.
    #[serde(flatten)]
    pub written: T,
    /// His signature.
    pub seal: Option<Seal>,
}

impl<T: Stated> Signed<T> {
    /// Signs what was written, where there is a hand to sign with.
    pub fn by(hand: Option<&Hand>, written: T) -> Self {
        let seal = hand.map(|hand| hand.seal(&written));
        Self { written, seal }
    }
}

/// Whether a record bears its author's own signature, as far as a reader can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename_all = "snake_case"))]
pub enum Authenticity {
    /// Signed by a key that the metropolis knows as his, over these very words.
    Signed,
    /// Not signed: the metropolis's word for its author stands alone.
    Unsigned,
    /// Signed by a key that is not known here (yet).
    KeyUnknown,
    /// The signature does not fit: the words, the author or the key are not what was signed.
    Forged,
}
