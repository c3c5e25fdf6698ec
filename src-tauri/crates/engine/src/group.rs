//! A command on many objects at this desk: prepared and frozen, operated as one submission, stopped by one key.

use std::collections::{HashMap, HashSet};

use vigie_core::command::{
    Action, Admission, Asked, Candidate, Check, ChosenBy, ClassCode, CommandEventCode as E, CommandOrder,
    CommandState as S, Exclusion, GroupOrder, MOST_EXCLUDED, MOST_MEMBERS, Member, Parameter, Params, Procedure, Seen,
    Situation, Surroundings, action, admit, class_of_group, classify, counted, freeze, needs_second, step,
    within_count,
};
use vigie_core::equipment::Reach;
use vigie_core::ids::{CommandId, EquipmentId, GroupId, RequestId, SavedGroupId};
use vigie_core::port::{GroupHead, OutboxChange, OutboxEntry, OutboxState, TableChanges};
use vigie_core::rights::rights;
use vigie_core::submission::{Body, Submission};
use vigie_core::table::{BadRow, CommandGroup, SavedGroup, TableRow};
use vigie_core::time::Timestamp;

use crate::choose::{Choice, streets};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;
use crate::operate::kept;
use crate::operate::{desk, effect_end, seen};
use crate::state::{State, TrackedCommand};

/// Prepared groups that are remembered: more than windows of one desk.
const REMEMBERED: usize = 8;

/// What is to be prepared.
#[derive(Debug, Clone, PartialEq)]
pub struct PrepareGroup {
    /// On which objects.
    pub choice: Choice,
    /// Action code.
    pub action: String,
    /// Absolute target.
    pub params: Params,
    /// Length of the effect; required where it lasts.
    pub effect_minutes: Option<u64>,
    /// Objects that its author leaves out.
    pub left_out: Vec<EquipmentId>,
    /// The group of intents that it takes the place of.
    pub replaces: Option<GroupId>,
}

/// A group as it was frozen: what operating it would do, and to what.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedGroup {
    /// Identifier: it is operated by it, once.
    pub group_id: GroupId,
    /// Class of the whole.
    pub class: ClassCode,
    /// What operating it now would do.
    pub admission: Admission,
    /// One person alone may not, by the count of objects (R7), or because it is dangerous.
    pub needs_second_person: bool,
    /// Its objects, in their order.
    pub members: Vec<EquipmentId>,
    /// What was chosen and is left out.
    pub excluded: Vec<Exclusion>,
    /// The members that make it dangerous.
    pub dangerous: Vec<EquipmentId>,
    /// In how many streets.
    pub streets: usize,
    /// Who may be asked to approve it and holds a desk, in order: names.
    pub present: Vec<String>,
    /// What it would do and what stands around, where that is looked at: from class C on.
    pub check: Option<Check>,
}

/// What is kept of a prepared group until it is operated.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    pub(crate) group_id: GroupId,
    pub(crate) head: GroupHead,
    pub(crate) action: &'static Action,
    pub(crate) params: Params,
    pub(crate) effect_minutes: Option<u64>,
    pub(crate) members: Vec<(EquipmentId, Seen)>,
    class: ClassCode,
    replaces: Option<GroupId>,
    /// The second person that was asked to approve it.
    pub(crate) request: Option<RequestId>,
    /// What its author was told that it would do.
    pub(crate) promised: Admission,
}

/// A group as known here: the metropolis's row, the outbox's head, or both, and its members in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedGroup {
    /// Which group.
    pub group_id: GroupId,
    /// What the metropolis says.
    pub row: Option<CommandGroup>,
    /// What the outbox says.
    pub head: Option<GroupHead>,
    /// Its commands.
    pub members: Vec<TrackedCommand>,
}

