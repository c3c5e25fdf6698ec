//! What the house says when nobody answers: pure, played by training, by `vigiectl simulate` and by the gateway.
//!
//! A command that the field does not answer becomes *unknown*, never done (R18); one that never left ends with its life
//! (R2); an effect that nobody saw ending is overdue (R3).

use std::time::Duration;

use uuid::Uuid;

use crate::command::{CommandEventCode, CommandState, EffectState};
use crate::ids::{CommandId, SubmissionId};
use crate::submission::{Body, Submission};
use crate::table::Command;
use crate::time::Timestamp;

/// A published command is answered within this time, or is unknown.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// An executed command is shown by the state within this time, or is unknown.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(30);
/// An effect is seen ending within this time of its end, or is overdue.
pub const END_WITHIN: Duration = Duration::from_mins(1);

/// What the house has to say of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Of which command.
    pub command_id: CommandId,
    /// What happens to it.
    pub event: CommandEventCode,
    /// Why, as a code: `no_answer`, `not_confirmed`, `not_dispatched`.
    pub detail: &'static str,
    /// Since when the command is in the state that is judged: the beginning of the episode.
    pub since: Timestamp,
}

/// The house's own names (RFC 9562, version 5).
pub(crate) const NAMES: Uuid = Uuid::from_u128(0x6d1f_5c1e_2f0b_5c0a_9c57_41d3_1b7a_8e02);

impl Verdict {
    /// As a submission whose identifier comes from rule, object and beginning of the episode: whoever keeps time next says the
    /// same thing once.
    pub fn submission(&self) -> Submission {
        let name = format!("{}/{}/{}", self.detail, self.command_id, self.since.0);
        Submission::new(SubmissionId(Uuid::new_v5(&NAMES, name.as_bytes())), self.body())
    }

    /// What is submitted.
    pub fn body(&self) -> Body {
        Body::Progress { command_id: self.command_id, event: self.event, detail: Some(self.detail.to_owned()) }
    }
}

/// What is due for a command at `now`, if anything.
pub fn verdict(command: &Command, now: Timestamp) -> Option<Verdict> {
    let waited = now.since(command.state_since);
    let (event, detail) = match command.state {
        CommandState::Accepted if now > command.expires_at => (CommandEventCode::Expire, "not_dispatched"),
        CommandState::Dispatched if waited > ANSWER_WITHIN => (CommandEventCode::Silence, "no_answer"),
        CommandState::Executed if waited > CONFIRM_WITHIN => (CommandEventCode::Silence, "not_confirmed"),
        _ => return None,
    };
    Some(Verdict { command_id: command.command_id, event, detail, since: command.state_since })
}

/// Whether a command's effect should have been seen ending by now (R3).
pub fn overdue(command: &Command, now: Timestamp) -> bool {
    command.effect == Some(EffectState::InForce)
        && command.effect_until.is_some_and(|until| now > until.plus(END_WITHIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{ClassCode, Params, transition};
    use crate::ids::{EquipmentId, PersonId, ShiftId};
    use crate::rights::Role;

    const NOW: Timestamp = Timestamp(10_000_000);

    fn command(state: CommandState, seconds_ago: u64) -> Command {
        Command {
            command_id: CommandId(Uuid::from_u128(1)),
            equipment_id: EquipmentId(Uuid::nil()),
            action: "street_light.set_level".into(),
            class: ClassCode::B,
            params: Params::default(),
            person_id: PersonId(Uuid::nil()),
            role: Role::RemoteOperator,
            shift_id: ShiftId(Uuid::nil()),
            reason: String::new(),
            issued_at: NOW.minus(Duration::from_secs(60)),
            expires_at: NOW.plus(Duration::from_secs(60)),
            effect_until: None,
            seen_control_version: 1,
            without_visibility: false,
            state,
            state_since: NOW.minus(Duration::from_secs(seconds_ago)),
            detail: None,
            effect: None,
            group_id: None,
            approval_id: None,
            sole: None,
        }
    }

    #[test]
    fn r18_no_answer_in_time_is_unknown_and_never_done() {
        for (state, limit) in [(CommandState::Dispatched, 20), (CommandState::Executed, 30)] {
            assert_eq!(verdict(&command(state, limit), NOW), None);
            let said = verdict(&command(state, limit + 1), NOW).unwrap();
            assert_eq!(transition(state, said.event), Ok(CommandState::Unknown));
        }
    }

    #[test]
    fn two_houses_that_judge_the_same_command_say_the_same_thing_once() {
        let silent = command(CommandState::Dispatched, 60);
        let (one, other) =
            (verdict(&silent, NOW).unwrap(), verdict(&silent, NOW.plus(Duration::from_secs(3))).unwrap());
        assert_eq!(one.submission(), other.submission());
        let again = command(CommandState::Dispatched, 59);
        assert_ne!(one.submission().submission_id, verdict(&again, NOW).unwrap().submission().submission_id);
        let unconfirmed = command(CommandState::Executed, 60);
        assert_ne!(one.submission().submission_id, verdict(&unconfirmed, NOW).unwrap().submission().submission_id);
    }

    #[test]
    fn r2_what_never_left_ends_with_its_life() {
        let mut waiting = command(CommandState::Accepted, 600);
        assert_eq!(verdict(&waiting, NOW), None);
        waiting.expires_at = NOW.minus(Duration::from_millis(1));
        assert_eq!(verdict(&waiting, NOW).unwrap().event, CommandEventCode::Expire);
    }

    #[test]
    fn the_house_says_nothing_of_what_is_over_and_nothing_that_the_table_refuses() {
        for state in CommandState::ALL {
            let mut old = command(*state, 100_000);
            old.expires_at = NOW.minus(Duration::from_secs(1));
            match verdict(&old, NOW) {
                Some(said) => assert!(transition(*state, said.event).is_ok(), "{state}"),
                None => assert!(!matches!(
                    state,
                    CommandState::Accepted | CommandState::Dispatched | CommandState::Executed
                )),
            }
        }
    }

    #[test]
    fn r3_an_effect_is_overdue_a_minute_after_its_end() {
        let mut lasting = command(CommandState::Confirmed, 600);
        lasting.effect = Some(EffectState::InForce);
        lasting.effect_until = Some(NOW.minus(END_WITHIN));
        assert!(!overdue(&lasting, NOW));
        assert!(overdue(&lasting, NOW.plus(Duration::from_millis(1))));
        lasting.effect = Some(EffectState::Ended);
        assert!(!overdue(&lasting, NOW.plus(Duration::from_secs(1))));
    }
}
