//! Kinds `log_entry` and `key_register`: the log, by its author or deposited for him, and the keys it is signed with (R20).

use vigie_core::command::Refusal;
use vigie_core::ids::KeyId;
use vigie_core::record::{LogLine, PublicKey, Signed};
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
        let Some(me) = act.account.person_id else { return Verdict::refused(Refusal::NotAllowed, None) };
        let deposited_by = (line.person_id != me).then_some(me);
        if deposited_by.is_some() {
            let known = signed.seal.as_ref().and_then(|seal| self.keys.get(seal.key_id.0));
            if known.is_none_or(|key| key.person_id != line.person_id) {
                return Verdict::refused(Refusal::NotSigned, None);
            }
            let holds = self.shifts.iter().any(|s| {
                Some(s.desk_id) == line.desk_id && s.person_id == me && s.closed_at.is_none() && s.ends_at > act.now
            });
            if !holds {
                return Verdict::refused(Refusal::NotAllowed, None);
            }
        }
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
}
