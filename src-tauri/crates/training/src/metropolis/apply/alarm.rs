//! Kinds `alarm_acknowledge`, `alarm_shelve`, `alarm_unshelve`, `alarm_assign`, and `alarm_report`: what people do with alarms,
//! and what the house says of them. The transitions are the core's own.

use std::time::Duration;

use serde_json::json;
use vigie_core::alarm::{
    AlarmChange, AlarmKey, Author, Facts, Handling, HandlingKind, NotKnown, RaisedAlarm, Watch, WatchRows, clear,
    default_rules, escalate, explain, handle, raise, unshelve, upgrade,
};
use vigie_core::command::Refusal;
use vigie_core::ids::AlarmId;
use vigie_core::rights::Role;
use vigie_core::table::{Alarm, AlarmRule, Notice};
use vigie_core::time::Timestamp;

use super::{Act, Verdict};
use crate::chance::luck;
use crate::metropolis::world::World;

impl World {
    /// What a person did with an alarm: kept, whatever it came to.
    pub(super) fn apply_handling(&mut self, act: Act<'_>, kind: HandlingKind, done: &Handling) -> Verdict {
        if !done.is_well_formed(kind) {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let by = Author { person_id, role: act.account.role };
        let effect = if let Some(kept) = self.alarm_acts.get(done.act_id.0) {
            kept.effect
        } else {
            let alarm = self.alarms.get(done.alarm_id.0).cloned();
            let facts = Facts {
                alarm: alarm.as_deref(),
                raised_again: alarm.as_deref().is_some_and(|alarm| self.raised_again(alarm)),
                desk_exists: done.to_desk.is_some_and(|desk| self.desks.get(desk.0).is_some()),
                now: act.now,
            };
            let (effect, next) = handle(kind, done, by, &facts);
            if let Some(next) = next {
                self.put_alarm(act.xid, next);
            }
            self.alarm_acts.put(act.xid, done.act(kind, by, effect, act.now));
            effect
        };
        Verdict { detail: json!({ "effect": effect }), ..Verdict::applied(None) }
    }

    /// What was wrong when the city was born is no news: the last shift has seen it, some hours ago.
    pub(crate) fn settle_in(&mut self, at: Timestamp) {
        let xid = self.begin();
        let rows = WatchRows {
            // However short a delay: it is long over.
            rules: default_rules().into_iter().map(|rule| AlarmRule { delay_s: 0, ..rule }).collect(),
            equipment: self.equipment.iter().map(|row| row.as_ref().clone()).collect(),
            states: self.states.iter().map(|row| row.as_ref().clone()).collect(),
            shifts: self.shifts.iter().map(|row| row.as_ref().clone()).collect(),
            ..WatchRows::default()
        };
        let seen_by = self.accounts.values().filter(|a| a.role == Role::Supervisor).filter_map(|a| a.person_id).min();
        for change in Watch::over(Box::new(NotKnown), rows, at).due(at) {
            let AlarmChange::Raise(raised) = change else { continue };
            let ago = luck(raised.alarm_id.0.as_u64_pair().0, 0, 61) * 20.0;
            let raised_at = at.minus(Duration::from_secs_f64(3_600.0 * (1.0 + ago)));
            let Some((alarm, _)) = raise(&RaisedAlarm { raised_at, ..raised }, None) else { continue };
            let seen = Some(raised_at.plus(Duration::from_mins(3)));
            self.put_alarm(xid, Alarm { acknowledged: true, acked_at: seen, acked_by: seen_by, ..alarm });
        }
    }

    fn raised_again(&self, alarm: &Alarm) -> bool {
        let last = self.last_alarm.get(&AlarmKey::from(alarm)).filter(|last| **last != alarm.alarm_id);
        last.and_then(|last| self.alarms.get(last.0)).is_some_and(|last| last.open)
    }

    /// What the house says of alarms, in order.
    pub(super) fn apply_alarm_report(&mut self, act: Act<'_>, changes: &[AlarmChange]) -> Verdict {
        for change in changes {
            match change {
                AlarmChange::Raise(raised) => self.raise_alarm(act, raised),
                AlarmChange::Clear { alarm_id, at } => self.move_alarm(act, *alarm_id, |a| clear(a, *at)),
                AlarmChange::Explain { alarm_id, cause_id, at } => {
                    self.move_alarm(act, *alarm_id, |a| explain(a, *cause_id, *at));
                }
                AlarmChange::Upgrade { alarm_id, priority, at } => {
                    self.move_alarm(act, *alarm_id, |a| upgrade(a, *priority, *at));
                }
                AlarmChange::Escalate { alarm_id, level, at } => {
                    self.move_alarm(act, *alarm_id, |a| escalate(a, *level, *at));
                }
                AlarmChange::Unshelve { alarm_id, at } => self.move_alarm(act, *alarm_id, |a| unshelve(a, *at)),
                AlarmChange::Notify { notice_id, reason, alarm_id, at } => {
                    if self.notices.get(*notice_id).is_none() {
                        let notice = Notice {
                            command_id: None,
                            notice_id: *notice_id,
                            reason: *reason,
                            alarm_id: Some(*alarm_id),
                            raised_at: *at,
                            sent_at: None,
                            over_at: None,
                        };
                        self.notices.put(act.xid, notice);
                    }
                }
                AlarmChange::Sent { notice_id, at } => {
                    let notice = self.notices.get(*notice_id).filter(|notice| notice.sent_at.is_none()).cloned();
                    if let Some(notice) = notice {
                        self.notices.put(act.xid, Notice { sent_at: Some(*at), ..notice.as_ref().clone() });
                    }
                }
                AlarmChange::CallOff { notice_id, at } => {
                    let notice = self.notices.get(*notice_id).filter(|notice| notice.over_at.is_none()).cloned();
                    if let Some(notice) = notice {
                        self.notices.put(act.xid, Notice { over_at: Some(*at), ..notice.as_ref().clone() });
                    }
                }
            }
        }
        Verdict::applied(None)
    }

    fn raise_alarm(&mut self, act: Act<'_>, raised: &RaisedAlarm) {
        let last = self.last_alarm.get(&AlarmKey::from(raised)).and_then(|last| self.alarms.get(last.0)).cloned();
        let Some((alarm, former)) = raise(raised, last.as_deref()) else { return };
        if let Some(former) = former {
            self.put_alarm(act.xid, former);
        }
        // An identifier that is held already is an older episode said again.
        if self.alarms.get(alarm.alarm_id.0).is_none() {
            self.put_alarm(act.xid, alarm);
        }
    }

    fn move_alarm(&mut self, act: Act<'_>, id: AlarmId, change: impl FnOnce(&Alarm) -> Option<Alarm>) {
        if let Some(next) = self.alarms.get(id.0).and_then(|alarm| change(alarm)) {
            self.put_alarm(act.xid, next);
        }
    }

    fn put_alarm(&mut self, xid: u64, alarm: Alarm) {
        let key = AlarmKey::from(&alarm);
        let last = self.last_alarm.get(&key).and_then(|last| self.alarms.get(last.0));
        if last.is_none_or(|last| last.occurrence <= alarm.occurrence) {
            self.last_alarm.insert(key, alarm.alarm_id);
        }
        self.alarms.put(xid, alarm);
    }
}
