//! A password as the server keeps it (SCRAM-SHA-256, RFC 5802 and 7677), made here: a `CREATE ROLE … PASSWORD` in clear
//! would stand in the server's log and in its list of running statements.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::target::Password;

/// What PostgreSQL itself uses.
const ITERATIONS: u32 = 4096;

/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
pub(super) fn verifier(password: &Password, salt: &[u8]) -> String {
    // What cannot be normalised is taken as it is, as the server and its clients do.
    let password = stringprep::saslprep(password.expose()).unwrap_or_else(|_| password.expose().into());
    let mut salted = [0_u8; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, ITERATIONS, &mut salted);
    let stored = Sha256::digest(sign(&salted, b"Client Key"));
    let server = sign(&salted, b"Server Key");
    let text = |bytes: &[u8]| STANDARD.encode(bytes);
    format!("SCRAM-SHA-256${ITERATIONS}:{}${}:{}", text(salt), text(&stored), text(&server))
}

fn sign(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // HMAC pads a short key with zeros to the block of its hash.
    let mut block = [0_u8; 64];
    block.iter_mut().zip(key).for_each(|(padded, byte)| *padded = *byte);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7677_gives_its_keys() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let made = verifier(&Password::new("pencil"), &salt);
        let (_, keys) = made.rsplit_once('$').unwrap();
        assert_eq!(keys, "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    }
}
