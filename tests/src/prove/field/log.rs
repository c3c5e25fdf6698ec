//! What the simulated devices wrote down of the commands that reached them.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;
use vigie_core::ids::CommandId;
use vigie_core::time::Timestamp;

/// One line of their log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, by the devices' clock.
    pub at: Timestamp,
    /// Of which command.
    pub command_id: CommandId,
    /// On which device.
    pub reference: String,
    /// What.
    pub what: What,
}

/// What devices write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The broker brought a command.
    Received {
        /// Code of what it asked.
        action: String,
        /// Until when it lived, as its message said.
        expires_at: Option<Timestamp>,
    },
    /// The device did it, or why not.
    Did(Result<(), String>),
    /// Its answer left.
    Answered,
    /// A plan was told its end.
    Ended,
}

/// Reads a log; nothing that devices wrote is left out.
pub fn read(path: &Path) -> anyhow::Result<Vec<Line>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} was not written", path.display()))?;
    text.lines().map(|line| one(line).with_context(|| format!("not a line of the devices' log: {line}"))).collect()
}

fn one(line: &str) -> Option<Line> {
    let said: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
    let what = match text("what")?.as_str() {
        "received" => What::Received {
            action: text("action")?,
            expires_at: said.get("expires_at").and_then(Value::as_i64).map(Timestamp),
        },
        "did" if said.get("done") == Some(&true.into()) => What::Did(Ok(())),
        "did" => What::Did(Err(text("reason").unwrap_or_default())),
        "answered" => What::Answered,
        "ended" => What::Ended,
        _ => return None,
    };
    let at = Timestamp(said.get("at")?.as_i64()?);
    Some(Line { at, command_id: CommandId(text("command_id")?.parse().ok()?), reference: text("reference")?, what })
}
