//! Domain types and rules of Vigie, without I/O, clock or randomness.
//!
//! The map of the crate:
//!
//! | module | what it holds |
//! |---|---|
//! | [`time`], [`ids`] | moments and identifiers, and the ports that give them |
//! | [`equipment`] | what stands in the street: kinds, readings, quality, age, how it looks |
//! | [`command`] | classes, actions, the life cycle, who may what when (`docs/safety.md`) |
//! | [`alarm`] | rules that raise alarms, what people do with them, floods and escalation |
//! | [`flood`] | gauges, reaches, and what each level of water takes |
//! | [`geo`] | places: degrees, Lambert-93, outlines |
//! | [`inventory`] | what a file of equipment or zones must say to be loaded |
//! | [`house`] | what is said when nobody answers in time |
//! | [`rights`] | roles and the one file that says what each may read and write |
//! | [`record`] | what a person wrote that must arrive: its life, its signature, the log |
//! | [`table`] | the tables that travel from the metropolis to a workstation, as data |
//! | [`session`] | when the session of a desk suspends itself |
//! | [`source`] | where values come from, and whether it is in contact |
//! | [`submission`] | everything a workstation or a gateway may ask the metropolis to write |
//! | [`search`] | how what is typed is compared with the words of the city |
//! | [`link`] | the link desk – metropolis as one value |
//! | [`programme`] | what lights and junctions do by themselves, previewed, applied and compared |
//! | [`lock`] | the crew lock: people at work, and no command passes |
//! | [`zone`] | zones drawn and changed on the map |
//! | [`port`] | the traits behind which I/O lives: `Metropolis`, `Replica`, `Outbox` |
//!
//! Decisions are functions of their arguments. Nothing here waits, reads a clock, or draws a number.

pub mod alarm;
pub mod command;
pub mod equipment;
pub mod flood;
pub mod geo;
pub mod house;
pub mod ids;
pub mod inventory;
pub mod link;
pub mod lock;
pub mod port;
pub mod programme;
pub mod record;
pub mod rights;
pub mod search;
pub mod session;
pub mod source;
pub mod submission;
pub mod table;
pub mod time;
pub mod zone;
