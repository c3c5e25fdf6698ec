//! The outbox as a file: nothing in it is ever lost by opening it.

// What helps a test is a test too, but only the functions marked so are recognised.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs;

use common::{KEY, entry, log_record, opened, queued};
use serde_json::json;
use tempfile::tempdir;
use vigie_core::command::CommandState;
use vigie_core::port::{Draft, Outbox as _, OutboxEntry, OutboxState, Records as _, StoreError};
use vigie_core::time::Timestamp;
use vigie_store::outbox;

#[tokio::test]
async fn entries_and_their_history_are_there_after_a_restart() {
    let dir = tempdir().unwrap();
    let first = outbox::open(dir.path(), &KEY).await.unwrap();
    first.add(&entry(1), &queued()).await.unwrap();
    first.add(&entry(2), &queued()).await.unwrap();
    let done = OutboxEntry { state: CommandState::Expired, outbox: OutboxState::Done, ..entry(1) };
    assert!(first.advance(&done, CommandState::Queued, &queued()).await.unwrap());
    // Not closed: the process ended.
    drop(first);
    let again = outbox::open(dir.path(), &KEY).await.unwrap();
    assert_eq!(again.open_entries().await.unwrap(), [OutboxEntry { position: 2, ..entry(2) }]);
    assert_eq!(again.events(entry(1).order.command_id).await.unwrap().len(), 2);
    assert_eq!(again.add(&entry(3), &queued()).await.unwrap(), 3);
}

#[tokio::test]
async fn an_outbox_that_cannot_be_read_is_an_error_and_stays_byte_for_byte() {
    let whole = tempdir().unwrap();
    let outbox = outbox::open(whole.path(), &KEY).await.unwrap();
    for n in 1..=200 {
        outbox.add(&entry(n), &queued()).await.unwrap();
    }
    outbox.close().await;
    let good = fs::read(whole.path().join("outbox.sqlite")).unwrap();
    let mut damaged = good.clone();
    let middle = damaged.len() / 2 / 4096 * 4096;
    damaged[middle..middle + 4096].fill(0xa5);
    let cases = [
        ("garbage", b"not a database".repeat(900)),
        ("short garbage", b"x".to_vec()),
        ("emptied", Vec::new()),
        ("cut in its last page", good[..good.len() - 1].to_vec()),
        ("truncated", good[..good.len() / 2].to_vec()),
        ("damaged", damaged),
    ];
    for (case, bytes) in cases {
        let dir = tempdir().unwrap();
        let path = dir.path().join("outbox.sqlite");
        fs::write(&path, &bytes).unwrap();
        let error = outbox::open(dir.path(), &KEY).await.unwrap_err();
        assert!(matches!(&error, StoreError::Unreadable { file, .. } if file == "outbox.sqlite"), "{case}: {error:?}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{case}");
        // The rest of the workstation starts.
        assert!(vigie_store::replica::open(dir.path(), &KEY).await.is_ok(), "{case}");
    }
}

#[tokio::test]
async fn a_damaged_outbox_is_never_shortened() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("outbox.sqlite");
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    for n in 1..=30 {
        outbox.add(&entry(n), &queued()).await.unwrap();
    }
    outbox.close().await;
    let whole = fs::read(&path).unwrap();
    for place in (0..100).chain((100..whole.len()).step_by(whole.len() / 100)) {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(place).take(1 + place % 40) {
            *byte ^= 0xa5;
        }
        fs::write(&path, &bytes).unwrap();
        match outbox::open(dir.path(), &KEY).await {
            // What is damaged is either told, or nothing that the structure of the file rests on.
            Ok(outbox) => {
                if let Ok(entries) = outbox.open_entries().await {
                    assert_eq!(entries.len(), 30, "byte {place}");
                }
                outbox.close().await;
            }
            Err(error) => {
                assert!(matches!(error, StoreError::Unreadable { .. }), "byte {place}: {error:?}");
                assert_eq!(fs::read(&path).unwrap(), bytes, "byte {place}");
            }
        }
    }
}

#[tokio::test]
async fn a_database_that_is_no_outbox_is_not_made_one() {
    let dir = tempdir().unwrap();
    let replica = vigie_store::replica::open(dir.path(), &KEY).await.unwrap();
    replica.close().await;
    let (from, to) = (dir.path().join("replica.sqlite"), dir.path().join("outbox.sqlite"));
    fs::copy(from, &to).unwrap();
    let before = fs::read(&to).unwrap();
    assert!(matches!(outbox::open(dir.path(), &KEY).await, Err(StoreError::Unreadable { .. })));
    assert_eq!(fs::read(&to).unwrap(), before);
}

#[tokio::test]
async fn a_log_without_its_outbox_is_not_overwritten() {
    let dir = tempdir().unwrap();
    let log = dir.path().join("outbox.sqlite-wal");
    fs::write(&log, b"frames").unwrap();
    assert!(matches!(outbox::open(dir.path(), &KEY).await, Err(StoreError::Unreadable { .. })));
    assert_eq!(fs::read(&log).unwrap(), b"frames");
    assert!(!dir.path().join("outbox.sqlite").exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_said_to_be_the_disk() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(outbox::open(&file.join("vigie"), &KEY).await, Err(StoreError::Disk { .. })));
    assert!(matches!(vigie_store::replica::open(&file.join("vigie"), &KEY).await, Err(StoreError::Disk { .. })));
}

