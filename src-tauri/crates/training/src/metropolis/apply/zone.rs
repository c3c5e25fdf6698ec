//! Kinds `zone_put` and `zone_drop`: zones drawn and changed on the map.

use vigie_core::command::Refusal;
use vigie_core::ids::ZoneId;
use vigie_core::zone::{ZoneSaid, dropped, validate, written};

use super::{Act, Verdict};
use crate::metropolis::table::Fed as _;
use crate::metropolis::world::World;

impl World {
    pub(super) fn apply_zone_put(
        &mut self,
        act: Act<'_>,
        which: (ZoneId, Option<i64>),
        said: &ZoneSaid<'_>,
    ) -> Verdict {
        if !validate(said).is_empty() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let taken = self.zones.iter().any(|zone| zone.reference == said.reference && zone.zone_id != which.0);
        let known = self.zones.get(which.0.0).map(AsRef::as_ref);
        match written(known, which, said, taken, (act.account.role, person_id, act.now)) {
            Ok(row) => {
                self.zones.put(act.xid, row);
                Verdict::applied(None)
            }
            Err((code, detail)) => Verdict { code: Some(code), command_state: None, detail },
        }
    }

    pub(super) fn apply_zone_drop(&mut self, act: Act<'_>, id: ZoneId, after: i64) -> Verdict {
        match dropped(self.zones.get(id.0).map(AsRef::as_ref), after, act.account.role) {
            Ok(()) => {
                self.zones.delete(act.xid, id.0);
                Verdict::applied(None)
            }
            Err((code, detail)) => Verdict { code: Some(code), command_state: None, detail },
        }
    }
}
