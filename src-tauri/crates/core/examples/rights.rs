//! Prints `docs/rights.md`: `cargo xtask bindings` writes it.

use vigie_core::rights::{document, rights};

#[allow(clippy::print_stdout, reason = "what it is for")]
fn main() {
    print!("{}", document(rights()));
}
