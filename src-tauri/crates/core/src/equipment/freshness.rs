//! How old a value may be, and what that makes of it. An hour-old river value is normal, a minute-old traffic controller is
//! not: limits are per kind, and per source where a source has a rhythm of its own.

use std::time::Duration;

use crate::equipment::{EquipmentKind as K, Quality, Reach};
use crate::link::LinkState;
use crate::time::Timestamp;

crate::table::codes! {
    /// What the age of a value makes of it. The order is that of growing doubt.
    Freshness {
        /// Within the rhythm of its source.
        Live = "live",
        /// The next one is due, or nothing can come for now: still good, no longer new.
        Ageing = "ageing",
        /// Older than was promised: not to be acted on.
        Stale = "stale",
        /// Its gateway or its device does not answer: whatever its age, nothing newer will come.
        Unreachable = "unreachable",
        /// There is no value.
        Never = "never",
    }
}

impl Freshness {
    /// Its two bits in a point's state. What was never seen has no bits of its own: it is stale and looks like no value.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Live => 0,
            Self::Ageing => 1 << 3,
            Self::Stale | Self::Never => 2 << 3,
            Self::Unreachable => 3 << 3,
        }
    }
}

crate::table::codes! {
    /// Which part of the chain desk – metropolis – gateway – device is down for an object: the first from the desk.
    Break {
        /// Desk – metropolis.
        Link = "link",
        /// Metropolis – gateway.
        Gateway = "gateway",
        /// Gateway – device.
        Device = "device",
    }
}

impl Break {
    /// Where the chain is broken, if it is. A link of which nothing was heard yet counts as lost (R12).
    pub const fn of(link: LinkState, reach: Reach) -> Option<Self> {
        match (link, reach) {
            (LinkState::Lost | LinkState::Starting, _) => Some(Self::Link),
            (_, Reach::GatewayLost) => Some(Self::Gateway),
            (_, Reach::DeviceLost) => Some(Self::Device),
            (_, Reach::Reachable) => None,
        }
    }
}

/// How old the values of a kind and source may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Of which kind.
    pub kind: K,
    /// From which source; empty for every source that has no limit of its own.
    pub source: &'static str,
    /// Older than this, the next one is due.
    pub ageing_after: Duration,
    /// Older than this, it is not what was promised.
    pub fresh_for: Duration,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

const fn limit(kind: K, source: &'static str, ageing_s: u64, fresh_s: u64) -> Limit {
    Limit { kind, source, ageing_after: Duration::from_secs(ageing_s), fresh_for: Duration::from_secs(fresh_s) }
}

/// The limits. `vigiectl migrate` makes rows of them, so that the metropolis judges as the desk shows.
pub const LIMITS: &[Limit] = &[
    limit(K::SignalJunction, "", 90, 3 * MINUTE),
    limit(K::Camera, "", 3 * MINUTE, 5 * MINUTE),
    limit(K::Bollard, "", 6 * MINUTE, 10 * MINUTE),
    limit(K::MessageSign, "", 9 * MINUTE, 15 * MINUTE),
    limit(K::Pump, "", 9 * MINUTE, 15 * MINUTE),
    limit(K::Cabinet, "", 9 * MINUTE, 15 * MINUTE),
    limit(K::Substation, "", 9 * MINUTE, 15 * MINUTE),
    limit(K::StreetLight, "", 27 * MINUTE, 45 * MINUTE),
    limit(K::Building, "", 27 * MINUTE, 45 * MINUTE),
    limit(K::Gauge, "", 30 * MINUTE, 2 * HOUR),
    // National stations come a quarter of an hour to an hour and a quarter late by themselves.
    limit(K::Gauge, "hubeau", 90 * MINUTE, 3 * HOUR),
    limit(K::Container, "", 9 * HOUR, 26 * HOUR),
];

/// The limit of a kind from a source.
pub fn limit_of(kind: K, source: &str) -> Limit {
    let of = |source: &str| LIMITS.iter().copied().find(|l| l.kind == kind && l.source == source);
    // A kind without a limit promises nothing.
    of(source).or_else(|| of("")).unwrap_or(limit(kind, "", 0, 0))
}

/// Whether a value measured at `observed_at` is older than was promised for its kind and source.
pub fn is_stale(kind: K, source: &str, observed_at: Option<Timestamp>, now: Timestamp) -> bool {
    observed_at.is_none_or(|at| now.since(at) > limit_of(kind, source).fresh_for)
}

