//! What ought to be alarmed against what the metropolis holds: what the house says.

use std::time::Duration;

use super::{Wanted, Watch};
use crate::alarm::{
    AlarmChange, AlarmKey, CHATTER_RAISES, Condition, Many, NoticeReason, RaisedAlarm, SiteWork, alarm_id, chatters,
    clear, escalate, escalates_at, escalation_due, explain, notice_id, raise, unshelve, untaken, upgrade,
};
use crate::ids::AlarmId;
use crate::table::{Alarm, AlarmRule, Notice};
use crate::time::Timestamp;

/// What stood under a cause that cleared stays under it for so long: devices come back one after the other, at their own pace.
pub(super) const GRACE: Duration = Duration::from_mins(30);
/// Rank of what explains nothing: it is compared last.
const LAST: u8 = u8::MAX;

impl Watch {
    /// What the house must say at `now`. Saying it again would do nothing.
    pub fn due(&mut self, now: Timestamp) -> Vec<AlarmChange> {
        self.now = now;
        while let Some((at, place)) = self.silences.first().copied().filter(|(at, _)| *at <= now) {
            self.silences.remove(&(at, place));
            self.look_at_silence(place);
        }
        if self.room_at.is_some_and(|at| at <= now) {
            self.look_at_room();
        }
        while let Some(at) = self.timers.first().map(|(at, _)| *at).filter(|at| *at <= now) {
            let Some((_, key)) = self.timers.pop_first() else { break };
            debug_assert!(at <= now);
            self.moved.insert((self.rank(&key), key));
        }
        let mut said = Vec::new();
        while let Some((_, key)) = self.moved.pop_first() {
            self.compare(&key, &mut said);
        }
        said
    }

    /// What explains others is compared before them, from the top.
    pub(super) fn rank(&self, key: &AlarmKey) -> u8 {
        if !self.rule(key).is_some_and(|rule| rule.explains) {
            return LAST;
        }
        let place = key.equipment_id.and_then(|id| self.place.get(&id));
        place.map_or(LAST - 1, |place| u8::try_from(self.above(*place).len()).unwrap_or(LAST - 2))
    }

    fn look_at_silence(&mut self, place: usize) {
        let now = self.now;
        let Some(thing) = self.things.get_mut(place) else { return };
        thing.planned = false;
        let (id, silent) = (thing.id, thing.silent_since(now));
        let Some((rule, _)) = thing.silence else { return };
        match silent {
            Ok(since) => {
                let Some(key) = self.key_of(rule, id) else { return };
                let Some(rule) = self.rule(&key) else { return };
                let heard_at = self.things.get(place).and_then(|thing| thing.heard_at);
                let details = serde_json::json!({ "heard_at": heard_at });
                let from = since.plus(Duration::from_secs(rule.delay_s.unsigned_abs()));
                let wanted = Wanted { since, from, priority: rule.priority, details };
                self.want(key, Some(wanted));
            }
            Err(Some(at)) => self.plan_silence(place, at),
            Err(None) => {}
        }
    }

    /// An occurrence as the metropolis holds it.
    pub(super) fn alarm(&mut self, row: Alarm) {
        let key = AlarmKey::from(&row);
        let raises = self.raises.entry(key.clone()).or_default();
        if !raises.contains(&row.raised_at) {
            raises.push_back(row.raised_at);
        }
        let newer =
            self.held.get(&key).is_some_and(|held| held.alarm_id != row.alarm_id && held.raised_at > row.raised_at);
        if newer {
            return;
        }
        if row.rule == crate::alarm::DEVICE_RULE
            && row.active
            && let Some(id) = row.equipment_id
        {
            self.device_codes.entry(id).or_default().insert(row.code.clone());
        }
        self.hold(&key, row);
        self.moved.insert((self.rank(&key), key));
    }

    /// Keeps an occurrence, and counts what follows from its being active.
    fn hold(&mut self, key: &AlarmKey, row: Alarm) {
        let was_active = self.held.get(key).is_some_and(|held| held.active);
        let is_active = row.active;
        if let Some(id) = key.equipment_id {
            self.keys_of.entry(id).or_default().insert(key.clone());
        }
        self.by_alarm.insert(row.alarm_id, key.clone());
        if let Some(former) = self.held.insert(key.clone(), row)
            && self.held.get(key).is_some_and(|held| held.alarm_id != former.alarm_id)
        {
            self.by_alarm.remove(&former.alarm_id);
        }
        if was_active != is_active {
            self.count(key, is_active);
        }
    }

