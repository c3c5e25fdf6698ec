//! What a desk does with an order at the moment it is operated: send, queue, keep, note, or refuse (R1).

use std::time::Duration;

use crate::command::{ClassCode, MAX_SKEW};
use crate::equipment::Reach;
use crate::link::LinkState;

/// What the desk decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename_all = "snake_case"))]
pub enum Admission {
    /// Submit now.
    Send,
    /// Keep in the outbox until it can go (A by itself, B with a key), within its life.
    Queue,
    /// Keep as an intent: never sent; asked anew at the return.
    Keep,
    /// Write down only; show the phone to call.
    Note,
    /// Not possible here, with the reason.
    Refuse(Refused),
}

/// Longest distance between the clocks at which a dangerous order is taken (R12), ms.
const DANGER_SKEW_MS: u64 = 2_000;
/// And for how long a measure of it counts.
const DANGER_MEASURED_WITHIN: Duration = Duration::from_secs(10);

crate::table::codes! {
    /// Why a desk does not even try.
    Refused {
        /// Live control needs the whole chain.
        LiveNeedsReach = "live_needs_reach",
        /// The value is stale, unreachable or was never seen: say "without visibility" and why (R4).
        NoVisibility = "no_visibility",
        /// "Without visibility" needs a reason.
        ReasonNeeded = "reason_needed",
        /// The clocks are too far apart (R12).
        ClockSkew = "clock_skew",
        /// No shift is open: nobody is at this desk.
        NoShift = "no_shift",
        /// A crew is on site (R10).
        CrewLock = "crew_lock",
        /// Without a link a programme is a draft: it is neither kept as an intent nor noted (R19).
        DraftOnly = "draft_only",
    }
}

/// What the desk knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desk {
    /// The link.
    pub link: LinkState,
    /// Measured distance to the metropolis's clock, ms; none when never measured.
    pub skew_ms: Option<i64>,
    /// How long ago it was measured.
    pub measured_ago: Duration,
    /// Whether a shift is open.
    pub on_shift: bool,
}

/// What the author sees and says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Class of the order.
    pub class: ClassCode,
    /// It goes in the safe direction (R17).
    pub safe_direction: bool,
    /// Which part of the chain behind the metropolis answers.
    pub reach: Reach,
    /// The value is fresh enough to be a precondition.
    pub fresh: bool,
    /// "Without visibility" was said.
    pub without_visibility: bool,
    /// A reason was given.
    pub reasoned: bool,
    /// A crew lock stands against it, as known here ([`crate::lock::stopping`]).
    pub locked: bool,
    /// It gives the object another programme (R19).
    pub programme: bool,
}

/// R12: danger needs clocks that agree within two seconds, measured in the last ten; nothing goes above thirty.
fn clock_is_good_enough(desk: Desk, class: ClassCode) -> bool {
    let skew = desk.skew_ms.map(i64::unsigned_abs);
    match class {
        ClassCode::D | ClassCode::L => {
            skew.is_some_and(|ms| ms <= DANGER_SKEW_MS) && desk.measured_ago <= DANGER_MEASURED_WITHIN
        }
        _ => skew.is_none_or(|ms| ms <= crate::time::millis(MAX_SKEW).unsigned_abs()),
    }
}

