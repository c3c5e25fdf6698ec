//! An adapter: one line to a part of the field, whatever its protocol and transport.
//!
//! What implements it keeps three promises. An order is handed over now or never: nothing waits inside for a connection to
//! come back (R1). An order that was handed over and may not have left is [`NotSent::Unsure`], never tried again. What is
//! heard comes in the order in which it was said.

use async_trait::async_trait;
use vigie_core::equipment::EquipmentKind;
use vigie_core::time::Timestamp;
use vigie_metropolis::Taken;

use crate::field::heard::Heard;
use crate::field::live::Drive;

/// Why an order did not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// It certainly did not, for this reason (a code).
    Never(&'static str),
    /// It may have.
    Unsure,
}

/// Whether orders may be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// They may.
    Open,
    /// Not yet.
    Opening,
    /// Not any more, and why.
    Lost(String),
}

/// See the module.
#[async_trait]
pub(crate) trait Adapter: Send {
    /// Kinds of equipment on this line.
    fn kinds(&self) -> Vec<EquipmentKind>;
    /// Codes of the actions that it can carry out: no other is taken.
    fn actions(&self) -> Vec<&'static str>;
    /// Of these, those whose effect its devices do not end by themselves (R3).
    fn ends_from_here(&self) -> Vec<&'static str>;
    /// Begins to open the line; returns at once.
    fn open(&mut self);
    /// Lets the line go. What was handed over and has not left does not leave any more.
    fn close(&mut self);
    /// Where the line stands, and what was heard since the last call; `now` in the metropolis's time.
    fn listen(&mut self, now: Timestamp) -> (Line, Vec<Heard>);
    /// Hands an order over.
    async fn order(&mut self, order: &Taken) -> Result<(), NotSent>;
    /// Kinds that it moves by a held key (class L).
    fn live_kinds(&self) -> Vec<EquipmentKind> {
        Vec::new()
    }
    /// Moves an object for a moment, or stops it: said at once, once, or not at all.
    async fn drive(&mut self, drive: &Drive) -> Result<(), NotSent>;
    /// Ends the effect of an order.
    async fn end(&mut self, order: &Taken) -> Result<(), NotSent>;
}
