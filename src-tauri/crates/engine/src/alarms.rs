//! Alarms at this desk: what is shown, what asks, and what a person does with one.

use vigie_core::alarm::{Handling, HandlingKind, ShelveReason, may_be_shelved_until};
use vigie_core::ids::{AlarmId, DeskId, RecordId};
use vigie_core::rights::{Role, rights};
use vigie_core::submission::Body;
use vigie_core::table::{Alarm, AlarmAct, Cell, Notice, TableRow};
use vigie_core::time::Timestamp;

use crate::board::{DeskLoad, FloodNow, PriorityCount, ShownAlarm, watched};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

/// Occurrences read at once of what is closed.
const MOST: u32 = 2_000;

/// What stands over every screen.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmBar {
    /// The most urgent alarm that asks this desk.
    pub top: Option<ShownAlarm>,
    /// By priority, 1 first.
    pub counts: [PriorityCount; 3],
    /// Out of sight.
    pub shelved: u32,
    /// A flood under way.
    pub flood: Option<FloodNow>,
    /// What the last ten minutes asked of each desk.
    pub load: Vec<DeskLoad>,
    /// Somebody outside the room was told, or is to be.
    pub notices: Vec<Notice>,
}

/// What a person does with an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    /// What.
    pub kind: HandlingKind,
    /// The occurrence that he sees.
    pub alarm_id: AlarmId,
    /// The priority that he sees.
    pub priority: i64,
    /// For shelving: until when, and why.
    pub until: Option<Timestamp>,
    /// For shelving.
    pub reason: Option<ShelveReason>,
    /// For assigning: to which desk.
    pub to_desk: Option<DeskId>,
}

impl Engine {
    /// Open alarms in the order in which they are to be looked at.
    pub fn alarms(&self) -> Vec<ShownAlarm> {
        let state = self.lock();
        state.board.shown(state.records.values())
    }

    /// What stands over every screen.
    pub fn alarm_bar(&self) -> AlarmBar {
        let moment = self.inner.clock.now();
        let state = self.lock();
        let now = state.now(moment);
        let shown = state.board.shown(state.records.values());
        let held = watched(state.shifts.values(), now);
        let mut counts = [PriorityCount::default(); 3];
        for alarm in shown.iter().filter(|shown| !shown.alarm.suspended) {
            let place = usize::try_from(alarm.alarm.priority - 1).unwrap_or(2).min(2);
            let Some(count) = counts.get_mut(place) else { continue };
            if alarm.alarm.cause_id.is_some() {
                count.under += 1;
            } else if alarm.asks() {
                count.untaken += 1;
            } else {
                count.taken += 1;
            }
        }
        let mut desks: Vec<DeskId> = state.desks.keys().copied().collect();
        desks.sort_unstable();
        AlarmBar {
            shelved: u32::try_from(shown.iter().filter(|shown| shown.alarm.suspended).count()).unwrap_or(u32::MAX),
            top: shown.into_iter().find(ShownAlarm::asks),
            counts,
            flood: state.board.flooded(now, held.len()),
            load: state.board.load_of(desks.into_iter(), &held, now),
            notices: state.board.notices(),
        }
    }

    /// Whether the account may do this with alarms at all.
    pub fn may_handle(&self, kind: HandlingKind) -> bool {
        let state = self.lock();
        let person = state.identity.as_ref().filter(|identity| identity.person_id.is_some());
        person.is_some_and(|identity| rights().may_submit(identity.role, kind_of(kind)))
    }

    /// The latest instant until which the account may shelve an alarm of a priority; none when it may not.
    pub fn may_shelve_until(&self, priority: i64) -> Option<Timestamp> {
        let now = self.now();
        let role = self.lock().identity.as_ref().map(|identity| identity.role);
        role.filter(|_| self.may_handle(HandlingKind::Shelve))
            .and_then(|role| may_be_shelved_until(priority, role, now))
    }

    /// Does it: on disk, and over the alarm as this desk shows it, before the metropolis has judged it. A desk that is out of
    /// reach is silenced by its own acknowledgement and nothing else is.
    pub async fn handle_alarm(&self, asked: Handle) -> Result<RecordId, EngineError> {
        let moment = self.inner.clock.now();
        let act = {
            let state = self.lock();
            let now = state.now(moment);
            let identity = state.identity.as_ref().ok_or(EngineError::NotReady)?;
            let may = identity.person_id.is_some() && rights().may_submit(identity.role, kind_of(asked.kind));
            if !may {
                return Err(EngineError::RefusedThere("not_allowed".to_owned()));
            }
            let alarm = state.board.open_alarm(asked.alarm_id).ok_or(EngineError::NotFound)?;
            check(&asked, alarm, identity.role, now)?;
            Handling {
                act_id: RecordId(self.inner.ids.next()),
                alarm_id: asked.alarm_id,
                priority: asked.priority,
                written_at: now,
                desk_id: state.own_shift(now).map(|s| s.desk_id).or(identity.desk_id),
                until: asked.until,
                reason: asked.reason,
                to_desk: asked.to_desk,
            }
        };
        if !act.is_well_formed(asked.kind) {
            return Err(EngineError::BadRequest(
                "an end and a reason to shelve, a desk to assign, and nothing else".into(),
            ));
        }
        let id = act.act_id;
        self.file(id, Body::handled(asked.kind, act), None).await?;
        self.tell(Observed::Alarms);
        Ok(id)
    }

