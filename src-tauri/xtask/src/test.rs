//! `cargo xtask test`: installs what it needs and runs everything. CI runs this and nothing else.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use clap::Args;

use crate::display::Display;
use crate::plan::Plan;
use crate::process::{cargo, program, run as start};
use crate::programs::{CTL, DEVHOST};
use crate::{browser, check, database, interface, packages, place};

/// Which steps to take.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Only the steps whose name contains one of these words, with their preparations.
    only: Vec<String>,
}

/// Runs it.
pub(crate) fn run(args: &TestArgs) -> ExitCode {
    let server: OnceCell<PathBuf> = OnceCell::new();
    let chromium: OnceCell<PathBuf> = OnceCell::new();
    let with_server = |command: &mut Command| {
        if let Some(bin) = server.get() {
            command.env(database::VARIABLE, bin);
        }
    };

    let mut plan = Plan::only(&args.only);
    plan.prepare("system packages", &[], || {
        let wanted = [packages::WINDOW, packages::DISPLAY, packages::WEB_VIEW, packages::SESSION, packages::BROKER];
        packages::ensure(&wanted.concat())
    });
    plan.prepare("interface packages", &[], interface::install);
    plan.step("interface unit tests", &["interface packages"], || interface::script("test"));
    plan.prepare("interface build", &["interface packages"], || {
        if args.only.is_empty() { interface::rebuild() } else { interface::build() }
    });
    plan.prepare("programs", &["system packages", "interface build"], || {
        // Everything in one pass, tests included: asked for one by one, packages would each choose the features of their
        // libraries, and compile them again.
        start(&mut cargo(&["build", "--workspace", "--all-targets"]))
    });
    plan.prepare("postgresql", &[], || {
        if let Some(bin) = database::ensure()? {
            let _ = server.set(bin);
        }
        Ok(())
    });
    plan.step("rust tests", &["programs", "postgresql"], || {
        let mut command = workspace_tests(&[]);
        with_server(&mut command);
        start(&mut command)
    });
    check::steps(&mut plan, Some(&DEVHOST.path(false)));
    plan.step("chromium for journeys", &[], || {
        let _ = chromium.set(browser::ensure()?);
        Ok(())
    });
    plan.step("browser journeys", &["programs", "chromium for journeys", "postgresql"], || {
        journeys(chromium.get().context("no browser")?, server.get())
    });
    plan.step("the real window", &["programs", "postgresql"], || {
        let display = Display::start()?;
        let tests = ["command_line", "local_files", "real_window", "operator", "workstation"];
        let mut command = workspace_tests(&tests.map(|name| ["--test", name]).concat());
        command.args(["--", "--ignored", "--test-threads", "1"]);
        with_server(&mut command);
        display.lend(&mut command);
        start(&mut command)
    });
    plan.close()
}

/// The Rust tests; those of the window are ignored unless asked for. Not nextest, even where it is installed: it gives each test a process, and with it
/// a PostgreSQL server of its own, where the tests of one program share one.
fn workspace_tests(which: &[&str]) -> Command {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast", "--quiet"]);
    command.args(which);
    command
}

/// Stories played in a browser on the real core.
fn journeys(chromium: &Path, server: Option<&PathBuf>) -> anyhow::Result<()> {
    let ui = place::interface();
    let mut arguments = vec!["--test".to_owned(), "--test-concurrency=1".to_owned()];
    let folder = fs::read_dir(ui.join("tests/e2e")).context("ui/tests/e2e is missing")?;
    let mut files: Vec<String> = folder
        .flatten()
        .map(|entry| format!("tests/e2e/{}", entry.file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".test.mjs"))
        .collect();
    ensure!(!files.is_empty(), "ui/tests/e2e holds no journey");
    files.sort();
    arguments.extend(files);
    let mut command = program("node", &arguments, &ui);
    command
        .env(browser::VARIABLE, chromium)
        .env("VIGIE_DEVHOST", DEVHOST.path(false))
        .env("VIGIE_CTL", CTL.path(false));
    if let Some(programs) = server {
        command.env(database::VARIABLE, programs);
    }
    start(&mut command)
}
