//! The second person of a training room: a simulated colleague who is asked to approve, and answers after some seconds, so that
//! one trainee alone learns the procedure (R7). Told to keep silent, nobody answers, and operating alone is learnt (R8).

use std::time::Duration;

use vigie_core::command::{Answer, RequestState, VALIDATORS};
use vigie_core::time::Timestamp;

use super::world::World;

/// How long the colleague looks before he answers.
pub(crate) const LOOKS_FOR: Duration = Duration::from_secs(6);

impl World {
    /// What the colleague answers now, each with the login it comes from: the first in order who holds a desk and did not ask.
    pub(crate) fn answers_due(&self, now: Timestamp) -> Vec<(String, Answer)> {
        let due = self
            .requests
            .iter()
            .filter(|r| r.state == RequestState::Asked && r.asked_at.plus(LOOKS_FOR) <= now && now <= r.expires_at);
        due.filter_map(|request| {
            let (login, shift_id) = VALIDATORS.iter().find_map(|validator| {
                let shift = self.shifts.iter().find(|s| {
                    s.role == validator.role
                        && s.person_id != request.person_id
                        && s.closed_at.is_none()
                        && s.ends_at > now
                })?;
                let account = self.accounts.values().find(|a| a.person_id == Some(shift.person_id))?;
                Some((account.login.clone(), shift.shift_id))
            })?;
            Some((login, Answer { request_id: request.request_id, approves: true, shift_id: Some(shift_id) }))
        })
        .collect()
    }
}
