//! The mains of a desk: while on, its calls have their effect; when they fail, nothing that it still does has any.
//!
//! A crash is placed at the n-th call that leaves the program, to a file or to the network, before or after its effect: so
//! every step of the engine is a place to die at.

use std::sync::Mutex;
use std::sync::PoisonError;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// It has its effect, and its answer is heard.
    On,
    /// It has its effect, and nobody hears the answer: the program died meanwhile.
    Dying,
    /// It has no effect: the program is dead.
    Off,
}

#[derive(Debug, Clone, Copy)]
enum State {
    On,
    /// Dies at the n-th call from now, with or without its effect.
    Fuse {
        calls: u32,
        after: bool,
    },
    Off,
}

/// The mains.
#[derive(Debug)]
pub(super) struct Mains(Mutex<State>);

impl Mains {
    pub(super) fn on() -> Self {
        Self(Mutex::new(State::On))
    }

    /// Lets the desk die at the n-th call from now.
    pub(super) fn fuse(&self, calls: u32, after: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::Fuse { calls, after };
    }

    /// Takes a fuse out, if it has not blown.
    pub(super) fn steady(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Fuse { .. }) {
            *state = State::On;
        }
    }

    pub(super) fn is_off(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Off)
    }

    /// One call leaves the program.
    pub(super) fn call(&self) -> Power {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::On => Power::On,
            State::Off => Power::Off,
            State::Fuse { calls: 0, after } => {
                *state = State::Off;
                if after { Power::Dying } else { Power::Off }
            }
            State::Fuse { calls, after } => {
                *state = State::Fuse { calls: calls - 1, after };
                Power::On
            }
        }
    }
}
