//! A key sealed under a password: whoever copies the files away must guess it, 64 MiB of memory a guess.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use vigie_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::key::FileKey;

/// The second recommended choice of RFC 9106, section 4, on one lane: 64 MiB, 3 passes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// Random bytes that sealing takes: a salt and a nonce.
pub(super) const SALT: usize = 16;
pub(super) const NONCE: usize = 24;

/// A sealed key, with what is needed to open it again save the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrapped {
    /// When the metropolis last accepted this password.
    pub(super) proven_at: Timestamp,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

/// Seals a key. None only when the password is longer than Argon2 takes (4 GiB).
pub(super) fn wrap(
    key: &FileKey,
    password: &str,
    proven_at: Timestamp,
    salt: [u8; SALT],
    nonce: [u8; NONCE],
) -> Option<Wrapped> {
    let cipher = cipher(password, &salt, MEMORY_KIB, PASSES, LANES)?;
    let sealed = cipher.encrypt(&XNonce::from(nonce), key.expose().as_slice()).ok()?;
    Some(Wrapped {
        proven_at,
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: STANDARD.encode(salt),
        nonce: STANDARD.encode(nonce),
        sealed: STANDARD.encode(sealed),
    })
}

/// Opens a sealed key; none when the password is another, or the file was changed.
pub(super) fn unwrap(wrapped: &Wrapped, password: &str) -> Option<FileKey> {
    // A file that asks for more memory than we ever did was not written by us.
    if wrapped.memory_kib > 16 * MEMORY_KIB || wrapped.passes > 16 * PASSES || wrapped.lanes > 16 {
        return None;
    }
    let salt = STANDARD.decode(&wrapped.salt).ok()?;
    let nonce: [u8; NONCE] = STANDARD.decode(&wrapped.nonce).ok()?.try_into().ok()?;
    let sealed = STANDARD.decode(&wrapped.sealed).ok()?;
    let cipher = cipher(password, &salt, wrapped.memory_kib, wrapped.passes, wrapped.lanes)?;
    let opened = Zeroizing::new(cipher.decrypt(&XNonce::from(nonce), sealed.as_slice()).ok()?);
    FileKey::from_slice(&opened)
}

fn cipher(password: &str, salt: &[u8], memory_kib: u32, passes: u32, lanes: u32) -> Option<XChaCha20Poly1305> {
    let params = Params::new(memory_kib, passes, lanes, Some(32)).ok()?;
    let mut derived = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, derived.as_mut())
        .ok()?;
    XChaCha20Poly1305::new_from_slice(derived.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_with_its_password_and_no_other() {
        let key = FileKey::new([7; 32]);
        let wrapped = wrap(&key, "sésame", Timestamp(5), [1; SALT], [2; NONCE]).unwrap();
        assert_eq!(unwrap(&wrapped, "sésame"), Some(key));
        assert_eq!(unwrap(&wrapped, "sesame"), None);
        let mut touched = wrapped.clone();
        touched.sealed = STANDARD.encode([0; 48]);
        assert_eq!(unwrap(&touched, "sésame"), None);
        let greedy = Wrapped { memory_kib: u32::MAX, ..wrapped };
        assert_eq!(unwrap(&greedy, "sésame"), None);
    }
}
