//! Alarms: what the house says of them, and what people do with them.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use vigie_core::alarm::{
    AlarmChange as C, Handling, HandlingKind as H, NoticeReason, RaisedAlarm, ShelveReason, SiteWork, notice_id,
};
use vigie_core::ids::{AlarmId, DeskId, RecordId};
use vigie_core::submission::{Body, Outcome};
use vigie_core::table::{Alarm, AlarmAct, AlarmRule, Notice};

use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

async fn raised(room: &mut Room<'_>, n: u128, priority: i64) -> RaisedAlarm {
    RaisedAlarm {
        alarm_id: AlarmId(Uuid::from_u128(n)),
        rule: "street_light.supply".into(),
        equipment_id: Some(room.light()),
        source: None,
        code: String::new(),
        priority,
        message: "street_light.supply".into(),
        details: json!({"fault": "supply"}),
        raised_at: room.now().await,
        cause_id: None,
        chattering: false,
        site: SiteWork::NotKnown,
    }
}

async fn say(room: &mut Room<'_>, changes: Vec<C>) {
    applied(&room.write("house", Body::AlarmReport { changes }).await);
}

async fn alarm(room: &mut Room<'_>, id: AlarmId) -> Alarm {
    room.rows::<Alarm>(|a| a.alarm_id == id).await.pop().expect("the room reads the alarm")
}

async fn handled(room: &mut Room<'_>, login: &str, kind: H, id: AlarmId, priority: i64) -> Handling {
    let now = room.now().await;
    let shelves = kind == H::Shelve;
    Handling {
        act_id: RecordId(room.fresh()),
        alarm_id: id,
        priority,
        written_at: now,
        desk_id: Some(room.shift(login).1),
        until: shelves.then(|| now.plus(Duration::from_mins(30))),
        reason: shelves.then_some(ShelveReason::KnownFault),
        to_desk: (kind == H::Assign).then(|| room.shift(COLLEAGUE).1),
    }
}

async fn act(room: &mut Room<'_>, login: &str, kind: H, id: AlarmId, priority: i64) -> String {
    let done = handled(room, login, kind, id, priority).await;
    let outcome = room.write(login, Body::handled(kind, done)).await;
    applied(&outcome);
    effect(&outcome)
}

fn effect(outcome: &Outcome) -> String {
    outcome.detail.get("effect").and_then(|e| e.as_str()).unwrap_or_default().to_owned()
}

/// As it was said, and once however often it is said.
pub async fn an_alarm_is_raised_once_and_cleared_once(room: &mut Room<'_>) {
    let one = raised(room, 1, 2).await;
    say(room, vec![C::Raise(one.clone())]).await;
    let again = RaisedAlarm { alarm_id: AlarmId(Uuid::from_u128(2)), ..one.clone() };
    say(room, vec![C::Raise(one.clone()), C::Raise(again)]).await;
    let rows = room.rows::<Alarm>(|_| true).await;
    assert_eq!(rows.len(), 1, "one open occurrence of a rule on an object, whatever two houses believed");
    let row = &rows[0];
    assert_eq!((row.occurrence, row.active, row.open, row.raised_at), (1, true, true, one.raised_at));
    assert_eq!((row.details.clone(), row.site), (json!({"fault": "supply"}), SiteWork::NotKnown));
    let at = room.now().await.plus(Duration::from_secs(5));
    for later in [0, 60] {
        say(room, vec![C::Clear { alarm_id: one.alarm_id, at: at.plus(Duration::from_secs(later)) }]).await;
    }
    let row = alarm(room, one.alarm_id).await;
    assert_eq!((row.active, row.cleared_at, row.open), (false, Some(at), true), "nobody has taken it yet");
}

