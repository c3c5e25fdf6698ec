//! From asked to lifted. The order of the checks is part of the contract: both metropolises answer alike.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ask::{LONGEST, says};
use super::{Coming, HolderSaid, LiftWay, LockState};
use crate::command::{MAX_SKEW, Refusal};
use crate::ids::PersonId;
use crate::table::CrewLock;
use crate::time::Timestamp;

/// A call to the holder counts for a forced lifting asked within this time.
pub const CALL_WITHIN: Duration = Duration::from_mins(30);
/// The second person confirms within this time, or it is asked anew.
pub const CONFIRM_WITHIN: Duration = Duration::from_mins(10);

/// The call to the holder, as whoever made it records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockCall {
    /// When.
    pub called_at: Timestamp,
    /// Which number.
    pub number: String,
    /// What came of it.
    pub said: HolderSaid,
    /// In words: who answered, and how it was made sure that nobody is at work there.
    pub words: String,
}

impl LockCall {
    /// Whether it says a number and words.
    pub fn is_well_formed(&self) -> bool {
        says(&self.number) && says(&self.words)
    }
}

/// It is in force from now on, with the automatic changes that it lists; none when it is not asked.
pub fn grant(lock: &CrewLock, coming: Coming, now: Timestamp) -> Option<CrewLock> {
    let granted = || CrewLock { state: LockState::InForce, granted_at: Some(now), coming, ..lock.clone() };
    (lock.state == LockState::Asked).then(granted)
}

impl CrewLock {
    /// When the work should be over, as far as its author said: what he signed, or what he said since.
    pub fn ends_at(&self) -> Timestamp {
        self.extended_to.unwrap_or(self.expected_end)
    }
}

/// The work takes longer: a later end, said by whoever asked for the lock. What he signed stays as it is.
pub fn extend(lock: &CrewLock, to: Timestamp, by: PersonId, now: Timestamp) -> Result<CrewLock, Refusal> {
    if !lock.state.is_open() {
        return Err(Refusal::IllegalEvent);
    }
    if lock.person_id != by {
        return Err(Refusal::NotAllowed);
    }
    if to <= now || to <= lock.ends_at() || to > now.plus(LONGEST) {
        return Err(Refusal::BadParameters);
    }
    Ok(CrewLock { extended_to: Some(to), ..lock.clone() })
}

/// By its holder, at once; one that is not in force is taken back by its author as well.
pub fn lift(lock: &CrewLock, by: PersonId, now: Timestamp) -> Result<CrewLock, Refusal> {
    if !lock.state.is_open() {
        return Err(Refusal::IllegalEvent);
    }
    if lock.person_id != by || !(lock.by_holder || lock.state == LockState::Asked) {
        return Err(Refusal::NotAllowed);
    }
    Ok(over(lock, by, LiftWay::Holder, now))
}

/// The first of two persons asks for a lifting by others, with the call to the holder. Asked again, it begins anew.
pub fn force_lift(lock: &CrewLock, call: &LockCall, by: PersonId, now: Timestamp) -> Result<CrewLock, Refusal> {
    if !call.is_well_formed() {
        return Err(Refusal::Malformed);
    }
    if !lock.state.is_open() {
        return Err(Refusal::IllegalEvent);
    }
    if call.called_at > now.plus(MAX_SKEW) {
        return Err(Refusal::ClockSkew);
    }
    if call.called_at < now.minus(CALL_WITHIN) {
        return Err(Refusal::Expired);
    }
    Ok(CrewLock {
        lift_asked_by: Some(by),
        lift_asked_at: Some(now),
        called_at: Some(call.called_at),
        call_number: call.number.clone(),
        call_said: Some(call.said),
        call_words: call.words.clone(),
        ..lock.clone()
    })
}

/// The second person, who is another natural person, confirms it.
pub fn confirm_lift(lock: &CrewLock, by: PersonId, now: Timestamp) -> Result<CrewLock, Refusal> {
    let (true, Some(asked_by), Some(asked_at)) = (lock.state.is_open(), lock.lift_asked_by, lock.lift_asked_at) else {
        return Err(Refusal::IllegalEvent);
    };
    if asked_by == by {
        return Err(Refusal::SamePerson);
    }
    if now > asked_at.plus(CONFIRM_WITHIN) {
        return Err(Refusal::Expired);
    }
    Ok(over(lock, by, LiftWay::Forced, now))
}

