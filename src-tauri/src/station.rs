//! What the page may ask of the workstation: another window, a notification, the start with the session, whether sound goes out.

use std::path::{Path, PathBuf};

use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt as _;
use tauri_plugin_notification::NotificationExt as _;
use vigie_api::ApiError;

use crate::window::{self, BESIDE};

/// A notification is a line on a lock screen, not a letter.
const LONGEST: usize = 200;

/// Opens a window beside the main one, or brings it to the front. Waits off the main thread: the window is built on it.
#[tauri::command]
pub(crate) async fn open_window(app: AppHandle, view: String) -> Result<(), ApiError> {
    let Some(label) = BESIDE.iter().find(|label| **label == view) else {
        return Err(ApiError::new("bad_request", format!("no window {view}: there are {}", BESIDE.join(", "))));
    };
    window::open(&app, label).map(drop).map_err(|error| refused(&error))
}

/// Shows a notification of the system. The page says what is in it, and puts no person's data there.
#[tauri::command]
pub(crate) async fn notify(app: AppHandle, title: String, text: String) -> Result<(), ApiError> {
    let cut = |text: String| text.chars().take(LONGEST).collect::<String>();
    app.notification().builder().title(cut(title)).body(cut(text)).show().map_err(|error| refused(&error))
}

/// Whether the program starts with the session.
#[tauri::command]
pub(crate) async fn starts_with_session(app: AppHandle) -> Result<bool, ApiError> {
    app.autolaunch().is_enabled().map_err(|error| refused(&error))
}

/// From now on the program starts with the session, with the arguments it was started with; or no longer.
#[tauri::command]
pub(crate) async fn start_with_session(app: AppHandle, on: bool) -> Result<(), ApiError> {
    let autolaunch = app.autolaunch();
    let done = if on { autolaunch.enable() } else { autolaunch.disable() };
    done.map_err(|error| refused(&error))
}

/// Whether anything is there for sound to go out of; none where the system alone knows.
#[tauri::command]
pub(crate) async fn has_sound() -> Option<bool> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    Some(std::env::var_os("PULSE_SERVER").is_some() || sound_goes_out(Path::new("/proc/asound"), runtime.as_deref()))
}

/// Of a Linux machine: a sound card (ALSA), or a sound server of the session, which may have outputs of its own. Without either
/// WebKitGTK plays into a sink that swallows everything.
fn sound_goes_out(cards: &Path, runtime: Option<&Path>) -> bool {
    let is_card = |name: &str| name.strip_prefix("card").is_some_and(|n| n.parse::<u32>().is_ok());
    let card =
        std::fs::read_dir(cards).is_ok_and(|all| all.flatten().any(|one| is_card(&one.file_name().to_string_lossy())));
    card || runtime.is_some_and(|runtime| runtime.join("pulse/native").exists() || runtime.join("pipewire-0").exists())
}

/// The arguments of this start, as the entry that starts the program with the session needs them.
pub(crate) fn arguments() -> Vec<String> {
    std::env::args().skip(1).map(|argument| kept(&argument)).collect()
}

/// An argument in the `Exec` line of a desktop entry: quoted where a character means something there, such as the `?` and `&`
/// of a metropolis's address or the space of a folder (Desktop Entry Specification 1.5, "The Exec key").
#[cfg(target_os = "linux")]
fn kept(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@=,+".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in argument.chars() {
        match c {
            // A backslash for the quotes, itself escaped: the value of an entry has escapes of its own.
            '"' | '`' | '$' => quoted.extend(['\\', '\\', c]),
            '\\' => quoted.push_str(r"\\\\"),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Other systems take it as it is.
#[cfg(not(target_os = "linux"))]
fn kept(argument: &str) -> String {
    argument.to_owned()
}

fn refused(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::new("system_refused", format!("the system refused: {error}"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{kept, sound_goes_out};

    #[test]
    fn a_machine_without_a_card_and_without_a_sound_server_is_silent() {
        let system = tempfile::tempdir().unwrap();
        let (cards, runtime) = (system.path().join("asound"), system.path().join("run"));
        assert!(!sound_goes_out(&cards, Some(&runtime)));
        std::fs::create_dir_all(cards.join("seq")).unwrap();
        assert!(!sound_goes_out(&cards, None), "a driver without a card");
        std::fs::create_dir_all(cards.join("card0")).unwrap();
        assert!(sound_goes_out(&cards, None));
        std::fs::create_dir_all(runtime.join("pulse/native")).unwrap();
        assert!(sound_goes_out(&system.path().join("none"), Some(&runtime)));
    }

    #[test]
    fn an_argument_that_starts_with_the_session_says_what_it_said_when_it_was_typed() {
        assert_eq!(kept("--metropolis"), "--metropolis");
        assert_eq!(kept("postgres://c.martin@db.dijon.fr:5432/vigie"), "postgres://c.martin@db.dijon.fr:5432/vigie");
        assert_eq!(
            kept("postgres://db/vigie?sslmode=verify-full&sslkey=a%20b"),
            r#""postgres://db/vigie?sslmode=verify-full&sslkey=a%%20b""#
        );
        assert_eq!(kept("/home/anna/Mes documents"), r#""/home/anna/Mes documents""#);
        assert_eq!(kept(r#"a"b$c\d"#), r#""a\\"b\\$c\\\\d""#);
        assert_eq!(kept(""), r#""""#);
    }
}
