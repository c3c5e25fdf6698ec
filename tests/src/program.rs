//! The built programs, beside this test in cargo's folder.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// What is delivered, and what serves development.
#[derive(Debug, Clone, Copy)]
pub enum Vigie {
    /// The window.
    Window,
    /// The tool of who runs a metropolis.
    Ctl,
    /// The development host.
    Devhost,
}

/// What a program said when it ended.
#[derive(Debug)]
pub struct Said {
    /// Its exit code; none when it was ended.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Vigie {
    /// The program, not started, without what the tester's own environment would tell it.
    pub fn command(self) -> anyhow::Result<Command> {
        let name = match self {
            Self::Window => "vigie",
            Self::Ctl => "vigiectl",
            Self::Devhost => "vigie-devhost",
        };
        // …/debug/deps/this-test → …/debug/vigie
        let here = std::env::current_exe()?;
        let folder = here.ancestors().nth(2).map_or_else(PathBuf::new, PathBuf::from);
        let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        ensure!(program.is_file(), "{} was not built: run `cargo xtask test`", program.display());
        let mut command = Command::new(program);
        for name in [
            "VIGIE_METROPOLIS",
            "VIGIE_CA",
            "VIGIE_CERT",
            "VIGIE_KEY",
            "VIGIE_KEYS",
            "VIGIE_DEVHOST_TOKEN",
            "PGPASSFILE",
            "PGPASSWORD",
            "PGUSER",
            "PGHOST",
        ] {
            command.env_remove(name);
        }
        Ok(command)
    }
}

/// Runs a program to its end. The programs of these tests end by themselves: each has its own deadlines.
pub fn finish(command: &mut Command) -> anyhow::Result<Said> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?} cannot be started"))?;
    Ok(Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A program that runs until it is dropped.
pub struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    /// Starts a program; what it prints can be waited for.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().context("no output")?;
        let (line, lines) = mpsc::channel();
        // Ends with the program: its output closes.
        std::thread::spawn(move || {
            for text in BufReader::new(out).lines().map_while(Result::ok) {
                if line.send(text).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, lines })
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its next line, within `patience`.
    pub fn line(&mut self, patience: Duration) -> anyhow::Result<String> {
        if let Ok(line) = self.lines.recv_timeout(patience) {
            return Ok(line);
        }
        bail!("nothing was printed within {} s ({:?})", patience.as_secs(), self.child.try_wait()?)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