/// Decides. Link means the whole chain: out of reach behind a live link is "offline" for that object.
pub fn admit(desk: Desk, case: Situation) -> Admission {
    let reachable = desk.link == LinkState::Live && case.reach == Reach::Reachable;
    if !desk.on_shift {
        return Admission::Refuse(Refused::NoShift);
    }
    if case.locked {
        return Admission::Refuse(Refused::CrewLock);
    }
    if case.class == ClassCode::L && !reachable {
        return Admission::Refuse(Refused::LiveNeedsReach);
    }
    if case.programme && !reachable {
        return Admission::Refuse(Refused::DraftOnly);
    }
    if case.class == ClassCode::D && !reachable {
        return Admission::Note;
    }
    if !clock_is_good_enough(desk, case.class) {
        return Admission::Refuse(Refused::ClockSkew);
    }
    let needs_sight = matches!(case.class, ClassCode::B | ClassCode::C | ClassCode::D) && !case.safe_direction;
    let blind = !case.fresh || case.reach != Reach::Reachable;
    if needs_sight && blind {
        if !case.without_visibility || case.class == ClassCode::D {
            return Admission::Refuse(Refused::NoVisibility);
        }
        if !case.reasoned {
            return Admission::Refuse(Refused::ReasonNeeded);
        }
    }
    match case.class {
        _ if reachable => Admission::Send,
        ClassCode::A | ClassCode::B => Admission::Queue,
        ClassCode::C | ClassCode::D | ClassCode::L => Admission::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Desk = Desk { link: LinkState::Live, skew_ms: Some(12), measured_ago: Duration::ZERO, on_shift: true };

    fn case(class: ClassCode) -> Situation {
        Situation {
            class,
            safe_direction: false,
            reach: Reach::Reachable,
            fresh: true,
            without_visibility: false,
            reasoned: false,
            locked: false,
            programme: false,
        }
    }

    #[test]
    fn r1_without_a_link_reads_and_comfort_wait_service_is_kept_danger_is_noted_live_is_refused() {
        for link in [LinkState::Late, LinkState::Lost, LinkState::Returning, LinkState::Starting] {
            let desk = Desk { link, ..DESK };
            let decided: Vec<_> = ClassCode::ALL.iter().map(|c| admit(desk, case(*c))).collect();
            assert_eq!(
                decided,
                [
                    Admission::Queue,
                    Admission::Queue,
                    Admission::Keep,
                    Admission::Note,
                    Admission::Refuse(Refused::LiveNeedsReach)
                ],
                "{link:?}"
            );
        }
    }

    #[test]
    fn r19_out_of_reach_a_programme_is_a_draft_neither_kept_nor_noted_nor_gone_back_from() {
        for class in [ClassCode::C, ClassCode::D] {
            for safe_direction in [false, true] {
                let programme = Situation { programme: true, safe_direction, ..case(class) };
                let cut = Desk { link: LinkState::Lost, ..DESK };
                assert_eq!(admit(cut, programme), Admission::Refuse(Refused::DraftOnly));
                let far = Situation { reach: Reach::DeviceLost, without_visibility: true, reasoned: true, ..programme };
                assert_eq!(admit(DESK, far), Admission::Refuse(Refused::DraftOnly));
                assert_eq!(admit(DESK, programme), Admission::Send);
            }
        }
    }

    #[test]
    fn an_object_out_of_reach_behind_a_live_link_is_offline() {
        let far =
            |class| Situation { reach: Reach::GatewayLost, without_visibility: true, reasoned: true, ..case(class) };
        assert_eq!(admit(DESK, far(ClassCode::B)), Admission::Queue);
        assert_eq!(admit(DESK, far(ClassCode::C)), Admission::Keep);
        assert_eq!(admit(DESK, far(ClassCode::D)), Admission::Note);
    }

    #[test]
    fn r4_what_cannot_be_seen_needs_to_be_said_and_danger_cannot_be_asked_blind() {
        let stale = Situation { fresh: false, ..case(ClassCode::B) };
        assert_eq!(admit(DESK, stale), Admission::Refuse(Refused::NoVisibility));
        let said = Situation { without_visibility: true, ..stale };
        assert_eq!(admit(DESK, said), Admission::Refuse(Refused::ReasonNeeded));
        assert_eq!(admit(DESK, Situation { reasoned: true, ..said }), Admission::Send);
        let danger = Situation { class: ClassCode::D, reasoned: true, ..said };
        assert_eq!(admit(DESK, danger), Admission::Refuse(Refused::NoVisibility));
    }

    #[test]
    fn r12_danger_is_refused_above_two_seconds_of_skew_or_without_a_fresh_measure() {
        let danger = case(ClassCode::D);
        for ms in [2_000, -2_000] {
            assert_eq!(admit(Desk { skew_ms: Some(ms), ..DESK }, danger), Admission::Send);
        }
        let off = [
            Desk { skew_ms: Some(2_001), ..DESK },
            Desk { skew_ms: Some(-2_001), ..DESK },
            Desk { skew_ms: None, ..DESK },
            Desk { measured_ago: Duration::from_millis(10_001), ..DESK },
        ];
        for desk in off {
            assert_eq!(admit(desk, danger), Admission::Refuse(Refused::ClockSkew), "{desk:?}");
            assert_eq!(
                admit(Desk { skew_ms: None, ..desk }, case(ClassCode::B)),
                Admission::Send,
                "comfort is not danger"
            );
        }
        let blind = Desk { skew_ms: None, link: LinkState::Lost, ..DESK };
        assert_eq!(admit(blind, danger), Admission::Note, "out of reach it is noted, whatever the clock");
    }

    #[test]
    fn r12_a_clock_thirty_seconds_off_refuses_every_command() {
        let desk = Desk { skew_ms: Some(-30_001), ..DESK };
        for class in [ClassCode::A, ClassCode::B, ClassCode::C, ClassCode::D] {
            assert_eq!(admit(desk, case(class)), Admission::Refuse(Refused::ClockSkew));
        }
    }

    #[test]
    fn r10_a_lock_known_here_stops_the_order_before_it_is_asked_for_whatever_its_class_and_the_link() {
        for link in [LinkState::Live, LinkState::Lost] {
            for class in ClassCode::ALL {
                let locked = Situation { locked: true, ..case(*class) };
                assert_eq!(admit(Desk { link, ..DESK }, locked), Admission::Refuse(Refused::CrewLock), "{class}");
            }
        }
    }
}
