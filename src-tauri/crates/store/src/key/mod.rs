//! The key of the local files, and where it is kept.
//!
//! | module | what it holds |
//! |---|---|
//! | [`FileKey`] | 256 random bits: SQLCipher's raw key of both files of an account |
//! | [`wrap`] | the key sealed under a password (Argon2id, `XChaCha20`-`Poly1305`) |
//! | [`machine`] | the key in the system's own store, or in a file of its owner where the host has none |
//! | [`folder`] | `keys.json`: which of them hold the key of a folder, and who may open it when |

mod folder;
mod machine;
mod wrap;

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

pub(crate) use folder::Turn;
pub use folder::{KeyFolder, OFFLINE_LIFE, Random};
pub use machine::{MachineStore, MachineStoreError, SystemStore};

/// Bytes of a key.
const LENGTH: usize = 32;

/// A raw 256-bit key. Never printed, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; LENGTH]);

impl FileKey {
    /// A key from 32 random bytes.
    pub const fn new(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes themselves.
    const fn expose(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// As `SQLCipher`'s `PRAGMA key` takes a raw key (zetetic.net/sqlcipher/sqlcipher-api, *key*).
    pub(crate) fn literal(&self) -> String {
        use fmt::Write as _;
        let mut literal = String::with_capacity(2 * LENGTH + 5);
        literal.push_str("\"x'");
        for byte in self.0 {
            // Writing to a String cannot fail.
            let _ = write!(literal, "{byte:02x}");
        }
        literal.push_str("'\"");
        literal
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", FileKey::new([0xab; 32])), "FileKey(…)");
    }

    #[test]
    fn a_key_is_given_raw_so_that_nothing_is_derived_from_it() {
        assert_eq!(FileKey::new([0xab; 32]).literal(), format!("\"x'{}'\"", "ab".repeat(32)));
    }
}
