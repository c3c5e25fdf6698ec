//! Programmes: what lights and junctions do by themselves, night after night (R19).
//!
//! | module | what it holds |
//! |---|---|
//! | [`content`] | a programme as it is written: control programmes of steps, and the calendar that chooses among them |
//! | [`valid`] | what must hold of it before anybody may save it |
//! | [`holiday`] | the public holidays of a year |
//! | [`sun`] | civil dusk and dawn at a place |
//! | [`day`] | one day of a programme as instants |
//! | [`preview`] | seven nights and both changes of the clock, with what is to be looked at |
//! | [`lowest`] | the lowest level by night: what its class is made of |
//! | [`apply`] | which programme an object has, which it had, and which it reports |
//!
//! The shape is TALQ's: a calendar chooses a control program for each day, a control program is a list of steps. A night of
//! lighting runs from noon to noon and has the date of its evening; a day of signals runs from midnight to midnight.

pub mod apply;
pub mod content;
pub mod day;
pub mod holiday;
pub mod lowest;
pub mod preview;
pub mod sun;
pub mod valid;

pub use apply::{
    OWN, ProgrammeRef, Standing, assigned, compared, lowest_named, may_apply, may_return, named, standing, written,
};
pub use content::{Anchor, Content, ControlProgramme, Day, NamedPlan, ProgrammeKind, Rule, Setting, Step};
pub use day::{Change, Hour, in_force_at, resolve};
pub use holiday::{easter, is_holiday};
pub use lowest::lowest_by_night;
pub use preview::{NightOf, NightPreview, Noticed, Preview, PreviewFinding, preview};
pub use sun::Site;
pub use valid::{Invalid, InvalidCode, validate};

/// The zone by whose clock programmes run: that of the devices and of who reads a preview.
pub const ZONE: &str = "Europe/Paris";

/// That zone, from the data that the program carries.
pub fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(ZONE).unwrap_or(jiff::tz::TimeZone::UTC)
}

/// The date by that clock.
pub fn today(now: crate::time::Timestamp) -> jiff::civil::Date {
    jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone()).date()
}

#[cfg(test)]
pub(crate) mod sample;
