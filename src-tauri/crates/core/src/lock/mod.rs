//! The crew lock (R10): people at work lock the equipment, and no command passes. It adds to the physical lock-out.
//!
//! | module | what it holds |
//! |---|---|
//! | `code` | closed lists: where a lock stands, how it was lifted, what the holder said on the phone |
//! | `ask` | what is asked, as its author signs it (R20) |
//! | `life` | from asked to lifted: pure transitions of its row |
//! | `stop` | what a lock stops, what delays it, and the automatic changes that it lists |
//!
//! A lock that is *asked* is not in force: it stops what would start, so that what is in flight can end, and lets reads and
//! the safe direction (R17) pass. One that is *in force* stops every command but reads. No lock is ever lifted by itself.

mod ask;
mod code;
mod life;
#[cfg(test)]
pub(crate) mod sample;
mod stop;

pub use ask::{LONGEST, LockAsk, WORDS_MAX, asked};
pub use code::{HolderSaid, LiftWay, LockState};
pub use life::{CALL_WITHIN, CONFIRM_WITHIN, LockCall, confirm_lift, extend, force_lift, grant, lift};
pub use stop::{Change, Coming, coming, in_flight, stopping, stops};
