//! The window: its title, where it may go, and what happens when its web process dies.

use tauri::{App, WebviewWindow, WebviewWindowBuilder};

/// Training must be visible before the page has drawn anything.
const TRAINING_TITLE: &str = "Vigie — FORMATION";

/// Opens the window described in `tauri.conf.json`.
pub(crate) fn open(app: &App, training: bool) -> tauri::Result<WebviewWindow> {
    let config = app.config().app.windows.first().ok_or(tauri::Error::WindowNotFound)?;
    let mut builder = WebviewWindowBuilder::from_config(app.handle(), config)?.on_navigation(|url| {
        // `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows: the page inside the program.
        url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
    });
    if training {
        builder = builder.title(TRAINING_TITLE);
    }
    let window = builder.build()?;
    #[cfg(target_os = "linux")]
    reload_when_its_process_dies(&window)?;
    Ok(window)
}

/// WebKitGTK shows an empty window when its web process dies. The page is loaded again in place: drafts are in the outbox.
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
            tracing::error!(?why, before, "the web process died; the page is loaded again");
            let page = page.clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(Duration::from_secs(before.min(30))).await;
                if let Err(error) = page.reload() {
                    tracing::error!("the page cannot be loaded again: {error}");
                }
            });
        });
    })
}
