//! Objects that report another programme than the one that was applied to them (R19).

use std::time::Duration;

use serde_json::json;

use super::{Wanted, Watch};
use crate::alarm::{AlarmKey, Condition};
use crate::ids::EquipmentId;
use crate::table::ProgrammeAssignment;
use crate::time::Timestamp;

impl Watch {
    /// The programme of an object as it stands.
    pub fn programme(&mut self, row: &ProgrammeAssignment) {
        self.differs(row.equipment_id, row.differs_since);
    }

    pub(super) fn forget_programme(&mut self, id: EquipmentId) {
        self.differs(id, None);
    }

    fn differs(&mut self, id: EquipmentId, since: Option<Timestamp>) {
        let rules = self.rules.iter().filter(|rule| rule.condition == Condition::Programme);
        let said: Vec<_> = rules
            .map(|rule| {
                let wanted = since.map(|since| Wanted {
                    since,
                    from: since.plus(Duration::from_secs(rule.delay_s.unsigned_abs())),
                    priority: rule.priority,
                    details: json!({}),
                });
                let rule = rule.code.clone();
                (AlarmKey { rule, equipment_id: Some(id), source: None, code: String::new() }, wanted)
            })
            .collect();
        for (key, wanted) in said {
            self.want(key, wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::watch::tests::raised_by;
    use crate::alarm::{NotKnown, WatchRows, default_rules};
    use crate::ids::{CommandId, PersonId};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn assigned(differs_since: Option<Timestamp>) -> ProgrammeAssignment {
        ProgrammeAssignment {
            equipment_id: EquipmentId(Uuid::from_u128(7)),
            programme: "own".into(),
            former: None,
            applied_at: NOW,
            command_id: CommandId(Uuid::nil()),
            person_id: PersonId(Uuid::nil()),
            approved_by: None,
            reverted: false,
            differs_since,
        }
    }

    #[test]
    fn r19_an_object_that_reports_another_programme_for_five_minutes_is_alarmed_about_until_it_does_not() {
        let rows = WatchRows { rules: default_rules(), assignments: vec![assigned(Some(NOW))], ..WatchRows::default() };
        let mut watch = Watch::over(Box::new(NotKnown), rows, NOW);
        let after = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert!(raised_by(&mut watch, after(299)).is_empty(), "an order that is being carried out");
        assert_eq!(raised_by(&mut watch, after(300)), ["raise programme.differs 2"]);
        watch.programme(&assigned(None));
        assert_eq!(raised_by(&mut watch, after(400)), ["clear"]);
    }
}
