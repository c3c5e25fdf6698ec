//! The replica as a file: what survives, what is thrown away, and what is said of it.

// What helps a test is a test too, but only the functions marked so are recognised.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::path::Path;

use common::{EQUIPMENT, KEY, change, copy, count, cut, id, identity, light, lights, opened};
use futures::FutureExt as _;
use tempfile::{TempDir, tempdir};
use vigie_core::port::{Outbox as _, Replica as _};
use vigie_store::{Opening, outbox, replica};

/// A folder with a closed replica of so many lights and an outbox with one entry.
async fn used_folder(n: u32) -> TempDir {
    let dir = tempdir().unwrap();
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    assert_eq!(*replica.opening(), Opening::New);
    copy(&replica, lights(n)).await;
    replica.close().await;
    let outbox = outbox::open(dir.path(), &KEY).await.unwrap();
    outbox.add(&common::entry(1), &common::queued()).await.unwrap();
    outbox.close().await;
    dir
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Opens a folder whose replica is damaged: it must begin empty, say so, take a full copy, and leave the outbox alone.
async fn begins_empty(dir: &Path) {
    let replica = replica::open(dir, &KEY).await.unwrap();
    let opening = replica.opening();
    assert!(matches!(opening, Opening::SetAside { file, .. } if file == "replica.set-aside.sqlite"), "{opening:?}");
    assert!(dir.join("replica.set-aside.sqlite").exists());
    assert!(replica.info().await.unwrap().is_none());
    assert_eq!(count(&replica).await, 0);

    copy(&replica, lights(3)).await;
    assert_eq!(count(&replica).await, 3);
    assert!(!dir.join("replica.set-aside.sqlite").exists(), "kept after the full copy that replaces it");
    let outbox = outbox::open(dir, &KEY).await.unwrap();
    assert_eq!(outbox.open_entries().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_copy_and_the_changes_after_it_are_there_after_a_restart() {
    let dir = used_folder(50).await;
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    assert_eq!(*replica.opening(), Opening::Kept);
    replica.apply(&change(2, vec![id(7)], vec![light(51)]), &identity()).await.unwrap();
    // Not closed: the process ended.
    drop(replica);
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    assert_eq!(*replica.opening(), Opening::Kept);
    let info = replica.info().await.unwrap().unwrap();
    assert_eq!((info.cut, info.generation), (cut(2), 1));
    assert_eq!(replica.row(EQUIPMENT, id(51)).await.unwrap().unwrap().1, light(51));
    assert_eq!(count(&replica).await, 50);
    copy(&replica, lights(2)).await;
    assert_eq!(replica.info().await.unwrap().unwrap().generation, 2);
}

#[tokio::test]
async fn a_replica_that_is_no_database_is_set_aside() {
    let dir = used_folder(3).await;
    fs::write(dir.path().join("replica.sqlite"), b"<html>not a database</html>".repeat(400)).unwrap();
    begins_empty(dir.path()).await;
}

#[tokio::test]
async fn a_truncated_replica_is_set_aside() {
    let dir = used_folder(2_000).await;
    let whole = fs::read(dir.path().join("replica.sqlite")).unwrap();
    for length in [1, 99, 511, 4_095, 4_096, 5_000, whole.len() / 2, whole.len() - 4_096, whole.len() - 1] {
        fs::write(dir.path().join("replica.sqlite"), &whole[..length]).unwrap();
        begins_empty(dir.path()).await;
    }
}

#[tokio::test]
async fn whatever_is_damaged_the_workstation_starts_and_takes_a_full_copy() {
    let dir = used_folder(60).await;
    let path = dir.path().join("replica.sqlite");
    let whole = fs::read(&path).unwrap();
    // Each byte of the header, then places all over the file.
    let places = (0..100).chain((100..whole.len()).step_by(whole.len() / 80));
    for place in places {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(place).take(1 + place % 40) {
            *byte ^= 0xa5;
        }
        fs::write(&path, bytes).unwrap();
        let replica = replica::open(dir.path(), &KEY).await.unwrap_or_else(|e| panic!("byte {place}: {e}"));
        if *replica.opening() == Opening::Kept {
            // The damage hit nothing that counts for opening; what reads it may fail, and a full copy repairs it.
            let _ = replica.scan(EQUIPMENT).await;
        }
        copy(&replica, lights(3)).await;
        replica.apply(&change(2, vec![], vec![light(9)]), &identity()).await.unwrap();
        assert_eq!(count(&replica).await, 4, "byte {place}");
        replica.close().await;
    }
}

#[tokio::test]
async fn a_replica_with_a_damaged_page_is_set_aside() {
    let dir = used_folder(2_000).await;
    let path = dir.path().join("replica.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    begins_empty(dir.path()).await;
}

#[tokio::test]
async fn a_replica_of_other_tables_is_replaced_and_said() {
    let dir = used_folder(3).await;
    let mut other = opened(&dir.path().join("replica.sqlite")).await;
    let older = "UPDATE meta SET value = 'CREATE TABLE old' WHERE name = 'schema'; \
                 ALTER TABLE desk RENAME COLUMN name TO label";
    sqlx::raw_sql(older).execute(&mut other).await.unwrap();
    sqlx::Connection::close(other).await.unwrap();
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    assert_eq!(*replica.opening(), Opening::OtherSchema);
    assert!(replica.info().await.unwrap().is_none());
}

#[tokio::test]
async fn a_replica_of_the_version_before_stays_readable_and_continues_no_cut() {
    let dir = used_folder(3).await;
    let mut other = opened(&dir.path().join("replica.sqlite")).await;
    // As a program wrote it that did not know a table, nor a column.
    let older = "UPDATE meta SET value = 'of the version before' WHERE name = 'schema'; \
                 DROP VIEW object_text; DROP TABLE words_there; DROP TABLE words; DROP TABLE word; \
                 CREATE VIRTUAL TABLE equipment_words USING fts5(reference, content=''); \
                 DROP TABLE command_event; ALTER TABLE shift DROP COLUMN closed_at";
    sqlx::raw_sql(older).execute(&mut other).await.unwrap();
    sqlx::Connection::close(other).await.unwrap();
    for _ in 0..2 {
        let replica = replica::open(dir.path(), &KEY).await.unwrap();
        assert_eq!(*replica.opening(), Opening::Adapted);
        assert_eq!(count(&replica).await, 3);
        for table in vigie_core::table::TABLES {
            replica.scan(table).await.unwrap();
        }
        // Also by words, though it searched in another way.
        assert_eq!(replica.search("prefecture", 9).await.unwrap().hits.len(), 3);
        let info = replica.info().await.unwrap().unwrap();
        assert!(info.cut.epoch.is_nil(), "the next contact makes a whole copy");
        replica.close().await;
    }
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    copy(&replica, lights(5)).await;
    replica.close().await;
    assert_eq!(*replica::open(dir.path(), &KEY).await.unwrap().opening(), Opening::Kept);
}

#[tokio::test]
async fn an_empty_file_or_a_log_without_its_database_is_a_first_start() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("replica.sqlite"), b"").unwrap();
    assert_eq!(*replica::open(dir.path(), &KEY).await.unwrap().opening(), Opening::New);
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("replica.sqlite-wal"), vec![7; 9_000]).unwrap();
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    assert_eq!(*replica.opening(), Opening::New);
    copy(&replica, lights(2)).await;
}

#[tokio::test]
async fn what_a_crash_left_of_a_copy_is_removed_and_the_present_copy_stays() {
    let dir = used_folder(5).await;
    // The crash came while building: half a file. Or before the rename: a whole one. Neither was announced.
    for left in [b"half".to_vec(), fs::read(dir.path().join("replica.sqlite")).unwrap()] {
        fs::write(dir.path().join("replica.building.sqlite"), left).unwrap();
        fs::write(dir.path().join("replica.building.sqlite-journal"), b"half").unwrap();
        let replica = replica::open(dir.path(), &KEY).await.unwrap();
        assert_eq!(*replica.opening(), Opening::Kept);
        assert_eq!(count(&replica).await, 5);
        replica.close().await;
        assert_eq!(names(dir.path()), ["outbox.sqlite", "replica.sqlite"]);
    }
}

#[tokio::test]
async fn an_exchange_that_fails_leaves_the_present_copy_in_use() {
    let dir = used_folder(5).await;
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    let mut rebuild = replica.rebuild().await.unwrap();
    rebuild.rows(EQUIPMENT, lights(9)).await.unwrap();
    // Something that cannot be removed stands where the log would be.
    let blocked = dir.path().join("replica.sqlite-journal");
    fs::create_dir(&blocked).unwrap();
    assert!(rebuild.finish(cut(2), identity()).await.is_err());
    fs::remove_dir(&blocked).unwrap();
    assert_eq!(replica.info().await.unwrap().unwrap().generation, 1);
    assert_eq!(count(&replica).await, 5);
    assert!(!dir.path().join("replica.building.sqlite").exists());
    copy(&replica, lights(9)).await;
    assert_eq!((count(&replica).await, replica.info().await.unwrap().unwrap().generation), (9, 2));
}

#[tokio::test]
async fn a_call_dropped_at_any_point_does_the_whole_or_nothing() {
    let dir = used_folder(20).await;
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    for polls in 0..60_u64 {
        let n = 100 + u32::try_from(polls).unwrap();
        let before = replica.info().await.unwrap().unwrap().cut.xmin;
        let step = change(1_000 + polls, vec![], vec![light(n)]);
        {
            let identity = identity();
            let mut applied = replica.apply(&step, &identity);
            for _ in 0..polls {
                if applied.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // A commit that was under way may still come: the cut is read until it is the same before and after the row.
        let (mut held, mut row) = (u64::MAX, None);
        while held != replica.info().await.unwrap().unwrap().cut.xmin {
            held = replica.info().await.unwrap().unwrap().cut.xmin;
            row = replica.row(EQUIPMENT, id(n)).await.unwrap();
        }
        // The commit of the call dropped before this one may have come after `before` was read; none goes backwards.
        assert!((before..=1_000 + polls).contains(&held), "{held} after {before}");
        assert_eq!(row.is_some(), held == 1_000 + polls, "after {polls} polls");
    }
    replica.apply(&change(5_000, vec![], vec![light(999)]), &identity()).await.unwrap();
    assert!(replica.row(EQUIPMENT, id(999)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_copy_dropped_at_any_point_leaves_one_whole_copy_or_the_other() {
    let dir = used_folder(5).await;
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    for polls in 0..40_u32 {
        let mut rebuild = replica.rebuild().await.unwrap();
        rebuild.rows(EQUIPMENT, lights(10 + polls)).await.unwrap();
        {
            let mut finished = rebuild.finish(cut(u64::from(10 + polls)), identity());
            for _ in 0..polls {
                if finished.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // The next copy waits for its turn, so whatever the dropped one still did is over.
        drop(replica.rebuild().await.unwrap());
        let held = replica.info().await.unwrap().unwrap().cut.xmin;
        let expected = if held == 1 { 5 } else { usize::try_from(held).unwrap() };
        assert_eq!(count(&replica).await, expected, "after {polls} polls");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_one_copy_or_the_other_while_it_is_exchanged() {
    let dir = used_folder(40).await;
    let replica = replica::open(dir.path(), &KEY).await.unwrap();
    let reader = replica.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let reading = tokio::spawn(async move {
        let mut stopped = stopped.fuse();
        let mut reads = 0_u32;
        while (&mut stopped).now_or_never().is_none() {
            let n = count(&reader).await;
            assert!(n == 40 || n == 70, "{n} rows");
            reads += 1;
        }
        reads
    });
    for round in 0..10 {
        copy(&replica, lights(if round % 2 == 0 { 70 } else { 40 })).await;
    }
    stop.send(()).unwrap();
    assert!(reading.await.unwrap() > 0);
}
