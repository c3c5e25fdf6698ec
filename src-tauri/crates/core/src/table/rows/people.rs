//! Who works here: people, desks, shifts, keys, and the log that they write.

use crate::ids::{DeskId, KeyId, PersonId, RecordId, ShiftId};
use crate::record::{Links, LogKind};
use crate::rights::Role;
use crate::time::Timestamp;

rows! {
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
}
