//! Whom a command needs and what stops it: approvals, the desk that pilots, what was done alone, crew locks.

use crate::command::{AskedGroup, AskedObjects, ClassCode, Params, RequestState, SoleReason, UsedObjects, VoidReason};
use crate::ids::{DeskId, EquipmentId, KeyId, LiveId, PersonId, RecordId, RequestId, ShiftId};
use crate::lock::{Coming, HolderSaid, LiftWay, LockState};
use crate::rights::Role;
use crate::time::Timestamp;

rows! {
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
