//! Commands: what may be asked of equipment, by whom, for how long, and what becomes of it.
//!
//! The rules are those of `docs/safety.md` (R1 to R20); each has tests named after it.

mod action;
mod admit;
mod class;
mod effect;
mod hold;
mod judge;
mod life;
mod order;
mod word;

pub use action::{Action, Parameter, action, actions, actions_of};
pub use admit::{Admission, Desk, Refused, Situation, admit};
pub use class::{ClassCode, Surroundings, classify};
pub use effect::{EffectEvent, EffectState, effect_transition};
pub use hold::{Holder, Voided, voided};
pub use judge::{Facts, MAX_SKEW, Refusal, judge};
pub use life::{CommandEventCode, CommandState, IllegalEvent, TRANSITIONS, Transition, may_report, step, transition};
pub use order::{CommandOrder, Params, Seen};
pub use word::{Word, word};
