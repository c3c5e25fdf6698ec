//! Kind `source_contact`: a source was in contact, or why it was not.

use vigie_core::command::Refusal;
use vigie_core::source::{SourceContact, after_contact};

use super::{Act, Verdict};
use crate::metropolis::world::World;

impl World {
    /// The first contact declares the source.
    pub(super) fn apply_source_contact(&mut self, act: Act<'_>, contact: &SourceContact) -> Verdict {
        if !contact.is_well_formed() {
            return Verdict::refused(Refusal::Malformed, None);
        }
        let before = self.sources.get(contact.source_id).cloned();
        if let Some(row) = after_contact(before.as_deref(), contact) {
            self.sources.put(act.xid, row);
        }
        Verdict::applied(None)
    }
}
