//! The second natural person (R7): when one is due, who may be asked, and in what order.

use std::time::Duration;

use crate::command::{Action, ClassCode, Params};
use crate::rights::Role;

/// Someone who may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validator {
    /// His turn: 1 is asked first.
    pub rank: u32,
    /// In which role.
    pub role: Role,
    /// Only while he holds a desk; who is on call answers from his laptop without one.
    pub needs_shift: bool,
}

/// Who may be asked, in order: the supervisor, the CSU's officer on duty, the manager on call.
pub static VALIDATORS: &[Validator] = &[
    Validator { rank: 1, role: Role::Supervisor, needs_shift: true },
    Validator { rank: 2, role: Role::CctvOperator, needs_shift: true },
    Validator { rank: 3, role: Role::Manager, needs_shift: false },
];

/// Whether and how a role may be asked.
pub fn validator(role: Role) -> Option<&'static Validator> {
    VALIDATORS.iter().find(|v| v.role == role)
}

/// After so long without an answer, the next in order is rung as well.
pub const NEXT_AFTER: Duration = Duration::from_secs(10);

/// Whether a request that is `waited` old rings who works in `role`, where `present` roles hold a desk. Whoever comes before
/// him and is not there is not waited for; everybody may answer from the first moment on.
pub fn rings(role: Role, waited: Duration, present: impl Fn(Role) -> bool) -> bool {
    let Some(mine) = validator(role) else { return false };
    let before = VALIDATORS.iter().filter(|v| v.rank < mine.rank && present(v.role)).count();
    waited >= NEXT_AFTER.saturating_mul(u32::try_from(before).unwrap_or(u32::MAX))
}

/// Whether a command needs a second person whatever else its author commands: danger does, and programmes always do (R19),
/// but for the safe direction (R17).
/// Service on many objects is counted apart ([`crate::command::counted`]).
pub fn needs_second(class: ClassCode, action: &Action, params: &Params) -> bool {
    !action.goes_safe(params) && (class == ClassCode::D || action.two_people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::action;
    use crate::rights::rights;

    #[test]
    fn r7_whoever_may_be_asked_has_the_right_to_answer_and_nobody_else() {
        for role in Role::ALL {
            assert_eq!(rights().may_submit(*role, "approval_answer"), validator(*role).is_some(), "{role}");
        }
    }

    #[test]
    fn r7_the_next_in_order_is_rung_after_ten_seconds_or_at_once_when_nobody_comes_before_him() {
        let s = Duration::from_secs;
        let all = |_: Role| true;
        let rung = |role, waited, present: &dyn Fn(Role) -> bool| rings(role, s(waited), present);
        assert!(rung(Role::Supervisor, 0, &all) && !rung(Role::CctvOperator, 9, &all));
        assert!(rung(Role::CctvOperator, 10, &all) && !rung(Role::Manager, 19, &all) && rung(Role::Manager, 20, &all));
        assert!(rung(Role::Manager, 0, &|_| false));
        assert!(!rung(Role::RemoteOperator, 600, &all), "an author of commands is not asked");
    }

    #[test]
    fn r7_danger_needs_two_and_the_safe_direction_never() {
        let plan = action("signal_junction.set_plan").unwrap();
        let back = action("signal_junction.to_programme").unwrap();
        let due = |class, action| needs_second(class, action, &Params::default());
        assert!(due(ClassCode::D, plan) && !due(ClassCode::C, plan) && !due(ClassCode::B, plan));
        assert!(!due(ClassCode::D, back) && !due(ClassCode::C, back));
    }

    #[test]
    fn r19_a_programme_needs_two_whatever_its_class_and_the_former_one_needs_one() {
        for kind in ["street_light", "signal_junction"] {
            let apply = action(&format!("{kind}.set_programme")).unwrap();
            assert!(needs_second(ClassCode::C, apply, &Params::default()));
            let back = action(&format!("{kind}.former_programme")).unwrap();
            assert!(!needs_second(ClassCode::C, back, &Params::default()));
        }
    }
}
