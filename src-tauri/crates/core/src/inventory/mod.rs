//! From a record of a file (a line of a table, a feature of a map) to a row of the metropolis, or the reason why not.
//!
//! | module | what it holds |
//! |---|---|
//! | [`Record`] | what any format gives: fields by name, perhaps a geometry |
//! | [`equipment`], [`zone`], [`service`], [`inundation`] | the decision, record by record |
//! | [`Refusal`] | why a record is not loaded, and what to do about it |
//! | [`Territory`] | the communes, by which a place is known to belong to the metropolis |
//!
//! Identifiers are UUID version 5 of the reference: the same file gives the same identifiers in a rehearsal and in the live
//! metropolis, and loading needs no chance. An object that is there already keeps the identifier it has.

mod cell;
mod equipment;
mod inundation;
mod place;
mod record;
mod refusal;
mod service;
mod territory;
mod zone;

pub use cell::{cell_of, value_of};
pub use equipment::equipment;
pub use inundation::{Waters, inundation};
pub use place::Crs;
pub use record::{RESERVED, Record};
pub use refusal::{Refusal, Refused};
pub use service::{Services, service};
pub use territory::Territory;
pub use zone::zone;

use uuid::Uuid;

/// Namespace of the identifiers made from references.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_2c54_9a0e_4b7b_8f1e_52d0_3c7a_9e61);

/// The identifier of a reference among `what`.
fn identifier(what: &str, reference: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{what}/{reference}").as_bytes())
}
