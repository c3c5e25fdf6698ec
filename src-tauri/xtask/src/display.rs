//! A virtual display where there is none. The program never starts one; the xtask lends it one for a check or a test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

use crate::packages;

/// A display, ours while this lives.
pub(crate) struct Display {
    server: Option<Child>,
    name: Option<String>,
}

/// Whether this session has a screen.
pub(crate) fn is_there() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

impl Display {
    /// The session's own display, or a virtual one.
    pub(crate) fn obtain() -> anyhow::Result<Self> {
        if is_there() { Ok(Self { server: None, name: None }) } else { Self::start() }
    }

    /// A virtual display. The server chooses its number (a fixed one collides) and writes it when it is ready.
    pub(crate) fn start() -> anyhow::Result<Self> {
        packages::ensure(packages::DISPLAY)?;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb cannot be started")?;
        let mut number = String::new();
        let said = server.stdout.take().context("Xvfb has no output")?;
        let read = BufReader::new(said).read_line(&mut number);
        let display = Self { server: Some(server), name: Some(format!(":{}", number.trim())) };
        ensure!(read.is_ok() && !number.trim().is_empty(), "Xvfb did not open a display");
        Ok(display)
    }

    /// Shows `command` on it.
    pub(crate) fn lend(&self, command: &mut Command) {
        if let Some(name) = &self.name {
            command.env("DISPLAY", name).env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11");
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
