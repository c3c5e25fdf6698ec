//! A migration added to the folder must rebuild the crate: the macro that embeds them cannot see a new file.

fn main() {
    println!("cargo:rerun-if-changed=src/outbox/migrations");
}
