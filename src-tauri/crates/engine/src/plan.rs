//! What a lane does with its head: a pure function of the entry, the link and the time.

use std::time::Duration;

use vigie_core::command::{ClassCode, CommandState};
use vigie_core::equipment::Reach;
use vigie_core::link::LinkState;
use vigie_core::port::OutboxEntry;
use vigie_core::time::Timestamp;

/// A class B queued for longer than this waits for its author's key: the street may have changed meanwhile.
pub const KEY_AFTER: Duration = Duration::from_secs(5);

/// What is known when a lane looks at its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The link.
    pub link: LinkState,
    /// Whether the part of the chain behind the metropolis answers.
    pub reach: Reach,
    /// The metropolis's time, estimated.
    pub now: Timestamp,
    /// This run of the program recorded the entry as submitted and has not tried it yet.
    pub untried: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing until something changes.
    Wait,
    /// Record it as submitted, then submit.
    Submit,
    /// Submit what is recorded as submitted.
    Send,
    /// Record that its outcome is not known here.
    LoseReply,
    /// Ask what became of it.
    Settle,
    /// Record that it waits for its author's key.
    AwaitKey,
    /// Record that its life ended.
    Expire,
    /// Not this lane's business (any more).
    Pass,
}

/// Whether what was recorded as submitted may still be handed over: a link that was lost meanwhile reads first (R5), and
/// what was not handed over is settled like anything whose reply was lost.
pub fn may_send(link: LinkState) -> bool {
    matches!(link, LinkState::Live | LinkState::Late)
}

/// The head's next step.
pub fn next_step(entry: &OutboxEntry, at: Situation) -> Step {
    let expired = at.now > entry.order.expires_at;
    match entry.state {
        // Only what may still reach the field expires here; what is in flight is the metropolis's to judge.
        CommandState::Queued | CommandState::AwaitingKey if expired => Step::Expire,
        CommandState::Queued if at.link != LinkState::Live || at.reach != Reach::Reachable => Step::Wait,
        CommandState::Queued if entry.class == ClassCode::A => Step::Submit,
        CommandState::Queued if at.now.since(entry.order.issued_at) <= KEY_AFTER => Step::Submit,
        CommandState::Queued => Step::AwaitKey,
        CommandState::AwaitingKey => Step::Wait,
        CommandState::Submitted if at.untried && may_send(at.link) => Step::Send,
        CommandState::Submitted => Step::LoseReply,
        // Settling only reads, so it is part of "read first" and need not wait for the whole return (R5, R14).
        CommandState::Unsettled if matches!(at.link, LinkState::Live | LinkState::Returning) => Step::Settle,
        CommandState::Unsettled => Step::Wait,
        _ => Step::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vigie_core::command::{Admission, CommandOrder, Params, Seen};
    use vigie_core::equipment::Reading;
    use vigie_core::ids::{CommandId, DeskId, EquipmentId, PersonId, ShiftId};
    use vigie_core::port::OutboxState;
    use vigie_core::rights::Role;

    const ISSUED: Timestamp = Timestamp(1_000_000);

    fn entry(class: ClassCode, state: CommandState) -> OutboxEntry {
        OutboxEntry {
            order: CommandOrder {
                command_id: CommandId(Uuid::nil()),
                equipment_id: EquipmentId(Uuid::nil()),
                action: "street_light.set_level".into(),
                params: Params::default(),
                issued_at: ISSUED,
                expires_at: ISSUED.plus(class.life()),
                effect_until: None,
                shift_id: ShiftId(Uuid::nil()),
                desk_id: DeskId(Uuid::nil()),
                reason: String::new(),
                seen: Seen { reading: Reading::default(), observed_at: None, version: 0, control_version: 0 },
                without_visibility: false,
                procedure: vigie_core::command::Procedure::default(),
            },
            class,
            admission: Admission::Queue,
            person_id: PersonId(Uuid::nil()),
            role: Role::RemoteOperator,
            state,
            detail: None,
            outbox: OutboxState::Open,
            reissued_as: None,
            group_id: None,
            position: 1,
        }
    }

    fn live(seconds: u64) -> Situation {
        Situation {
            link: LinkState::Live,
            reach: Reach::Reachable,
            now: ISSUED.plus(Duration::from_secs(seconds)),
            untried: false,
        }
    }

    #[test]
    fn a_read_goes_by_itself_and_comfort_waits_for_its_key_after_five_seconds() {
        assert_eq!(next_step(&entry(ClassCode::A, CommandState::Queued), live(3_600)), Step::Submit);
        assert_eq!(next_step(&entry(ClassCode::B, CommandState::Queued), live(5)), Step::Submit);
        assert_eq!(next_step(&entry(ClassCode::B, CommandState::Queued), live(6)), Step::AwaitKey);
        assert_eq!(next_step(&entry(ClassCode::B, CommandState::AwaitingKey), live(60)), Step::Wait);
    }

    #[test]
    fn r2_a_click_made_four_hours_ago_expires_whatever_the_link() {
        for link in LinkState::ALL {
            for state in [CommandState::Queued, CommandState::AwaitingKey] {
                let late = Situation { link: *link, ..live(4 * 3_600) };
                assert_eq!(next_step(&entry(ClassCode::B, state), late), Step::Expire);
            }
        }
    }

    #[test]
    fn r5_nothing_is_sent_before_the_return_is_complete_but_settling_may_begin() {
        let returning = Situation { link: LinkState::Returning, ..live(1) };
        assert_eq!(next_step(&entry(ClassCode::A, CommandState::Queued), returning), Step::Wait);
        assert_eq!(next_step(&entry(ClassCode::A, CommandState::Unsettled), returning), Step::Settle);
        for link in [LinkState::Lost, LinkState::Returning] {
            let overtaken = Situation { link, untried: true, ..live(1) };
            assert_eq!(next_step(&entry(ClassCode::B, CommandState::Submitted), overtaken), Step::LoseReply, "{link}");
        }
    }

    #[test]
    fn r14_what_was_in_flight_at_a_crash_is_settled_and_never_sent_again() {
        let after = live(1);
        assert_eq!(next_step(&entry(ClassCode::B, CommandState::Submitted), after), Step::LoseReply);
        assert_eq!(next_step(&entry(ClassCode::B, CommandState::Unsettled), after), Step::Settle);
    }

    #[test]
    fn an_object_out_of_reach_keeps_its_queue_behind_a_live_link() {
        let far = Situation { reach: Reach::DeviceLost, ..live(1) };
        assert_eq!(next_step(&entry(ClassCode::B, CommandState::Queued), far), Step::Wait);
    }

    #[test]
    fn r1_no_step_ever_sends_an_intent_or_a_note() {
        for state in [CommandState::Intent, CommandState::Noted] {
            for link in LinkState::ALL {
                for untried in [true, false] {
                    let at = Situation { link: *link, untried, ..live(1) };
                    assert_eq!(next_step(&entry(ClassCode::C, state), at), Step::Pass);
                }
            }
        }
    }
}
