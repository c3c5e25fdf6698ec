//! One function for each command of [`crate::commands`], by subject.

mod alarm;
mod city;
mod command;
mod flood;
mod group;
mod lock;
mod object;
mod procedure;
mod programme;
mod record;
mod session;
mod source;
mod zone;

pub(crate) use command::can_cancel;
