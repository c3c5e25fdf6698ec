//! The metropolitan PostgreSQL database: schema, feed, submission, rights.
//!
//! | module | what it holds |
//! |---|---|
//! | [`PgMetropolis`] | the port of the core on two connections, each re-made after any error |
//! | [`Admin`] | what its owner does: install and upgrade, load a rehearsal or an inventory, make logins, set a rehearsal's clock |
//! | [`ConnectTarget`] | an address without its password |
//!
//! The rules live in `migrations/` (tables, applied once) and `functions/` (bodies, replaced at each migrate). Guarantees:
//! no client writes to a table; a submission is applied at most once; a reader who pulls gets every row that a writer
//! committed, whatever order the transactions end in.

mod admin;
mod copy_text;
mod endpoints;
mod error;
mod feed;
mod line;
mod metropolis;
mod schema;
mod target;

pub use admin::{Admin, CatalogueFault, Comparison, Info, Migrated, Staging};
pub use metropolis::PgMetropolis;
pub use schema::SCHEMA_VERSION;
pub use target::{ConnectTarget, Password, servers, url_has_password};
