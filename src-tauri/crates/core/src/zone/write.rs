//! A zone written or thrown away: by whom, and over which of its contents.

use serde_json::{Value, json};

use crate::command::Refusal;
use crate::ids::{PersonId, ZoneId};
use crate::rights::{Role, rights};
use crate::table::{TableRow, Zone};
use crate::time::Timestamp;
use crate::zone::ZoneSaid;

/// Whether a role may write zones of a kind: what it does not see it does not write.
pub fn may_write(role: Role, kind: &str) -> bool {
    let sees = rights().table.get(Zone::SPEC.name).is_some_and(|table| {
        let hidden = table.rows.as_ref().and_then(|rows| rows.hidden.get(kind));
        table.read.contains(&role) && hidden.is_none_or(|roles| !roles.contains(&role))
    });
    sees && rights().may_submit(role, "zone_put")
}

/// Why a zone is not written, and what the author should know of it.
type Refused = (Refusal, Value);

fn changed(known: &Zone) -> Refused {
    let seen = json!({"revision": known.revision, "person_id": known.person_id, "changed_at": known.changed_at});
    (Refusal::ZoneChanged, seen)
}

fn held(known: Option<&Zone>, after: Option<i64>, role: Role) -> Result<(), Refused> {
    if known.is_some_and(|zone| !may_write(role, &zone.kind)) {
        return Err((Refusal::NotAllowed, Value::Null));
    }
    match (known, after) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err((Refusal::NoSuchZone, Value::Null)),
        (Some(zone), Some(after)) if zone.revision.unwrap_or(0) == after => Ok(()),
        (Some(zone), _) => Err(changed(zone)),
    }
}

/// The row of a zone once it is written; `after` is the revision that was changed (0 as it was loaded, none for a new zone),
/// `taken` whether another zone has its reference. The form is judged before ([`crate::zone::validate`]).
pub fn written(
    known: Option<&Zone>,
    (zone_id, after): (ZoneId, Option<i64>),
    said: &ZoneSaid<'_>,
    taken: bool,
    (role, person_id, now): (Role, PersonId, Timestamp),
) -> Result<Zone, Refused> {
    if !may_write(role, said.kind) {
        return Err((Refusal::NotAllowed, Value::Null));
    }
    held(known, after, role)?;
    // Files know a zone by its reference.
    if known.is_some_and(|zone| zone.reference != said.reference) {
        return Err((Refusal::Malformed, Value::Null));
    }
    if taken {
        return Err((Refusal::ReferenceTaken, Value::Null));
    }
    Ok(Zone {
        zone_id,
        reference: said.reference.to_owned(),
        name: said.name.to_owned(),
        kind: said.kind.to_owned(),
        outline: said.outline.clone(),
        revision: Some(after.unwrap_or(0).saturating_add(1)),
        person_id: Some(person_id),
        changed_at: Some(now),
    })
}

/// Whether a zone may be thrown away.
pub fn dropped(known: Option<&Zone>, after: i64, role: Role) -> Result<(), Refused> {
    held(known, Some(after), role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const AUTHOR: PersonId = PersonId(Uuid::from_u128(7));
    const ID: ZoneId = ZoneId(Uuid::from_u128(1));

    fn write(known: Option<&Zone>, after: Option<i64>, kind: &str, role: Role) -> Result<Zone, Refusal> {
        let outline = json!({"type": "Polygon", "coordinates": []});
        let said = ZoneSaid { reference: "Z-1", name: "Gare", kind, outline: &outline };
        written(known, (ID, after), &said, false, (role, AUTHOR, Timestamp(9))).map_err(|(refusal, _)| refusal)
    }

    #[test]
    fn two_who_change_one_zone_do_not_overwrite_each_other_silently() {
        let first = write(None, None, "cctv", Role::Supervisor).unwrap();
        assert_eq!((first.revision, first.person_id, first.changed_at), (Some(1), Some(AUTHOR), Some(Timestamp(9))));
        let second = write(Some(&first), Some(1), "flood", Role::Supervisor).unwrap();
        assert_eq!((second.revision, second.kind.as_str()), (Some(2), "flood"));
        assert_eq!(write(Some(&second), Some(1), "cctv", Role::Supervisor), Err(Refusal::ZoneChanged));
        assert_eq!(write(Some(&second), None, "cctv", Role::Supervisor), Err(Refusal::ZoneChanged));
        assert_eq!(write(None, Some(2), "cctv", Role::Supervisor), Err(Refusal::NoSuchZone));
        let (refusal, seen) = dropped(Some(&second), 1, Role::Supervisor).unwrap_err();
        assert_eq!((refusal, &seen["revision"], &seen["changed_at"]), (Refusal::ZoneChanged, &json!(2), &json!(9)));
        assert_eq!(dropped(Some(&second), 2, Role::Supervisor), Ok(()));
    }

    #[test]
    fn a_zone_as_it_was_loaded_counts_as_none_changed() {
        let loaded = Zone {
            revision: None,
            person_id: None,
            changed_at: None,
            ..write(None, None, "cctv", Role::Supervisor).unwrap()
        };
        assert_eq!(write(Some(&loaded), Some(0), "cctv", Role::Supervisor).unwrap().revision, Some(1));
    }

    #[test]
    fn what_a_role_does_not_see_it_does_not_write() {
        assert!(may_write(Role::Supervisor, "closed_building") && may_write(Role::ItAdmin, "cctv"));
        assert!(!may_write(Role::ItAdmin, "closed_building") && !may_write(Role::RemoteOperator, "cctv"));
        let closed = write(None, None, "closed_building", Role::Supervisor).unwrap();
        assert_eq!(write(None, None, "closed_building", Role::ItAdmin), Err(Refusal::NotAllowed));
        assert_eq!(write(Some(&closed), Some(1), "district", Role::ItAdmin), Err(Refusal::NotAllowed));
        assert_eq!(dropped(Some(&closed), 1, Role::ItAdmin).unwrap_err().0, Refusal::NotAllowed);
    }
}
