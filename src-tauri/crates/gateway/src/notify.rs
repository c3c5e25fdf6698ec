//! The program of IT that tells the person on call: a pager, a telephone, a text message.
//!
//! Guarantees: the house never waits for it; a notice is told by one run at a time, and again after a pause until a run ends
//! well; nothing about people is handed to it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::task::JoinSet;
use uuid::Uuid;
use vigie_core::table::Notice;

use crate::pause;

/// Longest run of the program.
const LONGEST: Duration = Duration::from_secs(30);

/// Runs the program.
pub(crate) struct Notifier {
    program: PathBuf,
    runs: JoinSet<(Uuid, bool)>,
    under_way: HashSet<Uuid>,
    told: HashSet<Uuid>,
    failures: HashMap<Uuid, u32>,
}

impl Notifier {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self {
            program,
            runs: JoinSet::new(),
            under_way: HashSet::new(),
            told: HashSet::new(),
            failures: HashMap::new(),
        }
    }

    /// Begins to tell what is not told yet. Those that went away meanwhile are forgotten.
    pub(crate) fn tell(&mut self, unsent: Vec<Notice>) {
        let unsent_ids: HashSet<Uuid> = unsent.iter().map(|notice| notice.notice_id).collect();
        self.told.retain(|id| unsent_ids.contains(id));
        self.failures.retain(|id, _| unsent_ids.contains(id));
        for notice in unsent {
            let id = notice.notice_id;
            if self.told.contains(&id) || !self.under_way.insert(id) {
                continue;
            }
            let wait = self.failures.get(&id).map_or(Duration::ZERO, |failures| pause::after(*failures, 0.5));
            let program = self.program.clone();
            self.runs.spawn(async move {
                tokio::time::sleep(wait).await;
                let ran = tokio::time::timeout(LONGEST, run(&program, &notice)).await;
                match ran {
                    Ok(Ok(true)) => (id, true),
                    Ok(Ok(false)) => {
                        tracing::warn!(program = %program.display(), "the person on call was not told: it ended with an error");
                        (id, false)
                    }
                    Ok(Err(error)) => {
                        tracing::error!(program = %program.display(), %error, "the person on call was not told: it cannot be run");
                        (id, false)
                    }
                    Err(_) => {
                        tracing::warn!(program = %program.display(), "the person on call was not told in time");
                        (id, false)
                    }
                }
            });
        }
    }

    /// Notices that were told since the last turn. Said again until the metropolis shows them as sent.
    pub(crate) fn told(&mut self) -> Vec<Uuid> {
        while let Some(ended) = self.runs.try_join_next() {
            let Ok((id, told)) = ended else { continue };
            self.under_way.remove(&id);
            if told {
                self.told.insert(id);
                self.failures.remove(&id);
            } else {
                let failures = self.failures.entry(id).or_default();
                *failures = failures.saturating_add(1);
            }
        }
        self.told.iter().copied().collect()
    }
}

async fn run(program: &Path, notice: &Notice) -> std::io::Result<bool> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let line = json!({
        "notice_id": notice.notice_id, "reason": notice.reason, "alarm_id": notice.alarm_id,
        "command_id": notice.command_id, "raised_at": notice.raised_at,
    });
    if let Some(mut input) = child.stdin.take() {
        // A program that reads nothing is not an error.
        let _ = input.write_all(format!("{line}\n").as_bytes()).await;
    }
    Ok(child.wait().await?.success())
}
