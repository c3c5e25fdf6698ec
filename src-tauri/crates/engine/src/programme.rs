//! Programmes at this desk: written as drafts, applied as a command on a frozen group by two people, gone back from by one.

use std::collections::{BTreeMap, HashMap, HashSet};

use vigie_core::command::{Params, Word, word};
use vigie_core::ids::{EquipmentId, GroupId, ProgrammeId, RequestId};
use vigie_core::port::TableChanges;
use vigie_core::programme::{
    Content, Preview, ProgrammeKind, ProgrammeRef, Site, lowest_named, named, preview, today, zone,
};
use vigie_core::submission::Body;
use vigie_core::table::{BadRow, Programme, ProgrammeAssignment, TableRow};
use vigie_core::time::Timestamp;

use crate::choose::Choice;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::group::PrepareGroup;
use crate::state::State;

/// Programmes of the local copy, and which object has which.
#[derive(Debug, Default)]
pub(crate) struct Programmes {
    rows: HashMap<ProgrammeId, Programme>,
    assignments: HashMap<EquipmentId, ProgrammeAssignment>,
}

impl Programmes {
    pub(crate) fn load(&mut self, rows: Vec<Programme>, assignments: Vec<ProgrammeAssignment>) {
        self.rows = rows.into_iter().map(|row| (row.programme_id, row)).collect();
        self.assignments = assignments.into_iter().map(|row| (row.equipment_id, row)).collect();
    }

    /// Takes rows in; whether they were of programmes.
    pub(crate) fn take(&mut self, table: &TableChanges) -> Result<bool, BadRow> {
        match table.table.name {
            name if name == Programme::SPEC.name => {
                for key in &table.deleted {
                    self.rows.remove(&ProgrammeId(*key));
                }
                for row in &table.rows {
                    let row = Programme::from_row(row)?;
                    self.rows.insert(row.programme_id, row);
                }
            }
            name if name == ProgrammeAssignment::SPEC.name => {
                for key in &table.deleted {
                    self.assignments.remove(&EquipmentId(*key));
                }
                for row in &table.rows {
                    let row = ProgrammeAssignment::from_row(row)?;
                    self.assignments.insert(row.equipment_id, row);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The lowest level by night of the programme that parameters name.
    pub(crate) fn lowest_of(&self, params: &Params) -> Option<i64> {
        lowest_named(params, |id| self.rows.get(&id))
    }

    /// The lowest level by night of the programme that an object has.
    pub(crate) fn lowest_on(&self, object: EquipmentId) -> Option<i64> {
        let has = self.assignments.get(&object)?.programme.parse().ok()?;
        named(has, |id| self.rows.get(&id))?.lowest
    }
}

/// Where a programme stands: the first that is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProgrammeStage {
    /// Objects report another than it, which was applied to them.
    Differs,
    /// Commands for it stay without a report, and no object has it.
    Unanswered,
    /// Commands for it are under way.
    UnderWay,
    /// A second person is asked, or approved it.
    Asked,
    /// Objects have it.
    Applied,
    /// Nobody applied it yet.
    Draft,
    /// It was applied, and no object has it any more.
    Left,
}

/// A programme as this desk knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownProgramme {
    /// The programme.
    pub row: Programme,
    /// Where it stands.
    pub stage: ProgrammeStage,
    /// Since when.
    pub since: Timestamp,
    /// Objects that have it.
    pub objects: Vec<EquipmentId>,
    /// Those of them that report another.
    pub differing: Vec<EquipmentId>,
    /// Those of them that do not say which they follow.
    pub silent: usize,
    /// How many commands for it are under way.
    pub under_way: usize,
    /// How many stay without a report, on objects that do not have it: whether they follow it, nobody knows (R18).
    pub unanswered: usize,
    /// The open request of it.
    pub request: Option<RequestId>,
    /// By the programme that they had before, how many of its objects may go back to it (R17).
    pub former: Vec<(String, usize)>,
}

/// A programme to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct SaveProgramme {
    /// Which; none for a new one.
    pub programme_id: Option<ProgrammeId>,
    /// The revision that was changed; 0 for a new one.
    pub after: i64,
    /// What for.
    pub kind: ProgrammeKind,
    /// What it says.
    pub content: Content,
}

impl Engine {
    /// Every programme: what needs a look first, then the newest.
    pub fn programmes(&self) -> Vec<ShownProgramme> {
        let state = self.lock();
        let mut shown: Vec<_> = state.programmes.rows.values().map(|row| state.shown(row)).collect();
        shown.sort_by_key(|p| (p.stage, std::cmp::Reverse(p.since), p.row.programme_id));
        shown
    }

    /// The programme that was applied to an object, if ever one was.
    pub fn programme_on(&self, object: EquipmentId) -> Option<ProgrammeAssignment> {
        self.lock().programmes.assignments.get(&object).cloned()
    }

