//! The metropolitan PostgreSQL database: schema, feed, submission, rights.
//!
//! | module | what it holds |
//! |---|---|
//! | [`PgMetropolis`] | the port of the core on two connections, each re-made after any error |
//! | [`Admin`] | what its owner does: install and upgrade, load a rehearsal or an inventory, make logins, set a rehearsal's clock |
//! | [`ConnectTarget`] | an address without its password |
//! | [`TlsFiles`], [`certificate_lives`] | the certificates of a connection, and until when they live |
//!
//! The rules live in `migrations/` (tables, applied once) and `functions/` (bodies, replaced at each migrate). Guarantees:
//! no client writes to a table; a submission is applied at most once; a reader who pulls gets every row that a writer
//! committed, whatever order the transactions end in.

mod address;
mod admin;
mod certificate;
mod copy_text;
mod cut;
mod endpoints;
mod error;
mod feed;
mod field;
mod hearing;
mod house;
mod knock;
mod line;
mod memory;
mod metropolis;
mod schema;
mod sign_in;
mod sums;
mod target;
mod trust;

pub use address::{TlsFiles, url_has_password};
pub use admin::{
    AccountHolder, AccountLine, Admin, CatalogueFault, Comparison, Info, Migrated, Seal, Staging, Verification,
    known_by,
};
pub use certificate::{CertificateLife, Holder, certificate_lives};
pub use field::{FieldObject, Take, Taken, TakenProgramme};
pub use house::Kept;
pub use knock::answers;
pub use memory::keep_private;
pub use metropolis::{Forgotten, PgMetropolis};
pub use schema::{SCHEMA_VERSION, callable};
pub use target::{ConnectTarget, Password, servers};
