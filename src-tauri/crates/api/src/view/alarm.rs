//! Alarms as views.

use std::collections::HashMap;

use vigie_core::alarm::{HandlingKind, LOAD_RECOMMENDED, stands, untaken};
use vigie_core::ids::{AlarmId, PersonId};
use vigie_core::table::{Alarm, AlarmAct};
use vigie_core::time::Timestamp;
use vigie_engine::{AlarmBar, Engine, ShownAlarm};

use crate::dto::{
    AlarmActView, AlarmCause, AlarmCount, AlarmFlood, AlarmPending, AlarmSummary, AlarmView, AlarmVoid, DeskLoadView,
    NoticeView,
};

/// What is the same for all alarms of a page.
pub(crate) struct Page<'e> {
    engine: &'e Engine,
    now: Timestamp,
    me: Option<PersonId>,
    here: Option<String>,
    /// Open alarms by identifier: causes are looked up here.
    open: HashMap<AlarmId, Alarm>,
    can: Vec<HandlingKind>,
    /// A suspended session names nobody.
    named: bool,
}

impl<'e> Page<'e> {
    pub(crate) fn new(engine: &'e Engine, shown: &[ShownAlarm], named: bool) -> Self {
        let status = engine.status();
        Self {
            engine,
            now: status.now,
            me: status.identity.and_then(|identity| identity.person_id),
            here: status.desk,
            open: shown.iter().map(|shown| (shown.alarm.alarm_id, shown.alarm.clone())).collect(),
            can: HandlingKind::ALL.iter().copied().filter(|kind| named && engine.may_handle(*kind)).collect(),
            named,
        }
    }

    /// An occurrence that left the list.
    pub(crate) fn closed(&self, alarm: Alarm) -> AlarmView {
        self.view(ShownAlarm { alarm, under: 0, waiting: Vec::new(), came_to: None })
    }

    pub(crate) fn view(&self, shown: ShownAlarm) -> AlarmView {
        let (engine, asks) = (self.engine, shown.asks());
        let ShownAlarm { alarm, under, waiting, came_to } = shown;
        let place = alarm.equipment_id.and_then(|id| {
            engine.picture(|picture| {
                let object = picture.object(id)?;
                let equipment = object.equipment.clone();
                Some((object.point, picture.commune(&equipment.insee_code).to_owned(), equipment))
            })
        });
        let (point, commune, equipment) =
            place.map_or((None, None, None), |(point, commune, row)| (Some(point), Some(commune), Some(row)));
        let acked_here = alarm.acked_by.is_some() && alarm.acked_by == self.me;
        let shelve_until_max = engine.may_shelve_until(alarm.priority).filter(|_| alarm.open);
        let possible = |kind: &HandlingKind| {
            alarm.open
                && match kind {
                    HandlingKind::Acknowledge => !alarm.acknowledged && !waiting.iter().any(|(done, _)| done == kind),
                    HandlingKind::Shelve => shelve_until_max.is_some(),
                    HandlingKind::Unshelve => alarm.suspended,
                    HandlingKind::Assign => true,
                }
        };
        // A reach is no object of the city: its alarm says its name.
        let of_reach = alarm.details.get("reach").and_then(serde_json::Value::as_str).map(str::to_owned);
        let assigned_desk = alarm.assigned_to.and_then(|id| engine.desk(id));
        AlarmView {
            alarm_id: alarm.alarm_id,
            occurrence: number(alarm.occurrence),
            asks,
            standing: stands(&alarm, self.now),
            can: self.can.iter().copied().filter(possible).collect(),
            shelve_until_max,
            cause: alarm.cause_id.map(|id| self.cause(id)),
            acked_by: alarm.acked_by.and_then(|id| self.name(id)),
            acked_desk: alarm.acked_desk.and_then(|id| engine.desk(id)),
            acked_here,
            suspended_by: alarm.suspended_by.and_then(|id| self.name(id)),
            mine: assigned_desk.is_some() && assigned_desk == self.here,
            assigned_desk,
            rule: alarm.rule,
            code: alarm.code,
            message: alarm.message,
            details: match alarm.details {
                serde_json::Value::Object(map) => map.into_iter().collect(),
                _ => HashMap::new(),
            },
            priority: small(alarm.priority),
            raised_at: alarm.raised_at,
            asked_at: alarm.asked_at,
            active: alarm.active,
            cleared_at: alarm.cleared_at,
            acknowledged: alarm.acknowledged,
            acked_at: alarm.acked_at,
            suspended: alarm.suspended,
            suspended_until: alarm.suspended_until,
            suspended_reason: alarm.suspended_reason,
            assigned_to: alarm.assigned_to,
            assigned_at: alarm.assigned_at,
            equipment_id: alarm.equipment_id,
            point,
            commune,
            kind: equipment.as_ref().map(|row| row.kind),
            lon: equipment.as_ref().map(|row| row.lon),
            lat: equipment.as_ref().map(|row| row.lat),
            reference: equipment.as_ref().map(|row| row.reference.clone()),
            street: equipment.as_ref().map(|row| row.street.clone()),
            name: equipment.map(|row| row.name).or(of_reach),
            source: alarm.source,
            under,
            chattering: alarm.chattering,
            site: alarm.site,
            escalation: small(alarm.escalation),
            escalated_at: alarm.escalated_at,
            pending: waiting.into_iter().map(|(kind, state)| AlarmPending { kind, state }).collect(),
            void: came_to.map(|(kind, effect)| AlarmVoid { kind, effect }),
            open: alarm.open,
            closed_at: alarm.closed_at,
        }
    }

