//! Chance, which is called for here alone.
#![allow(clippy::disallowed_methods, reason = "the edge of the program: here chance is called for, and given on")]

use uuid::Uuid;

/// A password that nobody has to remember: 122 bits of the system's chance.
pub(crate) fn password() -> String {
    Uuid::new_v4().simple().to_string()
}
