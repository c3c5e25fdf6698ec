//! Which programme an object has, which it had before, which it reports.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::command::{Action, Parameter, Params, Refusal, action};
use crate::ids::{PersonId, ProgrammeId};
use crate::programme::{Content, ProgrammeKind, lowest_by_night};
use crate::table::{Command, Programme, ProgrammeAssignment};
use crate::time::Timestamp;

/// What a device follows that has no programme of ours: the one built into it.
pub const OWN: &str = "own";

/// A programme as a command, a device and a row name it: `<programme_id>/<revision>`, or [`OWN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProgrammeRef {
    /// The device's own.
    Own,
    /// One revision of one programme.
    Of(ProgrammeId, i64),
}

impl fmt::Display for ProgrammeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str(OWN),
            Self::Of(id, revision) => write!(f, "{id}/{revision}"),
        }
    }
}

/// A text that names no programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a programme is named `<programme_id>/<revision>` or `{OWN}`")]
pub struct NoReference;

impl FromStr for ProgrammeRef {
    type Err = NoReference;

    fn from_str(text: &str) -> Result<Self, NoReference> {
        if text == OWN {
            return Ok(Self::Own);
        }
        let (id, revision) = text.split_once('/').ok_or(NoReference)?;
        let named = Self::Of(
            ProgrammeId(id.parse().map_err(|_| NoReference)?),
            revision.parse().ok().filter(|n| *n >= 1).ok_or(NoReference)?,
        );
        // One spelling for each, or a device that reports it would seem to differ.
        if named.to_string() == text { Ok(named) } else { Err(NoReference) }
    }
}

impl ProgrammeRef {
    /// The programme that a command's parameters name.
    pub fn of(params: &Params) -> Option<Self> {
        params.text("programme").and_then(|text| text.parse().ok())
    }
}

/// The lowest level by night of the programme that parameters name; none where they name none that `find` knows in that
/// revision.
pub fn lowest_named<'r>(params: &Params, find: impl Fn(ProgrammeId) -> Option<&'r Programme>) -> Option<i64> {
    named(ProgrammeRef::of(params)?, find)?.lowest
}

/// The programme of a name, in that revision.
pub fn named<'r>(name: ProgrammeRef, find: impl Fn(ProgrammeId) -> Option<&'r Programme>) -> Option<&'r Programme> {
    let ProgrammeRef::Of(id, revision) = name else { return None };
    find(id).filter(|row| row.revision == revision)
}

/// Whether a programme may be applied to equipment of a kind: it exists in this revision, is of the kind, and is not over on
/// the day `today`.
pub fn may_apply(
    action: &Action,
    params: &Params,
    row: Option<&Programme>,
    assignment: Option<&ProgrammeAssignment>,
    today: Date,
) -> Result<(), Refusal> {
    if action.parameter != Parameter::Programme {
        return Ok(());
    }
    let named = ProgrammeRef::of(params).ok_or(Refusal::BadParameters)?;
    if action.safe_direction {
        return if may_return(assignment, named) { Ok(()) } else { Err(Refusal::NotFormer) };
    }
    let fits = |row: &&Programme| {
        named == ProgrammeRef::Of(row.programme_id, row.revision)
            && ProgrammeKind::of(action.kind) == Some(row.kind)
            && row.content.valid_until.is_none_or(|until| until >= today)
    };
    row.filter(fits).map(|_| ()).ok_or(Refusal::NoSuchProgramme)
}

/// Whether going to a programme is going back (R17): to the former one, to the one that two people had applied and that the
/// device no longer shows, or to the device's own where none was ever applied.
pub fn may_return(assignment: Option<&ProgrammeAssignment>, to: ProgrammeRef) -> bool {
    let Some(row) = assignment else { return to == ProgrammeRef::Own };
    let to = to.to_string();
    row.former.as_ref() == Some(&to) || row.programme == to
}

/// The row of a programme once it is written; none when it was written by somebody else since, or applied.
pub fn written(
    known: Option<&Programme>,
    (programme_id, after): (ProgrammeId, i64),
    (kind, content): (ProgrammeKind, &Content),
    (person_id, now): (PersonId, Timestamp),
) -> Result<Programme, Refusal> {
    if known.is_some_and(|row| row.frozen_at.is_some()) {
        return Err(Refusal::ProgrammeInUse);
    }
    if known.map_or(0, |row| row.revision) != after || known.is_some_and(|row| row.kind != kind) {
        return Err(Refusal::IllegalEvent);
    }
    Ok(Programme {
        programme_id,
        revision: after.saturating_add(1),
        kind,
        content: content.clone(),
        lowest: lowest_by_night(content),
        person_id,
        changed_at: now,
        frozen_at: None,
    })
}

