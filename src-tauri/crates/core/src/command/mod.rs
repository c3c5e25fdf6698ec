//! Commands: what may be asked of equipment, by whom, for how long, and what becomes of it.
//!
//! The rules are those of `docs/safety.md` (R1 to R20); each has tests named after it.

mod action;
mod admit;
mod approval;
mod check;
mod class;
mod count;
mod effect;
mod group;
mod hold;
mod judge;
mod life;
mod live;
mod order;
mod pilot;
mod procedure;
mod second;
mod sole;
mod word;

pub use action::{Action, Parameter, action, actions, actions_of};
pub use admit::{Admission, Desk, Refused, Situation, admit};
pub use approval::{
    APPROVAL_LIFE, APPROVAL_LONGEST, ASK_LIFE, ASKED_MOST, Answer, Answering, Ask, AskFacts, AskedGroup, AskedObject,
    AskedObjects, REQUEST_MOVES, RequestEvent, RequestMove, RequestState, UsedObjects, VoidReason, answer, approved,
    extended, group_approved, is_of, is_of_group, is_over, is_well_formed, may_ask, may_select, request_step, used,
    voided as void_request,
};
pub use check::{
    AROUND_M, Check, CheckSources, Consequence, Finding, FindingCode, Known, Level, Near, NothingKnown, check, moved,
};
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
pub use live::{
    LIVE_EVERY, LIVE_LIFE, LIVE_LONGEST, LIVE_STOP, Live, LiveAnswer, LiveBegin, LiveFacts, LiveNow, LiveOver,
    LiveSign, Motion, is_live, keep, may_hold, over as live_over,
};
pub use order::{CommandOrder, Params, Procedure, Seen};
pub use pilot::{SELECT_LIFE, Taking, held_by_other, holds, operated_until, selected, taken};
pub use procedure::{Proceeding, Stage, may_operate, stage};
pub use second::{NEXT_AFTER, VALIDATORS, Validator, needs_second, rings, validator};
pub use sole::{
    ALONE_AFTER, ALONE_WITHIN, Alone, CALLER_MOST, REVIEW_WITHIN, SOLE_LONGEST, Sole, SoleReason, alone, counts, spent,
};
pub use word::{Word, word};