    fn count(&mut self, key: &AlarmKey, active: bool) {
        let Some(rule) = self.rule(key) else { return };
        let unheard = matches!(rule.condition, Condition::Silence { .. } | Condition::Reach);
        let (yields, explains) = (rule.yields, rule.explains);
        let place = key.equipment_id.and_then(|id| self.place.get(&id).copied());
        if let Some(place) = place.filter(|_| yields) {
            self.trouble(place, active, unheard);
        }
        if explains {
            let below = match place {
                Some(place) => self.below(place),
                None => self.given_by(key.source.as_deref()),
            };
            if let Some(place) = place {
                self.look_at_feeder(place);
            }
            for place in below {
                self.move_yielding(place);
            }
        }
    }

    /// The objects that a source gives.
    fn given_by(&self, source: Option<&str>) -> Vec<usize> {
        let given =
            self.things.iter().enumerate().filter(|(_, thing)| source.is_some() && thing.source.as_deref() == source);
        given.map(|(place, _)| place).collect()
    }

    /// The alarms of an object that yield are to be compared again.
    fn move_yielding(&mut self, place: usize) {
        let Some(id) = self.things.get(place).map(|thing| thing.id) else { return };
        let keys: Vec<_> = self.keys_of.get(&id).into_iter().flatten().cloned().collect();
        for key in keys {
            if self.rule(&key).is_some_and(|rule| rule.yields) && self.held.get(&key).is_some_and(|held| held.open) {
                self.moved.insert((self.rank(&key), key));
            }
        }
    }

    fn trouble(&mut self, place: usize, active: bool, unheard: bool) {
        let count = |n: &mut u32| *n = if active { *n + 1 } else { n.saturating_sub(1) };
        let Some(thing) = self.things.get_mut(place) else { return };
        let before = (thing.troubles > 0, thing.unheard > 0);
        count(&mut thing.troubles);
        if unheard {
            count(&mut thing.unheard);
        }
        let after = (thing.troubles > 0, thing.unheard > 0);
        let source = thing.source.clone();
        if before.0 != after.0
            && let Some(feeder) = self.above(place).first().copied()
        {
            if let Some(thing) = self.things.get_mut(feeder) {
                count(&mut thing.fed_troubled);
            }
            self.look_at_feeder(feeder);
        }
        if before.1 != after.1
            && let Some(source) = source
        {
            if let Some(tally) = self.sources.get_mut(&source) {
                count(&mut tally.troubled);
            }
            self.look_at_source(&source);
        }
    }

    /// The key under which a source's failure is alarmed about, with the place of its rule.
    fn key_of_source(&self, source: &str) -> Option<(usize, AlarmKey)> {
        let of_source = |rule: &AlarmRule| matches!(rule.condition, Condition::Many { of: Many::Source, .. });
        let place = self.rules.iter().position(of_source)?;
        let rule = self.rule_at(place)?.code.clone();
        Some((place, AlarmKey { rule, equipment_id: None, source: Some(source.to_owned()), code: String::new() }))
    }

    /// Whether many of what a source gives are not heard.
    pub(super) fn look_at_source(&mut self, source: &str) {
        let tally = self.sources.get(source).copied().unwrap_or_default();
        if let Some((rule, key)) = self.key_of_source(source) {
            self.look_at_many(rule, key, Many::Source, tally.all, tally.troubled, false);
        }
    }

    /// Whether many of what an object feeds are in trouble, where nothing else of it explains that.
    fn look_at_feeder(&mut self, place: usize) {
        let Some((rule, id, troubled)) =
            self.things.get(place).and_then(|thing| Some((thing.many?, thing.id, thing.fed_troubled)))
        else {
            return;
        };
        let Some(key) = self.key_of(rule, id) else { return };
        let all = self.references.get(place).and_then(|r| self.fed.get(r)).map_or(0, Vec::len);
        let explained = self.explained(place, &key);
        if let Some(Some(until)) = explained {
            self.timers.insert((until, key.clone()));
        }
        self.look_at_many(rule, key, Many::Fed, u32::try_from(all).unwrap_or(u32::MAX), troubled, explained.is_some());
    }

