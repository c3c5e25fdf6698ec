//! Where values come from: field gateways, domain systems, public services. Each says when it was last in contact; what that
//! means is decided here.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::equipment::EquipmentKind;
use crate::table::Source;
use crate::time::Timestamp;

crate::table::codes! {
    /// How a source stands.
    SourceState {
        /// In contact within its period.
        Live = "live",
        /// Its last try failed: the error says why.
        Failing = "failing",
        /// Nothing was heard for longer than its period: what it told is stale.
        Stale = "stale",
        /// It was declared and never heard.
        NeverHeard = "never_heard",
    }
}

/// Longest name of a source, characters.
pub const NAME_MAX: usize = 200;

/// A source says that it was in contact, or why it was not. The first one declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceContact {
    /// Identifier, made by the program that speaks for it, always the same.
    pub source_id: Uuid,
    /// Short code, such as `lighting`, `hubeau`.
    pub code: String,
    /// Name as shown.
    pub name: String,
    /// Kinds of equipment whose values come from it; none when it feeds no equipment.
    pub covers: Vec<EquipmentKind>,
    /// Longest time between two contacts when all is well, seconds.
    pub period_s: i64,
    /// When it was tried.
    pub at: Timestamp,
    /// Age of its newest value at its arrival, ms.
    pub delay_ms: Option<i64>,
    /// Why it failed, as a code; none when it did not.
    pub error: Option<String>,
}

impl SourceContact {
    /// Whether it has its form: the same answer as the database's.
    pub fn is_well_formed(&self) -> bool {
        let name = !self.name.trim().is_empty() && self.name.chars().count() <= NAME_MAX;
        is_code(&self.code)
            && name
            && self.period_s >= 1
            && self.delay_ms.is_none_or(|delay| delay >= 0)
            && self.error.as_deref().is_none_or(is_code)
    }
}

/// Letters, digits and underscores, sixty at most: nothing that an address, a password or a name would pass through.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=60).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

/// The row of a source after a contact, from the row before it. A contact older than what is known changes nothing.
pub fn after_contact(before: Option<&Source>, contact: &SourceContact) -> Option<Source> {
    if before.is_some_and(|row| row.tried_at > contact.at) {
        return None;
    }
    let well = contact.error.is_none();
    let failing_since = before.filter(|row| row.error.is_some()).and_then(|row| row.error_since);
    Some(Source {
        source_id: contact.source_id,
        code: contact.code.clone(),
        name: contact.name.clone(),
        covers: contact.covers.iter().map(|kind| kind.code()).collect::<Vec<_>>().into(),
        period_s: contact.period_s,
        tried_at: contact.at,
        contact_at: if well { Some(contact.at) } else { before.and_then(|row| row.contact_at) },
        delay_ms: if well { contact.delay_ms } else { before.and_then(|row| row.delay_ms) },
        error: contact.error.clone(),
        error_since: if well { None } else { failing_since.or(Some(contact.at)) },
    })
}

/// How a source stands at `now`, the metropolis's time. A silence weighs more than the error said before it.
pub fn standing(source: &Source, now: Timestamp) -> SourceState {
    let period = Duration::from_secs(source.period_s.max(0).unsigned_abs());
    if now.since(source.tried_at) > period {
        return SourceState::Stale;
    }
    match (&source.error, source.contact_at) {
        (Some(_), _) => SourceState::Failing,
        (None, None) => SourceState::NeverHeard,
        (None, Some(_)) => SourceState::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(at: i64, error: Option<&str>) -> SourceContact {
        SourceContact {
            source_id: Uuid::from_u128(1),
            code: "lighting".into(),
            name: "Éclairage public".into(),
            covers: vec![EquipmentKind::StreetLight],
            period_s: 120,
            at: Timestamp(at),
            delay_ms: Some(800),
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn a_source_past_its_period_is_stale_and_never_drawn_as_live() {
        let row = after_contact(None, &contact(0, None)).unwrap();
        assert_eq!(standing(&row, Timestamp(120_000)), SourceState::Live);
        assert_eq!(standing(&row, Timestamp(120_001)), SourceState::Stale);
    }

    #[test]
    fn a_source_that_fails_keeps_its_last_contact_and_says_since_when() {
        let well = after_contact(None, &contact(0, None)).unwrap();
        let failed = after_contact(Some(&well), &contact(60_000, Some("timeout"))).unwrap();
        let again = after_contact(Some(&failed), &contact(90_000, Some("refused"))).unwrap();
        assert_eq!((again.contact_at, again.error_since), (Some(Timestamp(0)), Some(Timestamp(60_000))));
        assert_eq!(standing(&again, Timestamp(100_000)), SourceState::Failing);
        assert_eq!(standing(&again, Timestamp(300_000)), SourceState::Stale, "not even an error any more");
        let back = after_contact(Some(&again), &contact(301_000, None)).unwrap();
        assert_eq!((back.error, back.error_since), (None, None));
    }

    #[test]
    fn a_contact_that_arrives_late_does_not_set_a_source_back() {
        let row = after_contact(None, &contact(60_000, None)).unwrap();
        assert_eq!(after_contact(Some(&row), &contact(59_999, Some("timeout"))), None);
    }

    #[test]
    fn a_source_that_was_only_declared_by_a_failure_was_never_in_contact() {
        let row = after_contact(None, &contact(0, Some("no_address"))).unwrap();
        assert_eq!((row.contact_at, standing(&row, Timestamp(0))), (None, SourceState::Failing));
    }

    #[test]
    fn an_error_is_a_code_and_carries_no_address_and_no_password() {
        assert!(contact(0, Some("sign_in_refused")).is_well_formed());
        for bad in ["", "https://user:pass@host", "Délai dépassé", &"x".repeat(61)] {
            assert!(!contact(0, Some(bad)).is_well_formed(), "{bad}");
        }
        assert!(!SourceContact { period_s: 0, ..contact(0, None) }.is_well_formed());
        assert!(!SourceContact { name: " ".into(), ..contact(0, None) }.is_well_formed());
    }
}
