//! `--check`: the program looks at its own window, sends one command and sees it confirmed.
//!
//! One JSON line on standard output and exit code 0, or what failed on standard error and exit code 1, within [`DEADLINE`].
//! On a live metropolis it only reads: nobody's street changes because a machine was being installed.

mod command;
mod page;

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use tauri::{Manager, WebviewWindow};
use tempfile::TempDir;
use vigie_api::Api;

use crate::host::Host;

/// The whole check, the first copy of a whole city included.
const DEADLINE: Duration = Duration::from_mins(2);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Runs the check, removes its files, and ends the program.
pub(crate) async fn run(host: Host, window: WebviewWindow, files: Option<TempDir>) {
    let late = |_| Err(anyhow!("the check did not end within {} s", DEADLINE.as_secs()));
    let code = match tokio::time::timeout(DEADLINE, look(&host, &window)).await.unwrap_or_else(late) {
        Ok(report) => {
            println!("{report}");
            0
        }
        Err(error) => {
            eprintln!("vigie --check: {error:#}");
            1
        }
    };
    host.shutdown(crate::SHUTDOWN).await;
    drop(files);
    // The window's own way out: a web view whose process goes from under it crashes. Only a window that hangs is left behind.
    window.app_handle().exit(code);
    tokio::time::sleep(crate::SHUTDOWN).await;
    std::process::exit(code);
}

async fn look(host: &Host, window: &WebviewWindow) -> anyhow::Result<Value> {
    let api = host.api().await.context("the program did not start")?;
    let status = ready(&api).await?;
    let drawn = page::drawn(window, DEADLINE / 3).await?;
    status_where(&api, "the link is not live", |status| Ok(at(status, "/link/state") == "live")).await?;
    let ready_at = wall_ms();
    let command = if at(&status, "/mode") == "live" { "skipped" } else { command::confirmed(&api).await? };
    let status = call(&api, "status", json!({})).await?;
    Ok(json!({
        "points": drawn.points,
        "first_paint_ms": drawn.first_paint_ms,
        "first_paint_at": drawn.first_paint_at,
        "ready_at": ready_at,
        "command": command,
        "link": at(&status, "/link/state"),
    }))
}

/// Waits until there is a city to show; says at once what stands in the way when a person would have to act.
async fn ready(api: &Api) -> anyhow::Result<Value> {
    status_where(api, "there is no city to show", |status| match at(status, "/phase").as_str() {
        Some("ready") => Ok(true),
        Some("sign_in") => Err(anyhow!(
            "the metropolis asks for a password, which --check cannot type: put it in the file that PGPASSFILE names{}",
            failure(status)
        )),
        Some("failed") => Err(anyhow!("the program cannot go on{}", failure(status))),
        _ => Ok(false),
    })
    .await
}

/// Waits for a status; `what` says what is missing when it does not come.
async fn status_where(api: &Api, what: &str, so: impl Fn(&Value) -> anyhow::Result<bool>) -> anyhow::Result<Value> {
    let mut last = Value::Null;
    let patience = DEADLINE / 2;
    let found = until(patience, async || {
        last = call(api, "status", json!({})).await?;
        Ok(so(&last)?.then(|| last.clone()))
    })
    .await?;
    found.with_context(|| format!("{what} after {} s{}", patience.as_secs(), failure(&last)))
}

/// When something was seen, ms since 1970: the page says it in the same clock.
#[allow(clippy::disallowed_methods, reason = "the report says when, for whoever measures a start from outside")]
fn wall_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The failure in a status, as the end of a sentence.
fn failure(status: &Value) -> String {
    let told = ["/failure", "/link/error"].into_iter().map(|path| at(status, path)).find(|told| !told.is_null());
    match told.map(|told| (at(told, "/code").as_str(), at(told, "/message").as_str())) {
        Some((Some(code), Some(message))) => format!(" ({code}: {message})"),
        _ => String::new(),
    }
}

/// A command of the api, by name.
async fn call(api: &Api, name: &str, args: Value) -> anyhow::Result<Value> {
    api.call(name, args).await.with_context(|| format!("the command {name} was refused"))
}

/// What stands at a path; null when there is nothing.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

/// Looks again and again until there is something, or `patience` is over.
async fn until<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Option<T>> {
    let looking = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(Some(found));
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(patience, looking).await.unwrap_or(Ok(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_code_and_the_link_s_when_there_is_no_other() {
        let link = json!({"failure": null, "link": {"error": {"code": "unreachable", "message": "nobody answers"}}});
        assert_eq!(failure(&link), " (unreachable: nobody answers)");
        assert_eq!(failure(&json!({"failure": null, "link": {"error": null}})), "");
    }
}
