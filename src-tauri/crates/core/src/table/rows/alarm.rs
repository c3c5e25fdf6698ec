//! Alarms: rules, occurrences, what people did with them, who was told.

use crate::alarm::{Condition, HandlingEffect, HandlingKind, NoticeReason, ShelveReason, SiteWork};
use crate::equipment::EquipmentKind;
use crate::ids::{AlarmId, CommandId, DeskId, EquipmentId, PersonId, RecordId};
use crate::rights::Role;
use crate::time::Timestamp;

rows! {
    /// A rule that raises alarms: data, so that a metropolis may adapt it.
    AlarmRule = "alarm_rule", indexed [], window None, {
        /// Identifier, made of the code.
        rule_id: uuid::Uuid,
        /// Code, such as `street_light.supply`; also the alarm's message (text `alarm.<code>` in the catalogues).
        code: String,
        /// Kind of equipment that it looks at; none for what is not equipment.
        kind: Option<EquipmentKind>,
        /// 1 (at once), 2, 3.
        priority: i64,
        /// How long the condition holds before the alarm is raised, s.
        delay_s: i64,
        /// What raises it.
        condition: Condition,
        /// Attributes that the object must have, with these values.
        scope: serde_json::Value,
        /// It is explained by the failure of what feeds the object, or of its source.
        yields: bool,
        /// It explains the alarms of what its object feeds.
        explains: bool,
        /// It raises alarms.
        enabled: bool,
        /// The metropolis changed it: an upgrade leaves it as it is.
        adapted: bool,
    }

    /// One occurrence of an alarm. Those that are closed stay thirty days on a workstation, the others as long as they are open.
    Alarm = "alarm", indexed ["open", "equipment_id"], window Some(("closed_at", 720)), {
        /// Identifier, made of rule, object and beginning.
        alarm_id: AlarmId,
        /// Code of the rule that raised it.
        rule: String,
        /// On which object; none for a source and for the room.
        equipment_id: Option<EquipmentId>,
        /// On which source, when it is one that failed.
        source: Option<String>,
        /// The device's own alarm code; empty where a rule speaks.
        code: String,
        /// Which occurrence it is of the same rule on the same object, from 1.
        occurrence: i64,
        /// 1 (at once), 2, 3.
        priority: i64,
        /// What it says, as a code (text `alarm.<code>` in the catalogues).
        message: String,
        /// The values that it says, by name. No words about people.
        details: serde_json::Value,
        /// When it was raised.
        raised_at: Timestamp,
        /// Since when it asks to be taken: later than `raised_at` when it became more urgent, came back into sight or lost its
        /// cause. Escalation counts from here.
        asked_at: Timestamp,
        /// Its condition holds.
        active: bool,
        /// When it ceased to.
        cleared_at: Option<Timestamp>,
        /// Somebody has taken it.
        acknowledged: bool,
        /// When.
        acked_at: Option<Timestamp>,
        /// Who.
        acked_by: Option<PersonId>,
        /// At which desk.
        acked_desk: Option<DeskId>,
        /// It is shelved.
        suspended: bool,
        /// Until when.
        suspended_until: Option<Timestamp>,
        /// Why.
        suspended_reason: Option<ShelveReason>,
        /// By whom.
        suspended_by: Option<PersonId>,
        /// The desk that it was given to.
        assigned_to: Option<DeskId>,
        /// When.
        assigned_at: Option<Timestamp>,
        /// By whom.
        assigned_by: Option<PersonId>,
        /// The alarm that explains it: it stands under that one and asks for nothing itself.
        cause_id: Option<AlarmId>,
        /// It comes and goes.
        chattering: bool,
        /// What was known of works and crews at its place.
        site: SiteWork,
        /// 0; 1 it rings every desk; 2 the person on call was told.
        escalation: i64,
        /// Since when.
        escalated_at: Option<Timestamp>,
        /// It is in the list: active, or not taken, or shelved.
        open: bool,
        /// When it left the list.
        closed_at: Option<Timestamp>,
    }

    /// What a person did with an alarm, whatever it came to: what was done offline and what others did meanwhile are both kept.
    AlarmAct = "alarm_act", indexed ["alarm_id"], window Some(("received_at", 720)), {
        /// Identifier, made by his workstation.
        act_id: RecordId,
        /// Which occurrence he saw.
        alarm_id: AlarmId,
        /// What he did.
        kind: HandlingKind,
        /// The priority he saw.
        priority_seen: i64,
        /// Who.
        person_id: PersonId,
        /// His role.
        role: Role,
        /// At which desk.
        desk_id: Option<DeskId>,
        /// When he did it, in the metropolis's time as estimated there.
        written_at: Timestamp,
        /// When the metropolis received it.
        received_at: Timestamp,
        /// For shelving: until when.
        until: Option<Timestamp>,
        /// For shelving: why.
        reason: Option<ShelveReason>,
        /// For assigning: to which desk.
        to_desk: Option<DeskId>,
        /// What it came to.
        effect: HandlingEffect,
    }

    /// Somebody outside the room must be told: the person on call.
    Notice = "notice", indexed ["alarm_id"], window Some(("raised_at", 720)), {
        /// Identifier, made of the alarm or the command and the reason.
        notice_id: uuid::Uuid,
        /// Why.
        reason: NoticeReason,
        /// Of which alarm, when it is of one.
        alarm_id: Option<AlarmId>,
        /// Since when he must be told.
        raised_at: Timestamp,
        /// When a connector told him; none while none did.
        sent_at: Option<Timestamp>,
        /// When it was over: somebody took it.
        over_at: Option<Timestamp>,
        /// Of which command, when somebody operated it alone (R8).
        command_id: Option<CommandId>,
    }
}
