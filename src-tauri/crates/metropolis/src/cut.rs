//! Where a server stands, and whether a cut can be continued there.
//!
//! Guarantees: a delta is given only where it means something (same system, epoch and rights, nothing needed is pruned,
//! a standby that has come as far as the cut); a primary that was left behind by a promotion is never asked.

use std::str::FromStr;

use uuid::Uuid;
use vigie_core::port::{Cut, MetropolisError};
use vigie_core::time::Timestamp;

/// How far apart anchors are: a standby that lags by more is not promoted.
const ANCHOR_MS: i64 = 10 * 60 * 1000;

/// A transaction below which nothing was running at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Anchor {
    xmin: u64,
    at: Timestamp,
}

/// Where a server stands, in one statement's snapshot.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) epoch: Uuid,
    pub(crate) timeline: i64,
    /// System and rights: another one is another copy.
    pub(crate) lineage: String,
    pub(crate) at: Timestamp,
    /// Below it tombstones are gone.
    pub(crate) horizon: u64,
    /// Up to where the log is written or replayed.
    pub(crate) position: u64,
    /// Whether it replays another server's log. Its list of what is in progress is empty, so that its snapshot cannot say
    /// what was seen; its `xmin` can.
    pub(crate) standby: bool,
    pub(crate) snapshot: String,
    pub(crate) xmin: u64,
    pub(crate) xmax: u64,
    /// Latest change of each table that was asked about, then of the tombstones.
    pub(crate) latest: Vec<u64>,
}

/// From where a delta starts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// Rows written by it and after.
    pub(crate) xmin: u64,
    /// What this snapshot saw was delivered already.
    pub(crate) seen: Option<String>,
}

impl Start {
    /// The condition that a row or a tombstone is part of the delta.
    pub(crate) fn condition(&self) -> String {
        let written = format!("change_xid >= '{}'::xid8", self.xmin);
        match &self.seen {
            Some(seen) => format!("{written} AND NOT pg_visible_in_snapshot(change_xid, '{seen}'::pg_snapshot)"),
            None => written,
        }
    }
}

/// What a cut holds in our own words: `snapshot@lineage@position@xmin,at,xmin,at`, the last being its anchors.
struct Words {
    seen: Option<String>,
    lineage: String,
    position: u64,
    anchors: [Anchor; 2],
}

impl Words {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('@');
        let (snapshot, lineage, position, anchors) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if !snapshot.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b',')) {
            return None;
        }
        let numbers: Vec<i64> = anchors.split(',').map(i64::from_str).collect::<Result<_, _>>().ok()?;
        let &[older, older_at, newer, newer_at] = numbers.as_slice() else { return None };
        let anchor = |xmin: i64, at| Anchor { xmin: xmin.unsigned_abs(), at: Timestamp(at) };
        Some(Self {
            seen: Some(snapshot).filter(|s| !s.is_empty()).map(str::to_owned),
            lineage: lineage.to_owned(),
            position: position.parse().ok()?,
            anchors: [anchor(older, older_at), anchor(newer, newer_at)],
        })
    }
}

fn resync<T>(why: &str) -> Result<T, MetropolisError> {
    Err(MetropolisError::ResyncNeeded(why.to_owned()))
}

impl Mark {
    /// A cut here, that follows another one or none.
    pub(crate) fn cut(&self, previous: Option<&Cut>) -> Cut {
        let here = Anchor { xmin: self.xmin, at: self.at };
        let [mut older, mut newer] =
            previous.and_then(|cut| Words::read(&cut.snapshot)).map_or([here; 2], |words| words.anchors);
        if self.at.0.saturating_sub(newer.at.0) >= ANCHOR_MS {
            (older, newer) = (newer, here);
        }
        let snapshot = if self.standby { "" } else { self.snapshot.as_str() };
        let anchors = format!("{},{},{},{}", older.xmin, older.at.0, newer.xmin, newer.at.0);
        Cut {
            epoch: self.epoch,
            timeline: self.timeline,
            xmin: self.xmin,
            // The lineage travels with the snapshot: a replica found on the disk proves by itself what it may be continued from.
            snapshot: format!("{snapshot}@{}@{}@{anchors}", self.lineage, self.position),
            at: self.at,
        }
    }

    /// From where a delta since a cut starts, if it still means something here.
    pub(crate) fn start(&self, since: &Cut) -> Result<Start, MetropolisError> {
        let Some(words) = Words::read(&since.snapshot) else { return resync("the cut cannot be read") };
        if words.lineage != self.lineage {
            return resync("the server or the rights of this account changed");
        }
        if self.timeline < since.timeline {
            // It came back and does not know yet that another took its place: nobody should write there, nor read.
            return Err(MetropolisError::Unreachable("it is a former primary, another one was promoted since".into()));
        }
        let start = if self.timeline == since.timeline {
            if self.standby && self.position < words.position {
                return Err(MetropolisError::Unreachable("this standby has not come as far as the local copy".into()));
            }
            Start { xmin: since.xmin, seen: words.seen }
        } else {
            // What ran last on the former primary may be lost, and its numbers are given again: what was seen says nothing
            // any more. From an anchor that the promoted standby had certainly replayed, everything is sent again; what the
            // copy holds of lost transactions beside it, sums tell.
            Start { xmin: since.xmin.min(words.anchors[0].xmin), seen: None }
        };
        if since.epoch != self.epoch {
            return resync("the metropolis was restored");
        }
        if start.xmin > self.xmax {
            return resync("the cut is ahead of the server");
        }
        if start.xmin < self.horizon {
            return resync("it is older than what the metropolis remembers of deletions");
        }
        Ok(start)
    }

