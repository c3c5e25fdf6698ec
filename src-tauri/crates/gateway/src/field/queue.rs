//! What is to be told to the metropolis, through its outages: what became of commands, in order; of each object the last state
//! only, so that nothing bursts when it is back.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;
use vigie_core::command::{CommandEventCode, CommandState};
use vigie_core::ids::{CommandId, EquipmentId, SubmissionId};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, StateReport, Submission};

/// Progress of commands told at once.
const AT_ONCE: usize = 100;
/// States in one report.
const STATES: usize = 500;
/// More than this many answers are not kept: the oldest are by then long unknown.
const MOST: usize = 10_000;

/// See the module.
#[derive(Default)]
pub(crate) struct Queue {
    /// Each with the identifier that it keeps when it is told again.
    progress: VecDeque<Submission>,
    states: HashMap<EquipmentId, StateReport>,
    /// The report under way: told again as it was until it is answered.
    report: Option<Submission>,
}

/// What a batch told, to be handed back with its outcomes.
pub(crate) struct Batch {
    /// What is submitted.
    pub submissions: Vec<Submission>,
    progress: usize,
}

impl Queue {
    /// What became of a command.
    pub(crate) fn progress(&mut self, id: Uuid, command: CommandId, event: CommandEventCode, detail: Option<&str>) {
        if self.progress.len() >= MOST {
            self.progress.pop_front();
        }
        let body = Body::Progress { command_id: command, event, detail: detail.map(str::to_owned) };
        self.progress.push_back(Submission::new(SubmissionId(id), body));
    }

    /// A state; the one that was observed last stays.
    pub(crate) fn state(&mut self, report: StateReport) {
        let newer = |known: &StateReport| known.observed_at <= report.observed_at;
        if self.states.get(&report.equipment_id).is_none_or(newer) {
            self.states.insert(report.equipment_id, report);
        }
    }

    /// What to tell now. States after the progress: an order is executed before its state confirms it.
    pub(crate) fn batch(&mut self, fresh: impl FnOnce() -> Uuid) -> Option<Batch> {
        let mut submissions: Vec<_> = self.progress.iter().take(AT_ONCE).cloned().collect();
        let progress = submissions.len();
        if self.report.is_none() && !self.states.is_empty() {
            let some: Vec<_> = self.states.keys().take(STATES).copied().collect();
            let states = some.iter().filter_map(|id| self.states.remove(id)).collect();
            self.report = Some(Submission::new(SubmissionId(fresh()), Body::Report { states }));
        }
        submissions.extend(self.report.clone());
        (!submissions.is_empty()).then_some(Batch { submissions, progress })
    }

