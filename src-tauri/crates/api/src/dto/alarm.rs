//! Alarms as the interface shows them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::alarm::{HandlingEffect, HandlingKind, LoadWord, NoticeReason, ShelveReason, SiteWork};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{AlarmId, CommandId, DeskId, EquipmentId, RecordId};
use vigie_core::record::RecordState;
use vigie_core::rights::Role;
use vigie_core::time::Timestamp;

/// Which list of alarms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlarmListKind {
    /// Open, in sight.
    #[default]
    Open,
    /// Out of sight until an end.
    Shelved,
    /// Left the list in the last thirty days.
    Closed,
}

/// Which alarms; absent fields ask for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AlarmFilter {
    /// Which list.
    pub list: AlarmListKind,
    /// Those that stand under this one. Without it, those that stand under another are left out of the open list: they are
    /// counted there.
    pub under: Option<AlarmId>,
    /// Those that stand under another as well.
    pub flat: bool,
    /// Of one object.
    pub equipment_id: Option<EquipmentId>,
    /// Of these kinds of equipment.
    pub kinds: Vec<EquipmentKind>,
    /// Of these priorities.
    pub priorities: Vec<u8>,
    /// Only those that nobody has taken.
    pub untaken: bool,
    /// Only those given to the desk held here.
    pub mine: bool,
    /// Of one commune (INSEE code).
    pub insee_code: Option<String>,
    /// First line, from 0.
    pub offset: u32,
    /// Most lines; 500 at most, and 0 asks for that many.
    pub limit: u32,
}

/// One page of alarms, in the order in which they are to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmList {
    /// How many there are.
    pub total: u32,
    /// The page.
    pub alarms: Vec<AlarmView>,
}

/// The alarm that explains another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmCause {
    /// Which.
    pub alarm_id: AlarmId,
    /// What it says, as a code (text `alarm.<message>`).
    pub message: String,
    /// Reference of its object, or its source.
    pub reference: Option<String>,
    /// Name of its object.
    pub name: Option<String>,
}

/// What was done here and is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmPending {
    /// What.
    pub kind: HandlingKind,
    /// Where it stands.
    pub state: RecordState,
}

/// What was done here last and changed nothing, with why (text `alarm_effect.<effect>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmVoid {
    /// What.
    pub kind: HandlingKind,
    /// Why it came to nothing.
    pub effect: HandlingEffect,
}

/// One occurrence of an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmView {
    /// The occurrence: what an acknowledgement names.
    pub alarm_id: AlarmId,
    /// Which occurrence it is of the same rule on the same object, from 1.
    pub occurrence: u32,
    /// Code of the rule.
    pub rule: String,
    /// The device's own code; empty where a rule speaks.
    pub code: String,
    /// What it says, as a code (text `alarm.<message>`).
    pub message: String,
    /// The values that it says, by name (as in readings; `limit`, `per_hour`, `heard_at`, `troubled`, `all`, `commands`, `code`).
    #[ts(type = "{ [key: string]: JsonValue }")]
    pub details: HashMap<String, serde_json::Value>,
    /// 1 (at once), 2, 3.
    pub priority: u8,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Since when it asks to be taken.
    pub asked_at: Timestamp,
    /// Its condition holds.
    pub active: bool,
    /// When it ceased to.
    pub cleared_at: Option<Timestamp>,
    /// It asks this desk to take it: it sounds. Not when it was taken here and the metropolis does not know yet.
    pub asks: bool,
    /// Somebody has taken it, as the metropolis knows.
    pub acknowledged: bool,
    /// When.
    pub acked_at: Option<Timestamp>,
    /// Name of who has it.
    pub acked_by: Option<String>,
    /// Name of his desk.
    pub acked_desk: Option<String>,
    /// It was taken by the account that is open here.
    pub acked_here: bool,
    /// It is out of sight.
    pub suspended: bool,
    /// Until when.
    pub suspended_until: Option<Timestamp>,
    /// Why (text `shelve_reason.<code>`).
    pub suspended_reason: Option<ShelveReason>,
    /// Name of who put it there.
    pub suspended_by: Option<String>,
    /// The desk that it was given to.
    pub assigned_to: Option<DeskId>,
    /// Its name.
    pub assigned_desk: Option<String>,
    /// When.
    pub assigned_at: Option<Timestamp>,
    /// Given to the desk held here.
    pub mine: bool,
    /// The object; none for a source and for the room.
    pub equipment_id: Option<EquipmentId>,
    /// Its point on the map.
    pub point: Option<u32>,
    /// Its reference.
    pub reference: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its kind.
    pub kind: Option<EquipmentKind>,
    /// Name of its commune.
    pub commune: Option<String>,
    /// Its street.
    pub street: Option<String>,
    /// Degrees WGS 84.
    pub lon: Option<f64>,
    /// Degrees WGS 84.
    pub lat: Option<f64>,
    /// The source that failed, when it is one.
    pub source: Option<String>,
    /// The alarm that explains it.
    pub cause: Option<AlarmCause>,
    /// Open alarms under it.
    pub under: u32,
    /// It comes and goes.
    pub chattering: bool,
    /// It is active for longer than a day.
    pub standing: bool,
    /// What was known of works and crews at its place (text `site_work.<code>`).
    pub site: SiteWork,
    /// 0; 1 it rings every desk; 2 the person on call was told.
    pub escalation: u8,
    /// Since when.
    pub escalated_at: Option<Timestamp>,
    /// What was done here and is not confirmed.
    pub pending: Vec<AlarmPending>,
    /// What was done here last and changed nothing.
    pub void: Option<AlarmVoid>,
    /// What the account that is open here may do with it now.
    pub can: Vec<HandlingKind>,
    /// The latest instant until which it may be shelved by this account.
    pub shelve_until_max: Option<Timestamp>,
    /// It is in the list.
    pub open: bool,
    /// When it left the list.
    pub closed_at: Option<Timestamp>,
}

