//! The effect of an executed command has its own life: it must end, and someone must see that it did (R3).

crate::table::codes! {
    /// Where the effect of a command stands.
    EffectState {
        /// The object is overridden.
        InForce = "in_force",
        /// The object was seen back in its programme.
        Ended = "ended",
        /// Its end passed by more than 60 s and nobody saw it end.
        Overdue = "overdue",
        /// The object left it before its end.
        Contradicted = "contradicted",
    }
}

/// What happens to an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectEvent {
    /// The state shows the object out of the override, before its end.
    LeftEarly,
    /// The state shows the object out of the override, at or after its end.
    SeenEnded,
    /// A newer command on the object was executed: its effect took the place of this one.
    Replaced,
    /// 60 s after its end, nothing was seen.
    NotSeenEnding,
}

/// The next state of an effect, or none when the event changes nothing.
pub fn effect_transition(state: EffectState, event: EffectEvent) -> Option<EffectState> {
    match (state, event) {
        (EffectState::InForce, EffectEvent::LeftEarly) => Some(EffectState::Contradicted),
        (EffectState::InForce | EffectState::Overdue, EffectEvent::SeenEnded | EffectEvent::Replaced) => {
            Some(EffectState::Ended)
        }
        (EffectState::InForce, EffectEvent::NotSeenEnding) => Some(EffectState::Overdue),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r3_an_ended_or_contradicted_effect_never_comes_back() {
        for event in [EffectEvent::LeftEarly, EffectEvent::SeenEnded, EffectEvent::Replaced, EffectEvent::NotSeenEnding]
        {
            assert_eq!(effect_transition(EffectState::Ended, event), None);
            assert_eq!(effect_transition(EffectState::Contradicted, event), None);
        }
    }

    #[test]
    fn r3_an_effect_that_a_newer_one_replaced_raises_no_alarm_at_its_former_end() {
        let ended = effect_transition(EffectState::InForce, EffectEvent::Replaced).unwrap();
        assert_eq!(ended, EffectState::Ended);
        assert_eq!(effect_transition(ended, EffectEvent::NotSeenEnding), None);
    }

    #[test]
    fn r3_an_end_that_nobody_saw_is_overdue_until_someone_does() {
        let overdue = effect_transition(EffectState::InForce, EffectEvent::NotSeenEnding).unwrap();
        assert_eq!(overdue, EffectState::Overdue);
        assert_eq!(effect_transition(overdue, EffectEvent::SeenEnded), Some(EffectState::Ended));
    }
}