/// Both are kept; the first one has it.
pub async fn two_who_acknowledge_are_both_kept(room: &mut Room<'_>) {
    let one = raised(room, 1, 2).await;
    say(room, vec![C::Raise(one.clone())]).await;
    assert_eq!(act(room, OPERATOR, H::Acknowledge, one.alarm_id, 2).await, "done");
    assert_eq!(act(room, COLLEAGUE, H::Acknowledge, one.alarm_id, 2).await, "already");
    let row = alarm(room, one.alarm_id).await;
    let me = room.city.accounts.iter().find(|a| a.login == OPERATOR).and_then(|a| a.person_id);
    assert_eq!((row.acknowledged, row.acked_by, row.acked_desk), (true, me, Some(room.shift(OPERATOR).1)));
    assert_eq!(room.rows::<AlarmAct>(|a| a.alarm_id == one.alarm_id).await.len(), 2);
}

/// Neither another occurrence nor a higher priority is covered.
pub async fn an_acknowledgement_never_covers_a_re_raise_or_a_higher_priority(room: &mut Room<'_>) {
    let (one, now) = (raised(room, 1, 2).await, room.now().await);
    say(room, vec![C::Raise(one.clone()), C::Upgrade { alarm_id: one.alarm_id, priority: 1, at: now }]).await;
    assert_eq!(act(room, OPERATOR, H::Acknowledge, one.alarm_id, 2).await, "more_urgent");
    assert!(!alarm(room, one.alarm_id).await.acknowledged);
    let next = RaisedAlarm { alarm_id: AlarmId(Uuid::from_u128(2)), ..one.clone() };
    say(room, vec![C::Clear { alarm_id: one.alarm_id, at: now }, C::Raise(next.clone())]).await;
    assert_eq!(act(room, OPERATOR, H::Acknowledge, one.alarm_id, 1).await, "re_raised");
    let row = alarm(room, next.alarm_id).await;
    assert_eq!((row.acknowledged, row.occurrence), (false, 2));
    assert!(!alarm(room, one.alarm_id).await.open);
    assert_eq!(act(room, OPERATOR, H::Acknowledge, AlarmId(Uuid::from_u128(99)), 2).await, "gone");
}

/// Within its bounds, by who may, and over a re-raise until its end.
pub async fn a_shelving_has_bounds_and_an_end(room: &mut Room<'_>) {
    let (urgent, lesser) = (raised(room, 1, 1).await, raised(room, 2, 2).await);
    let lesser = RaisedAlarm { rule: "street_light.reach".into(), ..lesser };
    say(room, vec![C::Raise(urgent.clone()), C::Raise(lesser.clone())]).await;
    assert_eq!(act(room, OPERATOR, H::Shelve, urgent.alarm_id, 1).await, "not_by_this_role");
    assert_eq!(act(room, SUPERVISOR, H::Shelve, urgent.alarm_id, 1).await, "done");
    let now = room.now().await;
    for (until, wanted) in [(now, "passed"), (now.plus(Duration::from_hours(9)), "too_long")] {
        let done = handled(room, OPERATOR, H::Shelve, lesser.alarm_id, 2).await;
        let outcome = room.write(OPERATOR, Body::AlarmShelve(Handling { until: Some(until), ..done })).await;
        assert_eq!(effect(&outcome), wanted);
    }
    assert_eq!(act(room, OPERATOR, H::Unshelve, lesser.alarm_id, 2).await, "not_shelved");
    assert_eq!(act(room, OPERATOR, H::Shelve, lesser.alarm_id, 2).await, "done");
    let next = RaisedAlarm { alarm_id: AlarmId(Uuid::from_u128(3)), ..lesser.clone() };
    say(room, vec![C::Clear { alarm_id: lesser.alarm_id, at: now }, C::Raise(next.clone())]).await;
    assert!(alarm(room, next.alarm_id).await.suspended);
    let until = now.plus(Duration::from_mins(30));
    say(room, vec![C::Unshelve { alarm_id: next.alarm_id, at: until.minus(Duration::from_millis(1)) }]).await;
    assert!(alarm(room, next.alarm_id).await.suspended);
    say(room, vec![C::Unshelve { alarm_id: next.alarm_id, at: until }]).await;
    let row = alarm(room, next.alarm_id).await;
    assert_eq!((row.suspended, row.suspended_reason, row.asked_at), (false, None, until));
}

