//! Files that stay closed, and files that are wiped: who opens them during a cut, and what is never thrown away.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use vigie_api::{ApiError, forget};
use vigie_core::port::{Outbox as _, Records as _};
use vigie_store::key::{KeyFolder, SystemStore};
use vigie_testkit::store_suite::samples;

use crate::desk::{Args, base, call, is_live, phase_is, start, until};
use crate::server::rehearsal;

/// A way to a server that can be cut.
pub(crate) async fn way_to(port: u16) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().port();
    let mut way = JoinSet::new();
    way.spawn(async move {
        let mut carried = JoinSet::new();
        while let Ok((mut client, _)) = listener.accept().await {
            carried.spawn(async move {
                if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    (here, way)
}

/// The folder of the one account: beside it stand what desks share, and what is left for their next holder.
fn account_folder(data: &Path) -> PathBuf {
    let shared = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("shared-") || name.starts_with("deposit-")
    };
    let folders = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    folders.into_iter().find(|path| path.is_dir() && !shared(path)).unwrap()
}

pub(crate) fn password_is_sealed(folder: &Path) -> bool {
    let keys: Value = serde_json::from_slice(&fs::read(folder.join("keys.json")).unwrap()).unwrap();
    keys["password"].is_object()
}

async fn forget_in(data: &Path, export: Option<&Path>) -> Result<usize, ApiError> {
    forget(&Args::parse_from(base(data)).launch, export).await
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_cut_the_files_open_with_the_accounts_own_password_and_no_other() {
    let (database, login) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let direct = database.url(&login);
    let port: u16 = direct.rsplit_once(':').unwrap().1.split_once('/').unwrap().0.parse().unwrap();
    let (here, way) = way_to(port).await;
    let url = direct.replace(&format!(":{port}/"), &format!(":{here}/"));

    let api = start(data.path(), &["--metropolis", &url]).await;
    until(&api, phase_is("sign_in")).await;
    call(&api, "sign_in", json!({"login": login, "password": "right"})).await;
    until(&api, is_live).await;
    let folder = account_folder(data.path());
    until(&api, |_| password_is_sealed(&folder)).await;
    api.shutdown().await;
    drop(way);

    let api = start(data.path(), &["--metropolis", &url]).await;
    let status = until(&api, phase_is("sign_in")).await;
    assert_eq!(status["failure"]["code"], "password_needed");
    call(&api, "sign_in", json!({"login": login, "password": "mistaken"})).await;
    let status = until(&api, |s| s["failure"]["code"] == "wrong_password").await;
    assert_eq!(status["phase"], "sign_in");
    assert!(!status.to_string().contains("mistaken"), "a password is never told");
    call(&api, "sign_in", json!({"login": login, "password": "right"})).await;
    let status = until(&api, phase_is("ready")).await;
    assert_ne!(status["link"]["state"], "live");
    let page = call(&api, "objects", json!({"limit": 1})).await;
    assert!(page["total"].as_u64().unwrap() > 800, "the last known city is there: {page:#}");
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn local_files_are_wiped_only_once_nothing_in_them_is_unsent_or_it_was_taken_along() {
    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &[]).await;
    until(&api, phase_is("ready")).await;
    let folder = account_folder(data.path());
    assert_eq!(forget_in(data.path(), None).await.unwrap_err().code, "already_open");
    api.shutdown().await;

    // What a desk wrote during a cut.
    let keys = KeyFolder::of(&folder, std::sync::Arc::new(SystemStore), |_| Ok(())).unwrap();
    let outbox = vigie_store::outbox::open(&folder, &keys.by_machine().unwrap()).await.unwrap();
    let entry = samples::entry(1);
    let first = vigie_core::port::StoredEvent {
        at: vigie_core::time::Timestamp(1),
        event: vigie_core::command::CommandEventCode::ALL[0],
        to: entry.state,
        detail: None,
    };
    outbox.add(&entry, &first).await.unwrap();
    // The desk's own key may still have been on its way.
    let records = outbox.records().await.unwrap();
    let unsent = 1 + records.iter().filter(|record| record.state.is_open()).count();
    outbox.close().await;

    assert_eq!(forget_in(data.path(), None).await.unwrap_err().code, "unsent");
    assert!(folder.join("outbox.sqlite").exists());
    let taken = data.path().join("unsent.ndjson");
    assert_eq!(forget_in(data.path(), Some(&taken)).await, Ok(unsent));
    assert!(!folder.exists());
    let taken_along = fs::read_to_string(&taken).unwrap();
    let lines: Vec<Value> = taken_along.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), unsent);
    assert_eq!(lines[0]["order"]["command_id"], json!(entry.order.command_id));
    // A second time there is nothing, and what was taken along is not written over.
    assert_eq!(forget_in(data.path(), None).await, Ok(0));
    assert_eq!(forget_in(data.path(), Some(&taken)).await.unwrap_err().code, "store_disk");
}
