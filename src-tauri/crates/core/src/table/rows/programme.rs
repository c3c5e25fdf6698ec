//! Programmes of lights and signals, and which object follows which.

use crate::ids::{CommandId, EquipmentId, PersonId, ProgrammeId};
use crate::programme::{Content, ProgrammeKind};
use crate::time::Timestamp;

rows! {
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
}