#[tokio::test]
async fn what_is_stored_is_the_form_recorded() {
    let dir = tempdir().unwrap();
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    let kept = OutboxEntry { detail: Some("gateway_lost".into()), ..entry(1) };
    outbox.add(&kept, &queued()).await.unwrap();
    outbox.close().await;
    let mut file = opened(&dir.path().join("outbox.sqlite")).await;
    let schema: Vec<String> = sqlx::query_scalar(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(&mut file)
    .await
    .unwrap();
    insta::assert_snapshot!("outbox_schema", schema.join(";\n\n"));
    let written: String = sqlx::query_scalar("SELECT written FROM entry").fetch_one(&mut file).await.unwrap();
    insta::assert_json_snapshot!("outbox_written", serde_json::from_str::<serde_json::Value>(&written).unwrap());
    let columns: String = sqlx::query_scalar(
        "SELECT json_array(position, hex(command_id), state, detail, outbox, reissued_as) FROM entry",
    )
    .fetch_one(&mut file)
    .await
    .unwrap();
    insta::assert_snapshot!("outbox_columns", columns);
    let event: String = sqlx::query_scalar("SELECT json_array(position, at, event, to_state, detail) FROM event")
        .fetch_one(&mut file)
        .await
        .unwrap();
    insta::assert_snapshot!("outbox_event", event);
    insta::assert_json_snapshot!("outbox_entry", kept);
}

#[tokio::test]
async fn what_is_stored_of_a_record_and_a_draft_is_the_form_recorded() {
    let dir = tempdir().unwrap();
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    outbox.file(&log_record(1), None).await.unwrap();
    let draft = Draft { key: "log".into(), content: json!({"text": "Pont"}), saved_at: Timestamp(1_795_500_000_000) };
    outbox.keep_draft(&draft).await.unwrap();
    outbox.close().await;
    let mut file = opened(&dir.path().join("outbox.sqlite")).await;
    let record: String = sqlx::query_scalar(
        "SELECT json_object('position', position, 'record_id', hex(record_id), 'submission_id', hex(submission_id), \
         'lane', lane, 'body', json(body), 'written_at', written_at, 'state', state, 'since', since, 'detail', detail, \
         'refusals', refusals) FROM record",
    )
    .fetch_one(&mut file)
    .await
    .unwrap();
    insta::assert_json_snapshot!("outbox_record", serde_json::from_str::<serde_json::Value>(&record).unwrap());
    let draft: String =
        sqlx::query_scalar("SELECT json_array(key, content, saved_at) FROM draft").fetch_one(&mut file).await.unwrap();
    insta::assert_snapshot!("outbox_draft", draft);
}

#[tokio::test]
async fn a_signing_key_is_made_once_and_kept() {
    let dir = tempdir().unwrap();
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    let first = outbox
        .hand(|seed| {
            seed.fill(5);
            Ok(())
        })
        .await
        .unwrap();
    outbox.close().await;
    let again = outbox::open(dir.path(), &KEY).await.unwrap();
    let second = again
        .hand(|seed| {
            seed.fill(6);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(first.public(), second.public());
}

#[tokio::test]
async fn nothing_of_an_outbox_can_be_read_in_its_file() {
    let dir = tempdir().unwrap();
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    let kept = OutboxEntry { detail: Some("a-word-that-nobody-else-may-read".into()), ..entry(1) };
    outbox.add(&kept, &queued()).await.unwrap();
    // Its log as well, while it is open.
    let in_clear = |name: &str| {
        let bytes = fs::read(dir.path().join(name)).unwrap_or_default();
        bytes.windows(12).any(|w| w == b"a-word-that-") || bytes.starts_with(b"SQLite format 3")
    };
    assert!(!in_clear("outbox.sqlite") && !in_clear("outbox.sqlite-wal"));
    outbox.close().await;
    assert!(!in_clear("outbox.sqlite"));
}

#[tokio::test]
async fn another_key_does_not_open_an_outbox_and_changes_nothing() {
    let dir = tempdir().unwrap();
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    outbox.add(&entry(1), &queued()).await.unwrap();
    outbox.close().await;
    let before = fs::read(dir.path().join("outbox.sqlite")).unwrap();
    let other = vigie_store::FileKey::new([8; 32]);
    assert!(matches!(outbox::open(dir.path(), &other).await, Err(StoreError::Unreadable { .. })));
    assert_eq!(fs::read(dir.path().join("outbox.sqlite")).unwrap(), before);
    assert_eq!(outbox::open(dir.path(), &KEY).await.unwrap().open_entries().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_outbox_that_an_earlier_vigie_left_in_clear_is_encrypted_with_all_it_holds() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("outbox.sqlite");
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    for n in 1..=50 {
        outbox.add(&entry(n), &queued()).await.unwrap();
    }
    let before = (outbox.open_entries().await.unwrap(), outbox.events(entry(7).order.command_id).await.unwrap());
    outbox.close().await;
    // As the first version wrote it.
    let clear = dir.path().join("clear.sqlite");
    let mut file = opened(&path).await;
    let export = format!(
        "ATTACH DATABASE '{}' AS clear KEY ''; SELECT sqlcipher_export('clear'); DETACH DATABASE clear",
        clear.display()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(export)).execute(&mut file).await.unwrap();
    sqlx::Connection::close(file).await.unwrap();
    fs::rename(&clear, &path).unwrap();
    assert!(fs::read(&path).unwrap().starts_with(b"SQLite format 3"));

    let again = outbox::open(dir.path(), &KEY).await.unwrap();
    assert_eq!((again.open_entries().await.unwrap(), again.events(entry(7).order.command_id).await.unwrap()), before);
    assert!(!fs::read(&path).unwrap().starts_with(b"SQLite format 3"));
}
