//! A workstation in a process of its own: started, heard, paused, killed with `kill -9`, and read when it is no more.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;
use uuid::Uuid;
use vigie_core::port::{Cut, Outbox};
use vigie_core::time::Timestamp;
use vigie_metropolis::PgMetropolis;
use vigie_testkit::copy::{copy, differences};

use super::client::{KEY, Start};
use super::history::DeskHistory;

/// A workstation over its lives.
pub struct Workstation {
    program: PathBuf,
    start: Start,
    environment: Vec<(String, String)>,
    life: Option<Life>,
    heard: Heard,
}

struct Life {
    child: Child,
    stdin: ChildStdin,
    /// With the instant at which each was said.
    lines: mpsc::Receiver<(Instant, String)>,
}

#[allow(clippy::disallowed_methods, reason = "how long a person waits is measured")]
fn now() -> Instant {
    Instant::now()
}

/// What it said over all its lives.
#[derive(Debug, Default)]
struct Heard {
    promised: Vec<String>,
    cuts: Vec<Cut>,
    on_shift: bool,
    stores: Vec<String>,
    stalled: bool,
    link: String,
    refused: BTreeMap<String, u64>,
}

impl Workstation {
    /// A workstation that is off. `program` is `vigie-prove`, which becomes one when told so.
    pub fn new(program: &Path, start: Start) -> Self {
        Self { program: program.to_owned(), start, environment: Vec::new(), life: None, heard: Heard::default() }
    }

    /// The same, in another environment.
    #[must_use]
    pub fn under(mut self, environment: Vec<(String, String)>) -> Self {
        self.environment = environment;
        self
    }

    /// Its login.
    pub fn login(&self) -> &str {
        &self.start.login
    }

    /// Promises heard so far.
    pub fn promises(&self) -> usize {
        self.heard.promised.len()
    }

    /// What its engine refused, by code.
    pub fn refused(&self) -> &BTreeMap<String, u64> {
        &self.heard.refused
    }

