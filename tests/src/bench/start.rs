//! `start`: the delivered program on a warm copy of a whole city, beside an empty Tauri window in the same minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde_json::Value;
use vigie_core::rights::Role;

use super::measure::Order;
use super::spread::{quantile, told};
use super::town::{Town, now};
use crate::family::family;
use crate::program::Running;
use crate::result::Found;

/// Times the empty window until the last known city is drawn.
const DRAWN: f64 = 1.5;
/// And until one may command.
const READY: f64 = 2.0;
/// MB over the empty window.
const MEMORY: f64 = 220.0;
/// Longest wait for a window to show something.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let (vigie, empty) = (program("VIGIE_WINDOW")?, program("VIGIE_EMPTY_WINDOW")?);
    let objects = if order.quick { 20_000 } else { 100_000 };
    let rounds = if order.quick { 3 } else { 9 };
    let desk = Desk::open(vigie, objects).await?;
    // The first run copies the city: from then on the copy is warm, and so are the system's caches.
    desk.start()?;
    paint(&empty)?;

    let (mut empties, mut drawn, mut ready) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        empties.push(paint(&empty)?);
        let (at, able) = desk.start()?;
        drawn.push(at);
        ready.push(able);
    }
    let nothing = held(Command::new(&empty).env(RENDERER, "1"), rounds.min(3))?;
    let city = held(&mut desk.command(), rounds.min(3))?;

    let base = quantile(&empties, 0.5);
    let ratios = |values: &[f64]| values.iter().map(|value| value / base).collect::<Vec<_>>();
    let (drawn_ratio, ready_ratio) = (ratios(&drawn), ratios(&ready));
    let over = quantile(&city, 0.5) - quantile(&nothing, 0.5);
    let mut found = Found::new(
        "bench-start",
        "The release program from its start to the last known city on the screen, and to a live link on which one may command: a \
         warm encrypted copy from a real PostgreSQL, on a virtual display, in turns with an empty Tauri window of the same size. \
         Memory is the proportional share (PSS) of all processes once it no longer moves.",
        0,
    );
    found.figure("objects", objects);
    found.figure("rounds", rounds);
    found.figure("last known city drawn, ms", told(&drawn, 0));
    found.figure(&format!("last known city drawn, × the empty window (≤ {DRAWN})"), told(&drawn_ratio, 2));
    found.figure("ready to command, ms", told(&ready, 0));
    found.figure(&format!("ready to command, × the empty window (≤ {READY})"), told(&ready_ratio, 2));
    found.figure("PSS of all processes, MB", told(&city, 0));
    found.figure(&format!("PSS over the empty window, MB (≤ {MEMORY})"), format!("{over:.0}"));
    found.peers.insert("empty Tauri window, first paint, ms".into(), told(&empties, 0).into());
    found.peers.insert("empty Tauri window, PSS, MB".into(), told(&nothing, 0).into());
    found.met = quantile(&drawn_ratio, 0.5) <= DRAWN && quantile(&ready_ratio, 0.5) <= READY && over <= MEMORY;
    found.notes.push("No GPU and no window manager: both windows draw by the processor.".to_owned());
    Ok(found)
}

const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

fn program(variable: &str) -> anyhow::Result<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named
        .filter(|path| path.is_file())
        .with_context(|| format!("{variable} names no program: run `cargo xtask bench start`"))
}

/// Ms since 1970, the clock that a page has as well.
#[allow(clippy::disallowed_methods, reason = "what a page says in wall-clock time is compared with")]
fn wall() -> anyhow::Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1_000.0)
}

/// A metropolis with a city in it, and a workstation that has its copy.
struct Desk {
    vigie: PathBuf,
    town: Town,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn open(vigie: PathBuf, objects: u64) -> anyhow::Result<Self> {
        let town = Town::found(objects).await?;
        let states = "INSERT INTO vigie.equipment_state (equipment_id, reading, quality, observed_at, received_at, source, reach, \
                      mode, version, control_version) \
                      SELECT equipment_id, '{\"on\": true, \"level\": 100}', 'good', vigie.now(), vigie.now(), 'gateway', 'reachable', \
                      'programme', 1, 1 FROM vigie.equipment";
        // A live metropolis: the program's own check only reads there.
        let live = "SET session_replication_role = replica; UPDATE vigie.metropolis SET mode = 'live'";
        let mut owner = town.database.connect().await?;
        for sql in [states, "VACUUM (ANALYZE) vigie.equipment_state", live] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await?;
        }
        let folder = tempfile::tempdir()?;
        let passfile = folder.path().join("pgpass");
        fs::write(&passfile, format!("*:*:*:*:{}\n", super::town::PASSWORD))?;
        #[cfg(unix)]
        fs::set_permissions(&passfile, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { vigie, town, folder })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.vigie);
        let url = self.town.database.url(&format!("bench_{}", Role::Supervisor));
        command.args(["--metropolis", &url, "--keys", "file", "--data-dir"]).arg(self.folder.path().join("data"));
        command.env("PGPASSFILE", self.folder.path().join("pgpass")).env_remove(RENDERER);
        command
    }

    /// Milliseconds from the start to the city on the screen, and to a live link.
    fn start(&self) -> anyhow::Result<(f64, f64)> {
        let begun = wall()?;
        let output = self.command().arg("--check").stdin(Stdio::null()).output()?;
        ensure!(output.status.success(), "the window failed: {}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let since = |key: &str| {
            let at = report.get(key).and_then(Value::as_f64).with_context(|| format!("no {key} in {report}"))?;
            anyhow::Ok(at - begun)
        };
        Ok((since("first_paint_at")?, since("ready_at")?))
    }
}

/// Milliseconds from the start of an empty window to its first paint.
fn paint(empty: &Path) -> anyhow::Result<f64> {
    let begun = wall()?;
    let mut window = Running::start(Command::new(empty).env(RENDERER, "1"))?;
    let painted: f64 = window.line(PATIENCE)?.trim().parse()?;
    Ok(painted - begun)
}

/// What all processes of a program hold once it no longer moves, MB, so many times.
fn held(command: &mut Command, times: usize) -> anyhow::Result<Vec<f64>> {
    let mut settled = Vec::new();
    for _ in 0..times {
        let window = Running::start(command)?;
        settled.push(rest(window.id())?);
    }
    Ok(settled)
}

/// Waits until the memory of a program and of all it started stays within two parts in a hundred for five seconds.
#[allow(clippy::disallowed_methods, reason = "a measure looks now and then; nothing tells it that a program rests")]
fn rest(root: u32) -> anyhow::Result<f64> {
    let begun = now();
    let (mut since, mut level) = (now(), 0.0_f64);
    loop {
        let held = proportional(root)?;
        if (held - level).abs() > level * 0.02 {
            (since, level) = (now(), held);
        }
        if since.elapsed() > Duration::from_secs(5) && begun.elapsed() > Duration::from_secs(10) {
            return Ok(held);
        }
        ensure!(begun.elapsed() < PATIENCE, "the memory of the window never rests");
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// The proportional share of a process and of all that it started, MB.
fn proportional(root: u32) -> anyhow::Result<f64> {
    let share = |id: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
        let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    Ok(family(root)?.iter().filter_map(share).sum::<f64>() / 1024.0)
}