    /// What a programme would do at this metropolis, from today on; nothing is written.
    pub fn preview_programme(&self, kind: ProgrammeKind, content: &Content) -> Result<Preview, EngineError> {
        let (site, safety_level) = {
            let state = self.lock();
            let site = state.picture.centre().ok_or(EngineError::NotReady)?;
            (Site { lon: site.lon, lat: site.lat }, state.picture.highest_safety_level())
        };
        Ok(preview(kind, content, site, &zone(), today(self.now()), safety_level))
    }

    /// Writes a programme in the metropolis, as a draft. Refused without a link: what is typed stays in its form.
    pub async fn save_programme(&self, asked: SaveProgramme) -> Result<ProgrammeId, EngineError> {
        self.may_act()?;
        let programme_id = asked.programme_id.unwrap_or_else(|| ProgrammeId(self.inner.ids.next()));
        let SaveProgramme { after, kind: programme_kind, content, .. } = asked;
        self.ask(Body::ProgrammePut { programme_id, after, programme_kind, content }).await?;
        Ok(programme_id)
    }

    /// Throws a draft away.
    pub async fn drop_programme(&self, programme_id: ProgrammeId) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::ProgrammeDrop { programme_id }).await
    }

    /// Takes every object of a programme back to the one before it (R17); or, `again`, gives those that report another the
    /// programme that two people applied to them. One group for each programme that is gone back to.
    pub async fn return_programme(
        &self,
        programme_id: ProgrammeId,
        again: bool,
        reason: &str,
    ) -> Result<Vec<GroupId>, EngineError> {
        let (kind, by_former) = {
            let state = self.lock();
            let row = state.programmes.rows.get(&programme_id).ok_or(EngineError::NotFound)?;
            let name = ProgrammeRef::Of(programme_id, row.revision).to_string();
            let mut by_former: BTreeMap<String, Vec<EquipmentId>> = BTreeMap::new();
            for held in state.programmes.assignments.values().filter(|held| held.programme == name) {
                let to = if again { held.differs_since.map(|_| name.clone()) } else { held.former.clone() };
                if let Some(to) = to {
                    by_former.entry(to).or_default().push(held.equipment_id);
                }
            }
            (row.kind, by_former)
        };
        if by_former.is_empty() {
            return Err(EngineError::NotFound);
        }
        let mut groups = Vec::new();
        for (to, mut objects) in by_former {
            objects.sort_unstable();
            let mut params = Params::default();
            params.0.insert("programme".to_owned(), to.into());
            let prepared = self.prepare_group(PrepareGroup {
                choice: Choice::Hand(objects),
                action: kind.return_action().to_owned(),
                params,
                effect_minutes: None,
                left_out: Vec::new(),
                replaces: None,
            })?;
            if prepared.members.is_empty() {
                continue;
            }
            self.operate_group(prepared.group_id, reason).await?;
            groups.push(prepared.group_id);
        }
        // All of them are out of reach, locked, or there already.
        if groups.is_empty() { Err(EngineError::MovedOn) } else { Ok(groups) }
    }
}

