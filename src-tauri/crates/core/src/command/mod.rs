//! Commands: what may be asked of equipment, by whom, for how long, and what becomes of it.
//!
//! The rules are those of `docs/safety.md` (R1 to R20); each has tests named after it.

mod action;
mod admit;
mod class;
mod count;
mod effect;
mod group;
mod hold;
mod judge;
mod life;
mod order;
mod word;

pub use action::{Action, Parameter, action, actions, actions_of};
pub use admit::{Admission, Desk, Refused, Situation, admit};
pub use class::{ClassCode, Surroundings, classify};
pub use count::{COUNTED_MOST, COUNTED_WITHIN, counted, may_have_acted, within_count};
pub use effect::{EffectEvent, EffectState, effect_transition};
pub use group::{
    Asked, COMFORT_MOST, Candidate, ChosenBy, Excluded, Exclusion, GroupOrder, MOST_EXCLUDED, MOST_MEMBERS, Member,
    NAME_MOST, Tally, class_of_group, freeze, may_be_kept, tally,
};
pub use hold::{Holder, Voided, voided};
pub use judge::{Facts, MAX_SKEW, Refusal, judge};
pub use life::{CommandEventCode, CommandState, IllegalEvent, TRANSITIONS, Transition, may_report, step, transition};
pub use order::{CommandOrder, Params, Seen};
pub use word::{Word, word};
