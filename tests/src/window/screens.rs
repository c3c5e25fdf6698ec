//! A display as wide as two screens, of which the right half may be lost.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::program::{Running, finish};

/// Each half has this size, pixels.
pub const SIZE: (i32, i32) = (1200, 800);

/// The display, until it is dropped.
pub struct Screens {
    display: String,
    _server: Running,
}

impl Screens {
    /// Starts it with both halves.
    pub fn start() -> anyhow::Result<Self> {
        let (width, height) = SIZE;
        let mut command = Command::new("Xvfb");
        // Without `-noreset` it forgets the narrow mode as soon as nobody looks.
        command.args(["-noreset", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &both()]);
        command.stderr(Stdio::null());
        let mut server = Running::start(&mut command).context("Xvfb is missing: run `cargo xtask test`")?;
        let display = format!(":{}", server.line(Duration::from_secs(20))?.trim());
        let screens = Self { display, _server: server };
        // What follows the width are the clock and the pauses of a signal that no cable carries here.
        let timing = [60, width, width + 8, width + 16, width + 32, height, height + 1, height + 2, height + 10];
        let timing = timing.map(|number| number.to_string());
        let mode: Vec<&str> = ["--newmode", "left"].into_iter().chain(timing.iter().map(String::as_str)).collect();
        screens.xrandr(&mode)?;
        screens.xrandr(&["--addmode", "screen", "left"])?;
        Ok(screens)
    }

    /// Lets a program show itself on it.
    pub fn lend(&self, command: &mut Command) {
        command.env("DISPLAY", &self.display).env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11");
    }

    /// Pulls the right half out.
    pub fn lose_right(&self) -> anyhow::Result<()> {
        self.xrandr(&["--output", "screen", "--mode", "left"])
    }

    /// Plugs it in again.
    pub fn gain_right(&self) -> anyhow::Result<()> {
        self.xrandr(&["--output", "screen", "--mode", both().trim_end_matches("x24")])
    }

    fn xrandr(&self, args: &[&str]) -> anyhow::Result<()> {
        let said = finish(Command::new("xrandr").arg("--display").arg(&self.display).args(args))?;
        ensure!(said.code == Some(0), "xrandr {args:?} failed: {}", said.err);
        Ok(())
    }

    /// The program's windows, the uppermost first.
    pub fn windows(&self) -> anyhow::Result<Vec<Shown>> {
        let said = finish(Command::new("xwininfo").args(["-display", &self.display, "-root", "-tree"]))?;
        ensure!(said.code == Some(0), "xwininfo failed: {}", said.err);
        Ok(said.out.lines().filter_map(shown).filter(|window| window.title.starts_with("Vigie")).collect())
    }
}

/// A window on the display.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its title.
    pub title: String,
    /// Its left edge, pixels.
    pub left: i32,
}

/// Width, height and depth of the whole.
fn both() -> String {
    let (width, height) = SIZE;
    format!("{}x{height}x24", 2 * width)
}

/// A window from a line such as `0x400003 "Vigie": ("vigie" "Vigie")  1366x768+10+10  +1210+10`: the last word is its place.
fn shown(line: &str) -> Option<Shown> {
    let title = line.split('"').nth(1)?.to_owned();
    let at = line.split_whitespace().last()?;
    let sign = if at.starts_with('-') { -1 } else { 1 };
    let number: i32 = at.get(1..)?.split(['+', '-']).next()?.parse().ok()?;
    Some(Shown { title, left: sign * number })
}

#[cfg(test)]
mod tests {
    use super::{Shown, shown};

    #[test]
    fn the_place_of_a_window_is_the_last_word_of_its_line() {
        let line = "     0x400003 \"Vigie — FORMATION\": (\"vigie\" \"Vigie\")  1366x768+10+10  +1210+10";
        assert_eq!(shown(line), Some(Shown { title: "Vigie — FORMATION".to_owned(), left: 1210 }));
        assert_eq!(shown("0x4 \"x\": ()  10x10+0+0  -40+7").map(|window| window.left), Some(-40));
        assert_eq!(shown("0x4 (has no name)"), None);
    }
}