impl Engine {
    /// Freezes a group: its members with what is seen of each, what is left out with why. Writes nothing.
    pub fn prepare_group(&self, asked: PrepareGroup) -> Result<PreparedGroup, EngineError> {
        let found =
            action(&asked.action).ok_or_else(|| EngineError::BadRequest(format!("no action {}", asked.action)))?;
        if !found.accepts(&asked.params) {
            return Err(EngineError::BadRequest(format!("{} does not take these parameters", asked.action)));
        }
        let moment = self.inner.clock.now();
        let elapsed = self.inner.machine.now().boot;
        let mut state = self.lock();
        let now = state.now(moment);
        let role = state.identity.as_ref().ok_or(EngineError::NotReady)?.role;
        let may = rights().may_pilot(role, found.kind) && rights().may_submit(role, "command_group");
        let mut chosen = asked.choice.objects(&state.picture);
        if !matches!(asked.choice.chosen_by(), ChosenBy::Hand | ChosenBy::Saved) {
            // Of a place those of the kind are meant; of a list each object was, and is told of.
            chosen.retain(|id| state.picture.object(*id).is_some_and(|o| o.equipment.kind == found.kind));
        }
        if chosen.len() > MOST_EXCLUDED {
            return Err(EngineError::TooMany(MOST_EXCLUDED));
        }
        let effect_until = effect_end(found, asked.effect_minutes, now)?;
        let left_out: HashSet<_> = asked.left_out.iter().copied().collect();
        let (reads, safe) = (found.class == ClassCode::A, found.goes_safe(&asked.params));
        let candidates = chosen.iter().map(|id| {
            let object = state.picture.object(*id);
            Candidate {
                equipment_id: *id,
                kind: object.map(|o| o.equipment.kind),
                state: object.and_then(|o| o.state.as_ref()),
                locked: state.lock_against(*id, reads, safe).is_some(),
                left_out: left_out.contains(id),
            }
        });
        let about = Asked { action: found, params: &asked.params, effect_until, may_pilot: may, now };
        let (members, excluded) = freeze(about, candidates);
        if members.len() > MOST_MEMBERS {
            return Err(EngineError::TooMany(MOST_MEMBERS));
        }
        let around = state.around(&members, &asked.params);
        let class = class_of_group(Some(found), &asked.params, around.iter().copied(), members.len());
        let is_dangerous = |s: &Surroundings| classify(Some(found), &asked.params, *s) == ClassCode::D;
        let dangerous =
            members.iter().zip(&around).filter(|(_, s)| is_dangerous(s)).map(|(id, _)| *id).collect::<Vec<_>>();
        let group_id = GroupId(self.inner.ids.next());
        let prepared = PreparedGroup {
            group_id,
            class,
            admission: admit(desk(&state, now, elapsed), case(found, safe, class, true)),
            needs_second_person: needs_second(class, found, &asked.params)
                || state.over_count((found, &asked.params), class, &members, now),
            streets: streets(&state.picture, &members),
            present: state.present_validators(now),
            check: (class >= ClassCode::C).then(|| state.look_around(members.iter().copied(), now)),
            members: members.clone(),
            excluded: excluded.clone(),
            dangerous,
        };
        let promised = prepared.admission;
        let frozen = Frozen {
            group_id,
            head: GroupHead {
                group_id,
                chosen: asked.choice.chosen_by(),
                chosen_name: asked.choice.name(&state.picture),
                excluded,
            },
            action: found,
            params: asked.params,
            effect_minutes: asked.effect_minutes,
            members: members.into_iter().map(|id| (id, seen(&state, id))).collect(),
            class,
            replaces: asked.replaces,
            request: None,
            promised,
        };
        if state.frozen.len() >= REMEMBERED {
            state.frozen.remove(0);
        }
        state.frozen.push(frozen);
        Ok(prepared)
    }

    /// Operates a prepared group: stamps, decides, records all of it; its lane sends it. What is refused here leaves no trace
    /// but the answer. A group is operated once.
    pub async fn operate_group(&self, id: GroupId, reason: &str) -> Result<(), EngineError> {
        let _in_turn = self.inner.desk.lock().await;
        self.may_act()?;
        let frozen = self.frozen(id)?;
        self.check_again(frozen.request).await?;
        let replaced = frozen.replaces.map(|former| self.members_at(former, S::Intent)).unwrap_or_default();
        if frozen.replaces.is_some() && replaced.is_empty() {
            return Err(EngineError::MovedOn);
        }
        let (entries, event) = self.draft_group(&frozen, reason)?;
        self.lock().group_heads.insert(id, frozen.head.clone());
        // The new orders are on disk before what they replace goes: a disk that fails in between loses neither.
        let head = vec![OutboxChange::Head(frozen.head)];
        let entries = self.add_together(head, entries, event).await?.ok_or(EngineError::MovedOn)?;
        self.lock().frozen.retain(|f| f.group_id != id);
        let by: HashMap<_, _> = entries.iter().map(|e| (e.order.equipment_id, e.order.command_id)).collect();
        let moves = replaced.into_iter().map(|mut intent| match by.get(&intent.order.equipment_id) {
            Some(command) => {
                intent.reissued_as = Some(*command);
                self.stepped(intent, E::Reissue, OutboxState::Done)
            }
            // Left out of what was asked anew.
            None => self.stepped(intent, E::Abandon, OutboxState::Done),
        });
        self.record_each(moves.collect::<Result<_, _>>()?).await?;
        self.supersede_waiting(&entries).await
    }