    /// The metropolis answered: what it has goes. Says which commands are over for their gateway. An answer to a command that
    /// is unknown by now is told as late.
    pub(crate) fn answered(
        &mut self,
        batch: &Batch,
        outcomes: &[Outcome],
        mut fresh: impl FnMut() -> Uuid,
    ) -> Vec<CommandId> {
        self.progress.drain(..batch.progress.min(self.progress.len()));
        if batch.submissions.len() > batch.progress {
            self.report = None;
        }
        let mut over = Vec::new();
        for (told, outcome) in batch.submissions.iter().zip(outcomes) {
            let Body::Progress { command_id, event, detail } = &told.body else { continue };
            let late = match event {
                CommandEventCode::Execute => CommandEventCode::LateDone,
                CommandEventCode::Fail => CommandEventCode::LateFail,
                _ => *event,
            };
            let unknown =
                outcome.status == OutcomeStatus::Refused && outcome.command_state == Some(CommandState::Unknown);
            if unknown && late != *event {
                self.progress(fresh(), *command_id, late, detail.as_deref());
            } else if !matches!(event, CommandEventCode::Publish | CommandEventCode::GatewayRestart) {
                over.push(*command_id);
            }
            if outcome.status == OutcomeStatus::Refused && !unknown {
                tracing::warn!(command = %command_id, %event, code = outcome.code, "the metropolis refused what became of a command");
            }
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use vigie_core::equipment::{Mode, Quality, Reach, Reading};
    use vigie_core::time::Timestamp;

    const COMMAND: CommandId = CommandId(Uuid::from_u128(7));

    fn numbered() -> impl FnMut() -> Uuid {
        let mut next = 100;
        move || {
            next += 1;
            Uuid::from_u128(next)
        }
    }

    fn state(object: u128, level: i64, at: i64) -> StateReport {
        StateReport {
            equipment_id: EquipmentId(Uuid::from_u128(object)),
            reading: Reading::from(json!({ "level": level })),
            quality: Quality::Good,
            observed_at: Timestamp(at),
            source: "lights".into(),
            reach: Reach::Reachable,
            mode: Mode::Programme,
            target: None,
            effect_until: None,
        }
    }

    fn outcome(told: &Submission, status: OutcomeStatus, state: CommandState) -> Outcome {
        let id = told.submission_id;
        Outcome {
            submission_id: id,
            status,
            code: None,
            command_state: Some(state),
            detail: Value::Null,
            at: Timestamp(0),
        }
    }

    #[test]
    fn after_an_outage_each_object_has_one_state_the_last() {
        let mut queue = Queue::default();
        for at in 1..=1_000 {
            queue.state(state(1, at, at));
        }
        queue.state(state(1, 3, 500));
        queue.state(state(2, 7, 1));
        let batch = queue.batch(|| Uuid::from_u128(1)).unwrap();
        let [Submission { body: Body::Report { states }, .. }] = batch.submissions.as_slice() else { panic!() };
        let mut levels: Vec<_> = states.iter().map(|s| s.reading.number("level").unwrap()).collect();
        levels.sort_by(f64::total_cmp);
        assert_eq!(levels, [7.0, 1_000.0]);
    }

    #[test]
    fn r16_what_was_not_answered_is_told_again_as_it_was() {
        let (mut queue, mut fresh) = (Queue::default(), numbered());
        queue.progress(fresh(), COMMAND, CommandEventCode::Execute, None);
        queue.state(state(1, 40, 1));
        let first = queue.batch(&mut fresh).unwrap();
        queue.state(state(1, 50, 2));
        let again = queue.batch(&mut fresh).unwrap();
        assert_eq!(first.submissions, again.submissions, "same identifiers, same content: applied once");
        let outcomes: Vec<_> =
            again.submissions.iter().map(|s| outcome(s, OutcomeStatus::Applied, CommandState::Executed)).collect();
        assert_eq!(queue.answered(&again, &outcomes, &mut fresh), [COMMAND]);
        assert_eq!(queue.batch(&mut fresh).unwrap().submissions.len(), 1, "the state that came meanwhile");
    }

    #[test]
    fn r18_an_answer_to_a_command_that_is_unknown_by_now_is_told_as_late() {
        let (mut queue, mut fresh) = (Queue::default(), numbered());
        queue.progress(fresh(), COMMAND, CommandEventCode::Fail, Some("busy"));
        let batch = queue.batch(&mut fresh).unwrap();
        let refused = outcome(&batch.submissions[0], OutcomeStatus::Refused, CommandState::Unknown);
        assert_eq!(queue.answered(&batch, &[refused], &mut fresh), []);
        let batch = queue.batch(&mut fresh).unwrap();
        let late =
            Body::Progress { command_id: COMMAND, event: CommandEventCode::LateFail, detail: Some("busy".into()) };
        assert_eq!(batch.submissions[0].body, late);
        let applied = outcome(&batch.submissions[0], OutcomeStatus::Applied, CommandState::LateFailed);
        assert_eq!(queue.answered(&batch, &[applied], &mut fresh), [COMMAND]);
        assert!(queue.batch(&mut fresh).is_none());
    }
}