    /// Occurrences of an object, newest first.
    pub async fn alarms_of(&self, equipment: vigie_core::ids::EquipmentId) -> Result<Vec<Alarm>, EngineError> {
        let found = self.inner.replica.find(&Alarm::SPEC, "equipment_id", &Cell::Uuid(equipment.0), MOST).await?;
        newest_first(&found)
    }

    /// Occurrences that left the list in the last thirty days, newest first.
    pub async fn closed_alarms(&self) -> Result<Vec<Alarm>, EngineError> {
        newest_first(&self.inner.replica.find(&Alarm::SPEC, "open", &Cell::Int(0), MOST).await?)
    }

    /// One occurrence, open or closed.
    pub async fn alarm(&self, id: AlarmId) -> Result<Option<Alarm>, EngineError> {
        let row = self.inner.replica.row(&Alarm::SPEC, id.0).await?;
        Ok(row.map(|(_, row)| Alarm::from_row(&row)).transpose()?)
    }

    /// What people did with an occurrence, newest first.
    pub async fn alarm_acts(&self, id: AlarmId) -> Result<Vec<AlarmAct>, EngineError> {
        let found = self.inner.replica.find(&AlarmAct::SPEC, "alarm_id", &Cell::Uuid(id.0), MOST).await?;
        let mut acts = found.iter().map(AlarmAct::from_row).collect::<Result<Vec<_>, _>>()?;
        acts.sort_by_key(|act| std::cmp::Reverse((act.received_at, act.act_id)));
        Ok(acts)
    }

    /// Reads from the replica what is open, by its index, and what became of acts that were on their way.
    pub(crate) async fn load_alarms(&self) -> Result<(), EngineError> {
        let replica = &self.inner.replica;
        let open = replica.find(&Alarm::SPEC, "open", &Cell::Int(1), u32::MAX).await?;
        let open = open.iter().map(Alarm::from_row).collect::<Result<Vec<_>, _>>()?;
        // Those of what one person did alone have no alarm.
        let alone = replica.scan(&Notice::SPEC).await?;
        let mut notices = alone.iter().map(|(_, row)| Notice::from_row(row)).collect::<Result<Vec<_>, _>>()?;
        notices.retain(|notice| notice.alarm_id.is_none());
        for alarm in open.iter().filter(|alarm| alarm.escalation >= 2) {
            let found = replica.find(&Notice::SPEC, "alarm_id", &Cell::Uuid(alarm.alarm_id.0), MOST).await?;
            notices.extend(found.iter().map(Notice::from_row).collect::<Result<Vec<_>, _>>()?);
        }
        let ours: Vec<RecordId> = {
            let state = self.lock();
            state.records.values().filter(|r| r.body.handling().is_some()).map(|r| r.record_id).collect()
        };
        let mut acts = Vec::new();
        for id in ours {
            acts.extend(replica.row(&AlarmAct::SPEC, id.0).await?.map(|(_, row)| row));
        }
        let acts = acts.iter().map(AlarmAct::from_row).collect::<Result<Vec<_>, _>>()?;
        let moment = self.inner.clock.now();
        let mut state = self.lock();
        let me = state.identity.as_ref().and_then(|identity| identity.person_id);
        state.board.load(open, notices);
        for act in &acts {
            state.board.judge(act, me);
        }
        let now = state.now(moment);
        state.pass_alarms(now);
        drop(state);
        self.tell(Observed::Alarms);
        Ok(())
    }
}

/// What the metropolis would refuse anyhow is refused here, before it is on its way. Without a link only the desk's own
/// picture decides, and the metropolis judges later.
fn check(asked: &Handle, alarm: &Alarm, role: Role, now: Timestamp) -> Result<(), EngineError> {
    let refused = |code: &str| Err(EngineError::RefusedThere(code.to_owned()));
    if asked.kind != HandlingKind::Unshelve && alarm.priority < asked.priority {
        return refused("more_urgent");
    }
    match asked.kind {
        HandlingKind::Acknowledge if alarm.acknowledged => refused("already"),
        HandlingKind::Unshelve if !alarm.suspended => refused("not_shelved"),
        HandlingKind::Shelve => match (may_be_shelved_until(alarm.priority, role, now), asked.until) {
            (None, _) => refused("not_by_this_role"),
            (_, Some(until)) if until <= now => refused("passed"),
            (Some(latest), Some(until)) if until > latest => refused("too_long"),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

const fn kind_of(kind: HandlingKind) -> &'static str {
    match kind {
        HandlingKind::Acknowledge => "alarm_acknowledge",
        HandlingKind::Shelve => "alarm_shelve",
        HandlingKind::Unshelve => "alarm_unshelve",
        HandlingKind::Assign => "alarm_assign",
    }
}

fn newest_first(found: &[vigie_core::table::Row]) -> Result<Vec<Alarm>, EngineError> {
    let mut alarms = found.iter().map(Alarm::from_row).collect::<Result<Vec<_>, _>>()?;
    alarms.sort_by_key(|alarm| std::cmp::Reverse((alarm.raised_at, alarm.alarm_id)));
    Ok(alarms)
}