    /// A group that was prepared and not operated.
    pub(crate) fn frozen(&self, id: GroupId) -> Result<Frozen, EngineError> {
        self.lock().frozen.iter().find(|f| f.group_id == id).cloned().ok_or(EngineError::MovedOn)
    }

    /// The orders of a group with their stamps, and what happens to them first.
    fn draft_group(&self, frozen: &Frozen, reason: &str) -> Result<(Vec<OutboxEntry>, E), EngineError> {
        let moment = self.inner.clock.now();
        let elapsed = self.inner.machine.now().boot;
        let state = self.lock();
        let now = state.now(moment);
        let role = state.identity.as_ref().ok_or(EngineError::NotReady)?.role;
        let members: Vec<_> = frozen.members.iter().map(|(id, _)| *id).collect();
        if members.is_empty() {
            return Err(EngineError::BadRequest("no object is left in this group".to_owned()));
        }
        // Another consequence than the one that was shown is another command (R6).
        let around = state.around(&members, &frozen.params);
        let class = class_of_group(Some(frozen.action), &frozen.params, around.into_iter(), members.len());
        if class != frozen.class {
            return Err(EngineError::MovedOn);
        }
        let safe = frozen.action.goes_safe(&frozen.params);
        let admission = admit(desk(&state, now, elapsed), case(frozen.action, safe, class, !reason.trim().is_empty()));
        let event = match admission {
            Admission::Send => E::Submit,
            Admission::Queue => E::Queue,
            Admission::Keep => E::Keep,
            Admission::Note => E::Note,
            Admission::Refuse(why) => return Err(EngineError::Refused(why)),
        };
        kept(Some(frozen.promised), admission)?;
        let second = needs_second(class, frozen.action, &frozen.params)
            || state.over_count((frozen.action, &frozen.params), class, &members, now);
        if second && frozen.request.is_none() && admission == Admission::Send {
            return Err(EngineError::RefusedThere("needs_second_person".to_owned()));
        }
        let shift = state.own_shift(now).ok_or(EngineError::Refused(vigie_core::command::Refused::NoShift))?;
        // One stamp for all, after every earlier order on any of them (R11).
        let issued_at = state.issue(&members, now, safe);
        let effect_until = effect_end(frozen.action, frozen.effect_minutes, issued_at)?;
        let expires_at = issued_at.plus(class.life());
        let to = step(S::Drafted, event, now, expires_at).map_err(|_| EngineError::MovedOn)?;
        let entries = frozen.members.iter().map(|(equipment_id, seen)| OutboxEntry {
            order: CommandOrder {
                command_id: CommandId(self.inner.ids.next()),
                equipment_id: *equipment_id,
                action: frozen.action.code.to_owned(),
                params: frozen.params.clone(),
                issued_at,
                expires_at,
                effect_until,
                shift_id: shift.shift_id,
                desk_id: shift.desk_id,
                reason: reason.trim().to_owned(),
                seen: seen.clone(),
                without_visibility: false,
                procedure: Procedure { approval_id: frozen.request.filter(|_| second), sole: None },
            },
            class,
            admission,
            person_id: shift.person_id,
            role,
            state: to,
            detail: (to == S::Noted).then(|| "out_of_reach".to_owned()),
            outbox: if to.is_final() { OutboxState::Done } else { OutboxState::Open },
            reissued_as: None,
            group_id: Some(frozen.group_id),
            position: 0,
        });
        Ok((entries.collect(), event))
    }