/// What the age of a value makes of it. With a broken link nothing is live any more, and values grow old one by one.
pub fn freshness(
    limit: &Limit,
    observed_at: Option<Timestamp>,
    quality: Quality,
    broken: Option<Break>,
    now: Timestamp,
) -> Freshness {
    let Some(age) = observed_at.filter(|_| quality != Quality::Never).map(|at| now.since(at)) else {
        return Freshness::Never;
    };
    match broken {
        Some(Break::Gateway | Break::Device) => Freshness::Unreachable,
        _ if age > limit.fresh_for => Freshness::Stale,
        Some(Break::Link) => Freshness::Ageing,
        None if age > limit.ageing_after => Freshness::Ageing,
        None => Freshness::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn aged(kind: K, source: &str, age_s: u64, broken: Option<Break>) -> Freshness {
        let at = NOW.minus(Duration::from_secs(age_s));
        freshness(&limit_of(kind, source), Some(at), Quality::Good, broken, NOW)
    }

    #[test]
    fn every_kind_has_a_limit_and_is_due_before_it_is_stale() {
        for kind in K::ALL {
            assert!(LIMITS.iter().any(|l| l.kind == *kind && l.source.is_empty()), "{kind}");
        }
        for (i, l) in LIMITS.iter().enumerate() {
            assert!(Duration::ZERO < l.ageing_after && l.ageing_after < l.fresh_for, "{l:?}");
            assert!(LIMITS.iter().skip(i + 1).all(|m| (m.kind, m.source) != (l.kind, l.source)), "{l:?} twice");
        }
    }

    #[test]
    fn an_hour_old_river_is_normal_and_an_hour_old_junction_is_not() {
        assert_eq!(aged(K::Gauge, "hubeau", HOUR, None), Freshness::Live);
        assert_eq!(aged(K::Gauge, "sensor", HOUR, None), Freshness::Ageing);
        assert_eq!(aged(K::SignalJunction, "controller", HOUR, None), Freshness::Stale);
    }

    #[test]
    fn a_value_is_live_then_ageing_then_stale() {
        let steps = [(90, Freshness::Live), (91, Freshness::Ageing), (180, Freshness::Ageing), (181, Freshness::Stale)];
        for (age, expected) in steps {
            assert_eq!(aged(K::SignalJunction, "controller", age, None), expected, "{age} s");
        }
    }

    #[test]
    fn nothing_is_live_behind_a_lost_link_and_what_was_promised_still_runs_out() {
        assert_eq!(aged(K::SignalJunction, "controller", 0, Some(Break::Link)), Freshness::Ageing);
        assert_eq!(aged(K::SignalJunction, "controller", 181, Some(Break::Link)), Freshness::Stale);
    }

    #[test]
    fn what_does_not_answer_is_unreachable_however_young_its_value() {
        for broken in [Break::Gateway, Break::Device] {
            for age in [0, 100, 100_000] {
                assert_eq!(aged(K::Camera, "vms", age, Some(broken)), Freshness::Unreachable);
            }
        }
    }

    #[test]
    fn without_a_value_nothing_else_matters() {
        let limit = limit_of(K::Pump, "");
        for broken in [None, Some(Break::Link), Some(Break::Device)] {
            assert_eq!(freshness(&limit, None, Quality::Good, broken, NOW), Freshness::Never);
            assert_eq!(freshness(&limit, Some(NOW), Quality::Never, broken, NOW), Freshness::Never);
        }
    }

    #[test]
    fn a_clock_that_was_put_back_makes_nothing_old() {
        let ahead = NOW.plus(Duration::from_secs(5));
        assert_eq!(freshness(&limit_of(K::Camera, ""), Some(ahead), Quality::Good, None, NOW), Freshness::Live);
    }

    #[test]
    fn the_part_that_is_named_is_the_first_from_the_desk() {
        assert_eq!(Break::of(LinkState::Lost, Reach::DeviceLost), Some(Break::Link));
        assert_eq!(Break::of(LinkState::Starting, Reach::Reachable), Some(Break::Link));
        assert_eq!(Break::of(LinkState::Live, Reach::GatewayLost), Some(Break::Gateway));
        assert_eq!(Break::of(LinkState::Late, Reach::DeviceLost), Some(Break::Device));
        assert_eq!(Break::of(LinkState::Returning, Reach::Reachable), None);
    }
}