fn over(lock: &CrewLock, by: PersonId, how: LiftWay, now: Timestamp) -> CrewLock {
    let state = if lock.state == LockState::Asked { LockState::Withdrawn } else { LockState::Lifted };
    CrewLock { state, lifted_by: Some(by), how: Some(how), over_at: Some(now), ..lock.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::sample::{AUTHOR, NOW, asked};
    use uuid::Uuid;

    const OTHER: PersonId = PersonId(Uuid::from_u128(2));
    const THIRD: PersonId = PersonId(Uuid::from_u128(3));

    fn in_force() -> CrewLock {
        grant(&asked(), Coming::default(), NOW).unwrap()
    }

    fn call(at: Timestamp) -> LockCall {
        LockCall { called_at: at, number: "06".into(), said: HolderSaid::Clear, words: "partis à 16 h".into() }
    }

    #[test]
    fn r10_the_holder_lifts_at_once_and_nobody_else_does() {
        assert_eq!(lift(&in_force(), AUTHOR, NOW), Err(Refusal::NotAllowed), "he asked it for a crew that holds it");
        let held = CrewLock { by_holder: true, ..in_force() };
        assert_eq!(lift(&held, OTHER, NOW), Err(Refusal::NotAllowed));
        let lifted = lift(&held, AUTHOR, NOW).unwrap();
        assert_eq!((lifted.state, lifted.how), (LockState::Lifted, Some(LiftWay::Holder)));
        assert_eq!(lift(&lifted, AUTHOR, NOW), Err(Refusal::IllegalEvent));
    }

    #[test]
    fn r10_what_is_not_in_force_is_taken_back_by_its_author() {
        assert_eq!(lift(&asked(), OTHER, NOW), Err(Refusal::NotAllowed));
        assert_eq!(lift(&asked(), AUTHOR, NOW).unwrap().state, LockState::Withdrawn);
    }

    #[test]
    fn r10_others_lift_it_after_a_recorded_call_and_as_two_natural_persons() {
        assert_eq!(confirm_lift(&in_force(), OTHER, NOW), Err(Refusal::IllegalEvent), "nobody called");
        let first = force_lift(&in_force(), &call(NOW), OTHER, NOW).unwrap();
        assert_eq!(first.state, LockState::InForce, "one alone lifts nothing");
        assert_eq!(confirm_lift(&first, OTHER, NOW), Err(Refusal::SamePerson));
        let done = confirm_lift(&first, THIRD, NOW.plus(CONFIRM_WITHIN)).unwrap();
        assert_eq!((done.state, done.how, done.lifted_by), (LockState::Lifted, Some(LiftWay::Forced), Some(THIRD)));
        let late = NOW.plus(CONFIRM_WITHIN + Duration::from_millis(1));
        assert_eq!(confirm_lift(&first, THIRD, late), Err(Refusal::Expired));
    }

    #[test]
    fn r10_a_call_is_recent_and_says_something() {
        let (old, early) = (NOW.minus(CALL_WITHIN + Duration::from_secs(1)), NOW.plus(Duration::from_secs(31)));
        assert_eq!(force_lift(&in_force(), &call(old), OTHER, NOW), Err(Refusal::Expired));
        assert_eq!(force_lift(&in_force(), &call(early), OTHER, NOW), Err(Refusal::ClockSkew));
        let mute = LockCall { words: " ".into(), ..call(NOW) };
        assert_eq!(force_lift(&in_force(), &mute, OTHER, NOW), Err(Refusal::Malformed));
    }

    #[test]
    fn r10_work_that_takes_longer_is_said_by_who_asked_and_only_ahead() {
        let lock = in_force();
        let later = lock.expected_end.plus(Duration::from_hours(1));
        let extended = extend(&lock, later, AUTHOR, NOW).unwrap();
        assert_eq!((extended.ends_at(), extended.expected_end), (later, lock.expected_end), "what was signed stays");
        assert_eq!(extend(&lock, later, OTHER, NOW), Err(Refusal::NotAllowed));
        for bad in [lock.expected_end, NOW, NOW.plus(LONGEST + Duration::from_millis(1))] {
            assert_eq!(extend(&lock, bad, AUTHOR, NOW), Err(Refusal::BadParameters));
        }
        assert_eq!(extend(&extended, later, AUTHOR, NOW), Err(Refusal::BadParameters), "never sooner");
        let past = later.plus(Duration::from_hours(1));
        assert!(extend(&extended, past.plus(Duration::from_millis(1)), AUTHOR, past).is_ok(), "past its end as well");
        let lifted = lift(&CrewLock { by_holder: true, ..lock }, AUTHOR, NOW).unwrap();
        assert_eq!(extend(&lifted, later, AUTHOR, NOW), Err(Refusal::IllegalEvent));
    }

    #[test]
    fn r10_no_lock_is_granted_twice() {
        assert_eq!(grant(&in_force(), Coming::default(), NOW), None);
    }
}
