//! A source of values as the program that reads it tells of it: when it was last in contact, or why it is not.
//!
//! Guarantees: the first contact and the first of each trouble are told at once; then often enough that a source is shown
//! silent only when it is, or when the program that speaks for it is gone.

use std::time::Duration;

use uuid::Uuid;
use vigie_core::equipment::EquipmentKind;
use vigie_core::source::SourceContact;
use vigie_core::time::{Moment, Timestamp, millis};

/// Longest time between two tellings.
const TELL_EVERY: Duration = Duration::from_secs(20);
/// Names of the sources that this program speaks for (RFC 9562, version 5): the same whoever speaks next.
const NAMES: Uuid = Uuid::from_u128(0x4f0c_93d2_7a55_5e1b_8c6e_2b9d_1f30_a7e4);

/// A source, and what was told of it.
#[derive(Debug)]
pub(crate) struct Contact {
    code: String,
    name: String,
    covers: Vec<EquipmentKind>,
    /// Longest time between two contacts when all is well.
    period: Duration,
    heard: Option<(Timestamp, Option<Duration>)>,
    told: Option<Told>,
}

#[derive(Debug)]
struct Told {
    moment: Moment,
    at: Timestamp,
    trouble: Option<&'static str>,
}

impl Contact {
    pub(crate) fn new(code: &str, name: &str, covers: Vec<EquipmentKind>, period: Duration) -> Self {
        Self { code: code.to_owned(), name: name.to_owned(), covers, period, heard: None, told: None }
    }

    /// It was heard at `at`, the metropolis's time; a value that came was so old.
    pub(crate) fn hear(&mut self, at: Timestamp, age: Option<Duration>) {
        let age = age.or(self.heard.and_then(|(_, age)| age));
        self.heard = Some((at, age));
    }

    /// What was told may not have arrived, or somebody else told something since.
    pub(crate) fn forget(&mut self) {
        self.told = None;
    }

    /// What to tell at `now`, if anything; `trouble` is why it is not in contact, as a code.
    pub(crate) fn due(
        &mut self,
        now: Timestamp,
        moment: Moment,
        trouble: Option<&'static str>,
    ) -> Option<SourceContact> {
        let (at, age) = if trouble.is_some() { (now, None) } else { self.heard? };
        let due = self.told.as_ref().is_none_or(|told| {
            let changed = told.trouble != trouble;
            let again = moment.since(told.moment) >= TELL_EVERY.min(self.period / 3);
            at > told.at && (changed || again)
        });
        if !due {
            return None;
        }
        self.told = Some(Told { moment, at, trouble });
        Some(SourceContact {
            source_id: Uuid::new_v5(&NAMES, self.code.as_bytes()),
            code: self.code.clone(),
            name: self.name.clone(),
            covers: self.covers.clone(),
            period_s: i64::try_from(self.period.as_secs()).unwrap_or(i64::MAX).max(1),
            at,
            delay_ms: age.map(millis),
            error: trouble.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_core::source::{SourceState, after_contact, standing};
    use vigie_core::table::Source;

    const PERIOD: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp(1_000_000 + seconds * 1_000)
    }

    /// A source told of each second by `trouble`, heard while that is none: how it stands after each.
    fn told(seconds: std::ops::Range<i64>, trouble: impl Fn(i64) -> Option<&'static str>) -> (Vec<SourceState>, usize) {
        let mut contact = Contact::new("lights", "Lights", Vec::new(), PERIOD);
        let (mut row, mut states, mut tellings): (Option<Source>, _, _) = (None, Vec::new(), 0);
        for second in seconds {
            let moment = Moment { wall: at(second), boot: Duration::from_secs(second.unsigned_abs()) };
            let trouble = trouble(second);
            if trouble.is_none() {
                contact.hear(at(second), None);
            }
            if let Some(said) = contact.due(at(second), moment, trouble) {
                assert!(said.is_well_formed());
                tellings += 1;
                row = after_contact(row.as_ref(), &said).or(row);
            }
            states.extend(row.as_ref().map(|row| standing(row, at(second))));
        }
        (states, tellings)
    }

    #[test]
    fn a_source_that_is_heard_stays_live_and_is_not_told_of_each_second() {
        let (states, tellings) = told(0..300, |_| None);
        assert!(states.iter().all(|state| *state == SourceState::Live));
        assert!((14..=16).contains(&tellings), "{tellings}");
    }

    #[test]
    fn a_trouble_is_told_at_once_and_again_and_so_is_its_end() {
        let (states, _) = told(0..300, |second| (100..200).contains(&second).then_some("line_lost"));
        let bad: Vec<_> = states.iter().map(|state| *state == SourceState::Failing).collect();
        assert_eq!(bad.iter().filter(|bad| **bad).count(), 100);
        assert!(!bad[99] && bad[100] && bad[199] && !bad[200]);
    }

    #[test]
    fn nothing_is_said_of_a_source_that_was_neither_heard_nor_missed() {
        let mut contact = Contact::new("lights", "Lights", Vec::new(), PERIOD);
        assert_eq!(contact.due(at(0), Moment { wall: at(0), boot: Duration::ZERO }, None), None);
    }

    #[test]
    fn what_is_heard_gets_no_younger_by_being_told_again() {
        let mut contact = Contact::new("lights", "Lights", Vec::new(), PERIOD);
        contact.hear(at(0), Some(Duration::from_secs(2)));
        let moment = |second: i64| Moment { wall: at(second), boot: Duration::from_secs(second.unsigned_abs()) };
        let said = contact.due(at(30), moment(30), None).unwrap();
        assert_eq!((said.at, said.delay_ms), (at(0), Some(2_000)));
        assert_eq!(contact.due(at(55), moment(55), None), None);
    }
}
