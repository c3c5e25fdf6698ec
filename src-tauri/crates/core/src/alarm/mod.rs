//! Alarms, in the words of ISA-18.2 / IEC 62682, with three independent bits as in RSMP: active, acknowledged, suspended.
//!
//! | module | what it holds |
//! |---|---|
//! | `code` | closed lists: what people do with an alarm and what it comes to, reasons, works at the place |
//! | `rule` | rules as data: what raises an alarm on what, how urgent it is; the defaults |
//! | `life` | an occurrence from raise to close: pure transitions of its row |
//! | `handling` | what a person does with an alarm: to what it comes |
//! | `report` | what the house says of alarms, with identifiers made of (rule, object, beginning) |
//! | `watch` | the rules over a city that changes: incremental, told the rows and the time |
//! | `pressure` | floods, load per desk, chattering and standing alarms |
//! | `keeper` | the house's turn: reads what changed, says what is due; run by the gateway's house and by training |
//! | `site` | the port that knows of works and crews |

mod code;
mod handling;
mod keeper;
mod life;
mod pressure;
mod report;
mod rule;
mod site;
mod watch;

pub use code::{HandlingEffect, HandlingKind, NoticeReason, ShelveReason, SiteWork};
pub use handling::{Author, Facts, Handling, SHELVE_LONGEST, SHELVE_URGENT_LONGEST, handle, may_be_shelved_until};
pub use keeper::Keeper;
pub use life::{AlarmKey, clear, escalate, explain, raise, unshelve, upgrade};
pub use pressure::{
    CHATTER_RAISES, CHATTER_WINDOW, LOAD_RECOMMENDED, LOAD_WINDOW, LOAD_WORST, LoadWord, STANDING_AFTER, chatters,
    escalates_at, escalation_due, flood, load_word, stands, untaken,
};
pub use report::{AlarmChange, RaisedAlarm, alarm_id, notice_id, report};
pub use rule::{Condition, DEVICE_RULE, LOST_RULE, Limit, LockPast, Many, Missing, Side, default_rules};
pub use site::{NotKnown, Site};
pub use watch::{Told, Watch, WatchRows};
