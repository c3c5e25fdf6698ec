//! First outcomes, by submission: asked again, the metropolis answers the same (R16).

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;
use vigie_core::submission::Outcome;

/// Outcomes of the field kept: it submits several times a second, and asks again at once or not at all.
const FIELD_KEPT: usize = 20_000;
/// Outcomes of people kept: more than a room can write in the longest life of a command.
const PEOPLE_KEPT: usize = 200_000;

/// The outcomes, the oldest forgotten beyond what anyone may still ask.
#[derive(Default)]
pub(crate) struct Outcomes {
    by_id: HashMap<Uuid, Outcome>,
    field: VecDeque<Uuid>,
    people: VecDeque<Uuid>,
}

impl Outcomes {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Outcome> {
        self.by_id.get(&id)
    }

    pub(crate) fn keep(&mut self, outcome: Outcome, of_field: bool) {
        let (queue, kept) = if of_field { (&mut self.field, FIELD_KEPT) } else { (&mut self.people, PEOPLE_KEPT) };
        queue.push_back(outcome.submission_id.0);
        if queue.len() > kept
            && let Some(oldest) = queue.pop_front()
        {
            self.by_id.remove(&oldest);
        }
        self.by_id.insert(outcome.submission_id.0, outcome);
    }
}
