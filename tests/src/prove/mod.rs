//! The reliability campaigns of `cargo xtask prove`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`simulation`] | the engine on virtual time, from a seed |
//! | [`kill`] | `kill -9` of a real workstation while it submits |
//! | [`history`] | the checker that they share |
//! | [`ledger`] | the commands of a metropolis and their events |
//! | [`hamlet`] | a few objects, and what one may ask of them |
//! | [`city`] | a metropolis on PostgreSQL with desks, field and house |
//! | [`copy`] | what an account may read, copied now |
//! | [`workstation`] | a real engine in a process of its own: started, paused, killed |
//! | [`client`] | what runs in that process |

pub mod city;
pub mod client;
pub mod copy;
pub mod hamlet;
pub mod history;
pub mod kill;
pub mod ledger;
pub mod simulation;
pub mod workstation;
