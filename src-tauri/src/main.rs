//! The desktop shell of Vigie: windows over the api. It knows no domain.
//!
//! | module | what it holds |
//! |---|---|
//! | [`host`] | the api, started beside the window, and the four commands that reach it |
//! | [`window`] | the windows: titles, navigation, a web process that dies |
//! | [`places`] | where they stand, on screens that come and go |
//! | [`station`] | what the page may ask of the workstation |
//! | [`single`] | one program at a time |
//! | [`renderer`] | how WebKitGTK draws, decided before it starts |
//! | [`check`] | `--check`: the program looks at itself and says what it saw |
//!
//! It never starts a display: on a machine without one, `cargo xtask run --check` gives it one.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod check;
mod host;
mod places;
mod renderer;
mod single;
mod station;
mod window;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tauri::{Manager, RunEvent};
use tracing_subscriber::EnvFilter;
use vigie_api::{ApiError, Launch};

use crate::host::Host;

/// How long the end of the program waits for the api to put its files away.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// Supervises and pilots the public equipment of a metropolis. Without `--metropolis`, opens the training city.
#[derive(Debug, Parser)]
#[command(name = "vigie", version)]
struct Args {
    #[command(flatten)]
    launch: Launch,
    /// Open the window, wait for the map, send one command, say how it went in one JSON line, and end.
    #[arg(long)]
    check: bool,
    /// Wipe the local files of every account of this session, or of the one that --login names, and end. Refuses while
    /// something in them was not sent.
    #[arg(long)]
    forget: bool,
    /// Give the local files of every account of this session another key, and end.
    #[arg(long, conflicts_with = "forget")]
    rotate_key: bool,
    /// With --forget: a new file that takes what was not sent.
    #[arg(long, value_name = "FILE", requires = "forget")]
    export: Option<PathBuf>,
}

fn main() -> ExitCode {
    renderer::settle();
    let args = Args::parse();
    let filter = EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| EnvFilter::new("warn,vigie=info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    vigie_api::keep_private();
    if args.forget {
        return forget(&args);
    }
    if args.rotate_key {
        return rotate_key(&args);
    }
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the window cannot open: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn forget(args: &Args) -> ExitCode {
    let done = tauri::async_runtime::block_on(vigie_api::forget(&args.launch, args.export.as_deref()));
    said(done.map(|folders| format!("wiped {folders} folder(s) of local files")))
}

fn rotate_key(args: &Args) -> ExitCode {
    let done = tauri::async_runtime::block_on(vigie_api::rotate_keys(&args.launch));
    said(done.map(|folders| {
        format!(
            "gave {folders} folder(s) of local files another key; their passwords open them during a cut again once their \
             accounts have signed in with the metropolis"
        )
    }))
}

/// What a person at a terminal is told, and the end of the program.
fn said(done: Result<String, ApiError>) -> ExitCode {
    match done {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("vigie: {}", error.message);
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Args) -> anyhow::Result<()> {
    // A check leaves the files of whoever works here alone, and meets a first start.
    let files = if args.check && args.launch.data_dir.is_none() { Some(tempfile::tempdir()?) } else { None };
    if let Some(files) = &files {
        args.launch.data_dir = Some(files.path().to_owned());
    }
    let training = args.launch.metropolis.is_none();
    let folder = args.launch.data_dir()?;
    let mut builder = tauri::Builder::default();
    if let Some(plugin) = single::plugin(&args.launch) {
        // Before the others: a second program ends here.
        builder = builder.plugin(plugin);
    }
    let app = builder
        .plugin(tauri_plugin_autostart::Builder::new().args(station::arguments()).build())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(tauri::generate_handler![
            host::call,
            host::points,
            host::ground,
            host::ground_tile,
            host::subscribe,
            station::open_window,
            station::notify,
            station::starts_with_session,
            station::start_with_session,
            station::has_sound
        ])
        .setup(move |app| {
            let host = Host::start(args.launch, app.handle());
            app.manage(host.clone());
            app.manage(window::Training(training));
            let window = window::open(app.handle(), window::MAIN)?;
            places::keep(app.handle(), &folder);
            if args.check {
                // Its own thread: the check looks, it serves nobody.
                std::thread::spawn(move || tauri::async_runtime::block_on(check::run(host, window, files)));
            }
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(move |app, event| {
        if matches!(event, RunEvent::Exit)
            && let Some(host) = app.try_state::<Host>()
        {
            tauri::async_runtime::block_on(host.shutdown(SHUTDOWN));
        }
    });
    Ok(())
}
