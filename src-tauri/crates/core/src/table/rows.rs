//! The declarations: every synced table, its columns and its typed row.

use crate::alarm::{Condition, HandlingEffect, HandlingKind, NoticeReason, ShelveReason, SiteWork};
use crate::command::{
    AskedGroup, AskedObjects, ChosenBy, ClassCode, CommandState, EffectState, Exclusion, Params, RequestState,
    SoleReason, UsedObjects, VoidReason,
};
use crate::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use crate::ids::{
    AlarmId, CommandId, DeskId, EquipmentId, GroupId, KeyId, LiveId, PersonId, ProgrammeId, RecordId, RequestId,
    SavedGroupId, ShiftId, ZoneId,
};
use crate::lock::{Coming, HolderSaid, LiftWay, LockState};
use crate::programme::{Content, ProgrammeKind};
use crate::record::{Links, LogKind};
use crate::rights::Role;
use crate::table::cell::{json_from_cell, json_to_cell};
use crate::table::{BadRow, Cell, Column, ColumnType, Field, Row, TableRow, TableSpec};
use crate::time::Timestamp;

impl Field for Reading {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

impl Field for serde_json::Value {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

impl Field for Condition {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

impl Field for Params {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

impl Field for Content {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

impl Field for Vec<Exclusion> {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

impl Field for Vec<EquipmentId> {
    const TYPE: ColumnType = ColumnType::Json;
    fn to_cell(&self) -> Cell {
        json_to_cell(self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        json_from_cell(cell)
    }
}

macro_rules! tables {
    ($(
        $(#[$doc:meta])*
        $row:ident = $name:literal, indexed [$($index:literal),*], window $window:expr, {
            $($(#[$cdoc:meta])* $column:ident: $type:ty,)+
        }
    )+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $row {
                $($(#[$cdoc])* pub $column: $type,)+
            }

            impl TableRow for $row {
                const SPEC: TableSpec = TableSpec {
                    name: $name,
                    columns: &[$(Column {
                        name: stringify!($column),
                        kind: <$type as Field>::TYPE,
                        nullable: <$type as Field>::NULLABLE,
                    },)+],
                    indexed: &[$($index),*],
                    window: $window,
                };

                fn to_row(&self) -> Row {
                    Row { cells: vec![$(self.$column.to_cell(),)+], stamp: 0 }
                }

                fn from_row(row: &Row) -> Result<Self, BadRow> {
                    let mut cells = row.cells.iter();
                    Ok(Self {
                        $($column: cells
                            .next()
                            .and_then(<$type as Field>::from_cell)
                            .ok_or(BadRow { table: $name, column: stringify!($column) })?,)+
                    })
                }
            }
        )+

        /// Every synced table, in the order in which it is copied (parents first).
        pub static TABLES: &[TableSpec] = &[$(<$row as TableRow>::SPEC),+];
    };
}

tables! {
    /// A commune of the metropolis.
    Commune = "commune", indexed [], window None, {
        /// Identifier.
        commune_id: uuid::Uuid,
        /// INSEE code.
        insee_code: String,
        /// Name.
        name: String,
        /// A point inside, degrees WGS 84.
        lon: f64,
        /// A point inside, degrees WGS 84.
        lat: f64,
        /// Municipal population.
        population: i64,
        /// Outline: a GeoJSON geometry.
        outline: serde_json::Value,
    }

    /// A line or area of the ground: river, lake, road, rail, tram, street.
    Ground = "ground", indexed [], window None, {
        /// Identifier.
        ground_id: uuid::Uuid,
        /// `river`, `canal`, `lake`, `motorway`, `road`, `street`, `rail`, `tram`.
        kind: String,
        /// Name, may be empty.
        name: String,
        /// Drawn by hand for training; shown as "schematic".
        schematic: bool,
        /// A GeoJSON geometry.
        geometry: serde_json::Value,
    }

    /// A polygon: vidéoprotection, flood area, closed building, district.
    Zone = "zone", indexed [], window None, {
        /// Identifier.
        zone_id: ZoneId,
        /// Short reference, unique.
        reference: String,
        /// Name.
        name: String,
        /// `cctv`, `flood`, `closed_building`, `district`.
        kind: String,
        /// Outline: a GeoJSON geometry.
        outline: serde_json::Value,
    }

    /// Someone who works with Vigie: name and function only.
    Person = "person", indexed [], window None, {
        /// Identifier.
        person_id: PersonId,
        /// Name as shown on the room's screens.
        display_name: String,
    }

    /// A desk of the control room.
    Desk = "desk", indexed [], window None, {
        /// Identifier.
        desk_id: DeskId,
        /// Name, such as "Poste 2".
        name: String,
    }

    /// Someone's turn at a desk, in a role.
    Shift = "shift", indexed [], window None, {
        /// Identifier.
        shift_id: ShiftId,
        /// The desk held.
        desk_id: DeskId,
        /// Who.
        person_id: PersonId,
        /// In which role.
        role: Role,
        /// From.
        opened_at: Timestamp,
        /// Planned end; intents are void after it (R13).
        ends_at: Timestamp,
        /// Actual end.
        closed_at: Option<Timestamp>,
    }

    /// A piloted or supervised object.
    Equipment = "equipment", indexed ["reference"], window None, {
        /// Identifier.
        equipment_id: EquipmentId,
        /// Short reference, unique, such as `TL-042`.
        reference: String,
        /// Name.
        name: String,
        /// Kind.
        kind: EquipmentKind,
        /// INSEE code of its commune.
        insee_code: String,
        /// Street, may be empty.
        street: String,
        /// Degrees WGS 84.
        lon: f64,
        /// Degrees WGS 84.
        lat: f64,
        /// What is fixed about it, by kind: `rank` on its street, `crossing`, `safety_level`, `heading`, `fov`, `range_m`, `phone`…
        attributes: serde_json::Value,
    }

    /// The last known state of an object. Changes all day.
    EquipmentState = "equipment_state", indexed [], window None, {
        /// Of which object.
        equipment_id: EquipmentId,
        /// What it reports, by kind.
        reading: Reading,
        /// How far the reading can be trusted.
        quality: Quality,
        /// When the device measured it; none when it never did.
        observed_at: Option<Timestamp>,
        /// When the metropolis received it.
        received_at: Timestamp,
        /// Where it comes from, such as `controller`, `gateway`, `hubeau`.
        source: String,
        /// Which part of the chain gateway – device answers.
        reach: Reach,
        /// Programme, override, manual, out of service.
        mode: Mode,
        /// What was last asked of it and is in force.
        target: Option<Params>,
        /// End of the override in force.
        effect_until: Option<Timestamp>,
        /// Moves at each report.
        version: i64,
        /// Moves when mode, target, override, lock or service state changes (R4), and only then.
        control_version: i64,
    }

    /// Past states, the last 48 hours of them on a workstation.
    StateHistory = "state_history", indexed ["equipment_id"], window Some(("observed_at", 48)), {
        /// Identifier.
        history_id: uuid::Uuid,
        /// Of which object.
        equipment_id: EquipmentId,
        /// What it reported.
        reading: Reading,
        /// How far it can be trusted.
        quality: Quality,
        /// When.
        observed_at: Timestamp,
        /// Where from.
        source: String,
        /// Programme, override, manual, out of service.
        mode: Mode,
    }

    /// A command as the metropolis knows it.
    Command = "command", indexed ["equipment_id"], window Some(("issued_at", 48)), {
        /// Identifier, made by the desk.
        command_id: CommandId,
        /// On which object.
        equipment_id: EquipmentId,
        /// Action code, such as `street_light.set_level`.
        action: String,
        /// Class given by the metropolis.
        class: ClassCode,
        /// Absolute target.
        params: Params,
        /// Author.
        person_id: PersonId,
        /// His role.
        role: Role,
        /// His shift.
        shift_id: ShiftId,
        /// Reason code or words he gave.
        reason: String,
        /// When he operated.
        issued_at: Timestamp,
        /// End of its life (R2).
        expires_at: Timestamp,
        /// End of its effect (R3).
        effect_until: Option<Timestamp>,
        /// Precondition seen (R4).
        seen_control_version: i64,
        /// Asked without a fresh value.
        without_visibility: bool,
        /// Where it stands.
        state: CommandState,
        /// Since when.
        state_since: Timestamp,
        /// Why, as a code: `device_fault`, `control_changed`…
        detail: Option<String>,
        /// Its effect's own machine.
        effect: Option<EffectState>,
        /// The request under which it was approved (R7), or that nobody answered (R8).
        approval_id: Option<RequestId>,
        /// Why it was operated alone, when it was (R8).
        sole: Option<SoleReason>,
        /// The group that it is a member of.
        group_id: Option<GroupId>,
    }

    /// A command on many objects; what became of each is in its own command.
    CommandGroup = "command_group", indexed [], window Some(("issued_at", 48)), {
        /// Identifier, made by the desk.
        group_id: GroupId,
        /// Action code.
        action: String,
        /// Class of the whole, given by the metropolis.
        class: ClassCode,
        /// Absolute target.
        params: Params,
        /// Author.
        person_id: PersonId,
        /// His role.
        role: Role,
        /// His shift.
        shift_id: ShiftId,
        /// The desk he held.
        desk_id: DeskId,
        /// Why.
        reason: String,
        /// By what its objects were chosen.
        chosen: ChosenBy,
        /// The name of that, may be empty.
        chosen_name: String,
        /// When he operated.
        issued_at: Timestamp,
        /// End of its life (R2).
        expires_at: Timestamp,
        /// End of its effect (R3).
        effect_until: Option<Timestamp>,
        /// How many objects.
        members: i64,
        /// What was chosen and left out, with why.
        excluded: Vec<Exclusion>,
        /// When the rest of it was stopped.
        stopped_at: Option<Timestamp>,
        /// By whom.
        stopped_by: Option<PersonId>,
    }

    /// A list of objects kept under a name, for groups to come.
    SavedGroup = "saved_group", indexed [], window None, {
        /// Identifier, made by the desk.
        saved_group_id: SavedGroupId,
        /// What it is called.
        name: String,
        /// Its objects, in their order.
        members: Vec<EquipmentId>,
        /// Who wrote it last.
        person_id: PersonId,
        /// When.
        changed_at: Timestamp,
    }

    /// One transition of a command: the history on its sheet.
    CommandEvent = "command_event", indexed ["command_id"], window Some(("at", 48)), {
        /// Identifier.
        event_id: uuid::Uuid,
        /// Of which command.
        command_id: CommandId,
        /// When.
        at: Timestamp,
        /// From.
        from_state: Option<CommandState>,
        /// To.
        to_state: CommandState,
        /// `desk`, `metropolis`, `gateway`, `house`.
        actor: String,
        /// Why, as a code.
        detail: Option<String>,
    }

    /// A public key that a person signs his records with (R20).
    PersonKey = "person_key", indexed [], window None, {
        /// Identifier, made of the key.
        key_id: KeyId,
        /// Whose.
        person_id: PersonId,
        /// Ed25519, 32 bytes in base64.
        public_key: String,
        /// Since.
        registered_at: Timestamp,
    }

    /// Where values come from, and when it was last in contact.
    Source = "source", indexed [], window None, {
        /// Identifier.
        source_id: uuid::Uuid,
        /// Short code, such as `lighting`, `hubeau`.
        code: String,
        /// Name as shown.
        name: String,
        /// Kinds of equipment whose values come from it: an array of codes.
        covers: serde_json::Value,
        /// Longest time between two contacts when all is well, seconds.
        period_s: i64,
        /// When it was last tried.
        tried_at: Timestamp,
        /// When it was last in contact.
        contact_at: Option<Timestamp>,
        /// Age of its newest value at its arrival, ms.
        delay_ms: Option<i64>,
        /// Why the last try failed, as a code.
        error: Option<String>,
        /// Since when every try failed.
        error_since: Option<Timestamp>,
    }

    /// A line of the log (main courante), the last seven days of it on a workstation. Append-only.
    LogEntry = "log_entry", indexed [], window Some(("written_at", 168)), {
        /// Identifier, made by its author's workstation.
        log_id: RecordId,
        /// When it was written, in the metropolis's time as estimated there.
        written_at: Timestamp,
        /// When the metropolis received it.
        received_at: Timestamp,
        /// The author's desk.
        desk_id: Option<DeskId>,
        /// His shift.
        shift_id: Option<ShiftId>,
        /// Number among the author's lines at his workstation.
        sequence: i64,
        /// The author.
        person_id: PersonId,
        /// His role then.
        role: Role,
        /// Decision or event.
        kind: LogKind,
        /// The words.
        text: String,
        /// The line that this one corrects.
        corrects: Option<RecordId>,
        /// What it speaks of.
        links: Links,
        /// Who deposited it, when it was not the author (R20).
        deposited_by: Option<PersonId>,
        /// The key that signed it.
        key_id: Option<KeyId>,
        /// Ed25519 in base64.
        signature: Option<String>,
    }

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

    /// A second person asked to approve one command (R6, R7). It is asked, answered and used within minutes.
    ApprovalRequest = "approval_request", indexed [], window Some(("asked_at", 48)), {
        /// Identifier, made by the author's desk.
        request_id: RequestId,
        /// On which objects, as they were seen.
        objects: AskedObjects,
        /// Those whose command was taken.
        used: UsedObjects,
        /// Action code.
        action: String,
        /// Absolute target.
        params: Params,
        /// Length of the effect, s.
        effect_s: Option<i64>,
        /// Class given by the metropolis: the worst of its objects.
        class: ClassCode,
        /// What it would do, as the author's desk showed it.
        consequence: serde_json::Value,
        /// The author.
        person_id: PersonId,
        /// His role.
        role: Role,
        /// At which desk.
        desk_id: DeskId,
        /// In which shift: it is void when that ends.
        shift_id: ShiftId,
        /// Why.
        reason: String,
        /// When.
        asked_at: Timestamp,
        /// Until when it may be answered.
        expires_at: Timestamp,
        /// Where it stands.
        state: RequestState,
        /// Who answered.
        approver_id: Option<PersonId>,
        /// In which role.
        approver_role: Option<Role>,
        /// When he approved.
        approved_at: Option<Timestamp>,
        /// Until when his approval holds.
        approval_until: Option<Timestamp>,
        /// Why it is void.
        void_reason: Option<VoidReason>,
        /// Of a group: by what it was chosen, what was left out of it.
        about: Option<AskedGroup>,
    }

    /// Which desk pilots an object (R9), and until when it is selected (R6).
    DeskHold = "desk_hold", indexed [], window None, {
        /// Which object.
        equipment_id: EquipmentId,
        /// The desk.
        desk_id: DeskId,
        /// The shift: it ends with it.
        shift_id: ShiftId,
        /// Who.
        person_id: PersonId,
        /// Since when.
        since: Timestamp,
        /// Until when, the end of the shift at the latest.
        until: Timestamp,
        /// Until when he may operate what needs a selection.
        selected_until: Option<Timestamp>,
        /// The control by which he moves it at this moment (class L).
        live_id: Option<LiveId>,
    }

    /// What one person did alone (R8), to be looked at by another within a day.
    SoleReview = "sole_review", indexed [], window Some(("reviewed_at", 720)), {
        /// Identifier: the command's.
        review_id: uuid::Uuid,
        /// On which object.
        equipment_id: EquipmentId,
        /// Action code.
        action: String,
        /// Who did it.
        person_id: PersonId,
        /// Why.
        reason: SoleReason,
        /// Who had called for it.
        caller: String,
        /// His number.
        phone: String,
        /// When.
        operated_at: Timestamp,
        /// Until when it is to be reviewed.
        due_at: Timestamp,
        /// When it was.
        reviewed_at: Option<Timestamp>,
        /// By whom.
        reviewed_by: Option<PersonId>,
        /// What he found.
        finding: String,
    }

    /// A programme of lights or signals (R19): a draft until it is first applied, unchangeable from then on.
    Programme = "programme", indexed [], window None, {
        /// Identifier.
        programme_id: ProgrammeId,
        /// Counts the contents that it had, from 1: what is approved and applied is one of them.
        revision: i64,
        /// What for.
        kind: ProgrammeKind,
        /// What it says.
        content: Content,
        /// The lowest level that it may leave in force by night, %; none for signals.
        lowest: Option<i64>,
        /// Who wrote it last.
        person_id: PersonId,
        /// When.
        changed_at: Timestamp,
        /// When it was first applied.
        frozen_at: Option<Timestamp>,
    }

    /// Which programme an object was last seen to take, and which it had before (R17, R19).
    ProgrammeAssignment = "programme_assignment", indexed [], window None, {
        /// The object.
        equipment_id: EquipmentId,
        /// `<programme_id>/<revision>`, or `own`.
        programme: String,
        /// The one before, to go back to; none once it was gone back to.
        former: Option<String>,
        /// When the object showed it.
        applied_at: Timestamp,
        /// By which command.
        command_id: CommandId,
        /// Whose.
        person_id: PersonId,
        /// Who approved it; none for a way back.
        approved_by: Option<PersonId>,
        /// It was gone back to.
        reverted: bool,
        /// Since when the object reports another.
        differs_since: Option<Timestamp>,
    }

    /// A crew at work locks an object (R10). What is over stays thirty days on a workstation, the others as long as they are open.
    CrewLock = "crew_lock", indexed [], window Some(("over_at", 720)), {
        /// Identifier, made by its author's workstation.
        lock_id: RecordId,
        /// On which object.
        equipment_id: EquipmentId,
        /// Where it stands.
        state: LockState,
        /// Who answers for the crew, by name.
        holder: String,
        /// The number at which he is called.
        phone: String,
        /// Where the crew works.
        place: String,
        /// What for.
        reason: String,
        /// Its author is the holder himself, and lifts it by himself.
        by_holder: bool,
        /// When the work should be over. It is never lifted by itself.
        expected_end: Timestamp,
        /// When it was asked, in the metropolis's time as estimated there.
        written_at: Timestamp,
        /// When the metropolis received it.
        received_at: Timestamp,
        /// The author's desk.
        desk_id: Option<DeskId>,
        /// His shift.
        shift_id: Option<ShiftId>,
        /// The author.
        person_id: PersonId,
        /// His role then.
        role: Role,
        /// Who deposited it, when it was not the author (R20).
        deposited_by: Option<PersonId>,
        /// The key that signed it.
        key_id: Option<KeyId>,
        /// Ed25519 in base64.
        signature: Option<String>,
        /// Since when it is in force.
        granted_at: Option<Timestamp>,
        /// The automatic changes that were to come then.
        coming: Coming,
        /// Who asked that it be lifted by others than its holder.
        lift_asked_by: Option<PersonId>,
        /// When.
        lift_asked_at: Option<Timestamp>,
        /// When he called the holder.
        called_at: Option<Timestamp>,
        /// At which number; empty while nobody called.
        call_number: String,
        /// What came of it.
        call_said: Option<HolderSaid>,
        /// In words.
        call_words: String,
        /// Who lifted it, or confirmed that it be.
        lifted_by: Option<PersonId>,
        /// How.
        how: Option<LiftWay>,
        /// Since when it is over.
        over_at: Option<Timestamp>,
        /// When the work should be over, as its author said since he signed.
        extended_to: Option<Timestamp>,
    }
}