    /// The key that a group of comfort waits for after a cut.
    pub async fn press_group_key(&self, id: GroupId) -> Result<(), EngineError> {
        self.may_act()?;
        let waiting = self.members_at(id, S::AwaitingKey);
        if waiting.is_empty() || !self.is_live() {
            return Err(EngineError::MovedOn);
        }
        self.lock().untried.extend(waiting.iter().map(|e| e.order.command_id));
        self.whole(self.move_together(waiting, E::Submit, OutboxState::Open).await?)
    }

    /// Abandons a group of intents.
    pub async fn abandon_group(&self, id: GroupId) -> Result<(), EngineError> {
        let waiting = self.members_at(id, S::Intent);
        if waiting.is_empty() {
            return Err(EngineError::MovedOn);
        }
        self.whole(self.move_together(waiting, E::Abandon, OutboxState::Done).await?)
    }

    /// Stops the rest of a group: here what has not left, else by asking the metropolis.
    pub async fn stop_group(&self, id: GroupId, reason: &str) -> Result<(), EngineError> {
        let mut waiting = self.members_at(id, S::Queued);
        waiting.extend(self.members_at(id, S::AwaitingKey));
        if !waiting.is_empty() {
            let moves = waiting.into_iter().map(|entry| self.stepped(entry, E::Cancel, OutboxState::Done));
            return self.record_each(moves.collect::<Result<_, _>>()?).await;
        }
        self.ask(Body::CommandGroupStop { group_id: id, reason: reason.trim().to_owned() }).await
    }

    /// Keeps a list of objects under a name, or another content for one that is kept.
    pub async fn save_group(
        &self,
        id: Option<SavedGroupId>,
        name: &str,
        members: Vec<EquipmentId>,
    ) -> Result<SavedGroupId, EngineError> {
        self.may_act()?;
        let saved_group_id = id.unwrap_or_else(|| SavedGroupId(self.inner.ids.next()));
        self.ask(Body::SavedGroupPut { saved_group_id, name: name.trim().to_owned(), members }).await?;
        Ok(saved_group_id)
    }

    /// Keeps a list no more.
    pub async fn drop_group(&self, id: SavedGroupId) -> Result<(), EngineError> {
        self.may_act()?;
        self.ask(Body::SavedGroupDrop { saved_group_id: id }).await
    }

    /// The lists that are kept, by name.
    pub fn saved_groups(&self) -> Vec<SavedGroup> {
        let mut saved: Vec<_> = self.lock().saved_groups.values().cloned().collect();
        saved.sort_by(|a, b| a.name.cmp(&b.name).then(a.saved_group_id.cmp(&b.saved_group_id)));
        saved
    }

    /// Groups known here that `keep` keeps, newest first.
    pub fn groups(&self, keep: impl Fn(GroupId) -> bool) -> Vec<TrackedGroup> {
        let state = self.lock();
        let mut groups: HashMap<GroupId, Vec<TrackedCommand>> = HashMap::new();
        for command in state.commands.values() {
            if let Some(id) = command.group_id().filter(|id| keep(*id)) {
                groups.entry(id).or_default().push(command.clone());
            }
        }
        let mut found: Vec<_> = groups
            .into_iter()
            .map(|(group_id, mut members)| {
                members.sort_by_key(TrackedCommand::command_id);
                let (row, head) = (state.group_rows.get(&group_id).cloned(), state.group_heads.get(&group_id).cloned());
                TrackedGroup { group_id, row, head, members }
            })
            .collect();
        found.sort_by_key(|g| std::cmp::Reverse((g.members.first().map(TrackedCommand::issued_at), g.group_id)));
        found
    }

    /// What the outbox of an earlier run says of a group.
    pub(crate) async fn learn_group(&self, id: Option<GroupId>) -> Result<(), EngineError> {
        let Some(id) = id.filter(|id| !self.lock().group_heads.contains_key(id)) else { return Ok(()) };
        if let Some(head) = self.inner.outbox.group(id).await? {
            self.lock().group_heads.insert(id, head);
        }
        Ok(())
    }

