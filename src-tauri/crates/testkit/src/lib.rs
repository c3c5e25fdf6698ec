//! Launchers, simulators and harnesses that the tests share.

pub mod broker;
pub mod certificates;
pub mod copy;
pub mod gap;
pub mod memory_store;
pub mod metropolis_suite;
pub mod postgres;
pub mod preload;
pub mod proxy;
pub mod rights_matrix;
pub mod store_suite;
