//! The local files and the secrets of a person, in the programs as they are delivered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test expects and does not get fails it")]

use std::fs::{self, File};
use std::path::Path;

use serde_json::{Value, json};
use vigie_tests::{Host, Rehearsal, Said, Vigie, finish};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The program of the window, asked for something that needs no window.
fn vigie(data: &Path, args: &[&str]) -> Said {
    let mut command = Vigie::Window.command().unwrap();
    finish(command.args(args).args(["--keys", "file", "--data-dir", path(data)]).env_remove("DISPLAY")).unwrap()
}

/// Every file under a folder that holds these bytes.
fn files_with(folder: &Path, secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, secret));
        } else if contains(&fs::read(&path).unwrap(), secret) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn contains(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[tokio::test]
#[ignore = "needs the built programs: cargo xtask test"]
#[cfg(target_os = "linux")]
async fn a_password_is_in_no_process_list_no_log_and_no_file() {
    let rehearsal = Rehearsal::load(1_000).await.unwrap();
    let login = "demo_remote_operator";
    let passfile = fs::read_to_string(rehearsal.passfile()).unwrap();
    let line = passfile.lines().find(|line| line.contains(&format!(":{login}:"))).unwrap();
    let password = line.rsplit(':').next().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let url = rehearsal.url(login);
    let args = ["--metropolis", &url, "--keys", "file", "--data-dir", path(&data)];
    let host = Host::start(&args, |command| {
        // Whatever any library would say, said.
        command.env("VIGIE_LOG", "trace").env("HOME", folder.path()).stderr(File::create(&log).unwrap());
    })
    .unwrap();
    host.call("sign_in", &json!({"login": login, "password": "m1s-taken"})).unwrap();
    host.until(|status| status["failure"]["code"] == "sign_in_refused").unwrap();
    host.call("sign_in", &json!({"login": login, "password": password})).unwrap();
    let status = host.until(|status| status["link"]["state"] == "live").unwrap();
    let sealed = |_: &Value| !files_with(&data, "\"sealed\"").is_empty();
    host.until(sealed).unwrap();

    for secret in [password, "m1s-taken"] {
        assert!(!contains(&fs::read(&log).unwrap(), secret), "the log repeats it");
        assert!(!status.to_string().contains(secret) && !host.printed.contains(secret));
        assert_eq!(files_with(&data, secret), Vec::<String>::new());
        for process in fs::read_dir("/proc").unwrap() {
            let process = process.unwrap().path();
            // A process that ended meanwhile shows nothing.
            for shown in ["cmdline", "environ"] {
                let ours = shown == "cmdline" || process.ends_with(host.id().to_string());
                let text = fs::read(process.join(shown)).unwrap_or_default();
                assert!(!ours || !contains(&text, secret), "{}/{shown}", process.display());
            }
        }
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", host.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "a crash would leave a core file: {core}");
}

#[test]
#[ignore = "needs the built programs: cargo xtask test"]
fn local_files_get_another_key_are_kept_while_something_is_unsent_and_wiped_once_it_was_taken_along() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let args = ["--objects", "900", "--keys", "file", "--data-dir", path(&data)];
    let host = Host::start(&args, |_| ()).unwrap();
    host.until(|status| status["link"]["state"] == "live").unwrap();
    let busy = vigie(&data, &["--forget"]);
    assert!(busy.code != Some(0) && busy.err.contains("already open"), "{}", busy.err);
    host.call("training", &json!({"plugged": false})).unwrap();
    host.until(|status| status["link"]["state"] == "lost").unwrap();
    let light =
        host.call("search", &json!({"text": "L-00001", "limit": 1})).unwrap()["lines"][0]["equipment_id"].clone();
    let order = json!({"equipment_id": light, "action": "street_light.read", "params": {}});
    let seen = host.call("prepare", &order).unwrap()["seen"].clone();
    let operated = json!({
        "equipment_id": light, "action": "street_light.read", "params": {}, "effect_minutes": null, "reason": "",
        "without_visibility": false, "seen": seen, "replaces": null,
    });
    let command = host.call("operate", &operated).unwrap()["command_id"].clone();
    // Ended without a word, as a crash ends it.
    drop(host);

    let refused = vigie(&data, &["--forget"]);
    assert!(refused.code != Some(0) && refused.err.contains("--export"), "{}", refused.err);
    let turned = vigie(&data, &["--rotate-key"]);
    assert_eq!(turned.code, Some(0), "{}", turned.err);
    // Read with the new key.
    let taken = folder.path().join("taken.ndjson");
    let wiped = vigie(&data, &["--forget", "--export", path(&taken)]);
    assert_eq!(wiped.code, Some(0), "{}", wiped.err);
    let line: Value = serde_json::from_str(fs::read_to_string(&taken).unwrap().trim()).unwrap();
    assert_eq!(line["order"]["command_id"], command);
    assert_eq!(data.read_dir().unwrap().count(), 0);
}
