//! Kinds `flood_bulletin` and `flood_forecast`: what the public services say of rivers.

use vigie_core::command::Refusal;
use vigie_core::equipment::EquipmentKind;
use vigie_core::flood::{Bulletin, ForecastSaid, after_bulletin, after_forecast};

use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    /// A reach that the bulletin does not have is unknown from its hour on.
    pub(super) fn apply_flood_bulletin(&mut self, act: Act<'_>, bulletin: &Bulletin) -> Verdict {
        if !bulletin.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let changed = after_bulletin(self.reaches.iter().map(AsRef::as_ref), bulletin);
        for row in changed {
            self.reaches.put(act.xid, row);
        }
        Verdict::applied(None)
    }

    /// A forecast replaces the one before it.
    pub(super) fn apply_flood_forecast(&mut self, act: Act<'_>, said: &ForecastSaid) -> Verdict {
        if !said.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let gauge = self.equipment.get(said.equipment_id.0);
        if gauge.is_none_or(|object| object.kind != EquipmentKind::Gauge) {
            return Verdict::refused(Refusal::NoSuchObject, None);
        }
        if let Some(row) = after_forecast(self.forecasts.get(said.forecast_id).map(AsRef::as_ref), said) {
            self.forecasts.put(act.xid, row);
        }
        Verdict::applied(None)
    }
}
