//! Kinds `live_begin` and `live_end`, and the signs of life between them: a camera held by a key (class L). A hand is of the
//! room: what it holds is counted by the room's time, however fast the city runs.

use std::time::Duration;

use vigie_core::command::{
    LIVE_LONGEST, LIVE_STOP, Live, LiveAnswer, LiveBegin, LiveFacts, LiveNow, LiveOver, LiveSign, Params, Refusal,
    keep, live_over, may_hold,
};
use vigie_core::ids::{EquipmentId, LiveId, PersonId};
use vigie_core::rights::rights;
use vigie_core::table::DeskHold;
use vigie_core::time::Timestamp;

use super::{Act, Verdict};
use crate::metropolis::table::{Fed as _, Xid};
use crate::metropolis::world::{Grip, World};

impl World {
    pub(super) fn apply_live_begin(&mut self, act: Act<'_>, begin: &LiveBegin) -> Verdict {
        if !begin.motion.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let (now, me) = (act.now, act.account.person_id);
        let kind = self.equipment.get(begin.equipment_id.0).map(|object| object.kind);
        let hold = self.living_hold(begin.equipment_id, now);
        let room = self.room;
        let facts = LiveFacts {
            now: room.felt(begin.issued_at, now),
            epoch_began: self.epoch_began,
            author: me,
            may_pilot: kind.is_some_and(|kind| rights().may_pilot(act.account.role, kind)),
            shift_open: me.is_some_and(|me| self.is_on_shift(Some(begin.shift_id), me, now)),
            kind,
            locked: self.is_locked(begin.equipment_id),
            hold: hold.as_ref(),
            reach: self.states.get(begin.equipment_id.0).map(|state| state.reach),
        };
        let author = match may_hold(begin, &facts) {
            Ok(author) => author,
            Err(refusal) => return Verdict::refused(refusal, None),
        };
        // One person holds one key: the newest.
        let own: Vec<Grip> = self.alive().filter(|grip| grip.live.person_id == author).collect();
        for grip in own {
            self.end_live(act.xid, grip, LiveOver::Replaced);
        }
        let live = Live {
            live_id: begin.live_id,
            equipment_id: begin.equipment_id,
            person_id: author,
            shift_id: begin.shift_id,
            seq: 0,
            motion: begin.motion,
            began_at: room.at,
            heard_at: room.at,
        };
        let until = now.plus(room.in_the_city(LIVE_LONGEST).max(LIVE_LONGEST));
        self.lives.insert(begin.equipment_id, Grip { live, over: None, until });
        self.put_hold(act, begin.equipment_id, begin.shift_id, Some(until), false);
        self.mark_live(act.xid, begin.equipment_id, Some(begin.live_id));
        Verdict::applied(None)
    }

    pub(super) fn apply_live_end(&mut self, act: Act<'_>, id: LiveId) -> Verdict {
        let Some(grip) = self.alive().find(|grip| grip.live.live_id == id) else {
            return Verdict::refused(Refusal::IllegalEvent, None);
        };
        if act.account.person_id != Some(grip.live.person_id) {
            return Verdict::refused(Refusal::NotAllowed, None);
        }
        self.end_live(act.xid, grip, LiveOver::Released);
        Verdict::applied(None)
    }

    /// A sign of life: nothing when the hold goes on, or why it is over.
    pub(crate) fn keep_live(&mut self, me: Option<PersonId>, sign: &LiveSign, now: Timestamp) -> LiveAnswer {
        let ours = |grip: &&Grip| grip.live.live_id == sign.live_id && Some(grip.live.person_id) == me;
        let Some(grip) = self.lives.values().find(ours).copied() else { return Some(LiveOver::Lapsed) };
        if grip.over.is_some() {
            return grip.over;
        }
        let (held, shift_open, locked) = self.stands_under(&grip.live, now);
        match keep(&grip.live, sign, held, shift_open, locked, self.room.at) {
            Ok(live) => {
                self.lives.insert(live.equipment_id, Grip { live, ..grip });
                None
            }
            Err(why) => {
                let xid = self.begin();
                self.end_live(xid, grip, why);
                Some(why)
            }
        }
    }

    /// What is held now; what is over and whose desk did not say so ends.
    pub(crate) fn live_now(&mut self, now: Timestamp) -> Vec<LiveNow> {
        self.end_lapsed_live(now);
        let mut held: Vec<LiveNow> = self
            .alive()
            .filter_map(|Grip { live, .. }| {
                let left = live.until().offset_from(self.room.at);
                let until = now.plus(self.room.in_the_city(Duration::from_millis(left.max(0).unsigned_abs())));
                Some(LiveNow {
                    live_id: live.live_id,
                    equipment_id: live.equipment_id,
                    reference: self.equipment.get(live.equipment_id.0)?.reference.clone(),
                    seq: live.seq,
                    motion: live.motion,
                    until,
                    for_ms: left,
                })
            })
            .collect();
        held.sort_by_key(|held| held.equipment_id);
        held
    }

    /// Ends holds that are over and whose desk did not say so.
    pub(crate) fn end_lapsed_live(&mut self, now: Timestamp) {
        let over: Vec<(Grip, LiveOver)> = self
            .alive()
            .filter_map(|grip| {
                let (held, shift_open, locked) = self.stands_under(&grip.live, now);
                Some((grip, live_over(&grip.live, held, shift_open, locked, self.room.at)?))
            })
            .collect();
        if over.is_empty() {
            return;
        }
        let xid = self.begin();
        for (grip, why) in over {
            self.end_live(xid, grip, why);
        }
    }

    /// Whether an object may still move by a key that was held a moment ago: a crew waits for that (R10).
    pub(super) fn may_move(&self, object: EquipmentId) -> bool {
        self.lives.get(&object).is_some_and(|grip| grip.live.heard_at.plus(LIVE_STOP) > self.room.at)
    }

    fn alive(&self) -> impl Iterator<Item = Grip> {
        self.lives.values().filter(|grip| grip.over.is_none()).copied()
    }

    fn is_locked(&self, object: EquipmentId) -> bool {
        self.stopping(object, None, &Params::default()).is_some()
    }

    /// Whether its desk still holds the object by it, whether its shift is open, whether a lock stands on the object.
    fn stands_under(&self, live: &Live, now: Timestamp) -> (bool, bool, bool) {
        let held = self.holds.get(live.equipment_id.0).is_some_and(|hold| hold.live_id == Some(live.live_id));
        let open = self.is_on_shift(Some(live.shift_id), live.person_id, now);
        (held, open, self.is_locked(live.equipment_id))
    }

    /// What its desk held besides stays.
    fn end_live(&mut self, xid: Xid, grip: Grip, why: LiveOver) {
        let live = grip.live;
        self.lives.insert(live.equipment_id, Grip { over: Some(why), ..grip });
        let Some(hold) = self.holds.get(live.equipment_id.0).filter(|hold| hold.live_id == Some(live.live_id)) else {
            return;
        };
        if hold.until <= grip.until {
            self.holds.delete(xid, live.equipment_id.0);
        } else {
            self.mark_live(xid, live.equipment_id, None);
        }
    }

    fn mark_live(&mut self, xid: Xid, object: EquipmentId, live_id: Option<LiveId>) {
        if let Some(hold) = self.holds.get(object.0).map(|hold| hold.as_ref().clone()) {
            self.holds.put(xid, DeskHold { live_id, ..hold });
        }
    }
}
