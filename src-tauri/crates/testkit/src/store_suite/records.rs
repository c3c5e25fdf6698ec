//! Behaviours of records and drafts. Each begins with an empty outbox.

use serde_json::json;
use vigie_core::ids::{RecordId, SubmissionId};
use vigie_core::port::{Draft, OutboxRecord, RecordMove, Records};
use vigie_core::record::RecordState as S;
use vigie_core::time::Timestamp;

use super::samples::{NIGHT, key, record};

fn to(record: OutboxRecord, from: S, state: S) -> RecordMove {
    RecordMove { record: OutboxRecord { state, ..record }, from }
}

fn draft(key: &str, text: &str) -> Draft {
    Draft { key: key.into(), content: json!({ "text": text }), saved_at: Timestamp(NIGHT) }
}

/// Every field is kept.
pub async fn a_record_is_read_as_it_was_written(outbox: &dyn Records) {
    let mut first = OutboxRecord { detail: Some("not_allowed".into()), refusals: 3, ..record(1) };
    first.position = outbox.file(&first, None).await.unwrap();
    assert_eq!(outbox.records().await.unwrap(), [first]);
}

/// Whoever did not hear the answer may ask again.
pub async fn filing_twice_files_once(outbox: &dyn Records) {
    let first = outbox.file(&record(1), None).await.unwrap();
    let other = OutboxRecord { submission_id: SubmissionId(key(77)), ..record(1) };
    assert_eq!(outbox.file(&other, None).await.unwrap(), first);
    assert_eq!(outbox.records().await.unwrap(), [OutboxRecord { position: first, ..record(1) }]);
}

/// In one transaction: a crash in between would bring back a draft of what is filed.
pub async fn a_draft_goes_when_its_record_is_filed(outbox: &dyn Records) {
    outbox.keep_draft(&draft("log", "Pont")).await.unwrap();
    outbox.keep_draft(&draft("command/1", "bruit")).await.unwrap();
    outbox.file(&record(1), Some("log")).await.unwrap();
    assert_eq!(outbox.drafts().await.unwrap(), [draft("command/1", "bruit")]);
}

/// The last words typed, until discarded.
pub async fn a_draft_is_kept_until_it_is_discarded(outbox: &dyn Records) {
    for text in ["P", "Po", "Pont"] {
        outbox.keep_draft(&draft("log", text)).await.unwrap();
    }
    assert_eq!(outbox.drafts().await.unwrap(), [draft("log", "Pont")]);
    outbox.discard_draft("log").await.unwrap();
    outbox.discard_draft("log").await.unwrap();
    assert!(outbox.drafts().await.unwrap().is_empty());
}

/// A batch is one transaction; a step decided on an old state does nothing.
pub async fn records_move_on_only_from_the_state_expected(outbox: &dyn Records) {
    for n in 1..=3 {
        outbox.file(&record(n), None).await.unwrap();
    }
    let moves = [
        to(record(1), S::Queued, S::Submitted),
        to(record(2), S::Submitted, S::Accepted),
        to(record(3), S::Queued, S::Submitted),
        to(record(9), S::Queued, S::Submitted),
    ];
    assert_eq!(outbox.move_records(&moves).await.unwrap(), [true, false, true, false]);
    let states: Vec<_> = outbox.records().await.unwrap().into_iter().map(|r| r.state).collect();
    assert_eq!(states, [S::Submitted, S::Queued, S::Submitted]);
}

/// What was written stays as written: a step takes the submission, where it stands and why.
pub async fn a_record_itself_is_never_edited(outbox: &dyn Records) {
    let position = outbox.file(&record(1), None).await.unwrap();
    let other = OutboxRecord {
        body: record(2).body,
        submission_id: SubmissionId(key(50)),
        refusals: 1,
        detail: Some("not_signed".into()),
        ..record(1)
    };
    assert_eq!(outbox.move_records(&[to(other.clone(), S::Queued, S::Submitted)]).await.unwrap(), [true]);
    let expected = OutboxRecord { body: record(1).body, state: S::Submitted, position, ..other };
    assert_eq!(outbox.records().await.unwrap(), [expected]);
}

/// Its words are erased here, and its number is not given again.
pub async fn what_the_local_copy_shows_is_erased(outbox: &dyn Records) {
    outbox.file(&record(1), None).await.unwrap();
    let number = outbox.next_sequence().await.unwrap();
    assert_eq!(outbox.move_records(&[to(record(1), S::Queued, S::Shown)]).await.unwrap(), [true]);
    assert!(outbox.records().await.unwrap().is_empty());
    assert_eq!(outbox.next_sequence().await.unwrap(), number);
}

/// Positions grow, and are what the next number announces.
pub async fn the_next_number_is_the_position_that_the_next_record_gets(outbox: &dyn Records) {
    for n in 1..=4 {
        let announced = outbox.next_sequence().await.unwrap();
        assert_eq!(outbox.file(&record(n), None).await.unwrap(), announced);
    }
    let ids: Vec<_> = outbox.records().await.unwrap().into_iter().map(|r| r.record_id).collect();
    assert_eq!(ids, [1, 2, 3, 4].map(|n| RecordId(key(n))));
}