    /// Switches it on, and waits until its engine runs.
    pub fn switch_on(&mut self) -> anyhow::Result<()> {
        self.start.life += 1;
        let mut child = Command::new(&self.program)
            .arg("workstation")
            .args(self.start.arguments())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{} cannot be started", self.program.display()))?;
        let stdin = child.stdin.take().context("no input")?;
        let out = child.stdout.take().context("no output")?;
        let (tell, lines) = mpsc::channel();
        // Ends with the process: its output closes.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if tell.send((now(), line)).is_err() {
                    return;
                }
            }
        });
        self.life = Some(Life { child, stdin, lines });
        self.wait_for(&["started"], Duration::from_secs(60))?;
        Ok(())
    }

    /// Waits until it heard the metropolis for the first time in this life.
    pub fn wait_ready(&mut self) -> anyhow::Result<()> {
        self.wait_for(&["ready"], Duration::from_secs(180)).map(|_| ())
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.life.is_some()
    }

    /// `kill -9`, and what it had said.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut life) = self.life.take() {
            life.child.kill()?;
            life.child.wait()?;
            while let Ok((_, line)) = life.lines.recv() {
                self.heard.note(&line)?;
            }
        }
        Ok(())
    }

    /// Stops its clock hand, as a machine that swaps: `SIGSTOP`.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    pub fn go_on(&self) -> anyhow::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        if let Some(life) = &self.life {
            let done = Command::new("kill").arg(signal).arg(life.child.id().to_string()).status()?;
            anyhow::ensure!(done.success(), "kill {signal} failed");
        }
        Ok(())
    }

    /// Hears what it said meanwhile.
    pub fn listen(&mut self) -> anyhow::Result<()> {
        while let Some((_, line)) = self.life.as_ref().and_then(|life| life.lines.try_recv().ok()) {
            self.heard.note(&line)?;
        }
        Ok(())
    }

    /// Tells it to stop working and to come to rest.
    pub fn tell_rest(&mut self) -> anyhow::Result<()> {
        self.tell("rest")
    }

    /// Waits until it came to rest, or stalled.
    pub fn wait_rest(&mut self) -> anyhow::Result<()> {
        let (_, said) = self.wait_for(&["rested", "stalled"], Duration::from_secs(150))?;
        self.heard.stalled = said == "stalled";
        Ok(())
    }

    /// Tells it to end once it heard the metropolis at or after this time, and waits until it did.
    pub fn end(&mut self, heard: Timestamp) -> anyhow::Result<()> {
        self.tell(&format!("end {}", heard.0))?;
        self.wait_for(&["ended"], Duration::from_secs(150))?;
        if let Some(Life { mut child, stdin, .. }) = self.life.take() {
            // The process reads its input until that ends.
            drop(stdin);
            child.wait()?;
        }
        Ok(())
    }

    fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let life = self.life.as_mut().context("the workstation is off")?;
        writeln!(life.stdin, "{line}")?;
        Ok(life.stdin.flush()?)
    }

    fn wait_for(&mut self, wanted: &[&str], patience: Duration) -> anyhow::Result<(Instant, String)> {
        loop {
            let life = self.life.as_ref().context("the workstation is off")?;
            let (at, line) = life
                .lines
                .recv_timeout(patience)
                .with_context(|| format!("{}: none of {wanted:?} was said", self.start.login))?;
            self.heard.note(&line)?;
            if wanted.contains(&line.as_str()) {
                return Ok((at, line));
            }
        }
    }

    /// Waits until its link is shown in one of these states, and says when that was.
    pub fn wait_link(&mut self, states: &[&str], patience: Duration) -> anyhow::Result<Instant> {
        let wanted: Vec<_> = states.iter().map(|state| format!("link {state}")).collect();
        let wanted: Vec<_> = wanted.iter().map(String::as_str).collect();
        Ok(self.wait_for(&wanted, patience)?.0)
    }

    /// Whether its link was last shown so.
    pub fn link_is(&self, state: &str) -> bool {
        self.heard.link == state
    }

    /// What it wrote down, read from its files after its end, and how its replica compares with the metropolis.
    pub async fn history(&mut self, session: &PgMetropolis) -> anyhow::Result<DeskHistory> {
        let outbox = vigie_store::outbox::open(&self.start.folder, &KEY).await?;
        let mut entries = Vec::new();
        for entry in outbox.recent(u32::MAX).await? {
            let events = outbox.events(entry.order.command_id).await?;
            entries.push((entry, events));
        }
        entries.sort_by_key(|(entry, _)| entry.position);
        outbox.close().await;
        let mut divergence = self.divergence(session).await?;
        divergence.extend(self.heard.stores.iter().map(|code| format!("a local file failed: {code}")));
        if self.heard.stalled {
            divergence.push("it did not come to rest".to_owned());
        }
        Ok(DeskHistory {
            login: self.start.login.clone(),
            entries,
            promised: self.heard.promised.clone(),
            cuts: self.heard.cuts.clone(),
            on_shift: self.heard.on_shift,
            divergence,
        })
    }

    async fn divergence(&mut self, session: &PgMetropolis) -> anyhow::Result<Vec<String>> {
        let replica = vigie_store::replica::open(&self.start.folder, &KEY).await?;
        let fresh = copy(session).await?;
        let found = differences(&replica, &fresh).await?;
        replica.close().await;
        Ok(found)
    }
}

impl Drop for Workstation {
    fn drop(&mut self) {
        if let Some(mut life) = self.life.take() {
            let _ = life.child.kill();
            let _ = life.child.wait();
        }
    }
}

impl Heard {
    fn note(&mut self, line: &str) -> anyhow::Result<()> {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("promised"), Some(tag), ..) => self.promised.push(tag.to_owned()),
            (Some("cut"), Some(epoch), Some(xmin), Some(at)) => self.cuts.push(Cut {
                epoch: Uuid::parse_str(epoch)?,
                timeline: 1,
                xmin: xmin.parse()?,
                snapshot: String::new(),
                at: Timestamp(at.parse()?),
            }),
            (Some("store"), Some(code), ..) => self.stores.push(code.to_owned()),
            (Some("refused"), Some(code), ..) => *self.refused.entry(code.to_owned()).or_default() += 1,
            (Some("link"), Some(state), ..) => state.clone_into(&mut self.link),
            (Some("on"), ..) => self.on_shift = true,
            (Some("off"), ..) => self.on_shift = false,
            _ => {}
        }
        Ok(())
    }
}