/// What an object has once it showed that it took the programme of a command; none when that changes nothing. `newer`: the
/// command of what it has is the newer of the two, and a late answer does not take its place.
pub fn assigned(
    held: Option<&ProgrammeAssignment>,
    command: &Command,
    approved_by: Option<PersonId>,
    newer: bool,
    now: Timestamp,
) -> Option<ProgrammeAssignment> {
    let action = action(&command.action).filter(|action| action.parameter == Parameter::Programme)?;
    let programme = command.params.text("programme")?.to_owned();
    if newer {
        return None;
    }
    if let Some(row) = held.filter(|row| row.programme == programme) {
        return row.differs_since.map(|_| ProgrammeAssignment { differs_since: None, ..row.clone() });
    }
    Some(ProgrammeAssignment {
        equipment_id: command.equipment_id,
        programme,
        // From what was gone back to nobody goes back: that would be forth again, and takes two.
        former: (!action.safe_direction).then(|| held.map_or(OWN.to_owned(), |row| row.programme.clone())),
        applied_at: now,
        command_id: command.command_id,
        person_id: command.person_id,
        approved_by,
        reverted: action.safe_direction,
        differs_since: None,
    })
}

/// The assignment once its object reported a programme, at `now`; none when that changes nothing.
pub fn compared(held: &ProgrammeAssignment, reported: Option<&str>, now: Timestamp) -> Option<ProgrammeAssignment> {
    let differs = match standing(&held.programme, reported) {
        Standing::NotReported => return None,
        Standing::AsApplied => false,
        Standing::Differs => true,
    };
    let moved = differs != held.differs_since.is_some();
    moved.then(|| ProgrammeAssignment { differs_since: differs.then_some(now), ..held.clone() })
}

crate::table::codes! {
    /// What a device reports, against what was applied.
    Standing {
        /// It reports what was applied.
        AsApplied = "as_applied",
        /// It reports another: somebody at the cabinet, a device replaced, an order that never got there.
        Differs = "differs",
        /// It does not say which it follows.
        NotReported = "not_reported",
    }
}