    /// Whether a cut was taken here: with this snapshot of the same copy. Never of a standby, whose snapshot does not say what was seen.
    pub(crate) fn is_of(&self, cut: &Cut) -> bool {
        let Some(words) = Words::read(&cut.snapshot) else { return false };
        !self.standby
            && words.seen.as_ref() == Some(&self.snapshot)
            && (words.lineage, cut.timeline, cut.epoch) == (self.lineage.clone(), self.timeline, self.epoch)
    }

    pub(crate) fn tombstones(&self) -> u64 {
        self.latest.last().copied().unwrap_or(0)
    }
}

/// `16/B374D848` as a number.
pub(crate) fn position(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    Some((u64::from_str_radix(high, 16).ok()? << 32) | u64::from_str_radix(low, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(xmin: u64, minutes: i64) -> Mark {
        Mark {
            epoch: Uuid::nil(),
            timeline: 1,
            lineage: "7/reads".into(),
            at: Timestamp(minutes * 60_000),
            horizon: 0,
            position: xmin * 100,
            standby: false,
            snapshot: format!("{xmin}:{}:{xmin}", xmin + 5),
            xmin,
            xmax: xmin + 5,
            latest: Vec::new(),
        }
    }

    fn code(answer: Result<Start, MetropolisError>) -> &'static str {
        answer.unwrap_err().code()
    }

    #[test]
    fn a_cut_is_continued_from_what_its_snapshot_saw() {
        let cut = mark(100, 0).cut(None);
        let start = mark(120, 1).start(&cut).unwrap();
        assert_eq!(start, Start { xmin: 100, seen: Some("100:105:100".into()) });
        assert!(start.condition().contains("NOT pg_visible_in_snapshot(change_xid, '100:105:100'::pg_snapshot)"));
    }

    #[test]
    fn the_snapshot_of_a_standby_excludes_nothing() {
        let cut = Mark { standby: true, ..mark(100, 0) }.cut(None);
        assert_eq!(mark(120, 1).start(&cut).unwrap(), Start { xmin: 100, seen: None });
    }

    #[test]
    fn only_a_cut_taken_with_this_snapshot_of_this_copy_is_gone_on_from_without_a_look() {
        let here = mark(100, 0);
        let cut = here.cut(None);
        assert!(here.is_of(&cut));
        assert!(Mark { at: Timestamp(7), position: 11_000, ..mark(100, 0) }.is_of(&cut), "time and the log go on");
        for other in [
            mark(101, 0),
            Mark { lineage: "7/other".into(), ..mark(100, 0) },
            Mark { timeline: 2, ..mark(100, 0) },
            Mark { epoch: Uuid::from_u128(1), ..mark(100, 0) },
        ] {
            assert!(!other.is_of(&cut), "{other:?}");
        }
        let standby = Mark { standby: true, ..mark(100, 0) };
        assert!(!standby.is_of(&standby.cut(None)));
    }

    #[test]
    fn a_standby_that_is_behind_the_cut_is_not_asked() {
        let cut = mark(100, 0).cut(None);
        let standby = |position| Mark { standby: true, position, ..mark(100, 1) };
        assert_eq!(code(standby(9_999).start(&cut)), "unreachable");
        assert!(standby(10_000).start(&cut).is_ok());
    }

    #[test]
    fn after_a_promotion_everything_since_an_anchor_is_sent_again_whatever_was_seen() {
        let mut cut = mark(100, 0).cut(None);
        for (xmin, minutes) in [(200, 4), (300, 9), (400, 11), (500, 19), (600, 22)] {
            cut = mark(xmin, minutes).cut(Some(&cut));
        }
        let promoted = |xmin| Mark { timeline: 2, ..mark(xmin, 23) };
        // The anchors are those of 11 and of 22 minutes: the older one is more than ten minutes old.
        assert_eq!(promoted(590).start(&cut).unwrap(), Start { xmin: 400, seen: None });
        // It lost more than anyone remembers.
        assert_eq!(code(promoted(390).start(&cut)), "resync_needed");
        // And the primary that was left is not gone back to.
        let cut = promoted(610).cut(Some(&cut));
        assert_eq!(code(mark(700, 24).start(&cut)), "unreachable");
    }

    #[test]
    fn what_changed_underneath_asks_for_a_new_copy() {
        let cut = mark(100, 0).cut(None);
        for other in [
            Mark { epoch: Uuid::from_u128(1), ..mark(120, 1) },
            Mark { lineage: "8/reads".into(), ..mark(120, 1) },
            Mark { horizon: 101, ..mark(120, 1) },
            mark(90, 1),
        ] {
            assert_eq!(code(other.start(&cut)), "resync_needed", "{other:?}");
        }
        assert!(Mark { horizon: 100, ..mark(120, 1) }.start(&cut).is_ok());
        for words in ["", "1:2:", "0'; DROP SCHEMA vigie@7/reads@1@1,1,1,1", "1:2:@7/reads@1@1,1,1"] {
            assert_eq!(code(mark(120, 1).start(&Cut { snapshot: words.into(), ..cut.clone() })), "resync_needed");
        }
    }

    #[test]
    fn a_position_is_read_as_the_server_prints_it() {
        assert_eq!(position("16/B374D848"), Some(0x16_B374_D848));
        assert_eq!(position("0/0"), Some(0));
        assert_eq!(position("16"), None);
    }
}
