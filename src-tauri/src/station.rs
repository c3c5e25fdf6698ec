//! What the page may ask of the workstation: another window, a notification, the start with the session.

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

fn refused(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::new("system_refused", format!("the system refused: {error}"))
}
