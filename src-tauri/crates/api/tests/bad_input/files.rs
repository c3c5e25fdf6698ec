//! Local files that cannot be read.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::{call, is_live, phase_is, start, until};

/// Leaves a queued read in the outbox of a training desk, and says which.
async fn queue_a_read(folder: &Path) -> Value {
    let api = start(folder, &[]).await;
    until(&api, is_live).await;
    call(&api, "training", json!({"plugged": false})).await;
    until(&api, |s| s["link"]["state"] == "lost").await;
    let light = call(&api, "search", json!({"text": "L-00001", "limit": 1})).await["lines"][0]["equipment_id"].clone();
    let order = json!({"equipment_id": light, "action": "street_light.read", "params": {}});
    let seen = call(&api, "prepare", order).await["seen"].clone();
    let operated = json!({
        "equipment_id": light, "action": "street_light.read", "params": {}, "effect_minutes": null,
        "reason": "", "without_visibility": false, "seen": seen, "replaces": null,
    });
    let command = call(&api, "operate", operated).await;
    assert_eq!(command["state"], "queued");
    api.shutdown().await;
    command["command_id"].clone()
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join("training-21000-900").join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_replica_is_made_anew_and_what_waited_in_the_outbox_is_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let queued = queue_a_read(folder.path()).await;
    std::fs::write(file(folder.path(), "replica.sqlite"), b"not a database, by any means").unwrap();
    let api = start(folder.path(), &[]).await;
    let status = until(&api, is_live).await;
    assert_eq!(status["notice"], "replica_set_aside");
    assert_eq!(call(&api, "outbox", json!({})).await[0]["command_id"], queued);
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_outbox_stops_the_desk_and_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    queue_a_read(folder.path()).await;
    for rest in ["outbox.sqlite-wal", "outbox.sqlite-shm"] {
        let _ = std::fs::remove_file(file(folder.path(), rest));
    }
    let outbox = file(folder.path(), "outbox.sqlite");
    std::fs::write(&outbox, b"damaged").unwrap();
    let api = start(folder.path(), &[]).await;
    let status = until(&api, phase_is("failed")).await;
    assert_eq!(status["failure"]["code"], "store_unreadable");
    assert_eq!(std::fs::read(&outbox).unwrap(), b"damaged");
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_same_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path(), &[]).await;
    until(&first, is_live).await;
    let second = start(folder.path(), &[]).await;
    let status = until(&second, phase_is("failed")).await;
    assert_eq!(status["failure"]["code"], "already_open");
    second.shutdown().await;
    first.shutdown().await;
}
