//! A person's hand: the Ed25519 key pair that signs what he writes at one workstation (R20).
//!
//! PostgreSQL 15 cannot verify such a signature; every reader can, with the public key that the metropolis holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use uuid::Builder;

use crate::ids::KeyId;
use crate::record::{Authenticity, Seal, Stated};

/// The private key. It stays in the encrypted files of its account.
#[derive(Clone)]
pub struct Hand(SigningKey);

impl std::fmt::Debug for Hand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hand({})", self.public().key_id())
    }
}

impl Hand {
    /// From 32 random bytes, kept since.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What others verify with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs.
    pub fn seal(&self, written: &impl Stated) -> Seal {
        let signature = self.0.sign(written.statement().bytes());
        Seal { key_id: self.public().key_id(), signature: STANDARD.encode(signature.to_bytes()) }
    }
}

/// A public key, as the metropolis keeps it: 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A text that is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an Ed25519 public key in base64")]
pub struct KeyError;

impl PublicKey {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes: [u8; 32] = STANDARD.decode(text).ok().and_then(|b| b.try_into().ok()).ok_or(KeyError)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| KeyError)
    }

    /// As text.
    pub fn text(&self) -> String {
        STANDARD.encode(self.0.to_bytes())
    }

    /// Its identifier: made of its own first bytes, so that the same key always has the same one.
    pub fn key_id(&self) -> KeyId {
        let bytes = self.0.to_bytes();
        let mut first = [0; 16];
        first.copy_from_slice(bytes.split_at(16).0);
        KeyId(Builder::from_custom_bytes(first).into_uuid())
    }

    /// Whether a signature is this key's over what was written.
    pub fn verify(&self, written: &impl Stated, signature: &str) -> Authenticity {
        let bytes: Option<[u8; 64]> = STANDARD.decode(signature).ok().and_then(|b| b.try_into().ok());
        let good = bytes.is_some_and(|bytes| {
            self.0.verify_strict(written.statement().bytes(), &Signature::from_bytes(&bytes)).is_ok()
        });
        if good { Authenticity::Signed } else { Authenticity::Forged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Statement;

    struct Words(&'static str);

    impl Stated for Words {
        fn statement(&self) -> Statement {
            Statement::of("words").field("text", self.0)
        }
    }

    #[test]
    fn r20_a_signature_holds_for_these_words_and_this_key_only() {
        let (mine, other) = (Hand::from_seed(&[1; 32]), Hand::from_seed(&[2; 32]));
        let seal = mine.seal(&Words("pont fermé"));
        assert_eq!(mine.public().verify(&Words("pont fermé"), &seal.signature), Authenticity::Signed);
        assert_eq!(mine.public().verify(&Words("pont ouvert"), &seal.signature), Authenticity::Forged);
        assert_eq!(other.public().verify(&Words("pont fermé"), &seal.signature), Authenticity::Forged);
        assert_eq!(mine.public().verify(&Words("pont fermé"), "???"), Authenticity::Forged);
    }

    #[test]
    fn a_public_key_is_read_back_from_its_text_and_nothing_else() {
        let public = Hand::from_seed(&[1; 32]).public();
        assert_eq!(PublicKey::parse(&public.text()), Ok(public));
        assert_eq!(seal_key(&public), Hand::from_seed(&[1; 32]).seal(&Words("x")).key_id);
        for bad in ["", "AAAA", "not base64 at all"] {
            assert_eq!(PublicKey::parse(bad), Err(KeyError));
        }
    }

    fn seal_key(public: &PublicKey) -> KeyId {
        public.key_id()
    }
}
