//! Zones: the list, a look at a drawing, writing, throwing away.

use vigie_core::ids::PersonId;
use vigie_core::table::Zone;
use vigie_core::zone::{ZoneKind, may_write};
use vigie_engine::{DrawnZone, Engine};

use crate::Api;
use crate::dto::{DropZoneArgs, NoArgs, ZoneArgs, ZoneChanged, ZoneCheck, ZoneSaved, ZoneView, ZonesView};
use crate::error::ApiError;
use crate::view::count;

impl Api {
    pub(crate) async fn zones(&self, _: NoArgs) -> Result<ZonesView, ApiError> {
        let engine = self.engine().await?;
        let names = self.names(&engine);
        let role = engine.status().identity.map(|identity| identity.role);
        let open = self.inner.session.suspended().is_none();
        let may = |kind: &&ZoneKind| open && role.is_some_and(|role| may_write(role, kind.code()));
        Ok(ZonesView {
            zones: engine.zones().into_iter().map(|row| zone(row, &names)).collect(),
            may_write: ZoneKind::ALL.iter().filter(may).copied().collect(),
        })
    }

    pub(crate) async fn check_zone(&self, args: ZoneArgs) -> Result<ZoneCheck, ApiError> {
        let look = self.engine().await?.look_at_zone(&drawn(args));
        let (holds, enters, leaves) = (count(look.holds), count(look.enters), count(look.leaves));
        Ok(ZoneCheck { faults: look.faults, holds, enters, leaves })
    }

    pub(crate) async fn save_zone(&self, args: ZoneArgs) -> Result<ZoneSaved, ApiError> {
        let engine = self.engine().await?;
        let saved = engine.save_zone(drawn(args)).await?;
        Ok(told(&engine, &saved))
    }

    pub(crate) async fn drop_zone(&self, args: DropZoneArgs) -> Result<ZoneSaved, ApiError> {
        let engine = self.engine().await?;
        let saved = engine.drop_zone(args.zone_id, args.after).await?;
        Ok(told(&engine, &saved))
    }

    /// Names of colleagues, while people are not hidden.
    pub(super) fn names<'e>(&self, engine: &'e Engine) -> impl Fn(PersonId) -> String + use<'e> {
        let open = self.inner.session.suspended().is_none();
        move |id| engine.person(id).filter(|_| open).unwrap_or_default()
    }
}

fn drawn(args: ZoneArgs) -> DrawnZone {
    let ZoneArgs { zone_id, after, reference, name, kind, outline } = args;
    DrawnZone { zone_id, after, reference, name, kind, outline }
}

fn told(engine: &Engine, saved: &vigie_engine::ZoneSaved) -> ZoneSaved {
    match saved {
        vigie_engine::ZoneSaved::Done(id) => ZoneSaved { zone_id: Some(*id), changed: None },
        vigie_engine::ZoneSaved::Changed { by, at } => {
            let by = by.and_then(|id| engine.person(id)).unwrap_or_default();
            ZoneSaved { zone_id: None, changed: Some(ZoneChanged { by, at: *at }) }
        }
    }
}

/// A zone as it is shown.
pub(super) fn zone(row: Zone, names: &impl Fn(PersonId) -> String) -> ZoneView {
    let changed_by = row.person_id.map(names);
    // Nobody's name says that a file brought it: what a person changed whose name is hidden does not say when either.
    let hidden = changed_by.as_ref().is_some_and(String::is_empty);
    ZoneView {
        zone_id: row.zone_id,
        reference: row.reference,
        name: row.name,
        kind: row.kind,
        outline: row.outline,
        revision: row.revision.unwrap_or(0),
        changed_by: changed_by.unwrap_or_default(),
        changed_at: row.changed_at.filter(|_| !hidden),
    }
}
