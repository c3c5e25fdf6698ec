//! Kinds `log_entry` and `key_register`: the log, by its author or deposited for him, and the keys it is signed with (R20).

use vigie_core::command::Refusal;
use vigie_core::ids::{DeskId, KeyId, PersonId};
use vigie_core::record::{LogLine, PublicKey, Seal, Signed};
use vigie_core::table::{LogEntry, PersonKey};

use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    /// A person's own key; registered again, nothing happens.
    pub(super) fn apply_key_register(&mut self, act: Act<'_>, key_id: KeyId, public_key: &str) -> Verdict {
        let Some(person_id) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        if PublicKey::parse(public_key).is_err() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let same = self.keys.get(key_id.0).map(|k| k.person_id == person_id && k.public_key == public_key);
        match same {
            Some(false) => return Verdict::refused(Refusal::IllegalEvent, None),
            Some(true) => {}
            None => {
                let key = PersonKey { key_id, person_id, public_key: public_key.to_owned(), registered_at: act.now };
                self.keys.put(act.xid, key);
            }
        }
        Verdict::applied(None)
    }

    /// A line, written once under its own identifier, whoever deposits it.
    pub(super) fn apply_log_entry(&mut self, act: Act<'_>, signed: &Signed<LogLine>) -> Verdict {
        let line = &signed.written;
        if !line.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let deposited_by = match self.depositor(act, line.person_id, line.desk_id, signed.seal.as_ref()) {
            Ok(deposited_by) => deposited_by,
            Err(refusal) => return Verdict::refused(refusal, None),
        };
        if let Some(present) = self.log.get(line.log_id.0) {
            let same = present.person_id == line.person_id && present.text == line.text;
            return if same { Verdict::applied(None) } else { Verdict::refused(Refusal::IllegalEvent, None) };
        }
        let row = LogEntry {
            log_id: line.log_id,
            written_at: line.written_at,
            received_at: act.now,
            desk_id: line.desk_id,
            shift_id: line.shift_id,
            sequence: line.sequence,
            person_id: line.person_id,
            role: line.role,
            kind: line.kind,
            text: line.text.clone(),
            corrects: line.corrects,
            links: line.links.clone(),
            deposited_by,
            key_id: signed.seal.as_ref().map(|s| s.key_id),
            signature: signed.seal.as_ref().map(|s| s.signature.clone()),
        };
        self.log.put(act.xid, row);
        Verdict::applied(None)
    }

    /// Who deposits a record for its author (R20), if it is not he himself: signed with a key that is known as the author's,
    /// by whoever holds the desk where it was written.
    pub(super) fn depositor(
        &self,
        act: Act<'_>,
        author: PersonId,
        desk: Option<DeskId>,
        seal: Option<&Seal>,
    ) -> Result<Option<PersonId>, Refusal> {
        let me = act.account.person_id.ok_or(Refusal::NotAllowed)?;
        if author == me {
            return Ok(None);
        }
        let known = seal.and_then(|seal| self.keys.get(seal.key_id.0));
        if known.is_none_or(|key| key.person_id != author) {
            return Err(Refusal::NotSigned);
        }
        let holds = self
            .shifts
            .iter()
            .any(|s| Some(s.desk_id) == desk && s.person_id == me && s.closed_at.is_none() && s.ends_at > act.now);
        if holds { Ok(Some(me)) } else { Err(Refusal::NotAllowed) }
    }
}
