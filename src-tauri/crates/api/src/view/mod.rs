//! From the engine's values to the types that cross.

mod alarm;
mod command;
mod group;
mod lock;
mod object;
mod procedure;
mod programme;
mod record;
mod review;
mod status;

pub(crate) use alarm::{Page, alarm_summary};
pub(crate) use command::{commands, commands_on};
pub(crate) use group::{count, excluded, group, group_object, group_sheet, saved_group};
pub(crate) use lock::{effects, lock, locks, locks_on};
pub(crate) use object::{action, as_of, object_line, object_sheet, place, service};
pub(crate) use procedure::{hold, needs, request, sole_review};
pub(crate) use programme::{object_programme, programmes};
pub(crate) use record::{log, records};
pub(crate) use review::review;
pub(crate) use status::status;
