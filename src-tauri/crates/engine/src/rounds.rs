//! What the post does next with the records that wait: a pure function of the records, the link and the time.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use vigie_core::ids::RecordId;
use vigie_core::link::LinkState;
use vigie_core::port::OutboxRecord;
use vigie_core::record::RecordState;
use vigie_core::time::Timestamp;

/// A refused head is tried again after this, twice as long after each further refusal.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// And never later than this; a return of the link tries it at once.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// What the metropolis took and the local copy does not show by then is of a table that this role does not read, or older
/// than the copy's window.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

/// What is known when the post looks at its records.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The link.
    pub link: LinkState,
    /// Metropolis time of the cut that the local copy holds.
    pub cut_at: Option<Timestamp>,
    /// This machine's time, sleep included.
    pub elapsed: Duration,
    /// When the link last came back.
    pub returned_at: Option<Duration>,
    /// When each refused record was last tried by this run of the program.
    pub tried: &'a HashMap<RecordId, Duration>,
    /// Records that the local copy contains.
    pub shown: &'a HashSet<RecordId>,
    /// Most records in one submission.
    pub batch: usize,
}

/// One round of the post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Round {
    /// Nothing until something changes.
    Wait,
    /// The local copy contains them.
    Show(Vec<RecordId>),
    /// They were in flight when the program or the link ended.
    Lose(Vec<RecordId>),
    /// Ask what became of them.
    Settle(Vec<RecordId>),
    /// Refused heads whose time has come.
    Retry(Vec<RecordId>),
    /// Submit them, each after the one before it in its lane.
    Send(Vec<RecordId>),
}

/// The next round. `records` are in position order.
pub fn next_round(records: &[&OutboxRecord], at: &Situation<'_>) -> Round {
    let is_shown = |r: &OutboxRecord| {
        at.shown.contains(&r.record_id)
            || (r.state == RecordState::Accepted && at.cut_at.is_some_and(|cut| cut > r.since.plus(SHOWN_WITHIN)))
    };
    let all = |wanted: &dyn Fn(&OutboxRecord) -> bool| -> Vec<RecordId> {
        records.iter().filter(|r| wanted(r)).map(|r| r.record_id).collect()
    };
    let shown = all(&|r| is_shown(r));
    if !shown.is_empty() {
        return Round::Show(shown);
    }
    let lost = all(&|r| r.state == RecordState::Submitted);
    if !lost.is_empty() {
        return Round::Lose(lost);
    }
    let mut unsettled = all(&|r| r.state == RecordState::Unsettled);
    // Settling only reads, so it is part of "read first" and need not wait for the whole return (R5, R14).
    if !unsettled.is_empty() && matches!(at.link, LinkState::Live | LinkState::Returning) {
        unsettled.truncate(at.batch);
        return Round::Settle(unsettled);
    }
    if at.link != LinkState::Live {
        return Round::Wait;
    }
    let due = all(&|r| r.state == RecordState::Refused && is_due(r, at));
    if !due.is_empty() {
        return Round::Retry(due);
    }
    let sent = prefixes(records, at.batch);
    if sent.is_empty() { Round::Wait } else { Round::Send(sent) }
}

/// Of each lane what may go: everything before the first that may not.
fn prefixes(records: &[&OutboxRecord], most: usize) -> Vec<RecordId> {
    let mut blocked = HashSet::new();
    let mut sent = Vec::new();
    for record in records.iter().filter(|r| r.state.is_open()) {
        if blocked.contains(&record.lane) {
            continue;
        }
        if record.state == RecordState::Queued && sent.len() < most {
            sent.push(record.record_id);
        } else {
            blocked.insert(&record.lane);
        }
    }
    sent
}