    /// Own members of a group that stand at a state here.
    fn members_at(&self, id: GroupId, at: S) -> Vec<OutboxEntry> {
        self.entries(|c| c.entry.as_ref().is_some_and(|e| e.group_id == Some(id) && e.state == at))
    }

    fn whole(&self, moved: bool) -> Result<(), EngineError> {
        self.tell(Observed::Commands);
        if moved { Ok(()) } else { Err(EngineError::MovedOn) }
    }
}

impl State {
    /// What stands around each member: the others are asked for the same level, or the same programme, at the same time.
    pub(crate) fn around(&self, members: &[EquipmentId], params: &Params) -> Vec<Surroundings> {
        let (pending, together) = (self.pending_levels(), members.iter().copied().collect::<HashSet<_>>());
        let lowest = self.programmes.lowest_of(params);
        let level = params.number("level").or(lowest.map(|level| level as f64));
        let asked = |other: EquipmentId| {
            let with_it = level.filter(|_| together.contains(&other));
            let by_night = self.programmes.lowest_on(other).map(|level| level as f64);
            pending.get(&other).copied().into_iter().chain(with_it).chain(by_night).min_by(f64::total_cmp)
        };
        let around = |id: &EquipmentId| Surroundings { lowest, ..self.picture.surroundings(*id, asked) };
        members.iter().map(around).collect()
    }

    /// The submission that carries a head: one order, or those of a group.
    pub(crate) fn submission(&self, head: &[OutboxEntry]) -> Option<Submission> {
        let first = head.first()?;
        let shared = &first.order;
        let Some(group_id) = first.group_id else { return Some(Submission::command(shared.clone())) };
        let about = self.group_heads.get(&group_id);
        Some(Submission::group(GroupOrder {
            group_id,
            action: shared.action.clone(),
            params: shared.params.clone(),
            issued_at: shared.issued_at,
            expires_at: shared.expires_at,
            effect_until: shared.effect_until,
            shift_id: shared.shift_id,
            desk_id: shared.desk_id,
            reason: shared.reason.clone(),
            chosen: about.map_or(ChosenBy::Hand, |h| h.chosen),
            chosen_name: about.map(|h| h.chosen_name.clone()).unwrap_or_default(),
            members: head
                .iter()
                .map(|e| Member {
                    command_id: e.order.command_id,
                    equipment_id: e.order.equipment_id,
                    seen: e.order.seen.clone(),
                })
                .collect(),
            excluded: about.map(|h| h.excluded.clone()).unwrap_or_default(),
            approval_id: shared.procedure.approval_id,
        }))
    }

    /// R7: whether one person alone asks for too much, as far as this desk knows.
    pub(crate) fn over_count(
        &self,
        (found, params): (&Action, &Params),
        class: ClassCode,
        members: &[EquipmentId],
        now: Timestamp,
    ) -> bool {
        let Some(author) = self.identity.as_ref().and_then(|i| i.person_id) else { return false };
        let recent = self.commands.values().filter_map(|c| c.row.as_ref());
        within_count(class, found, params, counted(recent, author, found.kind, now, members)).is_err()
    }

    /// Takes rows of groups and of kept lists in; whether they were some.
    pub(crate) fn take_groups(&mut self, table: &TableChanges) -> Result<bool, BadRow> {
        match table.table.name {
            name if name == CommandGroup::SPEC.name => {
                for row in &table.rows {
                    let row = CommandGroup::from_row(row)?;
                    self.group_rows.insert(row.group_id, row);
                }
                for key in &table.deleted {
                    self.group_rows.remove(&GroupId(*key));
                }
            }
            name if name == SavedGroup::SPEC.name => {
                for row in &table.rows {
                    let row = SavedGroup::from_row(row)?;
                    self.saved_groups.insert(row.saved_group_id, row);
                }
                for key in &table.deleted {
                    self.saved_groups.remove(&SavedGroupId(*key));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// What was left out is neither seen nor within reach; the members are.
fn case(action: &Action, safe_direction: bool, class: ClassCode, reasoned: bool) -> Situation {
    Situation {
        class,
        safe_direction,
        locked: false,
        programme: action.parameter == Parameter::Programme,
        reach: Reach::Reachable,
        fresh: true,
        without_visibility: false,
        reasoned,
    }
}
