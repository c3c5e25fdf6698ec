//! An occurrence from raise to close. Three bits that move by themselves (active, acknowledged, suspended); what follows from
//! them: whether the occurrence is open, that is in the list.
//!
//! Guarantees: at most one occurrence of a rule on an object is open; an occurrence that is closed never opens again; whatever
//! changes nothing gives nothing back, so that saying it twice does it once.

use crate::alarm::RaisedAlarm;
use crate::ids::EquipmentId;
use crate::table::Alarm;
use crate::time::Timestamp;

/// What is alarmed about: occurrences with the same key follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlarmKey {
    /// Code of the rule.
    pub rule: String,
    /// The object.
    pub equipment_id: Option<EquipmentId>,
    /// The source.
    pub source: Option<String>,
    /// The device's own code; empty where a rule speaks.
    pub code: String,
}

impl From<&Alarm> for AlarmKey {
    fn from(row: &Alarm) -> Self {
        Self {
            rule: row.rule.clone(),
            equipment_id: row.equipment_id,
            source: row.source.clone(),
            code: row.code.clone(),
        }
    }
}

impl From<&RaisedAlarm> for AlarmKey {
    fn from(raised: &RaisedAlarm) -> Self {
        Self {
            rule: raised.rule.clone(),
            equipment_id: raised.equipment_id,
            source: raised.source.clone(),
            code: raised.code.clone(),
        }
    }
}

/// A new occurrence, after the last one with the same key; with that one closed, when it still stood in the list. None when
/// the last one is active: it is the same episode. A shelving goes on over the new occurrence, unless it is more urgent; an
/// acknowledgement never does.
pub fn raise(raised: &RaisedAlarm, last: Option<&Alarm>) -> Option<(Alarm, Option<Alarm>)> {
    if last.is_some_and(|last| last.active || last.alarm_id == raised.alarm_id) {
        return None;
    }
    let shelved = last.filter(|last| last.open && last.suspended && raised.priority >= last.priority);
    let alarm = Alarm {
        alarm_id: raised.alarm_id,
        rule: raised.rule.clone(),
        equipment_id: raised.equipment_id,
        source: raised.source.clone(),
        code: raised.code.clone(),
        occurrence: last.map_or(1, |last| last.occurrence.saturating_add(1)),
        priority: raised.priority,
        message: raised.message.clone(),
        details: raised.details.clone(),
        raised_at: raised.raised_at,
        asked_at: raised.raised_at,
        active: true,
        cleared_at: None,
        acknowledged: false,
        acked_at: None,
        acked_by: None,
        acked_desk: None,
        suspended: shelved.is_some(),
        suspended_until: shelved.and_then(|last| last.suspended_until),
        suspended_reason: shelved.and_then(|last| last.suspended_reason),
        suspended_by: shelved.and_then(|last| last.suspended_by),
        assigned_to: None,
        assigned_at: None,
        assigned_by: None,
        cause_id: raised.cause_id,
        chattering: raised.chattering,
        site: raised.site,
        escalation: 0,
        escalated_at: None,
        open: true,
        closed_at: None,
    };
    let former = last.filter(|last| last.open).map(|last| Alarm {
        open: false,
        closed_at: Some(raised.raised_at),
        ..unshelved(last.clone())
    });
    Some((alarm, former))
}

/// Its condition holds no more.
pub fn clear(alarm: &Alarm, at: Timestamp) -> Option<Alarm> {
    alarm.active.then(|| settled(Alarm { active: false, cleared_at: Some(at), ..alarm.clone() }, at))
}

/// It stands under another one, or no more.
pub fn explain(alarm: &Alarm, cause_id: Option<crate::ids::AlarmId>, at: Timestamp) -> Option<Alarm> {
    let moves = alarm.open && alarm.cause_id != cause_id && cause_id != Some(alarm.alarm_id);
    // Who stood under another asks for himself from now on, not since then.
    let asked_at = if cause_id.is_none() { at } else { alarm.asked_at };
    moves.then(|| settled(Alarm { asked_at, cause_id, ..alarm.clone() }, at))
}