/// One alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmArgs {
    /// Which occurrence.
    pub alarm_id: AlarmId,
}

/// Takes an alarm: the occurrence and the priority that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmAckArgs {
    /// The occurrence seen.
    pub alarm_id: AlarmId,
    /// The priority seen.
    pub priority: u8,
}

/// Puts an alarm out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmShelveArgs {
    /// The occurrence seen.
    pub alarm_id: AlarmId,
    /// The priority seen.
    pub priority: u8,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: ShelveReason,
}

/// Gives an alarm to a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmAssignArgs {
    /// The occurrence seen.
    pub alarm_id: AlarmId,
    /// The priority seen.
    pub priority: u8,
    /// To which desk.
    pub desk_id: DeskId,
}

/// What somebody did with an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmActView {
    /// Identifier.
    pub act_id: RecordId,
    /// What.
    pub kind: HandlingKind,
    /// The priority he saw.
    pub priority_seen: u8,
    /// His name.
    pub person: String,
    /// His role.
    pub role: Role,
    /// Name of his desk.
    pub desk: Option<String>,
    /// When he did it.
    pub written_at: Timestamp,
    /// When the metropolis received it.
    pub received_at: Timestamp,
    /// Until when it was shelved.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<ShelveReason>,
    /// Name of the desk that it was given to.
    pub to_desk: Option<String>,
    /// What it came to (text `alarm_effect.<effect>`).
    pub effect: HandlingEffect,
}

/// The sheet of an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmSheet {
    /// The alarm.
    pub alarm: AlarmView,
    /// What people did with it, newest first: what others did and what was done offline are both here.
    pub acts: Vec<AlarmActView>,
    /// Open alarms under it, 500 at most.
    pub under: Vec<AlarmView>,
    /// Other occurrences on the same object, newest first, 50 at most.
    pub others: Vec<AlarmView>,
}

/// Alarms of one priority that are in the list, without those out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmCount {
    /// 1, 2 or 3.
    pub priority: u8,
    /// That ask this desk.
    pub untaken: u32,
    /// That somebody has.
    pub taken: u32,
    /// That stand under another.
    pub under: u32,
}

/// A flood: more than ten alarms in ten minutes for each desk that watches, until fewer than five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmFlood {
    /// Since when.
    pub since: Timestamp,
    /// Alarms raised in the last ten minutes.
    pub raised: u32,
    /// For so many desks.
    pub desks: u32,
}

/// What the last ten minutes asked of a desk. Of a desk, never of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeskLoadView {
    /// The desk.
    pub desk_id: DeskId,
    /// Its name.
    pub desk: String,
    /// Somebody watches there.
    pub held: bool,
    /// It is the one held here.
    pub here: bool,
    /// Alarms that came to it in the last ten minutes.
    pub raised: u32,
    /// What is recommended at most.
    pub recommended: u32,
    /// In a word (text `load.<code>`).
    pub word: LoadWord,
}

/// Somebody outside the room is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoticeView {
    /// Identifier.
    pub notice_id: String,
    /// Why (text `notice_reason.<code>`).
    pub reason: NoticeReason,
    /// Of which alarm, when it is of one.
    pub alarm_id: Option<AlarmId>,
    /// Of which command, when somebody operated it alone.
    pub command_id: Option<CommandId>,
    /// Since when.
    pub raised_at: Timestamp,
    /// When a connector told the person on call; none while none did.
    pub sent_at: Option<Timestamp>,
}

/// What stands over every screen: the alarm bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmSummary {
    /// The most urgent alarm that asks this desk.
    pub top: Option<AlarmView>,
    /// By priority, 1 first.
    pub counts: Vec<AlarmCount>,
    /// Out of sight.
    pub shelved: u32,
    /// The priority that sounds here; none when nothing asks.
    pub sounds: Option<u8>,
    /// An alarm rings every desk because nobody takes it.
    pub every_desk: bool,
    /// A flood under way: causes come first.
    pub flood: Option<AlarmFlood>,
    /// What the last ten minutes asked of each desk.
    pub load: Vec<DeskLoadView>,
    /// Whom a connector tells, or is to tell, outside the room.
    pub notices: Vec<NoticeView>,
}