    /// Whether another alarm of an object, or of what is above it, explains what it feeds; with the end of that where the alarm
    /// has cleared.
    #[allow(
        clippy::option_option,
        reason = "nothing explains it; something does, without an end yet; something did until then"
    )]
    fn explained(&self, place: usize, but: &AlarmKey) -> Option<Option<Timestamp>> {
        let chain = std::iter::once(place).chain(self.above(place));
        let ids = chain.filter_map(|place| self.things.get(place)).map(|thing| thing.id);
        let keys = ids.filter_map(|id| self.keys_of.get(&id)).flatten().filter(|key| *key != but);
        let explain = keys.filter(|key| self.rule(key).is_some_and(|rule| rule.explains));
        let ends = explain.filter_map(|key| self.held.get(key)).filter_map(|alarm| match alarm.cleared_at {
            None => Some(None),
            Some(cleared) => Some(cleared.plus(GRACE)).filter(|until| *until > self.now).map(Some),
        });
        // One that is active has no end yet.
        ends.max_by_key(|end| end.map_or((true, Timestamp(0)), |at| (false, at)))
    }

    fn explains_now(&self, key: &AlarmKey) -> bool {
        self.rule(key).is_some_and(|rule| rule.explains) && self.held.get(key).is_some_and(|held| held.active)
    }

    /// An alarm of an object that explains those below it.
    fn explaining(&self, place: usize) -> Option<&Alarm> {
        let id = self.things.get(place)?.id;
        let keys = self.keys_of.get(&id)?.iter().filter(|key| self.explains_now(key));
        keys.filter_map(|key| self.held.get(key)).min_by_key(|alarm| (alarm.priority, alarm.raised_at))
    }

    /// The alarm that explains a key: the highest up that is active; else the one that explained it and cleared just now.
    fn cause_of(&self, key: &AlarmKey) -> Option<AlarmId> {
        let rule = self.rule(key).filter(|rule| rule.yields)?;
        let place = key.equipment_id.and_then(|id| self.place.get(&id).copied())?;
        let above = self.above(place);
        let highest = above.iter().rev().find_map(|place| self.explaining(*place));
        if let Some(cause) = highest {
            return Some(cause.alarm_id);
        }
        if matches!(rule.condition, Condition::Silence { .. } | Condition::Reach) {
            let source = self.things.get(place).and_then(|thing| thing.source.clone());
            let failed = source.and_then(|source| self.key_of_source(&source)).map(|(_, key)| key);
            if let Some(failed) = failed.filter(|failed| self.explains_now(failed)) {
                return self.held.get(&failed).map(|alarm| alarm.alarm_id);
            }
        }
        let former = self.held.get(key).and_then(|held| held.cause_id)?;
        let ended = self.alarm_of(former).and_then(|cause| cause.cleared_at);
        ended.filter(|ended| self.now.since(*ended) < GRACE).map(|_| former)
    }

    /// Whether nothing was told yet by which a key could be judged: a house that begins anew keeps what is held.
    fn unjudged(&self, key: &AlarmKey) -> bool {
        let Some(rule) = self.rule_of.get(&key.rule) else { return false };
        let place = key.equipment_id.and_then(|id| self.place.get(&id)).copied();
        if self.rule(key).is_some_and(|rule| rule.condition == Condition::Lost) {
            return place.is_some_and(|place| !self.knows_river(place));
        }
        let thing = place.and_then(|place| self.things.get(place));
        thing.is_some_and(|thing| match thing.senses.iter().find(|sense| sense.rule == *rule) {
            Some(sense) => !sense.told,
            None => thing.silence.is_some_and(|(silence, _)| silence == *rule) && thing.heard_at.is_none(),
        })
    }

    fn compare(&mut self, key: &AlarmKey, said: &mut Vec<AlarmChange>) {
        let now = self.now;
        let place = key.equipment_id.and_then(|id| self.place.get(&id).copied());
        if let Some(place) =
            place.filter(|_| self.rule(key).is_some_and(|r| matches!(r.condition, Condition::Many { .. })))
        {
            self.look_at_feeder(place);
            self.moved.remove(&(self.rank(key), key.clone()));
        }
        let wanted = self.wanted.get(key).cloned();
        if let Some(from) = wanted.as_ref().map(|wanted| wanted.from).filter(|from| *from > now) {
            self.timers.insert((from, key.clone()));
        }
        let wanted = wanted.filter(|wanted| wanted.from <= now);
        let active = self.held.get(key).is_some_and(|held| held.active);
        match wanted {
            Some(wanted) if !active => self.say_raise(key, wanted, said),
            Some(wanted) => {
                let (priority, at) = (wanted.priority, now);
                self.say(key, said, |held| {
                    let next = upgrade(held, priority, at)?;
                    Some((next, AlarmChange::Upgrade { alarm_id: held.alarm_id, priority, at }))
                });
            }
            None if active && !self.unjudged(key) => {
                // First under its cause, then over: it leaves the list with what explained it.
                self.say_cause(key, said);
                self.say(key, said, |held| {
                    Some((clear(held, now)?, AlarmChange::Clear { alarm_id: held.alarm_id, at: now }))
                });
            }
            None => {}
        }
        self.say_cause(key, said);
        self.say(key, said, |held| {
            Some((unshelve(held, now)?, AlarmChange::Unshelve { alarm_id: held.alarm_id, at: now }))
        });
        self.say(key, said, |held| {
            let level = escalation_due(held, now);
            Some((escalate(held, level, now)?, AlarmChange::Escalate { alarm_id: held.alarm_id, level, at: now }))
        });
        self.say_notice(key, said);
        self.plan(key);
    }

    /// Says a change of a held occurrence, and holds what becomes of it.
    fn say(
        &mut self,
        key: &AlarmKey,
        said: &mut Vec<AlarmChange>,
        change: impl FnOnce(&Alarm) -> Option<(Alarm, AlarmChange)>,
    ) {
        if let Some((next, change)) = self.held.get(key).and_then(change) {
            said.push(change);
            self.hold(key, next);
        }
    }

    fn say_cause(&mut self, key: &AlarmKey, said: &mut Vec<AlarmChange>) {
        if self.held.get(key).is_none_or(|held| !held.open) {
            return;
        }
        let (cause_id, at) = (self.cause_of(key), self.now);
        self.say(key, said, |held| {
            let next = explain(held, cause_id, at)?;
            Some((next, AlarmChange::Explain { alarm_id: held.alarm_id, cause_id, at }))
        });
    }

    fn say_raise(&mut self, key: &AlarmKey, wanted: Wanted, said: &mut Vec<AlarmChange>) {
        let now = self.now;
        let last = self.held.get(key);
        let named = alarm_id(key, wanted.since);
        // Two states of one instant: on, off and on again are two episodes all the same.
        let again = last.is_some_and(|last| last.alarm_id == named);
        let id = if again { alarm_id(key, wanted.since.plus(Duration::from_millis(1))) } else { named };
        let raises = self.raises.entry(key.clone()).or_default();
        raises.push_back(wanted.from);
        while raises.len() > CHATTER_RAISES {
            raises.pop_front();
        }
        let raised = RaisedAlarm {
            alarm_id: id,
            rule: key.rule.clone(),
            equipment_id: key.equipment_id,
            source: key.source.clone(),
            code: key.code.clone(),
            priority: wanted.priority,
            message: key.rule.clone(),
            details: wanted.details,
            raised_at: wanted.from,
            cause_id: self.cause_of(key).filter(|cause| *cause != id),
            chattering: chatters(self.raises.get(key).into_iter().flatten().copied(), now),
            site: key.equipment_id.map_or(SiteWork::NotKnown, |id| self.site.work_at(id, now)),
        };
        if let Some((alarm, _)) = raise(&raised, self.held.get(key)) {
            said.push(AlarmChange::Raise(raised));
            self.hold(key, alarm);
        }
    }

    /// The person on call is told of what nobody takes, and called off once somebody does.
    fn say_notice(&mut self, key: &AlarmKey, said: &mut Vec<AlarmChange>) {
        let now = self.now;
        let Some(held) = self.held.get(key) else { return };
        let told = self.notices.get(&held.alarm_id.0);
        let (alarm_id, wanted) = (held.alarm_id, untaken(held) && held.escalation >= 2);
        match told {
            None if wanted => {
                let empty = self.rule(key).is_some_and(|rule| rule.condition == Condition::RoomEmpty);
                let reason = if empty { NoticeReason::RoomEmpty } else { NoticeReason::Untaken };
                let notice_id = notice_id(alarm_id, reason);
                said.push(AlarmChange::Notify { notice_id, reason, alarm_id, at: now });
                let notice = Notice {
                    notice_id,
                    reason,
                    alarm_id: Some(alarm_id),
                    raised_at: now,
                    sent_at: None,
                    over_at: None,
                    command_id: None,
                };
                self.notices.insert(alarm_id.0, notice);
            }
            Some(notice) if !wanted && notice.over_at.is_none() => {
                said.push(AlarmChange::CallOff { notice_id: notice.notice_id, at: now });
                let over = Notice { over_at: Some(now), ..notice.clone() };
                self.notices.insert(alarm_id.0, over);
            }
            _ => {}
        }
    }

    /// When time alone will move this key next.
    fn plan(&mut self, key: &AlarmKey) {
        let Some(held) = self.held.get(key).filter(|held| held.open) else { return };
        let mut at = Vec::new();
        if held.suspended {
            at.extend(held.suspended_until);
        }
        if held.priority == 1 && untaken(held) {
            at.extend(escalates_at(held.asked_at, held.escalation));
        }
        let cause = held.cause_id.and_then(|cause| self.alarm_of(cause)).and_then(|cause| cause.cleared_at);
        at.extend(cause.map(|cleared| cleared.plus(GRACE)));
        for at in at.into_iter().filter(|at| *at > self.now) {
            self.timers.insert((at, key.clone()));
        }
    }
}