/// It is more urgent than it was: whoever took it or put it out of sight did so with another alarm.
pub fn upgrade(alarm: &Alarm, priority: i64, at: Timestamp) -> Option<Alarm> {
    let moves = alarm.open && priority < alarm.priority && (1..=3).contains(&priority);
    moves.then(|| {
        let asked_anew = Alarm { priority, asked_at: at, escalation: 0, escalated_at: None, ..untaken(alarm.clone()) };
        settled(unshelved(asked_anew), at)
    })
}

/// It is carried further: 1 to every desk, 2 to the person on call.
pub fn escalate(alarm: &Alarm, level: i64, at: Timestamp) -> Option<Alarm> {
    let moves = alarm.open && level > alarm.escalation && level <= 2;
    moves.then(|| Alarm { escalation: level, escalated_at: Some(at), ..alarm.clone() })
}

/// Its shelving has ended by `at`.
pub fn unshelve(alarm: &Alarm, at: Timestamp) -> Option<Alarm> {
    let ended = alarm.suspended && alarm.suspended_until.is_none_or(|until| until <= at);
    ended.then(|| settled(Alarm { asked_at: at, ..unshelved(alarm.clone()) }, at))
}

/// Without its acknowledgement.
fn untaken(alarm: Alarm) -> Alarm {
    Alarm { acknowledged: false, acked_at: None, acked_by: None, acked_desk: None, ..alarm }
}

/// Without its shelving.
pub(super) fn unshelved(alarm: Alarm) -> Alarm {
    Alarm { suspended: false, suspended_until: None, suspended_reason: None, suspended_by: None, ..alarm }
}

