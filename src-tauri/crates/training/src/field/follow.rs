//! The programme that a device was given, and what it makes of it night after night.

use std::sync::Arc;

use jiff::ToSpan;
use vigie_core::programme::{Content, ProgrammeKind, Setting, Site, in_force_at, resolve, zone};
use vigie_core::table::Programme;
use vigie_core::time::Timestamp;

/// What a programme says, as its device holds it.
pub type Says = Arc<(ProgrammeKind, Content)>;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    /// As it was named to the device, and as the device reports it.
    pub(super) name: String,
    /// What it says; none for the device's own, or where nobody told (it then does what is its own).
    pub(super) says: Option<Says>,
}

/// What a programme of the metropolis says, for its devices.
pub fn says(row: &Programme) -> Says {
    Arc::new((row.kind, row.content.clone()))
}

impl Followed {
    /// What it sets at an instant; none outside its dates.
    pub(super) fn sets(&self, at: Timestamp, site: Site) -> Option<Setting> {
        let (kind, content) = self.says.as_deref()?;
        in_force_at(*kind, content, at, site, &zone())
    }

    /// Its next step after an instant, within a day or two.
    pub(super) fn next_step(&self, after: Timestamp, site: Site) -> Option<Timestamp> {
        let (kind, content) = self.says.as_deref()?;
        let zone = zone();
        let today = jiff::Timestamp::from_millisecond(after.0).ok()?.to_zoned(zone.clone()).date();
        let days = (-1..=1_i64).filter_map(|n| today.checked_add(n.days()).ok());
        let steps = days.flat_map(|day| resolve(*kind, content, day, site, &zone));
        steps.map(|step| step.at).filter(|at| *at > after).min()
    }
}