fn is_due(record: &OutboxRecord, at: &Situation<'_>) -> bool {
    let Some(tried) = at.tried.get(&record.record_id) else { return true };
    let pause = FIRST_PAUSE.saturating_mul(1 << record.refusals.saturating_sub(1).min(6)).min(LONGEST_PAUSE);
    at.returned_at.is_some_and(|returned| returned > *tried) || at.elapsed.saturating_sub(*tried) >= pause
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vigie_core::ids::{KeyId, SubmissionId};
    use vigie_core::port::Lane;
    use vigie_core::submission::Body;

    const NOW: Duration = Duration::from_secs(10_000);

    fn record(n: u128, lane: &str, state: RecordState) -> OutboxRecord {
        OutboxRecord {
            record_id: RecordId(Uuid::from_u128(n)),
            submission_id: SubmissionId(Uuid::from_u128(100 + n)),
            lane: Lane(lane.into()),
            body: Body::KeyRegister { key_id: KeyId(Uuid::nil()), public_key: String::new() },
            written_at: Timestamp(0),
            state,
            since: Timestamp(1_000),
            detail: None,
            refusals: 1,
            position: i64::try_from(n).unwrap(),
        }
    }

    fn round(records: &[OutboxRecord], change: impl FnOnce(&mut Situation<'_>)) -> Round {
        let (tried, shown) = (HashMap::new(), HashSet::new());
        let mut at = Situation {
            link: LinkState::Live,
            cut_at: None,
            elapsed: NOW,
            returned_at: None,
            tried: &tried,
            shown: &shown,
            batch: 20,
        };
        change(&mut at);
        next_round(&records.iter().collect::<Vec<_>>(), &at)
    }

    fn ids(ns: impl IntoIterator<Item = u128>) -> Vec<RecordId> {
        ns.into_iter().map(|n| RecordId(Uuid::from_u128(n))).collect()
    }

    use RecordState as S;

    #[test]
    fn lanes_go_together_and_nothing_overtakes_a_head_that_was_refused() {
        let records = [
            record(1, "log", S::Queued),
            record(2, "call", S::Refused),
            record(3, "log", S::Queued),
            record(4, "call", S::Queued),
            record(5, "key", S::Queued),
        ];
        let tried = HashMap::from([(RecordId(Uuid::from_u128(2)), NOW)]);
        let at = Situation {
            link: LinkState::Live,
            cut_at: None,
            elapsed: NOW,
            returned_at: None,
            tried: &tried,
            shown: &HashSet::new(),
            batch: 20,
        };
        assert_eq!(next_round(&records.iter().collect::<Vec<_>>(), &at), Round::Send(ids([1, 3, 5])));
    }

    #[test]
    fn a_batch_holds_no_more_than_it_may_and_keeps_the_order() {
        let records: Vec<_> = (1..=50).map(|n| record(n, "log", S::Queued)).collect();
        assert_eq!(round(&records, |_| {}), Round::Send(ids(1..=20)));
        assert_eq!(round(&records, |at| at.batch = 1), Round::Send(ids([1])));
    }

    #[test]
    fn r5_nothing_is_sent_before_the_return_is_complete_but_settling_may_begin() {
        for link in [LinkState::Starting, LinkState::Late, LinkState::Lost, LinkState::Returning] {
            assert_eq!(round(&[record(1, "log", S::Queued)], |at| at.link = link), Round::Wait, "{link}");
        }
        assert_eq!(
            round(&[record(1, "log", S::Unsettled)], |at| at.link = LinkState::Returning),
            Round::Settle(ids([1]))
        );
    }

    #[test]
    fn r14_what_was_in_flight_is_settled_before_anything_else_is_sent() {
        let records = [record(1, "log", S::Submitted), record(2, "call", S::Queued)];
        assert_eq!(round(&records, |_| {}), Round::Lose(ids([1])));
        let records = [record(1, "log", S::Unsettled), record(2, "call", S::Queued)];
        assert_eq!(round(&records, |_| {}), Round::Settle(ids([1])));
    }

    #[test]
    fn a_refused_head_is_tried_again_after_its_pause_at_a_return_and_after_a_restart() {
        let mut refused = record(1, "log", S::Refused);
        assert_eq!(round(&[refused.clone()], |_| {}), Round::Retry(ids([1])), "after a restart");
        let at = |ago: u64, returned: Option<Duration>, record: &OutboxRecord| {
            let tried = HashMap::from([(record.record_id, NOW.checked_sub(Duration::from_secs(ago)).unwrap())]);
            let situation = Situation {
                link: LinkState::Live,
                cut_at: None,
                elapsed: NOW,
                returned_at: returned,
                tried: &tried,
                shown: &HashSet::new(),
                batch: 20,
            };
            next_round(&[record], &situation)
        };
        assert_eq!(at(4, None, &refused), Round::Wait);
        assert_eq!(at(5, None, &refused), Round::Retry(ids([1])));
        refused.refusals = 30;
        assert_eq!(at(299, None, &refused), Round::Wait);
        assert_eq!(at(300, None, &refused), Round::Retry(ids([1])), "never later than five minutes");
        assert_eq!(at(4, Some(NOW), &refused), Round::Retry(ids([1])), "the link came back");
    }

    #[test]
    fn a_record_is_shown_from_here_until_the_local_copy_contains_it() {
        let accepted = [record(1, "log", S::Accepted)];
        assert_eq!(round(&accepted, |at| at.cut_at = Some(Timestamp(1_001))), Round::Wait);
        let late = Timestamp(1_000).plus(SHOWN_WITHIN).plus(Duration::from_millis(1));
        assert_eq!(round(&accepted, |at| at.cut_at = Some(late)), Round::Show(ids([1])));
        let shown = HashSet::from([RecordId(Uuid::from_u128(1))]);
        let at = Situation {
            link: LinkState::Lost,
            cut_at: None,
            elapsed: NOW,
            returned_at: None,
            tried: &HashMap::new(),
            shown: &shown,
            batch: 20,
        };
        // Another account deposited it, or its reply was lost: it does not go a second time.
        let queued = record(1, "log", S::Queued);
        assert_eq!(next_round(&[&queued], &at), Round::Show(ids([1])));
    }
}
