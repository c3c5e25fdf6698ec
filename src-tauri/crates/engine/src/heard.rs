//! What a look says of the link: heard, or failed.

use vigie_core::link::LinkEvent;
use vigie_core::port::MetropolisError;
use vigie_core::time::{MetropolisTime, Timestamp};

use crate::desk::Phase;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::observe::Observed;

impl Engine {
    /// The link was heard at metropolis time `at`.
    pub(crate) fn heard(&self, at: Timestamp) {
        let moment = self.inner.clock.now();
        let machine = self.inner.machine.now();
        let mut state = self.lock();
        let rate = match (&state.identity, self.inner.options.shared_clock) {
            (Some(identity), false) => identity.clock_rate,
            _ => 1.0,
        };
        let live = state.identity.as_ref().is_some_and(|i| i.mode == vigie_core::port::MetropolisMode::Live);
        // Of one clock that both read, a difference is only the age of the answer: minutes, where time is made to run.
        let drift =
            if self.inner.options.shared_clock { 0 } else { state.time.map_or(0, |time| time.skew(at, moment)) };
        // On a live metropolis the machine's own clock must be right as well: it stamps logs and prints.
        let wall = if live { at.offset_from(machine.wall) } else { 0 };
        state.skew_ms = Some(if drift.abs() > wall.abs() { drift } else { wall });
        state.time = Some(MetropolisTime::new(at, moment, rate));
        let before = state.link.state;
        state.link = state.link.after(LinkEvent::Heard, machine.boot, Some(at));
        let moved = before != state.link.state;
        drop(state);
        if moved {
            self.tell(Observed::Status);
        }
    }

    pub(crate) fn link_failed(&self, error: &EngineError) {
        self.set_metropolis(None);
        if error.shuts_out() {
            self.inner.connector.shut_out();
        }
        let elapsed = self.inner.machine.now().boot;
        let mut state = self.lock();
        let first = state.failure.as_ref() != Some(error);
        state.link = state.link.after(LinkEvent::Failed, elapsed, None);
        state.progress = None;
        let has_city = !state.picture.objects().is_empty();
        state.phase = Some(match error {
            error if asks_for_a_person(error) => Phase::SignIn,
            _ if has_city => Phase::Ready,
            _ => Phase::Failed,
        });
        state.failure = Some(error.clone());
        drop(state);
        if first {
            tracing::warn!(code = error.code(), %error, "the link failed");
        }
        self.tell(Observed::Status);
    }
}

/// Whether only someone who signs in can help.
pub(crate) fn asks_for_a_person(error: &EngineError) -> bool {
    use MetropolisError as M;
    matches!(error, EngineError::Metropolis(M::PasswordNeeded | M::SignInRefused(_)))
}
