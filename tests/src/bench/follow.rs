//! A workstation that follows a metropolis in a process of its own, and says when each turn of the writers was committed here.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use tokio::io::AsyncReadExt as _;
use vigie_core::link::LinkState;
use vigie_core::port::Changes;
use vigie_core::table::{Cell, EquipmentState, TableRow as _};
use vigie_engine::{Engine, Options};

use super::seat;
use crate::prove::client::KEY;
use crate::prove::telling::Telling;

/// A first copy takes no longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// Microseconds of this machine's clock: the same for every process.
#[allow(clippy::disallowed_methods, reason = "two processes of one machine compare their instants")]
pub fn micros() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

/// What runs in that process: the real engine on real files; ends when its input does.
pub async fn run(url: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let replica = vigie_store::replica::open(folder.path(), &KEY).await?;
    let outbox = vigie_store::outbox::open(folder.path(), &KEY).await?;
    let told = Mutex::new(HashSet::new());
    let source = EquipmentState::SPEC.position("source").context("no column source")?;
    let tell = move |changes: &Changes| tell(changes, source, &told);
    let parts = seat::parts(seat::plug(url, true), Arc::new(Telling { replica, tell }), &outbox, Options::default());
    let engine = Engine::start(parts).await?;
    let mut observed = engine.observe();
    while engine.status().link.state != LinkState::Live {
        let _ = observed.recv().await;
    }
    println!("ready");
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await?;
    engine.shutdown().await;
    Ok(())
}

/// A line for each turn that was not seen before.
fn tell(changes: &Changes, source: usize, told: &Mutex<HashSet<u64>>) {
    let at = micros();
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines = String::new();
    for row in changes.tables.iter().filter(|t| t.table.name == EquipmentState::SPEC.name).flat_map(|t| &t.rows) {
        let Some(Cell::Text(turn)) = row.cells.get(source) else { continue };
        let Some(turn) = turn.strip_prefix("turn ").and_then(|turn| turn.parse().ok()) else { continue };
        if told.insert(turn) {
            // Writing into a String cannot fail.
            let _ = writeln!(lines, "{turn} {at}");
        }
    }
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
}

/// Such a process, from outside.
pub struct Follower {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Follower {
    /// Starts it and waits until its copy is there and its link live.
    pub fn start(program: &Path, url: &str) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(["follow", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let out = child.stdout.take().context("no output")?;
        let (tell, lines) = mpsc::channel();
        // Ends with the process: its output closes.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let follower = Self { child, lines };
        match follower.lines.recv_timeout(PATIENCE) {
            Ok(line) if line == "ready" => Ok(follower),
            _ => bail!("the workstation did not come up"),
        }
    }

    /// Seconds of processor that it used so far.
    pub fn processor_time(&self) -> anyhow::Result<f64> {
        // proc(5): fields are counted from the bracket after the name; ticks are of 10 ms.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = |at: usize| after.split_whitespace().nth(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
        Ok((ticks(11) + ticks(12)) / 100.0)
    }

    /// Turn and instant of each commit that showed one first, heard since the last call.
    pub fn heard(&self) -> anyhow::Result<Vec<(u64, u64)>> {
        let mut heard = Vec::new();
        while let Ok(line) = self.lines.try_recv() {
            let (turn, at) = line.split_once(' ').with_context(|| format!("the workstation said {line}"))?;
            heard.push((turn.parse()?, at.parse()?));
        }
        Ok(heard)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
