//! Programmes as views.

use vigie_core::programme::{ProgrammeKind, ProgrammeRef, standing};
use vigie_core::rights::rights;
use vigie_core::table::ProgrammeAssignment;
use vigie_engine::{Engine, ProgrammeStage as Stage, ShownProgramme};

use crate::dto::{FormerView, ObjectProgramme, ProgrammeStage, ProgrammeView};
use crate::view::{count, group_object};

/// Objects that differ and are named.
const NAMED: usize = 100;

/// Every programme.
pub(crate) fn programmes(engine: &Engine) -> Vec<ProgrammeView> {
    let shown = engine.programmes();
    let role = engine.status().identity.map(|identity| identity.role);
    let may = |kind: ProgrammeKind| {
        role.is_some_and(|role| {
            rights().may_submit(role, "programme_put") && rights().may_pilot(role, kind.equipment())
        })
    };
    let names: Vec<(String, String)> = shown.iter().map(|p| (reference(p), p.row.content.name.clone())).collect();
    let name = |of: &str| names.iter().find(|(known, _)| known == of).map(|(_, name)| name.clone()).unwrap_or_default();
    shown.iter().map(|p| programme(engine, p, may(p.row.kind), &name)).collect()
}

fn reference(shown: &ShownProgramme) -> String {
    ProgrammeRef::Of(shown.row.programme_id, shown.row.revision).to_string()
}

fn programme(
    engine: &Engine,
    shown: &ShownProgramme,
    may_write: bool,
    name: &impl Fn(&str) -> String,
) -> ProgrammeView {
    let row = &shown.row;
    ProgrammeView {
        programme_id: row.programme_id,
        revision: row.revision,
        reference: reference(shown),
        kind: row.kind,
        content: row.content.clone(),
        lowest: row.lowest,
        stage: stage(shown.stage),
        since: shown.since,
        author: engine.person(row.person_id).unwrap_or_default(),
        changed_at: row.changed_at,
        frozen: row.frozen_at.is_some(),
        objects: count(shown.objects.len()),
        differing: engine
            .picture(|picture| shown.differing.iter().take(NAMED).map(|id| group_object(picture, *id)).collect()),
        differs: count(shown.differing.len()),
        silent: count(shown.silent),
        under_way: count(shown.under_way),
        unanswered: count(shown.unanswered),
        request_id: shown.request,
        former: shown
            .former
            .iter()
            .map(|(of, objects)| FormerView { reference: of.clone(), name: name(of), objects: count(*objects) })
            .collect(),
        may_write,
    }
}

/// What was applied to an object, against what it reports.
pub(crate) fn object_programme(
    row: &ProgrammeAssignment,
    reported: Option<&str>,
    author: Option<String>,
    approved_by: Option<String>,
) -> ObjectProgramme {
    ObjectProgramme {
        applied: row.programme.clone(),
        applied_at: row.applied_at,
        author,
        approved_by,
        reported: reported.map(str::to_owned),
        standing: standing(&row.programme, reported),
        differs_since: row.differs_since,
    }
}

const fn stage(stage: Stage) -> ProgrammeStage {
    match stage {
        Stage::Differs => ProgrammeStage::Differs,
        Stage::Unanswered => ProgrammeStage::Unanswered,
        Stage::UnderWay => ProgrammeStage::UnderWay,
        Stage::Asked => ProgrammeStage::Asked,
        Stage::Applied => ProgrammeStage::Applied,
        Stage::Draft => ProgrammeStage::Draft,
        Stage::Left => ProgrammeStage::Left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vigie_core::ids::{CommandId, EquipmentId, PersonId};
    use vigie_core::programme::Standing;
    use vigie_core::time::Timestamp;

    fn assigned(differs_since: Option<Timestamp>) -> ProgrammeAssignment {
        ProgrammeAssignment {
            equipment_id: EquipmentId(Uuid::from_u128(1)),
            programme: "p/1".into(),
            former: Some("own".into()),
            applied_at: Timestamp(10),
            command_id: CommandId(Uuid::from_u128(2)),
            person_id: PersonId(Uuid::from_u128(3)),
            approved_by: None,
            reverted: false,
            differs_since,
        }
    }

    #[test]
    fn r19_a_sheet_compares_what_was_applied_with_what_the_device_reports_now() {
        let shown = |since, reported| object_programme(&assigned(since), reported, Some("C. Martin".into()), None);
        let as_applied = shown(None, Some("p/1"));
        assert_eq!((as_applied.standing, as_applied.reported.as_deref()), (Standing::AsApplied, Some("p/1")));
        let differs = shown(Some(Timestamp(20)), Some("own"));
        assert_eq!((differs.standing, differs.differs_since), (Standing::Differs, Some(Timestamp(20))));
        assert_eq!(shown(None, None).standing, Standing::NotReported, "silence is not conformity");
    }
}
