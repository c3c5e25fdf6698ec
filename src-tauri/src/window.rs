//! The windows: the main one, and those beside it on other screens. Where they may go, and what happens when a web process
//! dies.

use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

/// The window that the program ends with.
pub(crate) const MAIN: &str = "main";
/// The windows that may be opened beside it; `capabilities/beside.json` says what they may ask.
pub(crate) const BESIDE: &[&str] = &["map", "alarms", "sheet"];
/// Training must be visible before the page has drawn anything.
const TRAINING_TITLE: &str = "Vigie — FORMATION";
/// Narrowest window beside the main one, pixels: a sheet fits a corner of a screen.
const NARROWEST: f64 = 420.0;

/// Whether this is a training program: its windows say so from the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Training(pub(crate) bool);

/// Opens a window, or brings the one that is open to the front.
pub(crate) fn open(app: &AppHandle, label: &str) -> tauri::Result<WebviewWindow> {
    if let Some(open) = app.get_webview_window(label) {
        front(&open);
        return Ok(open);
    }
    let mut config = app.config().app.windows.first().cloned().ok_or(tauri::Error::WindowNotFound)?;
    if label != MAIN {
        label.clone_into(&mut config.label);
        config.url = WebviewUrl::App(format!("index.html?view={label}").into());
        config.min_width = Some(NARROWEST);
    }
    let mut builder = WebviewWindowBuilder::from_config(app, &config)?.on_navigation(is_inside);
    // Whoever switches between windows tells them apart by their names.
    builder = builder.on_document_title_changed(|window, title| {
        if let Err(error) = window.set_title(&title) {
            tracing::warn!(window = window.label(), %error, "the window does not take the name of its page");
        }
    });
    if app.state::<Training>().0 {
        builder = builder.title(TRAINING_TITLE);
    }
    let window = builder.build()?;
    if label == MAIN {
        // The program is its main window: closing it ends the others, which come back with it.
        let app = app.clone();
        window.on_window_event(move |event| {
            if matches!(event, WindowEvent::Destroyed) {
                app.exit(0);
            }
        });
    }
    #[cfg(target_os = "linux")]
    reload_when_its_process_dies(&window)?;
    Ok(window)
}

/// Puts a window before the others.
pub(crate) fn front(window: &WebviewWindow) {
    for done in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!(window = window.label(), %error, "the window does not come to the front");
        }
    }
}

/// `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows: the page inside the program.
fn is_inside(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}

/// The address of a page that is loaded again: its window's own, and that it says so. A web view whose process died no longer
/// knows where it was.
#[cfg(target_os = "linux")]
fn again(label: &str) -> Result<Url, tauri::Error> {
    let view = if label == MAIN { String::new() } else { format!("view={label}&") };
    format!("tauri://localhost/index.html?{view}reloaded=1").parse().map_err(tauri::Error::InvalidUrl)
}

/// WebKitGTK shows an empty window when its web process dies. The page is loaded again in place and says so: drafts are in the
/// outbox.
#[cfg(target_os = "linux")]
fn reload_when_its_process_dies(window: &WebviewWindow) -> tauri::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;
    use webkit2gtk::WebViewExt;

    let page = window.clone();
    let deaths = Arc::new(AtomicU64::new(0));
    window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |_, why| {
            // At once the first time; later and later if the page itself is what kills it.
            let before = deaths.fetch_add(1, Ordering::Relaxed);
            tracing::error!(?why, before, window = page.label(), "the web process died; the page is loaded again");
            let page = page.clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(Duration::from_secs(before.min(30))).await;
                if let Err(error) = again(page.label()).and_then(|url| page.navigate(url)) {
                    tracing::error!("the page cannot be loaded again: {error}");
                }
            });
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn the_page_cannot_leave_the_program() {
        assert!(is_inside(&url("tauri://localhost/index.html?view=map")));
        assert!(is_inside(&url("http://tauri.localhost/")));
        assert!(!is_inside(&url("https://example.org/tauri.localhost")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_page_that_is_loaded_again_is_that_of_its_window_and_inside_the_program() {
        for label in BESIDE {
            let url = again(label).unwrap();
            assert!(is_inside(&url), "{url}");
            assert_eq!(url.query(), Some(format!("view={label}&reloaded=1").as_str()));
        }
        assert_eq!(again(MAIN).unwrap().query(), Some("reloaded=1"));
    }
}
