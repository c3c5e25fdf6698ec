//! The reliability campaigns of `cargo xtask prove`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`campaign`] | the campaigns by name |
//! | [`simulation`] | the engine on virtual time, from a seed |
//! | [`kill`] | `kill -9` of a real workstation while it submits |
//! | [`gap`] | writers that commit out of order against a replica that pulls |
//! | [`histories`] | several workstations through partitions, pauses and kills |
//! | [`storage`] | disks that fail, files that are damaged |
//! | [`rights`] | the whole matrix of rights, by real logins |
//! | [`history`] | the checker that they share |
//! | [`ledger`] | the commands of a metropolis and their events |
//! | [`hamlet`] | a few objects, and what one may ask of them |
//! | [`city`] | a metropolis on PostgreSQL with desks, field and house |
//! | [`field`] | commands to simulated devices through gateway and broker, while all between them fails |
//! | [`link`] | how soon a bad link shows, and work goes on; a primary lost under load |
//! | [`mutants`] | the rules changed on purpose, and whether the tests see it |
//! | [`workstation`] | a real engine in a process of its own: started, paused, killed |
//! | [`client`] | what runs in that process |
//! | [`telling`] | a replica that tells what was committed to it |

pub mod campaign;
pub mod city;
pub mod client;
pub mod field;
pub mod gap;
pub mod hamlet;
pub mod histories;
pub mod history;
pub mod kill;
pub mod ledger;
pub mod link;
pub mod mutants;
pub mod rights;
pub mod simulation;
pub mod storage;
pub mod telling;
pub mod workstation;
