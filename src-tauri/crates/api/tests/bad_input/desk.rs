//! A desk for tests: the program as a host starts it.

use std::path::Path;
use std::time::Duration;

use clap::Parser;
use serde_json::{Value, json};
use vigie_api::{Api, Launch};

#[derive(Parser)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) launch: Launch,
}

/// How a test starts the program: its files in `folder`, its keys beside them.
pub(crate) fn base(folder: &Path) -> [&str; 7] {
    ["vigie", "--objects", "900", "--keys", "file", "--data-dir", folder.to_str().unwrap()]
}

pub(crate) async fn start(folder: &Path, args: &[&str]) -> Api {
    Api::start(Args::parse_from(base(folder).iter().chain(args)).launch).await.unwrap()
}

pub(crate) async fn call(api: &Api, name: &str, args: Value) -> Value {
    api.call(name, args).await.unwrap()
}

/// Waits until the status holds; fails after a minute with the last one.
pub(crate) async fn until(api: &Api, holds: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        last = call(api, "status", json!({})).await;
        if holds(&last) {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("did not come about: {last:#}");
}

pub(crate) fn phase_is(phase: &str) -> impl Fn(&Value) -> bool {
    move |status| status["phase"] == phase
}

pub(crate) fn is_live(status: &Value) -> bool {
    status["link"]["state"] == "live"
}