/// Compares what was applied with what the device reports.
pub fn standing(applied: &str, reported: Option<&str>) -> Standing {
    match reported {
        None => Standing::NotReported,
        Some(reported) if reported == applied => Standing::AsApplied,
        Some(_) => Standing::Differs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{ClassCode, CommandState};
    use crate::ids::{CommandId, EquipmentId, ShiftId};
    use crate::programme::sample::{date, lighting};
    use crate::rights::Role;
    use serde_json::json;
    use uuid::Uuid;

    fn id(n: u128) -> ProgrammeId {
        ProgrammeId(Uuid::from_u128(n))
    }

    fn row() -> Programme {
        Programme {
            programme_id: id(1),
            revision: 3,
            kind: ProgrammeKind::Lighting,
            content: lighting(),
            lowest: Some(50),
            person_id: PersonId(Uuid::nil()),
            changed_at: Timestamp(0),
            frozen_at: None,
        }
    }

    fn holding(programme: ProgrammeRef, former: Option<ProgrammeRef>) -> ProgrammeAssignment {
        ProgrammeAssignment {
            equipment_id: EquipmentId(Uuid::nil()),
            programme: programme.to_string(),
            former: former.map(|f| f.to_string()),
            applied_at: Timestamp(0),
            command_id: CommandId(Uuid::nil()),
            person_id: PersonId(Uuid::nil()),
            approved_by: None,
            reverted: false,
            differs_since: None,
        }
    }

    fn params(named: ProgrammeRef) -> Params {
        Params::from(json!({"programme": named.to_string()}))
    }

    #[test]
    fn a_programme_has_one_spelling() {
        let named = ProgrammeRef::Of(id(7), 12);
        assert_eq!(named.to_string().parse(), Ok(named));
        assert_eq!("own".parse(), Ok(ProgrammeRef::Own));
        let upper = named.to_string().to_uppercase().replace("00000007", "0000000A");
        for text in
            ["", "own/1", "x/1", &format!("{}/0", id(7)), &format!("{}/01", id(7)), &format!("{}", id(7)), &upper]
        {
            assert_eq!(text.parse::<ProgrammeRef>(), Err(NoReference), "{text}");
        }
    }

    #[test]
    fn r19_what_is_applied_is_the_revision_that_is_there_of_the_right_kind_and_not_over() {
        let apply = action("street_light.set_programme").unwrap();
        let today = date("2026-11-26");
        let may = |row: Option<&Programme>, named| may_apply(apply, &params(named), row, None, today);
        let there = ProgrammeRef::Of(id(1), 3);
        assert_eq!(may(Some(&row()), there), Ok(()));
        assert_eq!(
            may(Some(&row()), ProgrammeRef::Of(id(1), 2)),
            Err(Refusal::NoSuchProgramme),
            "it was changed since"
        );
        assert_eq!(may(None, there), Err(Refusal::NoSuchProgramme));
        let signals = Programme { kind: ProgrammeKind::Signals, ..row() };
        assert_eq!(may(Some(&signals), there), Err(Refusal::NoSuchProgramme));
        let mut over = row();
        over.content.valid_until = Some(date("2026-11-25"));
        assert_eq!(may(Some(&over), there), Err(Refusal::NoSuchProgramme));
        assert_eq!(
            may(Some(&row()), ProgrammeRef::Own),
            Err(Refusal::NoSuchProgramme),
            "its own is gone back to, not applied"
        );
    }

    #[test]
    fn r17_going_back_is_to_the_former_programme_or_to_the_one_in_force_and_to_no_other() {
        let (now, before, other) = (ProgrammeRef::Of(id(2), 1), ProgrammeRef::Of(id(1), 3), ProgrammeRef::Of(id(3), 1));
        let row = holding(now, Some(before));
        assert!(may_return(Some(&row), before) && may_return(Some(&row), now));
        assert!(!may_return(Some(&row), other) && !may_return(Some(&row), ProgrammeRef::Own));
        assert!(may_return(None, ProgrammeRef::Own) && !may_return(None, before));
        let back = action("street_light.former_programme").unwrap();
        let today = date("2026-11-26");
        assert_eq!(may_apply(back, &params(other), None, Some(&row), today), Err(Refusal::NotFormer));
        assert_eq!(may_apply(back, &params(before), None, Some(&row), today), Ok(()));
    }

    fn command(code: &str, named: ProgrammeRef) -> Command {
        Command {
            command_id: CommandId(Uuid::from_u128(9)),
            equipment_id: EquipmentId(Uuid::nil()),
            action: code.into(),
            class: ClassCode::C,
            params: params(named),
            person_id: PersonId(Uuid::nil()),
            role: Role::RemoteOperator,
            shift_id: ShiftId(Uuid::nil()),
            reason: String::new(),
            issued_at: Timestamp(1),
            expires_at: Timestamp(2),
            effect_until: None,
            seen_control_version: 1,
            without_visibility: false,
            state: CommandState::Confirmed,
            state_since: Timestamp(2),
            detail: None,
            effect: None,
            group_id: None,
            approval_id: None,
            sole: None,
        }
    }

    #[test]
    fn r19_what_was_applied_remembers_what_was_before_and_what_was_gone_back_to_remembers_nothing() {
        let (first, second) = (ProgrammeRef::Of(id(1), 3), ProgrammeRef::Of(id(2), 1));
        let by = Some(PersonId(Uuid::from_u128(5)));
        let apply = |held: Option<&ProgrammeAssignment>, named| {
            assigned(held, &command("street_light.set_programme", named), by, false, Timestamp(7))
        };
        let row = apply(None, first).unwrap();
        assert_eq!((row.programme.as_str(), row.former.as_deref()), (first.to_string().as_str(), Some(OWN)));
        let row = apply(Some(&row), second).unwrap();
        assert_eq!(row.former, Some(first.to_string()));
        assert_eq!(apply(Some(&row), second), None, "delivered again");
        let back = command("street_light.former_programme", first);
        assert_eq!(assigned(Some(&row), &back, None, true, Timestamp(8)), None, "a late answer of an older order");
        let row = assigned(Some(&row), &back, None, false, Timestamp(8)).unwrap();
        assert_eq!((row.programme, row.former, row.reverted), (first.to_string(), None, true));
        assert_eq!(assigned(None, &command("street_light.read", first), None, false, Timestamp(8)), None);
    }

    #[test]
    fn r19_what_is_written_counts_its_revisions_and_what_was_applied_is_written_no_more() {
        let by = (PersonId(Uuid::from_u128(4)), Timestamp(9));
        let content = lighting();
        let write =
            |known: Option<&Programme>, after| written(known, (id(1), after), (ProgrammeKind::Lighting, &content), by);
        assert_eq!(write(None, 0).map(|row| (row.revision, row.lowest)), Ok((1, Some(50))));
        assert_eq!(write(Some(&row()), 3).map(|row| row.revision), Ok(4));
        assert_eq!(write(Some(&row()), 2), Err(Refusal::IllegalEvent), "somebody else wrote in between");
        assert_eq!(write(None, 3), Err(Refusal::IllegalEvent), "thrown away in between");
        let applied = Programme { frozen_at: Some(Timestamp(1)), ..row() };
        assert_eq!(write(Some(&applied), 3), Err(Refusal::ProgrammeInUse));
        let signals = Programme { kind: ProgrammeKind::Signals, ..row() };
        assert_eq!(write(Some(&signals), 3), Err(Refusal::IllegalEvent));
    }

    #[test]
    fn r19_a_difference_is_dated_from_its_first_report() {
        let row = holding(ProgrammeRef::Own, None);
        assert_eq!(compared(&row, Some("own"), Timestamp(5)), None);
        assert_eq!(compared(&row, None, Timestamp(5)), None);
        let off = compared(&row, Some("autre"), Timestamp(5)).unwrap();
        assert_eq!(off.differs_since, Some(Timestamp(5)));
        assert_eq!(compared(&off, Some("encore un autre"), Timestamp(6)), None);
        assert_eq!(compared(&off, Some("own"), Timestamp(7)).map(|row| row.differs_since), Some(None));
    }

    #[test]
    fn r19_what_a_device_reports_is_compared_with_what_was_applied() {
        assert_eq!(standing("own", Some("own")), Standing::AsApplied);
        assert_eq!(standing("own", Some("autre")), Standing::Differs);
        assert_eq!(standing("own", None), Standing::NotReported);
    }
}
