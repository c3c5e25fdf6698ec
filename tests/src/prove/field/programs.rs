//! The gateway's own program as a campaign runs it: as house, as gateway, as the devices on the other side.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use vigie_testkit::preload::wrong_clock;

use crate::prove::city::PASSWORD;

/// A running program; killed when dropped.
pub struct Program(Child);

impl Program {
    /// `SIGSTOP`, as a machine that swaps.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    pub fn go_on(&self) -> anyhow::Result<()> {
        self.signal("-CONT")
    }

    /// `SIGKILL`: it writes nothing any more.
    pub fn end(&self) -> anyhow::Result<()> {
        self.signal("-KILL")
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let done = Command::new("kill").arg(signal).arg(self.0.id().to_string()).status()?;
        ensure!(done.success(), "kill {signal} failed");
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How programs of a campaign are started.
#[derive(Debug, Clone)]
pub struct Programs {
    program: PathBuf,
    folder: PathBuf,
    /// A library that makes the machine's clock wrong, where this machine permits one.
    pub clock: Option<PathBuf>,
}

impl Programs {
    /// `program` is `vigie-gateway`; what they need is written to a folder.
    pub fn new(program: &Path, folder: &Path, clock: Option<PathBuf>) -> anyhow::Result<Self> {
        ensure!(
            program.is_file(),
            "{} was not built: run `cargo xtask test` or `cargo xtask prove`",
            program.display()
        );
        let pass = folder.join("pass");
        std::fs::write(&pass, format!("*:*:*:*:{PASSWORD}\n"))?;
        #[cfg(unix)]
        std::fs::set_permissions(&pass, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { program: program.to_owned(), folder: folder.to_owned(), clock })
    }

    fn command(&self, url: &str) -> anyhow::Result<Command> {
        let log = File::options().create(true).append(true).open(self.folder.join("programs.log"))?;
        let mut command = Command::new(&self.program);
        command
            .env("VIGIE_METROPOLIS", url)
            .env("PGPASSFILE", self.folder.join("pass"))
            .env_remove("PGPASSWORD")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        Ok(command)
    }

    /// The house.
    pub fn house(&self, url: &str) -> anyhow::Result<Program> {
        Ok(Program(self.command(url)?.arg("--house").spawn()?))
    }

    /// A gateway, on a machine whose clock is wrong by so many seconds.
    pub fn gateway(&self, url: &str, lines: &Path, clock_s: i64) -> anyhow::Result<Program> {
        let mut command = self.command(url)?;
        command.arg("--field").arg(lines).envs(self.wrong(clock_s));
        Ok(Program(command.spawn()?))
    }

    /// What makes a program's clock wrong.
    pub fn wrong(&self, seconds: i64) -> Vec<(String, String)> {
        let clock = self.clock.as_ref().filter(|_| seconds != 0);
        clock.map_or_else(Vec::new, |clock| wrong_clock(clock, seconds).into())
    }

    /// The devices, which write down what reaches them; returns once they play.
    pub fn devices(&self, url: &str, lines: &Path, log: &Path, seed: u64, faults: f64) -> anyhow::Result<Program> {
        let mut command = self.command(url)?;
        command.arg("simulate").arg("--field").arg(lines).arg("--log").arg(log);
        command.args(["--seed", &seed.to_string(), "--faults", &faults.to_string()]).stdout(Stdio::piped());
        let mut program = Program(command.spawn()?);
        let out = program.0.stdout.take().context("no output")?;
        let mut said = String::new();
        BufReader::new(out).read_line(&mut said)?;
        let why = || std::fs::read_to_string(self.folder.join("programs.log")).unwrap_or_default();
        ensure!(said.contains("are played"), "the devices do not play: {said}{}", why());
        Ok(program)
    }
}
