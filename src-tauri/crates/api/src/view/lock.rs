//! Crew locks, and what is in force now, as the interface shows them.

use vigie_core::command::{Action, actions_of};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{EquipmentId, PersonId};
use vigie_core::lock::{CONFIRM_WITHIN, LockState, in_flight};
use vigie_core::rights::{Role, rights};
use vigie_core::table::Command;
use vigie_core::time::Timestamp;
use vigie_engine::{Engine, ShownLock, Standing};

use crate::dto::{ChangeView, EffectStanding, EffectView, LockView, WaitedFor};

/// What ended is listed to this length.
const MOST: usize = 2_000;

/// Who looks, and when.
struct Reader<'a> {
    engine: &'a Engine,
    me: Option<PersonId>,
    role: Option<Role>,
    now: Timestamp,
}

impl<'a> Reader<'a> {
    fn new(engine: &'a Engine) -> Self {
        let status = engine.status();
        let identity = status.identity.as_ref();
        Self { engine, me: identity.and_then(|i| i.person_id), role: identity.map(|i| i.role), now: status.now }
    }

    fn name(&self, id: PersonId) -> String {
        self.engine.person(id).unwrap_or_default()
    }

    fn may(&self, kind: &str) -> bool {
        self.me.is_some() && self.role.is_some_and(|role| rights().may_submit(role, kind))
    }

    fn lock(&self, shown: ShownLock) -> LockView {
        let ShownLock { lock, authenticity, waiting } = shown;
        let about = about(self.engine, lock.equipment_id);
        let mine = self.me == Some(lock.person_id);
        let there = waiting.is_none() && lock.state.is_open();
        let confirm_until = lock.lift_asked_at.filter(|_| there).map(|at| at.plus(CONFIRM_WITHIN));
        let asked_of_others = confirm_until.is_some_and(|until| self.now <= until);
        let own = mine && (lock.by_holder || lock.state == LockState::Asked);
        LockView {
            reference: about.reference,
            name: about.name,
            kind: about.kind,
            past_end: lock.state.is_open() && lock.ends_at() <= self.now,
            author: self.name(lock.person_id),
            mine,
            expected_end: lock.ends_at(),
            extended: lock.extended_to.is_some(),
            can_extend: there && mine && self.may("lock_extend"),
            deposited_by: lock.deposited_by.map(|id| self.name(id)),
            authenticity,
            waiting,
            coming: lock
                .coming
                .0
                .into_iter()
                .map(|change| ChangeView { command_id: change.command_id, action: change.action, at: change.at })
                .collect(),
            waits_for: if lock.state == LockState::Asked { self.waited_for(lock.equipment_id) } else { Vec::new() },
            can_lift: there && own && self.may("lock_lift"),
            can_force: there && !own && !asked_of_others && self.may("lock_force_lift"),
            can_confirm: asked_of_others && lock.lift_asked_by != self.me && self.may("lock_force_lift"),
            lift_asked_by: lock.lift_asked_by.filter(|_| there || lock.how.is_some()).map(|id| self.name(id)),
            lift_asked_at: lock.lift_asked_at,
            confirm_until: confirm_until.filter(|_| asked_of_others),
            lifted_by: lock.lifted_by.map(|id| self.name(id)),
            lock_id: lock.lock_id,
            equipment_id: lock.equipment_id,
            state: lock.state,
            holder: lock.holder,
            phone: lock.phone,
            place: lock.place,
            reason: lock.reason,
            by_holder: lock.by_holder,
            written_at: lock.written_at,
            role: lock.role,
            granted_at: lock.granted_at,
            called_at: lock.called_at,
            call_number: lock.call_number,
            call_said: lock.call_said,
            call_words: lock.call_words,
            how: lock.how,
            over_at: lock.over_at,
        }
    }

    fn waited_for(&self, object: EquipmentId) -> Vec<WaitedFor> {
        let found = self.engine.commands(|c| c.row.as_ref().is_some_and(|r| r.equipment_id == object && in_flight(r)));
        let rows = found.into_iter().filter_map(|c| c.row);
        rows.map(|row| WaitedFor {
            command_id: row.command_id,
            action: row.action,
            state: row.state,
            since: row.state_since,
        })
        .collect()
    }

    fn effect(&self, (standing, row): (Standing, Command)) -> EffectView {
        let about = about(self.engine, row.equipment_id);
        let may = self.role.is_some_and(|role| rights().may_pilot(role, about.kind));
        let ended = standing == Standing::Ended;
        let safe = |action: &&Action| action.safe_direction && may && !ended;
        EffectView {
            standing: match standing {
                Standing::Overdue => EffectStanding::Overdue,
                Standing::Contradicted => EffectStanding::Contradicted,
                Standing::InForce => EffectStanding::InForce,
                Standing::Ended => EffectStanding::Ended,
            },
            safe_action: actions_of(about.kind).find(safe).map(|action| action.code.to_owned()),
            reference: about.reference,
            name: about.name,
            kind: about.kind,
            commune: about.commune,
            lock: about.lock,
            author: self.name(row.person_id),
            command_id: row.command_id,
            equipment_id: row.equipment_id,
            action: row.action,
            params: row.params,
            issued_at: row.issued_at,
            until: row.effect_until.unwrap_or(row.issued_at),
        }
    }
}

struct About {
    reference: String,
    name: String,
    kind: EquipmentKind,
    commune: String,
    lock: Option<LockState>,
}

/// An object removed since keeps its identifier as its reference.
fn about(engine: &Engine, id: EquipmentId) -> About {
    engine.picture(|picture| match picture.object(id) {
        Some(object) => About {
            reference: object.equipment.reference.clone(),
            name: object.equipment.name.clone(),
            kind: object.equipment.kind,
            commune: picture.commune(&object.equipment.insee_code).to_owned(),
            lock: picture.lock(id),
        },
        None => About {
            reference: id.to_string(),
            name: String::new(),
            kind: EquipmentKind::StreetLight,
            commune: String::new(),
            lock: None,
        },
    })
}

/// Every lock known here, in the order in which they are to be looked at.
pub(crate) fn locks(engine: &Engine) -> Vec<LockView> {
    let reader = Reader::new(engine);
    engine.locks().into_iter().map(|shown| reader.lock(shown)).collect()
}

/// Those of an object.
pub(crate) fn locks_on(engine: &Engine, object: EquipmentId) -> Vec<LockView> {
    let reader = Reader::new(engine);
    let found = engine.locks().into_iter().filter(|shown| shown.lock.equipment_id == object);
    found.map(|shown| reader.lock(shown)).collect()
}

/// One lock.
pub(crate) fn lock(engine: &Engine, shown: ShownLock) -> LockView {
    Reader::new(engine).lock(shown)
}

/// Every override that is in force, that did not end, and that ended lately.
pub(crate) fn effects(engine: &Engine) -> Vec<EffectView> {
    let reader = Reader::new(engine);
    engine.effects().into_iter().take(MOST).map(|effect| reader.effect(effect)).collect()
}