    fn name(&self, id: PersonId) -> Option<String> {
        self.named.then(|| self.engine.person(id).unwrap_or_default())
    }

    fn cause(&self, id: AlarmId) -> AlarmCause {
        let alarm = self.open.get(&id);
        let object = alarm.and_then(|alarm| alarm.equipment_id).and_then(|id| {
            let found = |o: &vigie_engine::picture::Object| (o.equipment.reference.clone(), o.equipment.name.clone());
            self.engine.picture(|picture| picture.object(id).map(found))
        });
        let source = alarm.and_then(|alarm| alarm.source.clone());
        let (reference, name) = object.unzip();
        AlarmCause {
            alarm_id: id,
            message: alarm.map(|alarm| alarm.message.clone()).unwrap_or_default(),
            reference: reference.or(source),
            name,
        }
    }

    pub(crate) fn act(&self, act: &AlarmAct) -> AlarmActView {
        AlarmActView {
            act_id: act.act_id,
            kind: act.kind,
            priority_seen: small(act.priority_seen),
            person: self.name(act.person_id).unwrap_or_default(),
            role: act.role,
            desk: act.desk_id.and_then(|id| self.engine.desk(id)),
            written_at: act.written_at,
            received_at: act.received_at,
            until: act.until,
            reason: act.reason,
            to_desk: act.to_desk.and_then(|id| self.engine.desk(id)),
            effect: act.effect,
        }
    }
}

/// The bar.
pub(crate) fn alarm_summary(engine: &Engine, named: bool) -> AlarmSummary {
    let AlarmBar { top, counts, shelved, flood, load, notices } = engine.alarm_bar();
    let page = Page::new(engine, top.as_slice(), named);
    let counts = counts.iter().zip(1_u8..).map(|(count, priority)| AlarmCount {
        priority,
        untaken: count.untaken,
        taken: count.taken,
        under: count.under,
    });
    let every_desk = engine.alarms().iter().any(|shown| untaken(&shown.alarm) && shown.alarm.escalation > 0);
    let load = load.into_iter().filter_map(|load| {
        let desk = engine.desk(load.desk_id)?;
        Some(DeskLoadView {
            desk_id: load.desk_id,
            here: page.here.as_ref() == Some(&desk),
            desk,
            held: load.held,
            raised: load.raised,
            recommended: LOAD_RECOMMENDED,
            word: load.word,
        })
    });
    AlarmSummary {
        sounds: top.as_ref().map(|top| small(top.alarm.priority)),
        counts: counts.collect(),
        shelved,
        every_desk,
        flood: flood.map(|f| AlarmFlood { since: f.since, raised: f.raised, desks: f.desks }),
        load: load.collect(),
        notices: notices
            .into_iter()
            .map(|notice| NoticeView {
                notice_id: notice.notice_id.to_string(),
                reason: notice.reason,
                alarm_id: notice.alarm_id,
                command_id: notice.command_id,
                raised_at: notice.raised_at,
                sent_at: notice.sent_at,
            })
            .collect(),
        top: top.map(|top| page.view(top)),
    }
}

fn number(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn small(n: i64) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}
