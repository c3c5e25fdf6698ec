//! The engine on virtual time: memory stores, the training metropolis, a link that fails in every way.

mod crash;
mod cut;
mod link;
mod operate;
mod room;
mod story;