/// Whether it is open, after its bits moved. What stands under its cause need not be taken by itself.
pub(super) fn settled(alarm: Alarm, at: Timestamp) -> Alarm {
    let open = alarm.active || alarm.suspended || !(alarm.acknowledged || alarm.cause_id.is_some());
    // What is closed stays closed.
    let open = open && alarm.closed_at.is_none();
    Alarm { open, closed_at: if open { None } else { alarm.closed_at.or(Some(at)) }, ..alarm }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::alarm::{ShelveReason, SiteWork};
    use crate::ids::{AlarmId, DeskId, PersonId};

    pub(in crate::alarm) const AT: Timestamp = Timestamp(1_795_000_000_000);

    pub(in crate::alarm) fn raised(n: u128, priority: i64, at: Timestamp) -> RaisedAlarm {
        RaisedAlarm {
            alarm_id: AlarmId(Uuid::from_u128(n)),
            rule: "street_light.supply".into(),
            equipment_id: Some(EquipmentId(Uuid::from_u128(7))),
            source: None,
            code: String::new(),
            priority,
            message: "street_light.supply".into(),
            details: serde_json::json!({}),
            raised_at: at,
            cause_id: None,
            chattering: false,
            site: SiteWork::NotKnown,
        }
    }

    /// An active occurrence that nobody has touched.
    pub(in crate::alarm) fn alarm(priority: i64, at: Timestamp) -> Alarm {
        raise(&raised(1, priority, at), None).unwrap().0
    }

    /// Every combination of the three bits, with and without a cause, as the transitions leave it.
    pub(in crate::alarm) fn every_state() -> Vec<Alarm> {
        let mut states = Vec::new();
        for bits in 0..16_u32 {
            let mut row = alarm(2, AT);
            row.active = bits & 1 != 0;
            row.cleared_at = (!row.active).then_some(AT.plus(Duration::from_secs(1)));
            if bits & 2 != 0 {
                row.acknowledged = true;
                (row.acked_at, row.acked_by) = (Some(AT), Some(PersonId(Uuid::from_u128(3))));
                row.acked_desk = Some(DeskId(Uuid::from_u128(4)));
            }
            if bits & 4 != 0 {
                row.suspended = true;
                row.suspended_until = Some(AT.plus(Duration::from_mins(30)));
                row.suspended_reason = Some(ShelveReason::KnownFault);
                row.suspended_by = Some(PersonId(Uuid::from_u128(3)));
            }
            row.cause_id = (bits & 8 != 0).then_some(AlarmId(Uuid::from_u128(99)));
            states.push(settled(row, AT.plus(Duration::from_secs(1))));
        }
        states
    }

    fn later(seconds: u64) -> Timestamp {
        AT.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn an_occurrence_is_open_while_it_is_active_shelved_or_taken_by_nobody() {
        for row in every_state() {
            let wanted = row.active || row.suspended || !(row.acknowledged || row.cause_id.is_some());
            assert_eq!((row.open, row.closed_at.is_none()), (wanted, wanted), "{row:?}");
        }
    }

    #[test]
    fn each_bit_moves_by_itself_and_nothing_opens_what_is_closed() {
        for row in every_state() {
            let moved = [
                clear(&row, later(60)),
                explain(&row, Some(AlarmId(Uuid::from_u128(98))), later(60)),
                explain(&row, None, later(60)),
                unshelve(&row, later(3_600)),
                escalate(&row, 1, later(120)),
            ];
            for next in moved.into_iter().flatten() {
                assert!(row.open || !next.open, "{row:?} came back as {next:?}");
                let bits = |a: &Alarm| [a.active, a.acknowledged, a.suspended];
                let changed = bits(&row).iter().zip(bits(&next)).filter(|(a, b)| **a != *b).count();
                assert!(changed <= 1, "{row:?} → {next:?}");
                assert_eq!(
                    (next.alarm_id, next.raised_at, next.occurrence),
                    (row.alarm_id, row.raised_at, row.occurrence)
                );
            }
        }
    }

    #[test]
    fn what_changes_nothing_gives_nothing_back() {
        for row in every_state() {
            if let Some(cleared) = clear(&row, later(5)) {
                assert_eq!(clear(&cleared, later(6)), None);
            }
            assert_eq!(explain(&row, row.cause_id, later(5)), None);
            assert_eq!(escalate(&row, row.escalation, later(5)), None);
            assert_eq!(upgrade(&row, row.priority, later(5)), None);
            assert_eq!(unshelve(&row, later(5)), None, "its end has not come");
            assert_eq!(explain(&row, Some(row.alarm_id), later(5)), None, "nothing explains itself");
        }
    }

    #[test]
    fn a_re_raise_is_another_occurrence_that_no_acknowledgement_covers() {
        for row in every_state() {
            let again = raised(2, 2, later(600));
            let Some((next, former)) = raise(&again, Some(&row)) else {
                assert!(row.active, "{row:?}");
                continue;
            };
            assert!(!row.active && next.active && !next.acknowledged && next.acked_by.is_none());
            assert_eq!(next.occurrence, row.occurrence + 1);
            assert_eq!(next.suspended, row.open && row.suspended, "a shelving goes on to its end");
            assert_eq!(former.is_some(), row.open);
            assert!(former.is_none_or(|former| !former.open && former.closed_at == Some(later(600))));
        }
    }

    #[test]
    fn the_same_episode_said_twice_is_raised_once() {
        let mut row = alarm(2, AT);
        assert_eq!(raise(&raised(1, 2, AT), Some(&row)), None);
        row = clear(&row, later(5)).unwrap();
        assert_eq!(raise(&raised(1, 2, AT), Some(&row)), None, "not even after it cleared");
    }

    #[test]
    fn neither_a_shelving_nor_an_acknowledgement_covers_a_higher_priority() {
        for row in every_state() {
            if !row.open {
                assert_eq!(upgrade(&row, 1, later(5)), None);
                continue;
            }
            let urgent = upgrade(&row, 1, later(5)).unwrap();
            assert!(urgent.priority == 1 && !urgent.acknowledged && !urgent.suspended);
            assert!(urgent.suspended_until.is_none() && urgent.acked_by.is_none());
        }
        let mut shelved = every_state().into_iter().find(|a| !a.active && a.suspended).unwrap();
        shelved.priority = 3;
        let (next, _) = raise(&raised(2, 2, later(600)), Some(&shelved)).unwrap();
        assert!(!next.suspended, "the new occurrence is more urgent than the one that was shelved");
    }

    #[test]
    fn what_stands_under_its_cause_leaves_the_list_when_it_clears_and_asks_for_itself_when_the_cause_is_gone() {
        let under = explain(&alarm(2, AT), Some(AlarmId(Uuid::from_u128(99))), later(1)).unwrap();
        assert!(!clear(&under, later(9)).unwrap().open);
        let alone = explain(&under, None, later(5)).unwrap();
        assert!(clear(&alone, later(9)).unwrap().open, "nobody has taken it");
    }
}
