//! Commands on one object and on many, and what became of them.

use crate::command::{ChosenBy, ClassCode, CommandState, EffectState, Exclusion, Params, SoleReason};
use crate::ids::{CommandId, DeskId, EquipmentId, GroupId, PersonId, RequestId, SavedGroupId, ShiftId};
use crate::rights::Role;
use crate::time::Timestamp;

rows! {
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
}