impl State {
    fn shown(&self, row: &Programme) -> ShownProgramme {
        let name = ProgrammeRef::Of(row.programme_id, row.revision).to_string();
        let names_it = |params: &Params| params.text("programme") == Some(name.as_str());
        let held: Vec<_> = self.programmes.assignments.values().filter(|held| held.programme == name).collect();
        let mut objects: Vec<_> = held.iter().map(|held| held.equipment_id).collect();
        objects.sort_unstable();
        let mut differing: Vec<_> = held.iter().filter(|h| h.differs_since.is_some()).map(|h| h.equipment_id).collect();
        differing.sort_unstable();
        let reports = |id: &EquipmentId| {
            let state = self.picture.object(*id).and_then(|object| object.state.as_ref());
            state.is_some_and(|state| state.reading.text("programme").is_some())
        };
        let silent = objects.iter().filter(|id| !reports(id)).count();
        let mut former: BTreeMap<String, usize> = BTreeMap::new();
        for to in held.iter().filter_map(|held| held.former.clone()) {
            *former.entry(to).or_default() += 1;
        }
        let has_it: HashSet<_> = objects.iter().copied().collect();
        let (mut live, mut unanswered) = (Vec::new(), Vec::new());
        for command in self.commands.values() {
            let Some(state) = command.state().filter(|s| !s.is_final()) else { continue };
            let params = command.row.as_ref().map(|r| &r.params).or(command.entry.as_ref().map(|e| &e.order.params));
            if !params.is_some_and(names_it) {
                continue;
            }
            if word(state) != Word::Unknown {
                live.push(command.issued_at());
            } else if command.equipment_id().is_none_or(|id| !has_it.contains(&id)) {
                unanswered.push(command.issued_at());
            }
        }
        let request = self.procedures.requests.values().find(|r| r.state.is_open() && names_it(&r.params));
        let first_off = held.iter().filter_map(|held| held.differs_since).min();
        let last = held.iter().map(|held| held.applied_at).max();
        let first = |at: &[Timestamp]| at.iter().min().copied();
        let stands = [
            (ProgrammeStage::Differs, first_off),
            (ProgrammeStage::UnderWay, first(&live)),
            (ProgrammeStage::Asked, request.map(|r| r.asked_at)),
            (ProgrammeStage::Applied, last),
            (ProgrammeStage::Unanswered, first(&unanswered)),
            (ProgrammeStage::Left, row.frozen_at),
        ];
        let (stage, since) = stands
            .into_iter()
            .find_map(|(stage, since)| Some((stage, since?)))
            .unwrap_or((ProgrammeStage::Draft, row.changed_at));
        ShownProgramme {
            row: row.clone(),
            stage,
            since,
            objects,
            differing,
            silent,
            under_way: live.len(),
            unanswered: unanswered.len(),
            request: request.map(|r| r.request_id),
            former: former.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::TrackedCommand;
    use serde_json::json;
    use uuid::Uuid;
    use vigie_core::command::{ClassCode, CommandState as S};
    use vigie_core::ids::{CommandId, PersonId, ShiftId};
    use vigie_core::rights::Role;
    use vigie_core::table::Command;

    const ID: ProgrammeId = ProgrammeId(Uuid::from_u128(1));

    fn light(n: u128) -> EquipmentId {
        EquipmentId(Uuid::from_u128(n))
    }

    fn row() -> Programme {
        let content = json!({
            "name": "Réduit", "valid_from": "2020-01-01", "valid_until": null, "plans": [], "rules": [],
            "default": "nuit", "programmes": [{"name": "nuit", "steps": [
                {"from": "dusk", "minutes": 0, "level": 100, "plan": null},
            ]}],
        });
        Programme {
            programme_id: ID,
            revision: 1,
            kind: ProgrammeKind::Lighting,
            content: serde_json::from_value(content).unwrap(),
            lowest: Some(100),
            person_id: PersonId(Uuid::nil()),
            changed_at: Timestamp(1),
            frozen_at: Some(Timestamp(5)),
        }
    }

    fn command(n: u128, state: S) -> TrackedCommand {
        let row = Command {
            command_id: CommandId(Uuid::from_u128(100 + n)),
            equipment_id: light(n),
            action: "street_light.set_programme".into(),
            class: ClassCode::C,
            params: Params::from(json!({"programme": format!("{ID}/1")})),
            person_id: PersonId(Uuid::nil()),
            role: Role::RemoteOperator,
            shift_id: ShiftId(Uuid::nil()),
            reason: String::new(),
            issued_at: Timestamp(5),
            expires_at: Timestamp(9),
            effect_until: None,
            seen_control_version: 1,
            without_visibility: false,
            state,
            state_since: Timestamp(6),
            detail: None,
            effect: None,
            group_id: None,
            approval_id: None,
            sole: None,
        };
        TrackedCommand { row: Some(row), entry: None }
    }

    /// How a programme is shown that was commanded of the lights 1, 2, …, and that some of them took.
    fn shown(states: &[S], took: &[u128]) -> ShownProgramme {
        let mut state = State::default();
        for (n, at) in (1_u128..).zip(states) {
            state.commands.insert(CommandId(Uuid::from_u128(100 + n)), command(n, *at));
        }
        let assigned = took.iter().map(|n| ProgrammeAssignment {
            equipment_id: light(*n),
            programme: format!("{ID}/1"),
            former: Some("own".into()),
            applied_at: Timestamp(7),
            command_id: CommandId(Uuid::from_u128(100 + n)),
            person_id: PersonId(Uuid::nil()),
            approved_by: None,
            reverted: false,
            differs_since: None,
        });
        state.programmes.load(vec![row()], assigned.collect());
        state.shown(&row())
    }

    #[test]
    fn r18_a_light_without_a_report_leaves_its_programme_applied_and_is_counted() {
        let stands = |shown: ShownProgramme| (shown.stage, shown.objects.len(), shown.under_way, shown.unanswered);
        let (dispatched, unknown, done) = (S::Dispatched, S::Unknown, S::Confirmed);
        assert_eq!(stands(shown(&[done, dispatched, unknown], &[1])), (ProgrammeStage::UnderWay, 1, 1, 1));
        assert_eq!(stands(shown(&[done, unknown, S::Failed], &[1])), (ProgrammeStage::Applied, 1, 0, 1));
        assert_eq!(stands(shown(&[unknown, unknown], &[])), (ProgrammeStage::Unanswered, 0, 0, 2));
        assert_eq!(stands(shown(&[unknown], &[1])), (ProgrammeStage::Applied, 1, 0, 0), "it showed it since");
        assert_eq!(stands(shown(&[S::Closed], &[])), (ProgrammeStage::Left, 0, 0, 0), "a person closed the question");
    }
}