/// To a desk that exists.
pub async fn an_alarm_is_given_to_a_desk(room: &mut Room<'_>) {
    let one = raised(room, 1, 2).await;
    say(room, vec![C::Raise(one.clone())]).await;
    assert_eq!(act(room, OPERATOR, H::Assign, one.alarm_id, 2).await, "done");
    assert_eq!(alarm(room, one.alarm_id).await.assigned_to, Some(room.shift(COLLEAGUE).1));
    let nowhere = handled(room, OPERATOR, H::Assign, one.alarm_id, 2).await;
    let nowhere = Handling { to_desk: Some(DeskId(Uuid::from_u128(77))), ..nowhere };
    assert_eq!(effect(&room.write(OPERATOR, Body::AlarmAssign(nowhere)).await), "no_such_desk");
}

/// It asks for nothing itself, and leaves the list with what explains it.
pub async fn what_stands_under_its_cause_need_not_be_taken(room: &mut Room<'_>) {
    let (one, now) = (raised(room, 1, 2).await, room.now().await);
    let cause_id = Some(AlarmId(Uuid::from_u128(50)));
    say(room, vec![C::Raise(one.clone()), C::Explain { alarm_id: one.alarm_id, cause_id, at: now }]).await;
    assert_eq!(alarm(room, one.alarm_id).await.cause_id, cause_id);
    say(room, vec![C::Clear { alarm_id: one.alarm_id, at: now }]).await;
    let row = alarm(room, one.alarm_id).await;
    assert_eq!((row.open, row.closed_at), (false, Some(now)));
}

/// Carried further once, told once, called off once.
pub async fn an_escalation_and_its_notice_are_written_once(room: &mut Room<'_>) {
    let (one, now) = (raised(room, 1, 1).await, room.now().await);
    let (id, reason) = (one.alarm_id, NoticeReason::Untaken);
    let notice = notice_id(id, reason);
    let later = now.plus(Duration::from_mins(9));
    say(room, vec![C::Raise(one), C::Escalate { alarm_id: id, level: 2, at: now }]).await;
    for at in [now, later] {
        say(
            room,
            vec![C::Escalate { alarm_id: id, level: 1, at }, C::Notify { notice_id: notice, reason, alarm_id: id, at }],
        )
        .await;
        say(room, vec![C::Sent { notice_id: notice, at }, C::CallOff { notice_id: notice, at }]).await;
    }
    let row = alarm(room, id).await;
    assert_eq!((row.escalation, row.escalated_at), (2, Some(now)));
    let wanted = Notice {
        notice_id: notice,
        reason,
        alarm_id: Some(id),
        raised_at: now,
        sent_at: Some(now),
        over_at: Some(now),
        command_id: None,
    };
    assert_eq!(room.rows::<Notice>(|_| true).await, [wanted]);
}

/// Only the house speaks of alarms, only people handle them, and what has not its form is refused.
pub async fn alarms_are_raised_by_the_house_and_handled_by_people(room: &mut Room<'_>) {
    let one = raised(room, 1, 2).await;
    for login in [OPERATOR, SUPERVISOR, "gateway"] {
        refused(&room.write(login, Body::AlarmReport { changes: vec![C::Raise(one.clone())] }).await, "not_allowed");
    }
    say(room, vec![C::Raise(one.clone())]).await;
    for login in ["m.garnier", "house", "gateway"] {
        let done = handled(room, OPERATOR, H::Acknowledge, one.alarm_id, 2).await;
        refused(&room.write(login, Body::AlarmAcknowledge(done)).await, "not_allowed");
    }
    let endless = Handling { until: None, ..handled(room, OPERATOR, H::Shelve, one.alarm_id, 2).await };
    refused(&room.write(OPERATOR, Body::AlarmShelve(endless)).await, "malformed");
    assert!(!alarm(room, one.alarm_id).await.acknowledged);
}

/// The same rules, so that both metropolises alarm alike.
pub async fn a_metropolis_starts_with_the_rules_of_the_core(room: &mut Room<'_>) {
    let mut rules = room.rows::<AlarmRule>(|_| true).await;
    let mut wanted = vigie_core::alarm::default_rules();
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    wanted.sort_by(|a, b| a.code.cmp(&b.code));
    assert_eq!(rules, wanted);
}
